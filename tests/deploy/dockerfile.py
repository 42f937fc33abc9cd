"""A Dockerfile as data: its stages and their steps, as far as ours uses the language."""

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction."""

    keyword: str
    flags: Mapping[str, str]
    """As in `--mount=type=cache`: the last of each name."""
    value: str
    """The rest of the line, or lines."""

    def words(self) -> Sequence[str]:
        """A command in exec form, or words as a shell would split them."""
        value = self.value.removeprefix("CMD ")  # a health check's
        return json.loads(value) if value.startswith("[") else shlex.split(value)


@dataclass(frozen=True, slots=True)
class Stage:
    """What is built on one base."""

    name: str
    base: str
    steps: list[Step] = field(default_factory=list[Step])


def stages_of(text: str) -> Mapping[str, Stage]:
    """By name. Arguments are replaced by their defaults."""
    stages: dict[str, Stage] = {}
    arguments: dict[str, str] = {}
    current: Stage | None = None
    for step in _steps(text):
        if step.keyword == "ARG":
            name, _, default = step.value.partition("=")
            arguments[name] = default
        elif step.keyword == "FROM":
            base, name = re.fullmatch(r"(\S+) AS (\S+)", step.value).groups()  # pyright: ignore[reportOptionalMemberAccess]
            current = stages[name] = Stage(name, re.sub(r"\$\{(\w+)\}", lambda found: arguments[found[1]], base))
        else:
            assert current, f"{step.keyword} before FROM"
            current.steps.append(step)
    return stages


def steps_of(stages: Mapping[str, Stage], name: str) -> Sequence[Step]:
    """A stage's, after those of the stages it is built on."""
    stage = stages[name]
    return [*(steps_of(stages, stage.base) if stage.base in stages else ()), *stage.steps]


def environment(steps: Sequence[Step], before: Mapping[str, str]) -> dict[str, str]:
    """What ENV makes of it."""
    result = dict(before)
    for step in steps:
        if step.keyword == "ENV":
            for word in shlex.split(step.value):
                name, _, value = word.partition("=")
                result[name] = re.sub(r"\$(\w+)", lambda found: before.get(found[1], ""), value)
    return result


def _steps(text: str) -> Sequence[Step]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    whole = re.sub(r"\\\n\s*", "", "\n".join(lines))
    steps: list[Step] = []
    for line in filter(None, map(str.strip, whole.splitlines())):
        keyword, _, rest = line.partition(" ")
        flags: dict[str, str] = {}
        while found := re.match(r"--([\w-]+)=(\S+)\s+", rest):
            flags[found[1]] = found[2]
            rest = rest[found.end() :]
        steps.append(Step(keyword.upper(), flags, rest))
    return steps
