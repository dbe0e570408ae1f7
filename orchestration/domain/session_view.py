"""What a session sees: its own files, and its project's records mounted where people look for them.

Two sessions of one project see one board: `task.<ID>`, `tasks.<ID>`, `execution.tasks.<ID>` and, in
the current sprint, `sprint.tasks.<ID>` are one record. Metrics, burndown, blockers and events are
computed. A session without a project has only its own files, under any name it likes.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orchestration import ids, paths
from orchestration.domain import (
    counters,
    epics,
    events,
    projects,
    sessions,
    sprints,
    task_fields,
)
from orchestration.domain.mounts import ALIASES, MOUNTS, OWN, RESERVED, SPRINT_CONFIG
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import NotFound
from orchestration.store.snapshot import Snapshot

if TYPE_CHECKING:
    from orchestration.store.index import Index

EVENTS_SHOWN = 200
"""The newest events that `observability.events` lists."""

SPRINT_PARTS = ("current", "tasks", "metrics", "blockers", "burndown", "goals", "wip_limits", "config")
_FIRST_NAMES = r"\$\.([A-Za-z_]\w*)(?:\.([A-Za-z_]\w*))?(?=[.\[]|\Z)"


class SessionView:
    """Reads the document of one session; `index` is asked only for what comes from commits."""

    def __init__(self, reader: Snapshot, session_id: str, *, now: str, index: "Callable[[], Index]") -> None:
        self.reader = reader
        self.id = session_id
        self.now = now
        self.index = index
        found = reader.load("sessions", session_id, "session")
        if found is None:
            raise NotFound(f"session {session_id!r} has no session.yaml", hint=f"`recover {session_id}`")
        self.session: Document = found
        name = found.get("project")
        self.project = Project(reader, name, now=now) if name else None

    def get(self, path: paths.Path) -> Any:
        """Return the value at a path; MissingPath, with the nearest keys, when there is none."""
        return counters.plain(paths.get(self._mounted(path), path))

    def find(self, expression: str) -> tuple[bool, Any]:
        """Return (definite, value or list of values) of a JSONPath; BadUsage names the column."""
        from orchestration import jsonpath

        match = re.match(_FIRST_NAMES, expression)
        # a filter may look at the root again: then everything has to be there
        narrow = match is not None and expression.count("$") == 1
        names = tuple(name for name in match.groups() if name) if match and narrow else ()
        result = jsonpath.find(counters.plain(self._mounted(names)), expression)
        return result.definite, result.values[0] if result.definite else result.values

    def whole(self) -> Document:
        """Return the document of the empty path: own files first, then the project's."""
        document = {name: self._part(name) for name in (*OWN, *self.own_names())}
        if self.project is not None:
            document |= {name: self._part(name) for name in MOUNTS if name not in ("teams", "project")}
        return document

    def own_names(self) -> list[str]:
        """Return the names of the session's free files."""
        return [name for name in self.reader.names("sessions", self.id) if name not in OWN]

    def record_file(self, path: paths.Path) -> tuple[str, ...] | None:
        """Return the key of the record that stands exactly at `path`, or None for any other value."""
        if self.project is None or len(path) < 2:
            return None
        head, name = tuple(str(part) for part in path[:-1]), str(path[-1])
        if ids.problem(name):
            return None
        if head in (("task",), ("tasks",), ("execution", "tasks"), ("sprint", "tasks")):
            return self.project.task_key(name)
        if head in (("epics",), ("sprints",)):
            return ("projects", self.project.id, head[0], name)
        return ("tools", name) if head == ("tools",) else None

    # -- putting the document together, no more of it than a path needs

    def _mounted(self, path: paths.Path) -> Document:
        if not path:
            return self.whole()
        first = str(path[0])
        second = str(path[1]) if len(path) > 1 else None
        if first == "session" and second in self.session:
            # what is stored needs no look at the commits
            stored = self.session[second]
            if second != "lifecycle" or (len(path) > 2 and path[2] in stored):
                return {first: {second: stored}}
        if second is not None and self.project is not None:
            part = self._member(first, second, path)
            if part is not None:
                return {first: {second: part[0]}}
        value = self._part(first)
        if value is paths.MISSING:
            return dict.fromkeys([*OWN, *self.own_names(), *(MOUNTS if self.project else ())])
        return {first: value}

    def _member(self, first: str, second: str, path: paths.Path) -> tuple[Any] | None:
        """Return one member of a mount without loading the others, or None when there is no short way."""
        project = self.project
        assert project is not None
        if first in ("task", "tasks") and not ids.problem(second):
            found = project.task(second)
            return (task_fields.view(found),) if found is not None else None
        if first == "execution" and second == "tasks":
            third = str(path[2]) if len(path) > 2 else ""
            if third and not ids.problem(third):
                found = project.task(third)
                if found is not None:
                    return ({third: task_fields.view(found)},)
            return (self._tasks(),)
        if first == "sprint" and second in SPRINT_PARTS:
            return (self._sprint_part(second),)
        return None

    def _part(self, name: str) -> Any:
        if name == "session":
            last = self.index().last_activity().get(self.id)
            return sessions.view(self.session, now=self.now, last_activity=last)
        if name == "execution":
            return self._execution()
        if name == "observability":
            return self._observability()
        if self.project is not None and name in (*MOUNTS, *ALIASES):
            return self._mount(name, self.project)
        if name in RESERVED or ids.problem(name):
            return paths.MISSING
        own = self.reader.load("sessions", self.id, name)
        return paths.MISSING if own is None else own

    def _mount(self, name: str, project: Project) -> Any:
        if name in ("project", "config"):
            return projects.with_defaults(project.config or {"project_id": project.id})
        if name in ("task", "tasks"):
            return self._tasks()
        if name == "sprint":
            return self._sprint()
        if name == "sprints":
            return {key: self._sprint_view(sprint) for key, sprint in project.sprints.items()}
        if name == "epics":
            every = project.tasks
            return {key: epics.view(epic, every, project.sprints) for key, epic in project.epics.items()}
        if name == "agents":
            return project.agents
        if name == "tools":
            return project.tools
        if name == "orchestration":
            return self._orchestration(project)
        wide = (project.config or {}).get("team") or {}
        lists = {key: wide[key] for key in projects.PROJECT_WIDE if key in wide} if name == "team" else {}
        return lists | project.teams

    def _tasks(self) -> Document:
        assert self.project is not None
        return {key: task_fields.view(task) for key, task in self.project.tasks.items()}

    def _execution(self) -> Document:
        own = self.reader.load("sessions", self.id, "execution") or {}
        document = {"agents": {}, "workflows": {}, "context": {}, "inherited_context": {}, **own}
        if self.project is not None:
            document["tasks"] = self._tasks()
        return document

    def _observability(self) -> Document:
        own = self.reader.load("sessions", self.id, "observability") or {}
        index = self.index()
        execution = self.reader.load("sessions", self.id, "execution") or {}
        counted = {
            "start_time": self.session["created_at"],
            "heartbeat_count": index.count(session=self.id, op="heartbeat"),
            "task_count": len(self.project.tasks) if self.project else 0,
            "agent_count": len(execution.get("agents") or {}),
        }
        found = index.events(session=self.id, limit=EVENTS_SHOWN)
        return {
            **own,
            "metrics": (own.get("metrics") or {}) | counted,
            "events": [events.record(event) for event in reversed(found)],
        }

    def _orchestration(self, project: Project) -> Document:
        found = self.index().events(project=project.id, limit=10)
        current = self.current()
        return {
            "teams": project.teams,
            "agents": project.agents,
            "sprint": self._sprint_view(current) if current else None,
            "events": [events.record(event) for event in reversed(found)],
        }

    # -- the sprint

    def current(self) -> Document | None:
        """Return the record of the session's current sprint, or None."""
        return self.project.current(self.session.get("sprint_id")) if self.project else None

    def _sprint_view(self, sprint: Document) -> Document:
        assert self.project is not None
        return sprints.view(sprint, self.project.tasks, config=self.project.config)

    def _sprint(self) -> Document:
        current = self.current()
        fields = {} if current is None else self._sprint_view(current)
        return fields | {name: self._sprint_part(name) for name in SPRINT_PARTS}

    def _sprint_part(self, name: str) -> Any:
        current, project = self.current(), self.project
        assert project is not None
        if current is None:
            return {} if name in ("tasks", "wip_limits", "config") else [] if name == "goals" else None
        if name == "current":
            return self._sprint_view(current)
        if name == "goals":
            return current.get("goals") or []
        if name == "wip_limits":
            return sprints.wip_limits(current, project.config)
        if name == "config":
            shown = self._sprint_view(current)
            return {key: shown.get(key) for key in SPRINT_CONFIG}
        mine = project.tasks_of(current["id"])
        if name == "tasks":
            return {key: task_fields.view(task) for key, task in mine.items()}
        if name == "blockers":
            return [
                {**blocker, "task_id": key, "title": task["title"]}
                for key, task in mine.items()
                for blocker in task_fields.open_blockers(task)
            ]
        from orchestration.domain import burndown, metrics

        if name == "burndown":
            return burndown.burndown(current, mine, config=project.config, now=self.now)
        finished = project.finished(before=current["id"])
        computed = metrics.sprint_metrics(
            current, mine, config=project.config, finished=finished, now=self.now
        )
        reported = current.get("reported")
        return computed | ({"reported": reported} if reported else {})
