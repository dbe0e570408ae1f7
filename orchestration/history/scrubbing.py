"""What is left of a former history once the branches stand for a new one, taken out of a store.

Objects that nothing leads to go at once, with every file that was computed from them; logs, notes of this
machine and the files on disk name what is new. All of it can be done again: after a crash it is.
"""

import contextlib
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from orchestration.history.erasing import Erasure
from orchestration.store import git, trees
from orchestration.store.gitindex import GitIndex
from orchestration.store.objects import object_id
from orchestration.store.repo import Store

_COMPUTED = (
    "index.sqlite-wal", "index.sqlite-shm", "index.sqlite", "journal", "journal.old", "cache", "status",
    "transport", "damaged",
)  # fmt: skip
"""What lies in `.git/orchestration` and is made again, or is a damaged part of the former history."""
_PASSING = ("checkout-*", "source-*")
_LOCKS = ("store.lock", "upkeep.lock", "syncing", "machine")
_REBUILT = {("orchestration", name) for name in _COMPUTED}
_OBJECTS = ("objects", "refs", "logs", "index", "HEAD", "packed-refs")
MARK = "purge"
"""The note in `.git/orchestration` that a history is being exchanged: a line `OLD NEW` for each new commit."""
_TRANSIENT = (
    "FETCH_HEAD", "ORIG_HEAD", "AUTO_MERGE", "COMMIT_EDITMSG", "MERGE_MSG", "SQUASH_MSG", "TAG_EDITMSG",
    "BISECT_LOG", "gitk.cache",
)  # fmt: skip
_ID = re.compile(rb"(?<![0-9a-f])[0-9a-f]{12,40}(?![0-9a-f])")
_LOGGED = re.compile(rb"(?P<old>[0-9a-f]{40}) (?P<new>[0-9a-f]{40}) (?P<rest>.*)\Z", re.DOTALL)
_NONE = b"0" * 40

New = Mapping[str, str]
"""From the commits and tags of before to those that stand for them."""


# -- what the logs know


def logged(store: Store) -> set[str]:
    """Return all that the logs of references name."""
    found: set[str] = set()
    for path in _files(store.git_dir / "logs"):
        for line in path.read_bytes().splitlines():
            if match := _LOGGED.match(line):
                found |= {match["old"].decode(), match["new"].decode()}
    return found - {_NONE.decode()}


def logs(store: Store, new: New, erasure: Erasure | None, renamed: Mapping[str, str]) -> None:
    """Let the logs of references name what is new; `renamed` are references that have another name now."""
    for path in _files(store.git_dir / "logs"):
        name = path.relative_to(store.git_dir / "logs").as_posix()
        target = store.git_dir / "logs" / renamed.get(name, name)
        lines = path.read_bytes().splitlines(keepends=True)
        kept = [made for line in lines if (made := _line(line, new, erasure)) is not None]
        if kept != lines or target != path:
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target, b"".join(kept))
        if target != path:
            path.unlink()
            _tidy(path.parent, store.git_dir / "logs")


def _line(line: bytes, new: New, erasure: Erasure | None) -> bytes | None:
    found = _LOGGED.match(line)
    if found is None:
        return None
    old, now = (new.get(found[part].decode(), "").encode() for part in ("old", "new"))
    rest = found["rest"] if erasure is None else erasure.logged(found["rest"])
    if not now and found["new"] != _NONE:
        return None  # what it led to is not there
    return b"%s %s %s" % (old or _NONE, now or _NONE, _named(rest, new))


def _named(data: bytes, new: New) -> bytes:
    def one(found: "re.Match[bytes]") -> bytes:
        text = found[0].decode()
        if len(text) == 40:
            return new.get(text, text).encode()
        whole = [now for old, now in new.items() if old.startswith(text)]
        return whole[0][: len(text)].encode() if len(whole) == 1 else found[0]

    return _ID.sub(one, data)


# -- files


def repository(store: Store, new: New, erasure: Erasure | None, *, there: bool) -> list[str]:
    """Clean the files of the repository beside objects, references, logs and index; returns those changed.

    `there` says that remotes have the new history as well.
    """
    for name in _TRANSIENT:
        (store.git_dir / name).unlink(missing_ok=True)
    for name in _COMPUTED:
        _remove(store.private / name)
    for pattern in _PASSING:
        for path in store.private.glob(pattern):
            _remove(path)
    changed = []
    if erasure is not None:
        for path in list(_files(store.git_dir)):
            top = path.relative_to(store.git_dir).parts[0]
            if top not in (*_OBJECTS, "orchestration"):
                changed += _cleaned(store, path, erasure.raw)
    for path in list(_files(store.private)):
        name = path.relative_to(store.private).parts[0]
        if name in _LOCKS or name == MARK:
            continue
        data = path.read_bytes() if erasure is None else erasure.blob(path.read_bytes())
        if there or name != "remotes":  # else what a server had is still what it has
            data = _named(data, new)
        if data != path.read_bytes():
            _replace(path, data)
    if erasure is not None:
        _rename(store.private, erasure)
    return changed


