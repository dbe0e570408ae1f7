"""What git's index holds beside the commit, and what killed processes left behind."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.store import git, gitindex, upkeep
from orchestration.store.findings import BY_REPAIR
from orchestration.store.gitindex import GitIndex

if TYPE_CHECKING:
    from orchestration.store.inspection import Inspection
    from orchestration.store.repo import Store

_STALE = 3600.0
_OURS = ("orchestration/store.lock", "orchestration/upkeep.lock")
"""Files that are always there: the lock is on them, not their presence."""


# -- git's index


def look_at_index(inspection: "Inspection") -> None:
    """Compare git's index with the newest commit."""
    if inspection.tip is None:
        return
    store = inspection.store
    data = GitIndex(store.git_dir).read()
    try:
        staged = gitindex.entries(data)
    except (gitindex.Unusual, ValueError, IndexError):
        if gitindex.is_torn(data):  # `git ls-files` does not look at the checksum
            inspection.note("index", "error", ".git/index", "is damaged: its checksum is wrong", BY_REPAIR)
            return
        try:
            git.run(store.root, "ls-files", "--stage")
        except git.GitFailed as error:
            inspection.note("index", "error", ".git/index", f"is damaged: {error.message}", BY_REPAIR)
        except git.NoGit:
            inspection.note("index", "hint", ".git/index", "was not checked: it is not of version 2", "")
        return
    differing = [
        path
        for path in sorted({*staged, *inspection.files})
        if staged.get(path) != inspection.files.get(path)
    ]
    if not differing:
        return
    shown = ", ".join(differing[:3]) + (f" and {len(differing) - 3} more" if len(differing) > 3 else "")
    if all(_is_behind(inspection, path, staged.get(path)) for path in differing):
        problem = f"is behind the commit in {shown}"
        inspection.note("index", "warning", ".git/index", problem, BY_REPAIR)
    else:
        fix = f"`git -C {store.root} commit`, or `git -C {store.root} reset` to unstage"
        inspection.note("index", "warning", ".git/index", f"holds staged changes of {shown}", fix)


def _is_behind(inspection: "Inspection", path: str, staged: str | None) -> bool:
    """Say whether the index holds a former version of a file, and not what a person staged."""
    if staged is None:
        # a person who stages a deletion deletes the file as well
        return os.path.lexists(f"{inspection.store.root}/{path}")
    return any(blob == staged for _, blob in inspection.versions(path))


# -- what is left behind


def look_at_purge(inspection: "Inspection") -> None:
    """Name a purge, or a rejoining, that was cut off: a part of the former history may still be there."""
    try:
        with open(inspection.store.private / "purge", encoding="ascii", errors="replace") as file:
            kind = file.readline().partition(" ")[0].strip()
    except OSError:
        return
    command = "state_manager sync --rejoin" if kind == "rejoin" else "state_manager purge"
    fix = f"`{command}` again finishes it"
    inspection.note("leftovers", "error", "the history", f"a {kind or 'purge'} was cut off", fix)


def look_at_leftovers(inspection: "Inspection") -> None:
    """Name temporary files, locks, and work that was cut off."""
    store = inspection.store
    if unfinished(store):
        problem = "a write ended before the files on disk were up to date"
        inspection.note("files", "warning", "store.lock", problem, f"the next write does it, or {BY_REPAIR}")
    now = inspection.now.timestamp()
    for path in upkeep.leftovers(store):
        age = _age(path, now)
        if age > _STALE:
            place = str(path.relative_to(store.root))
            problem = f"is a temporary file, {_hours(age)} old, of a process that died"
            inspection.note("leftovers", "warning", place, problem, BY_REPAIR)
    for path, ours in locks(store):
        place = str(path.relative_to(store.root))
        if ours and _is_writing(store):
            continue
        if ours:
            inspection.note("leftovers", "warning", place, "is a lock of a write that died", BY_REPAIR)
            continue
        holder = _holder(path)
        if holder is not None:
            inspection.note("leftovers", "hint", place, f"is held by process {holder}", "wait until it ends")
            continue
        problem = "is a lock of git, or of a program like it, that no process here has open"
        fix = f"if no git command is running there, `rm {path}`"
        inspection.note("leftovers", "warning", place, problem, fix)


def unfinished(store: "Store") -> bool:
    """Say whether a write was cut off between its commit and the files on disk."""
    try:
        with open(store.private / "store.lock", encoding="ascii", errors="replace") as file:
            lines = file.read(200).split("\n")
    except OSError:
        return False
    return len(lines) > 2 and len(lines[1]) == 40 and not _is_writing(store)


def _is_writing(store: "Store") -> bool:
    """Say whether a process holds the store's lock at this moment."""
    try:
        with open(store.private / "store.lock", "rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        pass  # no lock file yet, or not to be opened
    return False


def locks(store: "Store") -> Iterator[tuple[Path, bool]]:
    """Yield the lock files in the repository, and whether a write of ours left each."""
    drafts = {_identity(path) for path in store.private.glob("*.draft")}
    for folder, folders, files in os.walk(store.git_dir):
        folders.sort()
        for name in sorted(files):
            if not name.endswith(".lock"):
                continue
            path = Path(folder, name)
            if str(path.relative_to(store.git_dir)) not in _OURS:
                yield path, _identity(path) in drafts


def _identity(path: Path) -> tuple[int, int]:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return 0, 0
    return found.st_dev, found.st_ino


def _holder(path: Path) -> str | None:
    """Return the process that has a file open, where the system tells (Linux)."""
    identity = _identity(path)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            for fd in (process / "fd").iterdir():
                found = fd.stat()
                if (found.st_dev, found.st_ino) == identity:
                    return process.name
        except OSError:
            continue  # ended, or somebody else's
    return None


def _age(path: Path, now: float) -> float:
    try:
        return now - path.lstat().st_mtime
    except FileNotFoundError:
        return 0.0


def _hours(seconds: float) -> str:
    hours = int(seconds // 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours" if hours > 1 else "an hour"
