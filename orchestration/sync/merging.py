"""The merge commit of two heads: the same tree, parents and id on every machine that makes it."""

from typing import NamedTuple

from orchestration import codec
from orchestration.domain import conflicts
from orchestration.merge import Later, Side
from orchestration.store import heads, layout, trees
from orchestration.store.commits import Commit
from orchestration.store.repo import Store
from orchestration.store.snapshot import Snapshot
from orchestration.sync.times import Writers
from orchestration.sync.transport import Transport
from orchestration.sync.trees import Blob, Loader, Merged, merged

SIDES: tuple[Side, Side] = ("ours", "theirs")
OP = "state_merged"
"""The type of the event that a merge is."""


class Merge(NamedTuple):
    """A merge commit that is made and not stored yet."""

    commit: Commit
    objects: list[Blob]
    outcome: Merged
    parents: tuple[Commit, Commit]
    """The sides of the outcome: ours and theirs."""


def merge(store: Store, transport: Transport, one: str, other: str, bases: list[str]) -> Merge:
    """Merge two commits whose best common ancestors are `bases`."""
    first, second = sorted((store.commit(one), store.commit(other)), key=lambda each: (each.time, each.oid))
    loader = Loader(Snapshot(store.root, store.objects, store.documents, first))
    writers = Writers(store, transport, (first.oid, second.oid))
    base = _base(store, transport, loader, bases)
    outcome = merged(loader, base, first.tree, second.tree, lambda file: _later(writers, file))
    outcome = _recorded(loader, outcome, writers)
    subject = f"sync: merge {first.oid[:12]} and {second.oid[:12]}"
    commit, raw = heads.merged(outcome.tree, (first, second), subject, {"Op": OP})
    return Merge(commit, [*outcome.objects, (commit.oid, b"commit", raw)], outcome, (first, second))


def _recorded(loader: Loader, outcome: Merged, writers: Writers) -> Merged:
    """Return the outcome with a record for each of its conflicts."""
    changes: dict[str, str | None] = {}
    for file, found in outcome.conflicts.items():
        for one in found:
            sides = (writers.version(side, file, one.path) for side in SIDES)
            key, record = conflicts.record(one, *sides)
            made = layout.file_of(*key)
            changes[made] = loader.add(b"blob", codec.dump(record, name=made))
    if not changes:
        return outcome
    tree, objects = trees.apply(loader.tree, outcome.tree, changes)
    blobs = [loader.made[oid] for oid in changes.values() if oid is not None]
    return outcome._replace(tree=tree, objects=[*outcome.objects, *blobs, *objects])


def _later(writers: Writers, file: str) -> Later:
    return lambda path: writers.later(file, path)


def _base(store: Store, transport: Transport, loader: Loader, bases: list[str]) -> str | None:
    """Return the tree to merge from; where histories crossed, their bases are merged first."""
    if not bases:
        return None
    first, *others = bases
    tree = store.commit(first).tree
    for other in others:
        writers = Writers(store, transport, (first, other))
        below = _base(store, transport, loader, transport.bases(first, other))
        later = lambda file, writers=writers: _later(writers, file)  # noqa: E731
        tree = merged(loader, below or trees.EMPTY_TREE, tree, store.commit(other).tree, later).tree
    return tree
