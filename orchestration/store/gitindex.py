"""git's index, kept true so that `git status` of the store stays clean.

One changed file means one changed entry: it is patched in the bytes of the index (format version
2), which takes a millisecond where reading and writing all entries takes a hundred. An index that
is anything but plain version 2 is built anew from the commit.
"""

import os
import struct
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from orchestration.store import gitlock
from orchestration.store.objects import sha1

_HEADER = struct.Struct(">4sII")
_ENTRY = struct.Struct(">10I20sH")
_EXTENSIONS = (b"TREE", b"REUC", b"UNTR", b"FSMN", b"EOIE", b"IEOT", b"link", b"sdir")
_LOCK_WAIT = 2.0
_FEW = 20
"""Changes that are found one by one; beyond, one walk over all entries is faster."""


_NOTE_HEAD = b"EOIE" + (24).to_bytes(4, "big")
_NOTE_SIZE = 32


class Slot(NamedTuple):
    """What the index says about one file."""

    oid: str
    stat: os.stat_result | None
    """As the file was when its content was known to be `oid`; None lets git look for itself."""


Rows = Iterable[tuple[str, Slot]]
"""(path, slot) pairs, in any order."""


class Unusual(Exception):
    """The index is not plain version 2, or broken."""


def _pack(path: bytes, slot: Slot) -> bytes:
    if slot.stat is None:
        fields = [0] * 6 + [0o100644, 0, 0, 0]
    else:
        stat = slot.stat
        mode = 0o100755 if stat.st_mode & 0o100 else 0o100644
        fields = [
            *divmod(stat.st_ctime_ns, 10**9),
            *divmod(stat.st_mtime_ns, 10**9),
            stat.st_dev,
            stat.st_ino,
            mode,
            stat.st_uid,
            stat.st_gid,
            stat.st_size,
        ]
    head = _ENTRY.pack(
        *[field & 0xFFFFFFFF for field in fields], bytes.fromhex(slot.oid), min(len(path), 0xFFF)
    )
    size = len(head) + len(path)
    return head + path + b"\0" * (8 - size % 8)


def _find(data: bytearray, path: bytes) -> int:
    """Return where the entry of `path` begins, or -1."""
    tail = struct.pack(">H", min(len(path), 0xFFF)) + path + b"\0"
    position = data.find(tail, 12)
    while position != -1:
        start = position - 60
        if start >= 12 and (start - 12) % 8 == 0:
            return start
        position = data.find(tail, position + 1)
    return -1


def _end_noted(data: bytes) -> int | None:
    """Return where the entries end as git's EOIE extension, the last one, says; None when it does not fit."""
    note = len(data) - 20 - _NOTE_SIZE
    if note < 12 or data[note : note + 8] != _NOTE_HEAD:
        return None
    end = at = int.from_bytes(data[note + 8 : note + 12], "big")
    heads = b""
    while 12 <= at < note:
        heads += data[at : at + 8]
        at += 8 + int.from_bytes(data[at + 4 : at + 8], "big")
    return end if at == note and sha1(heads) == data[note + 12 : note + 32] else None


