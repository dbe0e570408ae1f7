"""Backups and handoffs, the tags and branches that go along with the history, both ways.

Each is made once and never moved. One that was removed on one side stays removed there, and is left alone
on the other. What a remote had when it was last seen stands in `.git/orchestration/remotes/`.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from orchestration.store.repo import Store

_SHARED = ("refs/tags/backup/", "refs/heads/handoff/")


class Plan(NamedTuple):
    """What has to be made on either side, by full names."""

    take: dict[str, str]
    push: dict[str, str]


def plan(store: Store, theirs: Mapping[str, str], known: Mapping[str, str]) -> Plan:
    """Compare both sides; a name that stands for different things on both gets an ending from each."""
    ours = {ref: oid for prefix in _SHARED for ref, oid in store.refs.below(prefix).items()}
    there = {ref: oid for ref, oid in theirs.items() if ref.startswith(_SHARED)}
    begun_anew = not any(ref.startswith("refs/heads/") for ref in theirs)
    take = {ref: oid for ref, oid in there.items() if ref not in ours and known.get(ref) != oid}
    push = {
        ref: oid for ref, oid in ours.items() if ref not in there and (begun_anew or known.get(ref) != oid)
    }
    for ref in ours.keys() & there.keys():
        if ours[ref] != there[ref]:
            take[f"{ref}-{there[ref][:4]}"] = there[ref]
            push[f"{ref}-{ours[ref][:4]}"] = ours[ref]
    return Plan(
        {ref: oid for ref, oid in sorted(take.items()) if ref not in ours},
        {ref: oid for ref, oid in sorted(push.items()) if ref not in there},
    )


def take(store: Store, plan: Plan) -> None:
    """Make what came."""
    for ref, oid in plan.take.items():
        store.refs.create(ref, oid, durable=True)


def known(store: Store, remote: str) -> dict[str, str]:
    """Return what a remote had when it was last seen, by full names; nothing when it never was."""
    try:
        found = json.loads((store.private / "remotes" / f"{remote}.json").read_text())
    except (OSError, ValueError):
        return {}
    return {str(ref): str(oid) for ref, oid in found.items()} if isinstance(found, dict) else {}


def note(store: Store, remote: str, theirs: Mapping[str, str]) -> None:
    """Remember what a remote has, also for plain git, as `refs/remotes/<remote>/*`."""
    folder = store.private / "remotes"
    folder.mkdir(exist_ok=True)
    aside = folder / f"{remote}.new"
    aside.write_text(json.dumps(dict(theirs), indent=1))
    aside.replace(folder / f"{remote}.json")
    for ref, oid in theirs.items():
        if ref.startswith("refs/heads/"):
            store.refs.follow(f"refs/remotes/{remote}/{ref.removeprefix('refs/heads/')}", oid)


def synced_at(store: Store, remote: str) -> str | None:
    """Return when a remote was last seen (ISO 8601, UTC), None when it never was."""
    try:
        seconds = (store.private / "remotes" / f"{remote}.json").stat().st_mtime
    except OSError:
        return None
    return datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None).isoformat() + "Z"


def forget(store: Store, remote: str) -> None:
    """Forget what a remote had."""
    (store.private / "remotes" / f"{remote}.json").unlink(missing_ok=True)
