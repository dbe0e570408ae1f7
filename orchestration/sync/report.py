"""What a sync did, as a document: what came, what went, what was merged."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from orchestration.domain import conflicts
from orchestration.store.repo import Store
from orchestration.store.snapshot import Snapshot
from orchestration.sync.labels import Plan
from orchestration.sync.merging import OP, Merge
from orchestration.sync.remotes import Remote
from orchestration.sync.transport import Entry, Transport
from orchestration.sync.urls import redacted

if TYPE_CHECKING:
    from orchestration.sync.rounds import Heads

AHEAD = timedelta(minutes=5)
"""How far a commit may be ahead of this machine's clock before it is told."""
_NEWEST = 10


def of(
    store: Store, line: Transport, remote: Remote, here: "Heads", plan: Plan, merges: Sequence[Merge | None], *,
    before: str, now: datetime, dry_run: bool = False, attempts: int = 1,
    healed: Sequence[str] = (), replaced: Iterable[str] = (), rejoined: Mapping[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return what came since commit `before`, what went or would go, and what was merged.

    `replaced` names the references whose former history there gives way to a purged one, `rejoined` says what
    became of the one here.
    """
    came = line.log(before, here.theirs) if here.theirs else []
    went = line.log(here.theirs, here.ours)
    return {
        "remote": remote.name,
        "url": redacted(remote.url),
        "branch": here.branch.removeprefix("refs/heads/"),
        "dry_run": dry_run,
        "first": here.theirs is None,
        "attempts": attempts,
        "came": _side(came, plan.take),
        "went": {**_side(went, plan.push), **(_contents(store, here.ours) if here.theirs is None else {})},
        "merge": _merged([one for one in merges if one]),
        "healed": sorted(set(healed)),
        "conflicts": _conflicts(store, here, merges, before=before, dry_run=dry_run),
        "ahead": _ahead(came, now),
        "replaced": sorted(replaced),
        "rejoined": rejoined,
    }


def _side(found: list[Entry], labels: Mapping[str, str]) -> dict[str, Any]:
    own = [one for one in found if one.op != OP]
    by: dict[str, int] = {}
    for one in own:
        by[one.author] = by.get(one.author, 0) + 1
    return {
        "commits": len(found),
        "changes": len(own),
        "by": dict(sorted(by.items(), key=lambda pair: (-pair[1], pair[0]))),
        "newest": [
            {"commit": one.oid, "at": _iso(one.at), "author": one.author, "subject": one.subject}
            for one in own[:_NEWEST]
        ],
        "backups": _names(labels, "refs/tags/"),
        "handoffs": _names(labels, "refs/heads/"),
    }


def _names(labels: Mapping[str, str], prefix: str) -> list[str]:
    return [ref.removeprefix(prefix) for ref in labels if ref.startswith(prefix)]


def _contents(store: Store, oid: str) -> dict[str, Any]:
    """Return what a store holds, for who is to let it be seen by others for the first time."""
    there = Snapshot(store.root, store.objects, store.documents, store.commit(oid))
    return {"projects": there.names("projects"), "sessions": len(there.names("sessions"))}


def _merged(merges: Sequence[Merge]) -> dict[str, Any] | None:
    """Return what was merged, in one go or, when other machines were faster, in several."""
    if not merges:
        return None
    return {
        "commits": [one.commit.oid for one in merges],
        "files": sorted({file for one in merges for file in one.outcome.files}),
        "conflicts": sorted({path for one in merges for path in one.outcome.marks}),
        "whole": [
            {"file": file, "kept": one.parents[0 if side == "ours" else 1].oid}
            for one in merges
            for file, side in one.outcome.kept
        ],
    }


def _conflicts(
    store: Store, here: "Heads", merges: Sequence[Merge | None], *, before: str, dry_run: bool
) -> list[str]:
    """Return the paths of the conflicts that are new here, whoever made the merge."""
    tip = (here.theirs or here.ours) if dry_run else here.ours
    found = {path for one in merges if one for path in one.outcome.marks} if dry_run else set()
    if tip != before:
        old, new = (
            Snapshot(store.root, store.objects, store.documents, store.commit(oid)) for oid in (before, tip)
        )
        found.update(conflicts.new(new, old))
    return sorted(found)


def _ahead(found: list[Entry], now: datetime) -> list[dict[str, Any]]:
    """Return the machines whose commits are of the future, by how far."""
    machines: dict[str, list[datetime]] = {}
    for one in found:
        if one.at - now > AHEAD:
            machines.setdefault(one.machine, []).append(one.at)
    return [
        {"machine": name, "commits": len(times), "seconds": int((max(times) - now).total_seconds())}
        for name, times in sorted(machines.items())
    ]


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
