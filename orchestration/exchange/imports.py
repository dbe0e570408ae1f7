"""Bringing what another system holds into the store: one change, which can be made again at any time.

An item is matched by its `source`: system, origin and id. A new one keeps its id where that may name a
record and is free, else it gets a number of ours. What the source says of a record is taken by the rules
of `merging`. Importing a source that has not changed changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from orchestration import ids
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, Document
from orchestration.domain.task_actions import COUNTER
from orchestration.english import counted
from orchestration.exchange import cycles, earlier_records, merging
from orchestration.exchange.items import Batch, Item
from orchestration.exchange.merging import Links
from orchestration.store.layout import Key

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

KINDS = ("epic", "sprint", "task")
Progress = Callable[[int, int], None]
_Source = tuple[str, str | None, str]


def run(
    tx: "Transaction", batch: Batch, project_id: str | None, *, now: str, actor: str, session: str | None,
    progress: Progress | None = None,
) -> Document:  # fmt: skip
    """Bring the items of a batch into their projects, `project_id` where they name none; returns the summary.

    The summary holds counts by kind, {made, changed, same}; `renamed`, source id -> id here, where it could
    not be the one it should be; `unmapped`, the source's fields without one of ours -> in how many items; and `notes`.
    """
    summary: Document = {
        "system": batch.system,
        "origin": batch.origin,
        "projects": [],
        **{kind + "s": {"made": 0, "changed": 0, "same": 0} for kind in KINDS},
        "renamed": {},
        "unmapped": {},
        "notes": list(batch.notes),
    }
    by_project: dict[str, list[Item]] = {}
    for item in batch.items:
        by_project.setdefault(item.project or project_id or "", []).append(item)
    total, done = len(batch.items), 0
    for name, items in by_project.items():
        project = Project(tx, ids.check(name, "project"), now=now)
        project.check_new()
        one = _Import(tx, project, batch, summary, now=now, actor=actor)
        for item in one.prepared(items):
            one.take(item)
            done += 1
            if progress and (done % 200 == 0 or done == total):
                progress(done, total)
        summary["projects"].append(name)
    if batch.system == "json":
        earlier_records.bring(tx, batch, summary, now=now)
    summary["changed"] = bool(tx.changes())
    if summary["changed"]:
        only = summary["projects"][0] if len(summary["projects"]) == 1 else None
        tx.describe(
            "state_set", f"import: {said(summary)} from {batch.system}", session=session, project=only
        )
    return summary


def said(summary: Mapping[str, Any]) -> str:
    """Return what an import did in a few words, such as `3 tasks made, 1 epic changed`."""
    told = []
    for kind in ("task", "epic", "sprint", "session", "config", "tool"):
        counts = summary.get(kind + "s") or {}
        told += [f"{counted(counts[verb], kind)} {verb}" for verb in ("made", "changed") if counts.get(verb)]
    return ", ".join(told) or "nothing new"


class _Import:
    """The items of one batch on their way into one project."""

    def __init__(
        self, tx: "Transaction", project: Project, batch: Batch, summary: Document, *, now: str, actor: str
    ) -> None:
        self.tx, self.project, self.batch, self.summary = tx, project, batch, summary
        self.now, self.actor = now, actor
        self.archived = _archived(project)
        self.records: dict[str, dict[str, Document]] = {
            "epic": dict(project.epics),
            "sprint": dict(project.sprints),
            "task": project.tasks | {name: one for name, (_, one) in self.archived.items()},
        }
        self.known = {kind: _known(records) for kind, records in self.records.items()}
        self.here: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
        """Our ids by the source's, by kind."""
        self.dropped: set[cycles.Edge] = set()
        self._blockers = 0

    def prepared(self, items: Iterable[Item]) -> list[Item]:
        """Give every item its id and leave out dependencies that would close a circle; returns them in order."""
        ordered = sorted(items, key=lambda item: KINDS.index(item.kind))
        for kind in KINDS:
            for (system, origin, source_id), name in self.known[kind].items():
                if (system, origin) == (self.batch.system, self.batch.origin):
                    self.here[kind][source_id] = name
        self._name(ordered)
        self._open_circles([item for item in ordered if item.kind == "task"])
        return ordered

    def take(self, item: Item) -> None:
        """Make or change the record of one item."""
        name = self.here[item.kind][item.id]
        before = self.records[item.kind].get(name)
        after = merging.merged(
            before, name, item, self._links(item, name), merging.source(self.batch.system, self.batch.origin, item),
            now=self.now, blocker_id=self._blocker(item, before), actor=self.actor,
        )  # fmt: skip
        counts = self.summary[item.kind + "s"]
        for field in item.metadata:
            self.summary["unmapped"][field] = self.summary["unmapped"].get(field, 0) + 1
        if name != item.wanted:
            self.summary["renamed"][item.id] = name
        if after == before:
            counts["same"] += 1
            return
        counts["made" if before is None else "changed"] += 1
        self.tx.save(self._key(item.kind, name), after)
        self.records[item.kind][name] = after

    def _key(self, kind: str, name: str) -> Key:
        if kind == "task" and name in self.archived:
            return self.archived[name][0]
        return ("projects", self.project.id, kind + "s", name)

    # -- ids

    def _name(self, items: list[Item]) -> None:
        taken = {kind: {name.casefold() for name in records} for kind, records in self.records.items()}
        later = []
        for item in items:
            here = self.here[item.kind]
            if item.id in here:
                continue
            same = self._same_title(item)
            if same is not None:
                here[item.id] = same
            elif ids.problem(item.wanted) is None and item.wanted.casefold() not in taken[item.kind]:
                here[item.id] = item.wanted
                taken[item.kind].add(item.wanted.casefold())
            else:
                later.append(item)
        floor = ((self.project.config or {}).get("counters") or {}).get(COUNTER, 0)
        number = ids.next_number(COUNTER, taken["task"], floor)
        for item in later:
            if item.kind == "task":
                name, number = ids.numbered(COUNTER, number, self.tx.machine.suffix), number + 1
            else:
                count = 2
                while (name := f"{_stem(item)}-{count}").casefold() in taken[item.kind]:
                    count += 1
            self.here[item.kind][item.id] = name
            taken[item.kind].add(name.casefold())

    def _same_title(self, item: Item) -> str | None:
        """Return the epic somebody made here under the title of a milestone, or of an epic of that id."""
        if item.kind == "task":
            return None
        field = "title" if item.kind == "epic" else "name"
        title = str(item.fields.get(field) or "").casefold()
        for name, record in self.records[item.kind].items():
            if "source" in record or name in self.here[item.kind].values():
                continue
            if str(record.get(field) or "").casefold() == title:
                return name
        return None

    # -- references

    def _links(self, item: Item, name: str) -> Links:
        found = item.fields
        depends_on = [
            target for target in self._targets(item, name) if (name, target) not in self.dropped
        ]  # fmt: skip
        parent = self.here["task"].get(found.get("parent", ""))
        links = Links(
            depends_on,
            parent if parent != name else None,
            self._record("epic", found.get("epic")),
            self._record("sprint", found.get("sprint")),
        )
        for field, target in (("parent", links.parent), ("epic", links.epic_id), ("sprint", links.sprint_id)):
            if found.get(field) and not target:
                self._note(f"{name}: {field} {found[field]} is not in the source")
        return links

    def _record(self, kind: str, source_id: str | None) -> str | None:
        if not source_id:
            return None
        found = self.here[kind].get(source_id)
        return found or (
            source_id if self.batch.system == "json" and source_id in self.records[kind] else None
        )

    def _targets(self, item: Item, name: str) -> list[str]:
        targets = []
        for source_id in item.fields.get("depends_on", ()):
            target = self.here["task"].get(source_id)
            if target is None and self.here["epic"].get(source_id):
                self._note(f"{name}: waits for the epic {source_id}, which a task cannot")
            elif target is None:
                self._note(f"{name}: waits for {source_id}, which is not in the source")
            elif target == name:
                self._note(f"{name}: waits for itself; left out")
            elif target not in targets:
                targets.append(target)
        return targets

    def _open_circles(self, items: list[Item]) -> None:
        graph = {name: list(record.get("depends_on") or ()) for name, record in self.records["task"].items()}
        new = []
        notes = list(self.summary["notes"])
        for item in items:
            name = self.here["task"][item.id]
            present = graph.setdefault(name, [])
            for target in self._targets(item, name):
                if target not in present:
                    new.append((name, target))
                    present.append(target)
        self.summary["notes"][:] = notes  # told again when the item is taken
        self.dropped = set(cycles.closing(graph, new))
        for waits, target in sorted(self.dropped):
            self._note(f"{waits}: its waiting for {target} would close a circle; left out")

    # -- blockers

    def _blocker(self, item: Item, before: Document | None) -> str | None:
        """Return the next blocker's id for a task that the source says is blocked and that is not so here."""
        if item.kind != "task" or "blocked" not in item.fields or item.fields.get("column") in CLOSED_COLUMNS:
            return None
        seen = ((before or {}).get("source") or {}).get("seen") or {}
        if seen.get("blocked") == item.fields["blocked"]:
            return None
        if not self._blockers:
            taken = [
                str(one.get("id"))
                for task in self.records["task"].values()
                for one in task.get("blockers") or ()
            ]
            self._blockers = ids.next_number("BLK", taken)
        number, self._blockers = self._blockers, self._blockers + 1
        return ids.numbered("BLK", number, self.tx.machine.suffix)

    def _note(self, text: str) -> None:
        if text not in self.summary["notes"]:
            self.summary["notes"].append(text)


def _stem(item: Item) -> str:
    return item.wanted if ids.problem(f"{item.wanted}-99") is None else item.kind


def _archived(project: Project) -> dict[str, tuple[Key, Document]]:
    found: dict[str, tuple[Key, Document]] = {}
    for sprint in project.reader.names("projects", project.id, "archive"):
        key = ("projects", project.id, "archive", sprint)
        for name, record in project.reader.load_all(*key).items():
            found[name] = ((*key, name), record)
    return found


def _known(records: Mapping[str, Document]) -> dict[_Source, str]:
    found = {}
    for name, record in records.items():
        came_from = record.get("source")
        if isinstance(came_from, Mapping):
            found[str(came_from.get("system")), came_from.get("origin"), str(came_from.get("id"))] = name
    return found
