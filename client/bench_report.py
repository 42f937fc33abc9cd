"""`antiphon bench report`: results as one HTML file that needs nothing else, to be read and sent around."""

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from client.bench_style import STYLE
from client.chart import Axis, Line, Span, curves, histogram, spans
from client.errors import UsageError
from client.latency import quantile
from client.machine import load_in_words
from client.samples import read_json
from client.stages import CHAIN
from client.waterfall import GOAL_MS

Json = Mapping[str, Any]

COLOURS: Mapping[str, str] = {
    **dict.fromkeys(("end_error_ms", "pause_ms", "floor_ms", "unexplained_ms", "quiet_ms"), "--quiet"),
    **dict.fromkeys(("asr_ms", "llm_ms", "clause_ms", "tts_ms"), "--one"),
    **dict.fromkeys(("choose_ms", "ask_ms", "queue_ms", "send_ms"), "--three"),
}
"""Of the stages: waiting, engines, ours."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command understands."""
    parser.add_argument("results", type=Path, nargs="+", metavar="RESULT", help="what a benchmark wrote with --json")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")


def run(args: argparse.Namespace) -> int:
    """Carry out the command; the exit code is 0. Raises `UsageError`."""
    results = [read_json(path) for path in args.results]
    for path, result in zip(args.results, results, strict=True):
        if result["bench"] not in SECTIONS:
            raise UsageError(f"{str(path)!r} is of {result['bench']}; there are reports of {', '.join(SECTIONS)}")
    write_report(args.out, results)
    return 0


def write_report(path: Path, results: Sequence[Json]) -> None:
    """The report as a file. Raises `UsageError` when the place cannot be written."""
    try:
        path.write_text(page(results), "utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror}") from None


def page(results: Sequence[Json]) -> str:
    """The report. Raises `UsageError` when a result is not as its benchmark writes it."""
    try:
        body = "".join(part for result in results for part in SECTIONS[result["bench"]](result))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"a result lacks what a report needs: {error}") from None
    names = " and ".join(dict.fromkeys(str(result["bench"]) for result in results))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" '
        f'content="light dark"><title>Antiphon: {escape(names)}</title><style>{STYLE}</style></head>'
        f"<body><main>{body}</main></body></html>\n"
    )


def latency(result: Json) -> Iterator[str]:
    """How soon the answers come."""
    yield f"<h1>How soon the answers come</h1>{_where(result)}"
    overall = result["overall"]
    yield _tiles(
        [
            *_tile(overall, "ear_to_ear_ms", "from ear to ear"),
            *_tile(overall, "first_token_ms", "to the first token"),
            *_tile(overall, "own_ms", "of it our own code"),
            (f"{result['early_replies']} of {result['turns']}", "replies begun too early"),
            (f"{result['split_turns']}", "turns cut in two"),
            (f"{result['unanswered']}", "turns unanswered"),
        ]
    )
    if turn := median_turn(result):
        yield "<h2>Where the time of the median turn goes</h2>"
        yield _figure(
            spans(bars_of(turn), GOAL_MS, f"{GOAL_MS} ms"),
            f"{turn['clip']}, heard {turn['ear_to_ear_ms']:.0f} ms after its last word. Grey is waiting, blue are the "
            "engines, green is our own work. Each stage begins where the one before it ends; what they leave over of "
            "the silence is shown as unexplained.",
        )
    for figure, words in (("first_token_ms", "First tokens"), ("ear_to_ear_ms", "Silence from ear to ear")):
        if values := _values(result, figure):
            marks = {name: quantile(values, share) for name, share in (("p50", 0.5), ("p95", 0.95))}
            yield f"<h2>{words}</h2>" + _figure(
                histogram(values, marks if figure != "first_token_ms" else {**marks, "deadline": GOAL_MS}),
                f"{len(values)} turns, in ms from the labelled end of speech.",
            )
    yield f"<h2>Every stage</h2>{_percentiles(result)}"
    yield f"<h2>Clip by clip</h2>{_clips(result)}"
    yield "".join(f"<p class=soft>{escape(line)}</p>" for line in result.get("remarks", ()))


def bargein(result: Json) -> Iterator[str]:
    """How soon it falls silent."""
    yield f"<h1>How soon it falls silent</h1>{_where(result)}"
    untimed = result["finished_first"] + result.get("sent_ahead", 0)
    yield _tiles(
        [
            *_tile(result["overall"], "stop_ms", "from the first sound of an interruption to the last of the answer"),
            (f"{result['late_audio']} of {result['turns']}", "answers that went on after their end"),
            (f"{untimed} of {result['turns']}", "answers whose sound had all been sent before, which are not timed"),
        ]
    )
    if values := _values(result, "stop_ms") or _values(result, "detected_ms"):
        marks = {name: quantile(values, share) for name, share in (("p50", 0.5), ("p95", 0.95))}
        yield _figure(histogram(values, marks), f"{len(values)} interruptions, in ms from their labelled onset.")
    yield f"<h2>Figures</h2>{_percentiles(result)}"


