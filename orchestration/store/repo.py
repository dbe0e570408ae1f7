"""One store: a git repository that holds the state.

Whatever only writes need is imported when the first write comes: a read stays short.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.errors import BadUsage, Conflict, InvalidData, NotFound, StoreError
from orchestration.store import commits
from orchestration.store.documents import Documents
from orchestration.store.objects import Objects
from orchestration.store.refs import Refs
from orchestration.store.snapshot import Snapshot

if TYPE_CHECKING:
    from orchestration.store.create import Draft
    from orchestration.store.lock import Lock
    from orchestration.store.transaction import Transaction

FORMAT = 1
"""The newest major version of the store's format that this program reads and writes; see `domain/migrations.py`."""
MINOR = 0
"""The newest minor version, which only adds what programs of the same major version leave alone."""
PACK_LIMIT = 2000
"""Loose objects above which a write has them packed, unless `config/settings.yaml` says otherwise."""
_REVISION = r"[0-9a-f]{7,40}\Z"


def version_of(document: Mapping[str, Any]) -> tuple[int, int]:
    """Return the major and the minor version that `format.yaml` names; (0, 0) when it names none."""
    major, minor = document.get("version"), document.get("minor", 0)
    if type(major) is not int:  # true is an int as well
        return 0, 0
    return major, minor if type(minor) is int else 0


