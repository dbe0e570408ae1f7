"""Undo and redo: a new commit that takes back what one or several others did.

Nothing leaves the history. A commit that takes back says so in `Undoes:` trailers, and that is all there
is to know: a commit is undone when one that took it back has not been undone itself. So redo is the undo
of an undo, and both can be repeated for ever.
"""

from collections.abc import Iterator, Sequence

from orchestration.errors import Conflict, NotFound, Refused
from orchestration.history import joins, takeback
from orchestration.history.standing import past
from orchestration.store.commits import Commit
from orchestration.store.index import Index
from orchestration.store.queries import Event
from orchestration.store.repo import Store
from orchestration.store.transaction import Transaction

OP = "restored"
_PURGED = "state_purged"
_NO_CHANGE = ("heartbeat", "backup_created", "store_created", "session_created", _PURGED)
"""Events that nobody means by "the last thing I did"."""
_PAGE = 64
_SHOWN = 5


# -- which commit is meant


def newest(store: Store, index: Index, *, session: str | None, last: int) -> list[Commit]:
    """Return the newest `last` changes of a session, or of anybody, that are not undone; newest first."""
    known = past(index)
    found: list[Commit] = []
    parts: set[str] = set()
    for event in _events(index, session):
        join = joins.of(store.commit(event.oid)) if event.op == joins.OP else None
        if join is not None:
            parts.add(join.fitted)  # goes with the join, and not alone
        if event.oid in known.undone or event.oid in known.targets or event.op in _NO_CHANGE:
            continue
        commit = store.commit(event.oid)
        single = len(commit.parents) == 1 and event.oid not in parts
        if join is not None or (single and index.touched(event.oid)):
            found.append(commit)
        if len(found) == last:
            break
    return found


def newest_undo(store: Store, index: Index, *, session: str | None) -> Commit | None:
    """Return the newest undo of a session, or of anybody, that was not taken back itself."""
    known = past(index)
    for event in _events(index, session):
        oid = event.oid
        if oid in known.targets and oid not in known.undone and not known.is_redo(oid):
            return store.commit(oid)
    return None


def undo_of(store: Store, index: Index, oid: str) -> Commit:
    """Return the undo meant by its own id, or by that of the change it took back; Refused for others."""
    known = past(index)
    if oid in known.undone and oid not in known.targets:
        return store.commit(known.undone[oid])
    if oid not in known.targets or known.is_redo(oid):
        raise Refused(f"commit {oid[:12]} was not undone", hint="`state_manager undo` takes a change back")
    return store.commit(oid)


def _events(index: Index, session: str | None) -> Iterator[Event]:
    """Yield events newest first, reading as far as somebody looks."""
    seen, limit = 0, _PAGE
    while True:
        page = index.events(session=session, limit=limit)
        yield from page[seen:]
        if len(page) < limit:
            return
        seen, limit = limit, limit * 4


def check(index: Index, commit: Commit) -> None:
    """Refuse what cannot be undone: another branch's commit, the first one, a merge of sync, an undone one."""
    short = commit.oid[:12]
    if not index.includes(commit.oid):
        raise NotFound(f"commit {short} is not in the history of this branch", hint="see `git log`")
    if commit.trailers().get("Op") == [_PURGED]:
        raise Refused(f"commit {short} tells of a purge; it cannot be undone")
    joins.before(commit)
    by = past(index).undone.get(commit.oid)
    if by is not None:
        raise Refused(
            f"commit {short} was undone already, by {by[:12]}", hint=f"`state_manager redo {by[:12]}`"
        )


# -- taking back


def take_back(
    tx: Transaction, commits: Sequence[Commit], *, session: str | None, force: bool, redo: bool
) -> list[str]:
    """Take back commits, newest first, in one change; returns the repository paths that were forced.

    Conflict, naming those paths, when later changes touched them and `force` is not set.
    """
    conflicts: list[str] = []
    for commit in commits:
        edits = takeback.files(tx, tx.store.commit(joins.before(commit)), commit)
        if joins.of(commit):
            edits = [
                (file, old, new) for file, old, new in edits
                if not joins.stays(file, commit, session=session, unchanged=tx.content(file) == new)
            ]  # fmt: skip
        if not edits and not commit.undoes:
            raise Refused(f"commit {commit.oid[:12]} changed no file: there is nothing to take back")
        conflicts += takeback.take_back(tx, edits, force=force)
    if conflicts and not force:
        more = f" and {len(conflicts) - _SHOWN} more" if len(conflicts) > _SHOWN else ""
        raise Conflict(
            f"later changes touched {', '.join(conflicts[:_SHOWN])}{more}",
            hint="--force puts the old values back all the same",
        )
    # an event as well: when everything is as it was before, that it was undone is still to be known
    tx.emit(
        OP, _subject(commits, redo=redo), session=session, project=_shared(commits, "Project"),
        task=_shared(commits, "Task"), undoes=[commit.oid for commit in commits],
    )  # fmt: skip
    return conflicts


def _subject(commits: Sequence[Commit], *, redo: bool) -> str:
    if len(commits) > 1:
        return f"undo: {len(commits)} changes, back before: {commits[-1].subject}"
    subject = commits[0].subject
    return f"redo: {subject.removeprefix('undo: ')}" if redo else f"undo: {subject}"


def _shared(commits: Sequence[Commit], trailer: str) -> str | None:
    """Return the value of a trailer that all commits have, or None."""
    found = {tuple(commit.trailers().get(trailer, [])[-1:]) for commit in commits}
    values = found.pop()
    return values[0] if values and not found else None
