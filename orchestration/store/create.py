"""Creating a store where there is none."""

import os
import shutil
from datetime import datetime
from pathlib import Path

from orchestration.errors import StoreError
from orchestration.store import commits, machine, template, trees
from orchestration.store.gitindex import Slot, built
from orchestration.store.lock import EMPTY
from orchestration.store.objects import Objects, flush, flush_folder, object_id
from orchestration.store.refs import Refs

BRANCH = "refs/heads/main"
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


def create(root: Path, author: str, now: datetime) -> None:
    """Create the store. Built aside and renamed into place, so that it is there whole or not at all."""
    git_dir = root / ".git"
    try:
        root.mkdir(parents=True, exist_ok=True)
        aside = root / f".creating-{os.urandom(4).hex()}"
        (aside / "orchestration").mkdir(parents=True)
    except OSError as error:
        raise StoreError(f"cannot create the store at {root}: {error.strerror}") from None
    try:
        _fill(aside, author, now)
        aside.rename(git_dir)
        flush_folder(str(root))
    except OSError as error:
        if not git_dir.is_dir():  # otherwise somebody else created it in the same moment: theirs stands
            raise StoreError(f"cannot create the store at {root}: {error.strerror}") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def sweep(root: Path) -> None:
    """Remove what killed creators left; for the first writer, under the lock."""
    for left in root.glob(".creating-*"):
        shutil.rmtree(left, ignore_errors=True)


def _fill(git_dir: Path, author: str, now: datetime) -> None:
    for name in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info"):
        (git_dir / name).mkdir(parents=True)
    for number in range(256):  # now, so that no write has to make and flush them
        (git_dir / "objects" / f"{number:02x}").mkdir()
    (git_dir / "HEAD").write_text(f"ref: {BRANCH}\n")
    (git_dir / "config").write_text(_CONFIG)
    ignored = "".join(f"*{ending}\n!*{ending}/\n" for ending in _EARLIER_FILES)
    (git_dir / "info" / "exclude").write_text(f"/.creating-*/\n{ignored}")
    (git_dir / "description").write_text("State of AI development teams, kept by orchestration\n")
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
    # the next writer finds this note in the lock and writes the files of the first commit
    (git_dir / "orchestration" / "store.lock").write_text(f"{os.getpid()}\n{EMPTY}\n")
    line = f"{commits.COMMITTER} <{commits.COMMITTER}@{name}> {when} +0000\tstore: create"
    # names the folder's inode, which renaming keeps
    machine.write(git_dir / "orchestration", joined=False, name=name)
    Refs(git_dir).move(BRANCH, None, oid, log=line, durable=True)
    for name in ("HEAD", "config", "index", "orchestration/store.lock"):
        with open(git_dir / name, "rb") as file:
            flush(file.fileno())
    for folder in (git_dir / "objects", git_dir / "orchestration", git_dir / "refs", git_dir):
        flush_folder(str(folder))
