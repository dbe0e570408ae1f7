"""Commands of `state_manager` about whole sessions: listing, cleaning up, exporting, importing."""

from pathlib import Path

import click

from orchestration.cli import _output, _rows
from orchestration.cli._app import App
from orchestration.cli._group import Command, reads, writes
from orchestration.cli._options import json_object, read_text
from orchestration.cli._views import session_view
from orchestration.domain import session_actions


@click.command("list-sessions", cls=Command)
@reads
def list_sessions(app: App) -> None:
    """List sessions, newest activity first"""
    app.emit(_rows.sessions_rows(app, retired=False), view="sessions")


@click.command("cleanup-expired", cls=Command)
@click.option("--dry-run", is_flag=True, help="Show what would be retired, change nothing.")
@writes
def cleanup_expired(app: App, dry_run: bool) -> None:
    """Retire expired sessions

    Their files go, in one commit; their tasks stay in the project. `list --all` and `info` still know
    them, and `recover` brings them back from history.
    """
    found = session_actions.expired(app.sessions(), app.snapshot, app.at)
    rows = [
        {
            "id": one.id,
            "project": one.session.get("project"),
            "expiry": one.session["lifecycle"]["expiry"],
            "age": _rows.time_left(app.at, one.session["lifecycle"]["expiry"]),
            "open_tasks": one.open_tasks,
        }
        for one in found
    ]
    if rows and not dry_run:
        with app.transaction() as tx:
            gone = set(session_actions.retire(tx, [row["id"] for row in rows], now=app.at))
        rows = [row for row in rows if row["id"] in gone]
    app.emit(rows, view="retired")
    if rows and not app.json:
        app.say(f"{'Would retire' if dry_run else 'Retired'} {len(rows)}; their tasks stay in the project.")


@click.command(cls=Command)
@click.argument("session")
@click.argument("file", required=False)
@reads
def export(app: App, session: str, file: str | None) -> None:
    """Write all that a session sees as JSON, to FILE or stdout"""
    text = _output.as_json(session_view(app, session).get(()))
    if file in (None, "-"):
        click.echo(text)
        return
    assert file is not None
    Path(file).write_text(text + "\n")
    app.say(f"✓ Exported to {file}")


@click.command("import", cls=Command)
@click.argument("file")
@click.option("--as-new", is_flag=True, help="Bring it back as another session, with a new id.")
@writes
def import_(app: App, file: str, as_new: bool) -> None:
    """Bring back an exported session from FILE, or - for stdin

    The session's own files become what the export holds. Of its project's records only those that the
    store lacks are brought back: the others may have gone on.
    """
    from orchestration.domain import transfer

    document = json_object(read_text(file), "stdin" if file == "-" else file)
    with app.transaction() as tx:
        session_id, brought = transfer.restore(
            tx, document, as_new=app.new_id() if as_new else None, now=app.at
        )
    app.say(f"✓ Imported session: {session_id}")
    if brought:
        app.say(f"  Brought back: {', '.join(brought)}")
    if app.json:
        app.emit({"session_id": session_id, "brought_back": brought})
    elif not app.at_terminal:
        click.echo(session_id)
