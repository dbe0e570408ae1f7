"""The kanban board of a sprint, or of a whole project: its columns, their limits and the cards in them.

One document for the table, the JSON and the chat. Counts are of all tasks of a column, also when a filter
hides some of them: a WIP limit is on the work there is, not on the work somebody looks at. A task that was
split is not on it: its parts are.
"""

import heapq
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from orchestration.domain import filters, sprints, values, workdays
from orchestration.domain.filters import Criteria
from orchestration.domain.project import Project
from orchestration.domain.records import DEFAULT_PRIORITY, WORK_COLUMNS, Document
from orchestration.domain.samples import tidy
from orchestration.domain.task_fields import is_container, open_blockers
from orchestration.errors import NotFound

FLOW = ("todo", "in_progress", "review", "done")
ALL = "all"
"""The word for the whole project in place of a sprint's id."""


def chosen(project: Project, sprint_id: str | None, *, bound: str | None = None) -> Document | None:
    """Return the sprint that `sprint_id` names, else the current one; None is the whole project.

    `bound` is the acting session's own sprint. NotFound for an unknown id.
    """
    if sprint_id is None:
        return project.current(bound)
    if sprint_id == ALL:
        return None
    found = project.sprints.get(sprint_id)
    if found is None:
        known = ", ".join(project.sprints)
        raise NotFound(
            f"no sprint {sprint_id!r} in project {project.id!r}",
            hint=f"its sprints: {known}; `{ALL}` is the whole project"
            if known
            else f"make one: `shared_state create-sprint {project.id} ID NAME`",
        )
    return found


def board(
    project: Project,
    sprint: Document | None,
    *,
    criteria: Criteria = filters.EVERYTHING,
    backlog: bool = False,
    orphaned: Callable[[Document], str | None],
    limit: int | None = None,
) -> Document:
    """Return the board of `sprint`, None meaning all tasks of the project.

    Each column has name, count, matching, points, unestimated, limit, over, and its cards: by priority,
    then age, done ones newest first; at most `limit`. The backlog is a column with `backlog`, and while
    the sprint has not begun; asked for, it also holds what no sprint has. `orphaned` says why the
    claim of a task holds no more. Hours are elapsed ones.
    """
    mine = project.tasks if sprint is None else project.tasks_of(sprint["id"])
    names = (("backlog",) if backlog or (sprint or {}).get("status") == "planned" else ()) + FLOW
    columns: dict[str, list[Document]] = {name: [] for name in (*FLOW, "backlog", "cancelled", "split")}
    for task in mine.values():
        columns.setdefault("split" if is_container(task) else task["column"], []).append(task)
    if backlog and sprint is not None:
        columns["backlog"] += [
            task
            for task in project.tasks.values()
            if task["column"] == "backlog" and not task.get("sprint_id") and not is_container(task)
        ]
    # Limits are those of one board; several sprints together have none.
    limits = sprints.wip_limits(sprint, project.config) if sprint or not project.sprints else {}
    shown: list[Document] = []
    cards = _cards(project, orphaned)
    test = filters.predicate(criteria, project.agents) if criteria != filters.EVERYTHING else None
    for name in names:
        tasks = columns[name]
        found = tasks if test is None else [task for task in tasks if test(task)]
        at_most = limits.get(name)
        shown.append(
            {
                "name": name,
                "count": len(tasks),
                "matching": len(found),
                "points": tidy(sum(task.get("points") or 0 for task in tasks)),
                "unestimated": sum(task.get("points") is None for task in tasks),
                "limit": at_most,
                "over": at_most is not None and len(tasks) > at_most,
                "cards": [cards(task) for task in _first(found, limit, done=name == "done")],
            }
        )
    hidden = {
        name: len(columns[name])
        for name in ("backlog", "cancelled", "split")
        if columns[name] and name not in names
    }
    return {
        "project": project.id,
        "sprint": heading(project, sprint) if sprint else None,
        "filter": str(criteria),
        "tasks": sum(len(columns[name]) for name in names) + sum(hidden.values()),
        "blocked": sum(bool(open_blockers(task)) for name in names for task in columns[name]),
        "columns": shown,
        "hidden": hidden,
        "has_tasks": bool(project.tasks),
    }


