"""`state_manager`: reading and writing what a session sees, and the tasks of its project."""

from pathlib import Path
from typing import Any

import click

from orchestration import paths
from orchestration.cli import _output, _rows, _tasks
from orchestration.cli._app import App, Group, common
from orchestration.cli._options import (
    expect_option,
    json_object,
    json_value,
    read_text,
)
from orchestration.domain import counters, session_actions, sessions
from orchestration.domain.session_view import SessionView
from orchestration.errors import BadUsage, InactiveSession


@click.group(cls=Group)
def cli() -> None:
    """Read and write the state of a session and its project

    A PATH names a place in the document a session sees: `session`, `execution`, `observability`, any
    name of your own, and the project's records as `sprint.current`, `tasks.TASK-1`, `epics.user-auth`,
    `team`, `config`. Keys stand after dots, list indexes in brackets, odd keys in quotes: a["b.c"]. A
    path that begins with $ is JSONPath, with filters: $.sprint.tasks[?(@.status=='blocked')].
    """


def _view(app: App, session: str) -> SessionView:
    session_id = app.session_id(session)
    reader = app.snapshot
    if not reader.exists("sessions", session_id):
        raise InactiveSession(
            f"session {session_id} is retired", hint=f"`session_manager recover {session_id}`"
        )
    view = SessionView(reader, session_id, now=app.at, index=lambda: app.index)
    status = sessions.effective_status(view.session, app.at)
    if status == "expired":
        app.warn(f"session {session_id} has expired; `session_manager recover {session_id}` revives it")
    return view


@cli.command()
@click.argument("session")
@click.argument("path")
@click.option("--rev", is_flag=True, help="Also print, on stderr, the commit that was read.")
@common
def get(app: App, session: str, path: str, rev: bool) -> None:
    """Print the value at a path

    Text is printed bare, other values as JSON. "" is the whole document. A missing path exits 1.
    """
    parsed = None if path.startswith("$") else paths.parse(path)
    view = _view(app, session)
    if rev:
        click.echo(f"commit {view.reader.tip.oid if view.reader.tip else 'none'}", err=True)
    try:
        value = view.find(path)[1] if parsed is None else view.get(parsed)
    except paths.MissingPath as error:
        if app.json:
            click.echo("null")
        raise error
    key = view.record_file(parsed) if parsed else None
    if key is not None and isinstance(value, dict) and "updated_at" not in value:
        value = {**value, "updated_at": app.index.updated_at(_file(key))}
    _mention_edits(app, view, key)
    if view.session.get("project") and parsed == ("sprint", "current"):
        _hint_planned(app, value)
    click.echo(_output.as_json(value) if app.json else _output.as_value(value))


def _file(key: tuple[str, ...]) -> str:
    from orchestration.store import layout

    return layout.file_of(*key)


def _mention_edits(app: App, view: SessionView, key: tuple[str, ...] | None) -> None:
    for file in view.reader.edited([("sessions", view.id, "session"), *([key] if key else [])]):
        app.warn(f"{file} was edited by hand; this is its last commit, the next write adopts the edit")


def _hint_planned(app: App, value: Any) -> None:
    if value is None:
        app.warn("there is no active or planned sprint; `shared_state create-sprint` makes one")
    elif isinstance(value, dict) and value["status"] == "planned":
        app.warn(f"no sprint is active; {value['id']} is planned next: `shared_state start-sprint`")


@cli.command("set")
@click.argument("session")
@click.argument("path")
@click.argument("value")
@click.option("--json-value", is_flag=True, help="VALUE is JSON, not text.")
@expect_option
@common
def set_value(app: App, session: str, path: str, value: str, json_value: bool, expect: str | None) -> None:
    """Set the value at a path, making what leads to it

    Known fields take text in the form they need (a number, a status, a list a,b,c); any other value
    stays text unless --json-value says that it is JSON.
    """
    given = _json(value) if json_value else value
    _write(app, session, path, expect, lambda writer, place: writer.set(place, given))


def _json(text: str) -> Any:
    return json_value(text, "VALUE")


