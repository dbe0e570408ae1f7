"""`state_manager conflicts` and `resolve`: what two machines changed to different values."""

import click

from orchestration import ids
from orchestration.cli._app import App
from orchestration.cli._group import Command, reads, writes
from orchestration.cli._options import json_value, session_option
from orchestration.domain import conflicts as records
from orchestration.domain import resolving
from orchestration.errors import BadUsage
from orchestration.paths import MISSING
from orchestration.store import machine
from orchestration.views import conflicts as views


@click.command(cls=Command)
@click.option("--project", metavar="P", help="Only conflicts of this project.")
@reads
def conflicts(app: App, project: str | None) -> None:
    """List what two machines changed to different values

    A merge lets the later value stand and keeps the other beside it. `ours` is what this machine wrote.
    Work goes on meanwhile; `resolve` decides.
    """
    if project is not None:
        ids.check(project, "project")
    rows = records.listing(app.snapshot, project=project, machine=machine.known(app.store.private))
    app.emit(rows, view="conflicts.listing", project=project)


@click.command(cls=Command)
@click.argument("place", metavar="PATH|ID")
@click.option("--ours", "side", flag_value="ours", help="Take what this machine wrote.")
@click.option("--theirs", "side", flag_value="theirs", help="Take what the other machine wrote.")
@click.option("--value", metavar="V", help="Take another value.")
@click.option("--json-value", "is_json", is_flag=True, help="The --value is JSON, not text.")
@session_option
@writes
def resolve(
    app: App, place: str, side: str | None, value: str | None, is_json: bool, session: str | None
) -> None:
    """Decide a conflict: for a side, for another value, or, without an option, for what stands now

    PATH is a path of `conflicts`, such as projects.myapp.tasks.TASK-1.points.
    """
    if side is not None and value is not None:
        raise BadUsage(f"--{side} and --value exclude each other", hint="give one of them")
    if is_json and value is None:
        raise BadUsage("--json-value says how --value is written", hint="give --value JSON too")
    given = MISSING if value is None else json_value(value, "--value") if is_json else value
    if session is not None or app.env.get("CLAUDE_SESSION_ID"):
        app.acting = session = app.session_id(session)
    with app.transaction() as tx:
        done = resolving.resolve(tx, place, side=side, value=given, session=session, now=app.at)
    if app.json:
        app.emit(done.document())
        return
    before, after = (views.value(done.document()[name]) for name in ("before", "after"))
    app.say(f"✓ Resolved {done.path}: {after if before == after else f'{before} -> {after}'}")
