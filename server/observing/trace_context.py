"""Where a turn belongs among other people's traces: the W3C's `traceparent` header, read and continued."""

import re
import secrets
from dataclasses import dataclass

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
"""https://www.w3.org/TR/trace-context/#traceparent-header"""


@dataclass(frozen=True, slots=True)
class TraceContext:
    """A span and its place. Ids are lower-case hex, 32 digits for a trace and 16 for a span."""

    trace: str
    span: str
    parent: str = ""
    """The caller's span; "" for the first of its trace."""
    sampled: bool = True
    """Whether the caller wants it recorded."""

    def child(self) -> "TraceContext":
        """A span below this one."""
        return TraceContext(self.trace, _new(8), self.span, self.sampled)


def new_trace() -> TraceContext:
    """A span of its own."""
    return TraceContext(_new(16), _new(8))


def caller_of(traceparent: str) -> TraceContext | None:
    """The caller's span; None where the header is missing or wrong, which must not disturb anybody."""
    found = _TRACEPARENT.fullmatch(traceparent.strip())
    if not found:
        return None
    version, trace, span, flags, more = found.groups()
    if version == "ff" or (version == "00" and more) or not int(trace, 16) or not int(span, 16):
        return None
    return TraceContext(trace, span, sampled=bool(int(flags, 16) & 1))


def _new(size: int) -> str:
    return secrets.token_hex(size)
