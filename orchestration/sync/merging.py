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


class Files(NamedTuple):
    """Two commits merged file by file, and what is needed to finish that."""

    sides: tuple[Commit, Commit]
    """Ours and theirs of the outcome."""
    base: str | None
    """The tree to merge from."""
    outcome: Merged
    writers: Writers
    loader: Loader


def merge(store: Store, transport: Transport, one: str, other: str, bases: list[str]) -> Merge:
    """Merge two commits whose best common ancestors are `bases`."""
    found = files(store, transport, one, other, bases)
    first, second = found.sides
    outcome = finished(found)
    subject = f"sync: merge {first.oid[:12]} and {second.oid[:12]}"
    commit, raw = heads.merged(outcome.tree, (first, second), subject, {"Op": OP})
    return Merge(commit, [*outcome.objects, (commit.oid, b"commit", raw)], outcome, found.sides, found.loader)


def files(store: Store, transport: Transport, one: str, other: str, bases: list[str]) -> Files:
    """Merge two commits whose best common ancestors are `bases` file by file."""
    sides = _sides(store.commit(one), store.commit(other))
    loader = Loader(Snapshot(store.root, store.objects, store.documents, sides[0]))
    return _files(store, transport, loader, sides, bases)


def _sides(one: Commit, other: Commit) -> tuple[Commit, Commit]:
    """Return two commits in the order that every machine takes them in."""
    return (one, other) if (one.time, one.oid) <= (other.time, other.oid) else (other, one)


def _files(
    store: Store, transport: Transport, loader: Loader, sides: tuple[Commit, Commit], bases: list[str]
) -> Files:
    first, second = sides
    writers = Writers(store, transport, (first.oid, second.oid))
    base = _base(store, transport, loader, bases)
    outcome = merged(loader, base, first.tree, second.tree, lambda file: _later(writers, file))
    return Files(sides, base, outcome, writers, loader)


def finished(work: Files) -> Merged:
    """Return the outcome with what several records mean together, and a record for each conflict."""
    loader, writers, outcome = work.loader, work.writers, work.outcome
    found = [one for each in outcome.conflicts.values() for one in each]
    versions = (work.base, *(side.tree for side in work.sides), outcome.tree)
    states = settling.Versions(*(State(loader, tree) for tree in versions))
    written = settling.finish(
        states,
        changed=_keys(outcome.changed),
        fewer=_keys(outcome.fewer),
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
    loader.made.update((one[0], one) for one in objects)
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
    """Return the tree to merge from; where histories crossed, the merge of their bases.

    That is finished like any merge, so that what both sides settled alike, and the conflicts that both keep,
    are no changes of either: one that somebody resolved since stays resolved.
    """
    if not bases:
        return None
    first, *others = map(store.commit, bases)
    for other in others:
        below = transport.bases(first.oid, other.oid)
        work = _files(store, transport, loader, _sides(first, other), below)
        first = first._replace(tree=finished(work).tree)
    return first.tree
