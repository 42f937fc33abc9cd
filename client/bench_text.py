"""The latency benchmark's result in words: for a terminal, and as a Markdown table."""

from collections.abc import Iterator, Mapping
from typing import Any

from client.latency import table
from client.machine import load_in_words
from client.stages import ADDS_UP_MS, AGREES_MS, CHAIN, OUTSIDE

COUNTS = ("turns", "early_replies", "split_turns", "unanswered")

README_ROWS = {
    "first_token_ms": "first token",
    "first_audio_ms": "first sound",
    "ear_to_ear_ms": "ear to ear",
    "own_ms": "of which our own code",
}
"""What the Markdown table shows, and by which names."""


def latency_text(result: Mapping[str, Any], load: Mapping[str, float | None]) -> str:
    """All of it, for a terminal."""
    counts = "  ".join(f"{name} {result[name]}" for name in COUNTS)
    return "\n".join([table(result["overall"], result["intervals"]), counts, *result["remarks"], load_in_words(load)])


def latency_markdown(result: Mapping[str, Any]) -> str:
    """The figures that matter, for a README."""
    overall, ranges = result["overall"], result["intervals"]
    count = sum(len(values) for values in result["samples"].get("first_audio_ms", {}).values())
    lines = [f"| ms, n = {count} | p50 (95 % interval) | p95 | p99 |", "|---|---|---|---|"]
    for name, words in README_ROWS.items():
        if name in overall:
            low, high = ranges[name]["p50"]
            p50, p95, p99 = (f"{overall[name][column]:.0f}" for column in ("p50", "p95", "p99"))
            lines.append(f"| {words} | {p50} ({low:.0f} to {high:.0f}) | {p95} | {p99} |")
    return "\n".join([*lines, "", "  ".join(f"{name} {result[name]}" for name in COUNTS)])


def remarks(result: Mapping[str, Any]) -> Iterator[str]:
    """What there is to say of the figures, a sentence each."""
    overall = result["overall"]
    if overall and not any(name in overall for name in OUTSIDE):
        hidden = ", ".join(name for stage, name in CHAIN.items() if stage in OUTSIDE)
        yield f"This server tells nothing of its stages; from outside nobody sees: {hidden}."
    if "unexplained_ms" in overall:
        rest = [abs(value) for values in result["samples"]["unexplained_ms"].values() for value in values]
        within = sum(value <= ADDS_UP_MS for value in rest)
        yield f"The stages add up to the first sound within {ADDS_UP_MS:g} ms in {within} of {len(rest)} turns."
    for name, apart in result["agreement"].items():
        near = f"within {AGREES_MS:g} ms of the server's mark in {apart['within']} of {apart['turns']} turns"
        yield f"The {name} is seen from outside {near} (half of them within {apart['p50']:g} ms)."
    if result["wasted_tokens"] is not None:
        yield f"Beside the answers {result['wasted_tokens']} tokens were written that nobody heard."
    if work := result.get("engine_work"):
        asked = f"{work['llm_requests']} times, {work['llm_cancelled']} of them in vain"
        yield f"For {result['turns']} turns the LLM was asked {asked}, the recogniser {work['transcriptions']} times."
