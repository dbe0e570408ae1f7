"""Mending a store below its records: the branch, damaged objects, files that are behind, git's index.

An object is its content: whatever hashes to its id is the right one, wherever it comes from. What cannot
be explained is left as it is, and an edit by hand is never touched.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from orchestration import codec
from orchestration.english import counted
from orchestration.errors import Conflict, OrchestrationError, StoreError
from orchestration.store import catchup, commits, git, gitindex, gitlock, machine, residue, trees, upkeep
from orchestration.store.catchup import Place
from orchestration.store.gitindex import GitIndex, Slot
from orchestration.store.inspection import Inspection
from orchestration.store.objects import object_id
from orchestration.store.packs import Pack, Unusual
from orchestration.store.repo import Store
from orchestration.store.snapshot import on_disk
from orchestration.store.worktree import Change, Worktree

_LOCK_WAIT = 5.0
_ROUNDS = 20
Made = tuple[str, bytes, bytes]


def mend(inspection: Inspection, *, author: str, source: str | None = None) -> list[str]:
    """Mend what can be mended without guessing, and say what was done.

    `source` is a bundle, a clone or a remote that may hold damaged objects. The inspection is out of date
    afterwards. Raises what a write raises when the lock cannot be had.
    """
    store, now = inspection.store, inspection.now
    done: list[str] = []
    with store.lock.held():
        _clear_locks(store, done)
        if inspection.lost() is not None:
            _branch(inspection, done)
        _objects(inspection, source, done)
        for path in inspection.broken_packs:
            _pack(store, path, done)
    fresh = _look(store, now)
    if fresh.tip is None or fresh.branch is None:
        return done
    with store.transaction(author=author, now=now) as tx:  # finishes what a crash cut off
        done += [f"warning: {text}" for text in tx.warnings]
        fresh = _look(store, now)
        try:
            _files(fresh, done)
            if any(finding.kind == "index" and "--repair" in finding.fix for finding in fresh.found):
                _index(fresh, done)
        except Conflict as error:  # the rest is mended all the same, and the lock is among what is left
            done.append(f"warning: git's index stays behind: {error.message}")
    swept = upkeep.sweep(store)
    if swept:
        done.append(f"removed {len(swept)} temporary files of processes that died")
    return done


def _look(store: Store, now: datetime) -> Inspection:
    inspection = Inspection(store, now=now)
    inspection.look_at_refs()
    inspection.look_at_tip()
    inspection.look_at_files()
    residue.look_at_index(inspection)
    return inspection


def _clear_locks(store: Store, done: list[str]) -> None:
    drafts = list(store.private.glob("*.draft"))
    for path, ours in list(residue.locks(store)):
        for draft in drafts if ours else ():
            if draft.exists() and path.exists() and draft.samefile(path):
                gitlock.clear(str(path), str(draft))
                done.append(f"removed {path.relative_to(store.root)}, a lock of a write that died")


def _branch(inspection: Inspection, done: list[str]) -> None:
    store, name, oid = inspection.store, inspection.branch, inspection.lost()
    assert name is not None and oid is not None
    path = str(store.git_dir / name)
    gitlock.replace(
        path, lambda: f"{oid}\n".encode(), private=store.private, wait=_LOCK_WAIT, durable=True
    )  # fmt: skip
    done.append(f"{name} is at {oid[:12]} again, where its log says it was")


# -- objects


def _objects(inspection: Inspection, source: str | None, done: list[str]) -> None:
    store = inspection.store
    wanted = dict(inspection.damaged)
    for _ in range(_ROUNDS):  # what a mended folder leads to may be damaged as well
        made = [one for one in _candidates(inspection, wanted) if one[0] in wanted]
        if source is not None and len(made) < len(wanted):
            made += _fetched(store, source, {oid for oid in wanted if oid not in {one[0] for one in made}})
        if not made:
            return
        store.objects.write(made, durable=True)
        for oid, _, _ in made:
            if oid in wanted:
                done.append(f"restored {wanted.pop(oid)} (object {oid[:12]})")
        inspection = Inspection(store, now=inspection.now)
        inspection.look_at_refs()
        inspection.look_at_tip()
        wanted |= inspection.damaged


def _pack(store: Store, path: Path, done: list[str]) -> None:
    """Put a damaged pack aside when all it held is to be had: from another place, or from its sound parts."""
    loose: list[Made] = []
    try:
        for oid in Pack(str(path.with_suffix(""))).ids():
            kind, _, data = store.objects.find(oid).partition(b"\0")
            loose.append((oid, kind.split(b" ")[0], data))
    except (StoreError, OSError, Unusual):
        return  # something is only in the damaged part: it stays, and `verify` names what
    store.objects.write(loose, durable=True)
    aside = store.private / "damaged"
    aside.mkdir(exist_ok=True)
    for one in (path.with_suffix(".idx"), path):
        one.replace(aside / one.name)
    done.append(f"took {counted(len(loose), 'object')} out of {path.name}, which now lies in {aside}")


def _candidates(inspection: Inspection, wanted: dict[str, str]) -> Iterator[Made]:
    """Yield objects made from what is on this machine beside the objects."""
    store = inspection.store
    for oid, place in wanted.items():
        with contextlib.suppress(OrchestrationError, OSError):
            disk = on_disk(store.root, place)
            if disk is not None and object_id(b"blob", disk) == oid:
                yield oid, b"blob", disk
                continue
        with contextlib.suppress(OrchestrationError):
            # the parsed form is kept of every record that was read; written anew it may be the same bytes
            text = store.documents.cached(oid)
            data = codec.dump(json.loads(text)) if text is not None else b""
            if object_id(b"blob", data) == oid:
                yield oid, b"blob", data
    for files in (_staged(store), _on_disk(store)):
        root, folders = trees.apply(lambda _: b"", None, dict(files))
        yield from folders
        yield from _commits(store, root, wanted)


def _staged(store: Store) -> dict[str, str]:
    try:
        return gitindex.entries(GitIndex(store.git_dir).read())
    except (gitindex.Unusual, ValueError, IndexError):  # damaged as well: it cannot tell
        return {}


def _on_disk(store: Store) -> dict[str, str]:
    found = {}
    for folder, folders, files in os.walk(store.root):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in files:
            path = os.path.relpath(f"{folder}/{name}", store.root)
            with contextlib.suppress(StoreError):
                found[path] = object_id(b"blob", on_disk(store.root, path) or b"")
    return found


def _commits(store: Store, tree: str, wanted: dict[str, str]) -> Iterator[Made]:
    """Yield commits of `tree` as the journal tells of them: of the newest, the tree may still be known."""
    here = machine.read(store.private).name
    for oid, line in catchup.read_journal(store.private, Place(0, 0)).items():
        if oid in wanted:
            one = line.commit
            author = commits.Author(one.author, f"{one.author.replace(' ', '.')}@{here}")
            raw = commits.serialise(tree, one.parents, author, one.time, here, one.message)
            if object_id(b"commit", raw) == oid:
                yield oid, b"commit", raw


def _fetched(store: Store, source: str, wanted: set[str]) -> list[Made]:
    """Return those of the wanted objects that a bundle, a clone or a remote holds."""
    aside = store.private / f"source-{os.getpid()}"
    try:
        git.run(store.root, "clone", "--mirror", "--quiet", source, str(aside))
        found = []
        for oid in sorted(wanted):
            with contextlib.suppress(git.GitFailed):
                kind = git.run(aside, "cat-file", "-t", oid).strip()
                found.append((oid, kind, git.run(aside, "cat-file", kind.decode(), oid)))
        return [one for one in found if object_id(one[1], one[2]) == one[0]]
    finally:
        shutil.rmtree(aside, ignore_errors=True)


# -- files and index


def _files(inspection: Inspection, done: list[str]) -> None:
    if not inspection.behind or inspection.tip is None:
        return
    store = inspection.store
    changes = [Change(path, disk, inspection.files[path]) for path, disk in inspection.behind.items()]
    left = Worktree(store.root, store.git_dir, store.objects).update(changes, {}, inspection.tip.tree)
    done += [f"{path} on disk is as in the commit again" for path, _, _ in changes if path not in left]


def _index(inspection: Inspection, done: list[str]) -> None:
    store = inspection.store
    rows = [(path, Slot(oid, None)) for path, oid in inspection.files.items()]
    gitlock.replace(
        str(store.git_dir / "index"), lambda: gitindex.built(rows), private=store.private, wait=_LOCK_WAIT,
        keep_time=True,
    )  # fmt: skip
    done.append("git's index is built anew from the commit")
