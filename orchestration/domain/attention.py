"""What puts a sprint at risk, and what to do next: rules over its records, each with the fact it rests on.

A risk is {kind, severity, text, task}; a suggestion {fact, command}. Nothing is guessed: every text holds
the figures that made the rule speak.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from orchestration.domain import alerts, board, capacity, fields, risks, sprints
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, SEVERITIES, WORK_COLUMNS, Document
from orchestration.domain.samples import tidy
from orchestration.domain.task_fields import is_container, open_blockers
from orchestration.english import counted, noun, verb

LONG_BLOCKED_HOURS, VERY_LONG_BLOCKED_HOURS = 4, 24
MOST_SUGGESTIONS = 5
_URGENT = 2
_NAMED = 3


def of_sprint(
    project: Project, sprint: Document, tasks: Mapping[str, Document], burndown: Mapping[str, Any]
) -> list[Document]:
    """Return the computed and the recorded risks of a sprint, the most severe first.

    Kinds: overdue, late_start, over_capacity, behind, long_blocked, over_limit, urgent_unassigned, recorded.
    """
    found = [
        *_time(project, sprint, tasks),
        *_capacity(sprint, tasks),
        *_pace(burndown),
        *_blocked(project, tasks),
        *_limits(project, sprint, tasks),
        *_urgent(tasks),
        *_recorded(project, sprint),
    ]
    return sorted(found, key=lambda one: -SEVERITIES.index(one["severity"]))


def _risk(kind: str, severity: str, text: str, task: str | None = None) -> Document:
    return {"kind": kind, "severity": severity, "text": text, "task": task}


def _open(tasks: Mapping[str, Document]) -> list[Document]:
    """Return the open tasks, what comes first of them first."""
    found = [
        task for task in tasks.values() if task["column"] not in CLOSED_COLUMNS and not is_container(task)
    ]
    return sorted(found, key=board.order)


def _names(tasks: Iterable[Document]) -> str:
    names = [str(task["id"]) for task in tasks]
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")


def _time(project: Project, sprint: Document, tasks: Mapping[str, Document]) -> Iterator[Document]:
    head = board.heading(project, sprint)
    day, days = head["day"], head["days"]
    if day is None:
        return
    still_open = _open(tasks)
    if sprint["status"] == "planned" and day > 1:
        yield _risk("late_start", "medium", f"it was to start {counted(day - 1, 'day')} ago")
    if sprint["status"] == "active" and days is not None and day > days and still_open:
        text = f"it is over for {counted(day - days, 'day')}, with {counted(len(still_open), 'task')} open"
        yield _risk("overdue", "high", text)


def _capacity(sprint: Document, tasks: Mapping[str, Document]) -> Iterator[Document]:
    room = sprints.capacity(sprint)
    points = tidy(sum(task.get("points") or 0 for task in tasks.values() if task["column"] != "cancelled"))
    if room is not None and points > room and sprint["status"] in ("planned", "active"):
        yield _risk(
            "over_capacity", "medium", f"its tasks have {counted(points, 'point')}, its capacity is {room:g}"
        )


def _pace(burndown: Mapping[str, Any]) -> Iterator[Document]:
    if burndown["state"] in ("at risk", "behind"):
        left = burndown["actual"]
        text = (
            f"{left:g} {noun(left, 'point')} {verb(left, 'remains', 'remain')},"
            f" {burndown['ideal']:.1f} on the ideal line: {burndown['state']}"
        )
        yield _risk("behind", "high" if burndown["state"] == "behind" else "medium", text)


def _blocked(project: Project, tasks: Mapping[str, Document]) -> Iterator[Document]:
    for task in _open(tasks):
        waiting = [board.blocker_card(one, project.now) for one in open_blockers(task)]
        oldest = max(waiting, key=lambda one: one["hours"] or 0, default=None)
        if oldest and (oldest["hours"] or 0) > LONG_BLOCKED_HOURS:
            severity = "high" if oldest["hours"] > VERY_LONG_BLOCKED_HOURS else "medium"
            reason = fields.subject(str(oldest["reason"]))
            text = f"{task['id']} is blocked for {alerts.age(timedelta(hours=oldest['hours']))}: {reason}"
            yield _risk("long_blocked", severity, text, task["id"])


def _limits(project: Project, sprint: Document, tasks: Mapping[str, Document]) -> Iterator[Document]:
    for column, limit in sprints.wip_limits(sprint, project.config).items():
        number = sum(task["column"] == column and not is_container(task) for task in tasks.values())
        if limit is not None and number > limit:
            yield _risk(
                "over_limit", "low", f"{column} holds {counted(number, 'task')}, its limit is {limit}"
            )


def _urgent(tasks: Mapping[str, Document]) -> Iterator[Document]:
    mine = [task for task in _open(tasks) if task["priority"] <= _URGENT and not task.get("assignee")]
    if mine:
        text = f"{counted(len(mine), 'task')} of priority 1 or 2 {verb(len(mine), 'has', 'have')} no assignee"
        yield _risk("urgent_unassigned", "medium", f"{text}: {_names(mine)}", mine[0]["id"])


def _recorded(project: Project, sprint: Document) -> Iterator[Document]:
    for one in risks.listing(project):
        if one.get("sprint_id") in (None, sprint["id"]):
            yield _risk("recorded", one["severity"], f"{one['id']}: {one['text']}")


def suggestions(project: Project, sprint: Document, tasks: Mapping[str, Document]) -> list[Document]:
    """Return what to do next about a sprint, at most 5 steps, the most pressing first."""
    found = [
        *_steps(project, sprint, tasks),
        *_unblock(project, tasks),
        *_finish(project, sprint, tasks),
        *_assign(project, tasks),
        *_estimate(tasks),
    ]
    return found[:MOST_SUGGESTIONS]


def _steps(project: Project, sprint: Document, tasks: Mapping[str, Document]) -> Iterator[Document]:
    name, status = sprint["id"], sprint["status"]
    if not any(task["column"] != "cancelled" for task in tasks.values()) and status in ("planned", "active"):
        yield {"fact": "it has no tasks", "command": f"state_manager task add TITLE --sprint {name}"}
        return
    if status == "planned" and not any(one["status"] == "active" for one in project.sprints.values()):
        fact = f"no sprint is active, and this one has {counted(len(_open(tasks)), 'task')}"
        yield {"fact": fact, "command": f"shared_state start-sprint {project.id} {name}"}
    if status != "active":
        return
    head, still_open = board.heading(project, sprint), _open(tasks)
    complete = f"shared_state complete-sprint {project.id} {name}"
    if not still_open:
        yield {"fact": "all its tasks are closed", "command": complete}
    elif head["day"] is not None and head["days"] is not None and head["day"] > head["days"]:
        still = f"{counted(len(still_open), 'task')} {verb(len(still_open), 'is', 'are')} open"
        fact = f"its time is over, and {still}"
        yield {"fact": fact, "command": f"{complete} --carry-to backlog"}


def _unblock(project: Project, tasks: Mapping[str, Document]) -> Iterator[Document]:
    found = []
    for task in _open(tasks):
        found += [(one.get("opened_at") or "", task["id"], one) for one in open_blockers(task)]
    if found:
        _, task_id, blocker = min(found, key=lambda one: one[:2])
        hours = board.hours_since(blocker.get("opened_at"), project.now) or 0
        reason = fields.subject(str(blocker.get("reason")))
        fact = f"{task_id} is blocked longest, for {alerts.age(timedelta(hours=hours))}: {reason}"
        yield {"fact": fact, "command": f"state_manager task unblock {task_id} NOTE"}


def _finish(project: Project, sprint: Document, tasks: Mapping[str, Document]) -> Iterator[Document]:
    for column, limit in sprints.wip_limits(sprint, project.config).items():
        mine = [task for task in _open(tasks) if task["column"] == column]
        free = [task for task in mine if not open_blockers(task)]
        if column in WORK_COLUMNS and limit is not None and len(mine) >= limit and free:
            after = {"in_progress": "review", "review": "done"}[column]
            fact = f"{column} is full ({len(mine)}/{limit}); {free[0]['id']} comes first in it"
            yield {"fact": fact, "command": f"state_manager update-task {free[0]['id']} {after}"}


def _assign(project: Project, tasks: Mapping[str, Document]) -> Iterator[Document]:
    mine = [task for task in _open(tasks) if task["column"] == "todo" and not task.get("assignee")]
    free = sum(one["free"] for one in capacity.load(project.agents, project.tasks).values())
    if mine and free:
        slots = "1 slot is free" if free == 1 else f"{free:g} slots are free"
        said = f"{counted(len(mine), 'task')} in todo {verb(len(mine), 'has', 'have')} no assignee"
        fact = f"{said} ({_names(mine)}), and {slots}"
        yield {"fact": fact, "command": "state_manager autoassign --dry-run"}


def _estimate(tasks: Mapping[str, Document]) -> Iterator[Document]:
    mine = [task for task in _open(tasks) if task.get("points") is None]
    if mine:
        fact = f"{counted(len(mine), 'task')} {verb(len(mine), 'has', 'have')} no estimate: {_names(mine)}"
        yield {"fact": fact, "command": f"state_manager task estimate {mine[0]['id']} POINTS"}
