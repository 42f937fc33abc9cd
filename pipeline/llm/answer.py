"""One answer as it streams in: from chat completions chunks, as the many servers write them, to pieces."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from uuid import uuid4

from pipeline.engines import CallPiece, Finish, RateLimit, Usage
from pipeline.llm.aside import Aside
from pipeline.words import STRAY, mended

Json: TypeAlias = Mapping[str, Any]
"""A JSON object; what is in it is known only once it has been looked at."""

_CUT_SHORT: Mapping[str, Literal["length", "content_filter"]] = {
    "length": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
}
_GIVEN_UP = {"error", "abort"}
"""What OpenRouter and vLLM say of an answer they could not complete."""

_UNDER_WAY = {"", "null"}
"""What some servers write for no reason at all."""


@dataclass(frozen=True, slots=True)
class _Call:
    index: object
    """What the server counts it as; None where it does not count."""
    given: str
    """The server's id for it, empty where it gave none."""
    id: str
    """Ours: the server's, unless that is missing or not the only one."""


@dataclass(slots=True)
class Answer:
    """What is known of an answer so far."""

    reason: str = ""
    """The server's word for why it has ended; empty while it has not."""
    usage: Usage | None = None
    _calls: list[_Call] = field(default_factory=list[_Call])
    _half: str = ""
    """Half of a character at the end of the last words: some servers cut an emoji in two."""
    _aside: Aside = field(default_factory=Aside)
    """What is thought among the words."""

    def take(self, chunk: Any) -> list[str | CallPiece]:
        """The words and calls of a chunk: none for roles, empty deltas and reasoning, which nobody is to hear.

        Raises `ValueError` for what is no chunk, for calls that cannot be told apart, and when the server gives up.
        """
        match chunk:
            case {**fields}:
                self.usage = _usage(fields.get("usage")) or self.usage
                return self._take_first(fields.get("choices"))
            case _:
                raise ValueError(f"{_shown(chunk)} is no chunk")

    def finish(self, limits: Sequence[RateLimit]) -> Finish:
        """How it has ended."""
        return Finish(_CUT_SHORT.get(self.reason, "stop"), self.usage, limits)

    def _take_first(self, choices: Any) -> list[str | CallPiece]:
        match choices:
            case None | []:
                return []
            case [{"delta": {**delta}, **choice}, *_]:
                self._note(choice.get("finish_reason"))
                return list(self._pieces(delta))
            case [{"finish_reason": reason}, *_]:
                self._note(reason)
                return []
            case _:
                raise ValueError(f"{_shown(choices)} is no list of choices")

    def _note(self, reason: object) -> None:
        if isinstance(reason, str) and reason not in _UNDER_WAY:
            if reason in _GIVEN_UP:
                raise ValueError(f"the server gave the answer up: {reason}")
            self.reason = reason

    def _pieces(self, delta: Json) -> Iterator[str | CallPiece]:
        words = delta.get("content") or delta.get("refusal")
        if words and isinstance(words, str):
            words, self._half = mended(self._half + words)
            if words := self._aside.without(words):
                yield words
        for part in delta.get("tool_calls") or ():
            if piece := self._piece(part):
                yield piece

    def _piece(self, part: Any) -> CallPiece | None:
        """Part of a call. A call begins with its name."""
        match part:
            case {"function": {**function}, **rest}:
                index, given = rest.get("index"), _text(rest.get("id"))
                name, arguments = _text(function.get("name")), _arguments(function.get("arguments"))
            case {**_announced}:  # its function is still to come
                return None
            case _:
                raise ValueError(f"{_shown(part)} is no function call")
        number = self._number(index, given)
        if name and (number is None or self._is_another(number, index, given)):
            return self._begin(index, given, name, arguments)
        if not arguments:
            return None
        if number is None:
            raise ValueError(f"there are arguments {_shown(arguments)}, and no function that they are for")
        if number < len(self._calls) - 1:
            raise ValueError(f"call {number} goes on after call {len(self._calls) - 1} has begun")
        return CallPiece(number, arguments=arguments)

    def _number(self, index: object, given: str) -> int | None:
        """Which of the calls it looks like: the last of that index or, without one, of that id; or just the last."""
        if index is not None:
            same = [number for number, call in enumerate(self._calls) if call.index == index]
        else:
            same = [number for number, call in enumerate(self._calls) if given in {"", call.given}]
            same = same or range(len(self._calls))
        return same[-1] if same else None

    def _is_another(self, number: int, index: object, given: str) -> bool:
        """Whether a name begins a call that only looks like that one: Ollama has counted every call as 0."""
        return given != self._calls[number].given if given else index is None

    def _begin(self, index: object, given: str, name: str, arguments: str) -> CallPiece:
        taken = {call.id for call in self._calls}
        own = given if given and given not in taken else f"call_{uuid4().hex[:24]}"
        self._calls.append(_Call(index, given, own))
        return CallPiece(len(self._calls) - 1, own, name, arguments)


def _usage(usage: Any) -> Usage | None:
    """What was used. A prompt of no tokens stands for a server that does not count them."""
    match usage:
        case {"prompt_tokens": int(prompt), "completion_tokens": int(completion), **rest} if prompt > 0:
            match rest.get("prompt_tokens_details"):
                case {"cached_tokens": int(cached)}:
                    return Usage(prompt, completion, cached)
                case _:
                    return Usage(prompt, completion)
        case _:
            return None


def _arguments(written: object) -> str:
    """The JSON of a call's arguments, also where a server sends the object itself."""
    if written is None:
        return ""
    whole, half = mended(written if isinstance(written, str) else json.dumps(written, ensure_ascii=False))
    return whole + (STRAY if half else "")


def _text(value: object) -> str:
    return mended(value)[0] if isinstance(value, str) else ""


def _shown(value: object) -> str:
    return repr(value)[:60]