def working(store: Store, erasure: Erasure) -> list[str]:
    """Clean the files of the store that are in no commit, or were edited by hand; returns those changed."""
    changed = []
    for path in list(_files(store.root, without=store.git_dir)):
        changed += _cleaned(store, path, erasure.blob)
    _rename(store.root, erasure, without=store.git_dir)
    return changed


def holding(store: Store, erasure: Erasure) -> list[str]:
    """Return the files that are in no commit, or were edited by hand, and hold the value, by their names now."""
    committed = {}
    for one in trees.differences(store.snapshot().read_tree, None, _tree(store)):
        committed[one.path] = one.new.oid if one.new else ""
    found = []
    for path in _files(store.root, without=store.git_dir):
        name, data = str(path.relative_to(store.root)), path.read_bytes()
        if committed.get(name) != object_id(b"blob", data) and erasure.is_in(data):
            found.append(name)
    for path in _files(store.git_dir):
        top = path.relative_to(store.git_dir).parts
        if top[0] not in _OBJECTS and top[:2] not in _REBUILT and erasure.is_in(path.read_bytes()):
            found.append(str(path.relative_to(store.root)))
    return sorted(map(erasure.text, found))


def _tree(store: Store) -> str | None:
    tip = store.snapshot().tip
    return tip.tree if tip else None


def _cleaned(store: Store, path: Path, clean: Callable[[bytes], bytes]) -> list[str]:
    data = path.read_bytes()
    new = clean(data)
    if new == data:
        return []
    _replace(path, new)
    return [str(path.relative_to(store.root))]


def _replace(path: Path, data: bytes) -> None:
    aside = path.with_name(f".{os.getpid()}.tmp~")
    aside.write_bytes(data)
    if path.exists():
        old = path.stat()
        aside.chmod(stat.S_IMODE(old.st_mode))
        os.utime(aside, ns=(old.st_atime_ns, old.st_mtime_ns))  # some tell by it when somebody was there
    aside.replace(path)


def _rename(top: Path, erasure: Erasure, *, without: Path | None = None) -> None:
    """Give files and folders whose names hold the value other names."""
    for folder, folders, files in os.walk(top, topdown=False):
        if without is not None and Path(folder).is_relative_to(without):
            continue
        for name in (*files, *folders):
            new = _plain(name, erasure)
            if new != name and not os.path.lexists(f"{folder}/{new}"):
                Path(folder, name).rename(f"{folder}/{new}")


def _plain(name: str, erasure: Erasure) -> str:
    try:
        return erasure.raw(os.fsencode(name)).decode("utf-8", "surrogateescape")
    except UnicodeError:
        return name


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _tidy(folder: Path, top: Path) -> None:
    with contextlib.suppress(OSError):
        while folder != top:
            folder.rmdir()
            folder = folder.parent


def _files(top: Path, *, without: Path | None = None) -> Iterator[Path]:
    """Yield the ordinary files below a folder."""
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(one for one in folders if without is None or Path(folder, one) != without)
        for name in sorted(files):
            path = Path(folder, name)
            if not path.is_symlink() and path.is_file():
                yield path


# -- objects


def objects(store: Store) -> None:
    """Put all objects that references, logs and git's index lead to into one pack, and remove all others.

    Git's index is held meanwhile, so that nobody commits. Conflict when a git command has it.
    """

    def make() -> None:
        folder = store.git_dir / "objects"
        words = ("--revs", "--all", "--reflog", "--indexed-objects", "--quiet", "--delta-base-offset")
        name = git.run(
            store.root,
            "--no-replace-objects",
            "pack-objects",
            *words,
            str(folder / "pack" / "pack"),
            input=b"",
        )
        kept = f"pack-{name.decode().strip()}."
        for path in list(_files(folder)):
            if not path.name.startswith(kept):
                path.chmod(0o600)
                path.unlink()
        for number in range(256):  # a write need not make them
            (folder / f"{number:02x}").mkdir(exist_ok=True)

    GitIndex(store.git_dir).replace(make)
    store.objects.__dict__.pop("packs", None)


def remains(store: Store, erasure: Erasure) -> list[str]:
    """Return where the value still is: in an object, a name of a reference, a file below the store or its name."""
    found = [f"object {oid[:12]}" for oid, data in every_object(store) if erasure.is_in(data)]
    found += [name for name in store.refs.names() if erasure.text(name) != name]
    for folder, folders, files in os.walk(store.root):
        if Path(folder) == store.git_dir / "objects":
            folders[:] = []
            continue
        for name in (*folders, *files):
            path = Path(folder, name)
            place = str(path.relative_to(store.root))
            if _plain(name, erasure) != name:
                found.append(place)
            elif path.is_symlink():
                target = os.fsencode(path.readlink())
                if erasure.raw(target) != target:
                    found.append(place)
            elif path.is_file() and erasure.is_in(path.read_bytes()):
                found.append(place)
    return found


def every_object(store: Store) -> Iterator[tuple[str, bytes]]:
    """Yield the id and the content of every object there is, packed or loose, reachable or not."""
    listing = git.run(store.root, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    for oid in listing.decode().split():
        yield oid, store.objects.find(oid).partition(b"\0")[2]
