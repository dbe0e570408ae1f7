"""Where the derived index learns what happened: from the journal, else from the commits.

Both tell of a commit which files it touched. The journal says it in a line per commit, but knows only
what this machine wrote, and may be torn or behind. Git knows everything, at the price of comparing
trees.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from orchestration.store import trees
from orchestration.store.commits import Commit
from orchestration.store.snapshot import Snapshot

if TYPE_CHECKING:
    from orchestration.store.repo import Store

Files = dict[str, str | None]
"""The new blob id by path; None for a file that was removed."""
Progress = Callable[[int, int], None]
"""Called now and then with the number of things done and the number known to be there."""
EVERY = 500
"""Things done between two calls of a Progress."""
_TREES_KEPT = 1024
_ENTRY = re.compile(rb"[^\0]+\0.{20}", re.DOTALL)
_SHAPES = {(str, parent, int, str, str, dict) for parent in (str, type(None))}
"""What the columns of a line of the journal may be."""


class Place(NamedTuple):
    """How far a journal was read: the file, which may have been renamed since, and bytes in it."""

    inode: int
    offset: int


class Line(NamedTuple):
    """What the journal says about a commit, which is without its tree, and where the line ends."""

    commit: Commit
    files: Files
    end: Place


def read_journal(folder: Path, place: Place) -> dict[str, Line]:
    """Return the journal's lines beyond `place` by commit id, oldest first; torn ones are left out."""
    # `journal` first: when it is renamed between the two, it is read twice instead of not at all
    parts = [_read(f"{folder}/journal", place)]
    if parts[0] is None or parts[0][0] != place.inode:
        parts.append(_read(f"{folder}/journal.old", place))
    lines: dict[str, Line] = {}
    for part in reversed(parts):
        if part is not None:
            lines.update(_lines(*part))
    return lines


def _read(path: str, place: Place) -> tuple[int, int, bytes] | None:
    """Return inode, first offset and content of what was not read yet of a file."""
    try:
        with open(path, "rb") as file:
            inode = os.fstat(file.fileno()).st_ino
            start = place.offset if inode == place.inode else 0
            file.seek(start)
            return inode, start, file.read()
    except OSError:
        return None


def _lines(inode: int, start: int, data: bytes) -> dict[str, Line]:
    texts = data.split(b"\n")[:-1]  # behind the last line end there is nothing, or a line being written
    lines: dict[str, Line] = {}
    end = start
    for text, row in zip(texts, _parse(texts), strict=True):
        end += len(text) + 1
        if isinstance(row, list) and tuple(map(type, row)) in _SHAPES:
            oid, parent, time, author, message, files = row
            commit = Commit(oid, "", (parent,) if parent else (), author, time, message)
            lines[oid] = Line(commit, files, Place(inode, end))
    return lines


def _parse(texts: list[bytes]) -> list[object]:
    try:
        rows: list[object] = json.loads(b"[%s]" % b",".join(texts))  # in one go: half the time
        if len(rows) == len(texts):
            return rows
    except ValueError:
        pass  # at least one line is torn
    rows = []
    for text in texts:
        try:
            rows.append(json.loads(text))
        except ValueError:
            rows.append(None)
    return rows


class News(NamedTuple):
    """What the index does not hold yet."""

    commits: list[Commit]
    """Parents before children."""
    touched: list[Files]
    """The files that each of them made as they are."""
    changed: Files
    """The files in which the newest differs from what is indexed."""
    place: Place
    """How far the journal has been used."""


def collect(
    store: "Store", snapshot: Snapshot, base: str, knows: Callable[[str], bool], place: Place,
    progress: Progress | None,
) -> News | None:  # fmt: skip
    """Return what happened from commit `base` to that of `snapshot`, or None when the branch was rewritten.

    `knows` says whether a commit is indexed, `place` how far the journal was used.
    """
    source = _Source(store, snapshot, read_journal(store.private, place))
    commits, border = source.ancestry(knows, progress)
    return source.news(commits, base, place, progress) if base in border else None


def collect_all(store: "Store", snapshot: Snapshot, progress: Progress | None) -> News:
    """Return what happened up to the commit of `snapshot`."""
    source = _Source(store, snapshot, read_journal(store.private, Place(0, 0)))
    commits, _ = source.ancestry(lambda _: False, progress)
    return source.news(commits, None, Place(0, 0), progress)


