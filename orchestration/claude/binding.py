"""Which of our sessions a client's session is, and how one follows another."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.claude import idle
from orchestration.domain import lookup, sessions
from orchestration.domain.joining import Joining
from orchestration.errors import UnknownSession
from orchestration.store import hosts

if TYPE_CHECKING:
    from orchestration.claude.client import Client

_FORKED = b'"forkedFrom":{"sessionId":"'
_HEAD = 1 << 16
"""Bytes of a conversation's file that are looked at: what it was forked from stands in its first lines."""


def session_of(client: "Client") -> str | None:
    """Return the session that a client is bound to, or None when there is no record of one yet."""
    named = client.env.get("CLAUDE_SESSION_ID")
    if named:
        return lookup.find(client.snapshot, named, lambda: client.index.retired())
    session = client.binding.get("session")
    if session is None:
        return _of_record(client)
    return session if client.snapshot.exists("sessions", session, "session") else None


def _of_record(client: "Client") -> str | None:
    """Return the live session whose record names the client: for one that this machine's notes lost."""
    if client.host is None:
        return None
    live = lookup.live(client.sessions(), client.at)
    return next((name for name, one in live.items() if one.get("host_session_id") == client.host), None)


def ensure(client: "Client") -> str | None:
    """Return the session that a client acts in; the next transaction makes it, or brings it back.

    One that was completed or failed has an end: a new one follows it, as its child.
    """
    if client.env.get("CLAUDE_SESSION_ID"):
        return client.session
    if client.host is None:
        try:
            return client.session_id()
        except UnknownSession:
            return None
    session = client.session or client.binding.get("session")
    record = client.snapshot.load("sessions", session, "session") if session else None
    files: dict[str, Any] = {}
    if session and record is None and "made" in client.binding:
        from orchestration.history import rescue

        found = rescue.session(client.store, client.index, session)
        files = found.files if found else {}
        record = files.get("session")
    parent = None
    if record is not None and record.get("lifecycle", {}).get("status") in ("completed", "failed"):
        session, parent, record, files = None, session, None, {}
    if is_live(record, client.at) and record and record.get("host_session_id") == client.host:
        return session
    project = (record or {}).get("project") or client.project_id(required=False)
    client.joining = Joining(session or client.new_id(), client.host, project, client.mode, parent, files)
    return client.joining.session


def arrive(client: "Client", given: dict[str, Any], env_of: str) -> bool:
    """Bind a client's session that is new here: to its predecessor's, else to one that is yet to be made.

    `env_of` names the client's process. Says whether it took a predecessor's place.
    """
    assert client.host is not None, "an event has a session"
    private = str(client.store.private)
    known = hosts.binding(private, client.host)
    before = None if known else _predecessor(private, given, env_of)
    hosts.tidy(private)
    hosts.keep(private, env_of, client.host)
    if known:
        return False
    facts = hosts.binding(private, before) if before else {}
    if client.env.get("CLAUDE_SESSION_ID") and client.session:
        facts = {
            "session": client.session,
            "project": (client.record or {}).get("project") or "",
            "made": "1",
        }
    elif facts:
        if given.get("source") != "clear" and before:
            hosts.inherit(private, before, client.host)
    else:
        project = client.project_id(required=False) or ""
        facts = {"session": client.new_id(), "project": project}
    hosts.bind(private, client.host, facts)
    client.__dict__.pop("binding", None)
    return before is not None


def _predecessor(private: str, given: dict[str, Any], env_of: str) -> str | None:
    """Return the client's session that this one goes on from, None when it is a new beginning.

    A conversation that was forked names the other in its file. After `/clear` the process is the same; a
    fork that begins with its process has the folder's last one.
    """
    source = given.get("source")
    if source == "startup":
        return None
    named = _forked_from(given.get("transcript_path"))
    if named is None and source in ("clear", "fork", None):
        named = hosts.former(private, env_of)
        if named is None and source is not None:
            named = hosts.former(private, idle.place(given))
    return named if named is not None and hosts.fits(named) else None


def _forked_from(path: object) -> str | None:
    try:
        with Path(str(path)).open("rb") as file:
            head = file.read(_HEAD)
    except (OSError, ValueError):
        return None
    _, found, rest = head.partition(_FORKED)
    return rest.partition(b'"')[0].decode("ascii", "replace") if found else None


def is_live(record: dict[str, Any] | None, now: str) -> bool:
    """Say whether a session's record is that of one at work."""
    return record is not None and sessions.effective_status(record, now) == "active"
