"""Tasks that want a look: stale, long in work, urgent without an assignee, or at the end of a long chain."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from orchestration.domain import board, cycle, figures, filters, task_fields, values
from orchestration.domain.filters import Criteria
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, Document
from orchestration.domain.task_fields import is_container
from orchestration.store import layout

STALE = timedelta(days=3)
LONG = timedelta(days=5)
CHAIN = 3
_URGENT = 2
_ORDER = ("blocked", "in_progress", "review", "todo", "backlog", "done", "cancelled")
FLAGS: Mapping[str, str] = {
    "stale": "not touched for more than 3 days",
    "long": "in work for more than 5 days, or longer than 85 % of finished tasks",
    "urgent": "of priority 1 or 2 and assigned to nobody",
    "chain": "behind a chain of more than 3 dependencies",
}
"""What each flag means."""


def grouped(
    project: Project,
    updated: Mapping[str, str],
    *,
    criteria: Criteria = filters.EVERYTHING,
    days: float | None = None,
) -> Document:
    """Return the tasks by status with their flags: {project, filter, days, groups, flagged, total}.

    A group is {status, tasks}; a task has as well updated_at, age_days since it was made, and `flags`, keys of
    `FLAGS`. `updated` says when files were last committed; `days` leaves out tasks younger than that.
    """
    fits = filters.predicate(criteria, project.agents)
    limit = _long(project)
    chains: dict[str, int] = {}
    groups: dict[str, list[Document]] = {}
    for task in project.tasks.values():
        if not fits(task):
            continue
        row = _row(project, task, updated, limit, chains)
        if days is None or row["age_days"] >= days:
            groups.setdefault(row["status"], []).append(row)
    shown: list[Document] = [
        {"status": name, "tasks": sorted(groups[name], key=board.order)} for name in _ORDER if name in groups
    ]
    rows = [row for group in shown for row in group["tasks"]]
    return {
        "project": project.id,
        "filter": str(criteria),
        "days": days,
        "groups": shown,
        "flagged": {name: [row["id"] for row in rows if name in row["flags"]] for name in FLAGS},
        "total": len(rows),
    }


def _long(project: Project) -> timedelta:
    """Return how long in work is long: 5 days, or the 85th percentile of cycle time when that is less."""
    done = figures.finished_work(project, values.parse_time(project.now))
    times = cycle.statistics(done, "cycle_time", cycle.cycle_hours, {})
    p85 = times["p85"] if times else None
    return LONG if p85 is None else min(LONG, timedelta(hours=p85))


def _row(
    project: Project, task: Document, updated: Mapping[str, str], limit: timedelta, chains: dict[str, int]
) -> Document:
    now = values.parse_time(project.now)
    at = updated.get(layout.file_of("projects", project.id, "tasks", task["id"])) or task.get("created_at")
    made = values.parse_time(task["created_at"]) if task.get("created_at") else now
    flags = []
    if task["column"] not in CLOSED_COLUMNS and not is_container(task):
        started = task.get("started_at") if task["column"] in ("in_progress", "review") else None
        tests = {
            "stale": at is not None and now - values.parse_time(at) > STALE,
            "long": started is not None and now - values.parse_time(started) > limit,
            "urgent": task["priority"] <= _URGENT and not task.get("assignee"),
            "chain": chain(task, project.tasks, chains) > CHAIN,
        }
        flags = [name for name, holds in tests.items() if holds]
    names = (
        "id",
        "title",
        "column",
        "priority",
        "points",
        "assignee",
        "team",
        "sprint_id",
        "epic_id",
        "created_at",
    )
    return {
        **{name: task.get(name) for name in names},
        "status": task_fields.status(task),
        "updated_at": at,
        "age_days": round(max((now - made) / timedelta(days=1), 0.0), 1),
        "flags": flags,
    }


def chain(task: Mapping[str, Any], tasks: Mapping[str, Document], known: dict[str, int] | None = None) -> int:
    """Return how many open tasks have to be done one after another before a task.

    `known` holds what was found for others already; what waits for itself in a circle ends the chain.
    """
    known = {} if known is None else known
    name = str(task.get("id"))
    if name not in known:
        known[name] = 0  # while it is looked at, so that a circle ends
        needs = [tasks[one] for one in task.get("depends_on") or [] if one in tasks]
        longest = [1 + chain(one, tasks, known) for one in needs if one.get("column") not in CLOSED_COLUMNS]
        known[name] = max(longest, default=0)
    return known[name]
