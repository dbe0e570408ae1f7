"""Work-in-progress limits: how many tasks may stand in a column of a board at once.

A board is the tasks of one sprint, or all tasks without a sprint. A limit is the sprint's own, else the
project's, else the default; null is none. Blocked tasks count, because they are unfinished work;
containers of a split do not, because their parts are counted. A limit refuses moves only: what stands
over it already, because a sprint started with it or brought it along, stays.
"""

from collections.abc import Mapping

from orchestration.domain.records import Document
from orchestration.domain.task_fields import is_container
from orchestration.errors import Refused

Limits = Mapping[str, int | None]

_NAMED = 5


def standing(column: str, sprint_id: str | None, tasks: Mapping[str, Document]) -> list[str]:
    """Return the ids of the tasks that count in a column of the board of a sprint, or of no sprint."""
    return [
        name
        for name, task in tasks.items()
        if task.get("column") == column and task.get("sprint_id") == sprint_id and not is_container(task)
    ]


def count(column: str, sprint_id: str | None, tasks: Mapping[str, Document], limits: Limits) -> Document:
    """Return `{column, tasks, limit}` of one column of a board, `limit` null where there is none."""
    found = len(standing(column, sprint_id, tasks))
    return {"column": column, "tasks": found, "limit": limits.get(column)}


def said(found: Document) -> str:
    """Return a count as a line: `in_progress 3/5`, and without a limit `done 7`."""
    limit = found["limit"]
    return f"{found['column']} {found['tasks']}" + (f"/{limit}" if limit is not None else "")


def check(task: Document, tasks: Mapping[str, Document], limits: Limits) -> None:
    """Raise Refused when the column that `task` is to stand in is full without it."""
    column, sprint_id, task_id = task["column"], task.get("sprint_id"), task["id"]
    limit = limits.get(column)
    if limit is None or is_container(task):
        return
    there = [name for name in standing(column, sprint_id, tasks) if name != task_id]
    if len(there) < limit:
        return
    where = f" of sprint {sprint_id!r}" if sprint_id else ""
    names = ", ".join(there[:_NAMED]) + (", ..." if len(there) > _NAMED else "")
    wider = f"`wip {column} N`" if sprint_id else f"a higher settings.wip_limits.{column}"
    raise Refused(
        f"{task_id} cannot enter {column}{where}, which is full: {len(there)} of {limit} ({names})",
        hint=f"finish one of them, set {wider}, or `task move {task_id} {column} --force REASON`",
    )


def over(sprint_id: str | None, tasks: Mapping[str, Document], limits: Limits) -> list[Document]:
    """Return the counts of the columns of a board that hold more than their limit."""
    found = [count(column, sprint_id, tasks, limits) for column in limits]
    return [one for one in found if one["limit"] is not None and one["tasks"] > one["limit"]]
