"""`orchestration import`: work that comes from elsewhere."""

from pathlib import Path
from typing import Any

import click

from orchestration.cli import _output
from orchestration.cli._app import App
from orchestration.cli._group import Command, writes
from orchestration.cli._options import project_option, read_text, session_option
from orchestration.cli._tasks import acting_in
from orchestration.exchange import imports, sources
from orchestration.store import draft


@click.command("import", cls=Command)
@click.argument("place", metavar="SOURCE")
@click.option(
    "--from", "system", type=click.Choice(sources.SYSTEMS), help="What wrote it, where that does not show."
)
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
@project_option
@session_option
@writes
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
