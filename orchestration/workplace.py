"""Where a command runs, and the store, session and project that this leads to.

All front ends stand on it. Everything loads when it is first asked for: a command pays for its imports.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from functools import cached_property
from typing import TYPE_CHECKING, Any

from orchestration import ids
from orchestration.domain import lookup, sessions
from orchestration.errors import InvalidData, OrchestrationError, UnknownSession
from orchestration.surroundings import Surroundings

if TYPE_CHECKING:
    from orchestration.domain.joining import Joining
    from orchestration.domain.project import Project
    from orchestration.history.moments import Moment
    from orchestration.store.index import Index
    from orchestration.store.layout import Key
    from orchestration.store.repo import Store
    from orchestration.store.snapshot import Snapshot
    from orchestration.store.transaction import Transaction

_MANY = 200
"""Tasks from which on the index pays for its import."""


class Workplace(Surroundings):
    """One command's surroundings, with the state it works on."""

    def __init__(self, env: Mapping[str, str]) -> None:
        super().__init__(env)
        self.store_option: str | None = None
        self.at_option: str | None = None
        self.acting: str | None = None
        self.allow_secret = False
        """Whether this command writes also what looks like a secret."""
        self.joining: Joining | None = None
        """The client's session, when the next write has to make it or bring it back."""
        self._derived: str | None = None

    # -- the store

    @cached_property
    def store(self) -> "Store":
        """The store this command works on."""
        from orchestration.store import location
        from orchestration.store.repo import Store

        environment = self.env.get("ORCHESTRATION_STATE_DIR")
        named = self.store_option or environment
        place = location.resolve(
            explicit=self.store_option,
            environment=environment,
            checkout=None if named else self.checkout,
            home=self.home,
        )
        self.log("DEBUG", f"store {place}")
        return Store(place)

    @cached_property
    def then(self) -> "Moment | None":
        """The commit and the time that `--at` names, None for the present."""
        if self.at_option is None:
            return None
        from orchestration.history import moments

        return moments.find(self.store, lambda: self.newest_index, self.at_option, now=self.now)

    @cached_property
    def at(self) -> str:
        """The moment this command looks at, as records hold it: now, unless `--at` names another."""
        moment = self.then.at if self.then else self.now
        return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"

    @cached_property
    def snapshot(self) -> "Snapshot":
        """The state this command reads, the newest unless `--at` names another."""
        found = self.store.snapshot(self.then.commit if self.then else None)
        self.log("DEBUG", f"reading commit {found.tip.oid[:12] if found.tip else 'none'}")
        return found

    @cached_property
    def index(self) -> "Index":
        """The derived index, as of the snapshot."""
        if self.then is None:
            return self.newest_index
        from orchestration.store.past import PastIndex

        return PastIndex(self.store, self.snapshot, self.progress("reading history"))

    @cached_property
    def newest_index(self) -> "Index":
        """The derived index, caught up with the newest state, or with the snapshot when that is it."""
        from orchestration.store.index import Index

        index = Index(self.store)
        newest = self.store.snapshot() if self.at_option else self.snapshot
        index.catch_up(newest, progress=self.progress("reading history"))
        return index

    def take_tasks(self, project: "Project") -> None:
        """Load the tasks of a project that has many by way of the index, in a third of the time.

        A store that has no index yet does without: making one may take longer.
        """
        many = len(project.reader.names("projects", project.id, "tasks")) >= _MANY
        if many and self.then is None and (self.store.private / "index.sqlite").exists():
            project.take_tasks(self.index)

    def edited(self, *keys: "Key") -> list[str]:
        """Return the files of records that were edited by hand since; none when `--at` looks at the past."""
        return [] if self.then else self.snapshot.edited(keys)

    @contextmanager
    def transaction(self, *, author: str | None = None) -> Iterator["Transaction"]:
        """Change the state in one commit, whose id is then told on stderr."""
        store = self.store
        if self.acting is not None:  # also when nothing comes of it: a session that asks is at work
            from orchestration.store import presence

            presence.touch(store.private, self.acting, self.now)
        with store.transaction(author=author or self.actor, now=self.now) as tx:
            before = tx.tip
            tx.allow_secrets = self.allow_secret
            self.log("DEBUG", f"lock waited {store.lock.waited * 1000:.1f} ms")
            if self.joining is not None:
                from orchestration.domain import joining

                joining.join(tx, self.joining, by=self.actor, now=self.at)
            yield tx
            if self._derived is not None and self.checkout.repository is not None:
                from orchestration.store import bindings

                bindings.bind(store.private, self._derived, self.checkout.repository)
        for warning in tx.warnings:
            self.log("WARNING", warning)
        if tx.tip is not None and tx.tip != before:
            self.told(tx.tip.oid)
            self._note_host(tx.tip.oid)
        self.__dict__.pop("snapshot", None)
        self.__dict__.pop("index", None)
        self.__dict__.pop("newest_index", None)

    def _note_host(self, commit: str) -> None:
        """Note on this machine what a commit means for the client in which it was made."""
        if not self.host:
            return
        from orchestration.store import hosts

        private = str(self.store.private)
        if self.joining is not None:
            facts = {"session": self.joining.session, "project": self.joining.project or "", "made": "1"}
            if hosts.fits(self.host):
                hosts.bind(private, self.host, facts)
            self.joining = None
            self.__dict__.pop("binding", None)
        if self.by_model and self.binding:
            hosts.add_own(private, self.host, commit)

    # -- whose session, whose project

    @cached_property
    def binding(self) -> dict[str, str]:
        """Which session the client works in (see `store.hosts`), {} outside of one or when it is not known."""
        from orchestration.store import hosts

        if not self.host or not hosts.fits(self.host) or not self.store.exists:
            return {}
        return hosts.binding(str(self.store.private), self.host)

    def session_id(self, given: str | None = None) -> str:
        """Return the id of the session meant: given, by prefix, or `current`; UnknownSession otherwise.

        `current` is the session of the present, whatever moment is looked at.
        """
        if given is None or given == "current":
            found = self._present()._current()
        else:
            found = lookup.find(self.snapshot, given, lambda: self.index.retired())
        self.log("DEBUG", f"session {found}")
        return found

    def _present(self) -> "Workplace":
        """Return the surroundings of this command without `--at`."""
        if self.at_option is None:
            return self
        present = Workplace(self.env)
        present.store_option = self.store_option
        return present

    def _current(self) -> str:
        own = self.env.get("CLAUDE_SESSION_ID")
        if own:
            return lookup.find(self.snapshot, own, lambda: self.index.retired())
        if "session" in self.binding:
            return self._bound()
        live = lookup.live(self.sessions(), self.at)
        bound = [name for name, one in live.items() if self.host and one.get("host_session_id") == self.host]
        if bound:
            return bound[0]
        project = self.project_id(required=False)
        fitting = {name for name, one in live.items() if project is None or one.get("project") == project}
        return self._mine(fitting, f" of project {project!r}" if project else "")

    def _mine(self, fitting: set[str], of: str) -> str:
        """Return the one of several active sessions that belongs here: what others share is theirs."""
        from orchestration.store import presence
        from orchestration.sync import remotes

        here = fitting & presence.all_seen(self.store.private).keys()
        elsewhere = bool(fitting) and not here and bool(remotes.every(self.store))
        found = here or (set() if elsewhere else fitting)
        if len(found) == 1:
            return next(iter(found))
        if found:
            rows = ", ".join(sorted(found)[:8]) + (", …" if len(found) > 8 else "")
            raise UnknownSession(f"{len(found)} sessions are active: {rows}", hint="say which one")
        if elsewhere:
            raise UnknownSession(
                f"no session of this machine is active{of}",
                hint="make one with `session_manager create`, or name one of `session_manager list`",
            )
        raise UnknownSession(f"there is no active session{of}", hint="make one with `session_manager create`")

    def _bound(self) -> str:
        """Return the session that the client is bound to; one that has no record yet is read as if it had."""
        from orchestration.domain import joining

        session = self.binding["session"]
        if "made" not in self.binding and not self.snapshot.exists("sessions", session, "session"):
            project = self.binding.get("project") or None
            self.joining = joining.Joining(session, self.host, project, self.mode)
            record = self.joining.record(by=self.actor, now=self.at)
            self.snapshot = joining.Expected(self.snapshot, self.joining.key, record)
        return session

    def sessions(self) -> dict[str, Any]:
        """Return the records of all sessions (`session.yaml`) by id."""
        if not self.store.exists:
            return {}
        problems: list[InvalidData] = []
        found = self.index.documents("sessions", name="session.yaml", problems=problems)
        for problem in problems:
            self.warn(f"{problem.message}; left out")
        known = {}
        for path, record in found.items():
            reason = sessions.problem(record)
            if reason is None:
                known[path.split("/")[2]] = record
            else:
                self.warn(f"{path}: {reason}; left out")
        return known

    def project_id(
        self, given: str | None = None, *, session: dict[str, Any] | None = None, required: bool = True
    ) -> str | None:
        """Return the project meant: given, the session's, the environment's, or the checkout's.

        Refused when a name taken from the repository's folder is bound to another repository.
        """
        self._derived = None
        if given is not None:
            ids.check(given, "project")
        for text, source in (
            (given, "--project"),
            ((session or {}).get("project"), "the session"),
            (self.env.get("CLAUDE_PROJECT_ID"), "CLAUDE_PROJECT_ID"),
        ):
            if text:
                self.log("DEBUG", f"project {text} from {source}")
                return ids.check(text, "project")
        if self.checkout.project:
            self.log("DEBUG", f"project {self.checkout.project} from {self.checkout.config}")
            return ids.check(self.checkout.project, "project")
        repository = self.checkout.repository
        if repository is None:
            if required:
                raise OrchestrationError(
                    "no project is named and this folder is in no git repository", hint="say --project NAME"
                )
            return None
        from orchestration.store import bindings

        if (
            self.store.exists
            and not bindings.check(self.store.private, repository.name, repository)
            or not self.store.exists
        ):
            self._derived = repository.name
        self.log("DEBUG", f"project {repository.name} from the repository {repository.common_dir}")
        return ids.check(repository.name, "project")
