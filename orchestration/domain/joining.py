"""A client's session: made with the first write in it, and brought back to life by the next one.

A client is bound to a session before there is a record of it. Until then it is read as if it were there.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from orchestration.domain import session_actions, sessions
from orchestration.domain.records import Document
from orchestration.store.snapshot import Snapshot

if TYPE_CHECKING:
    from orchestration.store.layout import Key
    from orchestration.store.transaction import Transaction


class Joining(NamedTuple):
    """The session that a client is about to write in.

    `files` are its records from history, by name, when a cleanup had taken them out of the store.
    """

    session: str
    host: str | None
    project: str | None
    mode: str = "development"
    parent: str | None = None
    files: Mapping[str, Document] = {}

    @property
    def key(self) -> tuple[str, ...]:
        """The key of its record."""
        return ("sessions", self.session, "session")

    def record(self, *, by: str, now: str) -> Document:
        """Return the record that the session will have."""
        made = sessions.new(
            self.session, mode=self.mode, project=self.project, parent=self.parent, created_by=by, now=now
        )
        return {**made, "host_session_id": self.host}


class Expected(Snapshot):
    """A snapshot with the record of a session that its first write will make."""

    def __init__(self, reader: Snapshot, key: "Key", record: Document) -> None:
        super().__init__(reader.root, reader.objects, reader.documents, reader.tip)
        self._key = key
        self._record = record

    def load(self, *key: str) -> Document | None:
        """Return the record of a key, also of the session that is expected."""
        if key == self._key:
            return {**self._record, "lifecycle": dict(self._record["lifecycle"])}
        found: Document | None = super().load(*key)
        return found

    def exists(self, *key: str) -> bool:
        """Say whether there is a record at a key, or will be."""
        return key in (self._key, self._key[:2]) or super().exists(*key)


def join(tx: "Transaction", joining: Joining, *, by: str, now: str) -> None:
    """Make the session in a transaction, or bring it back: expired, paused, or taken out by a cleanup.

    A session that is active stays as it is, but for the client it belongs to.
    """
    before = tx.edit(*joining.key)
    status = None if before is None else sessions.effective_status(before, now)
    if before is None and not joining.files:
        session_actions.create(
            tx, joining.session, mode=joining.mode, project=joining.project, parent=joining.parent, by=by,
            now=now,
        )  # fmt: skip
    elif status in (None, "expired", "paused"):
        session_actions.recover(tx, joining.session, now=now, files=joining.files, gone=before is None)
    record = tx.load(*joining.key)
    if joining.host in (None, record.get("host_session_id")):
        return
    tx.save(joining.key, {**record, "host_session_id": joining.host})
    if status == "active":
        said = f"session: {joining.session[:8]} goes on in another conversation"
        tx.describe("state_set", said, session=joining.session, project=record.get("project"))
