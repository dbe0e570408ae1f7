"""Checks of how the records of a store fit together: what one names has to be there.

A reference to a record that is gone is dropped when it is mended; nothing else is changed.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from orchestration.domain import teams
from orchestration.domain.records import CLOSED_COLUMNS, Document
from orchestration.store import layout
from orchestration.store.findings import BY_REPAIR, Finding
from orchestration.store.layout import Key

Records = Mapping[Key, Document]


def check(records: Records, *, retired: Collection[str] = ()) -> tuple[list[Finding], dict[Key, Document]]:
    """Return what refers to nothing, and the records that would be right without that."""
    notes = _Notes(records)
    names = sorted({key[1] for key in records if key[0] == "projects"})
    projects = {name: _Project(records, name) for name in names}
    for project in projects.values():
        project.check(notes)
    live = {key[1] for key in records if key[0] == "sessions"}
    for key, record in records.items():
        if key[0] == "sessions" and key[2] == "session":
            _session(notes, key, record, projects, {*live, *retired})
    return notes.found, notes.right


class _Notes:
    """The findings so far, and the records without their dangling references."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.found: list[Finding] = []
        self.right: dict[Key, Document] = {}

    def add(self, severity: str, key: Key, field: str, problem: str, fix: str) -> None:
        """Note a finding."""
        place = f"{layout.file_of(*key)}: {field}"
        self.found.append(Finding("references", severity, place, problem, fix))

    def dangling(self, key: Key, field: str, problem: str, value: Any) -> None:
        """Note a reference to nothing, in whose place `value` is right."""
        self.add("warning", key, field, problem, BY_REPAIR)
        self.right.setdefault(key, dict(self.records[key]))[field] = value


class _Project:
    """The records of one project that others refer to."""

    def __init__(self, records: Records, name: str) -> None:
        self.records = {key: one for key, one in records.items() if key[:2] == ("projects", name)}
        self.tasks = {
            key[-1]: (key, one) for key, one in self.records.items() if key[2] in ("tasks", "archive")
        }
        self.sprints = {key[3] for key in self.records if key[2] == "sprints"}
        self.epics = {key[3] for key in self.records if key[2] == "epics"}
        self.agents = _agents(records, name)

    def check(self, notes: _Notes) -> None:
        for key, record in self.records.items():
            if key[2] in ("tasks", "archive"):
                self._task(notes, key, record)
            elif key[2] == "sprints":
                self._one(notes, key, record, "epic_id", self.epics, "epic")
        for key, circle in _circles(self.tasks):
            way = " -> ".join(circle)
            notes.add("error", key, "depends_on", f"goes in a circle: {way}", "take one of them out")

    def _one(
        self, notes: _Notes, key: Key, record: Document, field: str, known: Collection[str], what: str
    ) -> None:
        name = record.get(field)
        if isinstance(name, str) and name not in known:
            notes.dangling(key, field, f"there is no {what} {name!r}", None)

    def _task(self, notes: _Notes, key: Key, task: Document) -> None:
        self._one(notes, key, task, "sprint_id", self.sprints, "sprint")
        self._one(notes, key, task, "epic_id", self.epics, "epic")
        self._one(notes, key, task, "parent", self.tasks, "task")
        needs = _texts(task.get("depends_on"))
        gone = [name for name in needs if name not in self.tasks]
        if gone:
            kept = [name for name in needs if name in self.tasks]
            notes.dangling(key, "depends_on", f"there is no task {', '.join(map(repr, gone))}", kept)
        agent = task.get("assignee")
        is_known = self.agents is None or agent in self.agents or task.get("column") in CLOSED_COLUMNS
        if isinstance(agent, str) and not is_known:
            fix = f"assign somebody else, or add {agent} to a team with `shared_state set-config {key[1]}`"
            notes.add("hint", key, "assignee", f"no team has an agent {agent!r}", fix)


def _agents(records: Records, project: str) -> Collection[str] | None:
    """Return the agents that a project knows, or None when its configuration cannot be read."""
    shared_teams, shared_agents = (records.get(("config", name)) or {} for name in ("teams", "agents"))
    tools = {key[1]: one for key, one in records.items() if key[0] == "tools"}
    config = records.get(("projects", project, "config"))
    try:
        return teams.roster(config, shared_teams, shared_agents, tools)[1]
    except (AttributeError, KeyError, TypeError):
        return None  # of another shape, which is a finding of its own


def _session(
    notes: _Notes, key: Key, session: Document, projects: Mapping[str, _Project], known: Collection[str]
) -> None:
    project = session.get("project")
    sprint, parent = session.get("sprint_id"), session.get("parent_session")
    found = projects.get(project) if isinstance(project, str) else None
    if isinstance(project, str) and found is None:
        fix = f"`shared_state set-config {project} --data '{{}}'` makes it"
        notes.add("hint", key, "project", f"nothing is in the store of project {project!r}", fix)
    if isinstance(sprint, str) and (found is None or sprint not in found.sprints):
        notes.dangling(key, "sprint_id", f"project {project!r} has no sprint {sprint!r}", None)
    if isinstance(parent, str) and parent not in known:
        notes.dangling(key, "parent_session", f"no session {parent!r} was ever here", None)


def _circles(tasks: Mapping[str, tuple[Key, Document]]) -> Iterable[tuple[Key, list[str]]]:
    """Yield a key and the way for each circle of tasks that wait for each other, each circle once."""
    done: set[str] = set()
    for start in sorted(tasks):
        way: list[str] = []
        branches = [iter([start])]
        while branches:
            name = next(branches[-1], None)
            if name is None:
                branches.pop()
                if way:
                    done.add(way.pop())
            elif name in way:
                yield tasks[name][0], [*way[way.index(name) :], name]
            elif name in tasks and name not in done:
                way.append(name)
                branches.append(iter(_texts(tasks[name][1].get("depends_on"))))


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
