"""What differs between two states of what a session sees, by path; computed values are left out."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from orchestration import diff
from orchestration.domain.places import Place, Scope
from orchestration.errors import InvalidData
from orchestration.paths import MISSING, Path
from orchestration.store import layout, trees
from orchestration.store.snapshot import Snapshot


class Difference(NamedTuple):
    """A value that differs, by the path the session sees; MISSING stands for no value."""

    record: Path
    """The path of the record that holds it."""
    path: Path
    old: Any
    new: Any
    files: tuple[str, ...]
    """The files that hold, or held, the record."""

    @property
    def kind(self) -> str:
        """Return "added", "removed" or "changed"."""
        return diff.Change(self.path, self.old, self.new).kind


def compare(old: Snapshot, new: Snapshot, places: Iterable[Place], scope: Scope) -> list[Difference]:
    """Return what differs at places from one snapshot to the other, by record."""
    records: dict[tuple[Path, Place], tuple[Any, Any, tuple[str, ...]]] = {}
    for place in places:
        for change in _changed(old, new, place.path):
            if not change.path.endswith(layout.SUFFIX):
                continue
            where = scope.view_path(change.path)
            # a task that moves to the archive leaves one file for another, and is one record
            before, after, files = records.get((where, place._replace(path="")), (MISSING, MISSING, ()))
            if change.old is not None and before is MISSING:
                before = _value(old, place, change.path, change.old)
            if change.new is not None and after is MISSING:
                after = _value(new, place, change.path, change.new)
            records[where, place._replace(path="")] = before, after, (*files, change.path)
    found = []
    for (where, place), (before, after, files) in records.items():
        base = (*where, *place.inner)
        found += [
            Difference(where, (*base, *one.path), one.old, one.new, files) for one in diff.diff(before, after)
        ]
    return found


def _value(reader: Snapshot, place: Place, file: str, entry: trees.Entry) -> Any:
    if not entry.is_file:
        return MISSING
    try:
        return place.read(reader.documents.read(entry.oid, file))
    except InvalidData:
        return MISSING


def _changed(old: Snapshot, new: Snapshot, path: str) -> Iterator[trees.Difference]:
    """Yield the files at or below a path that differ."""
    a, b = old.entry(path), new.entry(path)
    if a == b:
        return
    if path.endswith(layout.SUFFIX):
        yield trees.Difference(path, a, b)
        return
    before, after = (entry.oid if entry and entry.is_folder else None for entry in (a, b))
    yield from trees.differences(new.read_tree, before, after, path + "/")
