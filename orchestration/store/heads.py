"""Moving the branch to a commit that is more than a change by this machine: another's, or a merge.

Both happen inside a transaction, under the store's lock, by compare-and-swap, and bring the files on disk
along; edits by hand of the files concerned are committed first.
"""

from collections.abc import Iterable, Mapping

from orchestration.errors import Conflict
from orchestration.store import commits, landing, trees
from orchestration.store.commits import Commit
from orchestration.store.objects import object_id
from orchestration.store.transaction import Transaction
from orchestration.store.worktree import Change


def differences(tx: Transaction, tree: str) -> list[Change]:
    """Return the ordinary files in which a tree differs from the tip of a transaction."""
    return [
        Change(path, old.oid if old and old.is_file else None, new.oid if new and new.is_file else None)
        for path, old, new in trees.differences(tx.read_tree, tx.tip.tree if tx.tip else None, tree)
        if (old and old.is_file) or (new and new.is_file)
    ]


def adopt(tx: Transaction, files: Iterable[str]) -> bool:
    """Commit what a person edited of `files`; says whether the branch has moved by that."""
    before = tx.tip
    for file in files:
        tx.adopt(file)
    return tx.tip != before


def advance(
    tx: Transaction, commit: Commit, line: str, *, objects: Iterable[tuple[str, bytes, bytes]] = ()
) -> None:
    """Move the branch to `commit`, a descendant of the tip; `objects` are those that are not stored yet.

    Conflict when plain git moved the branch at this moment.
    """
    new = list(objects)
    base = tx.tip.oid if tx.tip else None
    contents = {oid: data for oid, kind, data in new if kind == b"blob"}
    landing.store(tx, new)
    changes = differences(tx, commit.tree)
    writes = {path: contents[oid] for path, _, oid in changes if oid is not None and oid in contents}
    log = (
        f"{commits.COMMITTER} <{commits.COMMITTER}@{tx.machine.name}> {int(tx.now.timestamp())} +0000\t{line}"
    )
    if not landing.move(tx, base, commit.oid, log, changes, writes, commit.tree):
        raise Conflict("the store changed in git at this moment", hint="try again")
    for _, old, now in changes:
        if old is not None and old != now:
            tx.documents.forget(old)
    tx.stand_on(commit.oid)


def merged(
    tree: str, parents: tuple[Commit, Commit], subject: str, trailers: Mapping[str, str]
) -> tuple[Commit, bytes]:
    """Return the merge of two commits, and its bytes; it depends on nothing but what is given."""
    one, other = parents
    at = max(one.at, other.at).isoformat().replace("+00:00", "Z")
    text = commits.message(subject, {**trailers, "At": at})
    author = commits.Author(commits.COMMITTER, f"{commits.COMMITTER}@merge")
    raw = commits.serialise(tree, [one.oid, other.oid], author, max(one.time, other.time), "merge", text)
    return commits.parse(object_id(b"commit", raw), raw), raw
