"""The situation of a project at one moment: sprint, work in each column, agents, sessions, alerts, events."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from orchestration.domain import agent_status, alerts, board, events, limits, metrics, sprints, values
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import NotFound

if TYPE_CHECKING:
    from orchestration.store.queries import Event

EVENTS = 8


def situation(
    project: Project,
    sessions: Iterable[Mapping[str, Any]],
    recent: Sequence["Event"],
    figures: Mapping[str, Any] | None,
    *,
    newest: Sequence["Event"] = (),
    bound: str | None = None,
) -> Document:
    """Return what `monitor` and `observability status` show.

    `sessions` are rows as `alerts` takes them, `recent` the events of the last day and `newest` the last few
    ones of whatever age, `figures` those of the current sprint, of which progress, burndown and health are
    taken; `bound` is the sprint of the acting session.
    """
    rows = list(sessions)
    seen = agent_status.activity(recent)
    agents = agent_status.rows(project, seen)
    current = project.current(bound)
    found = figures or {}
    return {
        "project": project.id,
        "at": project.now,
        "sprint": None if current is None else board.heading(project, current),
        "progress": _progress(found),
        "health": found.get("health"),
        "columns": _columns(project, current),
        "tasks": metrics.counts(project.tasks),
        "agents": {"counts": _counted(agents), "rows": agents},
        "sessions": _sessions(project, rows),
        "alerts": alerts.alerts(project, rows, found, project.now, activity=seen),
        "events_last_day": len(recent),
        "events": [events.record(event) for event in newest[:EVENTS]],
    }


def _progress(figures: Mapping[str, Any]) -> Document:
    points = figures.get("points") or {}
    return {
        "completed": points.get("completed"),
        "total": points.get("total"),
        "completion": figures.get("completion"),
        "burndown_state": (figures.get("burndown") or {}).get("state"),
    }


def _columns(project: Project, current: Document | None) -> list[Document]:
    name = current["id"] if current else None
    own = sprints.wip_limits(current, project.config) if current else {}
    return [limits.count(column, name, project.tasks, own) for column in board.FLOW]


def _counted(agents: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    found = dict.fromkeys(agent_status.STATUSES, 0)
    for row in agents:
        found[row["status"]] += 1
    return found


def _sessions(project: Project, rows: Iterable[Mapping[str, Any]]) -> list[Document]:
    """Return the project's sessions that are at work or paused, the latest activity first."""
    mine = [
        row
        for row in rows
        if row["project"] == project.id and row["status"] in ("active", "paused") and not row["expired"]
    ]
    names = ("id", "mode", "status", "last_activity", "expiry")
    mine.sort(key=lambda row: values.instant(row["last_activity"]), reverse=True)
    return [{name: row[name] for name in names} for row in mine]


def narrowed(value: Document, project: Project, given: str) -> Document:
    """Return the situation of one team or agent: its agents, and the alerts about them and their tasks.

    Raises NotFound, with names near it, for a name that is neither.
    """
    name = values.agent(given) or given
    rows = value["agents"]["rows"]
    if name in project.teams or any(row["team"] == name for row in rows):
        people = {row["id"] for row in rows if row["team"] == name}
        mine = {task_id for task_id, task in project.tasks.items() if task.get("team") == name}
    elif any(row["id"] == name for row in rows):
        people, mine = {name}, set()
    else:
        near = values.nearest(name, sorted({*project.teams, *(row["id"] for row in rows)}), 3)
        raise NotFound(
            f"project {project.id!r} has no team or agent {name!r}",
            hint=f"did you mean {' or '.join(near)}?" if near else "see `orchestration teams`",
        )
    mine |= {task_id for task_id, task in project.tasks.items() if task.get("assignee") in people}
    shown = [row for row in rows if row["id"] in people]
    about = {("team", name)} | {("agent", one) for one in people} | {("task", one) for one in mine}
    return {
        **value,
        "agents": {"counts": _counted(shown), "rows": shown},
        "alerts": [one for one in value["alerts"] if (one["entity"]["kind"], one["entity"]["id"]) in about],
    }
