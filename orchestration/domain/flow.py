"""The lives of tasks on the board: which task stood where, and when; `steps` reads them from the commits.

A life is a list of steps, oldest first; each holds from its moment to that of the next.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from orchestration.store.index import Index


class Step(NamedTuple):
    """What a task was from a moment on; one that was removed, or split, has no column."""

    at: datetime
    column: str | None
    points: int | float | None
    sprint_id: str | None
    assignee: str | None
    team: str | None


Life = Sequence[Step]
Lives = Mapping[str, Life]
"""The life of each task of a project by its id; tasks that were removed have one too."""
Interval = tuple[datetime, datetime]
"""A stretch of time, its end not included."""


def lives(
    index: "Index", project_id: str, *, since: datetime | None = None, also: Collection[str] = ()
) -> dict[str, list[Step]]:
    """Return the lives of all tasks that a project has or had; see `steps.read`."""
    from orchestration.domain import steps

    return steps.read(index, project_id, since=since, also=also)


def intervals(life: Life, columns: Collection[str | None], start: datetime, end: datetime) -> list[Interval]:
    """Return the stretches between two moments in which a task stood in one of `columns`."""
    return [(a, b) for step, a, b in within(life, start, end) if step.column in columns]


def within(life: Life, start: datetime, end: datetime) -> list[tuple[Step, datetime, datetime]]:
    """Return the steps that hold between two moments, each with its part of that time."""
    found = []
    until = end
    for step in reversed(life):
        begun = step.at
        if begun < until:
            found.append((step, begun if begun > start else start, until))
            if begun <= start:
                break
            until = begun
    return found[::-1] if start < end else []


def union(stretches: Iterable[Interval]) -> list[Interval]:
    """Return the same time as stretches that do not overlap, in order."""
    merged: list[Interval] = []
    for start, end in sorted(stretches):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def overlap(one: Sequence[Interval], other: Sequence[Interval]) -> float:
    """Return the seconds that two lists of stretches, neither overlapping in itself, have in common."""
    return sum(
        max((min(b, d) - max(a, c)).total_seconds(), 0.0) for a, b in one for c, d in other if c < b and a < d
    )
