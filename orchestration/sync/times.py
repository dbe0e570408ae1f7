"""Who wrote a value later: what the merge asks when both sides changed one place."""

import re

from orchestration import codec
from orchestration.domain.conflicts import Version
from orchestration.errors import InvalidData
from orchestration.merge import Path, Side, canonical, value_at
from orchestration.paths import MISSING
from orchestration.store import layout
from orchestration.store.commits import Commit
from orchestration.store.repo import Store
from orchestration.store.snapshot import Snapshot
from orchestration.sync.transport import Transport


class Writers:
    """The commits that changed values, on the way from the common ancestors to each of two heads."""

    def __init__(self, store: Store, transport: Transport, heads: tuple[str, str]) -> None:
        self._store = store
        self._transport = transport
        self.heads = dict(zip(("ours", "theirs"), heads, strict=True))
        self._touching: dict[tuple[str, str], list[str]] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self._values: dict[tuple[str, str], object] = {}

    def of(self, side: Side, file: str, path: Path) -> Commit | None:
        """Return the newest commit of a side that gave the value at a repository path of `file`."""
        other = self.heads["theirs" if side == "ours" else "ours"]
        wanted = (side, file)
        if wanted not in self._touching:
            self._touching[wanted] = self._transport.between(other, self.heads[side], file)
        found: Commit | None = None
        for oid in self._touching[wanted]:
            commit = self._commit(oid)
            value = self._value(oid, file, path)
            if all(self._value(parent, file, path) != value for parent in commit.parents or ("",)) and (
                found is None or (commit.at, commit.oid) > (found.at, found.oid)
            ):
                found = commit
        return found

    def later(self, file: str, path: Path) -> Side | None:
        """Return the side whose newest commit on a path is younger, None where neither is."""
        ours, theirs = self.of("ours", file, path), self.of("theirs", file, path)
        if ours is None or theirs is None or ours.at == theirs.at:
            return "ours" if ours and not theirs else "theirs" if theirs and not ours else None
        return "ours" if ours.at > theirs.at else "theirs"

    def version(self, side: Side, file: str, path: Path) -> Version:
        """Return who gave a side of a conflict its value."""
        commit = self.of(side, file, path)
        if commit is None:
            return Version()
        raw = self._store.objects.read(commit.oid, b"commit").decode("utf-8", "replace")
        found = re.search(r"(?m)^committer .*<(?:orchestration@)?([^>]*)>", raw.partition("\n\n")[0])
        at = commit.at.isoformat().replace("+00:00", "Z")
        return Version(commit.author, at, found[1] if found else None, commit.oid)

    def _commit(self, oid: str) -> Commit:
        commit = self._snapshot(oid).tip
        assert commit is not None
        return commit

    def _snapshot(self, oid: str) -> Snapshot:
        if oid not in self._snapshots:
            store = self._store
            self._snapshots[oid] = Snapshot(store.root, store.objects, store.documents, store.commit(oid))
        return self._snapshots[oid]

    def _value(self, oid: str, file: str, path: Path) -> str:
        """Return what tells the value at a path in a commit from others."""
        if not oid:
            return ""
        key = layout.key_of(file)
        if key is None or len(path) <= len(key):
            return self._snapshot(oid).blob_id(file) or ""
        record = self._record(oid, file)
        return "" if record is None else canonical(value_at(record, path, at=key))

    def _record(self, oid: str, file: str) -> object:
        blob = self._snapshot(oid).blob_id(file)
        if blob is None:
            return None
        if (blob, file) not in self._values:
            try:
                self._values[blob, file] = codec.load(self._store.objects.read(blob, b"blob"), name=file)
            except InvalidData:
                self._values[blob, file] = MISSING
        found = self._values[blob, file]
        return None if found is MISSING else found
