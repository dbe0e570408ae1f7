"""Objects in pack files, read through dulwich; imported only when one is needed."""

from dulwich.object_store import DiskObjectStore
from dulwich.objects import ObjectID

_stores: dict[str, DiskObjectStore] = {}


def _store(folder: str) -> DiskObjectStore:
    if folder not in _stores:
        _stores[folder] = DiskObjectStore(folder)
    return _stores[folder]


def read(folder: str, oid: str) -> bytes | None:
    """Return header and content of a packed object, or None when no pack has it."""
    try:
        number, data = _store(folder).get_raw(ObjectID(oid.encode()))
    except KeyError:
        return None
    kind = {1: b"commit", 2: b"tree", 3: b"blob", 4: b"tag"}[number]
    return b"%s %d\0" % (kind, len(data)) + data


def complete(folder: str, prefix: str) -> list[str]:
    """Return the ids of packed objects that begin with `prefix`."""
    return [
        oid.decode()
        for pack in _store(folder).packs
        for oid in pack.index.iter_prefix(bytes.fromhex(prefix[: len(prefix) // 2 * 2]))
        if oid.decode().startswith(prefix)
    ]
