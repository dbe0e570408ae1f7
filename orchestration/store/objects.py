"""Git objects on disk: read and written with the standard library.

Importing dulwich would cost a command line call more than everything else it does, so loose objects are
read here and packed ones in `packs.py`. Objects are written by our own writer: dulwich's leaves
`<object>.lock` files behind when it is killed, after which that content can never be written again, and
does not heal damaged objects.
"""

import contextlib
import fcntl
import itertools
import os
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.errors import StoreError

if TYPE_CHECKING:
    from orchestration.store.packs import Packs

try:
    # hashlib loads OpenSSL for this one function, which costs a call 3 ms; CPython's own is slower with
    # much data only
    import _sha1 as hashes  # type: ignore[import-not-found]
except ImportError:
    import hashlib as hashes

_ADVICE = "`state_manager verify` says what is hurt and how to mend it"
_SAMPLE = ("11", "2f", "4d", "6b", "89", "a7", "c5", "e3")
_unique = itertools.count()
_MUCH = 100_000
_SLOW_FLUSH = 0.002
_OPEN_AT_ONCE = 64
_FULLFSYNC = getattr(fcntl, "F_FULLFSYNC", None)


class DamagedPack(Exception):
    """A pack does not hold what its index says; the text names the pack."""


class MissingObject(StoreError):
    """An object that the history refers to is not there."""


class DamagedObject(StoreError):
    """An object does not hold what its name says."""


def flush(fd: int) -> None:
    """Make what was written to `fd` survive power loss."""
    if _FULLFSYNC is None:
        os.fsync(fd)
    else:
        fcntl.fcntl(fd, _FULLFSYNC)


def flush_folder(folder: str) -> None:
    """Make the names in `folder` survive power loss."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def flush_all(fds: list[int]) -> None:
    """Make what was written to several files survive power loss.

    A slow disk gets them side by side: it takes about as long for many flushes at once as for one.
    """
    if not fds:
        return
    start = time.monotonic()
    flush(fds[0])
    if len(fds) == 1 or time.monotonic() - start < _SLOW_FLUSH:
        for fd in fds[1:]:
            flush(fd)
        return
    failures: list[OSError] = []

    def one(fd: int) -> None:
        try:
            flush(fd)
        except OSError as error:
            failures.append(error)

    threads = [threading.Thread(target=one, args=(fd,)) for fd in fds[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def flush_folders(folders: list[str]) -> None:
    """Make the names in several folders survive power loss."""
    fds: list[int] = []
    try:
        for folder in folders:
            with contextlib.suppress(FileNotFoundError):  # removed by git, which has packed what it held
                fds.append(os.open(folder, os.O_RDONLY | os.O_CLOEXEC))
        flush_all(fds)
    finally:
        for fd in fds:
            os.close(fd)


def write_whole(fd: int, data: bytes | bytearray) -> None:
    """Write all of `data`: a write near a full disk may take only a part."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def sha1(data: bytes | bytearray | memoryview) -> bytes:
    """Return the SHA-1 of `data`, 20 bytes."""
    if len(data) > _MUCH:
        import hashlib

        return hashlib.sha1(data, usedforsecurity=False).digest()
    digest: bytes = hashes.sha1(data).digest()
    return digest


def object_id(kind: bytes, data: bytes) -> str:
    """Return the name git gives to an object, 40 hexadecimal digits."""
    return sha1(b"%s %d\0" % (kind, len(data)) + data).hex()


