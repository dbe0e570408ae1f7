"""The branch that HEAD names, and moving it by compare-and-swap.

Done with the standard library: git's own protocol is a few lines (take `<ref>.lock`, compare,
rename), and importing dulwich for it would cost a command line call more
than everything else it does.
"""

import os
from pathlib import Path
from typing import NamedTuple

from orchestration.errors import Refused, StoreError
from orchestration.store import gitlock
from orchestration.store.objects import flush_folder, write_whole

_LOCK_WAIT = 5.0


class Head(NamedTuple):
    """Where HEAD points: the branch (None when detached) and its commit (None when unborn)."""

    branch: str | None
    commit: str | None


class Refs:
    """The references of one repository."""

    def __init__(self, git_dir: Path) -> None:
        self.git_dir = git_dir
        self.private = git_dir / "orchestration"

    def head(self) -> Head:
        """Read HEAD."""
        text = self._read("HEAD")
        if text is None:
            raise StoreError(f"{self.git_dir} has no HEAD", hint="is it a git repository?")
        if text.startswith("ref: "):
            branch = text[5:].strip()
            return Head(branch, self.read(branch))
        return Head(None, self._checked("HEAD", text))

    def read(self, name: str) -> str | None:
        """Return the commit id a full reference name stands for, or None."""
        text = self._read(name)
        if text is not None:
            return self._checked(name, text)
        packed = self._read("packed-refs")
        for line in (packed or "").splitlines():
            oid, _, ref = line.partition(" ")
            if ref == name:
                return self._checked(name, oid)
        return None

    def _read(self, name: str) -> str | None:
        try:
            return (self.git_dir / name).read_text("utf-8", "replace").strip()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise StoreError(f"cannot read {self.git_dir / name}: {error.strerror}") from None

    def _checked(self, name: str, text: str) -> str:
        if len(text) != 40 or text.strip("0123456789abcdef"):
            raise StoreError(
                f"{name} of the store at {self.git_dir.parent} is damaged: it names no commit",
                hint="`state_manager verify` says how to mend it",
            )
        return text

    def check_writable(self) -> str:
        """Return the branch that a write goes to; Refused while git is in the middle of something."""
        where = f"git -C {self.git_dir.parent}"
        branch = self.head().branch
        for name, command in (
            ("MERGE_HEAD", "merge --abort"),
            ("rebase-merge", "rebase --abort"),
            ("rebase-apply", "rebase --abort"),
            ("CHERRY_PICK_HEAD", "cherry-pick --abort"),
            ("REVERT_HEAD", "revert --abort"),
        ):
            if (self.git_dir / name).exists():
                raise Refused(
                    f"git is in the middle of a {command.split()[0]} in the store",
                    hint=f"finish it there, or run `{where} {command}`",
                )
        if branch is None:
            raise Refused(
                "the store's HEAD is detached; writes need a branch", hint=f"run `{where} switch main`"
            )
        return branch

    def move(self, name: str, old: str | None, new: str, *, log: str, durable: bool) -> bool:
        """Move `name` from `old` to `new`; False, and nothing moved, when it is not at `old`.

        `log` is the reflog line after the two ids. Conflict when git holds the lock for too long.
        """
        path = str(self.git_dir / name)

        def make() -> bytes | None:
            if self.read(name) != old:
                return None
            self._append_log(name, f"{old or '0' * 40} {new} {log}\n")
            return new.encode() + b"\n"

        return gitlock.replace(path, make, private=self.private, wait=_LOCK_WAIT, durable=durable)

    def create(self, name: str, oid: str, *, durable: bool) -> bool:
        """Make a reference; False, and nothing made, when there is one of this name."""

        def make() -> bytes | None:
            return oid.encode() + b"\n" if self.read(name) is None else None

        path = self.git_dir / name
        made = gitlock.replace(str(path), make, private=self.private, wait=_LOCK_WAIT, durable=durable)
        if made and durable:  # the folders may be new as well
            for folder in path.parents[1 : name.count("/")]:
                flush_folder(str(folder))
        return made

    def follow(self, name: str, oid: str) -> None:
        """Let a reference that only notes where something else stands, such as a remote's branch, name `oid`."""

        def make() -> bytes | None:
            return oid.encode() + b"\n" if self.read(name) != oid else None

        gitlock.replace(str(self.git_dir / name), make, private=self.private, wait=_LOCK_WAIT, durable=False)

    def below(self, prefix: str) -> dict[str, str]:
        """Return the references whose full names begin with `prefix`, which ends in a slash, by name."""
        found = {}
        for line in (self._read("packed-refs") or "").splitlines():
            oid, _, name = line.partition(" ")
            if name.startswith(prefix):
                found[name] = oid
        for folder, folders, names in os.walk(self.git_dir / prefix):
            folders.sort()
            for file in names:
                name = f"{prefix}{os.path.relpath(f'{folder}/{file}', self.git_dir / prefix)}"
                if not file.endswith(".lock") and (oid := self.read(name) or ""):
                    found[name] = oid
        return {name: self._checked(name, oid) for name, oid in sorted(found.items())}

    def names(self) -> list[str]:
        """Return the full names of all references, whatever they hold."""
        lines = (self._read("packed-refs") or "").splitlines()
        found = {line[41:] for line in lines if line[41:].startswith("refs/")}
        for folder, _, files in os.walk(self.git_dir / "refs"):
            place = os.path.relpath(folder, self.git_dir)
            found.update(f"{place}/{file}" for file in files if not file.endswith(".lock"))
        return sorted(found)

    def former(self, name: str) -> list[str]:
        """Return the commits that a reference stood at, newest first, as far as its log or HEAD's says."""
        lines: list[str] = []
        for log in (name, "HEAD"):
            lines += reversed((self._read(f"logs/{log}") or "").splitlines())
        found = (line[41:81] for line in lines)
        return list(dict.fromkeys(oid for oid in found if len(oid) == 40 and oid.strip("0")))

    def _append_log(self, name: str, line: str) -> None:
        for ref in (name, "HEAD"):
            path = str(self.git_dir / "logs" / ref)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            try:
                fd = os.open(path, flags, 0o644)
            except FileNotFoundError:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                fd = os.open(path, flags, 0o644)
            try:
                write_whole(fd, line.encode())
            finally:
                os.close(fd)
