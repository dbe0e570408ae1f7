"""The end of a merge: what several records mean together is put right, and conflicts become records.

`finish` is what a merge of two heads calls once the files are merged. The rules:

* a record that both sides changed is made whole (see `reconciling`);
* a task that one side archived and the other changed is one task: in the archive, or, where it was opened
  again, on the board;
* a sprint, an epic or a task that one side deleted and the other newly names stays;
* of more active sprints than the project allows, those that started first stay; the others are planned
  again, with what they committed to;
* where new dependencies of both sides make a circle, the one of the last task by name is taken out;
* a container is done when its parts are, also when each side finished one of them.

Where a side's value gives way, that is a conflict like any other, so nothing is dropped unseen. The result
follows from the four versions alone: every machine gets the same.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple, Protocol

from orchestration.domain import conflicts as records
from orchestration.domain import projects, reconciling, splitting
from orchestration.domain.conflicts import Version
from orchestration.domain.records import CLOSED_COLUMNS, Document
from orchestration.errors import InvalidData, Refused
from orchestration.merge import Conflict, Merged, Path, Side, canonical, merge, same
from orchestration.paths import MISSING
from orchestration.store.layout import Key


class Reader(Protocol):
    """A state to read, such as a snapshot."""

    def load(self, *key: str) -> Any:
        """Return the record of a key, None when there is none."""
        ...

    def names(self, *key: str) -> list[str]:
        """Return the names below a key."""
        ...

    def exists(self, *key: str) -> bool:
        """Say whether there is a record at a key."""
        ...


class Versions(NamedTuple):
    """The four states of a merge."""

    base: Reader
    ours: Reader
    theirs: Reader
    merged: Reader
    """With the files merged one by one."""


def finish(
    states: Versions,
    *,
    changed: Collection[Key],
    both: Collection[Key],
    fewer: Collection[Key],
    conflicts: list[Conflict],
    version: Callable[[Side, Path], Version],
) -> dict[Key, Document | None]:
    """Return the records that the merge is to write beyond the merged files; None for one that goes.

    `changed` are the keys of all records that either side changed since base, `both` of those that both
    did, `fewer` those of the side that changed fewer; `version` tells who wrote a side's value at a path,
    and is asked for conflicts only. The records of those are in the result.
    """
    work = _Work(states, set(changed), set(fewer), list(conflicts))
    for key in sorted(both):
        work.make_whole(key)
    for key in sorted(both):
        work.bring_together(key)
    names = sorted({key[1] for key in work.changed if key[0] == "projects" and len(key) > 2})
    for name in names:
        work.keep_what_is_named(name)
        work.limit_active(name)
        work.open_circles(name)
        work.settle_containers(name)
    for conflict in work.conflicts:
        ours, theirs = version("ours", conflict.path), version("theirs", conflict.path)
        key, record = records.record(conflict, ours, theirs)
        work.written[key] = record
    return {
        key: one
        for key, one in work.written.items()
        if canonical(one) != canonical(_loaded(states.merged, key))
    }


def _loaded(reader: Reader, key: Key) -> Document | None:
    """Return a record; None also for one that cannot be read, which no rule touches."""
    try:
        found: Document | None = reader.load(*key)
    except InvalidData:
        return None
    return found


class _Work:
    """The merged state with the changes made so far."""

    def __init__(
        self, states: Versions, changed: set[Key], fewer: set[Key], conflicts: list[Conflict]
    ) -> None:
        self.states = states
        self.changed = changed
        self.fewer = fewer
        self.conflicts = conflicts
        self.written: dict[Key, Document | None] = {}

    def load(self, key: Key) -> Document | None:
        return self.written[key] if key in self.written else _loaded(self.states.merged, key)

    def _is_there(self, key: Key) -> bool:
        return self.written[key] is not None if key in self.written else self.states.merged.exists(*key)

    def _of(
        self, project: str, *folders: str, among: Collection[Key] | None = None
    ) -> Iterator[tuple[Key, Document]]:
        """Yield the changed records of some folders of a project that are there."""
        for key in sorted(self.changed if among is None else among):
            if key[:2] == ("projects", project) and key[2] in folders and len(key) > 3:
                record = self.load(key)
                if record is not None:
                    yield key, record

    def _sides(self, key: Key) -> tuple[Document | None, Document | None, Document | None]:
        base, ours, theirs, _ = self.states
        return _loaded(base, key), _loaded(ours, key), _loaded(theirs, key)

    def _gives_way(self, key: Key, field: str, side: Side) -> None:
        """Note that a field goes back to what one side has, though the other wrote something else."""
        base, ours, theirs = (MISSING if one is None else one.get(field, MISSING) for one in self._sides(key))
        path = (*key, field)
        if canonical(ours) != canonical(theirs) and all(one.path != path for one in self.conflicts):
            self.conflicts.append(Conflict(path, base, ours, theirs, side))

    def make_whole(self, key: Key) -> None:
        """Put one merged record right."""
        value = self.load(key)
        if value is None:
            return
        mine = [one for one in self.conflicts if one.path[: len(key)] == key]
        found = reconciling.merged(key, Merged(value, mine), *self._sides(key))
        self.conflicts = [one for one in self.conflicts if one not in mine] + found.conflicts
        if canonical(found.value) != canonical(value):
            self.written[key] = found.value

    def bring_together(self, key: Key) -> None:
        """Make one task of a task that stands on the board and, archived by one side, in the archive."""
        board = self.load(key)
        if key[0] != "projects" or key[2] != "tasks" or board is None:
            return
        same_name = {one for one in self.changed if one[4:] == (key[3],)}
        homes = [one for one, _ in self._of(key[1], "archive", among=same_name)]
        if not homes:
            return
        archived = self.load(homes[0])
        found = merge(_loaded(self.states.base, key), board, archived, lambda _: None, at=homes[0])
        task = reconciling.whole(homes[0], found.value)
        stays = task.get("column") in CLOSED_COLUMNS
        there, gone = (homes[0], key) if stays else (key, homes[0])
        self.written |= {there: task, gone: None}
        self.changed.add(there)
        self.fewer.add(there)
        told = [one for one in self.conflicts if one.path[: len(key)] != key]
        self.conflicts = [
            *told,
            *(one._replace(path=(*there, *one.path[len(homes[0]) :])) for one in found.conflicts),
        ]

    def keep_what_is_named(self, project: str) -> None:
        """Bring back what one side deleted while the other began to name it."""
        gone = {
            key: before
            for key in sorted(self.changed)
            if key[:2] == ("projects", project) and key[2] in ("sprints", "epics", "tasks")
            if not self._is_there(key) and (before := _loaded(self.states.base, key)) is not None
        }
        for key, record in self._of(project, "tasks", "sprints") if gone else ():
            before = _loaded(self.states.base, key)
            for named in sorted(_named(project, record) - _named(project, before or {})):
                if named in gone and self.written.get(named) is None:
                    self.written[named] = self._sides(named)[1] or self._sides(named)[2]
                    self.fewer.add(named)
                    base, ours, theirs = (MISSING if one is None else one for one in self._sides(named))
                    side: Side = "theirs" if ours is MISSING else "ours"
                    self.conflicts.append(Conflict(named, base, ours, theirs, side))

    def limit_active(self, project: str) -> None:
        """Plan again the active sprints that are too many, those that started last first."""
        new = [(key, one) for key, one in self._of(project, "sprints") if self._is_started(key, one)]
        if not new:
            return
        limit = projects.settings(self.load(("projects", project, "config")))["max_active_sprints"]
        names = self.states.merged.names("projects", project, "sprints")
        every = [self.load(("projects", project, "sprints", name)) or {} for name in names]
        too_many = max(sum(one.get("status") == "active" for one in every) - limit, 0)
        new.sort(key=lambda pair: (str(pair[1].get("started_at")), pair[0]), reverse=True)
        for key, sprint in new[:too_many]:
            self.written[key] = {**sprint, "status": "planned"}
            ours = self._sides(key)[1] or {}
            self._gives_way(key, "status", "theirs" if ours.get("status") == "active" else "ours")

    def _is_started(self, key: Key, sprint: Document) -> bool:
        before = _loaded(self.states.base, key) or {}
        return sprint.get("status") == "active" and before.get("status") != "active"

    def open_circles(self, project: str) -> None:
        """Take out dependencies until they make no circle; only new ones of both sides can make one."""
        if not self._new_needs(project, self.fewer):
            return
        new = self._new_needs(project, self.changed)
        graph = {key[-1]: _needs(task) for key, task in self._tasks(project)}
        while circular := [one for one in new if _leads(graph, one[1], one[0])]:
            name, need, key = max(circular)
            new.discard((name, need, key))
            graph[name] = graph[name] - {need}
            task = self.load(key) or {}
            self.written[key] = {**task, "depends_on": [one for one in task["depends_on"] if one != need]}
            ours = self._sides(key)[1] or {}
            self._gives_way(key, "depends_on", "theirs" if need in _needs(ours) else "ours")

    def _new_needs(self, project: str, among: Collection[Key]) -> set[tuple[str, str, Key]]:
        """Return (task, what it needs, key of the task) of dependencies that are not in base."""
        return {
            (key[-1], need, key)
            for key, task in self._of(project, "tasks", "archive", among=among)
            for need in _needs(task) - _needs(_loaded(self.states.base, key) or {})
        }

    def _tasks(self, project: str) -> Iterator[tuple[Key, Document]]:
        """Yield all tasks of a project, the archived ones too."""
        top = ("projects", project)
        keys: set[Key] = {(*top, "tasks", name) for name in self.states.merged.names(*top, "tasks")}
        for sprint in self.states.merged.names(*top, "archive"):
            keys |= {
                (*top, "archive", sprint, name) for name in self.states.merged.names(*top, "archive", sprint)
            }
        for key in sorted(
            keys | {one for one in self.written if one[:2] == top and one[2] in ("tasks", "archive")}
        ):
            task = self.load(key)
            if task is not None:
                yield key, task

    def _has_to_do_with_containers(self, key: Key) -> bool:
        versions = (self.load(key), _loaded(self.states.base, key)) if key[2:3] == ("tasks",) else ()
        return any(one.get("parent") or one.get("split_into") for one in versions if one)

    def settle_containers(self, project: str) -> None:
        """Bring the containers of changed parts into the column that their parts put them in."""
        if not any(self._has_to_do_with_containers(key) for key in self.fewer if key[1:2] == (project,)):
            return  # what one side alone changed, it has settled
        parents = {one.get("parent") for _, one in self._of(project, "tasks") if one.get("parent")}
        parents |= {key[-1] for key, one in self._of(project, "tasks") if one.get("split_into")}
        for name in sorted(map(str, parents)):
            key = ("projects", project, "tasks", name)
            task = self.load(key)
            parts = [self.load((*key[:3], part)) for part in (task or {}).get("split_into") or []]
            found = [part for part in parts if part is not None and part.get("parent") == name]
            last = reconciling.latest(*found)
            if task is None or last is None:
                continue
            try:
                settled = splitting.settled(task, found, now=last)
            except (InvalidData, Refused):
                continue  # of a form that no command writes: `verify` names it
            if not same(settled, task):
                self.written[key] = settled


def _named(project: str, record: Document) -> set[Key]:
    """Return the keys of the records that a task or a sprint names."""
    fields = {"sprint_id": "sprints", "epic_id": "epics", "parent": "tasks"}
    found = {(folder, record.get(field)) for field, folder in fields.items()}
    found |= {("tasks", need) for need in _needs(record)}
    return {("projects", project, folder, name) for folder, name in found if isinstance(name, str)}


def _needs(task: Document) -> set[str]:
    needs = task.get("depends_on")
    return {one for one in needs if isinstance(one, str)} if isinstance(needs, list) else set()


def _leads(graph: dict[str, set[str]], start: str, end: str) -> bool:
    """Say whether dependencies lead from one task to another."""
    seen, ahead = set(), [start]
    while ahead:
        name = ahead.pop()
        if name == end:
            return True
        if name not in seen:
            seen.add(name)
            ahead += graph.get(name, ())
    return False
