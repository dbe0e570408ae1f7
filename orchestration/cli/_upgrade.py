"""`orchestration upgrade`."""

from pathlib import Path

import click

from orchestration.cli import _install, _plans
from orchestration.cli._app import App
from orchestration.cli._group import Command, common
from orchestration.domain import migrations
from orchestration.errors import NotFound
from orchestration.history import backups
from orchestration.store import draft, repo


@click.command(cls=Command)
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
@common
def upgrade(app: App, dry_run: bool) -> None:
    """Move the store to the newest format of this program, and bring what is installed here up to date

    The state is backed up first, and it is one commit. No other command changes the format: a store of
    an older one is read and written as it is. Programs that know only the older one refuse the store
    afterwards, so upgrade them all first.

    Where `orchestration install` put files into this project, those that are older are written anew.
    """
    installed = _refresh(app, dry_run=dry_run)
    if installed is not None and not app.store.exists:
        if app.json:
            app.emit({"format": repo.FORMAT, "minor": repo.MINOR, "steps": [], "backup": None})
        return
    if not app.store.exists:
        raise NotFound("there is no store yet: the first write makes one of the newest format")
    preview = draft.start(app.store, author=app.actor, now=app.now)
    steps = migrations.upgrade(preview)
    if dry_run and steps:
        if not app.json:
            _say(app, steps)
        _plans.show_changes(app, preview.changes(), steps=steps)
        return
    backup = None
    if steps:
        with app.transaction() as tx:
            backup = backups.create(tx, "before-upgrade")
            steps = migrations.upgrade(tx)
    if app.json:
        app.emit({"format": repo.FORMAT, "minor": repo.MINOR, "steps": steps, "backup": backup})
    elif backup is None:
        app.say(f"The store has format {repo.FORMAT} already: there is nothing to do.")
    else:
        _say(app, steps)
        app.say(f"✓ Upgraded to format {repo.FORMAT}")
        app.say(f"  The state before is {backup}: `shared_state backup restore {backup}`")


def _refresh(app: App, *, dry_run: bool) -> Path | None:
    """Bring the installation of this folder up to date and return its place; None where there is none."""
    folder = _install.around(app)
    if folder is None:
        return None
    plan = _install.again(app, folder)
    if app.json:
        if not dry_run:
            _install.carry_out(plan)
    elif plan.changes or not app.store.exists:
        _install.finish(app, plan, dry_run=dry_run, done="Brought up to date")
    return folder


def _say(app: App, steps: list[str]) -> None:
    for step in steps:
        app.say(f"Format {step}")
