"""Packs that our own reader (`packs.py`) does not know, read through dulwich; imported only then."""

import atexit
import struct
import zlib

from dulwich.errors import ApplyDeltaError, ChecksumMismatch
from dulwich.object_store import DiskObjectStore
from dulwich.objects import ObjectID

_GARBAGE = (AssertionError, LookupError, ValueError, struct.error, zlib.error)
DAMAGED = (ApplyDeltaError, ChecksumMismatch, *_GARBAGE)
"""What dulwich raises for a pack that does not hold what its index says."""
_stores: dict[str, DiskObjectStore] = {}


def _store(folder: str) -> DiskObjectStore:
    if folder not in _stores:
        _stores[folder] = DiskObjectStore(folder)
        atexit.register(_stores[folder].close)  # else dulwich complains when the interpreter ends
    return _stores[folder]


def read(folder: str, oid: str) -> bytes | None:
    """Return header and content of an object, or None when nothing has it."""
    try:
        number, data = _store(folder).get_raw(ObjectID(oid.encode()))
    except KeyError:
        return None
    kind = {1: b"commit", 2: b"tree", 3: b"blob", 4: b"tag"}[number]
    return b"%s %d\0" % (kind, len(data)) + data


def complete(folder: str, prefix: str) -> list[str]:
    """Return the ids of packed objects that begin with `prefix`."""
    return [oid.decode() for oid in _store(folder).iter_prefix(prefix.encode())]
