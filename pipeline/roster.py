"""Who is there: the engines of each stage, started side by side, best first, and which of them work by now.

Nothing waits for a slow probe: a stage is ready with its first working engine, and gets better as others report in.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, field
from typing import Generic, Literal, TypeVar

from pipeline.asr.recognisers import FallbackAsr
from pipeline.engines import Asr, AsrEngine, Engine, LlmEngine, Tts, TtsEngine
from pipeline.errors import EngineError
from pipeline.lineup import Resting
from pipeline.llm.catalog import Model
from pipeline.llm.fleet import Fleet
from pipeline.llm.mind import Mind
from pipeline.tts.voices import FallbackTts

_log = logging.getLogger(__name__)

E = TypeVar("E", bound=Engine)

RETRY = 60.0
"""Seconds after which an engine that could not start is tried again."""


@dataclass(slots=True)
class Candidate(Generic[E]):
    """An engine, and how it fares."""

    engine: E
    state: Literal["starting", "ready", "absent"] = "starting"
    why: str = ""
    """The reason it is absent."""
    starting: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever starts it: two at once would leave one of its connections open for ever."""


@dataclass(slots=True)
class Stage(Generic[E]):
    """The engines for one job, best first."""

    job: str
    candidates: list[Candidate[E]]
    resting: Resting = field(default_factory=Resting)
    """What is remembered of their failures, for all sessions."""
    staffed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once one of them works, or all of them have failed to."""
    reported: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once each is ready or absent."""

    def ready(self) -> Sequence[E]:
        """Those that work, best first."""
        return [candidate.engine for candidate in self.candidates if candidate.state == "ready"]

    async def start(self) -> None:
        """Start all that are not ready, side by side; returns when each is ready or absent."""
        async with asyncio.TaskGroup() as tasks:
            for candidate in self.candidates:
                tasks.create_task(self._start(candidate))
        self.staffed.set()
        self.reported.set()

    async def aclose(self) -> None:
        """Let all of them go."""
        for candidate in self.candidates:
            candidate.state = "absent"
            await candidate.engine.aclose()

    async def _start(self, candidate: Candidate[E]) -> None:
        async with candidate.starting:
            if candidate.state != "ready":
                await self._start_alone(candidate)

    async def _start_alone(self, candidate: Candidate[E]) -> None:
        try:
            await candidate.engine.start()
        except EngineError as error:
            if candidate.why != str(error):  # said once
                _log.info("%s without %s: %s", self.job, candidate.engine.name, error)
            candidate.state, candidate.why = "absent", str(error)
        except Exception as error:  # noqa: BLE001  one engine with a bug must not keep the others from starting
            _log.exception("%s without %s, which fell over", self.job, candidate.engine.name)
            candidate.state, candidate.why = "absent", f"{type(error).__name__}: {error}"
        else:
            candidate.state, candidate.why = "ready", ""
            self.staffed.set()
            _log.info("%s: %s is ready", self.job, candidate.engine.name)


@dataclass(slots=True)
class Engines:
    """The three stages a turn goes through."""

    asr_stage: Stage[AsrEngine]
    llm_stage: Stage[LlmEngine]
    tts_stage: Stage[TtsEngine]
    catalog: InitVar[Sequence[Model]] = ()
    """The rows of those language models that are chosen among."""
    mind: Mind = field(init=False)
    """Who can answer."""

    def __post_init__(self, catalog: Sequence[Model]) -> None:
        self.mind = Mind(self.llm_stage.ready, Fleet(catalog), resting=self.llm_stage.resting)

    @property
    def stages(self) -> tuple[Stage[AsrEngine], Stage[LlmEngine], Stage[TtsEngine]]:
        """All three, in the order of a turn."""
        return self.asr_stage, self.llm_stage, self.tts_stage

    def asr(self) -> Asr:
        """Whoever can listen."""
        return FallbackAsr(self.asr_stage.ready, resting=self.asr_stage.resting)

    def tts(self, on_use: Callable[[str], None], on_paid: Callable[[str, int], None]) -> Tts:
        """Whoever can speak; `on_use` is told who does, `on_paid` who was sent how many characters."""
        return FallbackTts(self.tts_stage.ready, on_use=on_use, on_paid=on_paid, resting=self.tts_stage.resting)

    async def start(self) -> None:
        """Start every engine that is not ready; returns when all have reported in.

        Cancel it and those still starting are given up.
        """
        async with asyncio.TaskGroup() as tasks:
            for stage in self.stages:
                tasks.create_task(stage.start())

    async def improve(self) -> None:
        """Try those again that are absent, every minute and for ever: networks and servers come and go."""
        while True:
            await asyncio.sleep(RETRY)
            await self.start()

    async def staffed(self) -> None:
        """Until every stage has somebody, or nobody is left to wait for."""
        for stage in self.stages:
            await stage.staffed.wait()

    async def reported(self) -> None:
        """Until every engine is ready or absent."""
        for stage in self.stages:
            await stage.reported.wait()

    async def aclose(self) -> None:
        """Let all engines go."""
        for stage in self.stages:
            await stage.aclose()
