"""Charts of characters: a burndown, the velocity of sprints, cycle times, the outcomes of a forecast.

Each function takes numbers and a width and returns lines of spans, all of single cells. What a mark means is
told by its form, and in words below; colour repeats it.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime

from orchestration.domain.records import Document
from orchestration.views.layout import Line, Span, number
from orchestration.views.tables import width as cells

_LOW, _HIGH = 10, 16
"""How many lines a chart has on a terminal of 80 columns, and on a wide one."""
_WIDE = 120
_MOST_ROWS = 16

Grid = list[list[tuple[str, str]]]


class Plot:
    """A field of single characters, with an axis on its left; row 0 is at the top."""

    def __init__(self, width: int, top: float, mark: Callable[[float], str] = number) -> None:
        self.height = _HIGH if width >= _WIDE else _LOW
        self.top = _nice(top)
        steps = [self.top * n / 4 for n in range(5)]
        self.labels = {self.row(value): mark(value) for value in steps}
        self.margin = max(map(len, self.labels.values())) + 1
        self.width = max(width - self.margin - 2, 8)
        self.grid: Grid = [[(" ", "")] * self.width for _ in range(self.height)]

    def row(self, value: float) -> int:
        """Return the row of a value."""
        share = min(max(value / self.top, 0.0), 1.0)
        return round((1 - share) * (self.height - 1))

    def put(self, column: int, row: int, mark: str, style: str) -> None:
        """Set one character."""
        self.grid[row][min(max(column, 0), self.width - 1)] = (mark, style)

    def lines(self) -> list[Line]:
        """Return the field with its axes."""
        found: list[Line] = []
        for n, cells_ in enumerate(self.grid):
            label = self.labels.get(n, "")
            found.append([(f"{label:>{self.margin}}", "muted"), ("│", "muted"), *_merged(cells_)])
        return [*found, [(" " * self.margin, ""), ("─" * (self.width + 1), "muted")]]

    def axis(self, labels: Sequence[tuple[int, str]]) -> Line:
        """Return the line below: labels that begin at a column, as many as have room."""
        text = ""
        for column, label in sorted(labels):
            # the last label may not reach beyond the field
            place = min(column, self.width - len(label))
            if place >= len(text) + bool(text):
                text += " " * (place - len(text)) + label
        return [(" " * (self.margin + 1) + text, "muted")]


def _nice(value: float) -> float:
    """Return a round number that is at least `value`."""
    if value <= 0:
        return 1.0
    unit = 1.0
    while unit * 10 <= value:
        unit *= 10
    while unit > value:
        unit /= 10
    return next(unit * n for n in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if unit * n >= value - 1e-9)


def _merged(cells_: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    merged: list[tuple[str, str]] = []
    for mark, style in cells_:
        if merged and merged[-1][1] == style:
            merged[-1] = (merged[-1][0] + mark, style)
        else:
            merged.append((mark, style))
    return merged


# -- burndown


def burndown(value: Document, width: int) -> list[Line]:
    """Draw the ideal line in dots, what remained as a line of steps, and where the scope changed below."""
    rows = value["rows"]
    moments = [_moment(row["at"]) for row in rows]
    first, last = moments[0], moments[-1]
    most = max(max(row["ideal"], row["actual"] or 0) for row in rows)
    plot = Plot(width, most)

    def column(at: float) -> int:
        return round((at - first) / (last - first) * (plot.width - 1)) if last > first else 0

    ideal = [row["ideal"] for row in rows]
    for place in range(plot.width):
        at = first + (last - first) * place / max(plot.width - 1, 1)
        plot.put(place, plot.row(_between(moments, ideal, at)), "⋅", "muted")
    known = [
        (column(at), row["actual"])
        for at, row in zip(moments, rows, strict=True)
        if row["actual"] is not None
    ]
    style = value["state"] or ""
    for number_, (place, left) in enumerate(known):
        here = plot.row(left)
        if number_:
            before, there = known[number_ - 1][0], plot.row(known[number_ - 1][1])
            for x in range(before + 1, place):
                plot.put(x, there, "━", style)
            for y in range(min(here, there) + 1, max(here, there)):
                plot.put(place, y, "┃", style)
            if there != here:
                plot.put(place, there, "┃" if place else "●", style)
    for place, left in known:
        plot.put(place, plot.row(left), "●", style)
    lines = plot.lines()
    steps: Counter[int] = Counter()
    for change in value["scope_changes"]:
        steps[column(_moment(change["at"]))] += change["points"]
    if any(steps.values()):
        text = "".join("▲" if steps[x] > 0 else "▼" if steps[x] < 0 else " " for x in range(plot.width))
        lines.append([(" " * (plot.margin + 1) + text.rstrip(), "changed")])
    days = [
        (column(at), row["date"][5:]) for at, row in zip(moments, rows, strict=True) if len(row["date"]) == 10
    ]
    legend: list[Span] = [
        " " * (plot.margin + 1),
        ("●━", style),
        " remaining points  ",
        ("⋅⋅", "muted"),
        " ideal",
    ]
    if any(steps.values()):
        legend += ["  ", ("▲▼", "changed"), " scope grew, shrank"]
    return [*lines, plot.axis(days), legend]


def _moment(written: str) -> float:
    return datetime.fromisoformat(written).timestamp()


def _between(xs: Sequence[float], ys: Sequence[float], at: float) -> float:
    n = min(max(bisect_left(xs, at), 1), len(xs) - 1)
    if len(xs) < 2 or xs[n] == xs[n - 1]:
        return ys[-1]
    share = (at - xs[n - 1]) / (xs[n] - xs[n - 1])
    return ys[n - 1] + (ys[n] - ys[n - 1]) * min(max(share, 0.0), 1.0)


# -- velocity


def velocity(rows: Sequence[Document], mean: float | None, width: int) -> list[Line]:
    """Draw a bar for each sprint: what was completed, then what was committed and not done."""
    most = max(max(row["completed"], row["committed"] or 0) for row in rows) or 1
    notes = [
        number(row["completed"]) + (f" of {number(row['committed'])}" if row["committed"] is not None else "")
        for row in rows
    ]
    label = min(max(cells(row["id"]) for row in rows), max(width // 4, 8))
    size = max(min(width - label - max(map(len, notes)) - 4, 80), 8)
    lines: list[Line] = []
    for row, note in zip(rows, notes, strict=True):
        done = round(row["completed"] / most * size)
        meant = round((row["committed"] or 0) / most * size)
        name = row["id"][:label]
        lines.append(
            [
                (name + " " * (label - cells(name) + 2), ""), ("█" * done, "done"),
                ("░" * max(meant - done, 0), "muted"), f"  {note}",
            ]
        )  # fmt: skip
    if mean is not None:
        place = round(mean / most * size)
        lines.append(
            [
                (" " * (label + 2 + max(place - 1, 0)) + "▲", "muted"),
                (f" mean {number(round(mean, 1))}", "muted"),
            ]
        )
    return lines


# -- cycle times


def scatter(rows: Sequence[Document], levels: Sequence[tuple[str, float]], width: int) -> list[Line]:
    """Draw finished tasks by the day they were done and the hours they took, with lines at some levels."""
    times = [(_moment(row["completed_at"]), row["cycle_hours"]) for row in rows]
    first, last = min(at for at, _ in times), max(at for at, _ in times)
    plot = Plot(width, max(hours for _, hours in times) / 24, lambda days: f"{number(round(days, 2))}d")
    for _, hours in levels:
        row = plot.row(hours / 24)
        for x in range(plot.width):
            plot.put(x, row, "┄", "warning")
    counts: Counter[tuple[int, int]] = Counter()
    for at, hours in times:
        x = round((at - first) / (last - first) * (plot.width - 1)) if last > first else 0
        counts[x, plot.row(hours / 24)] += 1
    for (x, y), count in counts.items():
        plot.put(x, y, "●" if count == 1 else str(count) if count < 10 else "◆", "id")
    for name, hours in levels:
        for x, mark in enumerate(name, plot.width - len(name)):
            plot.put(x, plot.row(hours / 24), mark, "warning")
    ends = [(0, rows[0]["completed_at"][:10]), (plot.width, rows[-1]["completed_at"][:10])]
    legend = " " * (plot.margin + 1) + "● a task  2-9 so many  ◆ 10 or more  ┄ percentile"
    return [*plot.lines(), plot.axis(ends), [(legend, "muted")]]


# -- a forecast


def outcomes(value: Document, width: int) -> list[Line]:
    """Draw how many runs were done on each date, the share done by then, and the dates that matter."""
    rows, last_day = grouped(value["outcomes"]), value["last_day"]
    runs, most = value["runs"], max(count for _, _, count in rows)
    size = max(min(width - 46, 60), 8)
    lines: list[Line] = []
    total = 0
    for begin, end, count in rows:
        total += count
        name = (
            "later" if begin is None else begin if begin == end else f"{begin[5:]} - {end[5:] if end else ''}"
        )
        bar = "█" * max(round(count / most * size), 1 if count else 0)
        late = last_day is not None and (begin is None or begin > last_day)
        marks = [key for key, day in value["dates"].items() if _inside(day, begin, end)]
        if last_day is not None and begin is not None and _inside(last_day, begin, end):
            marks.append("sprint end")
        by_then = f"{total / runs * 100:4.0f} % "
        note = f"  {'late  ' if late else ''}{' '.join(marks)}"
        lines.append(
            [f"{name:<13}", (by_then, "muted"), (bar.ljust(size), "behind" if late else "done"), note]
        )
    return lines


def grouped(rows: Sequence[Document]) -> list[tuple[str | None, str | None, int]]:
    """Return (first date, last date, runs), dates taken together so that there are at most 16 rows."""
    per = -(-len(rows) // _MOST_ROWS)
    dated = [row for row in rows if row["date"] is not None]
    found: list[tuple[str | None, str | None, int]] = []
    for start in range(0, len(dated), per):
        part = dated[start : start + per]
        found.append((part[0]["date"], part[-1]["date"], sum(row["runs"] for row in part)))
    never = sum(row["runs"] for row in rows if row["date"] is None)
    return [*found, *([(None, None, never)] if never else [])]


def _inside(day: str | None, begin: str | None, end: str | None) -> bool:
    if day is None or begin is None or end is None:
        return day is begin
    return date.fromisoformat(begin) <= date.fromisoformat(day) <= date.fromisoformat(end)
