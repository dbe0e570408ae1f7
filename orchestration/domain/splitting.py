"""Splitting a task: it becomes a container of parts, which are tasks of their own.

The parts name the container as their `parent`, and it lists them in `split_into`. It keeps its column
and has 0 points, so that work and points are counted once, in the parts. It is done when every part is
done or cancelled and at least one is done, and it is reopened with a part; it cannot be moved to
in_progress, review or done otherwise.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from orchestration.domain import values
from orchestration.domain.records import CLOSED_COLUMNS, Document
from orchestration.domain.task_fields import is_container, open_blockers, stored
from orchestration.domain.tasks import move, unblock
from orchestration.errors import InvalidData, Refused

FEWEST, MOST = 2, 50
INHERITED = ("type", "team", "priority", "epic_id", "sprint_id", "depends_on", "labels")
ALL_DONE = "all parts are done"


def titles(words: Iterable[str]) -> list[str]:
    """Return the titles of the parts from texts that separate them by semicolons."""
    found = [title.strip() for word in words for title in word.split(";") if title.strip()]
    if len(found) < FEWEST:
        raise InvalidData(
            "a task is split into at least 2 parts",
            hint='give their titles, separated by semicolons: "First part; Second part"',
        )
    if len(found) > MOST:
        raise InvalidData(f"{len(found)} parts are more than {MOST}", hint="split it in two steps")
    return found


def shares(points: float | None, parts: int) -> list[int | float | None]:
    """Divide points among parts as evenly as whole points allow; the first get the larger shares.

    Halves are used where whole points would leave a part with none, or where the points are not whole.
    What is less than a half goes to the first. The shares add up to `points`; None stays None.
    """
    if points is None:
        return [None] * parts
    step = 1 if points == int(points) and (points >= parts or points == 0) else 0.5
    steps = int(points / step)
    each, more = divmod(steps, parts)
    found = [(each + (n < more)) * step for n in range(parts)]
    found[0] += round(points - steps * step, 9)
    return [values.number("points", one) for one in found]


def parts(task: Mapping[str, Any], names: Iterable[str]) -> list[Document]:
    """Return the fields of the parts of a task; Refused when it is closed, or a container already.

    A part stands in backlog if the task does, else in todo: nobody has begun it.
    """
    if is_container(task):
        raise Refused(
            f"{task['id']} is split already into {', '.join(task['split_into'])}",
            hint="split one of its parts",
        )
    if task["column"] in CLOSED_COLUMNS:
        raise Refused(f"{task['id']} is {task['column']} and cannot be split", hint="split open work")
    given = list(names)
    inherited = {field: task[field] for field in INHERITED if task.get(field) not in (None, [])}
    column = "backlog" if task["column"] == "backlog" else "todo"
    return [
        {"title": title, "points": points, "column": column, "parent": task["id"], **inherited}
        for title, points in zip(given, shares(task.get("points"), len(given)), strict=True)
    ]


def container(task: Mapping[str, Any], ids: Iterable[str]) -> Document:
    """Return the task as the container of its parts; a claim on it ends."""
    return {**stored(task), "points": 0, "claim": None, "split_into": list(ids)}


def settled(task: Document, its_parts: Iterable[Mapping[str, Any]], *, now: str) -> Document:
    """Return a container in the column that its parts put it in: done with the last, reopened with one."""
    found = list(its_parts)
    done = [part for part in found if part["column"] == "done"]
    is_done = bool(done) and all(part["column"] in CLOSED_COLUMNS for part in found)
    if is_done == (task["column"] == "done") or task["column"] == "cancelled":
        return task
    if not is_done:
        return move(task, "in_progress", now=now, reopen="a part was reopened", by_parts=True)
    if open_blockers(task):
        task = unblock(task, now=now, resolution=ALL_DONE)
    # It was begun and committed to with the first of its parts, not when the last was done.
    times = {field: _first(field, [task, *done]) for field in ("committed_at", "started_at")}
    return move({**stored(task), **times}, "done", now=now, by_parts=True)


def _first(field: str, tasks: Iterable[Mapping[str, Any]]) -> str | None:
    found = [str(task[field]) for task in tasks if task.get(field)]
    return min(found, key=values.instant, default=None)
