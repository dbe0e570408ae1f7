"""The facts that several commands show of a session, put together from state and history."""

from datetime import datetime
from typing import Any

import click

from orchestration.cli._app import App
from orchestration.domain import events, session_rows, sessions, task_fields
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS
from orchestration.errors import UnknownSession
from orchestration.store import presence as seen_here

EVENTS_SHOWN = 5


def sessions_known(app: App, *, retired: bool) -> dict[str, tuple[dict[str, Any], bool]]:
    """Return (record, is retired) by session id."""
    known = {name: (record, False) for name, record in app.sessions().items()}
    if retired and app.store.exists:
        for name, gone in app.index.retired().items():
            record = (
                app.store.snapshot(gone.parent).load("sessions", name, "session") if gone.parent else None
            )
            if record is not None and name not in known:
                known[name] = (record, True)
    return known


def presence(app: App) -> dict[str, str]:
    """Return when hooks last saw each session, from the touched files of this machine."""
    if app.then is not None:
        return {}  # a touched file knows the last time alone
    return seen_here.all_seen(app.store.private)


def sessions_rows(app: App, *, retired: bool) -> list[dict[str, Any]]:
    """Return a row for each session, newest activity first."""
    known = sessions_known(app, retired=retired)
    return session_rows.rows(app.snapshot, known, app.index, presence(app), now=app.at) if known else []


def session(app: App, session_id: str) -> dict[str, Any]:
    """Return everything `info` shows of one session; UnknownSession when there is none."""
    known = app.snapshot.load("sessions", session_id, "session")
    gone = app.index.retired().get(session_id) if known is None else None
    reader = app.snapshot
    if known is None and gone is not None and gone.parent is not None:
        reader = app.store.snapshot(gone.parent)
        known = reader.load("sessions", session_id, "session")
    if known is None:
        raise UnknownSession(f"no session {session_id!r}", hint="list them with `session_manager list`")
    execution = reader.load("sessions", session_id, "execution") or {}
    project_id = known.get("project")
    project = Project(app.snapshot, project_id, now=app.at) if project_id else None
    board = project.tasks if project else {}
    lifecycle = known["lifecycle"]
    seen = presence(app).get(session_id, lifecycle["heartbeat"])
    last = app.index.last_activity().get(session_id, lifecycle["heartbeat"])
    current = project.current(known.get("sprint_id")) if project else None
    return {
        "inherited_context": execution.get("inherited_context") or None,
        "id": session_id,
        "mode": known["mode"],
        "project": project_id,
        "status": lifecycle["status"],
        "expired": sessions.is_expired(known, app.at),
        "retired": gone is not None,
        "time_left": time_left(lifecycle["expiry"], app.at),
        "created_at": known["created_at"],
        "created_by": known["created_by"],
        "last_activity": session_rows.latest(last, seen, lifecycle["heartbeat"]),
        "heartbeat": lifecycle["heartbeat"],
        "expiry": lifecycle["expiry"],
        "recovered_from": lifecycle.get("recovered_from"),
        "reason": lifecycle.get("reason"),
        "parent_session": known.get("parent_session"),
        "sprint": current["id"] if current else None,
        "output_style": known.get("output_style"),
        "host_session_id": known.get("host_session_id"),
        "metadata": known.get("metadata") or {},
        "counts": {
            "tasks": len(board),
            "open_tasks": sum(task["column"] not in CLOSED_COLUMNS for task in board.values()),
            "blocked_tasks": sum(bool(task_fields.open_blockers(task)) for task in board.values()),
            "agents": len(execution.get("agents") or {}),
            "heartbeats": app.index.count(session=session_id, op="heartbeat"),
        },
        "events": [
            events.record(e) for e in reversed(app.index.events(session=session_id, limit=EVENTS_SHOWN))
        ],
    }


def time_left(expiry: str, now: str) -> str:
    """Return how long until a time, as `23h 59m`, or `none`."""
    left = datetime.fromisoformat(expiry) - datetime.fromisoformat(now)
    return "none" if left.total_seconds() <= 0 else age(int(left.total_seconds()))


def age(seconds: int) -> str:
    """Return a length of time in its two largest units."""
    minutes = seconds // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days}d {hours}h"
    return f"{hours}h {minutes % 60}m" if hours else f"{minutes}m"


def lease(app: App, session: dict[str, Any], said: str) -> None:
    """Say that a session lives on, and until when."""
    expiry = session["lifecycle"]["expiry"]
    if app.json:
        app.emit({"session_id": session["id"], "status": session["lifecycle"]["status"], "expiry": expiry})
        return
    app.say(said)
    click.echo(f"Expires: {expiry}")
