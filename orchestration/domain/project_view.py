"""A project's records as a session sees them: the parts of its document that are not its own files.

Loaded only when a path leads there. Nothing is copied into the session: metrics, burndown, blockers
and the current sprint are computed from the records each time.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orchestration import ids, paths
from orchestration.domain import epics, events, projects, sprints, task_fields
from orchestration.domain.mounts import SPRINT_CONFIG, SPRINT_PARTS
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.store.snapshot import Snapshot

if TYPE_CHECKING:
    from orchestration.store.index import Index

EVENTS_SHOWN = 10
"""The newest events that `orchestration` lists."""


class ProjectView:
    """Reads one project for one session; `index` is asked only for what comes from commits."""

    def __init__(
        self, reader: Snapshot, project_id: str, *, bound: str | None, now: str, index: "Callable[[], Index]"
    ) -> None:
        self.project = Project(reader, project_id, now=now)
        self.bound = bound
        self.now = now
        self.index = index

    def part(self, name: str) -> Any:
        """Return a whole mount, one of the names in `mounts`."""
        project = self.project
        if name in ("project", "config"):
            return projects.with_defaults(project.config or {"project_id": project.id})
        if name in ("task", "tasks"):
            return self.tasks()
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
            return self._orchestration()
        wide = (project.config or {}).get("team") or {}
        lists = {key: wide[key] for key in projects.PROJECT_WIDE if key in wide} if name == "team" else {}
        return lists | project.teams

    def member(self, first: str, second: str, path: paths.Path) -> Any:
        """Return `first.second` without loading all of `first`; MISSING when there is no short way."""
        if first in ("task", "tasks") and not ids.problem(second):
            found = self.project.task(second)
            return task_fields.view(found) if found is not None else paths.MISSING
        if first == "execution" and second == "tasks":
            third = str(path[2]) if len(path) > 2 else ""
            found = self.project.task(third) if third and not ids.problem(third) else None
            return {third: task_fields.view(found)} if found is not None else self.tasks()
        if first == "sprint" and second in SPRINT_PARTS:
            return self._sprint_part(second)
        return paths.MISSING

    def record_key(self, path: paths.Path) -> tuple[tuple[str, ...], int] | None:
        """Return the key of the record at or around `path` and how much of the path names it, or None."""
        words = tuple(str(part) for part in path)
        for head in (("task",), ("tasks",), ("execution", "tasks"), ("sprint", "tasks"), ("epics",),
                     ("sprints",), ("tools",)):  # fmt: skip
            if words[: len(head)] != head or len(words) == len(head):
                continue
            name = words[len(head)]
            if ids.problem(name):
                return None
            if head[-1] in ("task", "tasks"):
                key = self.project.task_key(name)
                return (key, len(head) + 1) if key else None
            key = ("tools", name) if head == ("tools",) else ("projects", self.project.id, head[0], name)
            return (key, len(head) + 1)
        if words[0] in ("config", "project", "team", "teams", "agents"):
            is_record = words[0] in ("config", "project") and self.project.config is not None
            return (("projects", self.project.id, "config"), 1 if is_record else 0)
        return None

    def tasks(self) -> Document:
        """Return all tasks on the board by id."""
        return {key: task_fields.view(task) for key, task in self.project.tasks.items()}

    def current(self) -> Document | None:
        """Return the record of the session's current sprint, or None."""
        return self.project.current(self.bound)

    def _orchestration(self) -> Document:
        found = self.index().events(project=self.project.id, limit=EVENTS_SHOWN)
        current = self.current()
        return {
            "teams": self.project.teams,
            "agents": self.project.agents,
            "sprint": self._sprint_view(current) if current else None,
            "events": [events.record(event) for event in reversed(found)],
        }

    def _sprint_view(self, sprint: Document) -> Document:
        return sprints.view(sprint, self.project.tasks_of(sprint["id"]), config=self.project.config)

    def _sprint(self) -> Document:
        current = self.current()
        fields = {} if current is None else self._sprint_view(current)
        return fields | {name: self._sprint_part(name) for name in SPRINT_PARTS}

    def _sprint_part(self, name: str) -> Any:
        current, project = self.current(), self.project
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
        from orchestration.domain import burndown, figures

        lives = figures.lives(self.index(), project, current)
        if name == "burndown":
            return burndown.burndown(current, mine, config=project.config, now=self.now, lives=lives)
        computed = figures.figures(project, lives, current)
        reported = current.get("reported")
        return computed | ({"reported": reported} if reported else {})
