"""A client's conversation, from its first connection to its end: over one connection after the other, if they drop."""

import asyncio
import time
from dataclasses import dataclass, field, replace

import orjson
from starlette.websockets import WebSocket

from pipeline.errors import ProtocolError
from pipeline.events import CallMade, Committed, Event, Heard, ReplyEnded, SayingBegan, Spoken
from pipeline.ids import new_id
from pipeline.llm.rollout import POLICIES
from pipeline.session import Session, open_session
from server.auth import Guest
from server.house import House
from server.keeper import Keeper
from server.observing.observer import Watched
from server.realtime.checks import Json
from server.realtime.config import new_session, shown
from server.realtime.connection import accept, serve
from server.realtime.inbound import Inbound
from server.realtime.items import item_of
from server.realtime.lines import Line, Visit
from server.realtime.meaning import manner_of
from server.realtime.outbound import Outbound
from server.realtime.outbox import KEPT_BYTES, Outbox, number_of
from server.realtime.roles import Roles
from server.realtime.snapshot import conversation_of, snapshot
from server.realtime.wire import error
from server.sessions import Kept

REMEMBERED = (Committed, Heard, SayingBegan, CallMade, ReplyEnded)
"""Events after which the conversation is another."""


async def converse(socket: WebSocket, guest: Guest, house: House) -> None:
    """Serve one client until it leaves, or is cut off and does not come back in time."""
    await accept(socket)
    asked = socket.query_params
    visit = Visit(socket, asked.get("resume", ""), number_of(asked.get("last_event_id", "")))
    line = house.lines.claim(visit.token, guest.key_hash)
    if line and await line.carry_on(visit):
        return
    kept = await house.store.take(visit.token, guest.key_hash) if visit.token and house.resume else None
    if kept and house.lines.holds(kept.session):
        kept = None  # the token is spent, and the store will hear of it in a moment
    state: Json | None = orjson.loads(kept.state) if kept else None
    if state:
        await asyncio.sleep(0)  # a long conversation takes a millisecond here, and more of them below
    config = _config(house, guest, socket, state)
    call = Call(house, guest, config, own_events=asked.get("antiphon_events") == "1")
    if not state:
        call.take_on(asked.get("persona", ""))
    await call.hold(visit, state)


