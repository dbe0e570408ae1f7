"""Events: what commits say happened, in the shape that programs read."""

import json
from typing import TYPE_CHECKING, Any

from orchestration.domain.records import Document

if TYPE_CHECKING:
    from orchestration.store.index import Event


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
