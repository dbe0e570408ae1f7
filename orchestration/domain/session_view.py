"""What a session sees: its own files, and its project's records mounted where people look for them.

Two sessions of one project see one board: `task.<ID>`, `tasks.<ID>`, `execution.tasks.<ID>` and, in
the current sprint, `sprint.tasks.<ID>` are one record. A session without a project has only its own
files, under any name it likes.
"""

import re
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from orchestration import ids, paths
from orchestration.domain import counters, events, sessions
from orchestration.domain.mounts import ALIASES, MOUNTS, OWN, RESERVED
from orchestration.domain.records import Document
from orchestration.errors import NotFound
from orchestration.store.snapshot import Snapshot

if TYPE_CHECKING:
    from orchestration.domain.project_view import ProjectView
    from orchestration.store.index import Index

EVENTS_SHOWN = 200
"""The newest events that `observability.events` lists."""

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

    @cached_property
    def board(self) -> "ProjectView | None":
        """The session's project, None for a session without one."""
        project_id = self.session.get("project")
        if not project_id:
            return None
        from orchestration.domain.project_view import ProjectView

        bound = self.session.get("sprint_id")
        return ProjectView(self.reader, project_id, bound=bound, now=self.now, index=self.index)

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
        if self.board is not None:
            document |= {name: self._part(name) for name in MOUNTS if name not in ("teams", "project")}
        return document

    def own_names(self) -> list[str]:
        """Return the names of the session's free files."""
        return [name for name in self.reader.names("sessions", self.id) if name not in OWN]

    def record_key(self, path: paths.Path) -> tuple[tuple[str, ...], int] | None:
        """Return the key of the file at or around `path` and how much of the path names it, or None."""
        first = str(path[0]) if path else ""
        if first in MOUNTS or first == "task" or [str(part) for part in path[:2]] == ["execution", "tasks"]:
            return self.board.record_key(path) if self.board else None
        if not first or ids.problem(first) or not self.reader.exists("sessions", self.id, first):
            return None
        return (("sessions", self.id, first), 1)

    # -- putting the document together, no more of it than a path needs

    def _mounted(self, path: paths.Path) -> Document:
        if not path:
            return self.whole()
        first = str(path[0])
        second = str(path[1]) if len(path) > 1 else None
        if second is not None:
            member = self._member(first, second, path)
            if member is not paths.MISSING:
                return {first: {second: member}}
        value = self._part(first)
        if value is paths.MISSING:
            return dict.fromkeys([*OWN, *self.own_names(), *(MOUNTS if self.board else ())])
        return {first: value}

    def _member(self, first: str, second: str, path: paths.Path) -> Any:
        """Return `first.second` without the rest of `first`; MISSING when there is no short way."""
        if first == "session" and second in self.session:
            stored = self.session[second]
            # what is stored needs no look at the commits
            whole = second == "lifecycle" and not (len(path) > 2 and path[2] in stored)
            return paths.MISSING if whole else stored
        if (first in MOUNTS or first in ALIASES or (first, second) == ("execution", "tasks")) and self.board:
            return self.board.member(first, second, path)
        return paths.MISSING

    def _part(self, name: str) -> Any:
        if name == "session":
            last = self.index().last_activity().get(self.id)
            return sessions.view(self.session, now=self.now, last_activity=last)
        if name == "execution":
            return self._execution()
        if name == "observability":
            return self._observability()
        if (name in MOUNTS or name in ALIASES) and self.board is not None:
            return self.board.part(name)
        if name in RESERVED or ids.problem(name):
            return paths.MISSING
        own = self.reader.load("sessions", self.id, name)
        return paths.MISSING if own is None else own

    def _execution(self) -> Document:
        own = self.reader.load("sessions", self.id, "execution") or {}
        document = {"agents": {}, "workflows": {}, "context": {}, "inherited_context": {}, **own}
        if self.board is not None:
            document["tasks"] = self.board.tasks()
        return document

    def _observability(self) -> Document:
        own = self.reader.load("sessions", self.id, "observability") or {}
        index = self.index()
        execution = self.reader.load("sessions", self.id, "execution") or {}
        counted = {
            "start_time": self.session["created_at"],
            "heartbeat_count": index.count(session=self.id, op="heartbeat"),
            "task_count": len(self.board.project.tasks) if self.board else 0,
            "agent_count": len(execution.get("agents") or {}),
        }
        found = index.events(session=self.id, limit=EVENTS_SHOWN)
        return {
            **own,
            "metrics": (own.get("metrics") or {}) | counted,
            "events": [events.record(event) for event in reversed(found)],
        }
