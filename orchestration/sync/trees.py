"""Three-way merge of whole trees: files that one side changed are taken, others merged by meaning."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from orchestration import codec
from orchestration.errors import InvalidData
from orchestration.merge import Conflict, Later, merge
from orchestration.store import layout, trees
from orchestration.store.commits import Commit
from orchestration.store.objects import object_id
from orchestration.store.snapshot import Snapshot

Blob = tuple[str, bytes, bytes]
"""Id, kind and content of an object."""
LaterOf = Callable[[str], Later]
"""From a file to who wrote later in it; see `merge.Later`."""


class Merged(NamedTuple):
    """The tree of a merge, with the objects it is made of that are not stored yet."""

    tree: str
    objects: list[Blob]
    changed: list[str]
    """The files that either side changed."""
    fewer: list[str]
    """The files that the side which changed fewer of them changed."""
    files: list[str]
    """The files that both sides changed, differently."""
    conflicts: dict[str, list[Conflict]]
    """What both sides changed to different values, by file."""
    kept: list[tuple[str, str]]
    """(file, side) of files that are no records, or do not parse, and could only be taken whole."""
    marks: list[str] = []
    """The repository paths of the conflicts that are kept as records."""


class Loader:
    """Reads objects, also those that are not stored yet."""

    def __init__(self, reader: Snapshot) -> None:
        self.reader = reader
        self.made: dict[str, Blob] = {}
        self._texts: dict[str, str] = {}

    def tree(self, oid: str) -> bytes:
        """Return the content of a tree."""
        return self.made[oid][2] if oid in self.made else self.reader.read_tree(oid)

    def blob(self, oid: str) -> bytes:
        """Return the content of a file."""
        return self.made[oid][2] if oid in self.made else self.reader.objects.read(oid, b"blob")

    def record(self, oid: str, file: str) -> dict[str, object]:
        """Return the record that a file holds, a fresh copy; InvalidData when it does not parse.

        Each is parsed once, and kept here only: few of the versions that a merge looks at are read again.
        """
        if oid not in self._texts:
            kept = self.reader.documents.cached(oid)
            self._texts[oid] = json.dumps(_record(self.blob(oid), file)) if kept is None else kept
        found: dict[str, object] = json.loads(self._texts[oid])
        return found

    def add(self, kind: bytes, content: bytes) -> str:
        """Keep a new object and return its id."""
        oid = object_id(kind, content)
        self.made[oid] = (oid, kind, content)
        return oid


class State(Snapshot):
    """The records of a tree that may not be stored yet."""

    def __init__(self, loader: Loader, tree: str | None) -> None:
        reader = loader.reader
        tip = Commit("", tree or trees.EMPTY_TREE, (), "", 0, "")
        super().__init__(reader.root, reader.objects, reader.documents, tip)
        self.loader = loader

    def read_tree(self, oid: str) -> bytes:
        """Return the content of a tree object."""
        return self.loader.tree(oid)

    def load(self, *key: str) -> Any:
        """Return the record of a key, or None when there is none."""
        file = layout.file_of(*key)
        oid = self.blob_id(file)
        return None if oid is None else self.loader.record(oid, file)


def merged(loader: Loader, base: str | None, ours: str, theirs: str, later: LaterOf) -> Merged:
    """Merge two trees that come from `base` (None for nothing in common); the sides differ in name only."""
    mine, yours = (
        {one.path: one for one in trees.differences(loader.tree, base, side)} for side in (ours, theirs)
    )
    changes: dict[str, str | None] = {}
    found: dict[str, list[Conflict]] = {}
    kept: list[tuple[str, str]] = []
    both: list[str] = []
    for path, old, new in yours.values():
        here = mine.get(path)
        if here is None:
            changes[path] = new.oid if new else None
            continue
        if here.new == new:
            continue
        both.append(path)
        oids = [one.oid if one and one.is_file else None for one in (old, here.new, new)]
        try:
            changes[path], conflicts = _file(loader, path, oids, later(path))
            if conflicts:
                found[path] = conflicts
        except InvalidData:
            changes[path], side = _whole(loader, path, oids, later(path))
            kept.append((path, side))
    tree, made = trees.apply(loader.tree, ours, changes)
    for one in made:
        loader.made[one[0]] = one
    wanted = [loader.made[oid] for oid in changes.values() if oid in loader.made]
    fewer = min(sorted(mine), sorted(yours), key=len)
    return Merged(tree, [*wanted, *made], sorted({*mine, *yours}), fewer, both, found, kept)


def _file(
    loader: Loader, path: str, oids: list[str | None], later: Later
) -> tuple[str | None, list[Conflict]]:
    key = layout.key_of(path)
    if key is None:
        raise InvalidData(f"{path} is no record")
    base, ours, theirs = values = [loader.record(oid, path) if oid else None for oid in oids]
    value, conflicts = merge(base, ours, theirs, later, at=key)
    if value is None:
        return None, conflicts
    for oid, known in zip(oids, values, strict=True):
        if oid and known == value and json.dumps(known) == json.dumps(value):
            return oid, conflicts  # byte for byte as one side has it
    return loader.add(b"blob", codec.dump(value, name=path)), conflicts


def _record(data: bytes, path: str) -> dict[str, object]:
    value = codec.load(data, name=path)
    if not isinstance(value, dict):
        raise InvalidData(f"{path} does not hold a mapping")
    return value


def _whole(loader: Loader, path: str, oids: list[str | None], later: Later) -> tuple[str | None, str]:
    """Choose one side of a file that is no record: one that parses, that is there, that is later."""
    _, ours, theirs = oids
    good = [oid for oid in (ours, theirs) if oid is not None and _fits(loader, path, oid)]
    if len(good) == 1:
        return good[0], "ours" if good[0] == ours else "theirs"
    side = later(()) or ("ours" if (ours or "") >= (theirs or "") else "theirs")
    return (ours, "ours") if side == "ours" else (theirs, "theirs")


def _fits(loader: Loader, path: str, oid: str) -> bool:
    if layout.key_of(path) is None:
        return True
    try:
        loader.record(oid, path)
    except InvalidData:
        return False
    return True
