"""Everything that a store holds, in one private file outside of it, before its history is written anew."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from orchestration.errors import Refused, StoreError
from orchestration.store import git
from orchestration.store.objects import flush, flush_folder
from orchestration.store.repo import Store


def place(store: Store, now: datetime) -> Path:
    """Return where the bundle goes unless somebody says otherwise: a folder beside the store."""
    folder = store.root.with_name(f"{store.root.name}.purged")
    stem = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    name, number = stem, 2
    while (folder / f"{name}.bundle").exists():
        name, number = f"{stem}-{number}", number + 1
    return folder / f"{name}.bundle"


def check(store: Store, target: Path) -> None:
    """Raise Refused for a place of the bundle that is taken, or inside the store."""
    if target.exists():
        raise Refused(f"{target} exists already", hint="name a new file with --bundle")
    if target.absolute().is_relative_to(store.root.absolute()):
        raise Refused(f"{target} is inside the store", hint="name a file outside of it with --bundle")


def keep(store: Store, target: Path) -> None:
    """Write all references and what they lead to into a bundle that only its owner may read, and try it.

    It is there whole, and found to restore, or not at all. StoreError when it cannot be written.
    """
    check(store, target)
    try:
        if not target.parent.exists():
            target.parent.mkdir(mode=0o700, parents=True)
        with _private_folder(target.parent) as folder:
            aside = folder / "bundle"
            git.run(store.root, "bundle", "create", "--quiet", str(aside), "HEAD", "--all")
            aside.chmod(0o600)
            git.run(store.root, "bundle", "verify", "--quiet", str(aside))
            _try(store, aside, folder / "copy")
            with aside.open("rb") as file:
                flush(file.fileno())
            aside.rename(target)
        flush_folder(str(target.parent))
    except OSError as error:
        raise StoreError(f"cannot write {target}: {error.strerror}") from None


@contextmanager
def _private_folder(parent: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=".purge-", dir=parent.absolute()))  # 0700
    try:
        yield folder
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)


def _try(store: Store, bundle: Path, copy: Path) -> None:
    """Restore a bundle beside it and compare the references; StoreError when they differ."""
    git.run(bundle.parent, "clone", "--quiet", "--mirror", str(bundle), str(copy))
    git.run(copy, "fsck", "--connectivity-only", "--no-dangling", "--no-progress")
    if _references(store.root) != _references(copy):
        raise StoreError(
            "the backup does not hold all references of the store", hint="nothing was changed; try again"
        )


def _references(folder: Path) -> bytes:
    return git.run(folder, "for-each-ref", "--format=%(objectname) %(refname)")
