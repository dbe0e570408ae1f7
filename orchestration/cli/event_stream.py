"""`event_stream`: what happened, read from the commits: every change is an event."""

import time
from typing import Any

import click

from orchestration.cli import _event_lines
from orchestration.cli._app import App
from orchestration.cli._group import Group, common, reads, run, writes
from orchestration.cli._options import json_value, project_option, session_option
from orchestration.domain import events, places, sessions
from orchestration.domain.records import EVENT_SEVERITIES, Document
from orchestration.errors import InactiveSession, UnknownSession

KINDS = ("session", "project", "task", "sprint", "epic", "tool", "agent", "type", "severity")
_COLUMNS = {
    "session": "session",
    "project": "project",
    "agent": "author",
    "type": "op",
    "severity": "severity",
}


@click.group(cls=Group)
def cli() -> None:
    """Record events, and look at what happened

    Every commit of the store is an event: its type is the `Op:` of the commit, its id the commit id.
    Events of your own are commits as well, which change no file.
    """


@cli.command()
@click.argument("kind", metavar="TYPE")
@click.option("--data", metavar="JSON", help="What the event carries; a `message` in it is shown.")
@click.option("--severity", type=click.Choice(EVENT_SEVERITIES), default="info", help="Default: info.")
@project_option
@session_option
@writes
def emit(
    app: App, kind: str, data: str | None, severity: str, project: str | None, session: str | None
) -> None:
    """Record an event of your own and print its id

    TYPE is a word of your own, such as build_failed. The event is a commit that changes no file.
    """
    value = json_value(data, "--data") if data is not None else None
    acting = _acting(app, session)
    record = app.snapshot.load("sessions", acting, "session") if acting else None
    project_id = app.project_id(project, session=record, required=False)
    with app.transaction() as tx:
        events.emit(tx, kind, data=value, severity=severity, session=acting, project=project_id)
    assert tx.tip is not None, "the transaction has made a commit"
    facts = {"type": kind, "severity": severity, "project": project_id, "session_id": acting, "data": value}
    if app.json:
        app.emit({"id": tx.tip.oid, **facts})
    else:
        app.say(f"✓ Recorded {kind}")
        if not app.at_terminal:
            click.echo(tx.tip.oid)


def _acting(app: App, given: str | None) -> str | None:
    """Return the session that acts: named or in the environment, and active, else none."""
    if given is None and not app.env.get("CLAUDE_SESSION_ID"):
        return None
    acting = app.session_id(given)
    record = app.snapshot.load("sessions", acting, "session")
    status = sessions.effective_status(record, app.at) if record else "retired"
    if status != "active":
        raise InactiveSession(f"session {acting} is {status}", hint=f"`session_manager recover {acting}`")
    return acting


@cli.command()
@click.argument("number", metavar="[N]", type=click.IntRange(min=1), default=20)
@click.option("--project", metavar="P", help="Only events of this project.")
@reads
def latest(app: App, number: int, project: str | None) -> None:
    """List the newest N events, by default 20, newest first"""
    _emit(app, app.index.events(limit=number, project=project) if app.store.exists else [])


@cli.command("filter")
@click.argument("kind", metavar="KIND", type=click.Choice(KINDS))
@click.argument("name", metavar="ID")
@click.option("--project", metavar="P", help="Only events of this project.")
@click.option("--limit", metavar="N", type=click.IntRange(min=0), default=50, help="Default: 50; 0 for all.")
@reads
def filter_events(app: App, kind: str, name: str, project: str | None, limit: int) -> None:
    """List the events about one thing, newest first

    KIND is session, project, task, sprint, epic, tool, agent (who acted), type or severity. A task, a
    sprint, an epic or a tool has the events that changed it, also those that changed others with it.
    """
    wanted: dict[str, Any] = {"project": project} if project else {}
    if kind == "session":
        wanted["session"] = _known_session(app, name)
    elif kind in _COLUMNS:
        wanted[_COLUMNS[kind]] = name
    else:
        wanted["paths"] = places.files_of(app.snapshot, kind, name, project_id=project)
        if kind == "task":
            wanted["or_named"] = ("task", name)
            if not wanted["paths"]:
                wanted = {"task": name}
    nothing = kind not in _COLUMNS and kind != "task" and not wanted["paths"]
    _emit(app, app.index.events(limit=limit or None, **wanted) if app.store.exists and not nothing else [])


def _known_session(app: App, given: str) -> str:
    try:
        return app.session_id(given)
    except UnknownSession:
        return given  # its events are there, also when its files are not


def _emit(app: App, found: list[Any]) -> None:
    app.emit([events.record(event) for event in found], view="history.stream")


@cli.command()
@click.option("--follow", is_flag=True, help="Go on with new events as they happen, until Ctrl-C.")
@click.option(
    "--tail", metavar="N", type=click.IntRange(min=0), default=20, help="Begin with the last N; default 20."
)
@click.option(
    "--interval", metavar="SECONDS", type=click.FloatRange(min=0.05), default=1.0, help="Default: 1."
)
@click.option(
    "--timeout", metavar="SECONDS", type=click.FloatRange(min=0), help="End --follow after so long."
)
@common
def stream(app: App, follow: bool, tail: int, interval: float, timeout: float | None) -> None:
    """Print events as lines, oldest first

    With --json-output each line is a JSON object.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    if app.store.exists and tail:
        for event in reversed(app.index.events(limit=tail)):
            _event_lines.put(app, events.record(event))
    seen = app.snapshot.tip.oid if app.snapshot.tip else None
    try:
        while follow:
            left = interval if deadline is None else min(interval, deadline - time.monotonic())
            if left <= 0:
                return
            time.sleep(left)
            seen = _go_on(app, seen)
    except KeyboardInterrupt:
        return


def _go_on(app: App, seen: str | None) -> str | None:
    """Print what happened since commit `seen` and return the newest."""
    if not app.store.exists or app.store.refs.head().commit in (seen, None):
        return seen
    for name in ("snapshot", "index", "newest_index"):
        app.__dict__.pop(name, None)
    for event in app.index.events(newest_first=False, after=seen):
        _event_lines.put(app, events.record(event))
    return app.snapshot.tip.oid if app.snapshot.tip else None


@cli.command()
@click.option("--project", metavar="P", help="Only events of this project.")
@reads
def stats(app: App, project: str | None) -> None:
    """Count events by type, by author and by day"""
    shown: Document = {"total": 0}
    for name, what in (("by_type", "type"), ("by_author", "author"), ("per_day", "day")):
        shown[name] = app.index.tally(what, project=project) if app.store.exists else {}
    shown["total"] = sum(shown["by_type"].values())
    app.emit(shown, view="history.stats")


def main() -> None:
    """Run the command line."""
    run(cli, "event_stream")
