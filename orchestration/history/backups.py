"""Backups: annotated tags `backup/<UTC time>[-label]`, and putting back what they hold.

A backup costs nothing but its name, for the state of then is in the history anyway. Restoring is a new
commit whose files, or a part of them, are the backup's; the present is tagged first, so there is
always a way back.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from orchestration import ids, paths
from orchestration.errors import Conflict, NotFound, Refused
from orchestration.history import changes
from orchestration.history.changes import FileChange
from orchestration.paths import MISSING
from orchestration.store import git, guard, layout, tags, trees
from orchestration.store.repo import Store
from orchestration.store.snapshot import Snapshot
from orchestration.store.tags import Tag
from orchestration.store.transaction import Transaction

FOLDER = "backup/"
KEPT = 10
"""The newest backups that a cleaning leaves, by default."""
_NAME = re.compile(r"backup/[0-9]{8}T[0-9]{6}Z(-.+)?\Z")
_DAYS, _WEEKLY = timedelta(days=7), timedelta(days=31)


class Scope(NamedTuple):
    """What is restored; everything when nothing is named."""

    sessions: Sequence[str] = ()
    projects: Sequence[str] = ()
    path: str | None = None
    """A repository path, such as `projects.myapp.tasks.TASK-1`."""

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> "Scope":
        """Return the scope that the arguments of an operation name: sessions, projects, path."""
        return cls(tuple(arguments["sessions"]), tuple(arguments["projects"]), arguments["path"])

    def __str__(self) -> str:
        words = [
            *(f"session {one[:8]}" for one in self.sessions),
            *(f"project {one}" for one in self.projects),
        ]
        return ", ".join([*words, *([self.path] if self.path else [])]) or "everything"


# -- making and finding


def create(tx: Transaction, label: str | None = None, *, message: str | None = None) -> str:
    """Tag the commit that a transaction stands on and return the backup's name; never replaces one."""
    stem = f"{FOLDER}{tx.now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    if label:
        stem = f"{stem}-{ids.check(label, 'label')}"
        if not tx.allow_secrets:
            guard.check_values("the label", label)
    taken = tx.store.refs.below(f"{tags.PREFIX}{FOLDER}")
    name, number = stem, 2
    while tags.PREFIX + name in taken:
        name, number = f"{stem}-{number}", number + 1
    tags.create(tx, name, message or f"backup{f' {label}' if label else ''}")
    return name


def every(store: Store) -> list[Tag]:
    """Return all backups, newest first."""
    found = tags.below(store, FOLDER) if store.exists else []
    return sorted(found, key=lambda tag: (tag.at, tag.name), reverse=True)


def document(backup: Tag) -> dict[str, Any]:
    """Return a backup as it is listed: name, at (ISO 8601, UTC), author, commit, message."""
    at = backup.at.replace(tzinfo=None).isoformat() + "Z"
    return {
        "name": backup.name,
        "at": at,
        "author": backup.author,
        "commit": backup.commit,
        "message": backup.message,
    }


def find(store: Store, given: str) -> Tag:
    """Return the backup with a name, else the one whose name begins so or that has the label."""
    known = every(store)
    short = given.removeprefix(FOLDER)
    exact = [tag for tag in known if tag.name == FOLDER + short]
    fitting = exact or [
        tag for tag in known if tag.name.startswith(FOLDER + short) or tag.name.endswith(f"Z-{short}")
    ]
    if not fitting or not short:
        raise NotFound(f"no backup {given!r}", hint="see `shared_state backup list`")
    if len(fitting) > 1:
        names = ", ".join(tag.name for tag in fitting[:3])
        raise Refused(f"{given!r} fits {len(fitting)} backups: {names}", hint="give the whole name")
    return fitting[0]


def compare(store: Store, old: str, new: str | None) -> list[FileChange]:
    """Return the files in which commit `new`, by default the newest, differs from commit `old`."""
    then, now = store.snapshot(old), store.snapshot(new)
    assert then.tip is not None and now.tip is not None
    found = []
    for path, a, b in trees.differences(now.read_tree, then.tip.tree, now.tip.tree):
        before, after = (one.content(path) for one in (then, now))
        found.append((path, before if a else None, after if b else None))
    return found


# -- restoring


def restore(tx: Transaction, backup: Tag, scope: Scope) -> None:
    """Make the state, or a part of it, what it was in a backup; NotFound when the part is in neither."""
    then = tx.store.snapshot(backup.commit)
    if scope.path is not None:
        _restore_path(tx, then, scope.path)
    prefixes = [layout.folder_of("sessions", one) for one in scope.sessions]
    prefixes += [layout.folder_of("projects", one) for one in scope.projects]
    for prefix in prefixes or ([] if scope.path is not None else [""]):
        _restore_folder(tx, then, prefix)


