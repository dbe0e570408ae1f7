"""Writing: what changes together is one commit.

A transaction runs under the store's lock, so it reads the newest state, and the branch moves by
compare-and-swap, so a person who commits with plain git in the same moment loses nothing either:
when their commit left alone what this transaction read, it is built again on top of theirs, else
the caller is told to read again.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration import codec
from orchestration.errors import Conflict
from orchestration.store import commits, guard, handwork, journal, landing, layout, presence, trees
from orchestration.store.machine import Machine
from orchestration.store.objects import object_id
from orchestration.store.snapshot import Snapshot
from orchestration.store.worktree import Change

if TYPE_CHECKING:
    from orchestration.store.repo import Store


class Transaction(Snapshot):
    """The newest state, and the changes to be made to it."""

    def __init__(
        self, store: "Store", tip: commits.Commit | None, branch: str, machine: Machine, *, author: str,
        now: datetime, durable: bool,
    ) -> None:  # fmt: skip
        super().__init__(store.root, store.objects, store.documents, tip)
        self.store = store
        self.branch = branch
        self.machine = machine
        self.now = now
        self.durable = durable
        self.author = commits.Author(author, f"{author.replace(' ', '.')}@{machine.name}")
        self.warnings: list[str] = []
        self.allow_secrets = False
        """Whether values that look like secrets are committed all the same."""
        self._recalled: list[Any] = []
        self._writes: dict[str, bytes | None] = {}
        self._data: dict[str, Any] = {}
        self._seen: dict[str, trees.Entry | None] = {}
        self._synced: set[str] = set()
        self._subject = ""
        self._trailers: dict[str, str | Sequence[str] | None] = {}
        self._event = False

    # -- reading what this transaction will have made of it

    def entry(self, path: str) -> trees.Entry | None:
        """Return what the repository holds at `path`, and remember that it mattered."""
        found = super().entry(path)
        self._seen.setdefault(path, found)
        return found

    def load(self, *key: str) -> Any:
        """Return the record of a key with this transaction's changes, or None when there is none."""
        file = layout.file_of(*key)
        if file not in self._writes:
            return super().load(*key)
        raw = self._writes[file]
        if raw is None:
            return None
        if file not in self._data:
            self._data[file] = codec.load(raw, name=file)
        return json.loads(json.dumps(self._data[file]))

    def content(self, file: str) -> bytes | None:
        """Return what a file holds with this transaction's changes, or None when there is none."""
        return self._writes[file] if file in self._writes else self.committed(file)

    def committed(self, file: str) -> bytes | None:
        """Return what a file holds before this transaction."""
        return super().content(file)

    def exists(self, *key: str) -> bool:
        """Say whether a key has a record, or a folder of records, with this transaction's changes."""
        file = layout.folder_of(*key) + layout.SUFFIX
        if file in self._writes:
            return self._writes[file] is not None
        return super().exists(*key) or any(name.startswith(file[:-5] + "/") for name in self._writes)

    def names(self, *key: str) -> list[str]:
        """Return the names below a key, with this transaction's changes."""
        names = set(super().names(*key))
        if key != ("sessions",):
            prefix = layout.folder_of(*key) + "/"
            for file, data in self._writes.items():
                rest = file[len(prefix) :] if file.startswith(prefix) else ""
                if rest.endswith(layout.SUFFIX) and "/" not in rest:
                    (names.discard if data is None else names.add)(rest.removesuffix(layout.SUFFIX))
        return sorted(names)

    # -- changing

    def edit(self, *key: str) -> Any:
        """Return the record of a key to be changed and saved, or None when there is none.

        A file that a person edited is committed as theirs first. Raises InvalidData, with file, line
        and column, when it does not parse: it is never overwritten.
        """
        self.adopt(layout.file_of(*key))
        return self.load(*key)

    def save(self, key: layout.Key, data: Any, *, recalled: bool = False) -> None:
        """Make `data` the record of a key; `recalled` says that it comes out of history."""
        file = layout.file_of(*key)
        self.adopt(file)
        self._writes[file] = codec.dump(data, name=file)
        if recalled:
            self.recall(data)
        self._data[file] = json.loads(json.dumps(data))  # the caller may go on changing theirs

    def delete(self, *key: str) -> None:
        """Remove the record of a key."""
        file = layout.file_of(*key)
        self.adopt(file)
        if self.blob_id(file) is None:
            self._writes.pop(file, None)
        else:
            self._writes[file] = None

    def put(self, file: str, content: bytes | None) -> None:
        """Make a file hold what an earlier commit had there, byte for byte, or remove it."""
        self.adopt(file)
        self._data.pop(file, None)
        if content is None and self.blob_id(file) is None:
            self._writes.pop(file, None)
        else:
            self._writes[file] = content
            self.recall(content)

    def recall(self, value: Any) -> None:
        """Take what stands in the state, or its history, for known: to write it again adds no secret."""
        self._recalled.append(value)

    def changes(self) -> list[tuple[str, bytes | None, bytes | None]]:
        """Return (file, content before, content after) of what the commit will change, by name."""
        found = [(file, self.committed(file), self._writes[file]) for file in sorted(self._writes)]
        return [change for change in found if change[1] != change[2]]

    def delete_all(self, *key: str) -> None:
        """Remove all records below a key."""
        for name in self.names(*key):
            self.delete(*key, name)

    def describe(
        self, op: str, subject: str, *, session: str | None = None, project: str | None = None,
        task: str | None = None, reason: str | None = None, retired: Iterable[str] = (),
        severity: str | None = None, data: str | None = None, undoes: Iterable[str] = (),
    ) -> None:  # fmt: skip
        """Say what happened: `op` is an event type, `subject` the line that history shows.

        `undoes` are the ids of the commits that this one takes back.
        """
        self._subject = subject
        self._trailers = {
            "Op": op,
            "Session": session,
            "Project": project,
            "Task": task,
            "Reason": reason,
            "Retired": list(retired),
            "Severity": severity,
            "Data": data,
            "Undoes": list(undoes),
        }

    def emit(self, op: str, subject: str, **facts: Any) -> None:
        """Record an event that changes no file: a commit with its parent's tree."""
        self.describe(op, subject, **facts)
        self._event = True

    def expect(self, revision: str, *key: str) -> None:
        """Raise Conflict when the file of a key has changed since `revision`."""
        then = self.store.snapshot(revision)
        file = layout.file_of(*key)
        if then.blob_id(file) != self.blob_id(file):
            raise Conflict(
                f"{file} has changed since {revision}",
                hint="read it again, then repeat the change if it still fits",
            )

    # -- committing

    def refuse_secrets(self) -> None:
        """Raise LikelySecret when a secret is among the changes so far; `commit` does so, too."""
        if not self.allow_secrets:
            said = {**self._trailers, "Subject": self._subject, "Author": self.author.name}
            guard.check(self, self._writes, documents=self._data, recalled=self._recalled, said=said)

    def take_back_edit(self, file: str) -> Path | None:
        """Put the committed content of a file back on disk; what stood there is kept, its place returned."""
        return landing.put_back(self, file)

    def adopt(self, file: str) -> None:
        """Commit a person's edit of `file` before it is touched; InvalidData when it does not parse."""
        if file in self._synced or file in self._writes:
            return
        self._synced.add(file)
        if self.store.draft is not None:
            return  # nothing of a new store is on disk yet: that is no deletion
        edit = handwork.edit_of(self, file)
        if edit is None:
            return
        disk = edit.content
        if not self.allow_secrets:
            guard.check(self, {file: disk}, documents={}, recalled=(), said={})
        what = "delete" if disk is None else "edit"
        text = commits.message(
            f"{what}: {file} by hand", {"Op": "state_deleted" if disk is None else "state_set"}
        )
        if self._commit({file: disk}, text) is None:
            raise Conflict(f"{file} changed in git at this moment", hint="try again")
        self._seen.pop(file, None)

    def commit(self) -> str | None:
        """Make the commit; returns its id, or None when nothing changed."""
        writes: dict[str, bytes | None] = {}
        for file, data in self._writes.items():
            oid = None if data is None else object_id(b"blob", data)
            if oid != self.blob_id(file):
                writes[file] = data
            elif oid is not None and data is not None:
                landing.store(self, [(oid, b"blob", data)])  # heals a damaged object
        if not writes and not self._event:
            return None
        self.refuse_secrets()
        trailers = {**self._trailers, "At": self.now.isoformat().replace("+00:00", "Z")}
        text = commits.message(self._subject, trailers)
        while True:
            done = self._commit(writes, text)
            if done is not None:
                self._note_presence()
                return done
            self._rebase(writes)

    def _note_presence(self) -> None:
        """Note that the session this commit names is at work; those that it retires are not any more."""
        named = self._trailers.get("Session")
        if isinstance(named, str):
            presence.touch(self.store.private, named, self.now)
        presence.forget(self.store.private, self._trailers.get("Retired") or ())

    def _rebase(self, writes: dict[str, bytes | None]) -> None:
        """Go on from a commit that plain git made meanwhile; Conflict when it touched what we read."""
        seen = dict(self._seen)
        self.stand_on(self.store.refs.read(self.branch))
        for path in {**seen, **writes}:
            now = super().entry(path)
            if path in seen and now != seen[path] and not (now and now.is_folder):
                raise Conflict(
                    f"{path} changed in git at this moment", hint="read it again, then repeat the change"
                )

    def stand_on(self, oid: str | None) -> None:
        """Let the transaction stand on commit `oid`."""
        self.tip = self.store.commit(oid) if oid else None
        self._folders.clear()

    def _commit(self, writes: dict[str, bytes | None], message: str) -> str | None:
        if self.store.draft is not None:
            self.store.publish()
            self.objects, self.documents = self.store.objects, self.store.documents
        tip = self.tip
        objects: list[tuple[str, bytes, bytes]] = []
        changes: dict[str, str | None] = {}
        for file, data in writes.items():
            changes[file] = None
            if data is not None:
                changes[file] = oid = object_id(b"blob", data)
                objects.append((oid, b"blob", data))
        tree, made = trees.apply(self.read_tree, tip.tree if tip else None, changes)
        when = max(int(self.now.timestamp()), tip.time if tip else 0)
        raw = commits.serialise(tree, [tip.oid] if tip else [], self.author, when, self.machine.name, message)
        new = object_id(b"commit", raw)
        old = {file: self.blob_id(file) for file in changes}
        base = tip.oid if tip else None
        landing.store(self, [*objects, *made, (new, b"commit", raw)])
        subject = message.partition("\n")[0]
        line = f"{commits.COMMITTER} <{commits.COMMITTER}@{self.machine.name}> {when} +0000\t{subject}"
        files = [Change(file, old[file], oid) for file, oid in changes.items()]
        if not landing.move(self, base, new, line, files, writes, tree):
            return None
        journal.append(
            self.store.private, commit=new, parent=base, time=when, message=message,
            author=commits.parse(new, raw).author, files=changes,
        )  # fmt: skip
        for file, now in changes.items():
            if now is not None and file in self._data:
                self.documents.keep(now, self._data[file])
            gone = old[file]
            if gone is not None and gone != now:
                self.documents.forget(gone)
        self.stand_on(new)
        return new
