"""Bringing what is committed to where it belongs: objects, the branch, files on disk with git's index."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.errors import Conflict, OrchestrationError, StoreError
from orchestration.store.objects import object_id
from orchestration.store.snapshot import on_disk
from orchestration.store.worktree import Change, Worktree

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction


def store(tx: "Transaction", objects: list[tuple[str, bytes, bytes]]) -> None:
    """Write objects of (id, kind, content); StoreError where the disk does not take them."""
    try:
        tx.store.objects.write(objects, durable=tx.durable)
    except OSError as error:
        raise _unwritable(tx, error) from None


def move(
    tx: "Transaction", base: str | None, new: str, line: str, changes: list[Change],
    writes: Mapping[str, bytes | None], tree: str,
) -> bool:  # fmt: skip
    """Move the branch from `base` to `new` and bring the files along; False when it is not at `base`.

    git's index is held meanwhile: a person's `git commit` in between would take the old content in it
    for theirs. Once the branch has moved the commit stands; later trouble is told, and mended by the
    next write.
    """
    lock, moved = tx.store.lock, False
    worktree = Worktree(tx.root, tx.store.git_dir, tx.objects)
    contents = {file: data for file, data in writes.items() if data is not None}

    def move_branch() -> bool:
        nonlocal moved
        moved = tx.store.refs.move(tx.branch, base, new, log=line, durable=tx.durable)
        return moved

    try:
        lock.begin(base, durable=tx.durable)
        left = worktree.update(changes, contents, tree, after=move_branch)
    except (OSError, OrchestrationError) as error:
        if not moved and isinstance(error, OSError):
            raise _unwritable(tx, error) from None
        if not moved and not (
            isinstance(error, Conflict) and worktree.index.path in error.message and move_branch()
        ):
            lock.done(base)
            raise
        reason = error.strerror if isinstance(error, OSError) else str(error)
        tx.warnings.append(f"committed, but the files on disk are behind: {reason}")
        return True
    lock.done(base)
    tx.warnings += [f"{file} was edited by hand just now and is left as it is" for file in left]
    return moved


def put_back(tx: "Transaction", file: str) -> Path | None:
    """Put the committed content of a file back on disk; what stood there is kept, its place returned."""
    disk = on_disk(tx.root, file)
    tip, oid = tx.tip, tx.blob_id(file)
    assert tip is not None and oid is not None, "only a committed file can be put back"
    kept = None
    present = None if disk is None else object_id(b"blob", disk)
    if disk:
        kept = tx.store.private / "rescued" / f"{present}.yaml"
        kept.parent.mkdir(exist_ok=True)
        kept.write_bytes(disk)
    Worktree(tx.root, tx.store.git_dir, tx.objects).update([Change(file, present, oid)], {}, tip.tree)
    return kept


def _unwritable(tx: "Transaction", error: OSError) -> StoreError:
    return StoreError(f"cannot write to the store at {tx.root}: {error.strerror}")
