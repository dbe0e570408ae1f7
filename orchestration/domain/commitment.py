"""What is worth saying of a sprint when it starts or takes over tasks: warnings, never refusals."""

from collections.abc import Mapping

from orchestration.domain import dependencies, limits, sprints, values, workdays
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, Document
from orchestration.domain.samples import tidy
from orchestration.domain.task_fields import open_blockers
from orchestration.english import counted, verb

_NAMED = 5


def remarks(project: Project, sprint: Document) -> list[str]:
    """Return warnings of a sprint that has just started: points, limits, blockers, dependencies, dates."""
    tasks = project.tasks_of(sprint["id"])
    found = [_points(sprint), *over_limits(project, sprint), _blocked(tasks), _outside(project, tasks)]
    found.append(_overdue(project, sprint))
    return [one for one in found if one]


def over_limits(project: Project, sprint: Document) -> list[str]:
    """Return a warning for each column of a sprint's board that holds more than its limit."""
    found = limits.over(sprint["id"], project.tasks, sprints.wip_limits(sprint, project.config))
    return [f"{limits.said(one)} is over its limit" for one in found]


def _points(sprint: Document) -> str | None:
    room, points = sprints.capacity(sprint), sprint.get("committed_points") or 0
    if room is None or points <= room:
        return None
    said = f"{counted(points, 'point')} {verb(points, 'is', 'are')} committed"
    return f"{said} and the capacity is {room}: {tidy(points - room)} too many"


def _blocked(tasks: Mapping[str, Document]) -> str | None:
    found = [name for name, task in tasks.items() if task["column"] == "backlog" and open_blockers(task)]
    return f"blocked and still in the backlog: {_named(found)}" if found else None


def _outside(project: Project, tasks: Mapping[str, Document]) -> str | None:
    found = [
        f"{name} on {', '.join(missed)}"
        for name, task in tasks.items()
        if task["column"] not in CLOSED_COLUMNS
        and (missed := [one for one in dependencies.waiting(task, project.task) if one not in tasks])
    ]
    return f"waiting for tasks outside the sprint: {_named(found)}" if found else None


def _overdue(project: Project, sprint: Document) -> str | None:
    end = sprint.get("end_date")
    if not end:
        return None
    calendar = workdays.calendar(project.settings)
    if workdays.moment(calendar, end) > values.parse_time(project.now):
        return None
    return f"its end, {end}, has passed: `update-sprint {project.id} {sprint['id']} --end-date DATE`"


def _named(found: list[str]) -> str:
    return ", ".join(found[:_NAMED]) + (f" and {len(found) - _NAMED} more" if len(found) > _NAMED else "")
