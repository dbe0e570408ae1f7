"""Histories that a purge has made former ones: recognised before anything is merged, and left behind.

A merge with a former history would bring the removed value back, for both have their beginning in common. So

- the machine that purged puts its history in the place of what the remote has, and only if that is what it
  was when last seen; what others have sent there since is carried over first;
- a machine that still has the former history is refused, until it rejoins: its own changes are made anew on
  top of what its commits became.
"""

import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from orchestration.errors import Refused
from orchestration.history import exchanging, safekeeping, scrubbing
from orchestration.history.erasing import Erasure
from orchestration.history.rewriting import Rewriter, existing, in_order
from orchestration.store import upkeep
from orchestration.store.repo import Store
from orchestration.store.snapshot import Snapshot
from orchestration.store.transaction import Transaction
from orchestration.sync import labels, learning, purges, trees
from orchestration.sync.transport import Transport
from orchestration.sync.trees import Loader

Open = Callable[[], AbstractContextManager[Transaction]]
_LABELS = ("refs/tags/backup/", "refs/heads/handoff/")
_FLAG = "state_manager sync --rejoin"


class There(NamedTuple):
    """What a remote has, and what of it is of a former history."""

    refs: dict[str, str]
    """By names; what is of a former history as it has become."""
    known: dict[str, str]
    """What it had when it was last seen, likewise."""
    former: dict[str, str]
    """What it really has under the names that are to be replaced."""
    gone: list[str]
    """The names among those that nothing stands for any more, or that have another name now."""
    moved: dict[str, str] = {}
    """What has another name now, by that."""
    fetched: bool = False
    """Whether objects of a former history came."""
    purged: str | None = None
    """The commit of a purged history there that this store has to rejoin first."""

    def updates(self, branch: str) -> dict[str, str | None]:
        """Return what to push in the place of a former history, beside the branch."""
        kept = {ref: self.refs[ref] for ref in self.former if ref in self.refs and ref != branch}
        return {**kept, **self.moved, **dict.fromkeys(self.gone)}


def check_finished(store: Store) -> None:
    """Raise Refused while a purge, or a rejoining, was cut off."""
    found = exchanging.unfinished(store)
    if found is not None:
        raise Refused(
            f"a {found.kind} of this store was cut off", hint=f"`{found.command}` again finishes it"
        )


# -- what the remote has


def look(
    store: Store, line: Transport, remote: str, *, again: bool, rejoin: bool, transaction: Open | None
) -> There:
    """Fetch what a remote has.

    Where this machine purged, what the remote has is taken for what it was, and nothing of the former history
    is fetched, unless that has turned out wrong (`again`). Refused, without `rejoin`, when the remote's history
    was purged and the one here is the former. Without a transaction nothing is noted in the store.
    """
    ours = store.snapshot()
    known = labels.known(store, remote)
    mine = purges.former(ours, purges.names(ours))
    now = {ref: mine.get(oid, oid) for ref, oid in known.items()}
    branch = store.refs.head().branch or ""
    if not again and known.get(branch, "") in mine and not purges.renamed(ours, known[branch]):
        former = {ref: oid for ref, oid in known.items() if oid in mine}
        there = set(existing(store, now.values()))
        gone = [ref for ref in former if now[ref] not in there]
        line.prepare(store.refs.below("refs/"))
        return There({ref: oid for ref, oid in now.items() if ref not in gone}, now, former, gone)
    line.prepare(store.refs.below("refs/"))
    theirs = line.fetch()
    tip = theirs.get(branch)
    if tip is not None and _purged_there(store, tip):
        if rejoin:
            return There(theirs, now, {}, [], purged=tip)
        raise Refused(
            "the history was purged on another machine; merging with the former one here would bring back "
            "what was removed",
            hint=f"`{_FLAG}` takes your changes over to the new one",
        )
    return _carried(store, theirs, now, mine, transaction) if mine else There(theirs, now, {}, [])


