"""The merge commit of two heads: the same tree, parents and id on every machine that makes it."""

from typing import NamedTuple

from orchestration import codec
from orchestration.domain import conflicts, settling
from orchestration.merge import Later
from orchestration.store import heads, layout, trees
from orchestration.store.commits import Commit
from orchestration.store.repo import Store
from orchestration.store.snapshot import Snapshot
from orchestration.sync.times import Writers
from orchestration.sync.transport import Transport
from orchestration.sync.trees import Blob, Loader, Merged, State, merged

OP = "state_merged"
"""The type of the event that a merge is."""


class Merge(NamedTuple):
    """A merge commit that is made and not stored yet."""

    commit: Commit
    objects: list[Blob]
    outcome: Merged
    parents: tuple[Commit, Commit]
    """The sides of the outcome: ours and theirs."""
    loader: Loader
    """Reads what the merge is made of, stored or not."""


def merge(store: Store, transport: Transport, one: str, other: str, bases: list[str]) -> Merge:
    """Merge two commits whose best common ancestors are `bases`."""
    first, second = sorted((store.commit(one), store.commit(other)), key=lambda each: (each.time, each.oid))
    loader = Loader(Snapshot(store.root, store.objects, store.documents, first))
    writers = Writers(store, transport, (first.oid, second.oid))
    base = _base(store, transport, loader, bases)
    outcome = merged(loader, base, first.tree, second.tree, lambda file: _later(writers, file))
    outcome = _finished(loader, outcome, base, writers, (first.tree, second.tree))
    subject = f"sync: merge {first.oid[:12]} and {second.oid[:12]}"
    commit, raw = heads.merged(outcome.tree, (first, second), subject, {"Op": OP})
    return Merge(commit, [*outcome.objects, (commit.oid, b"commit", raw)], outcome, (first, second), loader)


def _finished(
    loader: Loader, outcome: Merged, base: str | None, writers: Writers, sides: tuple[str, str]
) -> Merged:
    """Return the outcome with what several records mean together, and a record for each conflict."""
    found = [one for each in outcome.conflicts.values() for one in each]
    states = settling.Versions(*(State(loader, tree) for tree in (base, *sides, outcome.tree)))
    written = settling.finish(
        states,
        changed=_keys(outcome.changed),
        both=_keys(outcome.files),
        conflicts=found,
        version=lambda side, path: writers.version(side, layout.file_of(*layout.split(path)[0]), path),
    )
    if not written:
        return outcome
    changes: dict[str, str | None] = {}
    for key, record in written.items():
        file = layout.file_of(*key)
        changes[file] = None if record is None else loader.add(b"blob", codec.dump(record, name=file))
    tree, objects = trees.apply(loader.tree, outcome.tree, changes)
    blobs = [loader.made[oid] for oid in changes.values() if oid is not None]
    marks = sorted(str(record["path"]) for key, record in written.items() if _is_conflict(key) and record)
    return outcome._replace(tree=tree, objects=[*outcome.objects, *blobs, *objects], marks=marks)


def changed(one: Snapshot, other: Snapshot) -> list[str]:
    """Return the files in which two commits differ."""
    old, new = (each.tip.tree if each.tip else None for each in (one, other))
    return [found.path for found in trees.differences(one.read_tree, old, new)]


def _keys(files: list[str]) -> list[layout.Key]:
    return [key for file in files if (key := layout.key_of(file))]


def _is_conflict(key: layout.Key) -> bool:
    return key[-2] == conflicts.FOLDER


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
