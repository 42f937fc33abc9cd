"""A small client for any server that speaks the OpenAI Realtime protocol over a websocket: ours, OpenAI's, others'.

async with connect("ws://127.0.0.1:8000", session={"instructions": "Be brief."}) as talk:
    await talk.say("What is an antiphon?")
    await talk.respond()
    async for event in talk:
        match event:
            case ReplyText(text=text):
                print(text, end="")
            case ReplyEnded():
                break
"""

import asyncio
import itertools
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
import pybase64
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from client.errors import ClientError, UnreachableError
from client.events import Event, Other, Raw, ServerError, event_from
from client.printable import printable, printable_json
from client.sound import Pcm

MODEL = "gpt-realtime"
"""Asked for when neither the URL nor the caller names one: OpenAI insists on a name."""

OPENING_TIMEOUT = 10.0
"""Seconds a server may take to accept the connection, and again to greet."""

GOODBYES = (1000, 1005)
"""Close codes of a server that has said all it had to say."""

UNWANTED = (1002, 1003, 1007, 1008, 1009, 1010, *range(3000, 5000))
"""Close codes of a server that wants no more of us; after the others it may be back."""

KEEPALIVE = 5.0
"""Seconds between pings, and again for the answer to one: a network that is gone is noticed within ten."""

LARGEST_EVENT = 16 * 2**20
"""Bytes; `conversation.item.retrieved` carries audio, 64 kB for each second."""


@asynccontextmanager
async def connect(
    url: str,
    *,
    key: str | None = None,
    model: str | None = None,
    session: Mapping[str, Any] | None = None,
    query: Mapping[str, str] | None = None,
) -> AsyncGenerator["Talk"]:
    """A conversation with the server at `url`, closed on leaving the block.

    `url` may be ws, wss, http or https, with or without its `/v1/realtime`; `session` is merged into the server's
    defaults with a `session.update`; `query` is added to the URL. Raises `UnreachableError` when nobody answers there,
    `ClientError` when it is no such server, or does not want us.
    """
    url = realtime_url(url, model)
    websocket = await _open(f"{url}&{urlencode(query)}" if query else url, key)
    try:
        talk = Talk(url, websocket, await _greeting(url, websocket))
        if session:
            await talk.send("session.update", session={"type": "realtime", **session})
        yield talk
    finally:
        await websocket.close()


class Talk:
    """One conversation. Iterating over it yields the server's events, until the server says goodbye."""

    def __init__(self, url: str, websocket: ClientConnection, session: Mapping[str, Any]) -> None:
        self.url = url
        self.session = session
        """What the server said of itself in `session.created`."""
        self.last_event = ""
        """The `event_id` of the last event received: Antiphon goes on behind it on another connection."""
        self._websocket = websocket
        self._numbers = itertools.count(1)

    async def hear(self, pcm: Pcm) -> None:
        """Let the server hear these samples, 24 kHz. Waits when the network falls behind."""
        audio = pybase64.b64encode(pcm.astype("<i2", copy=False).tobytes())
        await self._send(b'{"type":"input_audio_buffer.append","audio":"' + audio + b'"}')

    async def say(self, text: str) -> str:
        """Add a line of the user's to the conversation; `respond` asks for the answer."""
        content = [{"type": "input_text", "text": text}]
        return await self.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})

    async def commit(self) -> str:
        """What was heard so far is a turn: for sessions without turn detection."""
        return await self.send("input_audio_buffer.commit")

    async def respond(self, **fields: Any) -> str:
        """Ask for an answer; `fields` (instructions, metadata, ...) hold for this one only."""
        return await self.send("response.create", response=fields)

    async def cancel(self) -> str:
        """Stop the answer that is under way."""
        return await self.send("response.cancel")

    async def truncate(self, item: str, heard_ms: int) -> str:
        """Of the answer `item` only the first `heard_ms` milliseconds were played: the rest was never said."""
        return await self.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=heard_ms)

    async def send(self, kind: str, **fields: Any) -> str:
        """Send any client event; returns the `event_id` that a `ServerError` about it will carry as its `cause`."""
        event_id = f"client_{next(self._numbers)}"
        await self._send(orjson.dumps({"type": kind, "event_id": event_id, **fields}))
        return event_id

    def __aiter__(self) -> "Talk":
        return self

    async def __anext__(self) -> Event:
        """The next event. Cancelling the wait loses none.

        Raises `UnreachableError` when the connection breaks, `ClientError` when the server throws us out.
        """
        try:
            raw = _object(self.url, await self._websocket.recv())
        except ConnectionClosed as closed:
            if closed.rcvd and closed.rcvd.code in GOODBYES:
                raise StopAsyncIteration from None
            raise _farewell(self.url, closed) from None
        self.last_event = str(raw.get("event_id") or self.last_event)
        return event_from(raw)

    async def _send(self, message: bytes) -> None:
        try:
            await self._websocket.send(message, text=True)
        except ConnectionClosed as closed:
            raise _farewell(self.url, closed) from None


