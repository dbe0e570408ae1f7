"""Handing a piece of work, said in a sentence, to the agent that fits it.

The first line of the text is the title, the rest the description. The task is created in todo, in the
current sprint when there is one, and assigned to the named agent, else to the agent with the highest
score (`suitability`) that has a free slot. When that agent, or everybody, is full, the answer is three
ways to go on: queue it unassigned, give it to somebody else, or override with a reason. What is known
of similar done tasks comes from their records; where there are none, nothing is said.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from orchestration.domain import (
    assignee_choice,
    fields,
    limits,
    metrics,
    samples,
    sprints,
    suitability,
    task_actions,
    task_fields,
    values,
)
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.suitability import SIMILAR_SHOWN, Done, Staff
from orchestration.errors import InvalidData, NotFound, Refused

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

_GIVEN = ("priority", "points", "labels", "epic_id")


def propose(project: Project, arguments: Mapping[str, Any]) -> Document:
    """Return the task that a text asks for, who could do it, and what it means for the sprint.

    `arguments`: text; optional agent, team, type, priority, points, labels, epic_id, queue, force (a
    reason) and sprint, the session's own. In the answer `task` holds the fields of the task to be, `agents` and
    `teams` are ranked, `similar` are done tasks, `sprint` is null without one; `offers` are the ways to
    go on when there is no free slot, and empty otherwise. NotFound for an unknown agent or team.
    """
    title, description = _texts(arguments["text"])
    kind, telling = suitability.guess_type(title)
    current = _sprint(project, arguments.get("sprint"))
    task: Document = {
        "id": None,
        "title": title,
        "description": description,
        "type": arguments.get("type") or kind,
        "column": "todo",
        "sprint_id": current["id"] if current else None,
        **{name: arguments[name] for name in _GIVEN if arguments.get(name) is not None},
    }
    task = fields.blank(task_fields.SCHEMA) | {
        name: fields.written(task_fields.SCHEMA, name, given) for name, given in task.items()
    }
    staff = Staff(project)
    team = _known_team(project, arguments.get("team"))
    ranked = staff.rank(task, team=team)
    chosen, why, offers = assignee_choice.choose(project, arguments, ranked, team)
    similar = staff.similar(task)
    return {
        "project": project.id,
        "task": {
            **{name: task[name] for name in ("id", "title", "description", "type", "column", *_GIVEN)},
            "sprint_id": task["sprint_id"],
            "assignee": chosen,
            "team": team,
        },
        "type_because": _type_reason(arguments, kind, telling),
        "assignee_because": why,
        "agents": [{**row, "reason": suitability.reason(row)} for row in ranked],
        "teams": _teams(project, task, ranked),
        "similar": [_similar(one) for one in similar[:SIMILAR_SHOWN]],
        "similar_total": len(similar),
        "cycle_time": samples.summary([hours for one in similar if (hours := _cycle(one.task)) is not None]),
        "similar_points": _points(similar),
        "sprint": _effect(project, current, task),
        "offers": offers,
        "force": arguments.get("force"),
        "note": None if project.agents else f"Project {project.id} has no agents; the task waits in todo.",
    }


def outcome(document: Mapping[str, Any]) -> Document:
    """Return what a proposal does: the task as it would be."""
    task: Document = document["task"]
    return task


def perform(tx: "Transaction", arguments: Mapping[str, Any], *, now: str, actor: str) -> Document:
    """Create and assign the task of `propose`, and return the proposal with the task's id.

    Nothing is changed while the answer is `offers`. `arguments` as in `propose`, with project and session.
    """
    project = Project(tx, arguments["project"], now=now).required()
    session = arguments.get("session")
    record = tx.load("sessions", session, "session") if session else None
    document = propose(project, {**arguments, "sprint": (record or {}).get("sprint_id")})
    if document["offers"]:
        return document
    given = {name: value for name, value in document["task"].items() if name != "id" and value is not None}
    _check_room(project, document)
    task = task_actions.add(
        tx, project, given, session=session, now=now, actor=actor, force=arguments.get("force")
    )
    document["task"]["id"] = task["id"]
    said = f"delegate {task['id']} to {task['assignee']}" if task["assignee"] else f"queue {task['id']}"
    tx.describe(
        "task_delegated", fields.subject(f"task: {said}: {task['title']}"), session=session,
        project=project.id, task=task["id"], reason=arguments.get("force"),
    )  # fmt: skip
    return document


def _check_room(project: Project, document: Mapping[str, Any]) -> None:
    """Raise Refused when todo is full and nobody gave a reason to go over its limit."""
    sprint_id = document["task"]["sprint_id"]
    sprint = project.sprints[sprint_id] if sprint_id else None
    found = limits.count("todo", sprint_id, project.tasks, sprints.wip_limits(sprint, project.config))
    if document["force"] is None and found["limit"] is not None and found["tasks"] >= found["limit"]:
        where = f" of sprint {sprint_id!r}" if sprint_id else ""
        raise Refused(
            f"{limits.said(found)}{where}: the column is full",
            hint="finish one, or raise the limit with `wip todo N`, or say --force REASON",
        )


def _texts(text: str) -> tuple[str, str | None]:
    lines = text.strip().splitlines()
    title = lines[0].strip() if lines else ""
    if not title:
        raise InvalidData("the task has no words", hint="say what is to be done, in quotes")
    return title, "\n".join(lines[1:]).strip() or None


def _type_reason(arguments: Mapping[str, Any], kind: str, telling: str | None) -> str:
    if arguments.get("type"):
        return "as given"
    return f"the title says {telling!r}" if telling else f"{kind} is the default"


def _sprint(project: Project, bound: str | None) -> Document | None:
    found = project.current(bound)
    return found if found and found["status"] in ("active", "planned") else None


def _known_team(project: Project, name: str | None) -> str | None:
    if name is None or name in project.teams:
        return name
    near = values.nearest(name, sorted(project.teams))
    known = ", ".join(sorted(project.teams)) or "none yet"
    raise NotFound(
        f"no team {name!r} in project {project.id!r}",
        hint=f"did you mean {' or '.join(near)}?" if near else f"teams: {known}",
    )


def _teams(project: Project, task: Document, ranked: list[Document]) -> list[Document]:
    """Return the teams of ranked agents: those with a free slot first, by their best agent's score."""
    asked = suitability.traits(task).asked
    found = []
    for name in dict.fromkeys(row["team"] for row in ranked):
        members = [row for row in ranked if row["team"] == name]
        free = [row for row in members if not row["full"]]
        best = (free or members)[0]
        fitting = suitability.skills(asked, {}, project.teams.get(name))
        found.append(
            {
                "team": name,
                "best": best["agent"],
                "score": best["score"],
                "skills": [skill.name for skill in fitting],
                "similar_done": sum(row["similar_done"] for row in members),
                "open_tasks": sum(row["open_tasks"] for row in members),
                "free": samples.tidy(sum(row["free"] for row in members)),
                "slots": samples.tidy(sum(row["slots"] for row in members)),
                "full": not free,
            }
        )
    return sorted(found, key=lambda row: (row["full"], -row["score"], row["team"]))


