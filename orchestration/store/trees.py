"""Git tree objects: one level of folders each."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from orchestration.store.objects import object_id

FILE = b"100644"
FOLDER = b"40000"


class Entry(NamedTuple):
    """What a name in a tree stands for."""

    mode: bytes
    oid: str

    @property
    def is_folder(self) -> bool:
        """Whether the entry is another tree."""
        return self.mode == FOLDER

    @property
    def is_file(self) -> bool:
        """Whether the entry is an ordinary file, not a link or a submodule."""
        return self.mode.startswith(b"100")


Entries = dict[str, Entry]
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


class Difference(NamedTuple):
    """A file that two trees hold differently; None stands for not there."""

    path: str
    old: Entry | None
    new: Entry | None


def parse(data: bytes) -> Entries:
    """Read a tree object."""
    entries: Entries = {}
    position, end = 0, len(data)
    while position < end:
        space = data.index(b" ", position)
        null = data.index(b"\0", space)
        name = data[space + 1 : null].decode("utf-8", "surrogateescape")
        entries[name] = Entry(data[position:space], data[null + 1 : null + 21].hex())
        position = null + 21
    return entries


def serialise(entries: Entries) -> bytes:
    """Write a tree object; git sorts folders as if their names ended in a slash."""
    rows = []
    for name, (mode, oid) in entries.items():
        raw = name.encode("utf-8", "surrogateescape")
        rows.append((raw + b"/" if mode == FOLDER else raw, mode, raw, oid))
    rows.sort()
    return b"".join([b"%s %s\0%s" % (mode, raw, bytes.fromhex(oid)) for _, mode, raw, oid in rows])


Load = Callable[[str], bytes]
"""Returns the content of a tree object by id."""


def apply(
    load: Load, root: str | None, changes: Mapping[str, str | None]
) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """Return the id of tree `root` with files set to blob ids, or removed where None.

    Also returns the new tree objects, leaves first. Folders left empty disappear.
    """
    made: list[tuple[str, bytes, bytes]] = []

    def build(tree: str | None, below: dict[str, str | None]) -> str | None:
        entries = parse(load(tree)) if tree else {}
        nested: dict[str, dict[str, str | None]] = {}
        for path, oid in below.items():
            name, slash, rest = path.partition("/")
            if slash:
                nested.setdefault(name, {})[rest] = oid
            elif oid is None:
                entries.pop(name, None)
            else:
                entries[name] = Entry(FILE, oid)
        for name, inner in nested.items():
            old = entries.get(name)
            new = build(old.oid if old and old.is_folder else None, inner)
            if new is None:
                entries.pop(name, None)
            else:
                entries[name] = Entry(FOLDER, new)
        if not entries:
            return None
        data = serialise(entries)
        oid = object_id(b"tree", data)
        if oid != tree:
            made.append((oid, b"tree", data))
        return oid

    new_root = build(root, dict(changes))
    if new_root is None:
        made.append((EMPTY_TREE, b"tree", b""))
        new_root = EMPTY_TREE
    return new_root, made


def differences(load: Load, old: str | None, new: str | None, prefix: str = "") -> Iterator[Difference]:
    """Yield the files that differ between two trees, by name."""
    if old == new:
        return
    before = parse(load(old)) if old else {}
    after = parse(load(new)) if new else {}
    for name in sorted(before.keys() | after.keys()):
        a, b = before.get(name), after.get(name)
        if a == b:
            continue
        path = prefix + name
        folder_a, folder_b = a is not None and a.is_folder, b is not None and b.is_folder
        if (a and not folder_a) or (b and not folder_b):
            yield Difference(path, None if folder_a else a, None if folder_b else b)
        if folder_a or folder_b:
            yield from differences(
                load, a.oid if a and folder_a else None, b.oid if b and folder_b else None, path + "/"
            )
