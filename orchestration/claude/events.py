"""What is done about an event of Claude Code, once there is something to do."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from orchestration.claude import idle
from orchestration.claude.client import Client
from orchestration.errors import OrchestrationError, Refused
from orchestration.store import agents, hosts

Given = dict[str, Any]
Complain = Callable[[str, str], None]
_KEPT = 4000
"""The most characters that are kept of a command and its answer, of which the briefing tells the beginning."""
_WAIT = 2.0
"""Seconds that a hook waits for the store's lock: the client waits meanwhile."""


class Reply(NamedTuple):
    """What is written for the client, and what is noted once it is."""

    text: str
    told: Callable[[], None]


def answer(event: str, given: Given, env: Mapping[str, str], now: float, complain: Complain) -> Reply | None:
    """Answer an event, None when there is nothing to say; `complain(event, what)` takes what went wrong."""
    folder = given.get("cwd")
    client = Client(env, host=given["session_id"], folder=folder if isinstance(folder, str) else None)
    client.now = datetime.fromtimestamp(now, UTC)
    try:
        if not _is_set_up(client):
            return None
        if event == "UserPromptExpansion":
            return _expansion(client, given)
        if not client.store.exists:
            return None
        if event == "SessionStart":
            return _begin(client, given)
        if event == "UserPromptSubmit":
            return _prompt(client, given, complain)
        if event == "PostToolUse":
            _committed(client, given)
    except OrchestrationError as error:
        if event == "UserPromptExpansion" and _command(given) is not None:
            return _block(f"Error: {error.message}" + (f"\nHint: {error.hint}" if error.hint else ""))
        complain(event, error.message)
    return None


def _is_set_up(client: Client) -> bool:
    """Say whether this folder has a project here: configured, or with anything in the store."""
    if client.binding or client.checkout.config is not None:
        return True
    if not client.store.exists:
        return False
    if client.env.get("CLAUDE_SESSION_ID"):
        return True
    try:
        project = client.project_id(required=False)
    except Refused:
        return False  # the name is that of another repository
    return project is not None and client.snapshot.exists("projects", project)


def _project(client: Client) -> str | None:
    return client.project_id(session=client.record, required=False)


def _context(event: str, text: str, told: Callable[[], None]) -> Reply:
    found = {"hookSpecificOutput": {"hookEventName": event, "additionalContext": text}}
    return Reply(json.dumps(found), told)


# -- a session begins


def _begin(client: Client, given: Given) -> Reply | None:
    from orchestration.claude import binding, situation

    assert client.host is not None, "an event has a session"
    private = str(client.store.private)
    agents.stop(private, client.host)
    binding.arrive(client, given, idle.client(client.env))
    project = _project(client)
    if project is None:
        return None
    short = given.get("source") in ("startup", "clear")
    text = (situation.brief if short else situation.whole)(client, project)

    def told() -> None:
        _saw(client)
        if short:  # else the conversation goes on, and so do the commands typed in it
            hosts.forget_typed(private, client.host or "")

    return _context("SessionStart", text, told)


def _saw(client: Client) -> None:
    """Note that the model has seen all there is, and the lease as of now."""
    assert client.host is not None, "an event has a session"
    private = str(client.store.private)
    tip = client.snapshot.tip.oid if client.snapshot.tip else ""
    if "index" in client.__dict__:  # it may have met commits that are newer than the snapshot
        tip = client.index.rows("SELECT tip FROM state")[0][0] or tip
    facts = {"commit": tip}
    if client.record is not None:
        from orchestration.domain import values

        for name in ("heartbeat", "expiry"):
            moment = values.parse_time(client.record["lifecycle"][name])
            facts[name] = str(int(moment.timestamp()))
    hosts.mark(private, client.host, facts)


# -- a prompt


