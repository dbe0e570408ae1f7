"""The tasks of a project wherever they lie, and which of them were finished when."""

from collections.abc import Iterable
from datetime import datetime

from orchestration.domain import load
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.task_fields import is_container
from orchestration.domain.values import parse_time


def every_task(project: Project) -> dict[str, Document]:
    """Return all tasks by id, those of archived sprints included."""
    found = dict(project.tasks)
    for sprint in project.reader.names("projects", project.id, "archive"):
        found = project.tasks_of(sprint) | found
    return found


def between(tasks: Iterable[Document], start: datetime | None, end: datetime) -> list[Document]:
    """Return the tasks finished between two moments, from the beginning for None; containers are none."""
    found = []
    for task in tasks:
        if task["column"] != "done" or not task.get("completed_at") or is_container(task):
            continue
        at = parse_time(task["completed_at"])
        if (start is None or start <= at) and at <= end:
            found.append(task)
    return found


def by_team(project: Project, tasks: Iterable[Document]) -> dict[str, list[Document]]:
    """Return tasks by the team each counts for: its own, else its assignee's."""
    found: dict[str, list[Document]] = {}
    for task in tasks:
        found.setdefault(load.team_of(task, project.agents), []).append(task)
    return found
