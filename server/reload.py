"""Takes over changed settings while the server runs: when their files have changed, and upon SIGHUP."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.engines import LlmEngine
from pipeline.errors import ConfigError
from pipeline.llm.catalog import Model
from pipeline.roster import Candidate
from pipeline.words import words
from server.chores import journal_of, witness
from server.govern import govern, rule_of
from server.house import House
from server.settings import Settings, known_settings, path_of
from server.staff import engine_of

POLL = 2.0
"""Seconds between two looks at the files."""

LIVE = words(
    """budget.session budget.user_day budget.day budget.month budget.asr_minute budget.tts_million load.turns_per_second
    load.answers load.lag_ms llm.catalog llm.difficulty llm.hedging llm.speculation llm.cache_hours"""
)
"""Settings that may change at any time, besides [personas] and [rollout]."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Reload:
    """A `Chore`: keeps a house as its settings say. Whatever is wrong in them, the old ones hold until it is not."""

    house: House
    settings: Settings
    """As they are in use."""
    read: Callable[[], Settings]
    """Reads them anew. Raises `ConfigError`."""
    file: Path
    environment: Mapping[str, str]
    poll: float = POLL
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set to have them read at once."""
    _newest: Settings | None = field(default=None, init=False)
    """As they were read last, whether or not they were taken over."""
    _retired: list[LlmEngine] = field(default_factory=list[LlmEngine], init=False)
    """Engines that may still be answering; closed in the end."""

    async def run(self) -> None:
        """See `Chore`."""
        known = self._stamps()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.poll):
                    await self.asked.wait()
            if self.asked.is_set() or self._stamps() != known:
                self.asked.clear()
                known = self._stamps()  # before they are read: what changes meanwhile is read again
                try:
                    await self.reload()
                except Exception:  # noqa: BLE001  whatever breaks in it, nobody's call ends
                    _log.exception("the settings could not be taken over")
                known = {path: known.get(path, _stamp(path)) for path in self._files()}

    async def aclose(self) -> None:
        """See `Chore`."""
        for engine in self._retired:
            await engine.aclose()

    async def reload(self) -> None:
        """Read them, and take over what may change while we serve; one line says what was."""
        try:
            new = self._newest = self.read()
            rule = rule_of(new)
        except ConfigError as error:
            _log.error("the settings stay as they were, for the new ones are wrong: %s", error)
            return
        live, later = changes(self.settings, new)
        if self.house.engines.mind.fleet.catalog != rule.rows:
            live = [*live, "the models"]
        self.settings, self.house.personas = new, new.personas
        govern(self.house.engines, rule)
        if later:
            _log.warning("these settings change when the server is started again: %s", ", ".join(later))
        _log.info("settings taken over: %s", ", ".join(live) or "nothing that differs")
        await self._restock(rule.rows)

    async def _restock(self, rows: Sequence[Model]) -> None:
        """Other models to choose among; those whose rows point to the same server are kept as they are."""
        stage, fleet = self.house.engines.llm_stage, self.house.engines.mind.fleet
        before = {row.name: row for row in fleet.catalog}
        there = {one.engine.name: one for one in stage.candidates}
        others = [one for one in stage.candidates if one.engine.name not in before]
        kept = {row.name for row in rows if row.name in before and _place(row) == _place(before[row.name])}
        self._retired += [one.engine for name, one in there.items() if name in before and name not in kept]
        chosen_among: list[Candidate[LlmEngine]] = [
            there[row.name] if row.name in kept else Candidate(engine_of(row, self.environment)) for row in rows
        ]
        stage.candidates[:] = [*chosen_among, *others]
        fleet.restock(rows)
        if journal := journal_of(self.house.chores):
            witness(self.house.engines, journal)
        await stage.start()

    def _stamps(self) -> dict[Path, tuple[int, int] | None]:
        return {path: _stamp(path) for path in self._files()}

    def _files(self) -> Sequence[Path]:
        """Those of settings that were found wrong as well: that is where they will be mended."""
        read = (self.settings, self._newest or self.settings)
        named = {name for one in read for name in (one.llm.catalog, one.llm.difficulty) if name}
        files = [self.file]
        for name in named:
            with suppress(ConfigError):  # it names no place, and is to be mended in the file itself
                files.append(path_of(name))
        return files


def changes(old: Settings, new: Settings) -> tuple[Sequence[str], Sequence[str]]:
    """Which settings differ: those that change at once, and those that need a new start."""
    differing = [one.dotted for one in known_settings() if _value(old, one.dotted) != _value(new, one.dotted)]
    tables = [f"[{name}]" for name in ("personas", "rollout") if getattr(old, name) != getattr(new, name)]
    return [name for name in differing if name in LIVE] + tables, [name for name in differing if name not in LIVE]


def _value(settings: Settings, dotted: str) -> object:
    section, _, name = dotted.partition(".")
    return getattr(getattr(settings, section), name)


def _place(row: Model) -> tuple[str, str, str, float]:
    """What makes another engine of a row."""
    return row.url, row.model, row.key_env, row.timeout


def _stamp(path: Path) -> tuple[int, int] | None:
    """What changes when a file is written; None while there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
