"""How the embedded brain behaves as a stand-in for other models: its pace, its scripted replies and its faults."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from random import Random
from typing import Final, Literal, TypeGuard, cast, get_args

Fault = Literal["rate_limit", "server_error", "silence", "keep_alive", "stall", "dribble", "cut", "malformed"]
"""
rate_limit    429 with retry-after and x-ratelimit headers
server_error  500
silence       the connection is accepted and nothing is ever sent
keep_alive    the stream opens, then comments, role-only and empty deltas for ever, every `fault_seconds`
stall         the stream opens, sends `fault_after` tokens, then nothing
dribble       after `fault_after` tokens one every `fault_seconds`, with no sentence end among them
cut           the connection is closed after `fault_after` tokens
malformed     after `fault_after` tokens comes JSON that breaks off

Without `stream`, keep_alive and stall are silence, and dribble answers late.
"""
FAULTS: Final[Sequence[Fault]] = get_args(Fault)

_Z99: Final = 2.3263478740408408
"""The 99th percentile of the standard normal distribution."""


class KnobError(ValueError):
    """A knob is unknown or its value is out of range; `name` says which."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True, slots=True)
class Knobs:
    """All that can be set, for the whole server or under "brain" in one request. As they are, nothing is delayed."""

    first_token_ms: float = 0.0
    """From the request's arrival to the first token; the median, when `first_token_p99_ms` is set."""
    first_token_p99_ms: float = 0.0
    """With this above the median, first tokens are log-normal; at 0 they are all alike."""
    prompt_token_ms: float = 0.0
    """Added to the first token's delay for each token of the prompt."""
    tokens_per_second: float = 0.0
    """0 sends the whole reply at once."""
    replies: tuple[str, ...] = ()
    """Said instead of thinking: one per turn of the conversation, over and over. Empty for the wits."""
    fault: Fault | None = None
    fault_probability: float = 1.0
    """0..1: how many of the requests that are due for the fault meet it."""
    fault_every: int = 1
    """Only each n-th request to the server is due for the fault."""
    fault_after: int = 3
    """Tokens sent before the stream goes wrong."""
    fault_seconds: float = 1.0
    """Between the signs of life of keep_alive and dribble; and the retry-after of rate_limit."""
    seed: int | None = None
    """Makes the delays and the faulty requests come out the same each time."""

    def changed(self, settings: Mapping[str, object]) -> "Knobs":
        """A copy with these knobs turned. Raises `KnobError`."""
        if not settings:
            return self
        known = {field.name for field in fields(self)}
        for name in settings:
            if name not in known:
                raise KnobError(name, f"no knob {name!r}; choose one of {sorted(known)}")
        return replace(self, **{name: _checked(name, value) for name, value in settings.items()})  # pyright: ignore[reportArgumentType] - checked by name

    def first_token_delay(self, prompt_tokens: int, chance: Random) -> float:
        """Seconds until the first token of this request."""
        median_ms, tail_ms = self.first_token_ms, self.first_token_p99_ms
        if tail_ms > median_ms > 0:
            median_ms *= math.exp(chance.gauss(0.0, 1.0) * math.log(tail_ms / median_ms) / _Z99)
        return (median_ms + self.prompt_token_ms * prompt_tokens) / 1000

    def fault_of(self, request: int, chance: Random) -> Fault | None:
        """What goes wrong with the n-th request, counted from 1."""
        due = self.fault is not None and request % self.fault_every == 0
        return self.fault if due and chance.random() < self.fault_probability else None


def _checked(name: str, value: object) -> object:
    match name:
        case "fault":
            if value is None or value in FAULTS:
                return value
            raise KnobError(name, f"no fault {value!r}; choose one of {list(FAULTS)}")
        case "replies":
            texts = (value,) if isinstance(value, str) else _texts(value)
            if texts is not None:
                return texts
            raise KnobError(name, "replies must be text or a list of texts")
        case "seed" | "fault_every" | "fault_after":
            least = 1 if name == "fault_every" else 0
            if (name == "seed" and value is None) or (_is_whole(value) and value >= least):
                return value
            raise KnobError(name, f"{name} is {value!r}; it must be an integer of at least {least}")
        case _:
            most = 1.0 if name == "fault_probability" else 1e7
            if (_is_whole(value) or isinstance(value, float)) and 0 <= value <= most:
                return float(value)
            raise KnobError(name, f"{name} is {value!r}; it must be a number within 0..{most:g}")


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _texts(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, Sequence):
        return None
    values = cast("Sequence[object]", value)  # isinstance cannot say of what
    texts = tuple(text for text in values if isinstance(text, str))
    return texts if len(texts) == len(values) else None