def realtime_url(url: str, model: str | None = None) -> str:
    """The websocket address meant by what a person typed. Raises `ClientError` when it cannot be one.

    `localhost:8000`, `http://localhost:8000/v1` and `ws://localhost:8000/v1/realtime` mean the same; a model named in
    the URL stays unless `model` is another.
    """
    try:
        parts = urlsplit(url if "://" in url else f"ws://{url}")
    except ValueError:
        raise _no_address(url) from None
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    if scheme not in {"ws", "wss"} or not parts.hostname:
        raise _no_address(url)
    path = parts.path.rstrip("/") or "/v1"
    if path.endswith("/v1"):
        path += "/realtime"
    query = dict(parse_qsl(parts.query))
    query["model"] = model or query.get("model") or MODEL
    return parts._replace(scheme=scheme, path=path, query=urlencode(query)).geturl()


async def _open(url: str, key: str | None) -> ClientConnection:
    local = urlsplit(url).hostname in {"127.0.0.1", "::1", "localhost"}
    if key and not (key.isascii() and key.isprintable()):
        raise ClientError("the key has characters that no header can carry; give the right one with --key")
    try:
        return await open_websocket(
            url,
            additional_headers={"Authorization": f"Bearer {key}"} if key else None,
            compression=None,  # base64 of sound hardly shrinks, and deflating it costs more than all the rest
            proxy=None if local else True,
            max_size=LARGEST_EVENT,
            open_timeout=OPENING_TIMEOUT,
            close_timeout=2.0,
            ping_interval=KEEPALIVE,
            ping_timeout=KEEPALIVE,
        )
    except InvalidStatus as refusal:
        raise _refusal(url, refusal.response.status_code) from None
    except (InvalidURI, ValueError):
        raise _no_address(url) from None
    except InvalidHandshake as refusal:
        if isinstance(refusal.__cause__, EOFError | OSError):  # a port forwarder accepts also while the server is down
            raise UnreachableError(f"what listens at {url} hangs up; is the server running behind it?") from None
        raise ClientError(f"what listens at {url} is not a websocket server; check host and port") from None
    except TimeoutError:
        raise UnreachableError(f"{url} did not answer within {OPENING_TIMEOUT:.0f} s; check host and port") from None
    except ssl.SSLError as error:
        raise ClientError(f"no secure connection to {url}: {error.reason}; a server without TLS wants ws://") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreachableError(f"cannot reach {url}: {reason}; is the server running there?") from None


async def _greeting(url: str, websocket: ClientConnection) -> Mapping[str, Any]:
    """The session the server opened for us. A bad key is refused here by OpenAI: an error event, then the close."""
    try:
        async with asyncio.timeout(OPENING_TIMEOUT):
            event = event_from(_object(url, await websocket.recv()))
    except TimeoutError:
        raise ClientError(f"{url} accepts the connection and says nothing; is it a Realtime server?") from None
    except ConnectionClosed as closed:
        raise _farewell(url, closed) from None
    match event:
        case Other({"type": "session.created"} as created):
            return created.get("session") or {}
        case ServerError(message):
            raise ClientError(f"{url} refuses: {message}")
        case _:
            raise ClientError(f"{url} does not greet with session.created; is it a Realtime server?")


def _object(url: str, message: str | bytes) -> Raw:
    try:
        raw: Any = orjson.loads(message)
    except orjson.JSONDecodeError:
        raise ClientError(f"{url} sent {message[:40]!r}, which is not JSON; is it a Realtime server?") from None
    if not isinstance(raw, dict):
        raise ClientError(f"{url} sent {message[:40]!r}, which is no event; is it a Realtime server?")
    return cast("Raw", printable_json(raw))  # the keys of a JSON object are strings


def _no_address(url: str) -> ClientError:
    return ClientError(f"{url!r} is not the address of a server; write it like ws://127.0.0.1:8000")


def _refusal(url: str, status: int) -> ClientError:
    match status:
        case 401 | 403:
            return ClientError(f"{url} refuses this key ({status}); give the right one with --key")
        case 404:
            return ClientError(f"{url} has no Realtime endpoint (404); the path is usually /v1/realtime")
        case 429 | 502 | 503 | 504:
            return UnreachableError(f"{url} is full, or just starting ({status}); try again in a moment")
        case _:
            return ClientError(f"{url} answers with HTTP status {status} instead of a websocket; check host and path")


def _farewell(url: str, closed: ConnectionClosed) -> ClientError:
    if closed.rcvd is None:
        return UnreachableError(f"the connection to {url} broke off")
    reason = f": {printable(closed.rcvd.reason)}" if closed.rcvd.reason else ""
    kind = ClientError if closed.rcvd.code in UNWANTED else UnreachableError
    return kind(f"{url} closed the connection (code {closed.rcvd.code}){reason}")
