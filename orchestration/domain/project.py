"""One project as a reader sees it: its records, loaded when they are first needed."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from orchestration import ids
from orchestration.domain import projects, sprints, teams, values, workdays
from orchestration.domain.records import Document
from orchestration.errors import NotFound
from orchestration.store import layout, presence
from orchestration.store.snapshot import Snapshot

if TYPE_CHECKING:
    from orchestration.store.index import Index


class Project:
    """Reads the records of one project from a snapshot or a transaction."""

    def __init__(self, reader: Snapshot, project_id: str, *, now: str) -> None:
        self.reader = reader
        self.id = project_id
        self.now = now
        self.index: Index | None = None
        """Beside which what is computed may be kept."""

    @property
    def exists(self) -> bool:
        """Whether anything of the project is in the store."""
        return self.reader.exists("projects", self.id)

    def required(self) -> "Project":
        """Return the project; NotFound when nothing of it is in the store."""
        if not self.exists:
            known = self.reader.names("projects")
            raise NotFound(
                f"no project {self.id!r}",
                hint=f"projects: {', '.join(known)}" if known else "`shared_state set-config` makes one",
            )
        return self

    def check_new(self) -> None:
        """Raise Refused when nothing of the project is in the store and its id may not name a new one."""
        if not self.exists:
            ids.check_new(self.id, self.reader.names("projects"), "project")

    @cached_property
    def config(self) -> Document | None:
        """The stored configuration, without defaults."""
        config: Document | None = self.reader.load("projects", self.id, "config")
        return config

    @cached_property
    def settings(self) -> Document:
        """All settings, the defaults filled in."""
        return projects.settings(self.config)

    @cached_property
    def tasks(self) -> dict[str, Document]:
        """The tasks on the board by id; those of archived sprints are not among them."""
        return self.reader.load_all("projects", self.id, "tasks")

    def take_tasks(self, index: "Index") -> None:
        """Load the tasks by way of the index: a third of the time, for a caller that needs it anyway.

        Nothing happens when it tells of another commit than is read here.
        """
        tip = self.reader.tip
        if tip is not None and index.rows("SELECT tip FROM state")[0][0] == tip.oid:
            folder = layout.folder_of("projects", self.id, "tasks")
            found = {
                path[len(folder) + 1 : -len(layout.SUFFIX)]: record
                for path, record in index.documents(folder).items()
            }
            self.tasks = {name: record for name, record in found.items() if ids.problem(name) is None}

    @cached_property
    def sprints(self) -> dict[str, Document]:
        """The sprints by id."""
        return self.reader.load_all("projects", self.id, "sprints")

    @cached_property
    def epics(self) -> dict[str, Document]:
        """The epics by id."""
        return self.reader.load_all("projects", self.id, "epics")

    @cached_property
    def tools(self) -> dict[str, Document]:
        """The registered tools by name; a store has one registry for all its projects."""
        return self.reader.load_all("tools")

    @cached_property
    def _roster(self) -> tuple[dict[str, Document], dict[str, Document]]:
        store_teams = self.reader.load("config", "teams") or {}
        store_agents = self.reader.load("config", "agents") or {}
        return teams.roster(self.config, store_teams, store_agents, self.tools)

    @property
    def teams(self) -> dict[str, Document]:
        """The teams by name."""
        return self._roster[0]

    @property
    def agents(self) -> dict[str, Document]:
        """The agents by id."""
        return self._roster[1]

    @cached_property
    def running(self) -> dict[str, str]:
        """When each sub-agent that runs on this machine for the project gave its last sign, by its name."""
        private = self.reader.root / ".git" / "orchestration"
        return presence.agents(private, self.id, values.parse_time(self.now))

    def task_key(self, task_id: str) -> tuple[str, ...] | None:
        """Return where a task lies: on the board or in the archive of a sprint; None when nowhere.

        A task that got a new id when its project joined a team's store is known by its old one as well, as
        long as no other task has that or had it.
        """
        board = ("projects", self.id, "tasks", task_id)
        if self.reader.exists(*board):
            return board
        for sprint in self.reader.names("projects", self.id, "archive"):
            key = ("projects", self.id, "archive", sprint, task_id)
            if self.reader.exists(*key):
                return key
        news = self.joined_as(task_id)
        return self.task_key(news[0]) if len(news) == 1 else None

    def joined_as(self, task_id: str) -> list[str]:
        """Return the present ids of the tasks that had an id before their projects joined this one."""
        news = self._aliases.get(task_id)
        return [one for one in news if isinstance(one, str) and one != task_id] if news else []

    def names_of(self, task_id: str) -> Document:
        """Return the facts about a task's id that there are: `former_id` before its project joined, and
        `joined_as`, other tasks that had this id then.
        """
        former = next((old for old in self._aliases if task_id in self.joined_as(old)), None)
        found = {"former_id": former, "joined_as": self.joined_as(task_id)}
        return {name: fact for name, fact in found.items() if fact}

    @property
    def _aliases(self) -> dict[str, Any]:
        known = (self.config or {}).get("aliases")
        return (
            {old: news for old, news in known.items() if isinstance(news, list)}
            if isinstance(known, dict)
            else {}
        )

    def no_task(self, task_id: str) -> NotFound:
        """Return what is to be raised when there is no task of an id."""
        news = self.joined_as(task_id)
        hint = (
            f"it is {' or '.join(news)} since their projects joined"
            if news
            else "see `state_manager task list`"
        )
        return NotFound(f"no task {task_id!r} in project {self.id!r}", hint=hint)

    def task(self, task_id: str) -> Document | None:
        """Return one task, on the board or archived, or None."""
        key = self.task_key(task_id)
        found: Document | None = self.reader.load(*key) if key else None
        return found

    def task_ids(self) -> list[str]:
        """Return the ids of all tasks, archived ones included."""
        names = self.reader.names("projects", self.id, "tasks")
        for sprint in self.reader.names("projects", self.id, "archive"):
            names += self.reader.names("projects", self.id, "archive", sprint)
        return names

    def tasks_of(self, sprint_id: str) -> dict[str, Document]:
        """Return the tasks of a sprint, archived ones included."""
        archived = self.reader.load_all("projects", self.id, "archive", sprint_id)
        return archived | sprints.of(sprint_id, self.tasks)

    def current(self, bound: str | None = None) -> Document | None:
        """Return the current sprint: `bound`, else the active or next one; see `sprints.current`."""
        calendar = workdays.calendar(self.settings)
        today = workdays.day_of(calendar, values.parse_time(self.now))
        return sprints.current(self.sprints, bound=bound, today=today)

    def finished(self, *, before: str | None = None) -> list[tuple[Document, Mapping[str, Any]]]:
        """Return the completed sprints with their tasks, oldest first, without the sprint `before`."""
        done = [s for s in self.sprints.values() if s["status"] == "completed" and s["id"] != before]
        done.sort(key=lambda sprint: sprint.get("completed_at") or "")
        return [(sprint, self.tasks_of(sprint["id"])) for sprint in done]
