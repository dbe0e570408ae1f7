"""Merges that git made without this program, put right afterwards: on a server's web page, or by `git pull`.

A merge line by line may give a key twice, leave marks, or make a record that no command would write. One
that our driver made goes by value, but file by file: what several records mean together, such as two active
sprints, is not seen. So a sync looks once at each such merge that came or was made since the last one. A
record that does not parse, as long as nobody has written it since, is merged again by meaning from the two
sides of that merge; then the state of now is settled as after a merge of ours (see `domain.settling`).
Where a side's value gives way by that, it is a conflict like any other.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from orchestration import codec
from orchestration.domain import conflicts
from orchestration.errors import InvalidData, NotFound
from orchestration.store import heads, layout, trees
from orchestration.store.commits import Commit
from orchestration.store.objects import DamagedObject
from orchestration.store.repo import Store
from orchestration.store.snapshot import Snapshot
from orchestration.store.transaction import Transaction
from orchestration.sync import merging
from orchestration.sync.transport import Transport
from orchestration.sync.trees import Blob, State


def heal(
    store: Store,
    line: Transport,
    since: str | None,
    transaction: Callable[[], AbstractContextManager[Transaction]],
) -> list[str]:
    """Mend what merges by git alone left that are not behind commit `since`, in one commit; return the files."""
    tip = store.refs.head().commit
    if tip is None or tip == since:
        return []
    found = map(store.commit, line.merges(since if _is_there(store, since) else None, tip))
    merges = [one for one in found if len(one.parents) == 2 and one.trailers().get("Op") != [merging.OP]]
    while merges:
        now = store.snapshot()
        wanted = _wanted(store, line, merges, now)
        if not wanted:
            break
        with transaction() as tx:
            if tx.tip != now.tip or heads.adopt(tx, wanted):
                continue  # somebody was faster: look again
            for file, data in wanted.items():
                tx.put(file, data)
            files = [file for file in wanted if f"{conflicts.FOLDER}/" not in file]
            count = f"{len(files)} record" + ("s" if len(files) != 1 else "")
            tx.describe("state_set", f"sync: mend {count} that git merged by itself")
        return files
    return []


def _is_there(store: Store, oid: str | None) -> bool:
    try:
        return oid is not None and bool(store.commit(oid))
    except (DamagedObject, NotFound):
        return False


def _wanted(
    store: Store, line: Transport, merges: Sequence[Commit], now: Snapshot
) -> dict[str, bytes | None]:
    """Return what files should hold, for those that are not as they should be, with a record per conflict."""
    assert now.tip is not None
    tree, made = now.tip.tree, dict[str, Blob]()
    for commit in merges:
        one, other = commit.parents
        work = merging.files(store, line, one, other, line.bases(one, other))
        work.loader.made.update(made)
        there, present = (State(work.loader, each) for each in (commit.tree, tree))
        own = _own(store, commit) | set(work.outcome.files)
        kept = [file for file in sorted(own) if there.blob_id(file) == present.blob_id(file)]
        again = State(work.loader, work.outcome.tree)
        bad = [file for file in kept if _is_damaged(there, file) and _is_damaged(again, file) is False]
        tree, objects = trees.apply(work.loader.tree, tree, {file: again.blob_id(file) for file in bad})
        work.loader.made.update((each[0], each) for each in objects)
        told = {file: each for file, each in work.outcome.conflicts.items() if file in bad}
        outcome = work.outcome._replace(tree=tree, objects=[], files=kept, conflicts=told)
        outcome = merging.finished(work._replace(outcome=outcome))
        tree, made = outcome.tree, work.loader.made
    if tree == now.tip.tree:
        return {}
    found = trees.differences(work.loader.tree, now.tip.tree, tree)
    return {path: work.loader.blob(new.oid) if new else None for path, _, new in found}


def _own(store: Store, commit: Commit) -> set[str]:
    """Return the records that a merge made as they are: neither side has them like that."""
    there, *sides = (
        Snapshot(store.root, store.objects, store.documents, store.commit(oid))
        for oid in (commit.oid, *commit.parents)
    )
    changed = [set(merging.changed(there, side)) for side in sides]
    return {file for file in changed[0] & changed[1] if layout.key_of(file)}


def _is_damaged(state: State, file: str) -> bool | None:
    """Say whether a file holds no record that parses; None when it is not there."""
    oid = state.blob_id(file)
    if oid is None:
        return None
    try:
        return not isinstance(codec.load(state.loader.blob(oid), name=file), dict)
    except InvalidData:
        return True
