"""Removing a value from the whole history of a store, and from every file of it.

First everything is kept in a private bundle outside. Then each commit that holds the value, and each that comes
after one, is made anew without it, all branches and tags move to the new ones at once, and what is left of the
former history is taken out. A record of the purge, without the value, becomes the newest commit: by it other
machines learn that their history is a former one (see `rejoining`).
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from orchestration import codec
from orchestration.domain import purging as rules
from orchestration.english import counted
from orchestration.errors import InvalidData, NotFound, Refused
from orchestration.history import exchanging, safekeeping, scrubbing
from orchestration.history.erasing import INSTEAD, PLAIN, Erasure
from orchestration.history.rewriting import Rewriter
from orchestration.store import commits, layout, trees, upkeep
from orchestration.store.layout import Key
from orchestration.store.objects import object_id
from orchestration.store.repo import Store
from orchestration.store.snapshot import Snapshot
from orchestration.store.transaction import Transaction
from orchestration.sync import labels, purges, remotes, rounds

Open = Callable[[], AbstractContextManager[Transaction]]
Approve = Callable[[Mapping[str, Any]], None]
"""Takes what would be done, and raises when it is not to be."""


def purge(
    store: Store, value: str, *, transaction: Open, now: datetime, bundle: Path | None = None,
    instead: str | None = None, reason: str | None = None, approve: Approve = lambda _: None,
    dry_run: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Remove a value from every commit, reference, log, cache and file of a store and return what was done.

    `bundle` is where all that there was is kept, by default beside the store; `instead` stands in the place of
    the value. Refused for a value that is too common, and where the store would not be right without it;
    NotFound when it is nowhere. The value is in no message and in nothing that is returned.
    """
    rules.check_value(value)
    rounds.check_store(store)
    target = bundle or safekeeping.place(store, now)
    safekeeping.check(store, target)
    with rounds.alone(store):
        erasure, facts = _survey(store, value, instead)
    facts = {**facts, "bundle": str(target), "shared_through": _shared(store), "dry_run": dry_run}
    if dry_run:
        return {**facts, "bundle": None, "commit": None, "purge": None, "left": []}
    approve(facts)
    with rounds.alone(store), upkeep.alone(store), transaction() as tx:
        exchanging.check_index(store)
        safekeeping.keep(store, target)
        done = _exchange(tx, erasure, reason)
    left = scrubbing.remains(store, erasure)
    return {**facts, **done, "left": left}


def _shared(store: Store) -> list[str]:
    return [one.name for one in remotes.every(store) if labels.known(store, one.name)]


# -- looking


def _survey(store: Store, value: str, instead: str | None) -> tuple[Erasure, dict[str, Any]]:
    """Return how the value can be removed, and what that would change."""
    if instead is not None:
        rules.check_instead(instead, value)
    erasure = Erasure(value, instead or INSTEAD)
    if instead is None and _is_in_names(store, erasure):
        erasure = Erasure(value, PLAIN)
    exchanging.check(store)
    exchanging.check_branch(store, erasure)
    found = exchanging.roots(store)
    rewriter = Rewriter(store, erasure, known=exchanging.known(store), write=False)
    exchanging.rewrite(rewriter, found)
    renamed = exchanging.renamed(found, erasure)
    files = scrubbing.holding(store, erasure)
    counts = rewriter.counts
    if not (
        rewriter.changed() != exchanging.known(store) or renamed or files or exchanging.unfinished(store)
    ):
        raise NotFound(
            "the value is nowhere in this store", hint="is it spelled as it is there? nothing was changed"
        )
    _check_tip(store, erasure)
    return erasure, {
        "instead": erasure.instead,
        "commits": counts.commits,
        "versions": counts.versions,
        "records": len(_records(store, erasure)),
        "messages": counts.messages,
        "names": counts.names,
        "refs": len(renamed),
        "files": files,
    }


def _is_in_names(store: Store, erasure: Erasure) -> bool:
    found = exchanging.roots(store)
    if exchanging.renamed(found, erasure):
        return True
    looker = Rewriter(store, erasure, known=exchanging.known(store), write=False)
    try:
        exchanging.rewrite(looker, found)
    except Refused:  # a name that cannot be
        return True
    return looker.counts.names > 0


