"""Who gets what: vips, canaries for a share of the users, and what holds only at some times of the day.

The settings' table, all of it changeable while the server runs:

[rollout]
vip = ["anna", "the-key-of-bert"]          # who may use models of the tier "vip"

[[rollout.rule]]
name = "large for one in twenty"
share = 0.05                               # of the users, always the same ones
users = ["carla"]                          # and these in any case
model = "large"

[[rollout.rule]]
name = "cheap at night"
hours = "22:00-06:00"
days = ["mon", "tue", "wed", "thu", "fri"]
policy = "fast"
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import sha256
from typing import Literal, TypeAlias, cast, get_args

from pipeline.errors import ConfigError
from pipeline.llm.catalog import Tier

Policy: TypeAlias = Literal["auto", "fast", "best"]
"""What matters to a caller: the best answer that is in time, the first one, or the best one even if it is late."""

POLICIES: tuple[Policy, ...] = get_args(Policy)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Hours: TypeAlias = tuple[int, int]
"""Minutes of the day from which, and until which; over midnight where the second is the less."""

_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d) ?- ?([01]?\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Rule:
    """What some users get at some times; a field that is empty says nothing."""

    name: str
    """Also what the share is drawn by: rules of another name hit other users."""
    share: float = 1.0
    """Of the users, 0..1."""
    users: frozenset[str] = frozenset()
    """Those it is for, whatever their luck."""
    tier: Tier | None = None
    """Only for these."""
    hours: Hours | None = None
    days: frozenset[str] = frozenset()
    model: str = ""
    """Who answers, as long as it can."""
    persona: str = ""
    prompt: str = ""
    """The system prompt, where the client has given none."""
    policy: Policy | None = None

    def holds(self, user: str, tier: Tier, when: datetime) -> bool:
        """Whether it is for this user now; `when` is the time of the day where the server is."""
        if self.tier and tier != self.tier:
            return False
        return self._now(when) and (user in self.users or drawn(self.name, user) < self.share)

    def _now(self, when: datetime) -> bool:
        """Whether it is its time. The hours after midnight belong to the day before."""
        minute, day = when.hour * 60 + when.minute, when.weekday()
        if self.hours:
            begin, end = self.hours
            if begin <= end:
                if not begin <= minute < end:
                    return False
            elif minute < end:
                day = (day - 1) % 7
            elif minute < begin:
                return False
        return not self.days or DAYS[day] in self.days


@dataclass(frozen=True, slots=True)
class Share:
    """What one user gets now."""

    tier: Tier = "normal"
    model: str = ""
    persona: str = ""
    prompt: str = ""
    policy: Policy | None = None
    rules: Sequence[str] = ()
    """The names of those that hold."""

    @property
    def why(self) -> str:
        """One line for people; "" where nothing is out of the ordinary."""
        return f"by {', '.join(self.rules)}" if self.rules else ""


@dataclass(frozen=True, slots=True)
class Rollout:
    """All of it."""

    vip: frozenset[str] = frozenset()
    rules: Sequence[Rule] = ()

    def of(self, user: str, when: datetime) -> Share:
        """What this user gets at that time: of each thing what the first rule says that says something."""
        tier: Tier = "vip" if user in self.vip else "normal"
        holding = [rule for rule in self.rules if rule.holds(user, tier, when)]
        return Share(
            tier,
            next((rule.model for rule in holding if rule.model), ""),
            next((rule.persona for rule in holding if rule.persona), ""),
            next((rule.prompt for rule in holding if rule.prompt), ""),
            next((rule.policy for rule in holding if rule.policy), None),
            tuple(rule.name for rule in holding),
        )


def drawn(name: str, user: str) -> float:
    """A number, 0..1, that is always the same for this rule and user, and spread evenly over users.

    So a share that grows keeps those it had, and the canaries of two rules are not the same people.
    """
    return int.from_bytes(sha256(f"{name}\n{user}".encode()).digest()[:7]) / 2**56


def read_rollout(table: Mapping[str, object], models: Collection[str], personas: Collection[str]) -> Rollout:
    """What `[rollout]` in the settings says. Raises `ConfigError` naming what is wrong, and what would be right."""
    for name in table:
        if name not in ("vip", "rule"):
            raise ConfigError(f"rollout has no {name!r}; it may have vip = [...] and [[rollout.rule]]")
    given = _list(table.get("rule", []))
    if given is None:
        raise ConfigError("rollout.rule must be written as [[rollout.rule]]")
    rules = [_rule(rule, f"rollout.rule {at}", (models, personas)) for at, rule in enumerate(given, 1)]
    for at, rule in enumerate(rules, 1):
        if rule.name in [other.name for other in rules[: at - 1]]:
            raise ConfigError(f"rollout.rule {at}: there is another one named {rule.name!r}; rename one of them")
    return Rollout(_users(table.get("vip", []), "rollout.vip"), tuple(rules))


def _rule(given: object, place: str, there: tuple[Collection[str], Collection[str]]) -> Rule:
    if not isinstance(given, dict):
        raise ConfigError(f"{place} is {given!r}; it must be a [[rollout.rule]] table")
    table = cast("Mapping[str, object]", given)  # TOML's keys are texts
    known = [field.name for field in fields(Rule)]
    for key in table:
        if key not in known:
            raise ConfigError(f"{place} has no {key!r}; it may have {', '.join(known)}")
    name = _text(table, "name", place)
    if not name:
        raise ConfigError(f"{place} needs a name")
    place = f"{place} ({name})"
    models, personas = there
    rule = Rule(
        name,
        _share(table.get("share", 0.0 if "users" in table else 1.0), f"{place}: share"),
        _users(table.get("users", []), f"{place}: users"),
        _one_of(table, "tier", get_args(Tier), place) or None,  # pyright: ignore[reportArgumentType]  checked
        _hours(table.get("hours"), f"{place}: hours"),
        _days(table.get("days", []), f"{place}: days"),
        _one_of(table, "model", models, place),
        _one_of(table, "persona", personas, place),
        _text(table, "prompt", place),
        _one_of(table, "policy", get_args(Policy), place) or None,  # pyright: ignore[reportArgumentType]  checked
    )
    if not (rule.model or rule.persona or rule.prompt or rule.policy):
        raise ConfigError(f"{place} changes nothing: give it a model, a persona, a prompt or a policy")
    return rule


def _list(value: object) -> Sequence[object] | None:
    """None for what is none."""
    return cast("Sequence[object]", value) if isinstance(value, list) else None


def _text(table: Mapping[str, object], key: str, place: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise ConfigError(f"{place}: {key} is {value!r}; it must be a text")
    return value.strip()


def _one_of(table: Mapping[str, object], key: str, there: Collection[str], place: str) -> str:
    value = _text(table, key, place)
    if value and value not in there:
        raise ConfigError(f"{place}: there is no {key} {value!r}; there are {', '.join(sorted(there)) or 'none'}")
    return value


def _share(value: object, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ConfigError(f"{place} is {value!r}; it must be a number from 0 to 1, like 0.05 for one user in twenty")
    return float(value)


def _users(value: object, place: str) -> frozenset[str]:
    """Users by their ids. A key may stand for its holder: the id of those is its hash."""
    given = _list(value)
    if given is None or not all(isinstance(one, str) and one for one in given):
        raise ConfigError(f'{place} is {value!r}; it must be a list of users or keys, like ["anna"]')
    names = [str(one) for one in given]
    return frozenset([*names, *(sha256(name.encode()).hexdigest() for name in names)])


def _hours(value: object, place: str) -> Hours | None:
    if value is None:
        return None
    found = _HOURS.fullmatch(value) if isinstance(value, str) else None
    begin, end = (int(found[at]) * 60 + int(found[at + 1]) for at in (1, 3)) if found else (0, 0)
    if begin == end or end > 24 * 60:
        raise ConfigError(f"{place} is {value!r}; write it like 22:00-06:00")
    return begin, end


def _days(value: object, place: str) -> frozenset[str]:
    given = _list(value)
    if given is None or not all(day in DAYS for day in given):
        raise ConfigError(f"{place} is {value!r}; it must be a list of some of {', '.join(DAYS)}")
    return frozenset(str(day) for day in given)
