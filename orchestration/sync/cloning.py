"""A team's store brought to a machine that has none."""

from datetime import datetime
from pathlib import Path
from typing import Any

from orchestration.errors import NotFound, Refused
from orchestration.store import commits, create, machine, trees
from orchestration.store.gitindex import Slot, built
from orchestration.store.refs import Refs
from orchestration.store.repo import Store
from orchestration.store.snapshot import Snapshot
from orchestration.sync import drivers, labels, remotes, rounds
from orchestration.sync.labels import Plan
from orchestration.sync.transport import Transport
from orchestration.sync.urls import check_url, redacted

ORIGIN = "origin"


def clone(store: Store, url: str, *, author: str, now: datetime) -> dict[str, Any]:
    """Make the store at `url` that of this machine and return what it holds; whole or not at all.

    Refused where there is a store already, StoreError where the place is taken by something else.
    """
    check_url(url)
    if store.exists:
        raise Refused(
            f"there is a store at {store.root} already",
            hint=f"`orchestration join {redacted(url)} --as PROJECT` brings a project of it into the team's, "
            "and --store DIR names another place",
        )
    made = create.begin(store.root, author, now, lambda git_dir: _fill(store.root, git_dir, url, now))
    if made is None:
        raise Refused(f"another process has just created {store.root}", hint="look at what it holds")
    made.publish()
    new = Store(store.root)
    drivers.install(new)
    with new.transaction(author=author, now=now):
        pass  # brings the files
    snapshot = new.snapshot()
    assert snapshot.tip is not None
    return {
        "root": str(store.root),
        "url": redacted(url),
        "commit": snapshot.tip.oid,
        "projects": snapshot.names("projects"),
        "sessions": len(snapshot.names("sessions")),
        "machine": machine.read(new.private).name,
    }


def _fill(root: Path, git_dir: Path, url: str, now: datetime) -> None:
    create.skeleton(git_dir)
    draft = Store(root)
    draft.use(git_dir)
    line = Transport(draft, url)
    line.prepare({})
    theirs = line.fetch()
    tip = theirs.get(create.BRANCH)
    if tip is None:
        raise NotFound(
            f"{redacted(url)} holds no store yet",
            hint="on the machine that has one: `state_manager remote add origin URL`, then `state_manager sync`",
        )
    rounds.check_format(draft, tip, url)
    remotes.add(draft, ORIGIN, url)
    remotes.follow(draft, ORIGIN, create.BRANCH)
    name = machine.write(git_dir / "orchestration", joined=True).name
    log = f"{commits.COMMITTER} <{commits.COMMITTER}@{name}> {int(now.timestamp())} +0000\tclone: from {redacted(url)}"
    plan = labels.plan(draft, theirs, {})
    labels.take(draft, Plan(plan.take, {}))
    labels.note(draft, ORIGIN, theirs)
    there = Snapshot(root, draft.objects, draft.documents, draft.commit(tip))
    rows = (
        (path, Slot(new.oid, None))
        for path, _, new in trees.differences(there.read_tree, None, draft.commit(tip).tree)
        if new is not None and new.is_file
    )
    (git_dir / "index").write_bytes(built(rows))
    create.check_out_later(git_dir)
    Refs(git_dir).move(create.BRANCH, None, tip, log=log, durable=True)
    create.flush_new(git_dir)
