"""Ending all orchestration of a session: its teams are released, its workflows cancelled, and it pauses.

The work itself stays as it is: neither sprints nor tasks change, and claims hold until the session's lease
runs out.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration.domain import fields, session_actions, sessions, team_actions, workflow_actions
from orchestration.domain.project import Project
from orchestration.domain.records import WORK_COLUMNS, Document
from orchestration.english import counted

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction


def perform(tx: "Transaction", arguments: Mapping[str, Any], *, now: str, actor: str) -> Document:  # noqa: ARG001 - as every operation
    """Stop what a session runs as one change and return what that was; nothing without a session.

    `arguments`: project, session. The summary is kept in the session, under `execution.stopped`.
    """
    project = Project(tx, arguments["project"], now=now)
    session_id = arguments.get("session")
    record = tx.load("sessions", session_id, "session") if session_id else None
    document: Document = {
        "project": project.id,
        "session": session_id,
        "teams": [],
        "workflows": [],
        "tasks": [],
    }
    if session_id is None or record is None or sessions.effective_status(record, now) != "active":
        return {**document, "status": sessions.effective_status(record, now) if record else None}
    document["teams"] = list(team_actions.activations(tx.load("sessions", session_id, "execution") or {}))
    document["tasks"] = [
        {name: task.get(name) for name in ("id", "title", "column", "assignee")}
        for task in project.tasks.values()
        if task["column"] in WORK_COLUMNS and (task.get("claim") or {}).get("session") == session_id
    ]
    for team in document["teams"]:
        team_actions.deactivate(tx, project, session_id, team, now=now)
    document["workflows"] = workflow_actions.cancel_all(tx, project, session=session_id, now=now)
    execution = tx.edit("sessions", session_id, "execution") or {}
    stopped = {"at": now, "teams": document["teams"], "workflows": document["workflows"],
               "tasks": [task["id"] for task in document["tasks"]]}  # fmt: skip
    tx.save(("sessions", session_id, "execution"), {**execution, "stopped": stopped})
    session_actions.change_status(tx, session_id, "paused", now=now, reason="all orchestration was stopped")
    subject = f"session: {session_id[:8]} stopped, {counted(len(document['teams']), 'team')} released"
    tx.describe("state_set", fields.subject(subject), session=session_id, project=project.id)
    return {**document, "status": "paused"}


def outcome(document: Mapping[str, Any]) -> Document:
    """Return what stopping does: the session, the teams and the workflows."""
    return {name: document[name] for name in ("session", "teams", "workflows")}
