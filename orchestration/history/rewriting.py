"""A history written anew: every commit whose files, message or ancestors change gets another id.

Authors, times and headers stay; signatures of what changes are dropped, for they would be wrong. Texts that
name a commit by its id, or by 12 digits or more of it, name the new one: `Undoes:` trailers, the records of
conflicts and of former purges, notes of people. What does not change keeps its id, so the histories before
and after have the beginning in common.
"""

import contextlib
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from orchestration import ids
from orchestration.errors import Refused, StoreError
from orchestration.history.erasing import Erasure
from orchestration.store import git, layout, trees
from orchestration.store.objects import object_id
from orchestration.store.repo import Store
from orchestration.store.trees import Entries, Entry

_ID = re.compile(rb"(?<![0-9a-f])[0-9a-f]{12,40}(?![0-9a-f])")
_SHORT = 12
_MAP = re.compile(rb"(?:[0-9a-f]{40} [0-9a-f]{40}\n)+\Z")
_BECAME = re.compile(rb"([0-9a-f]{40} )([0-9a-f]{40})")
_HEADER = re.compile(rb"(?P<key>[^ \n]+) (?P<value>[^\n]*(?:\n [^\n]*)*)(?:\n|\Z)")
_SIGNATURES = (b"gpgsig", b"gpgsig-sha256", b"mergetag")
_PEOPLE = (b"author", b"committer", b"tagger")
_SIGNED = re.compile(rb"(?m)^-----BEGIN (?:PGP|SSH) SIGNATURE-----$.*\Z", re.DOTALL)
_AT = re.compile(rb"(?m)^At: .*$")
_BATCH = 1000
_FAN = 2


class Counts(NamedTuple):
    """What was changed, each thing once."""

    commits: int
    """Commits that got another id."""
    versions: int
    """Contents of files."""
    messages: int
    """Messages and authors of commits and tags."""
    names: int
    """Names of files and folders."""


