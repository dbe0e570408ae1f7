"""Replacing a file under git's own `<file>.lock`, so that a lock left by our death is known as ours.

git takes any existing `<file>.lock` for a running process and waits for ever. Our lock is a hard
link of a file in our private folder: when a process of ours dies between taking and releasing it,
the next one (which holds the store's lock, so no other of ours is alive) sees that both names are
one file, and removes it. A lock that is not ours is waited for, named, and never removed.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

from orchestration.errors import Conflict
from orchestration.store.objects import flush, flush_folder, write_whole


def replace(
    path: str, make: Callable[[], bytes | bytearray | None], *, private: Path, wait: float, durable: bool = False,
    keep_time: bool = False,
) -> bool:  # fmt: skip
    """Replace `path` by what `make` returns under the lock; None means leave it, and returns False.

    Only for a holder of the store's lock. `private` is a folder on the same file system. Conflict
    when a process of somebody else's holds the lock for `wait` seconds. With `keep_time` the file
    stays as old as it was.
    """
    lock = path + ".lock"
    draft = f"{private}/{os.path.basename(path)}.draft"
    clear(lock, draft)
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    try:
        _take(lock, draft, wait)
        try:
            data = make()
            if data is None:
                os.unlink(lock)
                return False
            write_whole(fd, data)
            if keep_time and os.path.exists(path):
                old = os.stat(path)
                os.utime(fd, ns=(old.st_atime_ns, old.st_mtime_ns))
            if durable:
                flush(fd)
            os.rename(lock, path)
        except BaseException:
            if os.path.lexists(lock):
                os.unlink(lock)
            raise
    finally:
        os.close(fd)
        os.unlink(draft)
    if durable:
        flush_folder(os.path.dirname(path))
    return True


def clear(lock: str, draft: str) -> None:
    """Remove a lock that a process of ours left when it died; `draft` is the other name of its file."""
    try:
        ours = os.stat(draft, follow_symlinks=False)
    except FileNotFoundError:
        return
    try:
        held = os.stat(lock, follow_symlinks=False)
        if (held.st_dev, held.st_ino) == (ours.st_dev, ours.st_ino):
            os.unlink(lock)
    except FileNotFoundError:
        pass  # died before taking it, or after the rename
    os.unlink(draft)


def _take(lock: str, draft: str, wait: float) -> None:
    deadline = time.monotonic() + wait
    while True:
        try:
            os.link(draft, lock)
            return
        except FileExistsError:
            if time.monotonic() > deadline:
                raise Conflict(
                    f"another git process holds {lock}",
                    hint="try again; if no git command is running there, remove that file",
                ) from None
            time.sleep(0.005)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(lock), exist_ok=True)