def _end_seen(data: bytes) -> int | None:
    """Return where the entries end when the last one is of a YAML file, as nearly always; else None.

    Without it each signature is looked for in all entries, six milliseconds for ten thousand sessions.
    """
    null = data.rfind(b".yaml\0", 12) + 5
    end = at = 12 + ((null - 12) // 8 + 1) * 8
    limit = len(data) - 20
    while at + 8 <= limit and data[at : at + 4] in _EXTENSIONS:
        at += 8 + int.from_bytes(data[at + 4 : at + 8], "big")
    return end if null > 5 and at == limit else None


def _entries_end(data: bytes) -> int:
    """Return where the entries end and the extensions begin.

    The extensions chain by size up to the checksum, so the longest chain that fits exactly is the right one.
    """
    for noted in (_end_noted(data), _end_seen(data)):
        if noted is not None and data[noted : noted + 4] not in (b"link", b"sdir"):
            return noted
    end = limit = len(data) - 20
    for signature in _EXTENSIONS:
        position = data.find(signature, 12, end)
        while position != -1:
            at = position
            while at + 8 <= limit:
                at += 8 + int.from_bytes(data[at + 4 : at + 8], "big")
            if at == limit:
                end = position
                break
            position = data.find(signature, position + 1, end)
    if data[end : end + 4] in (b"link", b"sdir"):
        raise Unusual  # a part of the entries is elsewhere
    return end


def _size(data: bytes | bytearray, start: int) -> int:
    """Return how many bytes the entry at `start` takes."""
    null = data.index(b"\0", start + 62)
    return (null - start) // 8 * 8 + 8


def _place(data: bytearray, path: bytes) -> int:
    """Return where a new entry of `path` belongs, by walking the entries.

    Unusual when there is an entry that `_find` did not recognise: unmerged, or assumed unchanged.
    """
    at, end = 12, len(data)
    index = data.index
    while at < end:
        null = index(b"\0", at + 62)
        name = data[at + 62 : null]
        if name >= path:
            if name == path:
                raise Unusual
            return at
        at += (null - at) // 8 * 8 + 8
    return at


def _merged(body: bytearray, changes: Mapping[str, Slot | None]) -> tuple[bytearray, int]:
    """Return header and entries with many changes made in one walk, and how many entries there are."""
    rows: dict[bytes, bytes] = {}
    at = 12
    while at < len(body):
        size = _size(body, at)
        path = bytes(body[at + 62 : body.index(b"\0", at + 62)])
        if body[at + 60] & 0x70:
            raise Unusual  # extended, or in the middle of a merge
        rows[path] = bytes(body[at : at + size])
        at += size
    for name, slot in changes.items():
        path = name.encode()
        if slot is None:
            rows.pop(path, None)
        else:
            rows[path] = _pack(path, slot)
    return body[:12] + b"".join(rows[path] for path in sorted(rows)), len(rows)


def patched(data: bytes, changes: Mapping[str, Slot | None]) -> bytes | bytearray:
    """Return index `data` with the entries of `changes` replaced, added, or with None removed.

    Extensions are dropped but for the end of the entries: they are optional, and the one git writes caches
    trees that changed.
    """
    if len(data) < 32 or data[:8] != b"DIRC\0\0\0\2":
        raise Unusual
    view = memoryview(data)  # slices of bytes are copies
    if data[-20:] != sha1(view[:-20]):
        raise Unusual  # torn by a power loss, or written with index.skipHash
    (count,) = struct.unpack(">I", data[8:12])
    if count and data[12 + 60] & 0xF0:
        raise Unusual  # extended, assumed unchanged, or in the middle of a merge
    body = bytearray(view[: _entries_end(data)])
    if len(changes) > _FEW:
        body, count = _merged(body, changes)
    else:
        for name, slot in changes.items():
            path = name.encode()
            start = _find(body, path)
            if start == -1:
                start = stop = _place(body, path)
                count += slot is not None
            else:
                stop = start + _size(body, start)
                count -= slot is None
            body[start:stop] = b"" if slot is None else _pack(path, slot)
    body[8:12] = struct.pack(">I", count)
    return _sealed(body)


def _sealed(body: bytearray) -> bytearray:
    """Return a whole index of header and entries, with a note for the next patch of where they end."""
    body += _NOTE_HEAD + len(body).to_bytes(4, "big") + sha1(b"")
    body += sha1(body)
    return body


def entries(data: bytes) -> dict[str, str]:
    """Return the blob ids in index `data` by path; Unusual for one that is not plain version 2, or broken."""
    if not data:
        return {}
    if len(data) < 32 or data[:8] != b"DIRC\0\0\0\2" or data[-20:] != sha1(data[:-20]):
        raise Unusual
    (count,) = struct.unpack(">I", data[8:12])
    found = {}
    at = 12
    for _ in range(count):
        if data[at + 60] & 0x70:
            raise Unusual  # extended, or in the middle of a merge
        size = _size(data, at)
        found[data[at + 62 : data.index(b"\0", at + 62)].decode("utf-8", "surrogateescape")] = data[
            at + 40 : at + 60
        ].hex()
        at += size
    return found


def is_torn(data: bytes) -> bool:
    """Say whether index `data` is not as it was written; its checksum is zeros with git's index.skipHash."""
    return data[-20:] not in (sha1(data[:-20]), bytes(20))


def built(entries: Rows) -> bytes | bytearray:
    """Return a whole index."""
    rows = sorted((path.encode(), slot) for path, slot in entries)
    body = _HEADER.pack(b"DIRC", 2, len(rows)) + b"".join([_pack(path, slot) for path, slot in rows])
    return _sealed(bytearray(body))


class GitIndex:
    """The index file of one repository."""

    def __init__(self, git_dir: Path) -> None:
        self.path = str(git_dir / "index")
        self.private = git_dir / "orchestration"

    def read(self) -> bytes:
        """Return the bytes of the index, empty when there is none."""
        try:
            with open(self.path, "rb", buffering=0) as file:
                return file.read()
        except FileNotFoundError:
            return b""

    def patched(self, changes: Mapping[str, Slot | None], rebuild: Callable[[], Rows]) -> bytes | bytearray:
        """Return the index with changes applied, or built from the rows of `rebuild` where it is unusual."""
        try:
            return patched(self.read(), changes)
        except (Unusual, ValueError):
            return built(rebuild())

    def replace(self, make: Callable[[], bytes | bytearray | None]) -> None:
        """Replace the index by what `make`, called with the index held, returns; None leaves it.

        Conflict when a git command holds the index for more than two seconds.
        """
        # git compares the content of files that are not older than the index, for they may have been edited
        # in the second of their entry; a newer index would hide such an edit for ever
        gitlock.replace(self.path, make, private=self.private, wait=_LOCK_WAIT, keep_time=True)
