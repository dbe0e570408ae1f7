"""Who wrote a value later: what the merge asks when both sides changed one place."""

import re

from orchestration import codec
from orchestration.domain.conflicts import Version
from orchestration.errors import InvalidData
from orchestration.merge import Path, Side, canonical, value_at
from orchestration.store import layout
from orchestration.store.commits import Commit
from orchestration.store.repo import Store
from orchestration.sync.transport import Touch, Transport


class Writers:
    """The commits that changed values, on the way from the common ancestors to each of two heads."""

    def __init__(self, store: Store, transport: Transport, heads: tuple[str, str]) -> None:
        self._store = store
        self._transport = transport
        self.heads = dict(zip(("ours", "theirs"), heads, strict=True))
        self._touches: dict[str, dict[str, dict[str, list[Touch]]]] = {}
        self._commits: dict[str, Commit] = {}
        self._records: dict[str, object] = {}

    def of(self, side: Side, file: str, path: Path) -> Commit | None:
        """Return the newest commit of a side that gave the value at a repository path of `file`."""
        of_file = self._touching(side).get(file, {})
        for commit in sorted(map(self._commit, of_file), key=lambda one: (one.at, one.oid), reverse=True):
            touches = of_file[commit.oid]
            if len(touches) < len(commit.parents):
                continue  # a merge, that has the file of a parent
            value = self._value(touches[0].after, file, path)
            if all(self._value(one.before, file, path) != value for one in touches):
                return commit
        return None

    def _touching(self, side: Side) -> dict[str, dict[str, list[Touch]]]:
        """Return what the commits of a side changed, by file and commit."""
        if side not in self._touches:  # all at once: to ask git for each file would take seconds
            found = self._touches[side] = {}
            other = self.heads["theirs" if side == "ours" else "ours"]
            for one in self._transport.touches(other, self.heads[side]):
                found.setdefault(one.file, {}).setdefault(one.commit, []).append(one)
        return self._touches[side]

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
        if oid not in self._commits:
            self._commits[oid] = self._store.commit(oid)
        return self._commits[oid]

    def _value(self, blob: str | None, file: str, path: Path) -> str:
        """Return what tells the value at a path from others, of a version of the file; "" for none."""
        key = layout.key_of(file)
        if blob is None or key is None or len(path) <= len(key):
            return blob or ""
        record = self._record(blob, file)
        return "" if record is None else canonical(value_at(record, path, at=key))

    def _record(self, blob: str, file: str) -> object:
        if blob not in self._records:
            try:
                self._records[blob] = codec.load(self._store.objects.read(blob, b"blob"), name=file)
            except InvalidData:
                self._records[blob] = None
        return self._records[blob]
