"""What the state amounts to: its parts, and the health of the work with its trends."""

from collections.abc import Mapping
from typing import Any

from orchestration.domain import attention, board, figures, flow, metrics, status
from orchestration.domain.project import Project
from orchestration.domain.records import Document

_TRENDS = ("committed", "completed")


def parts(project: Project, session: Mapping[str, Any] | None) -> list[Document]:
    """Return {path, about} for each part of what a session sees."""
    counts = metrics.counts(metrics.work(project.tasks))
    open_tasks = sum(counts[name] for name in ("backlog", "todo", "in_progress", "review"))
    current = project.current((session or {}).get("sprint_id"))
    said = f"{current['id']} ({current['status']})" if current else "none"
    return [
        {"path": "session", "about": session["id"] if session else "made with the first change"},
        {"path": "sprint", "about": said},
        {
            "path": "tasks",
            "about": f"{counts['total']} on the board, {open_tasks} open, {counts['blocked']} blocked",
        },
        {"path": "sprints", "about": str(len(project.sprints))},
        {"path": "epics", "about": str(len(project.epics))},
        {"path": "team", "about": ", ".join(project.teams) or "none"},
        {"path": "agents", "about": str(len(project.agents))},
        {"path": "tools", "about": str(len(project.tools))},
        {"path": "config", "about": "settings, teams, environments"},
    ]


def summary(project: Project, lives: flow.Lives, sprint: Document | None) -> Document:
    """Return {project, sprint, health, tasks, points, velocity, attention, trends, needs}.

    health, tasks, points and velocity are those of `figures.figures`; `attention` are the risks of
    `attention.of_sprint`; `trends` compare the sprint with the one finished before it, null without one:
    {previous, rows: [{name, now, before}]}.
    """
    found = figures.figures(project, lives, sprint)
    risks: list[Document] = []
    if sprint is not None:
        every = project.tasks_of(sprint["id"])
        line = status.burned(project, sprint, every, lives)
        risks = attention.of_sprint(project, sprint, metrics.work(every), line)
    return {
        "project": project.id,
        "sprint": board.heading(project, sprint) if sprint else None,
        "health": found["health"],
        "tasks": found["tasks"],
        "points": found["points"],
        "burndown": found["burndown"],
        "velocity": found["velocity"],
        "attention": risks,
        "trends": _trends(found, sprint),
        "needs": found["needs"],
    }


def _trends(found: Mapping[str, Any], sprint: Document | None) -> Document | None:
    before = found["finished_sprints"][-1] if found["finished_sprints"] else None
    points = found["points"]
    if before is None or sprint is None or points is None:
        return None
    rows = [{"name": f"points {name}", "now": points[name], "before": before[name]} for name in _TRENDS]
    return {"previous": before["id"], "rows": rows}