def capacity(result: Json) -> Iterator[str]:
    """How many callers it bears."""
    yield f"<h1>How many callers it bears</h1>{_where(result)}"
    steps: Sequence[Json] = result["steps"]
    each = result["per_session"]
    tiles = [
        (f"{result['capacity']}", "sessions in time"),
        (f"{result['capacity_alike']}", "as if each were alone"),
        (f"{each['cpu_share']:.2%}", "of a processor for each"),
    ]
    if each.get("added_mb") is not None:
        tiles.append((f"{each['added_mb']:.2f} MB", "of memory for each"))
    yield _tiles(tiles)
    most = max(step["sessions"] for step in steps) * 1.02
    token = [(step["sessions"], step["first_token_ms"]) for step in steps if step["first_token_ms"]]
    lines = [
        Line("p95", [(size, one["p95"]) for size, one in token], "--two", [_told(size, one) for size, one in token]),
        Line("p50", [(size, one["p50"]) for size, one in token], "--one", [_told(size, one) for size, one in token]),
    ]
    tall = max([GOAL_MS * 1.15, *(one["p95"] for _, one in token)])
    yield "<h2>First token</h2>" + _figure(
        curves(lines, Axis("sessions that talk all the time", most), Axis("ms", tall), goal=(GOAL_MS, "deadline")),
        "How long a caller waits for the first token as others join.",
    )
    shares = [(step["sessions"], step["cpu_share"]) for step in steps]
    yield "<h2>Processor</h2>" + _figure(
        curves(
            [Line("server", shares, "--three")],
            Axis("sessions that talk all the time", most),
            Axis("of a processor", max(1.0, *(share for _, share in shares)), percent=True),
        ),
        "What the server's process takes.",
    )


def turns(result: Json) -> Iterator[str]:
    """How often it cuts in, against how long one waits."""
    yield "<h1>Cutting in, and keeping waiting</h1>"
    yield (
        "<p>Left and low is better. Each point is a patience: how long a pause may last before it is taken for the end "
        "of the turn. <b>Graded</b> patience listens to how finished the words sound; a <b>fixed</b> silence does not. "
        "Pauses are those inside recorded sentences, drawn out to several lengths.</p>"
    )
    conditions: Mapping[str, Sequence[Json]] = result["conditions"]
    known = [one for points in conditions.values() for one in points if one["delay_ms"]["p50"] is not None]
    most = min(1600.0, max(one["delay_ms"]["p50"] for one in known) * 1.02)
    for condition, points in conditions.items():
        lines = [
            _curve("graded", points, "--one", most, dashed=False),
            _curve("fixed", points, "--two", most, dashed=True),
        ]
        yield f"<h2>{escape(condition[:1].upper() + condition[1:])}</h2>" + _figure(
            curves(
                lines,
                Axis("median wait at the end of a sentence, ms", most),
                Axis("pauses taken for the end", 1.0, percent=True),
            ),
            f"{points[0]['pauses']} pauses in {points[0]['turns']} turns.",
        )
    yield f"<h2>The settings that have a name</h2>{_settings(conditions)}"


SECTIONS: Mapping[str, Callable[[Json], Iterator[str]]] = {
    "latency": latency,
    "bargein": bargein,
    "capacity": capacity,
    "turns": turns,
}
"""What is said of each benchmark."""


