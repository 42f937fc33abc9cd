"""Pictures for a report, as SVG that needs nothing else: bars on a line, a histogram, curves.

Colours are the page's (CSS variables), so that a picture follows its light and dark. What a mark stands for is in its
`<title>`, which browsers show under the mouse.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 720
"""Of the drawing; the page scales it."""


@dataclass(frozen=True, slots=True)
class Span:
    """A bar from here to there."""

    name: str
    start: float
    end: float
    colour: str = "--one"


@dataclass(frozen=True, slots=True)
class Line:
    """A curve, with what its points are called."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: str = "--one"
    titles: Sequence[str] = ()
    """Of each point."""
    labels: Mapping[int, str] | None = None
    """Written beside some points, by their number."""
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """One of the two."""

    name: str
    most: float
    percent: bool = False

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Round values from 0 to the end."""
        step = nice(self.most / 5)
        for number in range(math.floor(self.most / step + 1e-9) + 1):
            value = number * step
            yield value, f"{value:.0%}" if self.percent else f"{value:g}"


def nice(step: float) -> float:
    """The next 1, 2 or 5 of its power of ten that is not below."""
    power = 10 ** math.floor(math.log10(step)) if step > 0 else 1.0
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step - 1e-12)


def spans(bars: Sequence[Span], goal: float, goal_name: str) -> str:
    """Each stage as a bar from where it begins, below the one before it; `goal` is a line through all of them."""
    left, row, top = 190, 26, 24
    most = max(goal * 1.1, *(bar.end for bar in bars), 1.0)
    least = min(0.0, *(bar.start for bar in bars))
    scale = (WIDTH - left - 70) / (most - least)
    height = top + row * len(bars) + 26
    parts = [_grid_x(Axis("", most), left - least * scale, scale, (top, height - 22))]
    for number, bar in enumerate(bars):
        y = top + number * row
        start, wide = left + (bar.start - least) * scale, max(1.5, (bar.end - bar.start) * scale)
        title = f"{bar.name}: {bar.end - bar.start:.1f} ms, until {bar.end:.0f} ms"
        parts.append(_text(left - 10, y + 17, bar.name, "end"))
        parts.append(
            f'<rect x="{start:.1f}" y="{y + 5}" width="{wide:.1f}" height="{row - 10}" rx="2" '
            f'fill="var({bar.colour})"><title>{escape(title)}</title></rect>'
        )
        parts.append(_text(start + wide + 6, y + 17, f"{bar.end - bar.start:.0f}", "start", "soft"))
    parts.append(_mark(left + (goal - least) * scale, top - 6, height - 22, goal_name))
    return _svg(height, parts, f"Stages of the median turn, {bars[-1].end:.0f} ms in all" if bars else "no turn")


def histogram(values: Sequence[float], marks: Mapping[str, float], colour: str = "--one") -> str:
    """How often which latency was measured; `marks` are named values, drawn as lines."""
    left, top, height = 40, 34, 220
    most = max(*values, *marks.values()) * 1.05
    width = nice(max(most / 30, 1.0))
    counts = [0] * (math.floor(most / width) + 1)
    for value in values:
        counts[max(0, math.floor(value / width))] += 1
    scale = (WIDTH - left - 20) / (len(counts) * width)
    tall = (height - top - 26) / max(counts)
    parts = [_grid_x(Axis("", len(counts) * width), left, scale, (top, height - 24))]
    for number, count in enumerate(counts):
        if count:
            title = f"{count} of {len(values)} between {number * width:g} and {(number + 1) * width:g} ms"
            parts.append(
                f'<rect x="{left + number * width * scale + 0.5:.1f}" y="{height - 24 - count * tall:.1f}" '
                f'width="{max(1.0, width * scale - 1):.1f}" height="{count * tall:.1f}" fill="var({colour})">'
                f"<title>{escape(title)}</title></rect>"
            )
    parts += _marks([(left + value * scale, f"{name} {value:.0f}") for name, value in marks.items()], top, height - 24)
    return _svg(height, parts, f"Histogram of {len(values)} latencies")


def curves(lines: Sequence[Line], x: Axis, y: Axis, *, goal: tuple[float, str] | None = None) -> str:
    """Curves with points; `goal` is a named level."""
    left, top, height = 56, 14, 300
    wide, tall = (WIDTH - left - 110) / x.most, (height - top - 46) / y.most
    base = height - 46
    parts = [_grid_x(x, left, wide, (top, base)), _text(left + x.most * wide / 2, height - 8, x.name, "middle", "soft")]
    for value, label in y.ticks():
        at = base - value * tall
        parts.append(f'<line x1="{left}" x2="{left + x.most * wide:.0f}" y1="{at:.1f}" y2="{at:.1f}" class="grid"/>')
        parts.append(_text(left - 8, at + 4, label, "end", "soft"))
    parts.append(_text(left, top - 3, y.name, "start", "soft"))
    if goal and goal[0] <= y.most:
        at = base - goal[0] * tall
        parts.append(f'<line x1="{left}" x2="{left + x.most * wide:.0f}" y1="{at:.1f}" y2="{at:.1f}" class="goal"/>')
        parts.append(_text(left + 6, at - 5, goal[1], "start", "goal-text"))
    ends: list[float] = []
    for line in lines:
        placed = [(left + at * wide, base - value * tall) for at, value in line.points]
        parts += _line(line, placed)
        if placed:
            level = _free(placed[-1][1] + 4, ends)
            parts.append(_text(placed[-1][0] + 8, level, line.name, "start", "", f"var({line.colour})"))
    return _svg(height, parts, "; ".join(line.name for line in lines))


def _line(line: Line, placed: Sequence[tuple[float, float]]) -> Iterator[str]:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
    dash = ' stroke-dasharray="5 4"' if line.dashed else ""
    yield f'<polyline points="{path}" fill="none" stroke="var({line.colour})" stroke-width="2"{dash}/>'
    for number, (x, y) in enumerate(placed):
        title = f"<title>{escape(line.titles[number])}</title>" if line.titles else ""
        label = (line.labels or {}).get(number)
        size = 4.5 if label else 3
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" fill="var({line.colour})" class="dot">{title}</circle>'
        if label:
            yield _text(x + 8, y - 6, label, "start")


def _free(level: float, taken: list[float]) -> float:
    """Where a label fits that does not cover another."""
    while any(abs(level - other) < 14 for other in taken):
        level += 2
    taken.append(level)
    return level


def _grid_x(axis: Axis, left: float, scale: float, span: tuple[float, float]) -> str:
    top, base = span
    lines = ""
    for value, label in axis.ticks():
        at = left + value * scale
        lines += f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{top}" y2="{base}" class="grid"/>'
        lines += _text(at, base + 16, label, "middle", "soft")
    return lines


def _marks(marks: Sequence[tuple[float, str]], top: float, base: float) -> Iterator[str]:
    """Named lines, their names below each other where they stand close."""
    last, level = -1e9, 0
    for at, name in sorted(marks):
        level = level + 1 if at - last < 90 else 0
        yield _mark(at, top - 20 + 12 * min(level, 2), base, name)
        last = at


def _mark(at: float, top: float, base: float, name: str) -> str:
    line = f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{top:.0f}" y2="{base:.0f}" class="goal"/>'
    side = (at + 4, "start") if at < WIDTH - 90 else (at - 4, "end")
    return line + _text(side[0], top + 8, name, side[1], "goal-text")


def _text(x: float, y: float, text: str, anchor: str, kind: str = "", colour: str = "") -> str:
    classes = f' class="{kind}"' if kind else ""
    fill = f' style="fill:{colour}"' if colour else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{classes}{fill}>{escape(text)}</text>'


def _svg(height: float, parts: Sequence[str], label: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(label, quote=True)}">'
        f"{''.join(parts)}</svg>"
    )
