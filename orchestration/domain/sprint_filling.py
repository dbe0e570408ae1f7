"""Filling sprints with tasks: in dependency order, up to what a sprint can take.

A sprint takes min(capacity, velocity) points. Tasks are laid in by priority, then as they stand, each after
what it depends on and into the first sprint with room that is not earlier than those of its
dependencies. A task larger than a whole sprint gets one of its own.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from heapq import heappop, heappush
from math import ceil
from typing import NamedTuple

from orchestration.domain import metrics, samples, sprints, values, workdays
from orchestration.domain.epic_drafts import Item
from orchestration.domain.project import Project
from orchestration.domain.records import DEFAULT_PRIORITY, Document
from orchestration.errors import Refused


def size(item: Item) -> int | float:
    """Return the points of an item, 0 while it is not estimated."""
    points: int | float = item.task.get("points") or 0
    return points


def ordered(items: Sequence[Item]) -> list[Item]:
    """Return items by priority, then as they stand, each after what it needs; Refused for a cycle.

    Kahn's topological order, of which the first possible item always comes next.
    """
    waiting = {item.ref: len(item.needs) for item in items}
    followers: dict[str, list[int]] = {}
    ready: list[tuple[int, int]] = []
    for number, item in enumerate(items):
        for name in item.needs:
            followers.setdefault(name, []).append(number)
        if not item.needs:
            heappush(ready, (_priority(item), number))
    found: list[Item] = []
    while ready:
        item = items[heappop(ready)[1]]
        found.append(item)
        for number in followers.get(item.ref, ()):
            other = items[number]
            waiting[other.ref] -= 1
            if not waiting[other.ref]:
                heappush(ready, (_priority(other), number))
    if len(found) < len(items):
        left = {name for name, count in waiting.items() if count}
        way = _cycle({item.ref: item for item in items if item.ref in left})
        raise Refused(
            f"tasks would wait for each other: {' -> '.join(way)}", hint="take one of these depends_on out"
        )
    return found


def _priority(item: Item) -> int:
    found = item.task.get("priority")
    return DEFAULT_PRIORITY if found is None else int(found)


def _cycle(left: Mapping[str, Item]) -> list[str]:
    # What is left waits for something that is left, so following that comes around.
    way = [next(iter(left))]
    while way[-1] not in way[:-1]:
        way.append(next(name for name in left[way[-1]].needs if name in left))
    circle = way[way.index(way[-1]) :]
    return [_called(left[name]) for name in circle]


def _called(item: Item) -> str:
    return item.ref if not item.ref.startswith("#") else repr(str(item.task["title"]))


def fill(items: Sequence[Item], limit: float) -> list[list[Item]]:
    """Return the items of each sprint; `items` are `ordered`."""
    found: list[list[Item]] = []
    used: list[float] = []
    place: dict[str, int] = {}
    for item in items:
        points = size(item)
        first = max((place[name] for name in item.needs), default=0)
        number = first
        while number < len(found) and not _fits(points, used[number], limit):
            number += 1
        if number == len(found):
            found.append([])
            used.append(0)
        found[number].append(item)
        used[number] += points
        place[item.ref] = number
    return found


def _fits(points: float, used: float, limit: float) -> bool:
    return used + points <= limit or (points > limit and used == 0)


class Room(NamedTuple):
    """How many points a sprint of a project takes, and whence that is known."""

    capacity: int | float | None
    capacity_source: str | None
    velocity: int | float | None
    velocity_source: str | None
    measured: Document | None
    """Mean, min and max of the finished sprints, when there are enough."""

    @property
    def limit(self) -> int | float | None:
        """min(capacity, velocity) of what is known, None when neither is."""
        return min((known for known in (self.capacity, self.velocity) if known), default=None)


def room(project: Project) -> Room:
    """Return what a sprint of a project takes.

    Capacity is that of the latest sprint that has one, else `settings.team_capacity`. Velocity is the mean of the
    last 3 to 5 finished sprints; with fewer, the velocity target of the latest sprint, or the project's, stands in.
    """
    latest = [s for s in project.sprints.values() if s.get("status") != "cancelled"]
    latest.sort(key=lambda s: (s.get("start_date") or s.get("created_at") or "", s["id"]), reverse=True)
    sized = next((s for s in latest if sprints.capacity(s)), None)
    capacity = sprints.capacity(sized) if sized else project.settings["team_capacity"]
    source = f"sprint {sized['id']}" if sized else "settings.team_capacity"
    measured = metrics.velocity(project.finished(), {})
    if measured and measured["mean"]:
        return Room(
            capacity or None, source if capacity else None, measured["mean"],
            f"mean of the last {measured['sprints']} finished sprints", measured,
        )  # fmt: skip
    aimed = next((s for s in latest if sprints.velocity_target(s, None)), None)
    target = sprints.velocity_target(aimed, None) if aimed else project.settings["velocity_target"]
    of = f"sprint {aimed['id']}" if aimed else "the project"
    return Room(
        capacity or None, source if capacity else None, target or None,
        f"velocity target of {of}" if target else None, measured,
    )  # fmt: skip


def even_limit(items: Sequence[Item], count: int) -> int | float:
    """Return the points that each of `count` sprints has to take, no less than the largest task."""
    total = sum(size(item) for item in items)
    return max([ceil(samples.tidy(total / max(count, 1))), *(size(item) for item in items)])


class Calendar(NamedTuple):
    """When new sprints can be: the first day, and the length of each in days."""

    start: date
    length: int
    undated: list[str]
    """Planned sprints without dates, which are taken to come first, one after the other."""

    def dates(self, number: int) -> tuple[str, str]:
        """Return start and end of a sprint, counted from 0; the end is the day its successor may begin."""
        begins = self.start + timedelta(days=number * self.length)
        return begins.isoformat(), (begins + timedelta(days=self.length)).isoformat()


def calendar(project: Project) -> Calendar:
    """Return when new sprints of a project can be: from today, or from the end of the last planned one."""
    days = workdays.calendar(project.settings)
    length = int(project.settings["default_sprint_length"])
    start = workdays.day_of(days, values.parse_time(project.now))
    undated = []
    for sprint in project.sprints.values():
        if sprint.get("status") not in ("planned", "active"):
            continue
        end = sprint.get("end_date")
        if not end:
            undated.append(sprint["id"])
            continue
        moment = workdays.moment(days, end)
        last = workdays.day_of(days, moment)
        start = max(start, last if workdays.midnight(days, last) == moment else last + timedelta(days=1))
    return Calendar(start + timedelta(days=len(undated) * length), length, undated)
