"""The filter of a session's board, kept in the session's own record."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orchestration.domain import fields, filters, sessions
from orchestration.errors import BadUsage

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

FIELD = "board_filter"


def of(session: Mapping[str, Any] | None) -> str:
    """Return the filter that a session keeps, as `filters.parse` reads it; empty for none."""
    found = (session or {}).get(FIELD)
    if not isinstance(found, str):
        return ""
    try:
        filters.parse(found)
    except BadUsage:
        return ""  # edited by hand: showing everything is better than showing nothing
    return found


def keep(tx: "Transaction", session_id: str, criteria: str | None) -> None:
    """Keep a filter in a session's record, or with None none."""
    before = tx.edit("sessions", session_id, "session") or {}
    if criteria is None:
        after = {name: value for name, value in before.items() if name != FIELD}
    else:
        after = sessions.update(before, {FIELD: criteria})
    if after != before:
        tx.save(("sessions", session_id, "session"), after)
        said = f"session: filter {criteria}" if criteria else "session: filter off"
        project = before.get("project")
        tx.describe("state_set", fields.subject(said), session=session_id, project=project)
