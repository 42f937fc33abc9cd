"""Whom to talk with: the personas of an Antiphon server, asked for by name."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from client.errors import UsageError
from client.events import Other, Raw, ServerError
from client.realtime import Talk, connect

PATIENCE = 2.0
"""Seconds in which a server that knows of personas has said what is wrong with one."""


@asynccontextmanager
async def connect_as(
    persona: str, url: str, *, key: str | None = None, query: Mapping[str, str] | None = None
) -> AsyncGenerator[Talk]:
    """A conversation with that persona, which greets first if it is one that does; with whoever is there for an empty
    name. Raises `UsageError` in the server's own words where it has none of that name, else as `connect` does."""
    asked = {"persona": persona} if persona else {}
    async with connect(url, key=key, query={**asked, **(query or {})}) as talk:
        ours: Raw = talk.session.get("antiphon") or {}
        if persona and ours.get("persona") != persona:
            raise UsageError(await _refusal(talk, ""))
        yield talk


async def take_on(talk: Talk, persona: str) -> None:
    """Have the server answer as that persona from now on. Raises `UsageError` as `connect_as` does."""
    change = await talk.send("session.update", session={"type": "realtime", "antiphon": {"persona": persona}})
    if refusal := await _refusal(talk, change):
        raise UsageError(refusal)


async def _refusal(talk: Talk, cause: str) -> str:
    """What the server has against the event of that id, or against the connection; empty where it obeys."""
    try:
        async with asyncio.timeout(PATIENCE):
            async for event in talk:
                match event:
                    case ServerError(message, cause=about) if about == cause:
                        return message
                    case Other({"type": "session.updated", "session": {"antiphon": {"persona": _}}}):
                        return ""
                    case _:
                        pass
    except TimeoutError:
        pass
    return f"{talk.url} has no personas"
