"""`state_manager`: reading and writing what a session sees, and the tasks of its project."""

from typing import Any

import click

from orchestration import paths
from orchestration.cli import _output
from orchestration.cli._app import App
from orchestration.cli._group import Group, common
from orchestration.cli._options import (
    expect_option,
    json_value,
    read_text,
)
from orchestration.cli._views import session_view
from orchestration.domain import counters
from orchestration.domain.session_view import SessionView
from orchestration.errors import BadUsage

_LATER = {
    "task": "_tasks:group",
    "update-task": "_tasks:update_task",
    "list-sessions": "_upkeep:list_sessions",
    "cleanup-expired": "_upkeep:cleanup_expired",
    "export": "_upkeep:export",
    "import": "_upkeep:import_",
}


@click.group(cls=Group, later={name: f"orchestration.cli.{place}" for name, place in _LATER.items()})
def cli() -> None:
    """Read and write the state of a session and its project

    A PATH names a place in the document a session sees: `session`, `execution`, `observability`, any
    name of your own, and the project's records as `sprint.current`, `tasks.TASK-1`, `epics.user-auth`,
    `team`, `config`. Keys stand after dots, list indexes in brackets, odd keys in quotes: a["b.c"]. A
    path that begins with $ is JSONPath, with filters: $.sprint.tasks[?(@.status=='blocked')].
    """


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
    view = session_view(app, session)
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


def main() -> None:
    """Run the command line."""
    cli.main(prog_name="state_manager")
