"""The newest good state of a session, wherever it stands in history.

A session may have been retired by a cleanup, deleted by hand, or hold files that no longer parse. For
each of its files the newest content that parses is found, and what cannot be saved is told.
"""

from typing import Any, NamedTuple

from orchestration import codec
from orchestration.errors import InvalidData, StoreError
from orchestration.store import layout
from orchestration.store.index import Index
from orchestration.store.repo import Store
from orchestration.store.snapshot import Snapshot, on_disk


class Rescue(NamedTuple):
    """What history gives back of a session."""

    files: dict[str, Any]
    """Records to be written again, by the name of their file."""
    taken: dict[str, str]
    """The commit that each of `files` comes from."""
    gone: bool
    """Whether the session's files are not in the store any more."""
    damaged: list[str]
    """Names of files that are good in the newest commit, and missing or unreadable on disk."""
    lost: list[str]
    """Names of files of which no version can be read."""


def session(store: Store, index: Index, session_id: str) -> Rescue | None:
    """Return what can be brought back of a session, None when history knows none of this id."""
    now = store.snapshot()
    folder = layout.folder_of("sessions", session_id)
    base, gone = now, not now.exists("sessions", session_id)
    if gone:
        newest = index.events(paths=[folder], limit=1)
        parents = store.commit(newest[0].oid).parents if newest else ()
        if not parents:
            return None
        base = store.snapshot(parents[0])
    rescue = Rescue({}, {}, gone, [], [])
    for name in base.names("sessions", session_id):
        _one(store, index, base, session_id, name, rescue)
    return rescue if rescue.files or rescue.lost or not gone else None


def _one(store: Store, index: Index, base: Snapshot, session_id: str, name: str, rescue: Rescue) -> None:
    file = layout.file_of("sessions", session_id, name)
    try:
        record = base.load("sessions", session_id, name)
    except (InvalidData, StoreError):
        record = None
    if record is not None:
        if rescue.gone and base.tip is not None:
            rescue.files[name] = record
            rescue.taken[name] = base.tip.oid
        elif not rescue.gone and not _readable(store, file):
            rescue.damaged.append(name)
        return
    good = newest_good(store, index, file)
    if good is None:
        rescue.lost.append(name)
        return
    rescue.files[name] = store.documents.read(good.blob, file)
    rescue.taken[name] = good.commit


class Good(NamedTuple):
    """A version of a file that can be read."""

    commit: str
    at: str
    blob: str


def newest_good(store: Store, index: Index, file: str) -> Good | None:
    """Return the newest version of a file in history that holds a record, None when there is none."""
    for touch in index.life(file):
        if touch.blob is None:
            continue
        try:
            if isinstance(store.documents.read(touch.blob, file), dict):
                return Good(touch.event.oid, touch.event.at, touch.blob)
        except (InvalidData, StoreError):
            continue
    return None


def _readable(store: Store, file: str) -> bool:
    try:
        disk = on_disk(store.root, file)
        return disk is not None and isinstance(codec.load(disk, name=file), dict)
    except (InvalidData, StoreError):
        return False
