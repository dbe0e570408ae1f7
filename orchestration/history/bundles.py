"""Bundles, the whole store in one file that plain `git clone` opens, and proof that a copy restores."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from orchestration.errors import NotFound, Refused, StoreError
from orchestration.store import git
from orchestration.store.objects import flush, flush_folder
from orchestration.store.repo import Store
from orchestration.store.tags import Tag

_SIGNATURE = b"# v"


class Proof(NamedTuple):
    """What was restored into a temporary folder and found to be right."""

    source: str
    commit: str
    tree: str
    files: int
    same: bool | None
    """Whether the store holds the commit with the same tree; None when it does not know the commit."""


def write(store: Store, target: Path) -> list[str]:
    """Write all branches and tags to a bundle and return their names; whole or not at all.

    Refused when `target` is a file that is no bundle.
    """
    if target.is_dir() or (target.exists() and not _is_bundle(target)):
        raise Refused(f"{target} exists and is no bundle", hint="name another file")
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        git.run(
            store.root, "bundle", "create", "--quiet", str(aside.absolute()), "HEAD", "--branches", "--tags"
        )
        heads = git.run(store.root, "bundle", "list-heads", str(aside.absolute())).decode().splitlines()
        git.run(store.root, "bundle", "verify", "--quiet", str(aside.absolute()))
        with aside.open("rb") as file:
            flush(file.fileno())
        aside.rename(target)
        flush_folder(str(target.absolute().parent))
    except OSError as error:
        raise StoreError(f"cannot write {target}: {error.strerror}") from None
    finally:
        aside.unlink(missing_ok=True)
    return [line.partition(" ")[2] for line in heads]


def _is_bundle(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(len(_SIGNATURE)) == _SIGNATURE


def verify_file(store: Store, source: Path) -> list[Proof]:
    """Restore a bundle into a temporary folder with git, check it, and compare it with the store.

    StoreError when it does not restore, or when what it holds is not what the store has.
    """
    if not source.is_file() or not _is_bundle(source):
        raise NotFound(f"{source} is no bundle", hint="`shared_state backup bundle FILE` writes one")
    with tempfile.TemporaryDirectory(prefix="orchestration-") as folder:
        copy = _copied(str(source.absolute()), folder)
        return [_proven(store, copy, "HEAD", str(source))]


def verify(store: Store, backups: Sequence[Tag]) -> list[Proof]:
    """Restore backups into a temporary folder with git, check them, and compare them with the store."""
    if not backups:
        return []
    with tempfile.TemporaryDirectory(prefix="orchestration-") as folder:
        copy = _copied(str(store.root.absolute()), folder)
        return [_proven(store, copy, f"refs/tags/{tag.name}", tag.name) for tag in backups]


def _copied(source: str, folder: str) -> Path:
    """Return a clone that shares nothing with its source, checked object by object."""
    copy = Path(folder) / "copy"
    git.run(Path(folder), "clone", "--quiet", "--no-local", "--no-checkout", source, str(copy))
    git.run(copy, "fsck", "--strict", "--full", "--no-dangling", "--no-progress")
    return copy


def _proven(store: Store, copy: Path, name: str, source: str) -> Proof:
    git.run(copy, "checkout", "--quiet", "--force", "--detach", name)
    git.run(copy, "add", "--all")  # read back from the files, so that they are what is compared
    tree = git.run(copy, "write-tree").decode().strip()
    commit = git.run(copy, "rev-parse", "HEAD").decode().strip()
    files = git.run(copy, "ls-files", "-z").count(b"\0")
    same = None
    try:
        same = store.commit(commit).tree == tree
    except StoreError:
        # not this store's commit, or this store has lost it: it must agree with itself
        stated = git.run(copy, "rev-parse", "HEAD^{tree}").decode().strip()
        same = None if stated == tree else False
    if same is False:
        raise StoreError(f"{source} does not restore to what it should hold: {tree} in {copy.name}")
    return Proof(source, commit, tree, files, same)
