"""A transaction that is never committed: what a command would change, found by the command's own code.

A preview runs the same steps as the write it announces, so it cannot show something else. It takes
no lock and writes nothing; what a person edited counts as if it had been committed already.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from orchestration import codec
from orchestration.store import handwork, layout, machine
from orchestration.store.handwork import Edit
from orchestration.store.machine import Machine
from orchestration.store.transaction import Transaction

if TYPE_CHECKING:
    from orchestration.store.repo import Store


class Draft(Transaction):
    """The newest state, and the changes that would be made to it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._edits: dict[str, Edit] = {}

    def adopt(self, file: str) -> None:
        """Take what a person made of `file` for its content; the write itself commits it first."""
        if file in self._synced:
            return
        self._synced.add(file)
        edit = handwork.edit_of(self, file)
        if edit is not None:
            self._edits[file] = edit
            self.warnings.append(f"{file} was edited by hand; the edit is committed first")

    def take_back_edit(self, file: str) -> None:
        """Take the committed content for the file's; the write itself puts it back on disk."""
        self._synced.add(file)
        self._edits.pop(file, None)

    def committed(self, file: str) -> bytes | None:
        """Return what a file holds before this transaction."""
        edit = self._edits.get(file)
        return edit.content if edit is not None else super().committed(file)

    def load(self, *key: str) -> Any:
        """Return the record of a key with this transaction's changes, or None when there is none."""
        file = layout.file_of(*key)
        edit = self._edits.get(file)
        if edit is None or file in self._writes:
            return super().load(*key)
        return None if edit.content is None else codec.load(edit.content, name=file)

    def commit(self) -> str | None:
        """Change nothing."""
        return None


def start(store: "Store", *, author: str, now: datetime) -> Draft:
    """Return a draft of a change to the newest state."""
    branch = store.refs.head().branch if store.exists else None
    try:
        here = machine.read(store.private)
    except OSError:  # a store that may only be read has no name for this machine
        here = Machine(machine.draw(), joined=True)
    return Draft(store, store.snapshot().tip, branch or "HEAD", here, author=author, now=now, durable=False)
