"""`state_manager reset`."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from orchestration.cli import _plans
from orchestration.cli._app import App
from orchestration.cli._group import Command, writes
from orchestration.domain import reset as rules
from orchestration.english import counted
from orchestration.store import draft
from orchestration.store.transaction import Transaction


@click.command(cls=Command)
@click.argument("session")
@click.option("--project", is_flag=True, help="Its project's tasks and sprints, too.")
@click.option("--partial", metavar="A,B", help="Only these parts, such as execution or tasks.")
@click.option("--preserve", metavar="A,B", help="All but these parts.")
@click.option("--force", is_flag=True, help="Also when tasks of the project are being worked on.")
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
@click.option("--yes", is_flag=True, help="Do it at once.")
@writes
def reset(
    app: App, session: str, project: bool, partial: str | None, preserve: str | None, force: bool,
    dry_run: bool, yes: bool,
) -> None:  # fmt: skip
    """Put a session back to how it began

    Shows what would go, and the line that does it; --yes does it at once. The state is backed up first
    and it is one change, so `undo` and `backup restore` bring everything back. Parts are `session` (fields
    it did not begin with), `execution`, `observability`, the session's own names, and with --project
    `tasks` and `sprints`. Who it is, its metadata and its expiry stay.
    """
    arguments = {
        "session": app.session_id(session),
        "project": project,
        "partial": rules.names(partial),
        "preserve": rules.names(preserve),
        "force": force,
    }
    if yes and not dry_run:
        _plans.perform(app, "reset", arguments)
        return
    tx = draft.start(app.store, author=app.actor, now=app.now)
    chosen = rules.choose(tx, arguments, now=app.at)
    if not dry_run and not force:
        rules.check_work(chosen)
    if chosen.at_work:
        app.warn(f"being worked on: {', '.join(chosen.at_work)}")
    rules.perform(tx, chosen, known=tx.names("sessions"), now=app.at)
    for warning in tx.warnings:
        app.warn(warning)
    _plans.offer(app, "reset", arguments, tx.changes(), dry_run=dry_run, in_progress=chosen.at_work)


def perform(app: App, arguments: Mapping[str, Any], confirm: Callable[[Transaction], None]) -> None:
    """Reset a session: back up, change, verify."""
    with app.transaction() as tx:
        chosen, files, backup = rules.carry_out(tx, arguments, confirm, now=app.at)
    if backup is None:
        _plans.show_changes(app, [], backup=None, restore=None)
        app.say(f"Session {chosen.session} is as it began already.")
        return
    assert tx.tip is not None
    checked = rules.verify(app.store.snapshot(tx.tip.oid), files)
    words = ["shared_state backup restore", backup, "--session", chosen.session]
    words += ["--project", chosen.project] if chosen.project else []
    restore = " ".join([*words, "--yes"])
    _plans.show_changes(app, files, backup=backup, commit=tx.tip.oid[:12], verified=checked, restore=restore)
    if not app.json:
        app.say(f"✓ Reset session: {chosen.session}")
        app.say(f"  Verified: {counted(checked, 'file')}; backup {backup}")
        app.say(f"  Restore: {restore}")
        app.say(f"  Undo: state_manager undo {tx.tip.oid[:12]}")