def _carried(
    store: Store,
    theirs: dict[str, str],
    known: dict[str, str],
    mine: dict[str, str],
    transaction: Open | None,
) -> There:
    """Let what others have added to a former history follow what that has become."""
    ours = {oid for prefix in ("refs/heads/", "refs/tags/") for oid in store.refs.below(prefix).values()}
    found = {ref: oid for ref, oid in theirs.items() if oid in mine or oid not in ours}
    stale = {
        ref: oid
        for ref, oid in found.items()
        if oid in mine or mine.keys() & set(in_order(store, [oid], without=ours))
    }
    if not stale:
        return There(theirs, known, {}, [])
    snapshot = store.snapshot()
    replay = Replay(store, _learned(store, snapshot, mine, purges.names(snapshot)), known=mine)
    replay.run(stale.values(), without=ours)
    new = {ref: replay.new[oid] for ref, oid in stale.items()}
    added = {old: now for old, now in replay.changed().items() if old not in mine}
    if added and transaction is not None:
        _note(transaction, added)
    there = set(existing(store, new.values()))
    names = {ref: _name(store, ref, new[ref], replay.erasure) for ref in stale}
    moved = {names[ref]: new[ref] for ref in stale if names[ref] != ref and new[ref] in there}
    gone = [ref for ref in stale if new[ref] not in there or names[ref] != ref]
    refs = {ref: new.get(ref, oid) for ref, oid in theirs.items() if ref not in gone}
    return There({**refs, **moved}, known, stale, gone, moved, fetched=True)


def _name(store: Store, ref: str, oid: str, erasure: Erasure | None) -> str:
    """Return the name that a branch or tag of the former history has now."""
    if store.refs.read(ref) is None and ref.startswith(_LABELS):
        same = [name for prefix in _LABELS for name, one in store.refs.below(prefix).items() if one == oid]
        if len(same) == 1:
            return same[0]
    return ref if erasure is None else erasure.text(ref)


def _note(transaction: Open, added: Mapping[str, str]) -> None:
    """Let the record of the last purge name what was carried over, for machines that have it as it was."""
    with transaction() as tx:
        name = max(purges.names(tx))
        path = purges.map_of(name)
        tx.put(path, (tx.content(path) or b"") + purges.written(added))
        number = len(added)
        tx.describe(purges.OP, f"purge: {number} object{'s' if number != 1 else ''} of others carried over")


def forget(store: Store) -> None:
    """Take out what came of a former history, once the remote has the new one."""
    shutil.rmtree(store.private / "transport", ignore_errors=True)
    with upkeep.alone(store), store.lock.held():
        scrubbing.objects(store)


def _purged_there(store: Store, theirs: str) -> dict[str, str]:
    """Return what became of commits in purges that only the other side knows, {} when that is none of ours."""
    there, ours = purges.at(store, theirs), store.snapshot()
    assert ours.tip is not None
    ahead = purges.names(there) - purges.names(ours)
    if not ahead:
        return {}
    became = purges.former(there, ahead)
    here = set(in_order(store, [ours.tip.oid], without=[theirs]))
    own = purges.former(ours, purges.names(ours) - purges.names(there))
    if became.keys() & (here | own.keys()) or own.keys() & set(in_order(store, [theirs])):
        return became
    return {}


# -- rejoining


def rejoin(
    store: Store, theirs: str, *, transaction: Open, now: datetime, bundle: Path | None = None
) -> dict[str, Any] | None:
    """Leave the former history for the one at commit `theirs`; None when there is nothing to leave.

    Own changes are made anew on top of what their ancestors became. All that there was is kept in `bundle`
    first, by default beside the store.
    """
    target = bundle or safekeeping.place(store, now)
    with upkeep.alone(store), transaction() as tx:
        became = _purged_there(store, theirs)
        if not became:
            return None
        exchanging.check(store)
        exchanging.check_index(store)
        safekeeping.keep(store, target)
        there = purges.at(store, theirs)
        dropped = purges.names(tx) - purges.names(there)
        missed = purges.names(there) - purges.names(tx)
        erasure = _learned(store, there, became, missed)
        found = exchanging.roots(store)
        known = _known(store, tx, theirs, became, dropped)
        replay = Replay(store, erasure, known=known, dropped=dropped)
        exchanging.rewrite(replay, found)
        assert tx.tip is not None
        carried = sum(old not in known for old in replay.changed())
        tip = replay.new[tx.tip.oid]
        files = exchanging.exchange(tx, replay, found, tip, kind="rejoin", line="rejoin")
    certain = erasure is not None and len(missed) == 1
    return {
        "bundle": str(target), "carried": carried, "kept": sorted(replay.kept), "again": sorted(dropped),
        "files": files, "left": scrubbing.remains(store, erasure) if erasure and certain else None,
    }  # fmt: skip


