"""`orchestration export` and `sprint-export`: work that goes elsewhere."""

import os
from pathlib import Path

import click

from orchestration.cli import _output
from orchestration.cli._app import App
from orchestration.cli._group import Command, reads
from orchestration.cli._looking import project_of
from orchestration.cli._options import project_option, session_option
from orchestration.domain import board as boards
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.english import counted
from orchestration.errors import BadUsage, NotFound
from orchestration.exchange import exports

_FORM = click.argument("form", metavar="csv|json|md", type=click.Choice(exports.FORMATS))
_OUT = click.option("-o", "--output", metavar="FILE", help="Write there instead of to stdout.")


@click.command(cls=Command)
@_FORM
@click.option("--sprint", metavar="ID", help="Only the tasks of this sprint, archived or not.")
@_OUT
@project_option
@session_option
@reads
def export(
    app: App, form: str, sprint: str | None, output: str | None, project: str | None, session: str | None
) -> None:
    """Write the tasks of a project as CSV, JSON or Markdown"""
    board, bound = project_of(app, project, session)
    chosen = boards.chosen(board, sprint, bound=bound) if sprint is not None else None
    found = exports.of_project(board, chosen)
    _write(app, exports.written(found, form), output, len(found["tasks"]))


def _write(app: App, text: str, output: str | None, count: int) -> None:
    path = put_text(app, output, text)
    if path is None:
        return
    if app.json:
        app.emit({"file": str(path), "tasks": count})
    else:
        app.say(f"✓ Wrote {counted(count, 'task')} to {path}")


def put_text(app: App, output: str | None, text: str) -> Path | None:
    """Write to the file that --output names and return its path; to stdout, and None, without one or for "-"."""
    if output is None or output == "-":
        _output.put(text.removesuffix("\n"))
        return None
    return put_file(app, output, text)


def put_file(app: App, name: str, text: str) -> Path:
    """Write a file as a whole and return its path: a reader sees the old one or the new one."""
    path = Path(app.cwd, name)
    if path.is_dir():
        raise BadUsage(f"{path} is a folder", hint="name a file in it")
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        beside.write_text(text, "utf-8", newline="")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


@click.command("sprint-export", cls=Command)
@click.argument("form", metavar="[csv|json|md]", type=click.Choice(exports.FORMATS), default="md")
@click.argument("sprint", metavar="[SPRINT]", required=False)
@click.option("-o", "--output", metavar="FILE", help="By default PROJECT-SPRINT.csv, .json or .md, here.")
@project_option
@session_option
@reads
def sprint_export(
    app: App, form: str, sprint: str | None, output: str | None, project: str | None, session: str | None
) -> None:
    """Write the tasks of a sprint, by default the current one, to a file and print its path"""
    board, bound = project_of(app, project, session)
    chosen = current(board, sprint, bound)
    found = exports.of_project(board, chosen)
    name = str(chosen["id"])
    path = put_file(app, output or f"{board.id}-{name}.{form}", exports.written(found, form))
    if app.json:
        app.emit({"file": str(path), "sprint": name, "tasks": len(found["tasks"])})
    else:
        click.echo(path)


def current(board: Project, sprint: str | None, bound: str | None) -> Document:
    """Return the sprint that is named, else the current one; NotFound when there is none."""
    chosen = boards.chosen(board, sprint, bound=bound)
    if chosen is None:
        raise NotFound(
            f"project {board.id!r} has no current sprint",
            hint="name one, or make one: `shared_state create-sprint`",
        )
    return chosen