class Rewriter:
    """Makes objects anew and remembers what became of each.

    `known` says what has become of commits and tags already. With `write` the new objects are stored, else
    they are only counted.
    """

    def __init__(
        self, store: Store, erasure: Erasure | None, *, known: Mapping[str, str] | None = None, write: bool
    ) -> None:
        self.store = store
        self.erasure = erasure
        self.new: dict[str, str] = {}
        """The commits and tags that stand for those of before; unchanged ones for themselves."""
        self._short: dict[str, str] = {}
        self._write = write
        self._made: dict[str, tuple[str, bytes, bytes]] = {}
        self._trees: dict[tuple[str, str], str] = {}
        self._blobs: dict[str, str] = {}
        self._versions: set[str] = set()
        self._messages: set[str] = set()
        self._names: set[str] = set()
        self._others: set[str] = set(known or ())  # tags, and what was done before
        for old, now in (known or {}).items():
            self._note(old, now)

    # -- the whole

    def run(self, roots: Iterable[str], *, without: Iterable[str] = ()) -> None:
        """Rewrite all that `roots`, ids of any objects, lead to, and `without` do not; parents before children."""
        wanted = list(dict.fromkeys(roots))
        for oid in in_order(self.store, wanted, without=without):
            if oid not in self.new:
                self.commit(oid)
        for oid in wanted:
            self.object(oid)
        self.flush()

    def object(self, oid: str) -> str:
        """Return what stands for an object of any kind."""
        if oid not in self.new:
            kind = self._raw(oid)[0]
            if kind == b"tag":
                self._tag(oid)
            elif kind == b"commit":
                self.commit(oid)
            else:
                self._note(oid, self.tree(oid) if kind == b"tree" else self._blob(oid))
        return self.new[oid]

    @property
    def counts(self) -> Counts:
        """What was changed so far."""
        moved = sum(old != new for old, new in self.new.items() if old not in self._others)
        return Counts(moved, len(self._versions), len(self._messages), len(self._names))

    def changed(self) -> dict[str, str]:
        """Return what stands for the commits and tags that changed."""
        return {old: new for old, new in self.new.items() if old != new}

    def flush(self) -> None:
        """Store what was made so far."""
        if self._write:
            self.store.objects.write(list(self._made.values()), durable=False)
        self._made.clear()

    # -- commits and tags

    def commit(self, oid: str) -> str:
        """Rewrite a commit, whose parents are done."""
        raw = self.store.objects.read(oid, b"commit")
        head, parted, body = raw.partition(b"\n\n")
        rows = [(found["key"], found["value"]) for found in _HEADER.finditer(head)]
        parents = [value.decode() for key, value in rows if key == b"parent"]
        tree = next(value.decode() for key, value in rows if key == b"tree")
        new_tree = self.tree_of_commit(tree, parents).encode()
        made = [(key, new_tree if key == b"tree" else self._header(oid, key, value)) for key, value in rows]
        message = self._message(oid, body)
        if made == rows and message == body:
            self._note(oid, oid)
            return oid
        kept = [key + b" " + value for key, value in made if key not in _SIGNATURES]
        self._note(oid, self.add(b"commit", b"\n".join(kept) + parted + message))
        if len(self._made) > _BATCH:
            self.flush()
        return self.new[oid]

    def tree_of_commit(self, tree: str, parents: list[str]) -> str:  # noqa: ARG002  for others
        """Return the tree of the new form of a commit that has a tree and parents."""
        return self.tree(tree)

    def _tag(self, oid: str) -> None:
        self._others.add(oid)
        raw = self.store.objects.read(oid, b"tag")
        head, parted, body = raw.partition(b"\n\n")
        rows = [(found["key"], found["value"]) for found in _HEADER.finditer(head)]
        made = [
            (key, self.object(value.decode()).encode() if key == b"object" else self._header(oid, key, value))
            for key, value in rows
        ]
        message = self._message(oid, body)
        if made == rows and message == body:
            self._note(oid, oid)
            return
        kept = b"\n".join(key + b" " + value for key, value in made if key not in _SIGNATURES)
        self._note(oid, self.add(b"tag", kept + parted + _SIGNED.sub(b"", message)))

    def _header(self, oid: str, key: bytes, value: bytes) -> bytes:
        if key == b"parent":
            return self.new.get(value.decode(), value.decode()).encode()
        if self.erasure is None or key in _SIGNATURES:
            return value
        new = (self.erasure.identity if key in _PEOPLE else self.erasure.raw)(value)
        if new != value:
            self._messages.add(oid)
        return new

    def _message(self, oid: str, body: bytes) -> bytes:
        new = body if self.erasure is None else self.erasure.raw(body)
        if new != body:
            self._messages.add(oid)
            if _AT.findall(new) != _AT.findall(body):
                raise Refused(
                    "the value is a part of the times at which things happened",
                    hint="a value that is so common cannot be told from what the store itself needs",
                )
        return self._renamed(new)

    def _note(self, old: str, new: str) -> None:
        self.new[old] = new
        if old != new:
            self._short[old[:_SHORT]] = old

    def _renamed(self, data: bytes) -> bytes:
        """Let a text name the new commits."""
        return _ID.sub(self._new_id, data) if self._short else data

    def _new_id(self, found: "re.Match[bytes]") -> bytes:
        text = found[0].decode()
        old = self._short.get(text[:_SHORT], "")
        return self.new[old][: len(text)].encode() if old.startswith(text) else found[0]

    # -- files

    def tree(self, oid: str, path: str = "") -> str:
        """Return what stands for a folder at a path."""
        place = path if path in ("", "sessions") else "*"  # elsewhere it does not matter where it stands
        known = self._trees.get((oid, place))
        if known is not None:
            return known
        data = self._raw(oid)[1]
        entries = trees.parse(data)
        made: Entries = {}
        for name, entry in entries.items():
            new = self._name(name)
            if new in made or (new != name and new in entries):
                raise Refused(
                    f"{new} would be the name of two in {path or 'the top folder'}",
                    hint="name another text with --with",
                )
            made[new] = self._entry(f"{path}/{name}" if path else name, entry)
        if path == "sessions" and any(
            self._name(name) != name for one in entries.values() for name in self._inside(one)
        ):
            made = self._fanned(entries)
        new_oid = oid if made == entries else self.add(b"tree", trees.serialise(made))
        self._trees[oid, place] = new_oid
        return new_oid

    def _entry(self, path: str, entry: Entry) -> Entry:
        if entry.is_folder:
            return Entry(entry.mode, self.tree(entry.oid, path))
        if entry.mode == b"160000":  # another repository's commit
            return entry
        return Entry(entry.mode, self._blob(entry.oid))

    def _inside(self, entry: Entry) -> Entries:
        return trees.parse(self._raw(entry.oid)[1]) if entry.is_folder else {}

    def _fanned(self, fans: Entries) -> Entries:
        """Return the folders of sessions with those whose ids change where the ids then belong."""
        made: dict[str, Entries] = {}
        others: Entries = {}
        for fan, entry in fans.items():
            if not entry.is_folder:
                others[self._name(fan)] = self._entry(f"sessions/{fan}", entry)
            for name, inner in self._inside(entry).items():
                new = self._name(name)
                made.setdefault(new[:_FAN].lower(), {})[new] = self._entry(f"sessions/{fan}/{name}", inner)
        folders = {fan: self.add(b"tree", trees.serialise(inner)) for fan, inner in made.items()}
        return others | {fan: Entry(trees.FOLDER, oid) for fan, oid in folders.items()}

    def _name(self, name: str) -> str:
        new = name if self.erasure is None else self.erasure.text(name)
        if new != name:
            self._names.add(name)
            stem = new.removesuffix(layout.SUFFIX)
            problem = ids.problem(stem)
            if ids.problem(name.removesuffix(layout.SUFFIX)) is None and problem:
                raise Refused(
                    f"the value is in names of records, and {stem!r} cannot be one", hint="use --with WORD"
                )
        raw = new.encode("utf-8", "surrogateescape")
        return self._renamed(raw).decode("utf-8", "surrogateescape")  # notes are files named by commits

    def _blob(self, oid: str) -> str:
        if oid not in self._blobs:
            data = self._raw(oid)[1]
            new = data if self.erasure is None else self.erasure.blob(data)
            if new != data:
                self._versions.add(oid)
            is_map = _MAP.match(new)  # of a purge: what it was about stays, what that became goes on
            new = (
                _BECAME.sub(lambda one: one[1] + self._renamed(one[2]), new) if is_map else self._renamed(new)
            )
            self._blobs[oid] = oid if new == data else self.add(b"blob", new)
        return self._blobs[oid]

    # -- objects

    def _raw(self, oid: str) -> tuple[bytes, bytes]:
        """Return kind and content of an object, stored or not."""
        if oid in self._made:
            return self._made[oid][1:]
        if oid == trees.EMPTY_TREE:
            return b"tree", b""
        header, _, data = self.store.objects.find(oid).partition(b"\0")
        return header.split(b" ")[0], data

    def add(self, kind: bytes, data: bytes) -> str:
        """Keep a new object and return its id."""
        oid = object_id(kind, data)
        self._made[oid] = (oid, kind, data)
        return oid


def in_order(store: Store, roots: Iterable[str], *, without: Iterable[str] = ()) -> list[str]:
    """Return the commits that objects lead to and `without` do not, parents before children."""
    given = "".join([*(f"{oid}\n" for oid in roots), *(f"^{oid}\n" for oid in without)]).encode()
    words = ("--no-replace-objects", "rev-list", "--topo-order", "--reverse", "--stdin")
    return git.run(store.root, *words, input=given).decode().split() if given else []


def existing(store: Store, found: Iterable[str]) -> list[str]:
    """Return those of some ids whose objects, and all that they lead to, are there."""
    kept = []
    for oid in dict.fromkeys(found):
        with contextlib.suppress(StoreError):
            store.objects.find(oid)
            kept.append(oid)
    return kept