def finish(store: Store, *, transaction: Open) -> None:
    """Finish a rejoining that was cut off."""
    with upkeep.alone(store), transaction() as tx:
        found = exchanging.unfinished(store)
        if found is None or found.kind != "rejoin":
            return
        if tx.tip is not None and tx.tip.oid in found.new:  # nothing has moved yet: it is done from the start
            (store.private / scrubbing.MARK).unlink()
            return
        erasure = learning.learn(store, found.new, found.instead) if found.instead else None
        kept = exchanging.roots(store)
        new = {oid: oid for oid in (*kept.refs.values(), *kept.logged)} | found.new
        exchanging.clean(store, new, erasure, {}, kind="rejoin")


def _known(
    store: Store, ours: Snapshot, theirs: str, became: dict[str, str], dropped: set[str]
) -> dict[str, str]:
    """Return what stands for our commits over there, also for those that a purge of our own has made."""
    known = dict(became)
    there = set(in_order(store, [theirs])) if dropped else set()
    for old, new in purges.former(ours, dropped).items():
        if old in became or old in there:
            known[new] = became.get(old, old)
    return known


def _learned(store: Store, reader: Snapshot, became: Mapping[str, str], names: set[str]) -> Erasure | None:
    texts = {text for name in names if (text := purges.instead(reader, name))}
    return learning.learn(store, became, texts.pop()) if len(texts) == 1 else None


class Replay(Rewriter):
    """Makes changes of a former history anew on top of what it became.

    Where what was removed is known, it is removed from them as well. Else each change is merged by meaning, and
    a value that was removed stays removed; `kept` names those that the change would have changed.
    """

    def __init__(
        self,
        store: Store,
        erasure: Erasure | None,
        *,
        known: Mapping[str, str],
        dropped: set[str] | None = None,
    ) -> None:
        super().__init__(store, erasure, known=known, write=True)
        self.kept: set[str] = set()
        self._dropped = dropped or set()

    def commit(self, oid: str) -> str:
        """Make a commit anew; that of a purge which does not hold there is left out."""
        commit = self.store.commit(oid)
        if self._dropped and commit.trailers().get("Op") == [purges.OP] and commit.parents:
            self._note(oid, self.new.get(commit.parents[0], commit.parents[0]))
            return self.new[oid]
        return super().commit(oid)

    def tree_of_commit(self, tree: str, parents: list[str]) -> str:
        """Return the tree of a commit's changes on top of what its first parent became."""
        if not parents:
            return self.tree(tree)
        before, after = self._tree_of(parents[0]), self._tree_of(self.new.get(parents[0], parents[0]))
        if self.erasure is not None and self.tree(before) == after:
            return self.tree(tree)
        if before == after:
            return tree
        self.flush()
        loader = Loader(purges.at(self.store, parents[0]))
        made = trees.merged(loader, before, after, tree, lambda _: lambda _: "ours")
        for _, kind, data in made.objects:
            self.add(kind, data)
        self.kept |= {".".join(map(str, one.path)) for found in made.conflicts.values() for one in found}
        self.kept |= {file for file, _ in made.kept}
        return made.tree

    def _tree_of(self, oid: str) -> str:
        if oid in self._made:
            self.flush()
        return self.store.commit(oid).tree
