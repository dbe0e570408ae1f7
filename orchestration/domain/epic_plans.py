"""Planning an epic: its tasks, from a draft or from its backlog, laid into sprints to come.

The plan says what would be made: the epic, planned sprints, tasks in backlog. Nothing starts. Without a
draft the epic's own open tasks that are in no sprint are planned; when there are none, the answer is the
facts a draft should rest on, and the form of a draft.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from orchestration import ids
from orchestration.domain import (
    epic_drafts,
    epic_facts,
    epic_risks,
    epics,
    fields,
    planning,
    samples,
    sprint_filling,
    suitability,
    task_actions,
    team_shares,
    values,
)
from orchestration.domain.epic_drafts import Item
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, Document
from orchestration.domain.task_fields import is_container
from orchestration.english import counted
from orchestration.errors import NotFound, Refused

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

WEEKS = 4
_SPRINT = "sprint"
_SHOWN = ("title", "feature", "points", "type", "priority", "labels", "description", "acceptance")


def propose(project: Project, arguments: Mapping[str, Any], *, suffix: str | None = None) -> Document:
    """Return the plan of an epic; nothing is changed.

    `arguments`: name; optional draft (as `epic_drafts.read` returns it), weeks, teams. In the answer
    `sprints` and `tasks` are what would be made, tasks in the order of their sprints; a task of a draft
    has `id` null until it is made. `room` says what a sprint takes and why, `teams` each team's share,
    `dates` whether it fits the weeks, `risks` what to look at. `facts` are what is known without a plan.
    """
    epic = _epic(project, arguments)
    chosen = _teams(project, arguments.get("teams"))
    weeks = arguments.get("weeks") or WEEKS
    draft = arguments.get("draft")
    backlog = _backlog(project, epic["id"])
    items = epic_drafts.items(draft, project) if draft is not None else epic_drafts.of_tasks(backlog)
    days = sprint_filling.calendar(project)
    room = sprint_filling.room(project)
    spread = max(1, weeks * 7 // days.length)
    limit = room.limit if room.limit is not None else sprint_filling.even_limit(items, spread)
    filled = sprint_filling.fill(sprint_filling.ordered(items), limit)
    placed = team_shares.place(project, filled, chosen)
    document: Document = {
        "project": project.id,
        "epic": epic,
        "source": "draft" if draft is not None else "backlog" if items else None,
        "room": {**room._asdict(), "limit": limit if items else room.limit, "even": room.limit is None},
        "sprints": _sprints(project, epic, filled, days, room, suffix),
        "tasks": [
            _row(item, placed.get(item.ref), number) for number, part in enumerate(filled) for item in part
        ],
        "teams": team_shares.shares(project, filled, placed, chosen),
        "total": {
            "tasks": len(items),
            "points": samples.tidy(sum(map(sprint_filling.size, items))),
            "unestimated": sum(1 for item in items if item.task.get("points") is None),
        },
        "facts": epic_facts.find(project, epic, chosen, room),
        "planned": _planned(project, epic["id"]),
        "draft_format": None if items else epic_drafts.FORMAT,
    }
    for row in document["tasks"]:
        row["sprint_id"] = document["sprints"][row.pop("number")]["id"]
    document["dates"] = _dates(document["sprints"], days, weeks)
    document["risks"] = epic_risks.find(project, document, filled, chosen, days) if items else []
    return document


def outcome(document: Mapping[str, Any]) -> Document:
    """Return what a plan does: the epic, the sprints and the tasks that it makes."""
    return {name: document[name] for name in ("epic", "sprints", "tasks")}


def perform(tx: "Transaction", arguments: Mapping[str, Any], *, now: str, actor: str) -> Document:
    """Make what `propose` plans, as one change, and return the plan with the ids of its tasks.

    `arguments` as in `propose`, with project and session. Without tasks nothing is made.
    """
    project = Project(tx, arguments["project"], now=now).required()
    document = propose(project, arguments, suffix=tx.machine.suffix)
    if not document["tasks"]:
        return document
    epic, session = document["epic"], arguments.get("session")
    given = {name: epic[name] for name in ("title", "description", "priority") if epic[name] is not None}
    planning.update_epic(
        tx, project, epic["id"], given if epic["new"] else {**_draft_fields(arguments)}, now=now
    )
    for sprint in document["sprints"]:
        fixed = {name: sprint[name] for name in ("epic_id", "start_date", "end_date", "goals")}
        fixed |= {} if sprint["capacity"] is None else {"capacity": sprint["capacity"]}
        planning.create_sprint(tx, project, sprint["id"], sprint["name"], fixed, update=False, now=now)
    made: dict[str, str] = {}
    for row in document["tasks"]:
        row["depends_on"] = [made.get(name, name) for name in row["depends_on"]]
        if row["id"] is None:
            known = {name: row[name] for name in (*_SHOWN, "team", "depends_on", "sprint_id")}
            given = {name: value for name, value in known.items() if value not in (None, [])}
            given["epic_id"] = epic["id"]
            row["id"] = task_actions.add(tx, project, given, session=session, now=now, actor=actor)["id"]
        else:
            task_actions.write(
                tx, project, row["id"], {"sprint_id": row["sprint_id"]}, session=session, now=now, actor=actor
            )
        made[row["ref"]] = row["id"]
    size = f"{counted(len(document['tasks']), 'task')} in {counted(len(document['sprints']), 'sprint')}"
    tx.describe(
        "epic_created" if epic["new"] else "epic_updated",
        fields.subject(f"epic: plan {epic['id']}: {size}"), session=session, project=project.id,
    )  # fmt: skip
    return document


def _draft_fields(arguments: Mapping[str, Any]) -> Document:
    return epic_drafts.epic_fields(arguments.get("draft"))


def _epic(project: Project, arguments: Mapping[str, Any]) -> Document:
    """Return the epic that a name means: by id, else by title, else the one to be made."""
    name = str(arguments["name"]).strip()
    folded = name.casefold()
    known = project.epics
    fitting = [one for one in known if one.casefold() == folded]
    fitting = fitting or [one for one, epic in known.items() if str(epic["title"]).casefold() == folded]
    said = _draft_fields(arguments)
    if fitting:
        epic = known[fitting[0]]
        if epic["status"] in ("completed", "cancelled"):
            raise Refused(
                f"epic {epic['id']!r} is {epic['status']}",
                hint=f"reopen it: `shared_state update-epic {project.id} {epic['id']} --status in_progress`",
            )
        return {"id": epic["id"], **_said(epic | said), "status": epic["status"], "new": False}
    slug = (
        name if ids.problem(name) is None else re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:64].strip("-")
    )
    epic_id = ids.check_new(slug or name, known, "epic")
    title = name if epic_id != name else f"Epic {epic_id}"
    blank = {"title": title, "description": None, "priority": None}
    return {"id": epic_id, **_said(blank | said), "status": "planned", "new": True}


def _said(epic: Mapping[str, Any]) -> Document:
    return {name: epic.get(name) for name in ("title", "description", "priority")}


def _teams(project: Project, names: Sequence[str] | None) -> list[str] | None:
    """Return the teams that take part, None for all; NotFound for one the project does not have."""
    for name in names or []:
        if name not in project.teams:
            near = values.nearest(name, sorted(project.teams))
            known = ", ".join(sorted(project.teams)) or "none yet"
            raise NotFound(
                f"no team {name!r} in project {project.id!r}",
                hint=f"did you mean {' or '.join(near)}?" if near else f"teams: {known}",
            )
    return list(dict.fromkeys(names)) if names else None


def _backlog(project: Project, epic_id: str) -> list[Document]:
    """Return the open tasks of an epic that no sprint to come holds, oldest first."""
    found = [
        task
        for task in project.tasks.values()
        if task.get("epic_id") == epic_id
        and task.get("column") not in CLOSED_COLUMNS
        and not _is_coming(project, task.get("sprint_id"))
        and not is_container(task)
    ]
    return sorted(found, key=suitability.by_priority)


def _sprints(
    project: Project, epic: Document, filled: list[list[Item]], days: sprint_filling.Calendar,
    room: sprint_filling.Room, suffix: str | None,
) -> list[Document]:  # fmt: skip
    first = ids.next_number(_SPRINT, project.sprints)
    found = []
    for number, part in enumerate(filled):
        start, end = days.dates(number)
        of = f" {number + 1}/{len(filled)}" if len(filled) > 1 else ""
        found.append(
            {
                "id": ids.numbered(_SPRINT, first + number, suffix),
                "name": f"{epic['title']}{of}",
                "epic_id": epic["id"],
                "start_date": start,
                "end_date": end,
                "capacity": room.capacity,
                "goals": list(
                    dict.fromkeys(item.task["feature"] for item in part if item.task.get("feature"))
                ),
                "points": samples.tidy(sum(map(sprint_filling.size, part))),
                "tasks": len(part),
            }
        )
    return found


def _planned(project: Project, epic_id: str) -> Document:
    """Return how many open tasks of an epic are in a planned or active sprint already, and in which."""
    open_tasks = (project.tasks[name] for name in epics.open_tasks(epic_id, project.tasks))
    coming = [str(task["sprint_id"]) for task in open_tasks if _is_coming(project, task.get("sprint_id"))]
    return {"tasks": len(coming), "sprints": sorted(set(coming))}


def _is_coming(project: Project, sprint_id: object) -> bool:
    sprint = project.sprints.get(str(sprint_id))
    return sprint is not None and sprint.get("status") in ("planned", "active")


def _row(item: Item, team: str | None, number: int) -> Document:
    shown = {name: item.task.get(name) for name in _SHOWN}
    return {
        "ref": item.ref,
        "id": item.task.get("id"),
        **shown,
        "team": team,
        "depends_on": [*item.needs, *item.existing],
        "number": number,
    }


def _dates(sprints: list[Document], days: sprint_filling.Calendar, weeks: int) -> Document:
    """Return first and last day of a plan; null without sprints."""
    end = sprints[-1]["end_date"] if sprints else None
    spent = (date.fromisoformat(end) - days.start).days if end else None
    return {
        "start": days.start.isoformat(),
        "end": end,
        "weeks": None if spent is None else samples.tidy(spent / 7),
        "duration_weeks": weeks,
        "fits": None if spent is None else spent <= weeks * 7,
    }
