"""The same users get the same things, as many of them as was said, at the times that were said."""

import tomllib
from datetime import datetime
from hashlib import sha256

import pytest

from pipeline.errors import ConfigError
from pipeline.llm.rollout import Rollout, Rule, Share, drawn, read_rollout

WEDNESDAY = datetime(2026, 11, 25, 12, 0)
USERS = [f"user {number}" for number in range(10_000)]


def read(toml: str) -> Rollout:
    return read_rollout(tomllib.loads(toml).get("rollout", {}), ["small", "large"], ["pirate"])


def at(hour: int, minute: int = 0, day: int = 25) -> datetime:
    return datetime(2026, 11, day, hour, minute)


def those(rule: Rule) -> set[str]:
    return {user for user in USERS if rule.holds(user, "normal", WEDNESDAY)}


def test_without_any_rules_nobody_gets_anything_special() -> None:
    assert read("").of("anna", WEDNESDAY) == Share()


@pytest.mark.parametrize("share", [0.0, 0.01, 0.05, 0.5, 1.0])
def test_a_share_of_the_users_is_that_share(share: float) -> None:
    assert len(those(Rule("canary", share))) / len(USERS) == pytest.approx(share, abs=0.01)


def test_a_share_that_grows_keeps_those_it_had() -> None:
    assert those(Rule("canary", 0.05)) < those(Rule("canary", 0.2)) < those(Rule("canary", 0.9))


def test_the_canaries_of_two_rules_are_not_the_same_people() -> None:
    both = those(Rule("one", 0.1)) & those(Rule("other", 0.1))
    assert len(both) / len(USERS) == pytest.approx(0.01, abs=0.005)


def test_who_is_drawn_stays_so_whatever_process_asks() -> None:
    assert drawn("canary", "anna") == pytest.approx(0.2121, abs=1e-4)


def test_those_who_are_named_get_it_and_others_only_where_a_share_is_said() -> None:
    rollout = read('[[rollout.rule]]\nname = "beta"\nusers = ["anna"]\nmodel = "large"')
    assert rollout.of("anna", WEDNESDAY) == Share(model="large", rules=("beta",))
    assert {rollout.of(user, WEDNESDAY).model for user in USERS} == {""}


def test_vips_are_known_by_their_ids_or_by_their_keys() -> None:
    rollout = read('[rollout]\nvip = ["anna", "a-key"]')
    assert rollout.of("anna", WEDNESDAY).tier == "vip"
    assert rollout.of(sha256(b"a-key").hexdigest(), WEDNESDAY).tier == "vip"
    assert rollout.of("bert", WEDNESDAY).tier == "normal"


def test_a_rule_may_be_for_one_tier_alone() -> None:
    rollout = read('[rollout]\nvip = ["anna"]\n[[rollout.rule]]\nname = "best"\ntier = "vip"\npolicy = "best"')
    assert [rollout.of(user, WEDNESDAY).policy for user in ("anna", "bert")] == ["best", None]


def test_of_each_thing_the_first_rule_that_says_something_counts() -> None:
    rollout = read("""
[[rollout.rule]]
name = "a"
model = "large"
[[rollout.rule]]
name = "b"
model = "small"
persona = "pirate"
[[rollout.rule]]
name = "c"
policy = "fast"
prompt = "Be brief."
""")
    share = rollout.of("anna", WEDNESDAY)
    assert share == Share("normal", "large", "pirate", "Be brief.", "fast", ("a", "b", "c"))
    assert share.why == "by a, b, c"


