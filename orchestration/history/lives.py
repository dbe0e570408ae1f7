"""The life of files: what each commit that touched one made of it, and out of what."""

from functools import lru_cache
from typing import Any, NamedTuple

from orchestration.errors import InvalidData, StoreError
from orchestration.paths import MISSING
from orchestration.store.index import Index
from orchestration.store.queries import Event, Touch
from orchestration.store.repo import Store


class Step(NamedTuple):
    """A commit's change of one file; a record is MISSING where there is no file, or none that parses."""

    event: Event
    before: list[Any]
    """The record in each parent of the commit."""
    after: Any


class Lives:
    """Reads the lives of a store's files, each once."""

    def __init__(self, store: Store, index: Index) -> None:
        self.store = store
        self.index = index
        self._line = not index.has_merges()
        self._touches: dict[str, list[Touch]] = {}
        self._places: dict[str, dict[str, int]] = {}
        self._snapshot = lru_cache(64)(store.snapshot)

    def touches(self, file: str) -> list[Touch]:
        """Return the commits that made a file as it was, newest first."""
        if file not in self._touches:
            self._touches[file] = self.index.life(file)
        return self._touches[file]

    def step(self, file: str, number: int) -> Step:
        """Return the change that a file's touch number `number`, counted from the newest, made."""
        touches = self.touches(file)
        touch = touches[number]
        if self._line:
            before = [touches[number + 1].blob if number + 1 < len(touches) else None]
        else:
            parents = self.store.commit(touch.event.oid).parents
            before = [self._blob(parent, file) for parent in parents] or [None]
        return Step(touch.event, [self.record(blob, file) for blob in before], self.record(touch.blob, file))

    def change(self, file: str, oid: str) -> Step | None:
        """Return what a commit changed in a file, None when it left it alone."""
        if file not in self._places:
            self._places[file] = {touch.event.oid: n for n, touch in enumerate(self.touches(file))}
        number = self._places[file].get(oid)
        return None if number is None else self.step(file, number)

    def record(self, blob: str | None, file: str) -> Any:
        """Return the record of a content."""
        if blob is None:
            return MISSING
        try:
            return self.store.documents.read(blob, file)
        except InvalidData:
            return MISSING

    def _blob(self, parent: str, file: str) -> str | None:
        try:
            return self._snapshot(parent).blob_id(file)
        except StoreError:  # a shallow clone ends here
            return None