def _records(store: Store, erasure: Erasure) -> dict[Key, dict[str, Any]]:
    """Return the records of now that hold the value, without it."""
    found = {}
    for path, data in _contents(store.snapshot()):
        new, name = erasure.blob(data), erasure.text(path)
        key = layout.key_of(_fanned(name))
        if key is not None and (new != data or name != path):
            record = _loaded(new, path)
            if record is not None:
                found[key] = record
    return found


def _fanned(path: str) -> str:
    parts = path.split("/")
    if parts[0] == "sessions" and len(parts) > 2:
        parts[1] = parts[2][:2].lower()
    return "/".join(parts)


def _contents(reader: Snapshot) -> list[tuple[str, bytes]]:
    assert reader.tip is not None
    found = trees.differences(reader.read_tree, None, reader.tip.tree)
    return [
        (one.path, reader.objects.read(one.new.oid, b"blob")) for one in found if one.new and one.new.is_file
    ]


def _loaded(data: bytes, path: str) -> dict[str, Any] | None:
    try:
        record = codec.load(data, name=path)
    except InvalidData:
        return None
    return record if isinstance(record, dict) else None


def _check_tip(store: Store, erasure: Erasure) -> None:
    """Raise Refused when records of now would not be right any more."""
    before: dict[Key, dict[str, Any]] = {}
    after: dict[Key, dict[str, Any]] = {}
    for path, data in _contents(store.snapshot()):
        for place, content, records in (
            (path, data, before),
            (_fanned(erasure.text(path)), erasure.blob(data), after),
        ):
            key = layout.key_of(place)
            record = _loaded(content, path) if key else None
            if key is not None and record is not None:
                records[key] = record
    rules.check_records(before, after)


# -- doing


def _exchange(tx: Transaction, erasure: Erasure, reason: str | None) -> dict[str, Any]:
    store = tx.store
    found = exchanging.roots(store)
    known = exchanging.known(store)
    rewriter = Rewriter(store, erasure, known=known, write=True)
    exchanging.rewrite(rewriter, found)
    assert tx.tip is not None
    tip = rewriter.new[tx.tip.oid]
    new = {old: now for old, now in rewriter.changed().items() if old not in known}
    name = None
    if new:
        name = f"P-{tx.now:%Y%m%dT%H%M%SZ}-{tx.machine.name}"
        names = exchanging.renamed(found, erasure)
        tip = _record(tx, rewriter, tip, name, new, len(names), reason)
    changed = exchanging.exchange(tx, rewriter, found, tip, kind="purge", line="purge")
    return {"purge": name, "commit": tip if name else None, "files": changed}


def _record(
    tx: Transaction, rewriter: Rewriter, tip: str, name: str, new: dict[str, str], renamed: int, reason: str | None
) -> str:  # fmt: skip
    """Make the commit that tells of the purge, on top of the new history, and return its id."""
    erasure = rewriter.erasure
    assert erasure is not None
    by = erasure.text(tx.author.name)
    why = erasure.text(reason) if reason else None
    told = purges.files(
        name, new, renamed, by=by, at=tx.now, machine=tx.machine.name, reason=why, instead=erasure.instead
    )
    blobs = {path: object_id(b"blob", data) for path, data in told.items()}
    parent = tx.store.commit(tip)
    tree, made = trees.apply(tx.read_tree, parent.tree, blobs)
    text = commits.message(
        f"purge: a value was removed, {counted(len(new), 'object')} of history written anew",
        {"Op": purges.OP, "Reason": why, "At": tx.now.isoformat().replace("+00:00", "Z")},
    )
    author = commits.Author(by, erasure.text(tx.author.email))
    raw = commits.serialise(
        tree, [tip], author, max(int(tx.now.timestamp()), parent.time), tx.machine.name, text
    )
    oid = rewriter.add(b"commit", raw)
    tx.store.objects.write(
        [*((blobs[path], b"blob", data) for path, data in told.items()), *made], durable=False
    )
    rewriter.flush()
    return oid
