"""What the settings say of money, load and who gets what: read whole, then taken over at once, also while we serve."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from pipeline.asr.openai_http import OpenAITranscription
from pipeline.llm.budget import Limits
from pipeline.llm.catalog import Model, read_catalog
from pipeline.llm.difficulty import Classifier, built_in, read_rules
from pipeline.llm.load import Capacity
from pipeline.llm.rollout import Rollout, read_rollout
from pipeline.roster import Engines
from pipeline.tts.openai_http import OpenAISpeech
from server.settings import LlmSettings, Settings, path_of


@dataclass(frozen=True, slots=True)
class Rule:
    """Everything of that kind, checked."""

    settings: Settings
    rows: Sequence[Model]
    rollout: Rollout
    classify: Classifier


def rule_of(settings: Settings) -> Rule:
    """What these settings and the files they name say. Raises `ConfigError` naming the first thing that is wrong."""
    rows = rows_of(settings.llm)
    rollout = read_rollout(settings.rollout, [row.name for row in rows], settings.personas)
    rules = read_rules(path_of(settings.llm.difficulty)) if settings.llm.difficulty else built_in()
    return Rule(settings, rows, rollout, rules)


def rows_of(llm: LlmSettings) -> Sequence[Model]:
    """The catalogue's, if there is one. Raises `ConfigError`."""
    return read_catalog(path_of(llm.catalog)) if llm.catalog else ()


def govern(engines: Engines, rule: Rule) -> None:
    """From now on it is so; turns under way end as they began."""
    mind, llm, budget, load = engines.mind, rule.settings.llm, rule.settings.budget, rule.settings.load
    mind.rollout, mind.classify = rule.rollout, rule.classify
    mind.fleet.allowance.share, mind.speculation.share = llm.hedging, llm.speculation
    mind.economy.budget.change(Limits(budget.session, budget.user_day, budget.day, budget.month))
    mind.economy.load.capacity = Capacity(load.turns_per_second, load.answers, load.lag_ms / 1000)
    mind.economy.prices = {
        **{
            one.engine.name: budget.asr_minute / 60
            for one in engines.asr_stage.candidates
            if _hears_for_money(one.engine)
        },
        **{
            one.engine.name: budget.tts_million / 1e6
            for one in engines.tts_stage.candidates
            if _speaks_for_money(one.engine)
        },
    }
    for one in engines.asr_stage.candidates:
        if isinstance(one.engine, OpenAITranscription):
            one.engine.on_waste = partial(mind.economy.use, None, one.engine.name)
    mind.cache.seconds = llm.cache_hours * 3600
    mind.cache.forget()


def _hears_for_money(engine: object) -> bool:
    return isinstance(engine, OpenAITranscription)


def _speaks_for_money(engine: object) -> bool:
    return isinstance(engine, OpenAISpeech)