class Restored(NamedTuple):
    """What came of a restoring."""

    backup: Tag
    files: list[FileChange]
    before: str | None
    """The backup of the state until then; None when there was nothing to change."""


def carry_out(
    tx: Transaction, given: str, scope: Scope, confirm: Callable[[Transaction], None], *, session: str | None
) -> Restored:
    """Restore the backup that `given` names and back up the state until now; `confirm` comes between the two."""
    backup, before = find(tx.store, given), None
    restore(tx, backup, scope)
    confirm(tx)
    files = tx.changes()
    if files:
        before = create(tx, "before-restore", message=f"before restoring {backup.name}")
        _describe(tx, backup, scope, before=before, session=session)
    return Restored(backup, files, before)


def _describe(tx: Transaction, backup: Tag, scope: Scope, *, before: str, session: str | None) -> None:
    project = scope.projects[0] if len(scope.projects) == 1 else None
    tx.describe(
        "restored", f"backup: restore {scope} from {backup.name}", session=session, project=project,
        reason=f"the state before is {before}",
    )  # fmt: skip


def _restore_folder(tx: Transaction, then: Snapshot, prefix: str) -> None:
    if prefix and then.entry(prefix) is None and tx.entry(prefix) is None:
        raise NotFound(f"the backup has no {prefix}")
    files = dict.fromkeys(_edited(tx, prefix), True)
    for path, *entries in trees.differences(
        tx.read_tree, _tree(tx, prefix), _tree(then, prefix), f"{prefix}/" if prefix else ""
    ):
        files[path] = all(entry is None or entry.is_file for entry in entries)
    for path, ordinary in files.items():
        if path.startswith("purges/"):
            continue  # what was removed from the history stays removed, and other machines have to know
        if not ordinary:
            raise Refused(f"{path} is not an ordinary file", hint="restore it with git itself")
        tx.put(path, then.content(path))


def _tree(reader: Snapshot, prefix: str) -> str | None:
    if not prefix:
        return reader.tip.tree if reader.tip else None
    entry = reader.entry(prefix)
    return entry.oid if entry and entry.is_folder else None


def _edited(tx: Transaction, prefix: str) -> list[str]:
    """Return the files below a folder that a person changed on disk and did not commit."""
    names = git.run(tx.root, "diff-files", "--name-only", "-z", "--", prefix or ".")
    return [name.decode("utf-8", "surrogateescape") for name in names.split(b"\0")[:-1]]


def _restore_path(tx: Transaction, then: Snapshot, text: str) -> None:
    words = tuple(str(word) for word in paths.parse(text))
    try:
        key, inner = layout.split(words)
    except Refused:  # a folder
        if not words:
            raise
        _restore_folder(tx, then, layout.folder_of(*words))
        return
    file = layout.file_of(*key)
    old = changes.record(file, then.content(file))
    tx.adopt(file)
    now = changes.record(file, tx.content(file))
    if old is MISSING and now is MISSING:
        raise NotFound(f"the backup has no {text}")
    if not inner:
        tx.put(file, then.content(file))
        return
    if now is MISSING:
        raise Refused(f"{paths.format(key)} is gone", hint=f"restore the whole record: {paths.format(key)}")
    value = changes.at(old, inner)
    if value is not MISSING:
        now = paths.set_value(now, inner, value)
    elif not paths.delete(now, inner):
        raise NotFound(f"the backup has no {text}")
    tx.save(key, now, recalled=True)


# -- cleaning


def superfluous(backups: Iterable[Tag], *, now: datetime, keep: int = KEPT) -> list[Tag]:
    """Return the backups that a cleaning removes, newest first.

    Kept are the newest `keep`, all of 7 days, the newest of each week for a month, and tags under
    `backup/` whose names the program did not give.
    """
    ours = sorted((tag for tag in backups if _NAME.match(tag.name)), key=lambda tag: tag.at, reverse=True)
    weeks: set[tuple[int, int]] = set()
    found = []
    for number, tag in enumerate(ours):
        week = tag.at.isocalendar()[:2]
        age = now - tag.at
        if not (number < keep or age <= _DAYS or (age <= _WEEKLY and week not in weeks)):
            found.append(tag)
        weeks.add(week)
    return found


def remove(tx: Transaction, backups: Iterable[tuple[str, str]]) -> None:
    """Delete tags given by name and id, all or none; Conflict when one of them is another by now.

    What they named stays in the history.
    """
    lines = [f"delete {tags.PREFIX}{name} {oid}\n" for name, oid in backups]
    try:
        git.run(tx.root, "update-ref", "--stdin", input="".join(lines).encode())
    except git.GitFailed as error:
        raise Conflict(f"the backups changed meanwhile: {error.message}", hint="look again") from None
