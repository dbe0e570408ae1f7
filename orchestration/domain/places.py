"""From a path that a session sees to the files that hold what it shows, and back.

Reading goes through views; history is kept by files. A place is a file, or a folder of files, and the
path inside each record that matters.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from orchestration import ids, paths
from orchestration.domain import counters, targets, task_fields
from orchestration.domain.mounts import OWN
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import NotFound, Refused, UnknownSession
from orchestration.paths import MISSING, Path
from orchestration.store import layout
from orchestration.store.snapshot import Snapshot

_OF_A_TASK = ("status", "blocker")


class Place(NamedTuple):
    """Where something is kept: a file or folder of the repository, and a path inside its records."""

    path: str
    inner: Path = ()
    sprint_id: str | None = None
    """Set when only the tasks of this sprint are meant."""

    @property
    def is_file(self) -> bool:
        """Whether this is one file."""
        return self.path.endswith(layout.SUFFIX)

    @property
    def is_whole(self) -> bool:
        """Whether every change of its files matters."""
        return not self.inner and self.sprint_id is None

    def read(self, record: Any) -> Any:
        """Return the value that is meant inside a record, MISSING when there is none."""
        if not isinstance(record, dict) or self.sprint_id not in (None, record.get("sprint_id")):
            return MISSING
        value: Any = counters.plain(record)
        if self.inner and self.inner[0] in _OF_A_TASK and "column" in value:
            value = _with_status(value)
        for key in self.inner:
            value = paths.child(value, key)
        return value


class Scope(NamedTuple):
    """A session and the project it works in."""

    session_id: str
    project_id: str | None

    def view_path(self, file: str) -> Path:
        """Return the path under which the session sees a file's record, else its repository path."""
        key = layout.key_of(file)
        if key is None:
            return (file,)
        if key[:2] == ("sessions", self.session_id):
            return key[2:]
        if key[:2] == ("projects", self.project_id):
            part, *names = key[2:]
            if part == "archive":
                return ("tasks", names[-1])
            if part in ("config", "tasks", "sprints", "epics"):
                return (part, *names)
        return key

    def folders(self) -> list[Place]:
        """Return all that the session sees: its own files, its project's, and the tools."""
        own = [Place(layout.folder_of("sessions", self.session_id))]
        if self.project_id is None:
            return own
        return [*own, Place(layout.folder_of("projects", self.project_id)), Place("tools")]


def scope(reader: Snapshot, session_id: str) -> Scope:
    """Return the scope of a session; UnknownSession when the snapshot does not hold it."""
    record = reader.load("sessions", session_id, "session")
    if record is None:
        raise UnknownSession(f"no session {session_id!r}", hint="list them with `session_manager list`")
    return Scope(session_id, record.get("project"))


class Places(NamedTuple):
    """What a path shows."""

    files: list[Place]
    named: bool = False
    """Whether events that name the session belong to it as well."""
    computed: bool = False
    """Whether the value itself is computed from the files."""


def find(reader: Snapshot, session_id: str, path: Path, *, now: str) -> Places:
    """Return where history keeps what a session sees at `path`.

    Raises NotFound where nothing can stand, such as a current sprint that there is not.
    """
    of = scope(reader, session_id)
    bound = reader.load("sessions", session_id, "session").get("sprint_id")
    return find_in(reader, of, path, bound=bound, now=now)


def find_in(reader: Snapshot, of: Scope, path: Path, *, bound: str | None, now: str) -> Places:
    """Return the same for a scope, whose session need not be there yet, and the sprint it is bound to."""
    session_id = of.session_id
    words = tuple(str(key) for key in path)
    if not words:
        return Places(of.folders()[:2], named=True)
    project = Project(reader, of.project_id, now=now) if of.project_id else None
    if words[0] == "observability" and words[1:2] == ("events",):
        return Places([Place(layout.folder_of("sessions", session_id))], named=True, computed=True)
    if project is not None:
        board = _board(project, words, bound)
        if board is not None:
            return board
    if words == ("execution",) and project is not None:
        return Places([_own(session_id, "execution"), *_tasks(project)])
    try:
        target = targets.find(words, project, bound=bound)
    except Refused:
        raise NotFound(f"nothing is kept at {paths.format(path)!r}", hint="see `state_manager get`") from None
    if target.kind == "own":
        return Places([_own(session_id, target.name, words[1:])], named=words == ("observability",))
    assert project is not None, "without a project every path is the session's own"
    if target.kind == "task":
        return Places([Place(file, target.inner) for file in _files_of_task(project, target.name)])
    key: tuple[str, ...] = ("projects", project.id, f"{target.kind}s", target.name)
    if target.kind == "config":
        key = ("projects", project.id, "config")
    elif target.kind == "tool":
        key = ("tools", target.name)
    return Places([Place(layout.file_of(*key), target.inner)])


def _board(project: Project, words: tuple[str, ...], bound: str | None) -> Places | None:
    """Return the places of paths that show more than one record, None for the others."""
    first, second = words[0], words[1] if len(words) > 1 else None
    if targets.is_all_tasks(words) and first != "sprint":
        return Places(_tasks(project))
    if words in (("sprints",), ("epics",)):
        return Places([Place(layout.folder_of("projects", project.id, first))])
    if words == ("tools",):
        return Places([Place("tools")])
    if first == "orchestration":
        return Places([Place(layout.folder_of("projects", project.id))], computed=True)
    if first != "sprint":
        return None
    current = project.current(bound)
    if current is None:
        raise NotFound(
            f"project {project.id!r} has no current sprint", hint="`shared_state create-sprint` makes one"
        )
    name = current["id"]
    record = layout.file_of("projects", project.id, "sprints", name)
    tasks = [place._replace(sprint_id=name) for place in _tasks(project)]
    if words == ("sprint", "tasks"):
        return Places(tasks)
    if second == "tasks":
        return None
    if second is None:
        return Places([Place(record), *tasks])
    if second in ("metrics", "burndown", "blockers") and words[2:3] != ("reported",):
        return Places([Place(record), *tasks] if second != "blockers" else tasks, computed=True)
    rest = words[2:] if second in ("current", "config") else words[2:] if second == "metrics" else words[1:]
    return Places([Place(record, rest)])


def _tasks(project: Project) -> list[Place]:
    return [Place(layout.folder_of("projects", project.id, part)) for part in ("tasks", "archive")]


def _files_of_task(project: Project, task_id: str) -> list[str]:
    """Return the files a task lies in or has lain in: on the board and, when archived, there."""
    board = ("projects", project.id, "tasks", task_id)
    key = project.task_key(task_id)
    return [layout.file_of(*one) for one in dict.fromkeys((key or board, board))]


def files_of(reader: Snapshot, kind: str, name: str, *, project_id: str | None) -> list[str]:
    """Return the files of a task, sprint, epic or tool of that name, in one project or in all."""
    ids.check(name, kind)
    if kind == "tool":
        return [layout.file_of("tools", name)]
    projects = [project_id] if project_id else reader.names("projects")
    if kind == "task":
        return [file for one in projects for file in _files_of_task(Project(reader, one, now=""), name)]
    return [layout.file_of("projects", one, f"{kind}s", name) for one in projects]


def _own(session_id: str, name: str, inner: Path = ()) -> Place:
    if name not in OWN:
        ids.check(name)
    return Place(layout.file_of("sessions", session_id, name), inner)


def _with_status(task: Mapping[str, Any]) -> Document:
    waiting = task_fields.open_blockers(task)
    return {**task, "status": task_fields.status(task), "blocker": waiting[-1] if waiting else None}
