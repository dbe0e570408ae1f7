"""Commands of `state_manager` that write to a path."""

from typing import Any

import click

from orchestration import paths
from orchestration.cli import _output
from orchestration.cli._app import App
from orchestration.cli._group import Command, writes
from orchestration.cli._options import expect_option, json_value
from orchestration.domain import counters
from orchestration.domain.writing import Writer
from orchestration.errors import BadUsage
from orchestration.store import layout


@click.command("set", cls=Command)
@click.argument("session")
@click.argument("path")
@click.argument("value")
@click.option("--json-value", is_flag=True, help="VALUE is JSON, not text.")
@expect_option
@writes
def set_value(app: App, session: str, path: str, value: str, json_value: bool, expect: str | None) -> None:
    """Set the value at a path, making what leads to it

    Known fields take text in the form they need (a number, a status, a list a,b,c); any other value
    stays text unless --json-value says that it is JSON.
    """
    given = _json(value) if json_value else value
    _write(app, session, path, expect, lambda writer, place: writer.set(place, given))


def _json(text: str) -> Any:
    return json_value(text, "VALUE")


@click.command(cls=Command)
@click.argument("session")
@click.argument("path")
@click.option("--data", required=True, metavar="JSON", help="An object, or a list of events.")
@expect_option
@writes
def merge(app: App, session: str, path: str, data: str, expect: str | None) -> None:
    """Merge an object into the value at a path, in one change

    Objects merge key by key; lists and scalars replace. An unknown task is created. A JSON array
    merged into observability.events records the events.
    """
    given = json_value(data, "--data")
    _write(app, session, path, expect, lambda writer, place: writer.merge(place, given))


@click.command(cls=Command)
@click.argument("session")
@click.argument("path")
@expect_option
@writes
def delete(app: App, session: str, path: str, expect: str | None) -> None:
    """Remove the value at a path; nothing there is no error"""
    done: list[bool] = []
    _write(app, session, path, expect, lambda writer, place: done.append(writer.delete(place)))
    if not done[0]:
        click.echo(f"Nothing at {path}.", err=True)


@click.command(cls=Command)
@click.argument("session")
@click.argument("path")
@click.argument("value", metavar="JSON")
@expect_option
@writes
def append(app: App, session: str, path: str, value: str, expect: str | None) -> None:
    """Append a JSON value to the list at a path"""
    given = _json(value)
    _write(app, session, path, expect, lambda writer, place: writer.append(place, given))


@click.command(cls=Command)
@click.argument("session")
@click.argument("path")
@click.argument("amount", metavar="N", default="1")
@expect_option
@writes
def increment(app: App, session: str, path: str, amount: str, expect: str | None) -> None:
    """Add N, by default 1, to a number and print the sum"""
    number = counters.number(amount)
    total: list[Any] = []
    _write(app, session, path, expect, lambda writer, place: total.append(writer.increment(place, number)))
    click.echo(_output.as_json(total[0]))


def _write(app: App, session: str, path: str, expect: str | None, change: Any) -> None:
    if path.startswith("$"):
        raise BadUsage("a write needs one place, not a JSONPath", hint="use dots: sprint.tasks.TASK-1.status")
    place = paths.parse(path)
    session_id = app.acting = app.session_id(session)
    with app.transaction() as tx:
        writer = Writer(tx, session_id, now=app.at, actor=app.actor)
        key = writer.file_key(place)
        if key is not None:
            app.log("DEBUG", f"path {path} is {layout.file_of(*key)}")
        if expect is not None:
            if key is None:
                raise BadUsage("--expect compares one record", hint="name one, such as tasks.TASK-1")
            tx.expect(expect, *key)
        change(writer, place)
    for notice in writer.notices:
        app.warn(notice)
