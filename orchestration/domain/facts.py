"""What the figures of a project are computed from: its tasks, its calendar, a period, and finished work."""

from datetime import datetime, timedelta

from orchestration.domain import metrics, workdays
from orchestration.domain.flow import Lives
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.task_fields import is_container
from orchestration.domain.values import parse_time

PAST = timedelta(days=90)
"""How far back finished work tells of the present."""
WITHOUT_SPRINT = timedelta(days=14)
"""The time that figures of a period are about when there is no started sprint."""


def period(sprint: Document | None, now: datetime) -> tuple[datetime, datetime]:
    """Return the time that figures of a period are about: the sprint's so far, else the last 14 days."""
    begun, ended = (sprint or {}).get("started_at"), (sprint or {}).get("completed_at")
    until = min(parse_time(ended), now) if ended else now
    return (parse_time(begun) if begun else now - WITHOUT_SPRINT), until


class Facts:
    """What several figures look at: the moment, the calendar, the period, the tasks, and the finished work."""

    def __init__(self, project: Project, lives: Lives, sprint: Document | None) -> None:
        self.project = project
        self.lives = lives
        self.sprint = sprint
        self.now = parse_time(project.now)
        self.cal = workdays.calendar(project.settings)
        self.all_mine = project.tasks if sprint is None else project.tasks_of(sprint["id"])
        self.mine = metrics.work(self.all_mine)
        self.done = {key: task for key, task in self.mine.items() if task["column"] == "done"}
        self.since, self.until = period(sprint, self.now)
        self.finished = finished_work(project, self.now)


def finished_work(project: Project, now: datetime) -> list[Document]:
    """Return the tasks finished in the last 90 days, those of archived sprints included."""
    known = dict(project.tasks)
    for sprint in project.sprints.values():
        ended = sprint.get("completed_at")
        if sprint.get("archived") and (not ended or parse_time(ended) >= now - PAST):
            known = project.tasks_of(sprint["id"]) | known
    earliest = now - PAST
    return [
        task
        for task in known.values()
        if task["column"] == "done"
        and task.get("completed_at")
        and not is_container(task)
        and earliest <= parse_time(task["completed_at"]) <= now
    ]
