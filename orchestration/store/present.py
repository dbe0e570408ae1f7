"""The state as people see it: a commit, with what they edited on disk and did not commit in its place.

A check has to look at the file that somebody has just saved, not at the one before it. Nothing is
adopted by looking.
"""

import os
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from orchestration.errors import InvalidData, StoreError
from orchestration.store import layout
from orchestration.store.layout import Key
from orchestration.store.objects import object_id
from orchestration.store.snapshot import Snapshot, on_disk


class Present(NamedTuple):
    """The records below some folders, and what keeps others from being read."""

    records: dict[Key, dict[str, Any]]
    damaged: dict[str, InvalidData | StoreError]
    """Files that cannot be read, by name."""
    edited: dict[str, bytes | None]
    """What files hold on disk that differ from the commit, None for a deleted one, by name."""


def read(reader: Snapshot, folders: Iterable[str], *, disk: bool) -> Present:
    """Read all records below folders of the repository; `disk` asks for the edits on disk as well."""
    found = Present({}, {}, {})
    for folder in folders:
        committed = dict(_committed(reader, folder))
        names = {**committed, **dict.fromkeys(_on_disk(reader, folder))} if disk else committed
        for file in sorted(names):
            key = layout.key_of(file)
            if key is None:
                continue
            try:
                record = _record(reader, file, committed.get(file), found, disk=disk)
                if record is not None and not isinstance(record, dict):
                    raise InvalidData(f"{file} does not hold a mapping", hint="edit the file so that it does")
            except (InvalidData, StoreError) as error:
                found.damaged[file] = error
                continue
            if record is not None:
                found.records[key] = record
    return found


def _record(reader: Snapshot, file: str, oid: str | None, found: Present, *, disk: bool) -> Any:
    if disk:
        content = on_disk(reader.root, file)
        if (object_id(b"blob", content) if content is not None else None) != oid:
            found.edited[file] = content
            return None if content is None else parsed(file, content)
    return reader.documents.read(oid, file) if oid is not None else None


def parsed(file: str, content: bytes) -> Any:
    """Return the data of a file's content; InvalidData names file, line and column."""
    from orchestration import codec

    return codec.load(content, name=file)


def _committed(reader: Snapshot, folder: str) -> Iterator[tuple[str, str]]:
    for name, entry in reader.folder(folder).items():
        path = f"{folder}/{name}"
        if entry.is_folder:
            yield from _committed(reader, path)
        elif entry.is_file:
            yield path, entry.oid


def _on_disk(reader: Snapshot, folder: str) -> Iterator[str]:
    root = str(reader.root)
    for place, _, names in os.walk(f"{root}/{folder}"):
        yield from (os.path.relpath(f"{place}/{name}", root) for name in names)
