"""What each agent of a project is doing, from its tasks and from what it committed."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from orchestration.domain import task_fields, values
from orchestration.domain.project import Project
from orchestration.domain.records import WORK_COLUMNS, Document

if TYPE_CHECKING:
    from orchestration.store.index import Index
    from orchestration.store.queries import Event

STATUSES = ("blocked", "busy", "idle", "offline")
SEEN = timedelta(days=1)
"""An agent that gave no sign for so long, and has nothing in work, is offline."""


def recent(index: "Index", project: Project) -> list["Event"]:
    """Return the events of a project in the day before now, newest first."""
    return index.events(project=project.id, since=values.parse_time(project.now) - SEEN)


def activity(events: Iterable["Event"]) -> dict[str, str]:
    """Return when each author of some events made the last of them (ISO 8601, UTC), by name."""
    last: dict[str, str] = {}
    for event in events:
        known = last.get(event.author)
        if known is None or values.instant(event.at) > values.instant(known):
            last[event.author] = event.at
    return last


def rows(project: Project, active: Mapping[str, str]) -> list[Document]:
    """Return {id, team, status, tasks, open, last_active} of each agent: blocked ones first, then by name.

    busy: works on something in in_progress or review that is not blocked, or runs as a sub-agent; blocked:
    all it works on is; idle: works on nothing; offline: the same, and gave no sign for a day. `tasks` are the
    ids it works on, `open` counts those with todo; `active` says when each last committed. Agents that only
    a task names are listed too, with team null.
    """
    work: dict[str, list[Document]] = {}
    for task in project.tasks.values():
        if task.get("assignee") and task.get("column") in ("todo", *WORK_COLUMNS):
            work.setdefault(task["assignee"], []).append(task)
    found = []
    running = project.running
    for agent in dict.fromkeys([*project.agents, *work, *running]):
        mine = work.get(agent, [])
        hands = [task for task in mine if task["column"] in WORK_COLUMNS]
        claims = [(task.get("claim") or {}).get("at") for task in mine]
        signs = (active.get(agent), running.get(agent), *claims)
        last = max((sign for sign in signs if sign), key=values.instant, default=None)
        if hands:
            status = "blocked" if all(task_fields.open_blockers(task) for task in hands) else "busy"
        elif agent in running:
            status = "busy"
        else:
            gone = last is None or values.parse_time(project.now) - values.parse_time(last) > SEEN
            status = "offline" if gone else "idle"
        found.append(
            {
                "id": agent,
                "team": (project.agents.get(agent) or {}).get("team"),
                "status": status,
                "tasks": [task["id"] for task in hands],
                "open": len(mine),
                "last_active": last,
            }
        )
    return sorted(found, key=lambda row: (STATUSES.index(row["status"]), row["id"]))
