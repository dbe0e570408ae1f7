"""`/undo` and `/redo`: taking a change back, and bringing it again."""

from collections.abc import Sequence
from typing import Any

from orchestration.claude.client import Answer, Client
from orchestration.domain import references, values
from orchestration.errors import BadUsage, Conflict, NotFound
from orchestration.history import changes, joins, moments, standing
from orchestration.history import undo as history
from orchestration.store import draft
from orchestration.store.commits import Commit
from orchestration.store.transaction import Transaction
from orchestration.views.layout import clean

Arguments = dict[str, Any]
_SHOWN = 5


def undo(client: Client, given: Arguments) -> Answer:
    """Take back a change: the one named, else the newest of this session."""
    last = values.integer("--last", given["last"], low=1) if given["last"] else 1
    if given["commit"] is not None:
        if given["last"] or given["any"]:
            raise BadUsage("REV names the change already", hint="leave out --last and --any")
        found = [joins.whole(client.store, client.index, _commit(client, given["commit"]))]
        history.check(client.index, found[0])
    elif client.session is None and not given["any"]:
        return Answer(
            "There is nothing to undo: this session has changed nothing. /undo --any takes back anybody's."
        )
    else:
        whose = None if given["any"] else client.session
        found = history.newest(client.store, client.index, session=whose, last=last)
    return _take_back(client, found, given, redo=False)


def redo(client: Client, given: Arguments) -> Answer:
    """Bring back what was undone: the undo named, else the newest of this session."""
    if given["commit"] is not None:
        oid = joins.whole(client.store, client.index, _commit(client, given["commit"])).oid
        found = [history.undo_of(client.store, client.index, oid)]
        history.check(client.index, found[0])
    elif client.session is None and not given["any"]:
        return Answer("There is nothing to redo: this session has undone nothing.")
    else:
        newest = history.newest_undo(
            client.store, client.index, session=None if given["any"] else client.session
        )
        found = [newest] if newest else []
    return _take_back(client, found, given, redo=True)


def _commit(client: Client, revision: str) -> Commit:
    oid = moments.revision(client.store, revision) if client.store.exists else None
    if oid is None:
        raise NotFound(f"no commit {revision[:60]!r}", hint="see /state history")
    return client.store.commit(oid)


def _take_back(client: Client, found: Sequence[Commit], given: Arguments, *, redo: bool) -> Answer:
    if not found:
        return Answer(f"There is nothing to {'redo' if redo else 'undo'}.")
    if not redo and len(found) == 1 and found[0].undoes:
        redo = not standing.past(client.index).is_redo(found[0].oid)
    dry_run, force = given["dry_run"], given["force"]
    session = client.session if dry_run else client.who().session
    tx: Transaction
    if dry_run:
        tx = draft.start(client.store, author=client.actor, now=client.now)
        forced = history.take_back(tx, found, session=session, force=force, redo=redo)
        files = _checked(client, tx, found, force=force)
    else:
        with client.transaction() as tx:
            forced = history.take_back(tx, found, session=session, force=force, redo=redo)
            files = _checked(client, tx, found, force=force)
    lines = [client.show("history.diff", [one._asdict() for one in changes.by_path(files)])]
    verb = (
        ("Would bring back" if redo else "Would take back") if dry_run else "✓ Redid" if redo else "✓ Undid"
    )
    for one in found:
        subject = one.subject.removeprefix("undo: ") if redo else one.subject
        lines.append(f"{verb}: {clean(subject)} ({one.oid[:12]})")
        join = None if redo else joins.of(one)
        alone = joins.backup(client.store, join) if join else None
        if alone:
            lines.append(f"As it was before it joined: {clean(alone)}")
    if forced:
        lines.append(f"Over later changes of: {', '.join(map(clean, forced))}")
    if client.commits:
        lines.append(
            f"{'Undo' if redo else 'Redo'}: /{'undo' if redo else 'redo'} {client.commits.pop()[:12]}"
        )
    return Answer("\n".join(lines))


def _checked(
    client: Client, tx: Transaction, found: Sequence[Commit], *, force: bool
) -> list[changes.FileChange]:
    """Return what changes; Conflict when later records would be left without what they name."""
    files = tx.changes()
    before = joins.before(found[-1])
    broken = references.broken_by(
        tx, [file for file, _, _ in files], then=lambda: client.store.snapshot(before)
    )
    if broken and not force:
        more = f" and {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else ""
        raise Conflict(
            f"what would go is named since by {', '.join(broken[:_SHOWN])}{more}",
            hint="change these first, or use --force",
        )
    return files
