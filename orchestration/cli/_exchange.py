"""`orchestration import`, `export`, `sprint-export` and `report`: work that comes from elsewhere or goes there."""

import os
from pathlib import Path
from typing import Any

import click

from orchestration.cli import _output
from orchestration.cli._app import App
from orchestration.cli._group import Command, common, reads
from orchestration.cli._looking import project_of
from orchestration.cli._options import project_option, read_text, session_option
from orchestration.cli._tasks import acting_in
from orchestration.domain import board as boards
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import BadUsage, NotFound
from orchestration.exchange import exports, imports, sources
from orchestration.store import draft


@click.command("import", cls=Command)
@click.argument("place", metavar="SOURCE")
@click.option(
    "--from", "system", type=click.Choice(sources.SYSTEMS), help="What wrote it, where that does not show."
)
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
@project_option
@session_option
@common
def import_(
    app: App, place: str, system: str | None, dry_run: bool, project: str | None, session: str | None
) -> None:
    """Bring in tasks of another system from SOURCE, a folder or file, or - for stdin

    Known are the state of the earlier JSON implementation (its folder, with sessions and shared), the
    tasks of Backlog.md, issues of beads (.beads) and those of GitHub, as `gh issue list --json
    number,title,body,state,stateReason,labels,assignees,milestone,createdAt,closedAt,url` prints them.

    It is one change, which `undo` takes back. Importing again takes over only what the source has
    changed since; what was changed here stays. Nothing is imported when anything does not parse.
    """
    if place == "-":
        kind, files = sources.read_text(read_text("-"), system)
    else:
        kind, files = sources.read(Path(app.cwd, place), system)
    batch = sources.parse(kind, files)
    acting, project_id = _where(app, project, session, required=kind != "json")
    facts: dict[str, Any] = {"now": app.at, "actor": app.actor, "session": acting}
    facts["progress"] = _output.progress("importing")
    if dry_run:
        preview = draft.start(app.store, author=app.actor, now=app.now)
        summary = imports.run(preview, batch, project_id, **facts)
    else:
        with app.transaction() as tx:
            summary = imports.run(tx, batch, project_id, **facts)
        commit = tx.tip.oid[:12] if tx.tip and summary["changed"] else None
    app.emit({**summary, "dry_run": dry_run}, view="exchange.imported")
    if app.json:
        return
    if not summary["changed"]:
        app.say("Nothing to import: everything is here already.")
    elif dry_run:
        app.say(f"Nothing was changed. Without --dry-run: {imports.said(summary)}.")
    else:
        app.say(f"✓ Imported: {imports.said(summary)}. `state_manager undo {commit}` takes it back.")


def _where(
    app: App, project: str | None, session: str | None, *, required: bool
) -> tuple[str | None, str | None]:
    if required or session is not None or app.env.get("CLAUDE_SESSION_ID"):
        return acting_in(app, project, session)
    return None, project


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
    if output in (None, "-"):
        _output.put(text.removesuffix("\n"))
        return
    assert output is not None
    path = put_file(app, output, text)
    if app.json:
        app.emit({"file": str(path), "tasks": count})
    else:
        app.say(f"✓ Wrote {count} task{'' if count == 1 else 's'} to {path}")


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
