"""What this client sees of the state: its session's document, or its project's before it has a session."""

import json
from typing import Any

from orchestration.claude.client import Client
from orchestration.domain import places
from orchestration.domain.session_view import SessionView
from orchestration.domain.unbound_view import NOBODY, UnboundView
from orchestration.errors import BadUsage
from orchestration.paths import Path
from orchestration.store.snapshot import Snapshot


def view(client: Client) -> SessionView:
    """Return the document that this client's session sees."""
    if client.session is not None and client.snapshot.exists("sessions", client.session):
        return SessionView(client.snapshot, client.session, now=client.at, index=lambda: client.index)
    return UnboundView(client.snapshot, client.project().id, now=client.at, index=lambda: client.index)


def scope(client: Client) -> places.Scope:
    """Return the session and the project whose past is asked for."""
    return places.Scope(client.session or NOBODY, client.project_id(None, session=client.record))


def place(client: Client, reader: Snapshot, path: Path) -> places.Places:
    """Return where history keeps what stands at a path."""
    return places.find_in(reader, scope(client), path, bound=client.bound_sprint, now=client.at)


def look_at(client: Client, moment: str) -> None:
    """Let the client look at another moment from now on; nothing has been read before."""
    client.at_option = moment
    for name in ("then", "at", "snapshot", "index"):
        client.__dict__.pop(name, None)


def as_text(value: Any) -> str:
    """Return a value as `get` prints it: text bare, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def json_value(text: str) -> Any:
    """Return the JSON value that was typed; BadUsage names the place of what is wrong."""

    def refuse(word: str) -> Any:
        raise BadUsage(f"VALUE holds {word}, which JSON has not", hint="use null or a number")

    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise BadUsage(
            f"VALUE is not JSON: {error.msg} at line {error.lineno}, column {error.colno}",
            hint='write names and texts in double quotes: {"status": "done"}',
        ) from None
    except RecursionError:
        raise BadUsage("VALUE is nested too deeply") from None
