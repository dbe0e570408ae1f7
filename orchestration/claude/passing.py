"""An answer that the hook passes on to the model: the command file's own command must not work it out again.

A hook that lets a command through has done what the command says already: made a plan, created a task.
Then the client runs the command file's body, which asks the same once more; it gets the same answer.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.store import hosts

if TYPE_CHECKING:
    from orchestration.claude.client import Client

_FOR = timedelta(minutes=2)
"""How long the client may take from the hook to the command file."""


def keep(client: "Client", family: str, raw: str, text: str) -> None:
    """Keep what a hook answered for the model."""
    path = _file(client)
    if path is None or client.by_model or not client.store.exists:
        return
    at = client.now.astimezone(UTC).isoformat()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"at": at, "family": family, "raw": raw.strip(), "text": text}))
    except OSError:
        pass  # a store that may only be read: nothing was changed either


def take(client: "Client", family: str, raw: str) -> str | None:
    """Return, once, what the hook has answered to the same command just now; None otherwise."""
    path = _file(client)
    if path is None or not client.by_model:
        return None
    try:
        found = json.loads(path.read_text())
        path.unlink()
        age = client.now - datetime.fromisoformat(found["at"])
        same = (found["family"], found["raw"]) == (family, raw.strip())
        return str(found["text"]) if same and timedelta(0) <= age < _FOR else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # there is none, or it is torn


def _file(client: "Client") -> Path | None:
    if client.host is None or not hosts.fits(client.host):
        return None
    return client.store.private / "passed" / client.host
