"""Parts of a project's figures under one question: how fast, when, how does it flow.

Each takes the document of `figures.figures` and returns a smaller one, with the `needs` of what is in it.
"""

from collections.abc import Collection

from orchestration.domain import cycle, figures
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.samples import tidy
from orchestration.domain.values import parse_time

_HEAD = ("project", "at", "revision", "sprint")


def nothing(project_id: str) -> Document:
    """Return what there is to say about a project without a sprint."""
    return {"project": project_id, "sprint": None}


def velocity(found: Document) -> Document:
    """Return the last 5 finished sprints, their mean, and the burn rate of the running one."""
    names = ("velocity", "finished_sprints", "predictability", "burn_rate", "points", "time")
    return _part(found, names)


def forecast(found: Document) -> Document:
    """Return the forecast, with what remains and how far the sprint is."""
    return _part(found, ("forecast", "points", "tasks", "time", "burn_rate", "velocity"))


def flow(found: Document, project: Project) -> Document:
    """Return what tells of flow, and the tasks finished in the last 90 days with their times, oldest first.

    `finished` is [{id, title, points, completed_at, cycle_hours, lead_hours}].
    """
    names = (
        "cycle_time", "lead_time", "throughput", "flow_efficiency", "wip", "blocked", "littles_law",
        "adherence", "estimate_quality", "utilisation", "distribution",
    )  # fmt: skip
    done = figures.finished_work(project, parse_time(found["at"]))
    done.sort(key=lambda task: (parse_time(task["completed_at"]), task["id"]))
    rows = [
        {
            "id": task["id"],
            "title": task.get("title"),
            "points": task.get("points"),
            "completed_at": task["completed_at"],
            "cycle_hours": _tidy(cycle.cycle_hours(task)),
            "lead_hours": _tidy(cycle.lead_hours(task)),
        }
        for task in done
    ]
    return _part(found, names) | {"finished": rows}


def _tidy(value: float | None) -> float | None:
    return None if value is None else tidy(value)


def _part(found: Document, names: Collection[str]) -> Document:
    needs = {name: text for name, text in found["needs"].items() if name.partition(".")[0] in names}
    return {name: found[name] for name in (*_HEAD, *names)} | {"needs": needs}