@cli.command()
@click.argument("session")
@click.argument("path")
@click.option("--data", required=True, metavar="JSON", help="An object, or a list of events.")
@expect_option
@common
def merge(app: App, session: str, path: str, data: str, expect: str | None) -> None:
    """Merge an object into the value at a path, in one change

    Objects merge key by key; lists and scalars replace. An unknown task is created. A JSON array
    merged into observability.events records the events.
    """
    given = json_value(data, "--data")
    _write(app, session, path, expect, lambda writer, place: writer.merge(place, given))


@cli.command()
@click.argument("session")
@click.argument("path")
@expect_option
@common
def delete(app: App, session: str, path: str, expect: str | None) -> None:
    """Remove the value at a path; nothing there is no error"""
    done: list[bool] = []
    _write(app, session, path, expect, lambda writer, place: done.append(writer.delete(place)))
    if not done[0]:
        click.echo(f"Nothing at {path}.", err=True)


@cli.command()
@click.argument("session")
@click.argument("path")
@click.argument("value", metavar="JSON")
@expect_option
@common
def append(app: App, session: str, path: str, value: str, expect: str | None) -> None:
    """Append a JSON value to the list at a path"""
    given = _json(value)
    _write(app, session, path, expect, lambda writer, place: writer.append(place, given))


@cli.command()
@click.argument("session")
@click.argument("path")
@click.argument("amount", metavar="N", default="1")
@expect_option
@common
def increment(app: App, session: str, path: str, amount: str, expect: str | None) -> None:
    """Add N (by default 1) to the number at a path and print the sum"""
    number = counters.number(amount)
    total: list[Any] = []
    _write(app, session, path, expect, lambda writer, place: total.append(writer.increment(place, number)))
    click.echo(_output.as_json(total[0]))


def _write(app: App, session: str, path: str, expect: str | None, change: Any) -> None:
    from orchestration.domain.writing import Writer

    if path.startswith("$"):
        raise BadUsage("a write needs one place, not a JSONPath", hint="use dots: sprint.tasks.TASK-1.status")
    place = paths.parse(path)
    session_id = app.session_id(session)
    with app.transaction() as tx:
        writer = Writer(tx, session_id, now=app.at, actor=app.actor)
        if expect is not None and place:
            tx.expect(expect, *writer.file_key(place))
        change(writer, place)
    for notice in writer.notices:
        app.warn(notice)


@cli.command("list-sessions")
@common
def list_sessions(app: App) -> None:
    """List the sessions that are not retired, newest activity first"""
    app.emit(_rows.sessions_rows(app, retired=False), view="sessions")


@cli.command("cleanup-expired")
@click.option("--dry-run", is_flag=True, help="Show what would be retired, change nothing.")
@common
def cleanup_expired(app: App, dry_run: bool) -> None:
    """Take expired sessions out of the files; history keeps them for `recover`"""
    found = session_actions.expired(app.documents("sessions"), app.snapshot, app.at)
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


@cli.command()
@click.argument("expression", metavar="EXPR")
@common
def query(app: App, expression: str) -> None:
    """Apply a JSONPath to JSON on stdin"""
    from orchestration import jsonpath

    data = json_value(read_text(None), "stdin")
    result = jsonpath.find(data, expression)
    value = result.values[0] if result.definite else result.values
    click.echo(_output.as_json(value) if app.json else _output.as_value(value))


@cli.command()
@click.argument("session")
@click.argument("file", required=False)
@common
def export(app: App, session: str, file: str | None) -> None:
    """Write the whole document of a session as JSON, to FILE or stdout"""
    text = _output.as_json(_view(app, session).get(()))
    if file in (None, "-"):
        click.echo(text)
        return
    assert file is not None
    Path(file).write_text(text + "\n")
    app.say(f"✓ Exported to {file}")


@cli.command("import")
@click.argument("file")
@click.option("--as-new", is_flag=True, help="Bring it back as another session, with a new id.")
@common
def import_(app: App, file: str, as_new: bool) -> None:
    """Bring back an exported session from FILE, or - for stdin

    The session's own files become what the export holds. Of its project's records only those that the
    store lacks are brought back: the others may have gone on.
    """
    from orchestration.domain import transfer

    document = json_object(read_text(file), file)
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


cli.add_command(_tasks.group)
cli.add_command(_tasks.update_task)


def main() -> None:
    """Run the command line."""
    cli.main(prog_name="state_manager")