def _similar(one: Done) -> Document:
    task = one.task
    hours = _cycle(task)
    return {
        "id": task["id"],
        "title": task["title"],
        "assignee": task.get("assignee"),
        "points": task.get("points"),
        "cycle_hours": None if hours is None else samples.tidy(hours),
    }


def _cycle(task: Mapping[str, Any]) -> float | None:
    if not task.get("started_at") or not task.get("completed_at"):
        return None
    spent = values.parse_time(task["completed_at"]) - values.parse_time(task["started_at"])
    return spent / timedelta(hours=1)


def _points(similar: list[Done]) -> Document:
    found = [one.task["points"] for one in similar if one.task.get("points") is not None]
    return {"median": samples.tidy(samples.median(found)) if found else None, "samples": len(found)}


def _effect(project: Project, sprint: Document | None, task: Document) -> Document | None:
    """Return what the task does to the points of its sprint; `over` is null without a capacity."""
    if sprint is None:
        return None
    mine = project.tasks_of(sprint["id"])
    before = metrics.counts(mine)
    points = [one.get("points") or 0 for one in mine.values() if one.get("column") != "cancelled"]
    room, total = sprints.capacity(sprint), samples.tidy(sum(points))
    after = samples.tidy(total + (task["points"] or 0))
    velocity = metrics.velocity(project.finished(before=sprint["id"]), {})
    return {
        "id": sprint["id"],
        "name": sprint["name"],
        "status": sprint["status"],
        "capacity": room,
        "velocity": velocity["mean"] if velocity else None,
        "velocity_target": sprints.velocity_target(sprint, project.config),
        "points_before": total,
        "points_after": after,
        "tasks_before": before["total"],
        "unestimated_before": before["unestimated"],
        "over": None if room is None else after > room,
    }
