"""The whole Realtime server without sockets, threads or waiting: on a virtual clock, with scripted engines."""

import asyncio
import gc
import logging
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar, TypeVarTuple

from starlette.types import Message
from starlette.websockets import WebSocket

from pipeline.context.conversation import Conversation
from pipeline.exchange import Turn
from pipeline.hearing.utterance import Utterance
from pipeline.manner import Manner
from pipeline.session import Session
from server.auth import Guest
from server.house import House
from server.realtime.call import converse
from server.realtime.inbound import Inbound
from tests.pipeline.fakes import FakeAsr, FakeLlm, FakeTts, FakeVad, staff
from tests.virtual_clock import VirtualLoop

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

WORK = 0.003
"""Seconds that everything takes which is sent to a thread."""


class Loop(VirtualLoop):
    """A virtual clock does not wait for threads, so their work is done here, a little later."""

    def run_in_executor(self, executor: object, func: Callable[[*Ts], T], *args: *Ts) -> "asyncio.Future[T]":
        """What `asyncio.to_thread` calls."""
        future: asyncio.Future[T] = self.create_future()

        def work() -> None:
            if future.cancelled():
                return
            try:
                future.set_result(func(*args))
            except Exception as error:  # noqa: BLE001  whoever waits for the thread gets it, whatever it is
                future.set_exception(error)

        self.call_later(WORK, work)
        return future


@dataclass(eq=False, slots=True)
class Wire:
    """One connection, as the network between client and server sees it."""

    query: str = ""
    arrived: deque[str] = field(default_factory=deque[str])
    """Frames that have come as far as the client."""
    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared while the client does not read."""
    closed: int | None = None
    """The code with which the server has closed it."""
    lost: bool = False
    _sent: asyncio.Queue[Message] = field(default_factory=asyncio.Queue[Message])

    def __post_init__(self) -> None:
        self.flowing.set()
        self._sent.put_nowait({"type": "websocket.connect"})

    @property
    def open(self) -> bool:
        """Whether anything can be sent over it."""
        return not self.lost and self.closed is None

    def write(self, frame: str | bytes) -> None:
        """The client sends a frame."""
        self._sent.put_nowait({"type": "websocket.receive", "text" if isinstance(frame, str) else "bytes": frame})

    def cut(self, code: int = 1006) -> None:
        """The connection is over; 1000 if the client has ended it."""
        self.lost = True
        self.flowing.set()
        self._sent.put_nowait({"type": "websocket.disconnect", "code": code})

    def socket(self) -> WebSocket:
        """The server's end."""
        scope: dict[str, Any] = {"type": "websocket", "path": "/v1/realtime", "headers": [], "subprotocols": []}
        return WebSocket({**scope, "query_string": self.query.encode()}, self._sent.get, self._take)

    async def _take(self, message: Message) -> None:
        await self.flowing.wait()
        if self.lost:
            raise OSError("the connection is lost")
        match message["type"]:
            case "websocket.send":
                self.arrived.append(message["text"])
            case "websocket.close":
                self.closed = message["code"]
            case _:
                pass


class _Sessions(set[Session]):
    """Those that are open, which hear how loud it is."""

    latest: Conversation
    """That of the last one that was opened."""

    def add(self, session: Session, /) -> None:
        session.new_vad = FakeVad
        self.latest = session.talk
        super().add(session)


class _Bugs(logging.Handler):
    """What is logged as a bug of ours; an engine that fails is none."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or record.name == "asyncio":
            self.seen.append(logging.Formatter().format(record))


@dataclass(eq=False, slots=True)
class Indoors:
    """A server and the time in which it lives. Nothing happens but in `run`."""

    asr: FakeAsr = field(default_factory=FakeAsr)
    llm: FakeLlm = field(default_factory=FakeLlm)
    tts: FakeTts = field(default_factory=FakeTts)
    resume: float = 0.0
    """Seconds a conversation waits for its client."""
    house: House = field(init=False)
    _sessions: _Sessions = field(default_factory=_Sessions)
    _runner: asyncio.Runner = field(init=False)
    _bugs: _Bugs = field(default_factory=_Bugs)
    _served: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])
    """One for each connection, as in any ASGI server."""

    def __post_init__(self) -> None:
        gc.freeze()  # what is there already is not looked at when this is over, which then takes milliseconds
        self._runner = asyncio.Runner(loop_factory=Loop)
        logging.getLogger().addHandler(self._bugs)
        engines = staff([self.asr], [self.llm], [self.tts])
        self.house = House("http://nowhere", engines, Manner(), resume=self.resume, sessions=self._sessions)

    def run(self, deed: Coroutine[Any, Any, T]) -> T:
        """Until that is done, however long it takes: it costs no time."""
        return self._runner.run(deed)

    def wait(self, seconds: float) -> None:
        """Let so much time pass."""
        self.run(asyncio.sleep(seconds))

    def now(self) -> float:
        """Seconds since the beginning."""
        return self._runner.get_loop().time()

    def latest(self) -> Conversation:
        """The conversation that was begun last, as the server knows it."""
        return self._sessions.latest

    def connect(self, query: str = "") -> Wire:
        """A client comes."""
        wire = Wire(query)
        serving = converse(wire.socket(), Guest(), self.house)
        self._served.append(self._runner.get_loop().create_task(serving))
        return wire

    def close(self) -> list[str]:
        """Everybody has gone: what went wrong, and what has been left behind."""
        self.wait(max(1.0, self.resume + 1.0))
        logging.getLogger().removeHandler(self._bugs)
        broken = [repr(task.exception()) for task in self._served if task.done() and task.exception()]
        left = [repr(task) for task in asyncio.all_tasks(self._runner.get_loop())]
        self._runner.close()
        self._served.clear()
        self.asr.heard.clear()
        self.asr.failure = self.llm.failure = self.tts.failure = None  # exceptions remember all whom they have passed
        wrong = [*self._bugs.seen, *broken, *left, *_remembered()]
        gc.unfreeze()
        return wrong


def _remembered() -> Iterator[str]:
    """How many things that belong to one conversation are still in memory."""
    gc.collect()
    kinds = {Session, Turn, Utterance, Inbound}
    counts = Counter(type(thing).__name__ for thing in gc.get_objects() if type(thing) in kinds)
    return (f"{count} x {name}" for name, count in counts.items())
