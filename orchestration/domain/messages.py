"""Messages to agents: events of the type `message`, which `notify` and `broadcast` record."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from orchestration.domain import events
from orchestration.domain.records import Document

if TYPE_CHECKING:
    from orchestration.store.queries import Event

TYPE = "message"
EVERYBODY = "all"


def listing(found: Iterable["Event"], to: str | None = None) -> list[Document]:
    """Return {at, source, to, about, text, commit} of messages, of all or of those to an agent or everybody."""
    rows = []
    for event in found:
        record = events.record(event)
        data: Any = record["data"] if isinstance(record["data"], dict) else {}
        receiver = str(data.get("to") or EVERYBODY)
        if to is None or receiver in (to, EVERYBODY):
            rows.append(
                {
                    "at": record["timestamp"],
                    "source": record["source"],
                    "to": receiver,
                    "about": data.get("kind") or data.get("topic"),
                    "text": data.get("text", data.get("data")),
                    "commit": record["id"],
                }
            )
    return rows
