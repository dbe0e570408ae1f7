"""All that endangers a project: open blockers, what is overdue or at risk, and the risks people recorded."""

from datetime import timedelta

from orchestration.domain import attention, board, flow, metrics, risks, status, values, workdays
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, Document
from orchestration.domain.task_fields import open_blockers

_LISTED_ELSEWHERE = ("recorded", "long_blocked")


def all_risks(project: Project, sprint: Document | None, lives: flow.Lives) -> Document:
    """Return {project, sprint, blockers, computed, recorded} of a project.

    `blockers` are those of all open tasks, the oldest first, each as `board.blocker_card` with task, title and
    assignee; `computed` is what `attention` finds of the current sprint, and every other active sprint that
    is over; `recorded` are the open ones of `risks.listing`.
    """
    found = []
    if sprint is not None:
        every = project.tasks_of(sprint["id"])
        burned = status.burned(project, sprint, every, lives)
        found = [
            one
            for one in attention.of_sprint(project, sprint, metrics.work(every), burned)
            if one["kind"] not in _LISTED_ELSEWHERE
        ]
    return {
        "project": project.id,
        "sprint": sprint["id"] if sprint else None,
        "blockers": _blockers(project),
        "computed": [*found, *_overdue(project, sprint)],
        "recorded": risks.listing(project),
    }


def _blockers(project: Project) -> list[Document]:
    found = [
        {
            "task": task_id,
            "title": task.get("title"),
            "assignee": task.get("assignee"),
            **board.blocker_card(one, project.now),
        }
        for task_id, task in project.tasks.items()
        if task["column"] not in CLOSED_COLUMNS
        for one in open_blockers(task)
    ]
    return sorted(found, key=lambda one: (str(one["opened_at"]), one["task"]))


def _overdue(project: Project, current: Document | None) -> list[Document]:
    """Return a risk for each other active sprint whose last day is over."""
    calendar = workdays.calendar(project.settings)
    now = values.parse_time(project.now)
    found = []
    for name, sprint in project.sprints.items():
        if sprint["status"] != "active" or not sprint.get("end_date") or (current and current["id"] == name):
            continue
        late = now - workdays.moment(calendar, sprint["end_date"])
        if late > timedelta(0):
            text = f"sprint {name} was to end on {str(sprint['end_date'])[:10]} and is still active"
            found.append({"kind": "overdue", "severity": "high", "text": text, "task": None})
    return found