class _Source:
    """The commits of a store, and what each of them touched."""

    def __init__(self, store: "Store", snapshot: Snapshot, lines: dict[str, Line]) -> None:
        assert snapshot.tip is not None, "an empty store has no history"
        self.store = store
        self.tip = snapshot.tip.oid
        self.lines = lines
        self._read_tree = snapshot.read_tree
        self._entries = lru_cache(_TREES_KEPT)(self._read_entries)  # most trees of a commit are its child's
        self._walked: dict[str, Commit] = {}
        self._shallow = self._cut_off()

    def _cut_off(self) -> set[str]:
        """Return the commits whose parents a shallow clone left behind."""
        try:
            with open(self.store.git_dir / "shallow") as file:
                return set(file.read().split())
        except OSError:
            return set()

    def commit(self, oid: str) -> Commit:
        """Return a commit; its tree may be empty text when the journal knows the rest."""
        line = self.lines.get(oid)
        return line.commit if line else self._walk(oid)

    def _walk(self, oid: str) -> Commit:
        commit = self._walked.get(oid)
        if commit is None:
            commit = self.store.commit(oid)
            if oid in self._shallow:
                commit = commit._replace(parents=())
            self._walked[oid] = commit
        return commit

    def ancestry(
        self, knows: Callable[[str], bool], progress: Progress | None
    ) -> tuple[list[Commit], set[str]]:
        """Return the tip and its ancestors that are not known, parents first, and their known parents."""
        ordered: list[Commit] = []
        done: set[str] = set()
        border: set[str] = set()
        way = [self.tip]
        while way:
            commit = self.commit(way[-1])
            for parent in commit.parents:
                if parent in done or parent in border:
                    continue
                if knows(parent):
                    border.add(parent)
                    continue
                way.append(parent)
                if progress and len(way) % EVERY == 0:
                    progress(0, len(way) + len(ordered))
                break
            else:
                way.pop()
                done.add(commit.oid)
                ordered.append(commit)
        return ordered, border

    def news(self, commits: list[Commit], base: str | None, place: Place, progress: Progress | None) -> News:
        """Say what `commits`, which lead from `base` to the tip, changed."""
        touched = []
        for number, commit in enumerate(commits):
            touched.append(self.touched(commit))
            if progress and number % EVERY == 0:
                progress(number, len(commits))
        if progress:
            progress(len(commits), len(commits))
        changed: Files = {}
        if all(len(commit.parents) < 2 for commit in commits):
            for files in touched:
                changed.update(files)
        else:
            changed = self.differences(base, self.tip)
        fresh = {commit.oid for commit in commits}
        ends = (line.end for oid, line in reversed(self.lines.items()) if oid in fresh)
        return News(commits, touched, changed, next(ends, place))

    def touched(self, commit: Commit) -> Files:
        """Return the files that a commit made as they are: those that differ from all its parents."""
        line = self.lines.get(commit.oid)
        if line:
            return line.files
        first, *others = commit.parents or (None,)
        files = self.differences(first, commit.oid)
        for other in others:
            differing = self.differences(other, commit.oid)
            files = {path: blob for path, blob in files.items() if path in differing}
        return files

    def differences(self, old: str | None, new: str) -> Files:
        """Return the files in which commit `new` differs from commit `old`, or from nothing."""
        before = self._walk(old).tree if old else None
        found = self._differences(before, self._walk(new).tree, "")
        return {path: blob for path, blob in found if _is_text(path)}

    def _differences(self, old: str | None, new: str | None, prefix: str) -> Iterator[tuple[str, str | None]]:
        """Yield what `trees.differences` would; of large folders only the entries that differ are parsed."""
        before, after = self._entries(old), self._entries(new)
        gone, come = (trees.parse(b"".join(rows)) for rows in (before - after, after - before))
        for name in {**gone, **come}:
            a, b = gone.get(name), come.get(name)
            inner_a, inner_b = (entry.oid if entry and entry.is_folder else None for entry in (a, b))
            if inner_a or inner_b:
                yield from self._differences(inner_a, inner_b, f"{prefix}{name}/")
            if any(entry and not entry.is_folder for entry in (a, b)):
                yield prefix + name, b.oid if b and b.is_file else None

    def _read_entries(self, tree: str | None) -> frozenset[bytes]:
        return frozenset(_ENTRY.findall(self._read_tree(tree))) if tree else frozenset()


def _is_text(path: str) -> bool:
    """Say whether a file's name is UTF-8; one that is not is none of ours, and no database takes it."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