class Store:
    """The state in one folder. Opening makes nothing: the first write creates what is missing."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.draft: Draft | None = None
        """The store while it is not yet in its place: the first write is still under way."""
        self.use(root / ".git")

    def use(self, git_dir: Path) -> None:
        """Work on the repository in `git_dir`, which for a new store is not in its place yet."""
        self.git_dir = git_dir
        self.private = git_dir / "orchestration"
        self.objects = Objects(git_dir)
        self.documents = Documents(self.objects, self.private / "cache")
        self.refs = Refs(git_dir)

    @cached_property
    def lock(self) -> "Lock":
        """The lock that a writer holds."""
        from orchestration.store.lock import Lock

        return Lock(self.private / "store.lock")

    # -- reading

    @property
    def exists(self) -> bool:
        """Whether there is a repository yet; StoreError when the place is taken by something else."""
        try:
            if self.git_dir.is_dir():
                return True
            if self.root.exists():
                from orchestration.store import create

                create.check_free(self.root)
        except OSError as error:
            raise StoreError(f"cannot read {self.root}: {error.strerror}") from None
        return False

    def snapshot(self, revision: str | None = None) -> Snapshot:
        """Return the state as of a commit (an id of 7 digits or more), by default the newest."""
        if not self.exists:
            return Snapshot(self.root, self.objects, self.documents, None)
        oid = self.resolve(revision) if revision else self.refs.head().commit
        return self._checked(
            Snapshot(self.root, self.objects, self.documents, self.commit(oid) if oid else None)
        )

    def resolve(self, revision: str) -> str:
        """Return the full id of a commit given by at least 7 digits of it."""
        if not re.match(_REVISION, revision):
            raise BadUsage(
                f"{revision!r} is no commit id", hint="give at least 7 digits of one, as writes print it"
            )
        found = [revision] if len(revision) == 40 else self.objects.complete(revision)
        matches = []
        for oid in found:
            with contextlib.suppress(StoreError):
                self.objects.read(oid, b"commit")
                matches.append(oid)
        if len(matches) != 1:
            problem = "is ambiguous" if matches else "is not in the store"
            raise NotFound(f"commit {revision!r} {problem}", hint=f"see `git -C {self.root} log`")
        return matches[0]

    def commit(self, oid: str) -> commits.Commit:
        """Read a commit."""
        return commits.parse(oid, self.objects.read(oid, b"commit"))

    def _checked(self, snapshot: Snapshot) -> Snapshot:
        """Refuse a repository that is not a store, or one of a newer format."""
        if snapshot.tip is None and (branch := self.refs.head().branch) and self.refs.former(branch):
            raise StoreError(
                f"{branch} of the store at {self.root} is gone",
                hint="`state_manager verify --repair` puts it back where its log says it was",
            )
        if snapshot.tip is None or snapshot.blob_id("format.yaml") is None:
            raise StoreError(
                f"{self.root} is a git repository, but no orchestration store",
                hint="set ORCHESTRATION_STATE_DIR, or --store, to another folder",
            )
        version, _ = version_of(snapshot.load("format"))
        if version < 1:
            raise StoreError(f"{self.root / 'format.yaml'} names no version", hint="restore it with git")
        if version > FORMAT:
            raise StoreError(
                f"the store at {self.root} has format {version}; this program knows up to {FORMAT}",
                hint="upgrade the program: `uv tool upgrade claude-orchestration`",
            )
        return snapshot

    # -- writing

    @contextmanager
    def transaction(self, *, author: str, now: datetime) -> Iterator["Transaction"]:
        """Change the state: what the block does to the transaction becomes one commit.

        `author` is the acting person or agent, `now` an aware time. Nothing is changed when the block
        raises. Conflict when the lock cannot be had, or plain git changed the same files meanwhile.
        """
        if not self.exists:
            from orchestration.store import create

            self.draft = create.begin(self.root, author, now)
            if self.draft is not None:
                self.use(self.draft.git_dir)
        try:
            with self._writing(author, now) as tx:
                yield tx
        finally:
            if self.draft is not None:  # refused, or nothing to do: then nothing is created
                self.draft.discard()
                self.draft = None
                self.use(self.root / ".git")
                self.__dict__.pop("lock", None)

    def publish(self) -> None:
        """Put a new store into its place; for its first transaction, when it has something to commit."""
        if self.draft is not None:
            self.draft.publish()
            self.draft = None
            self.use(self.root / ".git")
            self.lock.path = self.private / "store.lock"  # the file that is held came along
            self._roll_forward()

    @contextmanager
    def _writing(self, author: str, now: datetime) -> Iterator["Transaction"]:
        from orchestration.store import machine
        from orchestration.store.transaction import Transaction

        before = self.snapshot()
        settings: dict[str, Any] = {}
        with contextlib.suppress(InvalidData, StoreError):  # else no write could mend them
            settings = before.load("config", "settings") or {}
        timeout = settings.get("lock_timeout")
        if isinstance(timeout, int | float) and timeout > 0:
            self.lock.timeout = float(timeout)
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(self.lock.held())
            except OSError as error:
                raise StoreError(f"cannot write to the store at {self.root}: {error.strerror}") from None
            branch = self.refs.check_writable()
            behind = self._roll_forward() if self.draft is None else None
            tip = before.tip
            if tip is None or self.refs.read(branch) != tip.oid:
                tip = self.snapshot().tip
            tx = Transaction(
                self, tip, branch, machine.read(self.private), author=author, now=now,
                durable=settings.get("durability") != "fast",
            )  # fmt: skip
            if behind is not None:
                tx.warnings.append(behind)
            yield tx
            tx.commit()
        if tx.tip != tip:
            self._keep_up(settings.get("pack_limit", PACK_LIMIT))

    def _keep_up(self, limit: object) -> None:
        """Have the loose objects packed in the background when there are more than `limit`; 0 is never."""
        if isinstance(limit, int) and 0 < limit < self.objects.count_loose():
            from orchestration.store import upkeep

            upkeep.start(self, limit)

    def _roll_forward(self) -> str | None:
        """Finish what a crash cut off between a commit and its files; returns what keeps it from that."""
        base = self.lock.unfinished
        if base is None:
            return None
        from orchestration.store.lock import EMPTY
        from orchestration.store.worktree import Worktree

        worktree = Worktree(self.root, self.git_dir, self.objects)
        head = self.refs.head().commit
        if head is not None:
            old = None if base == EMPTY else self.commit(base).tree
            try:
                worktree.roll_forward(old, self.commit(head).tree)
            except Conflict as error:
                # the files are in place, git's index is not: the work of this command can go on
                return f"git's index of the store is behind: {error.message}"
        if base == EMPTY:
            from orchestration.store import create

            create.sweep(self.root)
        for left in self.private.glob("checkout-*"):
            left.unlink(missing_ok=True)
        self.lock.done(base)
        return None
