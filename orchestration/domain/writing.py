"""Writing through the paths a session sees: each path leads to the one record behind it.

A write never copies a project's record into the session. What a path may change, and how its values
are checked, is the business of the record's own rules; here a path is led to its record, the change
is made there, and the commit says what happened.
"""

import json
from collections.abc import Mapping
from typing import Any

from orchestration import paths
from orchestration.domain import (
    counters,
    own_files,
    record_writes,
    sessions,
    targets,
    task_actions,
    task_fields,
)
from orchestration.domain.own_files import Change
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.targets import Path, Target
from orchestration.errors import BadUsage, InactiveSession, InvalidData, Refused
from orchestration.store.transaction import Transaction


class Writer:
    """Changes what one session sees, in one transaction."""

    def __init__(self, tx: Transaction, session_id: str, *, now: str, actor: str) -> None:
        self.tx = tx
        self.id = session_id
        self.now = now
        self.actor = actor
        self.notices: list[str] = []
        found = tx.load("sessions", session_id, "session")
        if found is None:
            raise InactiveSession(
                f"session {session_id!r} is retired", hint=f"`session_manager recover {session_id}`"
            )
        status = sessions.effective_status(found, now)
        if status != "active":
            raise InactiveSession(
                f"session {session_id!r} is {status}", hint=f"`session_manager recover {session_id}`"
            )
        self.session: Document = found
        name = found.get("project")
        self.project = Project(tx, name, now=now) if name else None

    # -- the operations

    def set(self, path: paths.Path, value: Any) -> None:
        """Set one value; known fields coerce text, and parents are made."""
        self._require(path)

        def change(document: Any, inner: paths.Path) -> Any:
            if not inner:
                if not isinstance(value, dict):
                    raise InvalidData(
                        f"{paths.format(path)} is a record, not a value",
                        hint="set one of its fields, or give a JSON object with --json-value",
                    )
                return paths.deep_merge(document, value)
            return paths.set_value(document, inner, value)

        self._write(path, change)

    def merge(self, path: paths.Path, data: Any) -> None:
        """Merge an object into what stands at a path, or a list of events into the events."""
        self._require(path)
        words = _words(path)
        if words == ("observability", "events"):
            self._emit(data)
            return
        if not isinstance(data, dict):
            raise BadUsage("--data is not a JSON object", hint='give an object such as {"status": "done"}')
        if self.project is not None and targets.is_all_tasks(words):
            self._merge_tasks(words, data)
            return

        def change(document: Any, inner: paths.Path) -> Any:
            old = own_files.value_at(document, inner)
            if old is not paths.MISSING and old is not None and not isinstance(old, dict):
                raise Refused(
                    f"{paths.format(path)} is {paths.kind(old)}, not an object",
                    hint="use `set` to replace it",
                )
            merged = paths.deep_merge(old if isinstance(old, dict) else {}, data)
            return merged if not inner else paths.set_value(document, inner, merged)

        self._write(path, change, patch=data)

    def append(self, path: paths.Path, value: Any) -> None:
        """Append a value to the list at a path, which is made when there is none."""
        self._require(path)

        def change(document: Any, inner: paths.Path) -> Any:
            old = own_files.value_at(document, inner)
            if old is paths.MISSING or old is None:
                old = []
            if not isinstance(old, list) or not inner:
                raise Refused(f"{paths.format(path)} is not a list", hint="use `set` or `merge`")
            return paths.set_value(document, inner, [*old, value])

        self._write(path, change)

    def increment(self, path: paths.Path, amount: float) -> Any:
        """Add to the number at a path and return the new sum; machines never lose each other's counts."""
        self._require(path)
        seen: list[Any] = []

        def change(document: Any, inner: paths.Path) -> Any:
            old = own_files.value_at(document, inner)
            if not inner:
                raise Refused(f"{paths.format(path)} is a record, not a number")
            present = None if old is paths.MISSING else old
            counter = counters.incremented(present, amount, self.tx.machine.name)
            own = self._target(_words(path)).kind == "own"
            seen.append(counters.plain(counter))
            return paths.set_value(document, inner, counter if own else seen[0])

        self._write(path, change)
        return seen[0]

    def delete(self, path: paths.Path) -> bool:
        """Remove what stands at a path; False when there is nothing."""
        self._require(path)
        target = self._target(_words(path))
        if not target.inner:
            return self._delete_record(target)
        before = self._load(target)
        if before is None or own_files.value_at(before, target.inner) is paths.MISSING:
            return False

        def change(document: Any, inner: paths.Path) -> Any:
            paths.delete(document, inner)
            return document

        self._write(path, change, removes=True)
        return True

    # -- from path to record

    def _require(self, path: paths.Path) -> None:
        if not path:
            raise Refused("the empty path names the whole document", hint="name a part of it")

    def _target(self, words: Path) -> Target:
        target = targets.find(words, self.project, bound=self.session.get("sprint_id"))
        if target.notice is not None and target.notice not in self.notices:
            self.notices.append(target.notice)
        return target

    # -- the change itself

    def _load(self, target: Target) -> Any:
        """Return the record behind a target as a caller sees it, or None when there is none."""
        key = self.key(target)
        record = self.tx.edit(*key) if key is not None else None
        if target.kind == "task" and record is not None:
            return task_fields.view(record)
        return record

    def key(self, target: Target) -> tuple[str, ...] | None:
        """Return the key of the file behind a target, or None for a task that does not exist."""
        if target.kind == "own":
            return ("sessions", self.id, target.name)
        if target.kind == "tool":
            return ("tools", target.name)
        assert self.project is not None
        if target.kind == "task":
            return self.project.task_key(target.name)
        if target.kind == "config":
            return ("projects", self.project.id, "config")
        return ("projects", self.project.id, target.kind + "s", target.name)

    def file_key(self, path: paths.Path) -> tuple[str, ...] | None:
        """Return the key of the file that a write to `path` changes, None for several or for events."""
        words = _words(path)
        if not words or words == ("observability", "events") or targets.is_all_tasks(words):
            return None
        target = self._target(words)
        return self.key(target) or ("projects", self.project.id if self.project else "", "tasks", target.name)

    def _write(
        self, path: paths.Path, change: Change, *, removes: bool = False,
        patch: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        target = self._target(_words(path))
        if target.kind == "own":
            self._write_own(target, change, removes=removes)
            return
        before = self._load(target)
        self._check_scope(target, before)
        plain = json.loads(json.dumps(before)) if before is not None else {}
        after = change(plain, target.inner)
        if target.inner:
            field = target.inner[0]
            given = {field: after[field]} if field in after else {}
            dropped = field if removes or isinstance((before or {}).get(field), dict) else None
        else:
            given, dropped = dict(patch) if patch is not None else after, None
        self._store(target, given, dropped, removed=removes and len(target.inner) == 1)

    def _check_scope(self, target: Target, before: Any) -> None:
        if target.sprint_id and before is not None and before.get("sprint_id") != target.sprint_id:
            raise Refused(
                f"{target.name} is not in the current sprint {target.sprint_id!r}",
                hint=f"use the path tasks.{target.name}",
            )

    def _store(self, target: Target, given: Document, dropped: str | None, *, removed: bool) -> None:
        """Apply checked field values to the record; `dropped` is emptied first, so that objects replace."""
        assert self.project is not None
        project, now = self.project, self.now
        if target.kind == "task":
            if target.sprint_id and project.task_key(target.name) is None:
                given = {"sprint_id": target.sprint_id, **given}
            task_actions.write(
                self.tx, project, target.name, given, dropped, session=self.id, now=now, actor=self.actor
            )
            return
        key = self.key(target)
        assert key is not None
        before = self.tx.edit(*key)
        rules, after = record_writes.changed(
            self.tx, project, target, before, given, dropped, removed=removed, now=now
        )
        if after != before:
            self.tx.save(key, after)
            op, subject = rules.event_of(before, after)
            self._describe(op, subject)

    def _write_own(self, target: Target, change: Change, *, removes: bool) -> None:
        in_project = self.project is not None
        if own_files.write(self.tx, self.id, target, change, removes=removes, in_project=in_project):
            where = paths.format((target.name, *target.inner))
            op = "state_deleted" if removes else "state_set"
            self._describe(op, f"state: {'delete' if removes else 'set'} {where}")

    def _delete_record(self, target: Target) -> bool:
        if target.kind == "config" or (target.kind == "own" and target.name in ("session", "execution")):
            raise Refused(f"{target.name} cannot be deleted as a whole", hint="delete a part of it")
        key = self.key(target)
        before = self.tx.edit(*key) if key is not None else None
        if key is None or before is None:
            return False
        self._check_scope(target, before)
        if target.kind in ("sprint", "epic") and self.project is not None:
            field = target.kind + "_id"
            users = [t for t, one in self.project.tasks.items() if one.get(field) == target.name]
            if users:
                raise Refused(
                    f"{target.kind} {target.name!r} still has tasks: {', '.join(users[:5])}",
                    hint=f"move them first, or cancel the {target.kind}",
                )
        if target.kind == "task" and self.project is not None:
            task_actions.remember_number(self.tx, self.project, target.name, now=self.now)
        self.tx.delete(*key)
        if target.kind == "task" and self.project is not None:
            task_actions.settle(self.tx, self.project, before, None, now=self.now)
        task = target.name if target.kind == "task" else None
        what = "state" if target.kind == "own" else target.kind
        self._describe("state_deleted", f"{what}: delete {target.name}", task=task)
        return True

    def _merge_tasks(self, words: Path, data: Mapping[str, Any]) -> None:
        """Merge an object of tasks by id: one commit for all of them."""
        for name, fields in data.items():
            if not isinstance(fields, dict):
                where = ".".join((*words, name))
                raise InvalidData(f"{where} is not an object", hint="give an object per task")
        if any(fields.get("depends_on") for fields in data.values()):
            # They may name each other, so all of them are there before one depends on another.
            for name, fields in data.items():
                self.merge((*words, name), {k: v for k, v in fields.items() if k == "created_at"})
        for name, fields in data.items():
            self.merge((*words, name), fields)
        if len(data) > 1:
            self._describe("state_set", f"task: change {', '.join(data)}")

    def _emit(self, data: Any) -> None:
        if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
            raise BadUsage("events are a JSON array of objects", hint='such as [{"type": "note"}]')
        if not data:
            return
        kinds = ", ".join(dict.fromkeys(str(item.get("type", "event")) for item in data))
        project = self.project.id if self.project else None
        self.tx.emit("state_set", f"event: {kinds}", session=self.id, project=project, data=json.dumps(data))

    def _describe(self, op: str, subject: str, *, task: str | None = None) -> None:
        project = self.project.id if self.project else None
        self.tx.describe(op, subject, session=self.id, project=project, task=task)


def _words(path: paths.Path) -> Path:
    return tuple(str(part) for part in path)
