"""Commands of `state_manager` that read a path."""

from typing import Any

import click

from orchestration import paths
from orchestration.cli import _output
from orchestration.cli._app import App
from orchestration.cli._group import Command, common, reads
from orchestration.cli._options import json_value, read_text
from orchestration.cli._views import session_view
from orchestration.domain.session_view import SessionView


@click.command(cls=Command)
@click.argument("session")
@click.argument("path")
@click.option("--rev", is_flag=True, help="Also print, on stderr, the commit that was read.")
@reads
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
    key, named = (view.record_key(parsed) if parsed else None) or (None, 0)
    if key is not None:
        app.log("DEBUG", f"path {path} is {_file(key)}")
    if (
        key is not None
        and key[0] != "sessions"
        and parsed
        and named == len(parsed)
        and isinstance(value, dict)
    ):
        value = {**value, "updated_at": value.get("updated_at") or app.index.updated_at(_file(key))}
    _mention_edits(app, view, key)
    if view.session.get("project") and parsed == ("sprint", "current"):
        _hint_planned(app, value)
    _output.put(_output.as_json(value) if app.json else _output.as_value(value))


def _file(key: tuple[str, ...]) -> str:
    from orchestration.store import layout

    return layout.file_of(*key)


def _mention_edits(app: App, view: SessionView, key: tuple[str, ...] | None) -> None:
    session = ("sessions", view.id, "session")
    for file in app.edited(session, *([key] if key and key != session else [])):
        app.warn(f"{file} was edited by hand; this is its last commit, the next write adopts the edit")


def _hint_planned(app: App, value: Any) -> None:
    if value is None:
        app.warn("there is no active or planned sprint; `shared_state create-sprint` makes one")
    elif isinstance(value, dict) and value["status"] == "planned":
        app.warn(f"no sprint is active; {value['id']} is planned next: `shared_state start-sprint`")


@click.command(cls=Command)
@click.argument("expression", metavar="EXPR")
@common
def query(app: App, expression: str) -> None:
    """Apply a JSONPath to JSON on stdin, without any store"""
    from orchestration import jsonpath

    data = json_value(read_text(None), "stdin")
    result = jsonpath.find(data, expression)
    value = result.values[0] if result.definite else result.values
    _output.put(_output.as_json(value) if app.json else _output.as_value(value))
