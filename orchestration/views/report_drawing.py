"""The shapes that the charts of a report are made of, as SVG."""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10
from typing import Any

from orchestration.views.report_words import clean

LEFT, RIGHT, TOP, BOTTOM = 44, 16, 16, 34
"""The margins of a chart."""
LABELS = 10
"""The most labels that fit below a chart side by side."""

Point = tuple[float, float]


def text(value: Any) -> str:
    """Return text as it stands in HTML and SVG."""
    return escape(clean(value), quote=True)


class Plot:
    """Where a value stands in a chart: shares of the time axis across, values from 0 to `top` up."""

    def __init__(self, width: int, height: int, top: float) -> None:
        self.width, self.height, self.top = width, height, top

    def x(self, share: float) -> float:
        """Return the place of a share of the time axis."""
        return rounded(LEFT + share * (self.width - LEFT - RIGHT))

    def y(self, value: float) -> float:
        """Return the height of a value."""
        return rounded(TOP + (1 - value / self.top) * (self.height - TOP - BOTTOM))

    def grid(self, values: Sequence[float], unit: str = "") -> list[str]:
        """Return a line across for each value, labelled at the left."""
        parts = []
        for value in values:
            y = self.y(value)
            parts.append(line("grid" if value else "axis", (LEFT, y), (self.width - RIGHT, y)))
            parts.append(label("tick", LEFT - 8, y + 4, f"{value:g}{unit}", "end"))
        return parts

    def below(self, marks: Sequence[tuple[float, str]]) -> list[str]:
        """Return the labels of the time axis, given as share and text: as many as fit."""
        every = max(1, ceil(len(marks) / LABELS))
        return [label("tick", self.x(share), self.height - 12, said) for share, said in marks[::every]]


def rounded(value: float) -> float:
    """Return a coordinate to a tenth of a unit."""
    return round(value, 1)


def ticks(top: float) -> list[float]:
    """Return about five round values from 0 to `top` or just above it."""
    raw = top / 4
    power = 10.0 ** floor(log10(raw))
    step = next(power * one for one in (1, 2, 2.5, 5, 10) if power * one >= raw)
    return [round(step * n, 6) for n in range(ceil(top / step) + 1)]


def line(kind: str, start: Point, end: Point) -> str:
    """Return a straight line."""
    return f'<line class="{kind}" x1="{start[0]}" y1="{start[1]}" x2="{end[0]}" y2="{end[1]}"/>'


def label(kind: str, x: float, y: float, said: str, anchor: str = "middle") -> str:
    """Return words in a chart."""
    return f'<text class="{kind}" x="{x}" y="{rounded(y)}" text-anchor="{anchor}">{text(said)}</text>'


def dot(place: Point, radius: float, said: str) -> str:
    """Return a point that tells more to who points at it."""
    return f'<circle class="dot" cx="{place[0]}" cy="{place[1]}" r="{radius}"><title>{text(said)}</title></circle>'


def triangle(kind: str, place: Point, *, up: bool, said: str) -> str:
    """Return a small triangle that tells more to who points at it."""
    (x, y), base = place, 7 if up else 0
    points = f"{x},{y + 7 - base} {x - 4},{y + base} {x + 4},{y + base}"
    return f'<polygon class="{kind}" points="{points}"><title>{text(said)}</title></polygon>'


def bar(kind: str, x: float, width: float, height: float, said: str) -> str:
    """Return a piece of a bar."""
    shape = f'x="{rounded(x)}" y="0" width="{rounded(width)}" height="{height}" rx="4"'
    return f'<rect class="bar {kind}" {shape}><title>{text(said)}</title></rect>'


def steps(points: Sequence[Point]) -> str:
    """Return the path that holds each value until the next: work ends at a moment, not little by little."""
    path = f"M{points[0][0]},{points[0][1]}"
    for (_, before), (x, y) in zip(points, points[1:], strict=False):
        path += f" L{x},{before} L{x},{y}" if before != y else f" L{x},{y}"
    return path


def svg(name: str, title: str, said: str, size: tuple[int, int], parts: Sequence[str]) -> str:
    """Return a picture with a title and a description for those who cannot see it."""
    return (
        f'<svg class="chart" viewBox="0 0 {size[0]} {size[1]}" role="img" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{text(title)}</title><desc id="{name}-d">{text(said)}</desc>{"".join(parts)}</svg>'
    )
