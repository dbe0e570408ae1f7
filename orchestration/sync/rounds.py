"""One sync: fetch, merge, push, and again when another machine was faster."""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from orchestration.errors import Conflict, NotFound, Refused, StoreError
from orchestration.store import heads, landing
from orchestration.store.repo import FORMAT, Store, version_of
from orchestration.store.snapshot import Snapshot
from orchestration.store.transaction import Transaction
from orchestration.sync import drivers, healing, labels, merging, refusals, rejoining, remotes, report
from orchestration.sync.merging import Merge
from orchestration.sync.remotes import Remote
from orchestration.sync.transport import Transport
from orchestration.sync.urls import redacted

ATTEMPTS = 20
"""How often a push is tried while other machines are faster."""
_PAUSE = 0.05
_LONGEST_PAUSE = 2.0
_LONGEST_SHARE = 4
"""How many times as long as an attempt the pause after it may be."""

Open = Callable[[], AbstractContextManager[Transaction]]
"""Opens a transaction; what the front end does around one comes along."""
Approve = Callable[[Mapping[str, Any]], None]
"""Takes what a first push would make known, and raises when it is not to be."""


class Pushed(NamedTuple):
    """What became of a push."""

    tip: str
    """The commit that was to be the newest there."""
    refused: dict[str, str]

    def faster(self, ref: str) -> bool:
        """Say whether `ref` was refused because another was faster, so that trying again helps."""
        return any(words in self.refused[ref] for words in refusals.PASSING)


class Heads(NamedTuple):
    """Where the branch stands here and on the server."""

    branch: str
    ours: str
    theirs: str | None
    bases: list[str]