@pytest.mark.parametrize(
    ("hours", "days", "when", "holds"),
    [
        ("08:00-18:00", "", at(7, 59), False),
        ("08:00-18:00", "", at(8), True),
        ("08:00-18:00", "", at(17, 59), True),
        ("08:00-18:00", "", at(18), False),
        ("22:00-06:00", "", at(21, 59), False),
        ("22:00-06:00", "", at(22), True),
        ("22:00-06:00", "", at(5, 59), True),
        ("22:00-06:00", "", at(6), False),
        ("18:00-24:00", "", at(23, 59), True),
        ("18:00-24:00", "", at(0), False),
        ("", "'wed'", at(12), True),
        ("", "'wed'", at(12, day=26), False),
        ("22:00-06:00", "'wed'", at(23), True),
        ("22:00-06:00", "'wed'", at(3, day=26), True),
        ("22:00-06:00", "'wed'", at(3, day=25), False),
        ("22:00-06:00", "'sun'", at(3, day=23), True),
    ],
)
def test_a_rule_holds_at_its_times(hours: str, days: str, when: datetime, holds: bool) -> None:
    time = f'hours = "{hours}"\n' if hours else ""
    rollout = read(f'[[rollout.rule]]\nname = "a"\n{time}days = [{days}]\npolicy = "fast"')
    assert (rollout.of("anna", when).policy == "fast") == holds


@pytest.mark.parametrize(
    ("toml", "complaint"),
    [
        ("[rollout]\nvips = []", "rollout has no 'vips'; it may have vip = [...] and [[rollout.rule]]"),
        ("[rollout]\nvip = 'anna'", """rollout.vip is 'anna'; it must be a list of users or keys, like ["anna"]"""),
        ("[rollout]\nvip = [1]", "rollout.vip is [1]; it must be a list"),
        ("[rollout]\nrule = 1", "rollout.rule must be written as [[rollout.rule]]"),
        ("[rollout]\nrule = [1]", "rollout.rule 1 is 1; it must be a [[rollout.rule]] table"),
        ("[[rollout.rule]]", "rollout.rule 1 needs a name"),
        ("[[rollout.rule]]\nname = 'a'", "rollout.rule 1 (a) changes nothing: give it a model, a persona"),
        ("[[rollout.rule]]\nname = 'a'\nmodle = 'x'", "rollout.rule 1 has no 'modle'; it may have name, share"),
        ("[[rollout.rule]]\nname = 'a'\nmodel = 'gpt'", "(a): there is no model 'gpt'; there are large, small"),
        ("[[rollout.rule]]\nname = 'a'\npersona = 'x'", "(a): there is no persona 'x'; there are pirate"),
        ("[[rollout.rule]]\nname = 'a'\npolicy = 'x'", "(a): there is no policy 'x'; there are auto, best, fast"),
        ("[[rollout.rule]]\nname = 'a'\ntier = 'x'", "(a): there is no tier 'x'; there are normal, vip"),
        ("[[rollout.rule]]\nname = 'a'\nmodel = 5", "(a): model is 5; it must be a text"),
        ("[[rollout.rule]]\nname = 'a'\nshare = 5", "(a): share is 5; it must be a number from 0 to 1, like 0.05"),
        ("[[rollout.rule]]\nname = 'a'\nshare = 'x'", "(a): share is 'x'; it must be a number"),
        ("[[rollout.rule]]\nname = 'a'\nhours = 'night'", "(a): hours is 'night'; write it like 22:00-06:00"),
        ("[[rollout.rule]]\nname = 'a'\nhours = '8:00-8:00'", "(a): hours is '8:00-8:00'; write it like"),
        ("[[rollout.rule]]\nname = 'a'\nhours = '20:00-24:30'", "(a): hours is '20:00-24:30'; write it like"),
        ("[[rollout.rule]]\nname = 'a'\ndays = ['today']", "(a): days is ['today']; it must be a list of some of mon"),
        (
            "[[rollout.rule]]\nname = 'a'\nmodel = 'small'\n[[rollout.rule]]\nname = 'a'\nmodel = 'large'",
            "rollout.rule 2: there is another one named 'a'",
        ),
    ],
)
def test_what_is_wrong_is_named(toml: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as error:
        read(toml)
    assert complaint in str(error.value)
