"""`session_manager`: sessions from their creation to their end."""

from typing import Any

import click

from orchestration.cli import _rows
from orchestration.cli._app import App
from orchestration.cli._group import Group, common, reads, run, writes
from orchestration.cli._options import json_object
from orchestration.domain import session_actions, values
from orchestration.domain.records import MODE_OF_STYLE, SESSION_MODES
from orchestration.errors import BadUsage, InactiveSession, UnknownSession

_LATER = {
    "recover": "_recover:recover",
    "handoff": "_handoff:handoff",
    "handoffs": "_handoff:list_handoffs",
}


@click.group(cls=Group, later={name: f"orchestration.cli.{place}" for name, place in _LATER.items()})
def cli() -> None:
    """Create, list, hand over and end sessions

    A session is the memory of one piece of work: its mode decides how long it lives without a
    heartbeat (development 24 h, leadership 48 h, sprint 168 h, config 1 h). Wherever a session is
    asked for, its id, a unique beginning of six characters or more, or `current` will do. A session that
    ended, expired, was retired or even deleted comes back with `recover`.
    """


@cli.command()
@click.option(
    "--mode", type=click.Choice(SESSION_MODES), default=None, help="Default: $CLAUDE_MODE, else development."
)
@click.option("--project", metavar="P", help="Default: the project of this folder.")
@click.option("--parent-session", metavar="S", help="The session this one came from.")
@click.option("--metadata", metavar="JSON", help="Free facts, a JSON object.")
@click.option("--sprint", metavar="ID", help="Bind the session to one sprint of the project.")
@click.option("--quiet", is_flag=True, help="Print the id and nothing else.")
@writes
def create(
    app: App, mode: str | None, project: str | None, parent_session: str | None, metadata: str | None,
    sprint: str | None, quiet: bool,
) -> None:  # fmt: skip
    """Make a new session and print its id"""
    facts = json_object(metadata, "--metadata")
    parent = app.session_id(parent_session) if parent_session is not None else None
    project_id = app.project_id(project, required=False)
    session = _create(app, _mode(app, mode), project_id, parent=parent, metadata=facts, sprint=sprint)
    _created(app, session, quiet=quiet)


def _mode(app: App, given: str | None) -> str:
    mode = given or app.env.get("CLAUDE_MODE") or "development"
    if mode not in SESSION_MODES:
        raise BadUsage(f"CLAUDE_MODE {mode!r} is no mode", hint=f"modes: {', '.join(SESSION_MODES)}")
    return mode


def _create(app: App, mode: str, project: str | None, **facts: Any) -> dict[str, Any]:
    with app.transaction() as tx:
        return session_actions.create(
            tx, app.new_id(), mode=mode, project=project, by=app.actor, now=app.at, **facts
        )


def _created(app: App, session: dict[str, Any], *, quiet: bool) -> None:
    if app.json:
        facts = {"session_id": session["id"], "mode": session["mode"], "project": session["project"]}
        app.emit({**facts, "expiry": session["lifecycle"]["expiry"]})
        return
    if not quiet:
        app.say(f"✓ Created session: {session['id']}")
        app.say(f"  Mode: {session['mode']}")
        app.say(f"  Project: {session['project'] or '-'}")
    if quiet or not app.at_terminal:
        click.echo(session["id"])


@cli.command()
@click.argument("session")
@writes
def heartbeat(app: App, session: str) -> None:
    """Keep a session alive: its lifetime begins anew"""
    session_id = app.session_id(session)
    with app.transaction() as tx:
        after = session_actions.heartbeat(tx, session_id, now=app.at)
    _rows.lease(app, after, f"✓ Heartbeat: {session_id}")


@cli.command("list")
@click.option("--active", is_flag=True, help="Only sessions that are active and not expired.")
@click.option("--project", metavar="P", help="Only sessions of this project.")
@click.option("--mode", type=click.Choice(SESSION_MODES), help="Only sessions of this mode.")
@click.option("--all", "everything", is_flag=True, help="Also sessions that a cleanup retired.")
@reads
def list_sessions(app: App, active: bool, project: str | None, mode: str | None, everything: bool) -> None:
    """List sessions, newest activity first"""
    rows = [
        row
        for row in _rows.sessions_rows(app, retired=everything)
        if (not active or (row["status"] == "active" and not row["expired"] and not row["retired"]))
        and project in (None, row["project"])
        and mode in (None, row["mode"])
    ]
    app.emit(rows, view="sessions", project=project)


@cli.command()
@click.argument("session")
@click.option("--allow-inactive", is_flag=True, help="Exit 0 for a known session whatever its status.")
@reads
def info(app: App, session: str, allow_inactive: bool) -> None:
    """Show a session; exit 4 when it is not active

    A session that has ended, expired or been retired is shown all the same.
    """
    session_id = app.session_id(session)
    facts = _rows.session(app, session_id)
    app.emit(facts, view="session")
    status = "retired" if facts["retired"] else "expired" if facts["expired"] else facts["status"]
    if status != "active" and not allow_inactive:
        raise InactiveSession(
            f"session {session_id} is {status}", hint=f"`session_manager recover {session_id}`"
        )


@cli.command()
@click.option("--project", metavar="P", help="The project whose only active session is meant.")
@common
def current(app: App, project: str | None) -> None:
    """Print the id of the current session

    It is the one in CLAUDE_SESSION_ID, else the one bound to CLAUDE_CODE_SESSION_ID, else the only
    active session of the project that was at work on this machine.
    """
    if project:
        app.env["CLAUDE_PROJECT_ID"] = project
    session_id = app.session_id()
    if app.json:
        app.emit({"session_id": session_id})
    else:
        click.echo(session_id)


@cli.command()
@click.argument("style", metavar="STYLE", type=click.Choice(list(MODE_OF_STYLE)))
@click.option("--project", metavar="P", help="Default: the project of this folder.")
@writes
def init(app: App, style: str, project: str | None) -> None:
    """Print the current session, or make one that fits an output style

    Mode by STYLE: sprint_execution sprint, leadership_chat and all-team_dashboard leadership,
    config_manager config.
    """
    if project:
        app.env["CLAUDE_PROJECT_ID"] = project
    try:
        session_id = app.session_id()
    except UnknownSession:
        session = _create(app, MODE_OF_STYLE[style], app.project_id(project, required=False))
        _created(app, session, quiet=False)
        return
    if app.json:
        app.emit({"session_id": session_id})
    else:
        click.echo(session_id)


@cli.command()
@click.argument("session")
@writes
def pause(app: App, session: str) -> None:
    """Pause an active session"""
    _change(app, session, "paused")


@cli.command()
@click.argument("session")
@writes
def complete(app: App, session: str) -> None:
    """Mark a session as completed"""
    _change(app, session, "completed")


@cli.command()
@click.argument("session")
@click.option("--reason", required=True, metavar="TEXT", help="Why it failed.")
@writes
def fail(app: App, session: str, reason: str) -> None:
    """Mark a session as failed, with the reason"""
    values.text("reason", reason)
    _change(app, session, "failed", reason=reason)


def _change(app: App, session: str, status: str, *, reason: str | None = None) -> None:
    session_id = app.session_id(session)
    with app.transaction() as tx:
        session_actions.change_status(tx, session_id, status, now=app.at, reason=reason)
    if app.json:
        app.emit({"session_id": session_id, "status": status})
    else:
        app.say(f"✓ Session {session_id} is {status}")


def main() -> None:
    """Run the command line."""
    run(cli, "session_manager")
