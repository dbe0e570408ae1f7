"""The files on disk: a copy of the commit, for people, editors and `git status`.

The commit is the truth. What a crash left half checked out is finished by the next writer, who
finds in the lock which commit the files still stand for (`lock.py`).
"""

import contextlib
import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from orchestration.store import trees
from orchestration.store.gitindex import GitIndex, Slot
from orchestration.store.objects import Objects, object_id, write_whole
from orchestration.store.snapshot import on_disk

_unique = itertools.count()


class Change(NamedTuple):
    """One file to bring up to date: blob ids before and after, None for no file."""

    path: str
    old: str | None
    new: str | None


class Worktree:
    """The checked-out files of a store and git's index of them."""

    def __init__(self, root: Path, git_dir: Path, objects: Objects) -> None:
        self.root = str(root)
        self.private = git_dir / "orchestration"
        self.objects = objects
        self.index = GitIndex(git_dir)

    def update(
        self, changes: Iterable[Change], contents: dict[str, bytes], root_tree: str,
        after: Callable[[], bool] = lambda: True,
    ) -> list[str]:  # fmt: skip
        """Bring files and index up to date; returns the files left alone because somebody edited them.

        `contents` holds the new content by path where it is known; the rest is read from the objects.
        `after` runs first, with git's index held; where it returns False nothing is done. Conflict, before
        `after` is run, when a git command holds the index for more than two seconds.
        """
        left: list[str] = []
        changes = list(changes)
        if not changes:  # an event
            after()
            return left

        def make() -> bytes | bytearray | None:
            if not after():
                return None
            slots = self._check_out(changes, contents, left)
            return self.index.patched(slots, lambda: self._rows(root_tree, slots))

        self.index.replace(make)
        return left

    def _check_out(
        self, changes: list[Change], contents: dict[str, bytes], left: list[str]
    ) -> dict[str, Slot | None]:
        """Write the files; returns what the index should say of them, and adds to `left` those left alone."""
        slots: dict[str, Slot | None] = {}
        for path, old, new in changes:
            disk = on_disk(Path(self.root), path)
            present = None if disk is None else object_id(b"blob", disk)
            if present not in (old, new) and disk:
                left.append(path)
                continue
            if new is None:
                if present is not None:
                    self._remove(path)
                slots[path] = None
                continue
            if present != new:
                data = contents.get(path)
                self._write(path, data if data is not None else self.objects.read(new, b"blob"))
            slots[path] = Slot(new, os.stat(f"{self.root}/{path}", follow_symlinks=False))
        return slots

    def roll_forward(self, base_tree: str | None, root_tree: str) -> None:
        """Finish a checkout from `base_tree` to `root_tree` that was cut off."""
        changes = [
            Change(path, old.oid if old else None, new.oid if new else None)
            for path, old, new in trees.differences(self._tree, base_tree, root_tree)
            if (old is None or old.is_file) and (new is None or new.is_file)
        ]
        self.update(changes, {}, root_tree)

    def _tree(self, oid: str) -> bytes:
        return b"" if oid == trees.EMPTY_TREE else self.objects.read(oid, b"tree")

    def _rows(self, tree: str, known: dict[str, Slot | None]) -> Iterator[tuple[str, Slot]]:
        """Yield an index row for each file of a tree; git looks for itself at files not in `known`."""
        for path, _, entry in trees.differences(self._tree, None, tree):
            if entry is not None and entry.is_file:
                yield path, known.get(path) or Slot(entry.oid, None)

    def _write(self, path: str, data: bytes) -> None:
        target = f"{self.root}/{path}"
        temporary = f"{self.private}/checkout-{os.getpid()}-{next(_unique)}"
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            write_whole(fd, data)
            os.close(fd)
            try:
                os.rename(temporary, target)
            except FileNotFoundError:
                os.makedirs(os.path.dirname(target), exist_ok=True)
                os.rename(temporary, target)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise

    def _remove(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{self.root}/{path}")
        folder = path.rpartition("/")[0]
        while folder:
            try:
                os.rmdir(f"{self.root}/{folder}")
            except OSError:
                return  # not empty: something else lives there
            folder = folder.rpartition("/")[0]
