"""Creating a store where there is none."""

import fcntl
import os
import shutil
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from orchestration.errors import Conflict, StoreError
from orchestration.store import commits, machine, template, trees
from orchestration.store.gitindex import Slot, built
from orchestration.store.lock import EMPTY
from orchestration.store.objects import Objects, flush, flush_folder, object_id
from orchestration.store.refs import Refs

BRANCH = "refs/heads/main"
_WAIT = 10.0
_CONFIG = """\
[core]
	repositoryformatversion = 0
	filemode = true
	bare = false
	logAllRefUpdates = always
	autocrlf = false
	fsync = committed
[gc]
	auto = 0
	pruneExpire = never
[maintenance]
	auto = false
"""
# What the earlier JSON implementation left in the same place: it stays there, ignored by git.
_EARLIER_FOLDERS = frozenset({"sessions", "shared", "backups", "events", "logs", "locks"})
_EARLIER_FILES = (".json", ".jsonl", ".lock", ".log", ".bak", ".tmp")


def check_free(root: Path) -> None:
    """Raise StoreError unless the place is empty or holds only files of the earlier implementation."""
    if not root.is_dir():
        raise StoreError(f"{root} is not a folder", hint="set ORCHESTRATION_STATE_DIR to a folder")
    for folder, folders, files in os.walk(root):
        top = Path(folder) == root
        strange = [name for name in files if not name.endswith(_EARLIER_FILES) and name != ".DS_Store"]
        if top:
            known = _EARLIER_FOLDERS | {name for name in folders if name.startswith(".creating-")}
            strange += sorted(set(folders) - known)
            folders[:] = [name for name in folders if name in _EARLIER_FOLDERS]
        if strange:
            raise StoreError(
                f"{root} is not a store and not empty: it holds {strange[0]!r}",
                hint="set ORCHESTRATION_STATE_DIR, or --store, to another folder",
            )


Fill = Callable[[Path], None]
"""Makes the repository of a new store in a folder of its own."""


def begin(root: Path, author: str, now: datetime, fill: Fill | None = None) -> "Draft | None":
    """Start to create a store; None when somebody else has created it meanwhile.

    `fill` makes its content, by default that of `state-repo-template/` as the first commit.

    Creators wait for each other: the folder itself is their lock.
    """
    made = [folder for folder in (root, *root.parents) if not folder.exists()]
    deadline = time.monotonic() + _WAIT
    try:
        while True:
            root.mkdir(parents=True, exist_ok=True)
            fd = os.open(root, os.O_RDONLY | os.O_CLOEXEC)
            if _locked(fd, root):
                break
            os.close(fd)
            if time.monotonic() > deadline:
                raise Conflict(
                    f"another process has been creating {root} for {_WAIT:g} seconds", hint="try again"
                )
            time.sleep(0.005)
        if (root / ".git").is_dir():
            os.close(fd)
            return None
        return Draft(root, fd, made, fill or (lambda git_dir: _fill(git_dir, author, now)))
    except OSError as error:
        raise _failure(root, error) from None


def _locked(fd: int, root: Path) -> bool:
    """Take the lock of creators if it is free; False as well when the folder was taken away meanwhile."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(fd).st_ino == root.stat().st_ino
    except (BlockingIOError, FileNotFoundError):
        return False


class Draft:
    """A new store, built aside and renamed into place: it is there whole or not at all."""

    def __init__(self, root: Path, lock: int, made: list[Path], fill: Fill) -> None:
        self.root = root
        self.git_dir = root / f".creating-{os.urandom(4).hex()}"
        self._lock = lock
        self._made = made
        try:
            (self.git_dir / "orchestration").mkdir(parents=True)
            fill(self.git_dir)
        except BaseException:
            self.discard()
            raise

    def publish(self) -> None:
        """Put the store into its place."""
        try:
            self.git_dir.rename(self.root / ".git")
            flush_folder(str(self.root))
        except OSError as error:
            raise _failure(self.root, error) from None
        os.close(self._lock)

    def discard(self) -> None:
        """Leave nothing behind of a store that was not published."""
        shutil.rmtree(self.git_dir, ignore_errors=True)
        for folder in self._made:
            try:
                folder.rmdir()
            except OSError:
                break  # in use by now
        os.close(self._lock)


def _failure(root: Path, error: OSError) -> StoreError:
    return StoreError(f"cannot create the store at {root}: {error.strerror}")


def sweep(root: Path) -> None:
    """Remove what killed creators left; for the first writer, under the lock."""
    for left in root.glob(".creating-*"):
        shutil.rmtree(left, ignore_errors=True)


def skeleton(git_dir: Path) -> None:
    """Make the folders and the configuration of a repository without commits."""
    for name in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info"):
        (git_dir / name).mkdir(parents=True)
    for number in range(256):  # now, so that no write has to make and flush them
        (git_dir / "objects" / f"{number:02x}").mkdir()
    (git_dir / "HEAD").write_text(f"ref: {BRANCH}\n")
    (git_dir / "config").write_text(_CONFIG)
    ignored = "".join(f"*{ending}\n!*{ending}/\n" for ending in _EARLIER_FILES)
    (git_dir / "info" / "exclude").write_text(f"/.creating-*/\n{ignored}")
    (git_dir / "description").write_text("State of AI development teams, kept by orchestration\n")


def check_out_later(git_dir: Path, base: str = EMPTY) -> None:
    """Leave a note in the lock, so that the next writer brings the files from commit `base` to the branch's."""
    (git_dir / "orchestration" / "store.lock").write_text(f"{os.getpid()}\n{base}\n")


def _fill(git_dir: Path, author: str, now: datetime) -> None:
    skeleton(git_dir)
    name = machine.draw()
    files = template.files()
    blobs = {path: object_id(b"blob", data) for path, data in files.items()}
    tree, made = trees.apply(lambda _: b"", None, blobs)
    text = commits.message(
        "store: create", {"Op": "store_created", "At": now.isoformat().replace("+00:00", "Z")}
    )
    who = commits.Author(author, f"{author.replace(' ', '.')}@{name}")
    when = int(now.timestamp())
    commit = commits.serialise(tree, [], who, when, name, text)
    oid = object_id(b"commit", commit)
    blobs_made = [(blobs[path], b"blob", data) for path, data in files.items()]
    Objects(git_dir).write([*blobs_made, *made, (oid, b"commit", commit)], durable=True)
    (git_dir / "index").write_bytes(built((path, Slot(blob, None)) for path, blob in blobs.items()))
    check_out_later(git_dir)
    line = f"{commits.COMMITTER} <{commits.COMMITTER}@{name}> {when} +0000\tstore: create"
    # names the folder's inode, which renaming keeps
    machine.write(git_dir / "orchestration", joined=False, name=name)
    Refs(git_dir).move(BRANCH, None, oid, log=line, durable=True)
    flush_new(git_dir)


def flush_new(git_dir: Path) -> None:
    """Make the files of a new repository survive power loss."""
    for name in ("HEAD", "config", "index", "orchestration/store.lock"):
        with open(git_dir / name, "rb") as file:
            flush(file.fileno())
    for folder in (git_dir / "objects", git_dir / "orchestration", git_dir / "refs", git_dir):
        flush_folder(str(folder))
