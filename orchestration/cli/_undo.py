"""`state_manager undo` and `redo`."""

from collections.abc import Sequence

import click

from orchestration.cli._app import App
from orchestration.cli._group import Command, writes
from orchestration.cli._options import session_option
from orchestration.cli._plans import show_changes
from orchestration.domain import references
from orchestration.errors import BadUsage, Conflict, NotFound, UnknownSession
from orchestration.history import joins, moments, standing
from orchestration.history import undo as history
from orchestration.history.changes import FileChange
from orchestration.store import draft
from orchestration.store.commits import Commit
from orchestration.store.transaction import Transaction


@click.command(cls=Command)
@click.argument("revision", metavar="[REV]", required=False)
@session_option
@click.option("--last", type=click.IntRange(1), metavar="N", help="Take back its last N changes.")
@click.option("--any", "anybody", is_flag=True, help="The newest change of anybody.")
@click.option("--force", is_flag=True, help="Put old values back where later changes touched them, too.")
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
@writes
def undo(
    app: App, revision: str | None, session: str | None, last: int | None, anybody: bool, force: bool,
    dry_run: bool,
) -> None:  # fmt: skip
    """Take back a change, as a new change

    Without REV it is the newest change of the session that is not undone yet; heartbeats do not count.
    Somebody else's change needs its REV, or --any. All that one command changed is taken back together,
    value by value: what later changes did elsewhere stays. When they touched the same values, nothing is
    changed and the exit code is 5, unless --force is given.
    """
    if revision is not None and (last is not None or anybody):
        raise BadUsage("REV names the change already", hint="leave out --last and --any")
    acting = _acting(app, session, needed=revision is None and not anybody)
    if revision is not None:
        found = [joins.whole(app.store, app.index, _commit(app, revision))]
        history.check(app.index, found[0])
    else:
        whose = None if anybody else acting
        found = history.newest(app.store, app.index, session=whose, last=last or 1)
    _take_back(app, found, acting, force=force, dry_run=dry_run, redo=False)


@click.command(cls=Command)
@click.argument("revision", metavar="[REV]", required=False)
@session_option
@click.option("--any", "anybody", is_flag=True, help="The newest undo of anybody.")
@click.option("--force", is_flag=True, help="Put values back where later changes touched them, too.")
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
@writes
def redo(
    app: App, revision: str | None, session: str | None, anybody: bool, force: bool, dry_run: bool
) -> None:
    """Bring back what was undone

    Without REV it is the newest undo of the session. REV is an undo, or the change that it took back.
    """
    acting = _acting(app, session, needed=revision is None and not anybody)
    if revision is not None:
        oid = joins.whole(app.store, app.index, _commit(app, revision)).oid
        found = [history.undo_of(app.store, app.index, oid)]
        history.check(app.index, found[0])
    else:
        newest = history.newest_undo(app.store, app.index, session=None if anybody else acting)
        found = [newest] if newest else []
    _take_back(app, found, acting, force=force, dry_run=dry_run, redo=True)


def _acting(app: App, session: str | None, *, needed: bool) -> str | None:
    if session is not None or needed:
        return app.session_id(session)
    try:
        return app.session_id()
    except UnknownSession:
        return None


def _commit(app: App, revision: str) -> Commit:
    oid = moments.revision(app.store, revision) if app.store.exists else None
    if oid is None:
        raise NotFound(f"no commit {revision!r}", hint="see `state_manager history`")
    return app.store.commit(oid)


def _take_back(
    app: App, found: Sequence[Commit], acting: str | None, *, force: bool, dry_run: bool, redo: bool
) -> None:
    if not found:
        if app.json:
            app.emit({"commit": None, "undone": [], "forced": [], "back": None, "changes": []})
        app.say(f"There is nothing to {'redo' if redo else 'undo'}.")
        return
    if redo is False and len(found) == 1 and found[0].undoes:
        redo = not standing.past(app.index).is_redo(found[0].oid)
    tx: Transaction
    if dry_run:
        tx = draft.start(app.store, author=app.actor, now=app.now)
        forced = history.take_back(tx, found, session=acting, force=force, redo=redo)
        files = _checked(app, tx, found[-1], force=force)
        for warning in tx.warnings:
            app.warn(warning)
    else:
        with app.transaction() as tx:
            forced = history.take_back(tx, found, session=acting, force=force, redo=redo)
            files = _checked(app, tx, found[-1], force=force)
    new = tx.tip.oid[:12] if tx.tip and not dry_run else None
    back = f"state_manager {'undo' if redo else 'redo'} {new}" if new else None
    undone = [{"commit": one.oid, "subject": one.subject, "author": one.author} for one in found]
    show_changes(app, files, commit=new, undone=undone, forced=forced, back=back)
    if app.json:
        return
    verb = "Would bring back" if dry_run and redo else "Would take back" if dry_run else None
    for one in found:
        subject = one.subject.removeprefix("undo: ") if redo else one.subject
        app.say(f"{verb or ('✓ Redid' if redo else '✓ Undid')}: {subject} ({one.oid[:12]})")
        join = None if redo else joins.of(one)
        alone = joins.backup(app.store, join) if join else None
        if alone:
            app.say(f"  As it was before it joined: {alone}")
    if forced:
        app.say(f"  Over later changes of: {', '.join(forced)}")
    if back:
        app.say(f"  {'Undo' if redo else 'Redo'}: {back}")


def _checked(app: App, tx: Transaction, first: Commit, *, force: bool) -> list[FileChange]:
    """Return what changes; Conflict when later records would be left without what they name.

    What named nothing already before `first`, the earliest of the commits taken back, may do so again.
    """
    files = tx.changes()
    broken = references.broken_by(
        tx, [file for file, _, _ in files], then=lambda: app.store.snapshot(joins.before(first))
    )
    if broken and not force:
        more = f" and {len(broken) - 5} more" if len(broken) > 5 else ""
        raise Conflict(
            f"what would go is named since by {', '.join(broken[:5])}{more}",
            hint="change these first, or use --force",
        )
    return files
