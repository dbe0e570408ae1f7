"""Ending a sprint, with its open tasks carried over and a report of how it went kept in its record."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration.domain import board, fields, metrics, planning, sprint_fields, team_actions
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, WORK_COLUMNS, Document
from orchestration.domain.samples import tidy
from orchestration.domain.sprint_names import named, planned
from orchestration.domain.task_fields import is_container, open_blockers
from orchestration.english import counted
from orchestration.errors import NotFound, Refused

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

BACKLOG = "backlog"


def perform(tx: "Transaction", arguments: Mapping[str, Any], *, now: str, actor: str) -> Document:  # noqa: ARG001 - as every operation
    """End a sprint as one change and return how it went and where its open tasks go.

    `arguments`: project; sprint, None for the active one; carry_to, a sprint's id or `backlog`, None for
    the next planned sprint, else the backlog; force, to end it while somebody holds its tasks. The teams
    that the session activated are released.
    """
    project = Project(tx, arguments["project"], now=now).required()
    given = arguments.get("sprint")
    before = named(project, given) if given else _active(project)
    document = end(tx, project, before, arguments, now=now)
    session = arguments.get("session")
    execution = tx.load("sessions", session, "execution") if session else None
    document["released"] = list(team_actions.activations(execution or {}))
    for team in document["released"]:
        assert session is not None, "nothing is active without a session"
        team_actions.deactivate(tx, project, session, team, now=now)
    carried = (
        f", {counted(len(document['carried']), 'task')} to {document['carry_to']}"
        if document["carried"]
        else ""
    )
    tx.describe(
        "sprint_completed", fields.subject(f"sprint: {before['id']} active -> completed{carried}"),
        session=session, project=project.id,
    )  # fmt: skip
    return document


def end(
    tx: "Transaction", project: Project, before: Document, arguments: Mapping[str, Any], *, now: str
) -> Document:
    """Complete a sprint, carry its open tasks over and store its report; the caller describes the commit."""
    name = before["id"]
    mine = project.tasks_of(name)
    still_open = [task for task in mine.values() if task["column"] not in CLOSED_COLUMNS]
    held = [task["id"] for task in still_open if task["column"] in WORK_COLUMNS and task.get("claim")]
    if held and not arguments.get("force"):
        raise Refused(f"agents are at work on {', '.join(held[:5])}", hint="let them finish, or use --force")
    following = [one for one in planned(project) if one["id"] != name]
    carry_to = arguments.get("carry_to") or (following[0]["id"] if following else BACKLOG)
    if carry_to != BACKLOG:
        named(project, carry_to)
    document = _document(project, before, mine, carry_to)
    tx.recall([before, mine])  # the report repeats some of it
    after, moved = planning.complete_sprint(tx, project, name, carry_to=carry_to, now=now)
    report = {"at": now, **document["facts"], "carried_to": carry_to if moved else None, "carried": moved}
    tx.save(
        ("projects", project.id, "sprints", name),
        fields.updated(sprint_fields.SCHEMA, after, {"report": report}),
    )
    return {**document, "carried": moved}


def outcome(document: Mapping[str, Any]) -> Document:
    """Return what ending does: which sprint, and which tasks go where."""
    return {"sprint": document["sprint"]["id"], "carried": document["carried"], "to": document["carry_to"],
            "released": document.get("released", [])}  # fmt: skip


def _active(project: Project) -> Document:
    found = project.current()
    if found is None or found["status"] != "active":
        raise NotFound(
            f"project {project.id!r} has no active sprint",
            hint="`/orchestrate sprint start` starts the next one",
        )
    return found


def _document(project: Project, sprint: Document, every: Mapping[str, Document], carry_to: str) -> Document:
    tasks = metrics.work(every)
    done = [task for task in tasks.values() if task["column"] == "done"]
    still_open = [task for task in tasks.values() if task["column"] not in CLOSED_COLUMNS]
    points = {
        "committed": sprint.get("committed_points"),
        "completed": tidy(sum(task.get("points") or 0 for task in done)),
        "open": tidy(sum(task.get("points") or 0 for task in still_open)),
    }
    return {
        "project": project.id,
        "sprint": board.heading(project, sprint),
        "facts": {
            "tasks": {
                "done": len(done),
                "open": len(still_open),
                "blocked": sum(bool(open_blockers(task)) for task in still_open),
                "cancelled": len(tasks) - len(done) - len(still_open),
            },
            "points": points,
            "goals": {
                "total": len(sprint.get("goals") or []),
                "done": sum(bool(one.get("done")) for one in sprint.get("goals") or []),
            },
        },
        "open": [_row(task) for task in sorted(still_open, key=board.order)],
        "carry_to": carry_to,
        "choices": [one["id"] for one in planned(project)] + [BACKLOG],
        "held": [task["id"] for task in still_open if task.get("claim") and not is_container(task)],
    }  # fmt: skip


def _row(task: Mapping[str, Any]) -> Document:
    waiting = open_blockers(task)
    names = ("id", "title", "column", "priority", "points", "assignee")
    return {
        **{name: task.get(name) for name in names},
        "blocker": waiting[-1].get("reason") if waiting else None,
    }


def over(project: Project, sprint: Document) -> str | None:
    """Say why an active sprint can be ended now: its time is over, or all its tasks are closed; else None."""
    head = board.heading(project, sprint)
    if sprint["status"] != "active":
        return None
    if head["day"] is not None and head["days"] is not None and head["day"] > head["days"]:
        return "its time is over"
    mine = metrics.work(project.tasks_of(sprint["id"])).values()
    return (
        "all its tasks are closed" if mine and all(one["column"] in CLOSED_COLUMNS for one in mine) else None
    )
