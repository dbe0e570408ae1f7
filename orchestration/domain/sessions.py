"""Rules of sessions: a lease that a heartbeat renews, and the steps between its statuses.

The status is what somebody decided; that a lease has run out is computed from `lifecycle.expiry`,
so no write is needed for a session to expire.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from orchestration.domain import fields, values
from orchestration.domain.records import (
    CLOSED_COLUMNS,
    SESSION_LIFETIME_HOURS,
    SESSION_MODES,
    SESSION_STATUSES,
    SESSION_TRANSITIONS,
    Document,
)
from orchestration.domain.task_fields import open_blockers
from orchestration.errors import InactiveSession, InvalidData, Refused

_LIFECYCLE: Mapping[str, str] = {
    "status": "use `session_manager pause`, `complete`, `fail` or `recover`",
    "heartbeat": "use `session_manager heartbeat`",
    "expiry": "use `session_manager heartbeat`",
}

SCHEMA = fields.Schema(
    kind="session",
    defaults={
        "id": None,
        "mode": "development",
        "project": None,
        "parent_session": None,
        "created_at": None,
        "created_by": None,
        "metadata": {},
        "sprint_id": None,
        "output_style": None,
        "host_session_id": None,
        "lifecycle": {},
    },
    checks={
        "mode": lambda field, value: values.choice(field, value, SESSION_MODES),
        "project": fields.identifier,
        "parent_session": fields.identifier,
        "metadata": fields.free_object,
        "sprint_id": fields.identifier,
        "output_style": values.optional_text,
        "host_session_id": values.optional_text,
    },
    system={
        "id": "use `session_manager create` for another session",
        "created_at": "it is set by `session_manager create`",
        "created_by": "it is set by `session_manager create`",
        "lifecycle": "use `session_manager heartbeat`, `pause`, `complete`, `fail` or `recover`",
    },
)


def new(
    session_id: str,
    *,
    mode: str = "development",
    project: str | None,
    parent: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    sprint_id: str | None = None,
    created_by: str,
    now: str,
) -> Document:
    """Return an active session whose lease is the lifetime of its mode."""
    given = {
        "mode": mode,
        "project": project,
        "parent_session": parent,
        "metadata": metadata,
        "sprint_id": sprint_id,
    }
    fixed = {"id": values.id_("session", session_id), "created_at": now, "created_by": created_by}
    session = fields.created(SCHEMA, fixed, given)
    return {**session, "lifecycle": {"status": "active", **_lease(session["mode"], now)}}


def _lease(mode: str, now: str) -> Document:
    hours = SESSION_LIFETIME_HOURS[mode]
    return {"heartbeat": now, "expiry": values.format_time(values.parse_time(now) + timedelta(hours=hours))}


def heartbeat(session: Document, *, now: str) -> Document:
    """Return `session` with a fresh lease; InactiveSession when it has expired or is not active."""
    status = effective_status(session, now)
    if status != "active":
        raise InactiveSession(
            f"session {session['id']!r} is {status}", hint=f"use `session_manager recover {session['id']}`"
        )
    return _with_lifecycle(session, _lease(session["mode"], now))


def transition(session: Document, status: str, *, now: str, reason: str | None = None) -> Document:  # noqa: ARG001 - every step takes now
    """Return `session` paused, completed or failed, with the reason; Refused where the table forbids it."""
    before = session["lifecycle"]["status"]
    name = session["id"]
    if status not in SESSION_STATUSES:
        raise InvalidData(f"status {status!r} is not one of {', '.join(SESSION_STATUSES)}")
    if status == before:
        raise Refused(f"session {name!r} is already {status}")
    if status == "active" or status not in SESSION_TRANSITIONS.get(before, SESSION_STATUSES):
        raise Refused(
            f"session {name!r} is {before}; it cannot become {status}",
            hint=f"use `session_manager recover {name}`",
        )
    # Only the latest step speaks: what an earlier one left goes.
    kept = {k: v for k, v in session["lifecycle"].items() if k not in ("reason", "recovered_from")}
    told = {"reason": values.text("reason", reason)} if reason else {}
    return _with_lifecycle({**session, "lifecycle": kept}, {"status": status} | told)


def resume(session: Document, *, now: str, previous: str | None = None) -> Document:
    """Return `session` active with a fresh lease; `previous` is its status until now when files do not tell.

    A caller that found it in history says "retired"; without it the effective status is recorded.
    """
    was = previous or effective_status(session, now)
    lifecycle = {"status": "active", **_lease(session["mode"], now), "recovered_from": was}
    kept = {k: v for k, v in session["lifecycle"].items() if k != "reason"}
    return _with_lifecycle({**session, "lifecycle": kept}, lifecycle)


def _with_lifecycle(session: Document, changes: Mapping[str, Any]) -> Document:
    kept = {name: value for name, value in session.items() if name != "updated_at"}
    return {**kept, "lifecycle": session["lifecycle"] | dict(changes)}


def problem(session: Document) -> str | None:
    """Say what keeps a record, perhaps edited by hand, from being a session; None when nothing does."""
    lifecycle = session.get("lifecycle")
    if (
        isinstance(lifecycle, dict)
        and session.get("mode") in SESSION_MODES
        and lifecycle.get("status") in SESSION_STATUSES
        and _as_written(session.get("created_at"))
        and _as_written(lifecycle.get("heartbeat"))
        and _as_written(lifecycle.get("expiry"))
    ):
        return None
    if not isinstance(lifecycle, dict):
        return "it has no lifecycle"
    if session.get("mode") not in SESSION_MODES:
        return f"its mode is none of {', '.join(SESSION_MODES)}"
    if lifecycle.get("status") not in SESSION_STATUSES:
        return f"its lifecycle.status is none of {', '.join(SESSION_STATUSES)}"
    for name, written in (
        ("created_at", session.get("created_at")),
        ("lifecycle.heartbeat", lifecycle.get("heartbeat")),
        ("lifecycle.expiry", lifecycle.get("expiry")),
    ):
        try:
            values.time(name, written)
        except InvalidData as error:
            return error.message
    return None


def _as_written(time: object) -> bool:
    """Say whether a time has the form in which this program writes it."""
    return isinstance(time, str) and len(time) >= 20 and time[10] == "T" and time[-1] == "Z"


def is_expired(session: Document, now: str) -> bool:
    """Say whether the lease has run out, whatever the status."""
    return values.instant(session["lifecycle"]["expiry"]) <= values.instant(now)


def effective_status(session: Document, now: str) -> str:
    """Return the status, or "expired" for an active session whose lease has run out."""
    status: str = session["lifecycle"]["status"]
    return "expired" if status == "active" and is_expired(session, now) else status


def update(session: Document, changes: Mapping[str, Any]) -> Document:
    """Return `session` with `changes` merged in; Refused for system fields, naming the command to use.

    A new mode does not move the expiry: the next heartbeat does.
    """
    lifecycle = changes.get("lifecycle")
    if isinstance(lifecycle, Mapping):
        for name, value in lifecycle.items():
            if session["lifecycle"].get(name) != value:
                raise Refused(
                    f"lifecycle.{name} of session {session['id']!r} cannot be written",
                    hint=_LIFECYCLE.get(name, SCHEMA.system["lifecycle"]),
                )
        changes = {name: value for name, value in changes.items() if name != "lifecycle"}
    return fields.updated(SCHEMA, session, changes)


def unset(session: Document, field: str) -> Document:
    """Return `session` with `field` back at its default; Refused for system fields."""
    return fields.unset(SCHEMA, session, field)


def inherited_context(
    from_session: str,
    *,
    now: str,
    context: Any,
    handoff_data: Any,
    tasks: Iterable[Document],
    sprint: Document | None,
) -> Document:
    """Return what a handoff passes on: context, data, the open ones of `tasks` and their open blockers."""
    mine = [task for task in tasks if task["column"] not in CLOSED_COLUMNS]
    blockers = [(task, blocker) for task in mine for blocker in open_blockers(task)]
    return {
        "from_session": from_session,
        "timestamp": now,
        "context": context,
        "handoff_data": handoff_data,
        "open_tasks": [_part(task, "id", "title", "column", "assignee", "points") for task in mine],
        "blockers": [
            {"id": blocker["id"], "task_id": task["id"]} | _part(blocker, "reason", "severity", "opened_at")
            for task, blocker in blockers
        ],
        "sprint": None if sprint is None else _part(sprint, "id", "name", "status", "end_date"),
    }


def _part(document: Mapping[str, Any], *names: str) -> Document:
    return {name: document.get(name) for name in names}


def view(session: Document, *, now: str, last_activity: str | None, retired: bool = False) -> Document:
    """Return `session` as shown, with lifecycle.last_activity, expired and retired."""
    heartbeat_at = session["lifecycle"]["heartbeat"]
    computed = {
        "last_activity": max(last_activity or heartbeat_at, heartbeat_at, key=values.instant),
        "expired": is_expired(session, now),
        "retired": retired,
    }
    return {**session, "lifecycle": session["lifecycle"] | computed}
