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
from orchestration.store import heads
from orchestration.store.repo import FORMAT, Store, version_of
from orchestration.store.snapshot import Snapshot
from orchestration.store.transaction import Transaction
from orchestration.sync import drivers, healing, labels, merging, report, transport
from orchestration.sync.merging import Merge
from orchestration.sync.remotes import Remote
from orchestration.sync.transport import Transport

ATTEMPTS = 20
"""How often a push is tried while other machines are faster."""
_PAUSE = 0.05
_LONGEST_PAUSE = 2.0

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
        return any(words in self.refused[ref] for words in transport.PASSING)


class Heads(NamedTuple):
    """Where the branch stands here and on the server."""

    branch: str
    ours: str
    theirs: str | None
    bases: list[str]


def sync(
    store: Store, remote: Remote, *, transaction: Open, approve: Approve, now: datetime, dry_run: bool = False
) -> dict[str, Any]:
    """Exchange changes with a remote and return what came, went and was merged.

    Unreachable when the remote cannot be reached, Refused for one whose history is not this one's;
    nothing has changed then. With `dry_run` nothing is changed or pushed, only fetched.
    """
    check_store(store)
    drivers.install(store)
    with alone(store) as held:
        line = Transport(store, remote.url, held=held)
        before = store.refs.head().commit
        assert before is not None
        told = partial(report.of, store, line, remote, before=before, now=now)
        merges: list[Merge] = []
        healed: list[str] = []
        for attempt in range(1, ATTEMPTS + 1):
            line.prepare(store.refs.below("refs/"))
            theirs = line.fetch()
            here = _heads(store, line, theirs)
            known = labels.known(store, remote.name)
            plan = labels.plan(store, theirs, known)
            if dry_run:
                return told(here, plan, [_merge(store, line, here)], dry_run=True)
            if not any(ref.startswith("refs/heads/") for ref in known) and here.theirs != here.ours:
                approve(told(here, plan, [], dry_run=True))
            merges += [made for made in [_bring(store, line, here, transaction)] if made]
            healed += healing.heal(store, line, before, transaction) if here.theirs else []
            pushed = _send(store, line, remote, here, plan, theirs)
            if here.branch not in pushed.refused:
                here = here._replace(ours=pushed.tip)
                return told(here, plan, merges, attempts=attempt, healed=healed)
            if not pushed.faster(here.branch):
                raise Refused(
                    f"{remote.name} does not take the push: {pushed.refused[here.branch]}",
                    hint="the changes are safe here; ask who runs the server whether you may push to it",
                )
            _pause(attempt)
    raise Conflict(
        f"other machines were faster {ATTEMPTS} times", hint="everything that came is merged; sync again"
    )


def _send(
    store: Store, line: Transport, remote: Remote, here: Heads, plan: labels.Plan, theirs: dict[str, str]
) -> Pushed:
    """Push what the remote lacks, and note what it has then."""
    with store.lock.held():
        labels.take(store, plan)
    tip = store.refs.head().commit
    assert tip is not None
    updates = {here.branch: tip} if tip != here.theirs else {}
    updates.update(plan.push)
    pushed = Pushed(tip, line.push(updates) if updates else {})
    taken = {ref: oid for ref, oid in updates.items() if ref not in pushed.refused}
    with store.lock.held():
        labels.note(store, remote.name, {**theirs, **taken})
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
        url = transport.redacted(line.url)
        raise Refused(
            f"{url} holds another store: its history and this one's have nothing in common",
            hint=f"`orchestration join {url} --as PROJECT` brings a project of this store into that one",
        )
    return Heads(branch, ours, other, bases)


def check_format(store: Store, oid: str, url: str) -> None:
    """Raise unless a fetched commit is of a store, in a format that this program knows."""
    there = Snapshot(store.root, store.objects, store.documents, store.commit(oid))
    shown = transport.redacted(url)
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
                tx.store_objects(prepared.objects)
            if not heads.adopt(tx, [change.path for change in heads.differences(tx, target.tree)]):
                break
        heads.advance(tx, target, target.subject if prepared else f"sync: forward to {target.oid[:12]}")
    return prepared


def _pause(attempt: int) -> None:
    """Wait for a moment whose length nobody shares, longer after each attempt."""
    longest = min(_PAUSE * 2**attempt, _LONGEST_PAUSE)
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
