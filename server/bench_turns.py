"""`antiphon bench turns`: how often a patience cuts into sentences, against how long it keeps the speaker waiting.

Recordings with labelled pauses, drawn out to several lengths, in quiet and with noise or another voice mixed in, are
put before the server's own detector and endpointer, many times faster than they were spoken; nothing is measured in
real time, so the same recordings give the same curve on any machine. `--write` leaves the mixtures as files, for
`antiphon bench latency --eagerness` to try on a live server.
"""

import argparse
import sys
import wave
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

from pipeline.audio import HEARING_RATE
from pipeline.errors import ConfigError
from pipeline.hearing.endpoint import Patience
from server import bench_results
from server.mixing import drawn_out, heard, through_room
from server.realtime.meaning import EAGERNESS
from server.recordings import LABELS, PAUSES, Recording, read_pcm, read_recordings
from server.turn_taking import Fared, Track, fare, fixed, scaled, share, track

REPORT = "client.bench_report"
"""Draws the picture; by name, for a server does not import its clients."""

CLIPS = Path("tests/speech")
"""Ours, where the repository is."""

STRETCH = (1.0, 2.0, 3.0)
"""Those who read aloud pause for a third of a second; those who think while they speak, for longer."""

NOISE_DB, ECHO_DB = (20.0, 10.0), (30.0, 20.0)
"""By how much softer than the speaker, within the band of speech."""

SCALES = (0.4, 0.55, EAGERNESS["high"], 0.85, EAGERNESS["medium"], 1.25, EAGERNESS["low"], 2.0)
SILENCES = (0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0, 1.3, 1.7)
"""Seconds."""

NAMES = {scale: name for name, scale in EAGERNESS.items() if name != "auto"}


