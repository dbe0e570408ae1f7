"""What a task waits for: `depends_on` names tasks that have to be done before it is begun.

Only done is done: a cancelled task will never bring what was waited for, so somebody has to look and
take the dependency out. A task that an open blocker names (`--on`) is the blocker's business and counts
there alone. A container of a split waits for its parts.

`find` returns the record of a task by its id, None for one that does not exist; only what a task
reaches is looked up.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from orchestration.domain.records import Document
from orchestration.domain.task_fields import open_blockers, status
from orchestration.errors import NotFound, Refused

Find = Callable[[str], Document | None]

MISSING = "missing"
STARTED = ("in_progress", "review", "done")
"""The columns that a task enters only when nothing it depends on is open."""


def waiting(task: Mapping[str, Any], find: Find) -> dict[str, str]:
    """Return the dependencies that are not done, with the status of each, or `missing`."""
    blocking = {blocker.get("on_task") for blocker in open_blockers(task)}
    found = {}
    for name in task.get("depends_on") or []:
        if name not in blocking:
            needed = find(name)
            state = MISSING if needed is None else status(needed)
            if needed is None or needed.get("column") != "done":
                found[name] = state
    return found


def check_done(task: Mapping[str, Any], find: Find) -> None:
    """Raise Refused when `task` stands in a column of begun work while a dependency is open."""
    if task["column"] not in STARTED:
        return
    missed = waiting(task, find)
    if not missed:
        return
    task_id, column = task["id"], task["column"]
    names = ", ".join(f"{name} ({state})" for name, state in missed.items())
    dead = " ".join(name for name, state in missed.items() if state in ("cancelled", MISSING))
    way = f"`task undepend {task_id} {dead}`" if dead else "finish them first"
    raise Refused(
        f"{task_id} cannot enter {column}: it depends on {names}",
        hint=f"{way}, or `task move {task_id} {column} --force REASON`",
    )


def check_written(task: Mapping[str, Any], before: Iterable[str], find: Find) -> None:
    """Check the dependencies of a task that were not there `before`.

    NotFound for one that no task has, Refused where the tasks would wait for each other in a circle.
    """
    known = set(before)
    added = [name for name in task.get("depends_on") or [] if name not in known]
    for name in added:
        if find(name) is None:
            raise NotFound(
                f"{task['id']} cannot depend on {name!r}, which does not exist",
                hint="see `state_manager task list`, or add it first",
            )
    way = circle(str(task["id"]), added, find)
    if way is not None:
        raise Refused(
            f"tasks would wait for each other: {' -> '.join(way)}",
            hint="leave this one out, or take another one out with `task undepend`",
        )


def circle(task_id: str, needs: Iterable[str], find: Find) -> list[str] | None:
    """Return the way from a task over what it needs back to itself, `[A, B, A]`, or None."""
    way = [task_id]
    branches = [iter(list(needs))]
    seen: set[str] = set()
    while branches:
        name = next(branches[-1], None)
        if name is None:
            branches.pop()
            way.pop()
        elif name == task_id:
            return [*way, task_id]
        elif name not in seen:
            seen.add(name)
            task = find(name) or {}
            way.append(name)
            branches.append(iter([*(task.get("depends_on") or []), *(task.get("split_into") or [])]))
    return None
