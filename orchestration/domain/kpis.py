"""What a leader asks of a project: is it predictable, how fast, how smooth, and when are its epics done.

All figures are those of `figures`; an epic's forecast is the Monte Carlo form over the epic's own past.
"""

from collections.abc import Mapping
from typing import Any

from orchestration.domain import cycle, epics, figures, flow, forecast, metrics, workdays
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.values import parse_time

EPICS_SHOWN = 5


def kpis(project: Project, lives: flow.Lives, sprint: Document | None) -> Document:
    """Return the key figures of a project, with the running sprint's, and the forecast of its top epics.

    {project, sprint, predictability, velocity, throughput, cycle_time, flow_efficiency, blocked, health,
    epics: [{id, title, priority, progress, points_done, points_total, tasks_open, forecast}], needs}; each
    as in `figures.figures`, and a forecast as in `forecast.monte_carlo`, null with an entry in `needs`
    under `epics.<id>`.
    """
    found = figures.figures(project, lives, sprint)
    names = (
        "predictability", "velocity", "throughput", "cycle_time", "flow_efficiency", "blocked", "health",
        "finished_sprints",
    )  # fmt: skip
    needs = dict(found["needs"])
    return {
        "project": project.id,
        "sprint": found["sprint"],
        **{name: found[name] for name in names},
        "epics": [_epic(project, epic, needs) for epic in _top(project)],
        "needs": needs,
    }


def _top(project: Project) -> list[Document]:
    """Return the open epics that come first: those in progress, by priority, then age."""
    found = [one for one in project.epics.values() if one["status"] in ("in_progress", "planned", "blocked")]
    found.sort(
        key=lambda one: (one["status"] == "planned", one["priority"], str(one["created_at"]), one["id"])
    )
    return found[:EPICS_SHOWN]


def _epic(project: Project, epic: Mapping[str, Any], needs: cycle.Needs) -> Document:
    tasks = metrics.work({k: t for k, t in _every(project).items() if t.get("epic_id") == epic["id"]})
    totals = epics.totals(epic["id"], tasks)
    still_open = forecast.open_tasks(tasks)
    return {
        "id": epic["id"],
        "title": epic["title"],
        "status": epic["status"],
        "priority": epic["priority"],
        **{name: totals[name] for name in ("progress", "points_done", "points_total")},
        "tasks_open": len(still_open),
        "forecast": _forecast(project, epic["id"], tasks, needs),
    }


def _every(project: Project) -> dict[str, Document]:
    """Return all tasks, those of archived sprints included."""
    found = dict(project.tasks)
    for name, sprint in project.sprints.items():
        if sprint.get("archived"):
            found = project.tasks_of(name) | found
    return found


def _forecast(
    project: Project, epic_id: str, tasks: Mapping[str, Document], needs: cycle.Needs
) -> Document | None:
    """Return when the open tasks of an epic are done if it goes on as in its own last 30 working days."""
    name = f"epics.{epic_id}"
    still_open = forecast.open_tasks(tasks)
    if not still_open:
        needs[name] = "needs 1 open task"
        return None
    cal = workdays.calendar(project.settings)
    today = workdays.day_of(cal, parse_time(project.now))
    done = [task for task in tasks.values() if task["column"] == "done" and task.get("completed_at")]
    began = [workdays.day_of(cal, parse_time(one["started_at"])) for one in done if one.get("started_at")]
    past = forecast.past(done, still_open, cal, today=today, first=min(began, default=None))
    left = forecast.remaining(still_open, past.measure)
    if not left or not forecast.enough(past, needs, name):
        needs.setdefault(f"{name}.dates", "needs points on its open tasks")
        needs[name] = needs.pop(f"{name}.dates")
        return None
    tip = project.reader.tip
    return forecast.monte_carlo(
        past, left, cal, today=today, last_day=None, seed=f"{epic_id} {tip.oid if tip else ''}"
    )