def _prompt(client: Client, given: Given, complain: Complain) -> Reply | None:
    from orchestration.claude import binding

    assert client.host is not None, "an event has a session"
    private = str(client.store.private)
    known = bool(client.binding)
    if not known:
        binding.arrive(client, given, idle.client(client.env))
    if client.session is not None:
        from orchestration.store import presence

        presence.touch(client.store.private, client.session, client.now)
    try:
        _renew(client)
    except OrchestrationError as error:  # what the model is told matters more
        complain("UserPromptSubmit", error.message)
    if not idle.ordinary(given):
        return None
    project = _project(client)
    commit = hosts.seen(private, client.host).get("commit")
    if project is None:
        _saw(client)
        return None
    text: str | None
    if not commit or client.index.includes(commit):
        from orchestration.claude import briefing

        text = briefing.briefing(client, project, commit)
    else:  # a history that was rewritten tells nothing about what is new
        from orchestration.claude import situation

        text = situation.whole(client, project)
    if text is None:
        _saw(client)
        return None
    host = client.host

    def told() -> None:
        _saw(client)
        hosts.forget_typed(private, host)

    return _context("UserPromptSubmit", text, told)


def _renew(client: Client) -> None:
    """Renew the lease of a session at work every half hour, and bring one back that has expired."""
    from orchestration.claude import binding
    from orchestration.domain import session_actions, sessions, values

    def old(record: dict[str, Any]) -> bool:
        age = client.now - values.parse_time(record["lifecycle"]["heartbeat"])
        return age.total_seconds() >= idle.HEARTBEAT

    record = client.record
    session = client.binding.get("session")
    retired = record is None and session is not None and "made" in client.binding
    status = sessions.effective_status(record, client.at) if record else None
    client.store.lock.timeout = _WAIT
    if retired or status == "expired":
        binding.ensure(client)
        with client.transaction():
            pass
    elif record is not None and status == "active" and old(record):
        with client.transaction() as tx:
            now = tx.edit("sessions", record["id"], "session")
            if now is not None and sessions.effective_status(now, client.at) == "active" and old(now):
                session_actions.heartbeat(tx, record["id"], now=client.at)
    else:
        return
    for name in ("session", "record"):
        client.__dict__.pop(name, None)


# -- a slash command


def _command(given: Given) -> str | None:
    """Return the name of our command that was typed, None for any other."""
    from orchestration.claude.table import FAMILIES

    name = given.get("command_name")
    if not isinstance(name, str):
        return None
    if given.get("command_source") == "plugin":
        plugin, _, name = name.partition(":")
        if plugin != "orchestration":
            return None
    return name if name in FAMILIES else None


def _expansion(client: Client, given: Given) -> Reply | None:
    from orchestration.claude import dispatch

    name = _command(given)
    if name is None:
        return None
    raw = given.get("command_args")
    raw = raw.encode("utf-8", "replace").decode() if isinstance(raw, str) else ""
    found = dispatch.answer(client, name, raw)
    if found.for_model:
        return _context("UserPromptExpansion", found.text, lambda: None)
    return _block(found.text, lambda: _typed(client, f"/{name} {raw}".rstrip(), found.text))


def _block(text: str, told: Callable[[], None] = lambda: None) -> Reply:
    said = {"hookEventName": "UserPromptExpansion", "suppressOriginalPrompt": True}
    return Reply(
        json.dumps({"decision": "block", "reason": text or "(nothing)", "hookSpecificOutput": said}), told
    )


def _typed(client: Client, command: str, text: str) -> None:
    """Note for the next briefing what was answered without the model, unless it holds a secret."""
    if client.host is None or not client.store.exists:
        return
    from orchestration import secrets

    whole = f"{command}\n{text}"
    if secrets.likely(whole):
        from orchestration.secrets import detection

        if detection.find(whole):
            return
    hosts.add_typed(str(client.store.private), client.host, command[:_KEPT], text[:_KEPT])


# -- a commit of the user's own repository


def _committed(client: Client, given: Given) -> None:
    from orchestration.claude import commits

    client.store.lock.timeout = _WAIT
    commits.note(client, given)