class Objects:
    """The objects of one repository."""

    def __init__(self, git_dir: Path) -> None:
        self.folder = str(git_dir / "objects")

    def read(self, oid: str, kind: bytes) -> bytes:
        """Return the content of an object, checked against its name."""
        header, _, data = self.find(oid).partition(b"\0")
        if header.split(b" ")[0] != kind:
            raise DamagedObject(f"object {oid} is not a {kind.decode()}", hint=_ADVICE)
        return data

    def find(self, oid: str) -> bytes:
        """Return header and content of an object from a place that holds it undamaged."""
        damage = None
        try:
            for raw in self._copies(oid):
                if sha1(raw).hex() == oid:
                    return raw
                damage = DamagedObject(f"object {oid} is damaged on disk", hint=_ADVICE)
        except DamagedPack as error:
            damage = DamagedObject(f"object {oid} is damaged on disk: {error}", hint=_ADVICE)
        raise damage or MissingObject(f"object {oid} is missing from the store", hint=_ADVICE)

    def _copies(self, oid: str) -> Iterator[bytes]:
        loose = self._read_loose(oid)
        if loose is not None:
            yield loose
        try:
            yield from self.packs.copies(oid)
        except OSError as error:
            raise StoreError(f"cannot read object {oid}: {error.strerror}") from None
        if loose is None:  # unless git took it out of a pack at this moment
            loose = self._read_loose(oid)
            if loose is not None:
                yield loose

    @cached_property
    def packs(self) -> "Packs":
        """The packs of this repository."""
        from orchestration.store.packs import Packs

        return Packs(self.folder)

    def _read_loose(self, oid: str) -> bytes | None:
        """Return header and content of a loose object, empty when it does not decompress."""
        try:
            with open(f"{self.folder}/{oid[:2]}/{oid[2:]}", "rb", buffering=0) as file:
                packed = file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"cannot read object {oid}: {error.strerror}") from None
        try:
            return zlib.decompress(packed)
        except zlib.error:
            return b""

    def count_loose(self) -> int:
        """Return about how many loose objects there are, from a part of the folders."""
        found = 0
        for name in _SAMPLE:
            with contextlib.suppress(FileNotFoundError):
                found += len(os.listdir(f"{self.folder}/{name}"))
        return found * 256 // len(_SAMPLE)

    def complete(self, prefix: str) -> list[str]:
        """Return the ids of all objects that begin with `prefix` (at least 2 digits)."""
        found = set()
        try:
            rest = prefix[2:]
            for name in os.listdir(f"{self.folder}/{prefix[:2]}"):
                if name.startswith(rest) and len(name) == 38:
                    found.add(prefix[:2] + name)
        except FileNotFoundError:
            pass
        if os.path.isdir(f"{self.folder}/pack") and os.listdir(f"{self.folder}/pack"):
            found.update(self.packs.complete(prefix))
        return sorted(found)

    def write(
        self, objects: list[tuple[str, bytes, bytes]], *, durable: bool, also: Iterable[int] = ()
    ) -> None:
        """Write (id, kind, content) objects in the order given; all are in place on return.

        With `durable` the files, the folders that name them, and the open files `also`, are flushed to
        the disk: contents first, then names. Where the file system keeps renames in order, the names are
        left to whoever flushes a later rename: moving the branch does.
        """
        folders: dict[str, None] = {}
        for start in range(0, len(objects), _OPEN_AT_ONCE):
            for oid in self._write_some(objects[start : start + _OPEN_AT_ONCE], durable, also):
                folders[oid[:2]] = None
        if durable and not self._ordered:
            flush_folders([f"{self.folder}/{name}" for name in folders])

    @cached_property
    def _ordered(self) -> bool:
        """Whether flushing the folder of the branch, which moves last, takes the objects' names along."""
        from orchestration.store import filesystem

        return filesystem.keeps_renames_in_order(self.folder)

    def _write_some(
        self, objects: list[tuple[str, bytes, bytes]], durable: bool, also: Iterable[int]
    ) -> list[str]:
        """Write objects and return the ids of those that were not there yet."""
        drafts: list[tuple[int, str, str]] = []
        try:
            for oid, kind, data in objects:
                self._draft(oid, kind, data, drafts)
            if durable:
                flush_all([*(fd for fd, _, _ in drafts), *also])
        except BaseException:
            for fd, temporary, _ in drafts:
                os.close(fd)
                os.unlink(temporary)
            raise
        for fd, _, _ in drafts:
            os.close(fd)
        for _, temporary, oid in drafts:
            self._place(temporary, oid, durable)
        return [oid for _, _, oid in drafts]

    def _draft(self, oid: str, kind: bytes, data: bytes, drafts: list[tuple[int, str, str]]) -> None:
        whole = b"%s %d\0" % (kind, len(data)) + data
        if os.path.lexists(f"{self.folder}/{oid[:2]}/{oid[2:]}"):
            try:
                if self._read_loose(oid) == whole:
                    return  # flushed by whoever wrote it before naming it in a commit
            except StoreError:
                pass  # unreadable or damaged: replaced by the right content
        temporary = f"{self.folder}/tmp_obj_{os.getpid()}_{next(_unique)}"
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o444)
        drafts.append((fd, temporary, oid))
        write_whole(fd, zlib.compress(whole, 1))

    def _place(self, temporary: str, oid: str, durable: bool) -> None:
        folder = f"{self.folder}/{oid[:2]}"
        for last_try in (False,) * 20 + (True,):
            try:
                os.rename(temporary, f"{folder}/{oid[2:]}")
                return
            except FileNotFoundError:  # git removes a folder whose objects it has packed
                if last_try:
                    raise
                os.makedirs(folder, exist_ok=True)
                if durable:
                    flush_folder(self.folder)
