"""`shared_state backup`: tags that keep a state by name, bundles, and putting back what they hold."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from orchestration import ids
from orchestration.cli import _plans
from orchestration.cli._app import App
from orchestration.cli._group import Group, common, writes
from orchestration.cli._options import session_option
from orchestration.errors import BadUsage, NotFound, UnknownSession
from orchestration.history import backups, bundles, moments
from orchestration.history.backups import Scope
from orchestration.store import draft
from orchestration.store.transaction import Transaction


@click.group("backup", cls=Group)
def group() -> None:
    """Keep the present state by name, and bring it back

    A backup is an annotated tag in the store's git repository: it holds everything of all sessions and
    projects and takes no room. For a copy elsewhere, write a bundle.
    """


@group.command()
@click.argument("label", required=False)
@session_option
@writes
def create(app: App, label: str | None, session: str | None) -> None:
    """Back up the present state and print the backup's name"""
    if not app.store.exists:
        raise NotFound("there is no store yet: nothing to back up", hint="the first write makes it")
    acting = app.session_id(session) if session is not None else None
    with app.transaction() as tx:
        assert tx.tip is not None
        kept = tx.tip.oid
        name = backups.create(tx, label)
        tx.emit("backup_created", f"backup: create {name}", session=acting)
    if app.json:
        app.emit({"name": name, "commit": kept})
        return
    app.say(f"✓ Created {name}")
    if not app.at_terminal:
        click.echo(name)


@group.command("list")
@common
def list_backups(app: App) -> None:
    """List backups, newest first"""
    rows = [backups.document(tag) for tag in backups.every(app.store)]
    app.emit(rows, view="backups.listing", empty="There are no backups.")


@group.command()
@click.argument("name")
@click.option("--session", "sessions", multiple=True, metavar="S", help="Only this session's files.")
@click.option("--project", "projects", multiple=True, metavar="P", help="Only this project's records.")
@click.option("--path", metavar="PATH", help="Only this record, folder or value: a repository path.")
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
@click.option("--yes", is_flag=True, help="Do it at once.")
@writes
def restore(
    app: App, name: str, sessions: tuple[str, ...], projects: tuple[str, ...], path: str | None,
    dry_run: bool, yes: bool,
) -> None:  # fmt: skip
    """Make the state, or a part of it, what it was in a backup

    Shows what would change, and the line that does it; --yes does it at once, as one change. The present
    state is backed up first, so there is always a way back. A repository path begins at the root, such
    as projects.myapp.tasks.TASK-1.column.
    """
    if path is not None and (sessions or projects):
        raise BadUsage("--path names one place", hint="leave out --session and --project")
    backup = backups.find(app.store, name)
    whole = [_session(app, one) for one in sessions]
    arguments = {"name": backup.name, "sessions": whole, "projects": list(projects), "path": path}
    if yes and not dry_run:
        _plans.perform(app, "backup restore", arguments)
        return
    tx = draft.start(app.store, author=app.actor, now=app.now)
    backups.restore(tx, backup, Scope.of(arguments))
    for warning in tx.warnings:
        app.warn(warning)
    _plans.offer(app, "backup restore", arguments, tx.changes(), dry_run=dry_run, backup=backup.name)


def _session(app: App, given: str) -> str:
    """Return the id of a session, which only the backup may know any more."""
    try:
        return app.session_id(given)
    except UnknownSession:
        return ids.check(given, "session")


def perform_restore(app: App, arguments: Mapping[str, Any], confirm: Callable[[Transaction], None]) -> None:
    """Restore a backup: back up the present, then change."""
    scope = Scope.of(arguments)
    acting = scope.sessions[0] if len(scope.sessions) == 1 else None
    with app.transaction() as tx:
        backup, files, before = backups.carry_out(tx, arguments["name"], scope, confirm, session=acting)
    commit = tx.tip.oid[:12] if tx.tip and before else None
    back = f"state_manager undo {commit}" if commit else None
    _plans.show_changes(app, files, backup=backup.name, before=before, commit=commit, back=back)
    if app.json:
        return
    if before is None:
        app.say(f"Everything is as in {backup.name} already.")
        return
    app.say(f"✓ Restored {scope} from {backup.name}")
    app.say(f"  Way back: {back}, or shared_state backup restore {before}")


@group.command()
@click.argument("old", metavar="A")
@click.argument("new", metavar="[B]", required=False)
@common
def diff(app: App, old: str, new: str | None) -> None:
    """Show by path what differs between backup A and backup B, by default the present

    A and B may also be commits, tags or branches.
    """
    first, second = _commit(app, old), _commit(app, new) if new is not None else None
    _plans.show_changes(app, backups.compare(app.store, first, second))


def _commit(app: App, name: str) -> str:
    try:
        return backups.find(app.store, name).commit
    except NotFound:
        found = moments.revision(app.store, name) if app.store.exists else None
        if found is None:
            raise
        return found


@group.command()
@click.option(
    "--keep",
    type=click.IntRange(0),
    default=backups.KEPT,
    show_default=True,
    help="How many of the newest stay.",
)
@click.option("--dry-run", is_flag=True, help="Show what would go, change nothing.")
@click.option("--yes", is_flag=True, help="Do it at once.")
@writes
def clean(app: App, keep: int, dry_run: bool, yes: bool) -> None:
    """Remove old backups

    The newest stay, all of the last 7 days, and one of each week for a month. Only the names go: the
    history keeps what they stood for.
    """
    found = backups.superfluous(backups.every(app.store), now=app.now, keep=keep)
    rows = [backups.document(tag) for tag in found]
    arguments = {"refs": [[tag.name, tag.oid] for tag in found], "rows": rows}
    if yes and not dry_run and found:
        _plans.perform(app, "backup clean", arguments)
        return
    if not app.json:
        app.emit(rows, view="backups.listing", empty="No backup is old enough to go.")
    _plans.offer_named(app, "backup clean", arguments, rows, dry_run=dry_run)


def perform_clean(app: App, arguments: Mapping[str, Any], confirm: Callable[[Transaction], None]) -> None:
    """Remove backups."""
    with app.transaction() as tx:
        confirm(tx)
        backups.remove(tx, [(name, oid) for name, oid in arguments["refs"]])
    app.emit(arguments["rows"], view="backups.listing", empty="No backup went.")
    if not app.json:
        app.say(f"✓ Removed {len(arguments['refs'])}; the history keeps what they stood for.")


@group.command()
@click.argument("name", metavar="[NAME|FILE]", required=False)
@common
def verify(app: App, name: str | None) -> None:
    """Prove that a backup, by default every one, or a bundle can be restored

    It is restored into a temporary folder with plain git, checked object by object, and its files are
    compared with what the store holds.
    """
    file = Path(name) if name else None
    if file is not None and file.is_file():
        found = bundles.verify_file(app.store, file)
    else:
        found = bundles.verify(
            app.store, [backups.find(app.store, name)] if name else backups.every(app.store)
        )
    app.emit([proof._asdict() for proof in found], view="backups.proofs")


@group.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@common
def bundle(app: App, file: Path) -> None:
    """Write the whole history with all branches and backups to one FILE

    Plain `git clone FILE` opens it. A bundle that is there is replaced, once the new one is whole.
    """
    if not app.store.exists:
        raise NotFound("there is no store yet: nothing to back up", hint="the first write makes it")
    names = bundles.write(app.store, file)
    if app.json:
        app.emit({"file": str(file), "bytes": file.stat().st_size, "refs": names})
    else:
        app.say(f"✓ Wrote {file} ({file.stat().st_size} bytes, {len(names)} branches and tags)")
