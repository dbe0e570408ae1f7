"""Checks of how the records of a store fit together: what one names has to be there.

A reference to a record that is gone is dropped when it is mended; nothing else is changed.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from orchestration.domain import teams, values, workflows
from orchestration.domain.records import CLOSED_COLUMNS, Document
from orchestration.store import layout
from orchestration.store.findings import BY_REPAIR, Finding
from orchestration.store.layout import Key

Records = Mapping[Key, Document]


def check(
    records: Records, *, retired: Collection[str] = (), files: Collection[str] | None = None
) -> tuple[list[Finding], dict[Key, Document]]:
    """Return what refers to nothing, and the records that would be right without that.

    `files` are the agents that files of the checkout describe, None where nobody has looked.
    """
    notes = _Notes(records)
    names = sorted({key[1] for key in records if key[0] == "projects"})
    projects = {name: _Project(records, name, files) for name in names}
    for project in projects.values():
        project.check(notes)
    everybody = _agents(records, None)
    _steps(notes, ("config", "workflows"), records.get(("config", "workflows")), "", everybody, files)
    tools = {key[1]: (key, one) for key, one in records.items() if key[0] == "tools"}
    for key, circle in _circles(tools, "dependencies"):
        way = " -> ".join(circle)
        notes.add("error", key, "dependencies", f"goes in a circle: {way}", "take one of them out")
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

    def __init__(self, records: Records, name: str, files: Collection[str] | None) -> None:
        self.files = files
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
            elif key[2] == "config":
                _steps(notes, key, record.get("workflows"), "workflows.", self.agents, self.files)
            elif key[2] == "workflows" and record.get("status") in workflows.OPEN:
                self._run(notes, key, record)
        for key, circle in _circles(self.tasks, "depends_on"):
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
        if isinstance(agent, str) and not is_known and agent not in (self.files or ()):
            fix = f"assign somebody else, or add {agent} to a team with `shared_state set-config {key[1]}`"
            severity = "hint" if self.files is None else "warning"
            notes.add(severity, key, "assignee", f"no team has an agent {agent!r}", fix)

    def _run(self, notes: _Notes, key: Key, run: Document) -> None:
        """Check a run that has not ended."""
        names = [step.get("name") for step in _objects(run.get("steps"))]
        step = run.get("current_step")
        if isinstance(step, str) and step not in names:
            fix = f"`orchestration workflow cancel {key[3]}`, or write one of its steps into the file"
            notes.add("error", key, "current_step", f"it has no step {step!r}", fix)
        _assignees(notes, key, run, "", self.agents, self.files)


def _steps(
    notes: _Notes, key: Key, section: Any, prefix: str, known: Collection[str] | None,
    files: Collection[str] | None,
) -> None:  # fmt: skip
    """Check who is to do the steps of the workflows that a configuration defines."""
    for name, workflow in section.items() if isinstance(section, Mapping) else ():
        if isinstance(workflow, Mapping):
            _assignees(notes, key, workflow, f"{prefix}{name}.", known, files)


def _assignees(
    notes: _Notes, key: Key, workflow: Mapping[str, Any], prefix: str, known: Collection[str] | None,
    files: Collection[str] | None,
) -> None:  # fmt: skip
    for place, agent in workflows.assignees(workflow):
        if known is not None and agent not in known and agent not in (files or ()):
            near = values.nearest(agent, sorted({*known, *(files or ())}), 1)
            fix = f"did you mean {near[0]!r}?" if near else "name an agent of a team, a tool or an agent file"
            severity = "hint" if files is None else "error"
            notes.add(severity, key, f"{prefix}{place}", f"nobody knows the agent {agent!r}", fix)


def _agents(records: Records, project: str | None) -> Collection[str] | None:
    """Return the agents that a project, or the store, knows; None when its configuration cannot be read."""
    shared_teams, shared_agents = (records.get(("config", name)) or {} for name in ("teams", "agents"))
    tools = {key[1]: one for key, one in records.items() if key[0] == "tools"}
    config = records.get(("projects", project, "config")) if project else None
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


def _circles(nodes: Mapping[str, tuple[Key, Document]], field: str) -> Iterable[tuple[Key, list[str]]]:
    """Yield a key and the way for each circle of records that need each other, each circle once."""
    done: set[str] = set()
    for start in sorted(nodes):
        way: list[str] = []
        branches = [iter([start])]
        while branches:
            name = next(branches[-1], None)
            if name is None:
                branches.pop()
                if way:
                    done.add(way.pop())
            elif name in way:
                yield nodes[name][0], [*way[way.index(name) :], name]
            elif name in nodes and name not in done:
                way.append(name)
                branches.append(iter(_texts(nodes[name][1].get(field))))


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
