"""Plans: what a command would do, kept until somebody says yes.

A plan names the operation with its arguments, not its result: applying runs the operation again, now,
and only when the records it would have changed are still what they were when it was shown. Plans
belong to this machine (`.git/orchestration/plans/`), live one hour and apply once.
"""

import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from orchestration.errors import Conflict, NotFound, Refused, StoreError
from orchestration.history import changes
from orchestration.store import guard
from orchestration.store.repo import Store
from orchestration.store.snapshot import Snapshot

LIFETIME = timedelta(hours=1)
_REMEMBERED = timedelta(days=1)
"""How long it is still known what became of a plan."""
_AGAIN = "run the command again for a new plan"


class Plan(NamedTuple):
    """An operation that waits to be applied."""

    id: str
    operation: str
    arguments: Mapping[str, Any]
    affected: Mapping[str, str | None]
    """The files it would change with their present blob ids, None for one that is not there."""
    created_at: datetime

    @property
    def expires_at(self) -> datetime:
        """When it can no longer be applied."""
        return self.created_at + LIFETIME


def make(
    store: Store, operation: str, arguments: Mapping[str, Any], affected: Iterable[str], *, now: datetime,
    allow_secret: bool = False,
) -> Plan:  # fmt: skip
    """Keep a plan; `affected` names the files it would change.

    LikelySecret when its arguments hold what looks like a secret, unless that is allowed.
    """
    reader = store.snapshot()
    if not allow_secret:
        guard.check_values(f"`{operation}`", arguments)
    blobs = {file: reader.blob_id(file) for file in affected}
    plan = Plan(os.urandom(4).hex(), operation, arguments, blobs, now)
    folder = _folder(store)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder, now)
        path = folder / plan.id
        aside = path.with_name(f".{plan.id}.{os.getpid()}")
        aside.write_text(json.dumps({**plan._asdict(), "created_at": now.astimezone(UTC).isoformat()}))
        aside.rename(path)
    except OSError as error:
        raise StoreError(f"cannot keep a plan in {folder}: {error.strerror}", hint="use --yes") from None
    return plan


def read(store: Store, plan_id: str, *, now: datetime) -> Plan:
    """Return a plan that can be applied; NotFound or Refused when it is unknown, applied or expired."""
    plan = _load(_folder(store) / plan_id) if plan_id.isalnum() else None
    if plan is None:
        if plan_id.isalnum() and (_folder(store) / f"{plan_id}.applied").exists():
            raise Refused(f"plan {plan_id} was applied already", hint=_AGAIN)
        raise NotFound(f"no plan {plan_id!r}", hint=_AGAIN)
    if now >= plan.expires_at:
        raise Refused(f"plan {plan_id} expired at {plan.expires_at:%Y-%m-%d %H:%M} UTC", hint=_AGAIN)
    return plan


def latest(store: Store, operation: str, arguments: Mapping[str, Any], *, now: datetime) -> Plan | None:
    """Return the newest plan of an operation with these arguments that can still be applied, or None."""
    folder = _folder(store)
    found = [_load(path) for path in folder.iterdir() if path.name.isalnum()] if folder.is_dir() else []
    wanted = json.loads(json.dumps(arguments))  # what was kept has been through JSON
    fitting = [
        plan
        for plan in found
        if plan and plan.operation == operation and plan.arguments == wanted and now < plan.expires_at
    ]
    return max(fitting, key=lambda plan: plan.created_at, default=None)


def check(reader: Snapshot, plan: Plan, changing: Iterable[str] = ()) -> None:
    """Raise Conflict, naming them, when records that a plan would change are not what they were.

    `changing` are the files that it changes now: those that it did not show are conflicts, too.
    """
    found = [file for file, blob in plan.affected.items() if reader.blob_id(file) != blob]
    found += [file for file in changing if file not in plan.affected]
    if found:
        names = ", ".join(changes.place(file) for file in found[:5])
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        raise Conflict(f"changed since the plan was made: {names}{more}", hint=_AGAIN)


def check_outcome(plan: Plan, found: object) -> None:
    """Raise Conflict when an operation would do something else now than its plan has `shown`.

    What it only reads, such as who has a free slot, is not among the records it would change.
    """
    # What was shown has been through JSON, which knows no tuples.
    if json.loads(json.dumps(found)) != plan.arguments["shown"]:
        raise Conflict("what the plan rests on has changed: it would do something else now", hint=_AGAIN)


def take(store: Store, plan: Plan) -> None:
    """Use a plan up, under the store's lock; Refused when somebody else just did."""
    path = _folder(store) / plan.id
    try:
        path.rename(path.with_name(f"{plan.id}.applied"))
    except FileNotFoundError:
        raise Refused(f"plan {plan.id} was applied already", hint=_AGAIN) from None
    except OSError as error:
        raise StoreError(f"cannot use up {path}: {error.strerror}") from None


def _folder(store: Store) -> Path:
    return store.private / "plans"


def _load(path: Path) -> Plan | None:
    try:
        found = json.loads(path.read_text())
        return Plan(**{**found, "created_at": datetime.fromisoformat(found["created_at"])})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # torn by a power cut: as good as none


def _sweep(folder: Path, now: datetime) -> None:
    """Remove the plans that nobody will ask about any more."""
    for path in folder.iterdir():
        plan = _load(path)
        if plan is None or now - plan.created_at > _REMEMBERED:
            path.unlink(missing_ok=True)
