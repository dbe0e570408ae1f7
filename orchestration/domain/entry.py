"""What a task has to fulfil to enter a column: its dependencies are done, and the column is not full."""

from collections.abc import Mapping
from typing import Any

from orchestration.domain import dependencies, limits, sprints
from orchestration.domain.project import Project
from orchestration.domain.records import Document


def check(project: Project, task: Document) -> None:
    """Raise Refused when `task` may not stand in the column it is in; the column was another one before."""
    dependencies.check_done(task, project.task)
    found = limits_of(project, task.get("sprint_id"))
    if found.get(task["column"]) is not None:
        limits.check(task, project.tasks, found)


def check_needs(project: Project, before: Mapping[str, Any] | None, task: Document) -> None:
    """Check the dependencies that a write gave to `task`."""
    dependencies.check_written(task, (before or {}).get("depends_on") or [], project.task)


def limits_of(project: Project, sprint_id: str | None) -> dict[str, int | None]:
    """Return the limits that hold on the board of a sprint, or of the tasks without one."""
    sprint = project.reader.load("projects", project.id, "sprints", sprint_id) if sprint_id else None
    return sprints.wip_limits(sprint, project.config)


def counts(project: Project, *tasks: Mapping[str, Any]) -> list[Document]:
    """Return the counts of the columns in which some tasks stand, each once; see `limits.count`."""
    places = dict.fromkeys((str(task["column"]), task.get("sprint_id")) for task in tasks)
    return [
        limits.count(column, sprint_id, project.tasks, limits_of(project, sprint_id))
        for column, sprint_id in places
    ]
