"""The charts of a report: burndown, cycle times, and the share of each column.

They take their colours from the CSS classes of the page they stand in, so they are as light or dark as it
is, and say in shapes and words (dashes, triangles, labels) what they say in colours.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from orchestration.english import counted, noun
from orchestration.views.report_drawing import (
    LEFT,
    RIGHT,
    TOP,
    Plot,
    bar,
    dot,
    label,
    line,
    rounded,
    steps,
    svg,
    ticks,
    triangle,
)
from orchestration.views.report_words import COLUMN_NAMES, day, duration, number

WIDTH, HEIGHT = 1000, 300
_DONE_FIRST = ("done", "review", "in_progress", "todo", "backlog")
_DRAWN = 2000
"""The most points of a scatter: beyond it they are a cloud."""


def burndown(found: Mapping[str, Any]) -> str:
    """Draw what remains against the ideal line, with the steps of the scope; empty without rows."""
    rows = found["rows"]
    if not rows:
        return ""
    known = [row for row in rows if row["actual"] is not None]
    values = ticks(max(1, *(row["ideal"] for row in rows), *(row["actual"] for row in known)))
    place = Plot(WIDTH, HEIGHT, values[-1])
    days = [row for row in rows if len(row["date"]) == len("2026-01-05")] or rows
    parts = [*place.grid(values), *place.below([(row["x"], row["date"][5:10]) for row in days])]
    ideal = " ".join(f"{place.x(row['x'])},{place.y(row['ideal'])}" for row in rows)
    parts.append(f'<polyline class="ideal" points="{ideal}"/>')
    said = f"{number(rows[0]['ideal'])} {noun(rows[0]['ideal'], 'point')} committed"
    if known:
        parts += _actual(place, known, running=known[-1] is not rows[-1])
        last = known[-1]
        said += f", {number(last['actual'])} left on {day(last['date'])}, ideal {number(last['ideal'])}"
    for one in found["scope_changes"]:
        grows = one["points"] >= 0
        told = f"{one['task']} {one['kind']}: {one['points']:+g} {noun(abs(one['points']), 'point')}"
        parts.append(
            triangle("grow" if grows else "shrink", (place.x(one["x"]), TOP + 4), up=grows, said=told)
        )
    return svg("burndown", "Burndown", said, (WIDTH, HEIGHT), parts)


def _actual(place: Plot, known: Sequence[Mapping[str, Any]], *, running: bool) -> list[str]:
    points = [(place.x(row["x"]), place.y(max(row["actual"], 0))) for row in known]
    path, floor = steps(points), place.y(0)
    parts = [
        f'<path class="area" d="{path} L{points[-1][0]},{floor} L{points[0][0]},{floor} Z"/>',
        f'<path class="actual" d="{path}"/>',
    ]
    for row, point in zip(known, points, strict=True):
        said = f"{day(row['date'])}: {number(row['actual'])} left, ideal {number(row['ideal'])}"
        parts.append(dot(point, 2.5, said))
    if running:
        parts.append(line("today", (points[-1][0], TOP), (points[-1][0], floor)))
    return parts


def cycle_times(finished: Sequence[Mapping[str, Any]], figures: Mapping[str, Any]) -> str:
    """Draw a point for each finished task, its day across and its cycle time up; empty when none is known."""
    known = [task for task in finished if task["cycle_hours"] is not None][-_DRAWN:]
    if not known:
        return ""
    hours = [task["cycle_hours"] for task in known]
    values = ticks(max(*hours, 2.4) / 24)
    size = (WIDTH, 260)
    place = Plot(*size, values[-1])
    days = [date.fromisoformat(task["completed_at"][:10]) for task in known]
    span = (days[-1] - days[0]).days + 1
    where = {one: ((one - days[0]).days + 0.5) / span for one in days}
    parts = [
        *place.grid(values, " d"),
        *place.below([(share, one.isoformat()[5:]) for one, share in where.items()]),
    ]
    for name, said in (("median", "median"), ("p85", "85 %")):
        value = figures["cycle_time"].get(name)
        if value is not None:
            y, right = place.y(value / 24), WIDTH - RIGHT
            parts.append(line(name, (LEFT, y), (right, y)))
            parts.append(label("mark", right, y - 4, f"{said} {duration(value)}", "end"))
    beside: dict[tuple[float, float], int] = {}
    for task, one in zip(known, days, strict=True):
        x, y = place.x(where[one]), place.y(task["cycle_hours"] / 24)
        count = beside[x, y] = beside.get((x, y), -1) + 1
        # equal ones stand side by side, in turns to the left and to the right
        aside = min((count + 1) // 2, 6) * (-7 if count % 2 else 7)
        parts.append(dot((x + aside, y), 4, f"{task['id']} {task['title']}: {duration(task['cycle_hours'])}"))
    said = f"{counted(len(known), 'finished task')}, {duration(min(hours))} to {duration(max(hours))}"
    return svg("cycle-times", "Cycle times", said, size, parts)


def columns(board: Mapping[str, Any]) -> str:
    """Draw one bar divided by the tasks of each column, the finished ones first; empty without tasks."""
    counts = {column["name"]: column["count"] for column in board["columns"]}
    total, height = sum(counts.values()), 34
    if not total:
        return ""
    parts, at, said = [], 0.0, []
    for name in _DONE_FIRST:
        count = counts.get(name, 0)
        if not count:
            continue
        wide, words = WIDTH * count / total, f"{COLUMN_NAMES[name]} {count}"
        parts.append(bar(name, at, max(wide - 2, 1), height, words))
        if wide > 7.5 * len(words) + 8:
            parts.append(label("in-bar", rounded(at + wide / 2 - 1), height / 2 + 5, words))
        at += wide
        said.append(words)
    return svg("columns", "Tasks by column", ", ".join(said), (WIDTH, height), parts)
