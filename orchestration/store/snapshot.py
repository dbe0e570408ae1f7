"""Reading: everything from one commit, without a lock."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from orchestration import ids
from orchestration.errors import InvalidData, StoreError
from orchestration.store import layout, trees
from orchestration.store.commits import Commit
from orchestration.store.documents import Documents
from orchestration.store.objects import Objects, object_id


class Snapshot:
    """The state as one commit holds it; a store that does not exist yet reads as empty."""

    def __init__(self, root: Path, objects: Objects, documents: Documents, tip: Commit | None) -> None:
        self.root = root
        self.objects = objects
        self.documents = documents
        self.tip = tip
        """The commit that is read."""
        self._folders: dict[str, trees.Entries] = {}

    def read_tree(self, oid: str) -> bytes:
        """Return the content of a tree object."""
        return b"" if oid == trees.EMPTY_TREE else self.objects.read(oid, b"tree")

    def folder(self, path: str) -> trees.Entries:
        """Return the entries of a folder of the repository, none when it is not there."""
        entries = self._folders.get(path)
        if entries is None:
            if not path:
                oid = self.tip.tree if self.tip else trees.EMPTY_TREE
            else:
                entry = self.entry(path)
                oid = entry.oid if entry and entry.is_folder else trees.EMPTY_TREE
            entries = self._folders[path] = trees.parse(self.read_tree(oid))
        return entries

    def entry(self, path: str) -> trees.Entry | None:
        """Return what the repository holds at `path`."""
        folder, _, name = path.rpartition("/")
        return self.folder(folder).get(name)

    def blob_id(self, file: str) -> str | None:
        """Return the id of a file's content, or None when there is no such file."""
        entry = self.entry(file)
        return entry.oid if entry and entry.is_file else None

    def content(self, file: str) -> bytes | None:
        """Return what a file holds, or None when there is no such file."""
        oid = self.blob_id(file)
        return None if oid is None else self.objects.read(oid, b"blob")

    def load(self, *key: str) -> Any:
        """Return the record of a key, a copy of the caller's own, or None when there is none.

        Raises InvalidData, with file, line and column, for a file that does not parse.
        """
        file = layout.file_of(*key)
        oid = self.blob_id(file)
        if oid is None:
            return None
        data = self.documents.read(oid, file)
        if not isinstance(data, dict):
            raise InvalidData(f"{file} does not hold a mapping", hint="edit the file so that it does")
        return data

    def names(self, *key: str) -> list[str]:
        """Return the names below a key: of files without their ending, and of folders."""
        if key == ("sessions",):
            return sorted(name for fan in self.folder("sessions") for name in self.folder(f"sessions/{fan}"))
        return sorted(
            name.removesuffix(layout.SUFFIX)
            for name, entry in self.folder(layout.folder_of(*key)).items()
            if entry.is_folder or name.endswith(layout.SUFFIX)
        )

    def load_all(self, *key: str) -> dict[str, Any]:
        """Return all records right below a key, by name."""
        records = {}
        for name in self.names(*key):
            if ids.problem(name):
                continue  # a person's own file: it hurts no list
            record = self.load(*key, name)
            if record is not None:
                records[name] = record
        return records

    def exists(self, *key: str) -> bool:
        """Say whether there is a record, or a folder of records, at a key."""
        path = layout.folder_of(*key)
        return self.entry(path) is not None or self.entry(path + layout.SUFFIX) is not None

    def edited(self, keys: Iterable[layout.Key]) -> list[str]:
        """Return the files of `keys` that differ on disk from this commit: edited by hand."""
        found = []
        for key in keys:
            file = layout.file_of(*key)
            try:
                disk = on_disk(self.root, file)
            except StoreError:
                found.append(file)
                continue
            if (object_id(b"blob", disk) if disk is not None else None) != self.blob_id(file):
                found.append(file)
        return found


def on_disk(root: Path, file: str) -> bytes | None:
    """Return what the checked-out copy of a file holds, or None when there is none.

    StoreError for what cannot be read, and for a link, which could lead out of the store.
    """
    path = str(root)
    for part in file.split("/"):
        path = f"{path}/{part}"
        if os.path.islink(path):
            raise StoreError(
                f"{path} is a link; the store holds ordinary files and folders", hint="remove the link"
            )
    try:
        with open(path, "rb", buffering=0) as stream:
            return stream.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from None