def median_turn(result: Json) -> Json | None:
    """The turn whose silence is the median of those whose stages are all known."""
    runs = [{**run, "clip": clip["clip"]} for clip in result["clips"] for run in clip["runs"]]
    known = [run for run in runs if CHAIN.keys() <= run.keys() and run["answered"] and not run["early"]]
    known.sort(key=lambda run: run["ear_to_ear_ms"])
    return known[(len(known) - 1) // 2] if known else None


def bars_of(turn: Json) -> list[Span]:
    """Its stages, one behind the other, but for those that took no time."""
    bars: list[Span] = []
    at = 0.0
    for stage, name in CHAIN.items():
        if abs(turn[stage]) >= 0.5:
            start, end = sorted((at, at + turn[stage]))
            bars.append(Span(name, start, end, COLOURS[stage]))
        at += turn[stage]
    return bars


def _curve(kind: str, points: Sequence[Json], colour: str, most: float, *, dashed: bool) -> Line:
    shown = [one for one in points if one["kind"] == kind and (one["delay_ms"]["p50"] or most + 1) <= most]
    unit = {"graded": "times the usual patience", "fixed": "s of silence"}[kind]
    titles = [
        f"{one['setting']:g} {unit}: {one['cut_pauses']['value']:.0%} of the pauses cut "
        f"({one['cut_pauses']['low']:.0%} to {one['cut_pauses']['high']:.0%}), {one['delay_ms']['p50']:.0f} ms"
        for one in shown
    ]
    labels = {number: one["eagerness"] for number, one in enumerate(shown) if one["eagerness"]}
    placed = [(one["delay_ms"]["p50"], one["cut_pauses"]["value"]) for one in shown]
    return Line(kind, placed, colour, titles, labels, dashed)


def _settings(conditions: Mapping[str, Sequence[Json]]) -> str:
    rows = [
        [
            condition,
            one["eagerness"],
            f"{one['cut_pauses']['value']:.0%} ({one['cut_pauses']['low']:.0%} to {one['cut_pauses']['high']:.0%})",
            *(f"{one['delay_ms'][of]:.0f}" if one["delay_ms"][of] is not None else "" for of in ("p50", "p95")),
            str(one["unended"]),
        ]
        for condition, points in conditions.items()
        for one in points
        if one["eagerness"]
    ]
    return _table(["", "eagerness", "pauses cut (95 %)", "wait p50, ms", "p95", "never ended"], rows)


def _where(result: Json) -> str:
    machine: Json = result.get("machine") or {}
    load: Json = result.get("load") or {}
    words = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['date'][:10]}" if machine else "",
        load_in_words(load) if load else "",
        f"engines are stand-ins: {_delays(result['stand_in'])}" if result.get("stand_in") else "",
    ]
    return f"<p class=soft>{escape('; '.join(word for word in words if word))}</p>"


def _delays(stand_in: Json) -> str:
    return ", ".join(f"{name.removesuffix('_ms')} {value:g}" for name, value in stand_in.items())


def _tile(overall: Mapping[str, Mapping[str, float]], figure: str, words: str) -> Iterator[tuple[str, str]]:
    if figure in overall:
        p50, p95 = overall[figure]["p50"], overall[figure]["p95"]
        yield f"{p50:.0f} ms", f"{words} (p95 {p95:.0f})"


def _tiles(tiles: Iterable[tuple[str, str]]) -> str:
    shown = "".join(
        f"<div class=tile><b>{escape(value)}</b><span>{escape(words)}</span></div>" for value, words in tiles
    )
    return f"<div class=tiles>{shown}</div>"


def _figure(picture: str, caption: str) -> str:
    return f"<figure>{picture}<figcaption>{escape(caption)}</figcaption></figure>"


def _values(result: Json, figure: str) -> list[float]:
    groups: Mapping[str, Sequence[float]] = result["samples"].get(figure, {})
    return [value for values in groups.values() for value in values]


def _percentiles(result: Json) -> str:
    rows = [
        [
            CHAIN.get(name, name.removesuffix("_ms").replace("_", " ")),
            *(
                f"{values[of]:.1f} ({result['intervals'][name][of][0]:.0f} to {result['intervals'][name][of][1]:.0f})"
                for of in ("p50", "p95", "p99")
            ),
        ]
        for name, values in result["overall"].items()
    ]
    return _table(["ms (95 % interval)", "p50", "p95", "p99"], rows)


def _clips(result: Json) -> str:
    rows: list[list[str]] = []
    for clip in result["clips"]:
        silence, token = (clip["overall"].get(name) for name in ("ear_to_ear_ms", "first_token_ms"))
        runs: Sequence[Json] = clip["runs"]
        wrong = {
            "early": sum(run["early"] for run in runs),
            "cut in two": sum(run["turns"] > 1 for run in runs),
            "unanswered": sum(not run["answered"] for run in runs),
        }
        told = ", ".join(f"{count} {name}" for name, count in wrong.items() if count)
        rows.append(
            [
                clip["clip"],
                f"{len(runs)}",
                *(f"{one['p50']:.0f}" if one else "" for one in (token, silence)),
                *(f"{one['p95']:.0f}" if one else "" for one in (silence,)),
                f"!{told}" if told else "",
            ]
        )
    return _table(["clip", "turns", "first token p50, ms", "ear to ear p50", "p95", "what went wrong"], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells that begin with "!" are bad news."""
    titles = "".join(f"<th>{escape(title)}</th>" for title in head)
    body = "".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in rows)
    return f"<div class=scroll><table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>"


def _cell(text: str) -> str:
    return f"<td class=bad>{escape(text[1:])}</td>" if text.startswith("!") else f"<td>{escape(text)}</td>"


def _told(sessions: float, figures: Mapping[str, float]) -> str:
    return f"{sessions:g} sessions: p50 {figures['p50']:.0f} ms, p95 {figures['p95']:.0f} ms"