@dataclass(frozen=True, slots=True)
class Point:
    """One patience under one condition."""

    kind: str
    """graded: by how finished the words sound; fixed: the same silence after any."""
    setting: float
    """The factor of the usual patience, or the silence in seconds."""
    name: str
    """`eagerness` that means this setting, or empty."""
    fared: Sequence[Fared]
    whole: frozenset[str]
    """The recordings that end with their sentence: of the others nobody can say how long is long."""

    @property
    def delays_ms(self) -> Mapping[str, list[float]]:
        """By recording, of those that end."""
        found: dict[str, list[float]] = {}
        for one in self.fared:
            if one.delay is not None and one.name in self.whole:
                found.setdefault(one.name, []).append(round(one.delay * 1000, 1))
        return found

    def figures(self) -> dict[str, Any]:
        """For the JSON."""
        delays = sorted(value for values in self.delays_ms.values() for value in values)
        cuts = [cut for one in self.fared for cut in one.cut]
        return {
            "kind": self.kind,
            "setting": self.setting,
            "eagerness": self.name,
            "delay_ms": {
                "mean": round(sum(delays) / len(delays), 1) if delays else None,
                **{f"p{of}": delays[max(0, -(-of * len(delays) // 100) - 1)] if delays else None for of in (50, 95)},
            },
            "cut_pauses": share(sum(cuts), len(cuts)),
            "cut_turns": share(sum(any(one.cut) or one.astray > 0 for one in self.fared), len(self.fared)),
            "astray": sum(one.astray for one in self.fared),
            "unended": sum(one.delay is None for one in self.fared),
            "turns": len(self.fared),
            "pauses": len(cuts),
        }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the benchmark understands."""
    parser.add_argument(
        "--clips",
        type=Path,
        default=CLIPS,
        help="folder of recordings, with clips.tsv and pauses.tsv (default: %(default)s)",
    )
    parser.add_argument(
        "--noise-files", type=Path, help="folder of noises to mix in (default: noise in the folder of recordings)"
    )
    parser.add_argument(
        "--noise", type=float, action="append", metavar="DB", help="how many dB softer it is (default: 20, 10)"
    )
    parser.add_argument(
        "--echo",
        type=float,
        action="append",
        metavar="DB",
        help="how many dB softer the other voice is (default: 30, 20)",
    )
    parser.add_argument(
        "--stretch",
        type=float,
        action="append",
        metavar="N",
        help="make pauses this many times as long (default: 1, 2, 3)",
    )
    parser.add_argument(
        "--asr-ms", type=float, default=120.0, help="from quiet to the words before it (default: %(default)g)"
    )
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="leave the mixtures there, one folder for each")
    parser.add_argument("--json", type=Path, help="write all that was measured to this file")
    parser.add_argument("--report", type=Path, help="write a report with the curves to this file, HTML")


def run(args: argparse.Namespace) -> int:
    """Carry out the command; the exit code is 0. Raises `ConfigError` when a file or an option is wrong."""
    recordings = read_recordings(args.clips)
    if not any(recording.pauses for recording in recordings):
        raise ConfigError(f"no pause is labelled in {str(args.clips)!r}; pauses.tsv names file, start, end, said")
    stretched = [drawn_out(recording, factor) for factor in args.stretch or STRETCH for recording in recordings]
    curves: dict[str, list[Point]] = {}
    for condition, mixed in conditions(stretched, args):
        if args.write:
            write(args.write / condition.replace(" ", "-"), mixed)
        curves[condition] = list(measure([track(one) for one in mixed], args.asr_ms / 1000))
        sys.stderr.write(f"{condition}: {len(mixed)} turns, {sum(len(one.pauses) for one in mixed)} pauses\n")
    found = result(curves)
    if args.json:
        bench_results.write_json(args.json, found)
    if args.report:
        bench_results.write(args.report, import_module(REPORT).page([found]).encode())
    sys.stdout.write(f"{table(curves)}\n")
    return 0


def conditions(recordings: Sequence[Recording], args: argparse.Namespace) -> Iterator[tuple[str, list[Recording]]]:
    """Each with what a microphone hears under it."""
    yield "clean", [heard(one) for one in recordings]
    folder = args.noise_files or args.clips / "noise"
    noises = [read_pcm(path) for path in sorted(folder.glob("*")) if path.suffix in (".flac", ".wav")]
    if not noises and args.noise:
        raise ConfigError(f"there is no noise in {str(folder)!r}")
    for below in args.noise or (NOISE_DB if noises else ()):
        yield f"noise {below:g} dB", [heard(one, noises[n % len(noises)], below) for n, one in enumerate(recordings)]
    voices = [through_room(one.pcm) for one in recordings]
    for below in args.echo or ECHO_DB:
        half = len(voices) // 2  # somebody else, mostly
        yield (
            f"echo {below:g} dB",
            [heard(one, voices[(n + half) % len(voices)], below) for n, one in enumerate(recordings)],
        )


def measure(tracks: Sequence[Track], asr_delay: float) -> Iterator[Point]:
    """Every patience."""
    whole = frozenset(one.recording.name for one in tracks if one.recording.whole)

    def point(kind: str, setting: float, patience: Patience) -> Point:
        fared = [fare(one, patience, asr_delay) for one in tracks]
        return Point(kind, setting, NAMES.get(setting, "") if kind == "graded" else "", fared, whole)

    for scale in SCALES:
        yield point("graded", scale, scaled(scale))
    for seconds in SILENCES:
        yield point("fixed", seconds, fixed(seconds))


def result(curves: Mapping[str, Sequence[Point]]) -> dict[str, Any]:
    """What the JSON holds; a change is judged by the settings that have a name."""
    samples: dict[str, Mapping[str, list[float]]] = {}
    for condition, points in curves.items():
        for point in points:
            if point.name:
                cuts: dict[str, list[float]] = {}
                for one in point.fared:
                    cuts.setdefault(one.name, []).extend(float(cut) for cut in one.cut)
                samples[f"{condition}, {point.name}: cut_pauses"] = {name: cut for name, cut in cuts.items() if cut}
                samples[f"{condition}, {point.name}: delay_ms"] = point.delays_ms
    return {
        "bench": "turns",
        "conditions": {name: [point.figures() for point in points] for name, points in curves.items()},
        "samples": samples,
        "goals": dict.fromkeys(samples, "lower"),
    }


def table(curves: Mapping[str, Sequence[Point]]) -> str:
    """The settings with a name, for people, beside the fixed silence that cuts in as rarely."""
    lines = [f"{'':14}{'eagerness':12}{'pauses cut':>22}{'delay p50':>12}{'p95':>8}{'unended':>9}   fixed silence"]
    for condition, points in curves.items():
        plain = [point.figures() for point in points if point.kind == "fixed"]
        lines += [_row(condition, point.figures(), plain) for point in points if point.name]
    return "\n".join(lines)


def _row(condition: str, shown: Mapping[str, Any], plain: Sequence[Mapping[str, Any]]) -> str:
    cut, delay = shown["cut_pauses"], shown["delay_ms"]
    within = f"{cut['value']:.0%} [{cut['low']:.0%}, {cut['high']:.0%}]"
    alike = as_rarely(plain, cut["value"])
    beside = "none" if alike is None else f"{alike:.0f} ms"
    p50, p95 = (f"{delay[of]:.0f}" if delay[of] is not None else "-" for of in ("p50", "p95"))
    return f"{condition:14}{shown['eagerness']:12}{within:>22}{p50:>12}{p95:>8}{shown['unended']:>9}   {beside}"


def as_rarely(plain: Sequence[Mapping[str, Any]], cut: float) -> float | None:
    """The median delay, in ms, at which a fixed silence cuts into no more pauses, between two of those measured; None
    where none of them does."""
    known = [(one["cut_pauses"]["value"], one["delay_ms"]["p50"]) for one in plain if one["delay_ms"]["p50"]]
    for (more, sooner), (less, later) in pairwise(known):
        if less <= cut <= more:
            return later if more == less else sooner + (later - sooner) * (more - cut) / (more - less)
    return None


def write(folder: Path, recordings: Sequence[Recording]) -> None:
    """The mixtures as recordings with labels. Raises `ConfigError` when the place cannot be written."""
    rows, pauses = ["file\tspeech_start\tspeech_end\ttranscript"], ["file\tstart\tend\tsaid"]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, one in enumerate(recordings):
            name = f"{number:03}_{Path(one.name).stem}.wav"
            with (folder / name).open("wb") as file, wave.open(file) as sink:
                sink.setnchannels(1)
                sink.setsampwidth(2)
                sink.setframerate(HEARING_RATE)
                sink.writeframes(one.pcm.astype("<i2").tobytes())
            rows.append(f"{name}\t{one.speech_start:.3f}\t{one.speech_end:.3f}\t{one.transcript}")
            pauses += [f"{name}\t{pause.start:.3f}\t{pause.end:.3f}\t{pause.said}" for pause in one.pauses]
        (folder / LABELS).write_text("\n".join(rows) + "\n", "utf-8")
        (folder / PAUSES).write_text("\n".join(pauses) + "\n", "utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write {str(folder)!r}: {error.strerror}") from None
