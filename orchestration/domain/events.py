"""Events: what commits say happened, in the shape that programs read."""

import json
import re
from typing import TYPE_CHECKING, Any

from orchestration.domain import fields
from orchestration.domain.records import EVENT_SEVERITIES, Document
from orchestration.errors import InvalidData

if TYPE_CHECKING:
    from orchestration.store.queries import Event
    from orchestration.store.transaction import Transaction

DATA_LIMIT = 4000
"""The most characters of the JSON that an event carries: it is one line of a commit message."""


def record(event: "Event") -> Document:
    """Return an event as a record; `data` is what the event carried, `subject` the line history shows."""
    data: Any = None
    if event.data:
        try:
            data = json.loads(event.data)
        except ValueError:
            data = event.data  # written by hand
    kind = "task" if event.task else "session" if event.session else "project" if event.project else None
    return {
        "id": event.oid,
        "timestamp": event.at,
        "type": event.op or "commit",
        "source": event.author,
        "severity": event.severity or "info",
        "project": event.project,
        "session_id": event.session,
        "entity": {"kind": kind, "id": event.task or event.session or event.project} if kind else None,
        "data": data,
        "cause": event.reason,
        "subject": event.subject,
    }


def emit(
    tx: "Transaction", kind: str, *, data: Any = None, severity: str = "info", session: str | None,
    project: str | None,
) -> None:  # fmt: skip
    """Record an event of a type of one's own; InvalidData for a type or data that an event cannot hold."""
    if not re.match(r"[A-Za-z][A-Za-z0-9_.-]{0,63}\Z", kind):
        raise InvalidData(
            f"{kind!r} is no type of an event", hint="use letters, digits and _, such as build_failed"
        )
    if severity not in EVENT_SEVERITIES:
        raise InvalidData(f"severity {severity!r} is not one of {', '.join(EVENT_SEVERITIES)}")
    text = None if data is None else json.dumps(data, separators=(",", ":"))
    if text is not None and len(text) > DATA_LIMIT:
        raise InvalidData(
            f"the data of an event has {len(text)} characters; {DATA_LIMIT} are the most",
            hint="keep it in a record, and let the event name its path",
        )
    said = data.get("message") if isinstance(data, dict) else data
    about = f": {said}" if isinstance(said, str) and said else ""
    subject = fields.subject(f"event: {kind}{about}")
    tx.emit(kind, subject, session=session, project=project, severity=severity, data=text)