def sync(
    store: Store, remote: Remote, *, transaction: Open, approve: Approve, now: datetime, dry_run: bool = False,
    rejoin: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Exchange changes with a remote and return what came, went and was merged.

    Unreachable when the remote cannot be reached, Refused for one whose history is not this one's;
    nothing has changed then. With `dry_run` nothing is changed or pushed, only fetched. With `rejoin` a
    history that was purged elsewhere is taken for the one here; else that is refused.
    """
    check_store(store)
    drivers.install(store)
    with alone(store) as held:
        line = Transport(store, remote.url, held=held)
        if rejoin:
            rejoining.finish(store, transaction=transaction)
        rejoining.check_finished(store)
        before = store.refs.head().commit
        rejoined: dict[str, Any] | None = None
        former, replaced = False, set[str]()
        sent = 0
        merges: list[Merge] = []
        healed: list[str] = []
        for attempt in range(1, ATTEMPTS + 1):
            begun = time.monotonic()
            way = None if dry_run else transaction
            there = rejoining.look(
                store, line, remote.name, again=attempt > 1, rejoin=rejoin, transaction=way
            )
            if there.purged is not None:
                rejoined = rejoining.rejoin(store, there.purged, transaction=transaction, now=now)
                before = store.refs.head().commit
                continue
            former |= there.fetched
            here = _heads(store, line, there.refs)
            known = there.known
            plan = labels.plan(store, there.refs, known)
            assert before is not None
            told = partial(report.of, store, line, remote, before=before, now=now)
            told = partial(told, replaced=replaced | there.former.keys(), rejoined=rejoined)
            if dry_run:
                return told(here, plan, [_merge(store, line, here)], dry_run=True)
            if not any(ref.startswith("refs/heads/") for ref in known) and here.theirs != here.ours:
                approve(told(here, plan, [], dry_run=True))
            merges += [made for made in [_bring(store, line, here, transaction)] if made]
            if here.theirs:
                healed += healing.heal(store, line, known.get(here.branch), transaction)
            sent += 1
            pushed = _send(store, line, remote, here, plan, there)
            replaced |= there.former.keys() - pushed.refused.keys()
            if here.branch not in pushed.refused:
                here = here._replace(ours=pushed.tip)
                done = told(here, plan, merges, attempts=sent, healed=healed)
                if former:
                    rejoining.forget(store)
                return done
            if here.branch in there.former and "non-fast-forward" in pushed.refused[here.branch]:
                raise Refused(
                    f"{remote.name} does not let the history be replaced",
                    hint="let it take a forced push to that branch this once (receive.denyNonFastForwards, or a "
                    "protected branch)",
                )
            if not pushed.faster(here.branch):
                raise Refused(
                    f"{remote.name} does not take the push: {redacted(pushed.refused[here.branch])}",
                    hint=refusals.ASK,
                )
            _pause(attempt, time.monotonic() - begun)
    raise Conflict(
        f"other machines were faster {ATTEMPTS} times", hint="everything that came is merged; sync again"
    )


def _send(
    store: Store, line: Transport, remote: Remote, here: Heads, plan: labels.Plan, there: rejoining.There
) -> Pushed:
    """Push what the remote lacks, and note what it has then."""
    with store.lock.held():
        labels.take(store, plan)
    tip = store.refs.head().commit
    assert tip is not None
    updates = there.updates(here.branch)
    if tip != here.theirs or here.branch in there.former:
        updates[here.branch] = tip
    updates.update(plan.push)
    pushed = Pushed(tip, line.push(updates, there.former) if updates else {})
    if pushed.refused.keys() & there.former.keys():
        return pushed  # what is there is not what it was: it is looked at anew
    taken = {ref: oid for ref, oid in updates.items() if oid is not None and ref not in pushed.refused}
    with store.lock.held():
        labels.note(store, remote.name, {**there.refs, **taken})
        if here.branch not in pushed.refused:
            remotes.follow_first(store, remote.name, here.branch)
    return pushed


def check_store(store: Store) -> None:
    """Raise unless there is a store with its whole history, and git is not in the middle of something."""
    if not store.exists:
        raise NotFound("there is no store yet", hint="`orchestration clone URL` brings a team's")
    if (store.git_dir / "shallow").exists():
        raise Refused(
            "the history of this store is cut off (a shallow clone)",
            hint=f"`git -C {store.root} fetch --unshallow` brings the rest",
        )
    store.refs.check_writable()
    store.snapshot()  # is it one, and of a format that is known?


def _heads(store: Store, line: Transport, theirs: Mapping[str, str]) -> Heads:
    branch, ours = store.refs.head()
    assert branch is not None and ours is not None
    other = theirs.get(branch)
    if other is None:
        return Heads(branch, ours, None, [])
    check_format(store, other, line.url)
    if other == ours:
        return Heads(branch, ours, other, [ours])
    bases = line.bases(ours, other)
    if not bases:
        url = redacted(line.url)
        raise Refused(
            f"{url} holds another store: its history and this one's have nothing in common",
            hint=f"`orchestration join {url} --as PROJECT` brings a project of this store into that one",
        )
    return Heads(branch, ours, other, bases)


def check_format(store: Store, oid: str, url: str) -> None:
    """Raise unless a fetched commit is of a store, in a format that this program knows."""
    there = Snapshot(store.root, store.objects, store.documents, store.commit(oid))
    shown = redacted(url)
    if there.blob_id("format.yaml") is None:
        raise Refused(f"{shown} is no store: it has no format.yaml", hint="use an empty repository")
    version, _ = version_of(there.load("format"))
    if version > FORMAT:
        raise StoreError(
            f"the store at {shown} has format {version}; this program knows up to {FORMAT}",
            hint="upgrade the program: `uv tool upgrade claude-orchestration`",
        )


def _merge(store: Store, line: Transport, here: Heads) -> Merge | None:
    if here.theirs is None or here.theirs in here.bases or here.ours in here.bases:
        return None
    return merging.merge(store, line, here.ours, here.theirs, here.bases)


def _bring(store: Store, line: Transport, here: Heads, transaction: Open) -> Merge | None:
    """Move the branch to what it becomes with the other side's commits."""
    if here.theirs is None or here.theirs in here.bases:
        return None
    prepared = _merge(store, line, here)  # what takes long, before anybody has to wait for the lock
    with transaction() as tx:
        while True:
            assert tx.tip is not None
            if tx.tip.oid != here.ours:
                here = here._replace(ours=tx.tip.oid, bases=line.bases(tx.tip.oid, here.theirs or ""))
                prepared = _merge(store, line, here)
            if here.theirs in here.bases:
                return None
            assert here.theirs is not None
            target = prepared.commit if prepared else store.commit(here.theirs)
            if prepared:
                landing.store(tx, prepared.objects)
            if not heads.adopt(tx, [change.path for change in heads.differences(tx, target.tree)]):
                break
        heads.advance(tx, target, target.subject if prepared else f"sync: forward to {target.oid[:12]}")
    return prepared


def _pause(attempt: int, took: float) -> None:
    """Wait for a moment whose length nobody shares, longer after each attempt.

    It grows with how long an attempt takes, `took` seconds: the slower the line, the more of the others
    come in between.
    """
    longest = min(max(_PAUSE, took / 2) * 2**attempt, max(_LONGEST_PAUSE, took * _LONGEST_SHARE))
    time.sleep(longest * int.from_bytes(os.urandom(2), "big") / 65535)


@contextmanager
def alone(store: Store) -> Iterator[int]:
    """Hold the lock of syncs, which dies with its process and the git that it started.

    Yields its file descriptor. Conflict when another sync has it.
    """
    store.private.mkdir(exist_ok=True)
    fd = os.open(store.private / "syncing", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    with contextlib.closing(os.fdopen(fd)):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                "a sync of this store is under way already", hint="wait until it is done"
            ) from None
        yield fd
