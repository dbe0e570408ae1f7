"""All that a report of a sprint tells, as one JSON document: the views only lay it out.

project, at, revision    what was looked at
sprint      {id, name, status, start_date, end_date, day, days, goals, retro, report}
board       as `board.board` has it: columns with their cards
figures     as `figures.figures` has them, `needs` included
burndown    as `burndown.document` has it; rows and changes also have `x`, 0 to 1 along the time axis
finished    [{id, title, assignee, points, cycle_hours, lead_hours, completed_at}], oldest first
blockers    [{id, task, title, reason, severity, owner, opened_at, resolved_at, resolution, hours}]:
            open ones first, then the newest
decisions   as `decisions.view` has them, those proposed or closed while the sprint ran
risks       the recorded ones of the sprint and of the project as a whole, that are open
changes     {total, events: [{at, author, op, task, subject, commit}]}, newest first
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from orchestration.domain import (
    board,
    burndown,
    cycle,
    decisions,
    figures,
    flow,
    goals,
    steps,
    values,
    workdays,
)
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.samples import tidy
from orchestration.store.index import Index

CHANGES_SHOWN = 200
_NOT_WORK = ("heartbeat", "session_created", "session_recovered", "session_expired", "backup_created")


def document(
    project: Project, sprint: Document, index: Index, *, orphaned: Callable[[Document], str | None]
) -> Document:
    """Return the report of a sprint; `orphaned` says why the claim of a task holds no more."""
    tasks = project.tasks_of(sprint["id"])
    lives = steps.read(index, project.id)
    found = figures.figures(project, lives, sprint)
    return {
        "project": project.id,
        "at": project.now,
        "revision": found["revision"],
        "sprint": board.heading(project, sprint)
        | {"goals": goals.listing(sprint), "retro": sprint.get("retro"), "report": sprint.get("report")},
        "board": board.board(project, sprint, orphaned=orphaned),
        "figures": found,
        "burndown": _burndown(project, sprint, tasks, lives),
        "finished": _finished(tasks),
        "blockers": _blockers(tasks, project.now),
        "decisions": _decisions(project, sprint),
        "risks": _risks(project, sprint["id"]),
        "changes": _changes(project, sprint, tasks, index),
    }


def _burndown(
    project: Project, sprint: Document, tasks: Mapping[str, Document], lives: flow.Lives
) -> Document:
    found = burndown.document(sprint, tasks, lives, config=project.config, now=project.now)
    if not found["rows"]:
        return found
    cal = workdays.calendar(project.settings)
    first, last = (workdays.moment(cal, found["rows"][n]["date"]) for n in (0, -1))

    def placed(row: Document, at: datetime) -> Document:
        return {**row, "x": tidy(min(max((at - first) / (last - first), 0.0), 1.0))}

    rows = [placed(row, workdays.moment(cal, row["date"])) for row in found["rows"]]
    changes = [placed(one, values.parse_time(one["at"])) for one in found["scope_changes"]]
    return {**found, "rows": rows, "scope_changes": changes}


def _finished(tasks: Mapping[str, Document]) -> list[Document]:
    done = [task for task in tasks.values() if task["column"] == "done" and task.get("completed_at")]
    done.sort(key=lambda task: (values.instant(task["completed_at"]), task["id"]))
    return [
        {
            **{name: task.get(name) for name in ("id", "title", "assignee", "points", "completed_at")},
            "cycle_hours": _tidy(cycle.cycle_hours(task)),
            "lead_hours": _tidy(cycle.lead_hours(task)),
        }
        for task in done
    ]


def _tidy(hours: float | None) -> float | None:
    return None if hours is None else tidy(hours)


def _blockers(tasks: Mapping[str, Document], now: str) -> list[Document]:
    found = []
    for task in tasks.values():
        for one in task.get("blockers") or []:
            if isinstance(one, Mapping) and one.get("opened_at"):
                names = ("id", "reason", "severity", "owner", "opened_at", "resolved_at", "resolution")
                ended = one.get("resolved_at") or now
                hours = board.hours_since(one["opened_at"], ended)
                found.append(
                    {
                        "task": task["id"],
                        "title": task.get("title"),
                        **{k: one.get(k) for k in names},
                        "hours": hours,
                    }
                )
    found.sort(key=lambda one: values.instant(one["opened_at"]), reverse=True)
    return sorted(found, key=lambda one: one["resolved_at"] is not None)


def _decisions(project: Project, sprint: Document) -> list[Document]:
    since, until = _time(sprint, project.now)
    calendar = workdays.calendar(project.settings)
    found = [
        decisions.view(one, now=project.now, calendar=calendar)
        for one in project.reader.load_all("projects", project.id, "decisions").values()
        if any(_inside(one.get(name), since, until) for name in ("created_at", "decided_at"))
    ]
    return sorted(found, key=lambda one: (str(one.get("created_at")), one["id"]))


def _risks(project: Project, sprint_id: str) -> list[Document]:
    found = project.reader.load_all("projects", project.id, "risks").values()
    return [
        one for one in found if one.get("status") != "closed" and one.get("sprint_id") in (None, sprint_id)
    ]


def _time(sprint: Mapping[str, Any], now: str) -> tuple[datetime, datetime]:
    """Return when a sprint began, or was made, and when it ended: the second of its completion belongs to it."""
    since = values.parse_time(sprint.get("started_at") or sprint.get("created_at") or now)
    return since, values.parse_time(sprint.get("completed_at") or now) + timedelta(seconds=1)


def _inside(at: Any, since: datetime, until: datetime) -> bool:
    return isinstance(at, str) and since <= values.parse_time(at) < until


def _changes(project: Project, sprint: Document, tasks: Mapping[str, Document], index: Index) -> Document:
    since, until = _time(sprint, project.now)
    every = [
        event
        for event in index.events(project=project.id, since=since, until=until)
        if event.op not in _NOT_WORK and (event.task is None or event.task in tasks)
    ]
    shown = [
        {
            "at": event.at,
            "author": event.author,
            "op": event.op,
            "task": event.task,
            "subject": event.subject,
            "commit": event.oid,
        }
        for event in every[:CHANGES_SHOWN]
    ]
    return {"total": len(every), "events": shown}
