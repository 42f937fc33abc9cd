"""Which models a server asked for an answer, and what that came to, as one line for people."""

from collections.abc import Mapping, Sequence
from typing import Any


def in_words(choice: Mapping[str, Any]) -> str:
    """`response.antiphon.choice` in a line; empty where the server tells of none, or there was nobody to choose."""
    asked: Sequence[object] = choice.get("asked") or ()
    failures, wasted = choice.get("failures") or 0, choice.get("wasted_tokens") or 0
    saved, cost = choice.get("saved_ms") or 0.0, choice.get("cost_usd") or 0.0
    said = [
        " → ".join(map(str, asked)) if len(asked) > 1 else "",
        f"{failures} failed" if failures else "",
        f"{saved:.0f} ms won" if saved else "",
        f"{wasted} tokens thrown away" if wasted else "",
        f"${cost:.5f}" if cost else "",
    ]
    reason = ": ".join(str(part) for part in (choice.get("model"), choice.get("why")) if part)
    told = [part for part in said if part]
    return " · ".join([reason, *told]) if told or choice.get("why") else ""
