"""`antiphon talk` with microphone and speakers: the card, the server, the screen and the keys, put together."""

import argparse
from collections.abc import Mapping
from typing import Any

from client.devices import portaudio
from client.echo import OpenEars, ears_for
from client.errors import UsageError
from client.hotplug import open_card
from client.keys import Keyboard
from client.lasting import lasting
from client.live import LiveTalk
from client.news import Notice, Ready
from client.own_server import server_at
from client.personas import connect_as
from client.terminal import commands, has_keys, libraries_silenced, signals_as_ctrl_c
from client.view import view_for

OWN_EVENTS = {"antiphon_events": "1"}
"""Asks for live words; other servers ignore it."""

PATIENCE = 300.0
"""Seconds to wait for somebody else's server; our own is not coming back."""


async def talk_aloud(args: argparse.Namespace, session: Mapping[str, Any]) -> int:
    """Talk until Ctrl-C. Raises `ClientError` when there is no sound card, or the server is gone for good."""
    if args.push_to_talk and not has_keys():
        raise UsageError("--push-to-talk needs a terminal to press keys in")
    keyboard = Keyboard(args.push_to_talk)
    with signals_as_ctrl_c(), libraries_silenced():
        portaudio()
        async with (
            view_for(as_json=args.json, push_to_talk=args.push_to_talk) as view,
            open_card(args.device, lambda text: view.show(Notice(text))) as card,
            server_at(args.url, verbose=args.verbose) as url,
            lasting(
                lambda resume: connect_as(args.persona, url, key=args.key, query={**OWN_EVENTS, **resume}),
                session,
                patience=PATIENCE if args.url else 0.0,
            ) as talk,
            commands(keyboard, view.show) as asked,
        ):
            live = LiveTalk(talk, card, OpenEars(), view.show, args.push_to_talk)

            def listen() -> None:
                live.ears, way = ears_for(args.echo, card.names[1])
                view.show(Ready(url, *card.names, way))

            card.changed = listen
            listen()
            await live.run(asked)
    return 0
