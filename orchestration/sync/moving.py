"""A project that gets a store of its own, with its history and nothing of the others'.

The history is written anew: of each commit what belongs to the project, its sessions and the store as a
whole; commits in which nothing of that changed are left out, messages, authors and times stay. Backups stay
behind, because each holds all projects.
"""

import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from orchestration import ids
from orchestration.errors import NotFound, Refused
from orchestration.store import commits, create, git, layout, machine, trees
from orchestration.store.gitindex import Slot, built
from orchestration.store.index import Index
from orchestration.store.objects import Objects, object_id
from orchestration.store.refs import Refs
from orchestration.store.repo import Store
from orchestration.store.transaction import Transaction
from orchestration.store.trees import Entries, Entry
from orchestration.sync import drivers, labels, remotes, rounds
from orchestration.sync.transport import Transport

_HANDOFFS = "refs/heads/handoff/"
_BATCH = 1000


def move_out(
    store: Store, project: str, target: Path, *, transaction: Callable[[], AbstractContextManager[Transaction]],
    author: str, now: datetime, dry_run: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Move a project with its history into a new store at `target` and return what went.

    In this store one commit takes it away, which can be undone; its history here stays. Refused where
    `target` is a store already.
    """
    rounds.check_store(store)
    ids.check(project, "project")
    snapshot = store.snapshot()
    if project not in snapshot.names("projects"):
        raise NotFound(f"there is no project {project!r}", hint="see `orchestration dashboard`")
    index = Index(store)
    index.catch_up(snapshot)
    sessions = _sessions(index, project)
    branch, tip = store.refs.head()
    assert branch is not None and tip is not None
    new = Store(target)
    if new.exists:
        raise Refused(f"there is a store at {target} already", hint="name an empty folder")
    shared = [one.name for one in remotes.every(store) if labels.known(store, one.name)]
    report = {
        "project": project,
        "store": str(target),
        "sessions": sorted(name for name in sessions if snapshot.exists("sessions", name)),
        "shared_through": shared,
        "dry_run": dry_run,
    }
    if dry_run:
        return {**report, "commits": None}
    with store.lock.held():
        here = machine.read(store.private)
    history = _History(store, project, sessions)

    def fill(git_dir: Path) -> None:
        create.skeleton(git_dir)
        (git_dir / "objects" / "info" / "alternates").write_text(f"{store.git_dir.absolute() / 'objects'}\n")
        head = history.rewrite(Objects(git_dir), Transport(store, str(store.root.absolute())), tip)
        log = f"{commits.COMMITTER} <{commits.COMMITTER}@{here.name}> {int(now.timestamp())} +0000\tmove out {project}"
        refs = Refs(git_dir)
        refs.move(create.BRANCH, None, head, log=log, durable=True)
        for ref, oid in store.refs.below(_HANDOFFS).items():
            if oid in history.new:
                refs.create(ref, history.new[oid], durable=True)
        git.run(git_dir, "--git-dir=.", "repack", "-a", "-d", "-q")
        (git_dir / "objects" / "info" / "alternates").unlink()
        git.run(
            git_dir,
            "--git-dir=.",
            "fsck",
            "--strict",
            "--connectivity-only",
            "--no-dangling",
            "--no-progress",
        )
        files = trees.differences(history.tree_of, None, history.filtered(store.commit(tip).tree))
        (git_dir / "index").write_bytes(
            built((path, Slot(now_there.oid, None)) for path, _, now_there in files if now_there)
        )
        create.check_out_later(git_dir)
        machine.write(git_dir / "orchestration", joined=here.joined, name=here.name)
        create.flush_new(git_dir)

    made = create.begin(target, author, now, fill)
    if made is None:
        raise Refused(f"another process has just created {target}", hint="look at what it holds")
    made.publish()
    own = Store(target)
    drivers.install(own)
    with own.transaction(author=author, now=now):
        pass  # brings the files
    with transaction() as tx:
        for path in _files(tx, project, sessions):
            tx.put(path, None)
        tx.describe("state_deleted", f"move out: project {project} has a store of its own", project=project)
    return {**report, "commits": len(set(history.new.values()))}


def _sessions(index: Index, project: str) -> set[str]:
    """Return the sessions that worked for a project and are of no other one."""
    named = {row[0] for row in index.rows("SELECT DISTINCT session FROM commits WHERE project = ?", project)}
    for path, record in index.documents("sessions", name="session.yaml", problems=[]).items():
        name = path.split("/")[2]
        if record.get("project") == project:
            named.add(name)
        elif record.get("project"):
            named.discard(name)
    return {name for name in named if name and ids.problem(name) is None}


def _files(tx: Transaction, project: str, sessions: Iterable[str]) -> list[str]:
    """Return the files of a project and of its sessions."""
    found = []
    for folder in (f"projects/{project}", *(layout.folder_of("sessions", name) for name in sorted(sessions))):
        entry = tx.entry(folder)
        if entry is not None and entry.is_folder:
            below = trees.differences(tx.read_tree, None, entry.oid, folder + "/")
            found += [path for path, _, new in below if new is not None]
    return found


class _History:
    """The history of one project, made of that of all."""

    def __init__(self, store: Store, project: str, sessions: set[str]) -> None:
        self._store = store
        self._project = project
        self._sessions = sessions
        self._filtered: dict[str, str] = {}
        self._made: dict[str, tuple[str, bytes, bytes]] = {}
        self._trees: dict[str, bytes] = {}
        self.new: dict[str, str] = {}
        """The commits that stand for those of the store."""
        self._tree_of_new: dict[str, str] = {}

    def rewrite(self, objects: Objects, line: Transport, tip: str) -> str:
        """Write the commits that lead to `tip` anew and return what stands for it."""
        line.prepare({})
        for oid in line.oldest_first(tip):
            self._commit(oid)
            if len(self._made) > _BATCH:
                self._flush(objects)
        self._flush(objects)
        return self.new[tip]

    def _flush(self, objects: Objects) -> None:
        objects.write(list(self._made.values()), durable=True)
        self._made.clear()

    def _commit(self, oid: str) -> None:
        commit = self._store.commit(oid)
        tree = self.filtered(commit.tree)
        parents = list(dict.fromkeys(self.new[one] for one in commit.parents if one in self.new))
        if len(parents) == 1 and self._tree_of_new[parents[0]] == tree and not self._is_event(commit):
            self.new[oid] = parents[0]
            return
        raw = self._store.objects.read(oid, b"commit")
        head, _, body = raw.partition(b"\n\n")
        kept = re.sub(rb"(?m)^(?:gpgsig|mergetag)[^\n]*\n(?: [^\n]*\n)*", b"", head + b"\n")
        facts = [row for row in kept.splitlines() if not row.startswith((b"tree ", b"parent "))]
        rows = [b"tree " + tree.encode(), *(b"parent " + one.encode() for one in parents), *facts]
        body = re.sub(rb"(?m)^(Undoes|Joins|Onto): ([0-9a-f]{40})$", self._named, body)
        self.new[oid] = self._add(b"commit", b"\n".join(rows) + b"\n\n" + body)
        self._tree_of_new[self.new[oid]] = tree

    def _named(self, found: "re.Match[bytes]") -> bytes:
        oid = found[2].decode()
        return found[1] + b": " + self.new.get(oid, oid).encode()

    def _is_event(self, commit: commits.Commit) -> bool:
        """Say whether a commit that changes no file tells something of the project."""
        if not commit.parents or self._store.commit(commit.parents[0]).tree != commit.tree:
            return False
        facts = commit.trailers()
        return facts.get("Project") == [self._project] or bool({*facts.get("Session", [])} & self._sessions)

    def filtered(self, tree: str) -> str:
        """Return the tree of what belongs to the project and to the store as a whole."""
        if tree not in self._filtered:
            top = self._entries(tree)
            kept = {
                name: one
                for name, one in top.items()
                if name not in ("projects", "sessions", "conflicts", "purges")
            }
            for name, inner in (("projects", self._projects), ("sessions", self._fans)):
                entry = top.get(name)
                found = inner(self._entries(entry.oid)) if entry and entry.is_folder else {}
                if found:
                    kept[name] = Entry(trees.FOLDER, self._add(b"tree", trees.serialise(found)))
            self._filtered[tree] = self._add(b"tree", trees.serialise(kept))
        return self._filtered[tree]

    def _projects(self, entries: Entries) -> Entries:
        return {name: one for name, one in entries.items() if name == self._project}

    def _fans(self, entries: Entries) -> Entries:
        found: Entries = {}
        for name, entry in entries.items():
            inner = self._entries(entry.oid) if entry.is_folder else {}
            kept = {session: one for session, one in inner.items() if session in self._sessions}
            if kept:
                found[name] = Entry(trees.FOLDER, self._add(b"tree", trees.serialise(kept)))
        return found

    def _entries(self, tree: str) -> Entries:
        return trees.parse(self.tree_of(tree))

    def tree_of(self, oid: str) -> bytes:
        """Return the content of a tree, old or new."""
        if oid in self._trees:
            return self._trees[oid]
        return b"" if oid == trees.EMPTY_TREE else self._store.objects.read(oid, b"tree")

    def _add(self, kind: bytes, data: bytes) -> str:
        oid = object_id(kind, data)
        self._made[oid] = (oid, kind, data)
        if kind == b"tree":
            self._trees[oid] = data
        return oid
