"""The W3C's `traceparent`, with its own examples."""

import pytest

from server.observing.trace_context import TraceContext, caller_of, new_trace

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def test_the_caller_is_read() -> None:
    assert caller_of(f"00-{TRACE}-{SPAN}-01") == TraceContext(TRACE, SPAN)
    assert caller_of(f" 00-{TRACE}-{SPAN}-00 ") == TraceContext(TRACE, SPAN, sampled=False)


def test_versions_to_come_may_say_more() -> None:
    assert caller_of(f"cc-{TRACE}-{SPAN}-03-what-the-future-will-be-like") == TraceContext(TRACE, SPAN)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "nonsense",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[1:]}-{SPAN}-01",
    ],
)
def test_what_is_wrong_counts_as_nobody(wrong: str) -> None:
    assert caller_of(wrong) is None


def test_a_child_is_in_the_same_trace_below_its_parent() -> None:
    caller = TraceContext(TRACE, SPAN, sampled=False)
    child = caller.child()
    assert (child.trace, child.parent, child.sampled) == (TRACE, SPAN, False)
    assert len(child.span) == 16
    assert child.span != SPAN


def test_traces_of_their_own_differ() -> None:
    one, other = new_trace(), new_trace()
    assert one.trace != other.trace
    assert (len(one.trace), len(one.span), one.parent) == (32, 16, "")
