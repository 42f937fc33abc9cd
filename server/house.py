"""What all connections share: the engines, who may come in, the conversations that are open or wait."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from secrets import token_urlsafe

from pipeline.context.personas import Persona
from pipeline.manner import Manner
from pipeline.roster import Engines
from pipeline.session import Session
from server.auth import Door
from server.chores import Chore
from server.observing.observer import Observer
from server.observing.standing import Standing
from server.realtime.lines import Lines
from server.realtime.roles import Roles
from server.sessions import MemoryStore, Store


@dataclass(slots=True)
class House:
    """One server."""

    url: str
    """Where it can be reached from this machine."""
    engines: Engines
    manner: Manner
    door: Door = field(default_factory=Door)
    """Who may come in."""
    own_key: str = field(default_factory=token_urlsafe, repr=False)
    """With which the server reaches the embedded brain; nobody else has it."""
    lifetime: float = 0.0
    """Seconds a session lasts; 0 for ever."""
    resume: float = 0.0
    """Seconds a conversation waits for a client that was cut off; 0 when it does not."""
    store: Store = field(default_factory=MemoryStore)
    """Where conversations are written down, for when the server itself is cut off."""
    lines: Lines = field(default_factory=Lines)
    sessions: set[Session] = field(default_factory=set[Session])
    """Those that are open."""
    observer: Observer | None = None
    """Whoever tells of the work; None where nothing is measured."""
    metrics_for_all: bool = False
    """Whether that may be read by whoever reaches the server."""
    chores: list[Chore] = field(default_factory=list[Chore])
    """What goes on beside all that."""
    closing: bool = False
    """No new sessions are let in."""
    personas: Mapping[str, Persona] = field(default_factory=dict[str, Persona])
    """Who sessions may ask for."""

    def manner_for(self, user: str, session: str) -> Manner:
        """How a session of theirs behaves until its client says otherwise: some get another persona, or prompt."""
        share = self.engines.mind.rollout.of(user or session, datetime.now().astimezone())
        manner = replace(self.manner, user=user, session=session)
        if share.persona in self.personas:
            return self.personas[share.persona].manner(manner)
        return replace(manner, instructions=share.prompt) if share.prompt else manner

    @property
    def roles(self) -> Roles:
        """What sessions may be like."""
        return Roles(self.manner, self.personas)

    def roles_for(self, user: str) -> Roles:
        """What sessions of theirs may be like; what befalls nobody in particular is settled when a session begins."""
        return replace(self.roles, usual=self.manner_for(user, "")) if user else self.roles

    async def finish(self) -> None:
        """Until nobody is being answered any more; those that wait for their clients are left to the store."""
        self.lines.close()
        for session in list(self.sessions):
            await session.finish()

    def standing(self) -> Standing:
        """How things are just now, for those who watch."""
        assert self.observer
        turns = sum(session.turns.pending() + len(session.turns.apart()) for session in self.sessions)
        return self.observer.standing(self.engines, turns, self.lines.waiting())

    def health(self) -> dict[str, object]:
        """Which engines there are and how they fare."""
        stages = {
            stage.job.lower(): {
                "in_use": next((engine.name for engine in stage.ready()), None),
                "engines": [
                    {"name": one.engine.name, "state": one.state, **({"why": one.why} if one.why else {})}
                    for one in stage.candidates
                ],
            }
            for stage in self.engines.stages
        }
        ready = not self.closing and all(stage.ready() for stage in self.engines.stages)
        trying = any(one.state == "starting" for stage in self.engines.stages for one in stage.candidates)
        status = "closing" if self.closing else "ready" if ready else "starting" if trying else "failing"
        tasks = len(asyncio.all_tasks())
        return {"status": status, "sessions": len(self.sessions), "tasks": tasks, **stages}
