"""A reply in tokens, and as the bytes of a chat completion: whole, or in server-sent events."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import orjson

from models.wits import think
from models.wits.arguments import shaped
from models.wits.conversation import Call
from models.wits.pieces import pieces
from models.wits.request import ChatRequest

DONE: Final = b"data: [DONE]\n\n"
COMMENT: Final = b": keep-alive\n\n"

_SENTENCE_END = re.compile(r"[.!?;:。！？；：\n]+")


@dataclass(frozen=True, slots=True)
class Reply:
    """What will be said: text or calls, in the pieces it will be streamed in."""

    tokens: Sequence[str]
    calls: Sequence[Call]
    finish: str
    """OpenAI's finish_reason."""
    prompt_tokens: int

    @property
    def usage(self) -> dict[str, int]:
        """As OpenAI reports it."""
        said = len(self.tokens)
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": said,
            "total_tokens": self.prompt_tokens + said,
        }


def compose(request: ChatRequest, scripted: Sequence[str], now: datetime) -> Reply:
    """Think of a reply, or take the scripted one for this turn of the conversation; within the request's limits."""
    if scripted:
        thought = scripted[sum(line.role == "assistant" for line in request.lines) % len(scripted)]
    else:
        thought = think(request.question(now))
    if not isinstance(thought, str):
        tokens = [token for call in thought for token in (call.name, *pieces(call.arguments))]
        return Reply(tokens, thought, "tool_calls", request.prompt_tokens)
    if request.schema is not None and not scripted:
        said = next((line.text for line in reversed(request.lines) if line.role == "user"), "")
        thought = shaped(request.schema, said, thought)
    end = min((at for stop in request.stops if (at := thought.find(stop)) >= 0), default=len(thought))
    tokens = pieces(thought[:end])
    if request.max_tokens is not None and len(tokens) > request.max_tokens:
        return Reply(tokens[: request.max_tokens], (), "length", request.prompt_tokens)
    return Reply(tokens, (), "stop", request.prompt_tokens)


def without_sentence_ends(reply: Reply, after: int) -> Reply:
    """The same reply, no sentence of which ends after the first `after` tokens."""
    rest = [_SENTENCE_END.sub("", token) for token in reply.tokens[after:]]
    return Reply([*reply.tokens[:after], *filter(None, rest)], reply.calls, reply.finish, reply.prompt_tokens)


@dataclass(slots=True)
class Frames:
    """The bytes of one completion. What is the same in every event is built once."""

    request: ChatRequest
    reply: Reply
    number: int
    """Of the request, since the server's start."""
    created: int
    """Seconds since 1970."""
    _head: bytes = field(init=False)
    _tail: bytes = field(init=False)

    def __post_init__(self) -> None:
        envelope = orjson.dumps(self._envelope("chat.completion.chunk"))
        self._head = b"data: " + envelope[:-1] + b',"choices":[{"index":0,"delta":'
        self._tail = b"}]" + (b',"usage":null' if self.request.include_usage else b"") + b"}\n\n"

    def event(self, delta: bytes, finish: str | None = None) -> bytes:
        """One server-sent event; `delta` is JSON."""
        return self._head + delta + b',"logprobs":null,"finish_reason":' + orjson.dumps(finish) + self._tail

    def opening(self) -> bytes:
        """The event that says who speaks, as real servers send it before any content."""
        return self.event(b'{"role":"assistant","content":"","refusal":null}')

    def tokens(self) -> list[bytes]:
        """One event for each token."""
        if not self.reply.calls:
            return [self.event(b'{"content":' + orjson.dumps(token) + b"}") for token in self.reply.tokens]
        return [event for at, call in enumerate(self.reply.calls) for event in self._call(at, call)]

    def closing(self) -> bytes:
        """The events after the last token: why it ends, what it cost if that was asked, and the end."""
        last = self.event(b"{}", self.reply.finish)
        if self.request.include_usage:
            usage = {"choices": list[object](), "usage": self.reply.usage}
            last += b"data: " + orjson.dumps(self._envelope("chat.completion.chunk") | usage) + b"\n\n"
        return last + DONE

    def broken(self) -> bytes:
        """An event whose JSON breaks off."""
        return self._head + b'{"content": "\n\n' + DONE

    def signs_of_life(self) -> list[bytes]:
        """What servers send to keep a connection open while they say nothing."""
        return [COMMENT, *(self.event(delta) for delta in (b'{"role":"assistant"}', b'{"content":""}', b"{}"))]

    def whole(self) -> bytes:
        """The completion in one JSON object."""
        content = None if self.reply.calls else "".join(self.reply.tokens)
        message: dict[str, object] = {"role": "assistant", "content": content, "refusal": None}
        if self.reply.calls:
            message["tool_calls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in self.reply.calls
            ]
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self.reply.finish}
        return orjson.dumps(self._envelope("chat.completion") | {"choices": [choice], "usage": self.reply.usage})

    def _call(self, at: int, call: Call) -> list[bytes]:
        named = {"index": at, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}}
        steps = [named, *({"index": at, "function": {"arguments": piece}} for piece in pieces(call.arguments))]
        return [self.event(orjson.dumps({"tool_calls": [step]})) for step in steps]

    def _envelope(self, kind: str) -> dict[str, object]:
        return {
            "id": f"chatcmpl-{self.created:x}-{self.number}",
            "object": kind,
            "created": self.created,
            "model": self.request.model,
            "system_fingerprint": "antiphon-brain",
        }
