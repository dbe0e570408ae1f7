"""The status of a sprint as one document: where it stands, who works on it, what holds it up, what is next."""

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.domain import attention, board, burndown, filters, flow, metrics, sprints
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, COLUMNS, WORK_COLUMNS, Document
from orchestration.domain.samples import tidy
from orchestration.domain.task_fields import open_blockers

EVENTS_SHOWN = 5


def status(project: Project, sprint: Document, lives: flow.Lives, *, events: Sequence[Document]) -> Document:
    """Return what is shown of a sprint; `events` are the newest of its project, newest first.

    sprint is `board.heading`; columns have name, tasks, points, limit and over; burndown is `burned`; the
    others are as in `attention` and `board.blocker_card`. `lives` are those of the project's tasks.
    """
    every = project.tasks_of(sprint["id"])
    tasks = metrics.work(every)
    limits = sprints.wip_limits(sprint, project.config)
    line = burned(project, sprint, every, lives)
    counts = metrics.counts(tasks)
    return {
        "project": project.id,
        "sprint": {
            **board.heading(project, sprint),
            "capacity": sprints.capacity(sprint),
            "velocity_target": sprints.velocity_target(sprint, project.config),
        },
        "tasks": counts,
        "points": {
            "committed": sprint.get("committed_points"),
            "completed": _points(task for task in tasks.values() if task["column"] == "done"),
            "remaining": _points(task for task in tasks.values() if task["column"] not in CLOSED_COLUMNS),
        },
        "columns": [_column(name, tasks, limits.get(name)) for name in COLUMNS if _shown(name, counts)],
        "burndown": line,
        "teams": by_team(tasks, project.agents),
        "blockers": _blockers(project, tasks),
        "goals": [{"text": one["text"], "done": bool(one.get("done"))} for one in sprint.get("goals") or []],
        "risks": attention.of_sprint(project, sprint, tasks, line),
        "events": list(events[:EVENTS_SHOWN]),
        "suggestions": attention.suggestions(project, sprint, tasks),
    }


def summary(document: Mapping[str, Any]) -> Document:
    """Return the parts of a status that say how the sprint stands, without lists."""
    kept = ("project", "sprint", "tasks", "points", "columns", "burndown")
    counts = {name: len(document[name]) for name in ("blockers", "risks")}
    goals = {"total": len(document["goals"]), "done": sum(one["done"] for one in document["goals"])}
    return {**{name: document[name] for name in kept}, **counts, "goals": goals}


def burned(project: Project, sprint: Document, tasks: Mapping[str, Document], lives: flow.Lives) -> Document:
    """Return {ideal, actual, ratio, state, committed, rows} of the burndown up to the latest moment known."""
    rows = burndown.burndown(sprint, tasks, config=project.config, now=project.now, lives=lives)
    known = [row for row in rows if row["actual"] is not None]
    return {**burndown.summary(rows), "committed": sprint.get("committed_points"), "rows": known}


def by_team(tasks: Mapping[str, Document], agents: Mapping[str, Document]) -> list[Document]:
    """Return {team, open, working, blocked, done, points_open, points_done} for each team with tasks.

    The most open points come first; `team` is null for tasks of nobody.
    """
    work: dict[str | None, list[Document]] = {}
    for task in tasks.values():
        if task["column"] != "cancelled":
            work.setdefault(filters.team_of(task, agents), []).append(task)
    rows = []
    for name, mine in work.items():
        still_open = [task for task in mine if task["column"] not in CLOSED_COLUMNS]
        done = [task for task in mine if task["column"] == "done"]
        rows.append(
            {
                "team": name,
                "open": len(still_open),
                "working": sum(task["column"] in WORK_COLUMNS for task in mine),
                "blocked": sum(bool(open_blockers(task)) for task in still_open),
                "done": len(done),
                "points_open": _points(still_open),
                "points_done": _points(done),
            }
        )
    return sorted(rows, key=lambda row: (row["team"] is None, -row["points_open"], row["team"] or ""))


def _shown(column: str, counts: Mapping[str, int]) -> bool:
    return column in board.FLOW or bool(counts[column])


def _column(name: str, tasks: Mapping[str, Document], limit: int | None) -> Document:
    mine = [task for task in tasks.values() if task["column"] == name]
    return {
        "name": name,
        "tasks": len(mine),
        "points": _points(mine),
        "limit": limit,
        "over": limit is not None and len(mine) > limit,
    }


def _points(tasks: Any) -> int | float:
    return tidy(sum(task.get("points") or 0 for task in tasks))


def _blockers(project: Project, tasks: Mapping[str, Document]) -> list[Document]:
    """Return the open blockers with their task, the oldest first."""
    found = [
        {
            "task": task["id"],
            "title": task["title"],
            "assignee": task.get("assignee"),
            **board.blocker_card(one, project.now),
        }
        for task in tasks.values()
        if task["column"] not in CLOSED_COLUMNS
        for one in open_blockers(task)
    ]
    return sorted(found, key=lambda one: (str(one["opened_at"]), one["task"]))
