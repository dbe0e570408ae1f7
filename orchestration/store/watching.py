"""Waiting for a new commit: a look at three files that git replaces whenever a branch moves.

Nothing is opened or locked, so a watcher stands in nobody's way: neither a writer's nor that of packing. A
store that is not there (moved for a moment, not made yet) is one more state that can change.
"""

import os
from pathlib import Path

_HEAD = 4096


class Watch:
    """Says whether the branch may have moved since the last question."""

    def __init__(self, git_dir: Path) -> None:
        self.git_dir = str(git_dir)
        self._head: tuple[int, ...] | None = None
        self._branch: str | None = None
        self._seen = self._state()

    def changed(self) -> bool:
        """Return whether HEAD, its branch or packed-refs were written since the last call, or came or went.

        True now and then although the branch names the commit it named before, never the other way round.
        """
        now = self._state()
        same = now == self._seen
        self._seen = now
        return not same

    @property
    def place(self) -> tuple[int, int] | None:
        """Device and inode of the repository: another one when the store was replaced, None when it is gone."""
        try:
            stat = os.stat(self.git_dir)
        except OSError:
            return None
        return stat.st_dev, stat.st_ino

    def _state(self) -> tuple[object, ...]:
        head = _look(f"{self.git_dir}/HEAD")
        if head != self._head:
            self._head, self._branch = head, self._named()
        branch = _look(f"{self.git_dir}/{self._branch}") if self._branch else None
        return head, branch, _look(f"{self.git_dir}/packed-refs")

    def _named(self) -> str | None:
        """Return the branch that HEAD names, None when it is detached or not there."""
        try:
            with open(f"{self.git_dir}/HEAD", encoding="utf-8", errors="replace") as file:
                text = file.read(_HEAD)
        except OSError:
            return None
        name = text.removeprefix("ref: ").strip()
        # A name that leads elsewhere is nobody's branch.
        return name if text.startswith("ref: refs/") and ".." not in name else None


def _look(path: str) -> tuple[int, ...] | None:
    """Return what tells one writing of a file from the next: its inode, size and time; None without a file."""
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
