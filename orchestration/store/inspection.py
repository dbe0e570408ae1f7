"""A look at a whole store: references, objects, the text of every record, and the files on disk.

What it needs is the standard library; git itself, where it is installed, adds the objects of the past.
Nothing is changed, and nothing that is damaged stops the look at the rest.
"""

import os
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from orchestration import codec
from orchestration.errors import InvalidData, StoreError
from orchestration.store import fsck, layout, repo, residue, trees
from orchestration.store.catchup import EVERY, Progress
from orchestration.store.commits import Commit
from orchestration.store.findings import BY_REPAIR, BY_SOURCE, Finding
from orchestration.store.git import Watch
from orchestration.store.index import Index
from orchestration.store.layout import Key
from orchestration.store.objects import object_id
from orchestration.store.repo import Store
from orchestration.store.snapshot import on_disk


class Inspection:
    """What was found, and what could be read on the way."""

    def __init__(self, store: Store, *, now: datetime, progress: Watch | None = None) -> None:
        self.store = store
        self.now = now
        self.progress = progress
        """Returns, for a long piece of work, what to call with how far it has come; None when nobody watches."""
        self.found: list[Finding] = []
        self.branch: str | None = None
        self.tip: Commit | None = None
        self.files: dict[str, str] = {}
        """The blob ids of the newest commit's files, by path."""
        self.behind: dict[str, str] = {}
        """The blob ids of files on disk that are as in an older commit, by path."""
        self.records: dict[Key, dict[str, Any]] = {}
        """The records that can be read."""
        self.broken_packs: list[Path] = []
        """Packs that are not as git wrote them."""
        self.damaged: dict[str, str] = {}
        """Objects that cannot be read, and which place each holds."""

    def run(self) -> None:
        """Look at everything."""
        self.look_at_refs()
        residue.look_at_purge(self)
        self.look_at_tip()
        self.look_at_format()
        self.look_at_records()
        self.look_at_files()
        residue.look_at_index(self)
        residue.look_at_leftovers(self)
        fsck.look_at_packs(self)
        fsck.look_at_history(self)

    def note(self, kind: str, severity: str, place: str, problem: str, fix: str) -> None:
        """Note a finding."""
        self.found.append(Finding(kind, severity, place, problem, fix))

    def _report(self, what: str) -> Progress | None:
        return self.progress(what) if self.progress else None

    # -- references

    def look_at_refs(self) -> None:
        """Check that HEAD, branches and tags lead to objects."""
        root, refs = self.store.root, self.store.refs
        try:
            head = refs.head()
            self.branch = head.branch
            if head.branch is None:
                fix = f"`git -C {root} switch main`; until then every write is refused"
                self.note("refs", "warning", "HEAD", "is detached: it names a commit, no branch", fix)
            elif head.commit is None:
                self.note("refs", "error", head.branch, "is gone, and HEAD names it", BY_REPAIR)
            elif self.lost() is not None:
                problem = f"lost its newest commits: it is read from packed-refs, as {head.commit[:12]}"
                self.note("refs", "error", head.branch, problem, BY_REPAIR)
        except StoreError as error:
            self.branch = self._named_by_head()
            place = self.branch or "HEAD"
            fix = BY_REPAIR if self.branch else f"write `ref: refs/heads/main` into {root}/.git/HEAD"
            self.note("refs", "error", place, error.message, fix)
        for name in refs.names():
            if name == self.branch:
                continue
            try:
                oid = refs.read(name)
                if oid is not None:
                    self.store.objects.find(oid)
            except StoreError as error:
                fix = f"`git -C {root} update-ref -d {name}` removes it; its history is untouched"
                self.note("refs", "error", name, error.message, fix)

    def lost(self) -> str | None:
        """Return the commit that the branch of HEAD stood at when its file was lost or damaged, else None."""
        if self.branch is None:
            return None
        try:
            now = self.store.refs.read(self.branch)
        except StoreError:
            now = None
        if now is not None and (self.store.git_dir / self.branch).exists():
            return None
        for oid in self.store.refs.former(self.branch):
            if oid == now:
                return None
            try:
                self.store.snapshot(oid)
                return oid
            except StoreError:
                continue
        return None

    def _named_by_head(self) -> str | None:
        try:
            with open(self.store.git_dir / "HEAD", encoding="utf-8", errors="replace") as file:
                text = file.read().strip()
        except OSError:
            return None
        return text.removeprefix("ref: ") if text.startswith("ref: refs/") else None

    # -- the newest commit

    def look_at_tip(self) -> None:
        """Read and check every object that the newest commit leads to."""
        try:
            oid = self.store.refs.head().commit
        except StoreError:
            return  # told already
        if oid is None:
            return
        try:
            self.tip = self.store.commit(oid)
        except StoreError as error:
            self._damage(oid, f"commit {oid[:12]}, the newest", error)
            return
        self._walk(self.tip.tree, "")

    def look_at_format(self) -> None:
        """Check that this program may read the store at all."""
        if self.tip is None or self.damaged:
            return
        try:
            version = repo.version_of(self.store.snapshot().load("format"))
            if version < (repo.FORMAT, repo.MINOR):
                problem = f"names format {version[0]}.{version[1]}, which is not the newest"
                self.note(
                    "structure",
                    "hint",
                    "format.yaml",
                    problem,
                    "`orchestration upgrade` when all can read it",
                )
        except StoreError as error:
            self.note("structure", "error", "format.yaml", error.message, error.hint or "restore it with git")

    def _walk(self, tree: str, prefix: str) -> None:
        try:
            entries = trees.parse(self.store.objects.read(tree, b"tree") if tree != trees.EMPTY_TREE else b"")
        except StoreError as error:
            self._damage(tree, f"{prefix or 'the top folder'}", error)
            return
        for name, entry in entries.items():
            path = prefix + name
            if entry.is_folder:
                self._walk(entry.oid, f"{path}/")
            elif entry.is_file:
                self.files[path] = entry.oid
                try:
                    self.store.objects.read(entry.oid, b"blob")
                except StoreError as error:
                    self._damage(entry.oid, path, error)
            else:
                fix = f"take it out with `git -C {self.store.root} rm --cached {path}`"
                self.note("files", "warning", path, "is a link or a repository, not an ordinary file", fix)

    def _damage(self, oid: str, place: str, error: StoreError) -> None:
        self.damaged[oid] = place
        self.note("objects", "error", place, error.message, BY_SOURCE)

    def look_at_records(self) -> None:
        """Parse every record of the newest commit."""
        report = self._report("reading records")
        for number, (path, oid) in enumerate(self.files.items(), 1):
            if report and (number % EVERY == 0 or number == len(self.files)):
                report(number, len(self.files))
            key = layout.key_of(path)
            if key is None and path.endswith(layout.SUFFIX):
                fix = "leave it, or move it: it is not read"
                self.note("structure", "hint", path, "is where no record of the store can be", fix)
            if key is None or oid in self.damaged:
                continue
            try:
                data = self.store.documents.read(oid, path)
                if not isinstance(data, dict):
                    raise InvalidData(f"{path} does not hold a mapping")
                self.records[key] = data
            except InvalidData as error:
                problem = error.message.removeprefix(f"{path}, ").removeprefix(f"{path} ")
                self.note("syntax", "error", path, problem, self._way_back(path))

    def _way_back(self, path: str) -> str:
        """Return the command that brings back the newest version of a file that parses."""
        for commit, blob in self.versions(path):
            if blob is None:
                continue
            try:
                if isinstance(self.store.documents.read(blob, path), dict):
                    return f"mend it, or `git -C {self.store.root} checkout {commit[:12]} -- {path}`"
            except (InvalidData, StoreError):
                continue
        return "mend it with an editor"

    def versions(self, path: str) -> list[tuple[str, str | None]]:
        """Return the commits that touched a file and the blob each made it, newest first."""
        if self.tip is None:
            return []
        try:
            return self.index.versions(path)
        except StoreError:
            return []  # history has holes

    @cached_property
    def index(self) -> Index:
        """The derived index; StoreError when the history has holes."""
        index = Index(self.store)
        index.catch_up(self.store.snapshot(), self._report("reading history"))
        return index

    # -- the files on disk

    def look_at_files(self) -> None:
        """Compare the files on disk with the newest commit."""
        root = self.store.root
        for path, oid in self.files.items():
            try:
                disk = on_disk(root, path)
            except StoreError as error:
                self.note("files", "error", path, error.message, error.hint or "make it readable")
                continue
            if disk is None:
                fix = f"`git -C {root} checkout -- {path}`, else the next write to it commits the deletion"
                self.note("files", "warning", path, "is deleted on disk", fix)
            elif object_id(b"blob", disk) != oid:
                self._differing(path, disk)
        for path in self._strays():
            fix = "the next write to this record commits it first; delete it if it is not meant"
            self.note("files", "warning", path, "is on disk, but in no commit", fix)

    def _differing(self, path: str, content: bytes) -> None:
        disk = object_id(b"blob", content)
        older = [commit for commit, blob in self.versions(path) if blob == disk]
        if older:
            self.behind[path] = disk
            self.note("files", "warning", path, f"is behind: it is as in {older[0][:12]}", BY_REPAIR)
            return
        drop = f"`git -C {self.store.root} checkout -- {path}` drops the edit"
        if layout.key_of(path):
            try:
                codec.load(content, name=path)
            except InvalidData as error:
                problem = f"was edited by hand and cannot be read: {error.message}"
                self.note("files", "error", path, problem, f"mend it; {drop}")
                return
        fix = f"the next write to it commits the edit; {drop}"
        self.note("files", "warning", path, "was edited by hand", fix)

    def _strays(self) -> list[str]:
        root = str(self.store.root)
        found = []
        for top in ("config", "tools", "projects", "sessions", "conflicts"):
            for folder, _, names in os.walk(f"{root}/{top}"):
                paths = (os.path.relpath(f"{folder}/{name}", root) for name in names)
                found += [path for path in paths if path not in self.files and layout.key_of(path)]
        return sorted(found)