def heading(project: Project, sprint: Document) -> Document:
    """Return what names a sprint: id, name, status, epic_id, dates, and day k of n.

    `day` counts from 1 in the project's time zone, 0 or less before the start, more than `days` after the
    end; both are null without dates.
    """
    start, end = sprint.get("start_date") or sprint.get("started_at"), sprint.get("end_date")
    day = days = None
    if start and sprint.get("status") in ("active", "planned"):
        calendar = workdays.calendar(project.settings)
        first = workdays.day_of(calendar, workdays.moment(calendar, start))
        day = (workdays.day_of(calendar, values.parse_time(project.now)) - first).days + 1
        days = (workdays.day_of(calendar, workdays.moment(calendar, end)) - first).days if end else None
    return {
        "id": sprint["id"],
        "name": sprint.get("name") or sprint["id"],
        "status": sprint.get("status", "planned"),
        "epic_id": sprint.get("epic_id"),
        "start_date": sprint.get("start_date"),
        "end_date": end,
        "day": day,
        "days": max(days, 1) if days is not None else None,
    }


def hours_since(written: str | None, now: str) -> float | None:
    """Return the elapsed hours since a stored time, 0 for one in the future, None for none."""
    if not written:
        return None
    return tidy(max((values.parse_time(now) - values.parse_time(written)) / timedelta(hours=1), 0.0))


def blocker_card(blocker: Mapping[str, Any], now: str) -> Document:
    """Return what is shown of an open blocker: id, reason, severity, on_task, owner, opened_at and hours."""
    shown = {
        name: blocker.get(name) for name in ("id", "reason", "severity", "on_task", "owner", "opened_at")
    }
    return {**shown, "hours": hours_since(blocker.get("opened_at"), now)}


def order(task: Mapping[str, Any]) -> tuple[int, str, str]:
    """Return the place of an open task among others: by priority, then age, then id."""
    return (task.get("priority") or DEFAULT_PRIORITY, str(task.get("created_at")), str(task.get("id")))


def open_dependencies(project: Project) -> Callable[[Mapping[str, Any]], list[str]]:
    """Return the function that names the dependencies of a task that are not done."""
    known: dict[str, bool] = {}

    def is_open(task_id: str) -> bool:
        if task_id not in known:
            task = project.tasks.get(task_id) or project.task(task_id)
            known[task_id] = task is None or task.get("column") not in ("done", "cancelled")
        return known[task_id]

    return lambda task: [one for one in task.get("depends_on") or [] if is_open(one)]


def _cards(project: Project, orphaned: Callable[[Document], str | None]) -> Callable[[Document], Document]:
    waits_for = open_dependencies(project)

    def card(task: Document) -> Document:
        claim = task.get("claim")
        working = task["column"] in WORK_COLUMNS
        is_open = task["column"] not in ("done", "cancelled")
        return {
            "id": task["id"],
            "title": task.get("title") or task["id"],
            "type": task.get("type"),
            "priority": task.get("priority") or DEFAULT_PRIORITY,
            "points": task.get("points"),
            "assignee": task.get("assignee"),
            "team": filters.team_of(task, project.agents),
            "epic_id": task.get("epic_id"),
            "parent": task.get("parent"),
            "labels": task.get("labels") or [],
            "blockers": [blocker_card(one, project.now) for one in open_blockers(task)],
            "claim": {**claim, "orphaned": orphaned(task)} if claim else None,
            "waits_for": waits_for(task) if is_open else [],
            "hours": hours_since(task.get("started_at"), project.now) if working else None,
            "completed_at": task.get("completed_at"),
        }

    return card


def _first(tasks: list[Document], limit: int | None, *, done: bool) -> Iterable[Document]:
    if done:
        tasks = sorted(tasks, key=lambda task: (task.get("completed_at") or "", task["id"]), reverse=True)
        return tasks[:limit]
    return sorted(tasks, key=order) if limit is None else heapq.nsmallest(limit, tasks, key=order)
