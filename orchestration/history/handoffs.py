"""Handoffs: each pins a branch, so that what was handed over can be read as it was for ever."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestration.errors import StoreError
from orchestration.store.index import Index
from orchestration.store.repo import Store

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

PREFIX = "refs/heads/"


class Handoff(NamedTuple):
    """Work that one session handed to another."""

    at: str
    source: str
    target: str
    open_tasks: list[str]
    commit: str
    branch: str | None
    """The short name of the branch that pins it."""


def pin(tx: "Transaction", source: str, target: str, *, now: datetime) -> str | None:
    """Commit a handoff and pin it with a branch, whose short name is returned; for the end of its block."""
    oid = tx.commit()
    if oid is None:
        return None
    name = f"handoff/{source}-to-{target}-{now:%Y%m%dT%H%M%SZ}"
    made = tx.store.refs.create(PREFIX + name, oid, durable=tx.durable)
    return name if made else None


def known(
    store: Store, index: Index, *, session: str | None = None, project: str | None = None
) -> list[Handoff]:
    """Return the handoffs from or to a session, or of a project, newest first."""
    branches = {oid: ref.removeprefix(PREFIX) for ref, oid in store.refs.below(PREFIX + "handoff/").items()}
    found = []
    for event in index.events(op="handoff_received", project=project):
        context = _context(store, event.oid, event.session or "")
        handoff = Handoff(
            event.at,
            str(context.get("from_session") or "?"),
            event.session or "?",
            [str(task.get("id")) for task in context.get("open_tasks") or []],
            event.oid,
            branches.get(event.oid),
        )
        if session in (None, handoff.source, handoff.target):
            found.append(handoff)
    return found


def _context(store: Store, oid: str, target: str) -> dict[str, Any]:
    try:
        execution = store.snapshot(oid).load("sessions", target, "execution") or {}
    except StoreError:  # damaged: the handoff is listed by what its commit says
        return {}
    context = execution.get("inherited_context")
    return context if isinstance(context, dict) else {}