@dataclass(eq=False, slots=True)
class Call:
    """One conversation."""

    house: House
    guest: Guest
    config: Json
    """Its configuration, as it begins."""
    own_events: bool
    roles: Roles = field(init=False)
    """What its session may be like."""
    line: Line = field(init=False)
    outbox: Outbox = field(init=False)
    out: Outbound = field(init=False)
    keeper: Keeper = field(init=False)
    session: Session = field(init=False)
    complaint: ProtocolError | None = None
    """What was wrong with the way the client called."""
    watched: Watched | None = field(init=False, default=None)
    """How it is told of, where that is wanted."""
    _over: bool = False
    """Whether nobody will want to take it up again."""
    _begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the client has said something."""
    _clause: int = -1
    """The one that was spoken last."""

    def __post_init__(self) -> None:
        self.roles = replace(self.house.roles, usual=self.house.manner_for(self.guest.key_hash, self.config["id"]))
        self.line = Line(self.config["id"], self.guest.key_hash)
        self.outbox = Outbox(KEPT_BYTES if self.house.resume else 0)
        self.out = Outbound(self.outbox.put, self.outbox.silence, self.config, self.own_events)
        self.keeper = Keeper(self.house.store, "", self._snapshot, self.house.resume)

    def take_on(self, persona: str) -> None:
        """Begin as that one; where there is none of that name, as usual, and the client will hear of it."""
        if persona:
            try:
                self.config = self.out.session = self.roles.taken_on(self.config, persona)
            except ProtocolError as problem:
                self.complaint = problem

    async def hold(self, visit: Visit, state: Json | None) -> None:
        """Until it is over; `state` is how it stood when the server was stopped."""
        house, manner = self.house, manner_of(self.config, self.roles.base(self.config))
        talk = conversation_of(state) if state else None
        async with open_session(house.engines, manner, self._emit, talk) as self.session:
            house.sessions.add(self.session)
            self._watch(visit)
            try:
                async with asyncio.TaskGroup() as tasks:
                    if talk:
                        await self.session.turns.memory.catch_up(list(talk.entries))
                    first = self._answer_what_is_left(state) if state else self._speak_first()
                    beside = [tasks.create_task(self._keep()), tasks.create_task(first)]
                    await self._receive(visit, resumed=state is not None)
                    for task in beside:
                        task.cancel()
                await self._leave()
            finally:
                house.sessions.discard(self.session)
                house.lines.end(self.line)
                if house.observer and self.watched:
                    house.observer.close(self.watched)

    async def _receive(self, visit: Visit, *, resumed: bool) -> None:
        """Go on over this connection, and those that the client comes back on."""
        inbound = Inbound(self.session, self.out, self.roles, self.keeper.changed, self._begun.set)
        following: Visit | None = visit
        while following:
            visit, following = following, None
            await inbound.hear_rest()
            self._greet(visit, resumed=resumed)
            visit.served, self.line.visit, resumed = True, visit, True
            seconds = self.config["expires_at"] - time.time() if self.house.lifetime else None
            try:
                ending = await serve(visit, self.line, inbound, self.outbox, seconds)
            finally:
                visit.over.set()
            self._over = ending == "left"
            following = self.line.came()
            if ending == "lost" and not following:
                self.session.leave()
                self.keeper.changed()  # the store keeps it for as long from now on
                following = await self.house.lines.wait(self.line, self.house.resume)
                self._over = following is None and not self.line.given_up
                self.session.come_back()

    async def _leave(self) -> None:
        """The conversation is over; it may be taken up again where the client did not mean it to be."""
        if self.house.resume:
            await (self.house.store.forget(self.config["id"]) if self._over else self.keeper.flush())

    def _greet(self, visit: Visit, *, resumed: bool) -> None:
        """Tell the client how things stand, and how to come back."""
        ours: Json = {**self.out.session.get("antiphon", {}), "resumed": resumed}
        if self.house.resume:
            self.keeper.token = self.house.lines.issue(self.line)
            self.keeper.changed()
            ours["resume"] = {"token": self.keeper.token, "seconds": self.house.resume}
        if resumed:
            ours["missed_events"] = self.outbox.resend(visit.seen)
            ours["received_ms"] = round(self.session.clock.position * 1000)
            ours["items"] = [item_of(item) for item in self.session.talk.entries]
        self.outbox.greet({"type": "session.created", "session": {**shown(self.out.session), "antiphon": ours}})
        if self.complaint:
            self.outbox.put(error(self.complaint, None))
            self.complaint = None

    async def _speak_first(self) -> None:
        """Greet the client as the persona does that it called, once it has told how it wants to be spoken to; not one
        that has begun to ask by then."""
        await self._begun.wait()
        persona, session = self.roles.of(self.config), self.session
        same = persona == self.roles.of(self.out.session)
        untouched = session.manner.answers and not (session.talk.entries or session.answering())
        if persona and persona.greeting and same and untouched:
            session.greet(persona.greeting)

    async def _answer_what_is_left(self, state: Json) -> None:
        """Answer the question that the server was stopped before it could answer, once it has somebody who can."""
        if state["owed"]:
            last = self.session.talk.last()
            await self.house.engines.staffed()
            if self.session.talk.last() == last and not self.session.answering():
                self.session.respond()

    def _emit(self, event: Event) -> None:
        self.out.emit(event)
        if self.watched and self.house.observer:
            self.house.observer.take(self.watched, event)
        if isinstance(event, REMEMBERED) or (isinstance(event, Spoken) and event.clause != self._clause):
            self._clause = event.clause if isinstance(event, Spoken) else -1
            self.keeper.changed()

    def _watch(self, visit: Visit) -> None:
        if self.house.observer:
            traceparent = visit.socket.headers.get("traceparent", "")
            self.watched = self.house.observer.open(self.config["id"], traceparent, self.outbox.waiting)

    async def _keep(self) -> None:
        if self.house.resume:
            await self.keeper.run()

    def _snapshot(self) -> Kept:
        return Kept(self.config["id"], self.guest.key_hash, orjson.dumps(snapshot(self.session, self.out.session)))


def _config(house: House, guest: Guest, socket: WebSocket, state: Json | None) -> Json:
    """What the session is like at first: as it was, or as the guest's key says, or as usual."""
    if state:
        config: Json = state["config"]
    else:
        asked = socket.query_params
        kind = "transcription" if asked.get("intent") == "transcription" else "realtime"
        name = new_id("sess")
        usual = house.manner_for(guest.key_hash, name)
        config = guest.session or new_session(usual, asked.get("model") or "antiphon", kind)
        config = {**config, "id": name, "conversation": new_id("conv")}
        if asked.get("policy") in POLICIES:
            config["antiphon"] = {**config.get("antiphon", {}), "policy": asked["policy"]}
    if house.lifetime:
        config["expires_at"] = int(time.time() + house.lifetime)
    return config
