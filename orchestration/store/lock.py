"""The lock that lets one writer at a time change a store, and that dies with its process.

The lock file also remembers work that a crash cut off: while a commit is being checked out it
holds the commit that the files on disk still stand for. Whoever takes the lock next finds it and
finishes that work (`worktree.roll_forward`).
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.errors import Conflict
from orchestration.store.objects import flush

EMPTY = "0" * 40
"""Stands for the state before the first commit."""


class Lock:
    """The write lock of a store, at `.git/orchestration/store.lock`."""

    def __init__(self, path: Path, *, timeout: float = 10.0) -> None:
        self.path = path
        self.timeout = timeout
        self.waited = 0.0
        self.unfinished: str | None = None
        """The commit the files on disk stand for when their checkout was cut off, else None."""
        self._fd = -1

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock for a while; Conflict when it cannot be had within `timeout` seconds."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            self._acquire(fd)
            self._fd = fd
            yield
        finally:
            self._fd = -1
            os.close(fd)  # closing releases it

    def _acquire(self, fd: int) -> None:
        start = time.monotonic()
        pause = 0.0002
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() - start > self.timeout:
                    holder = os.pread(fd, 200, 0).decode("ascii", "replace").split("\n")[0]
                    who = f" (process {holder})" if holder.isdigit() else ""
                    raise Conflict(
                        f"another process{who} has been writing to the store for {self.timeout:g} seconds",
                        hint="try again when it has finished",
                    ) from None
                time.sleep(pause)
                pause = min(pause * 1.5, 0.004)
        self.waited = time.monotonic() - start
        lines = os.pread(fd, 200, 0).decode("ascii", "replace").split("\n")
        self.unfinished = lines[1] if len(lines) > 2 and len(lines[1]) == 40 else None
        if self.unfinished is None:
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)

    def begin(self, base: str | None, *, durable: bool) -> None:
        """Note that the files on disk, which stand for commit `base`, are about to move on.

        Files that still stand for an older commit keep its note, so that the next writer starts there.
        """
        if self.unfinished is not None:
            return
        os.pwrite(self._fd, f"{os.getpid()}\n{base or EMPTY}\n".encode(), 0)
        self.unfinished = base or EMPTY
        if durable:
            flush(self._fd)

    def done(self, base: str | None) -> None:
        """Note that the files on disk are up to date, if `base` is what they stood for."""
        if self.unfinished != (base or EMPTY):
            return
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)
        self.unfinished = None
