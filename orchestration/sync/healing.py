"""Merges that git made line by line, on a server's web page for instance, put right afterwards.

A textual merge without a conflict may still give a key twice, or a record that no command would write. Such
a record, as long as nobody has written it since, is merged again by meaning from the two sides of that
merge, or made whole.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from orchestration import codec
from orchestration.domain import reconciling
from orchestration.errors import InvalidData
from orchestration.store import layout
from orchestration.store.commits import Commit
from orchestration.store.repo import Store
from orchestration.store.snapshot import Snapshot
from orchestration.store.transaction import Transaction
from orchestration.sync import merging
from orchestration.sync.transport import Transport
from orchestration.sync.trees import State


def heal(
    store: Store, line: Transport, before: str, transaction: Callable[[], AbstractContextManager[Transaction]]
) -> list[str]:
    """Mend what textual merges since commit `before` left, in one commit, and return the files."""
    tip = store.refs.head().commit
    assert tip is not None
    right: dict[str, bytes] = {}
    for oid in line.merges(before, tip):
        commit = store.commit(oid)
        if len(commit.parents) == 2 and commit.trailers().get("Op") != [merging.OP]:
            right.update(_found(store, line, commit))
    now = store.snapshot()
    wanted = {file: data for file, data in right.items() if now.content(file) != data}
    if not wanted:
        return []
    healed = []
    with transaction() as tx:
        for file, data in wanted.items():
            if tx.blob_id(file) == now.blob_id(file):
                tx.put(file, data)
                healed.append(file)
        count = f"{len(healed)} record" + ("s" if len(healed) != 1 else "")
        tx.describe("state_set", f"sync: mend {count} that git merged line by line")
    return healed


def _found(store: Store, line: Transport, commit: Commit) -> dict[str, bytes]:
    """Return what the files of a merge should hold, for those that are not as they should be."""
    one, other = commit.parents
    bad = [(file, blob) for file, blob in _own(store, commit) if _right(file, blob) != blob]
    now = store.snapshot()
    bad = [(file, blob) for file, blob in bad if now.content(file) == blob]
    if not bad:
        return {}
    again = merging.merge(store, line, one, other, line.bases(one, other))
    state = State(again.loader, again.outcome.tree)
    found = {}
    for file, blob in bad:
        made = _right(file, blob)
        if made is None:
            oid = state.blob_id(file)
            made = again.loader.blob(oid) if oid else None
        if made is not None and _right(file, made) is not None:
            found[file] = made
    return found


def _own(store: Store, commit: Commit) -> list[tuple[str, bytes]]:
    """Return the records that a merge made as they are: neither side has them like that."""
    there, *sides = (
        Snapshot(store.root, store.objects, store.documents, store.commit(oid))
        for oid in (commit.oid, *commit.parents)
    )
    changed = [set(merging.changed(there, side)) for side in sides]
    files = [file for file in sorted(changed[0] & changed[1]) if layout.key_of(file)]
    return [(file, data) for file in files if (data := there.content(file)) is not None]


def _right(file: str, data: bytes) -> bytes | None:
    """Return the content that a record should have, its own bytes when it is right; None when it has no form."""
    key = layout.key_of(file)
    try:
        record = codec.load(data, name=file)
        if key is None or not isinstance(record, dict):
            return None
        mended = reconciling.whole(key, record)
    except InvalidData:
        return None
    return data if mended == record else codec.dump(mended, name=file)
