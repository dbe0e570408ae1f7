"""Packing: what makes thousands of small objects into a few files, beside writers and readers.

Every commit leaves a handful of loose objects. When a write finds too many of them, it starts a process
in the background that packs them (`git repack -d --geometric=2`, which joins small packs and leaves
large ones alone) and does not wait for it. Nothing is ever pruned: objects that no branch reaches are
packed like all others, so a writer or reader beside it loses nothing.

One process does this at a time: it holds `.git/orchestration/upkeep.lock`, which it got from the write
that started it, and which dies with it. Where packing failed (git is missing, the disk is full), the lock
file holds the number of loose objects, and it is tried again when there are twice as many.
"""

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from orchestration.errors import Conflict, StoreError
from orchestration.store import git
from orchestration.store.objects import Objects, flush_folder
from orchestration.store.repo import Store

_STALE = 3600.0
"""Seconds after which a temporary file belongs to nobody any more."""
_REPACK = ("repack", "-d", "-l", "-n", "-q")
_ROUNDS = 50
_POLITE = 10
_TRIES, _PAUSE = 600, 0.1
_PROGRAM = (
    "import pathlib, sys; from orchestration.store import upkeep;"
    " upkeep.work(pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))"
)
_started: list["subprocess.Popen[bytes]"] = []


class Sizes(NamedTuple):
    """What the objects of a store take."""

    loose: int
    packs: int
    bytes: int


class Report(NamedTuple):
    """What a packing did."""

    before: Sizes
    after: Sizes
    swept: list[str]
    """Temporary files of processes that died, now removed."""
    warning: str | None
    """Why nothing was packed."""


def sizes(objects: Objects) -> Sizes:
    """Count the loose objects, the packs, and the bytes of both."""
    loose = packs = size = 0
    for folder, _, files in os.walk(objects.folder):
        fan = len(os.path.basename(folder)) == 2
        for name in files:
            with contextlib.suppress(FileNotFoundError):  # packed at this moment
                size += os.stat(f"{folder}/{name}").st_size
            loose += fan
            packs += name.endswith(".pack")
    return Sizes(loose, packs, size)


# -- in the background


def start(store: Store, limit: int) -> None:
    """Start packing in the background, unless that goes on already, or failed a short while ago."""
    _started[:] = [one for one in _started if one.poll() is None]
    with contextlib.suppress(OSError), _lock(store) as fd:
        if fd is None or store.objects.count_loose() < 2 * _failed_at(fd):
            return
        _started.append(
            subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, str(store.root), str(fd), str(limit)],
                cwd=Path(__file__).parent.parent.parent,  # where the package is imported from
                env=git.environment(),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=(fd,), start_new_session=True,
            )
        )  # fmt: skip


def work(root: Path, fd: int, limit: int) -> None:
    """Pack until there are fewer loose objects than `limit`, holding the lock on the open file `fd`."""
    os.nice(_POLITE)
    store = Store(root)
    try:
        for _ in range(_ROUNDS):
            git.run(root, *_REPACK, "--geometric=2", "--threads=1")
            _restore_folders(store)
            if store.objects.count_loose() < limit:
                break
        os.ftruncate(fd, 0)
        sweep(store)
    except StoreError:
        os.ftruncate(fd, 0)
        os.pwrite(fd, b"%d\n" % store.objects.count_loose(), 0)


def _failed_at(fd: int) -> int:
    text = os.pread(fd, 20, 0).strip()
    return int(text) if text.isdigit() else 0


# -- on request


def pack(store: Store, *, progress: git.Watch | None = None) -> Report:
    """Put all objects into one pack and remove what killed processes left.

    `progress` is told how far git has come. Conflict while another process packs. Without git nothing is
    packed, and the report says so.
    """
    with _lock(store) as fd:
        if fd is None:
            raise Conflict("packing goes on already", hint="try again in a minute")
        before = sizes(store.objects)
        warning = None
        try:
            words = [word for word in _REPACK if progress is None or word != "-q"]
            git.run(store.root, *words, "-a", "-k", watch=progress)
            os.ftruncate(fd, 0)
        except git.NoGit as error:
            warning = f"{error.message}; nothing was packed"
        _restore_folders(store)
        return Report(before, sizes(store.objects), sweep(store), warning)


@contextmanager
def alone(store: Store) -> Iterator[None]:
    """Keep others from packing for a while; Conflict when another process packs for over a minute."""
    for _ in range(_TRIES):
        with _lock(store) as fd:
            if fd is not None:
                yield
                return
        time.sleep(_PAUSE)
    raise Conflict("the store is being packed", hint="try again in a minute")


@contextmanager
def _lock(store: Store) -> Iterator[int | None]:
    """Hold the lock of whoever packs, as an open file; None when another process has it."""
    fd = os.open(store.private / "upkeep.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield fd
    finally:
        os.close(fd)  # a process that was started with it holds it on


def _restore_folders(store: Store) -> None:
    """Make the folders again that git removed when they were empty: else a write has to."""
    made = False
    for number in range(256):
        with contextlib.suppress(FileExistsError):
            os.mkdir(f"{store.objects.folder}/{number:02x}")
            made = True
    if made:
        flush_folder(store.objects.folder)


def leftovers(store: Store) -> Iterator[Path]:
    """Yield the temporary files of objects, packs and checkouts, of running processes as well."""
    objects = Path(store.objects.folder)
    for folder, pattern in (
        (objects, "tmp_obj_*"),
        (objects, "??/tmp_obj_*"),
        (objects / "pack", "tmp_*"),
        (objects / "pack", ".tmp-*"),
        (store.private, "checkout-*"),
    ):
        yield from sorted(folder.glob(pattern))


def sweep(store: Store) -> list[str]:
    """Remove temporary files that are older than an hour and return their places."""
    fd = os.open(store.private / "upkeep.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        os.utime(fd)
        now = os.fstat(fd).st_mtime  # the disk's own clock, which the files' times were taken from
    finally:
        os.close(fd)
    swept = []
    for path in leftovers(store):
        with contextlib.suppress(FileNotFoundError):
            if now - path.stat().st_mtime > _STALE:
                path.unlink()
                swept.append(str(path.relative_to(store.root)))
    return swept
