"""Commands of `state_manager` about the past: history, diff, blame, changes."""

from datetime import datetime
from typing import Any

import click

from orchestration import paths
from orchestration.cli._app import App
from orchestration.cli._group import Command, common, reads
from orchestration.domain import comparison, places, story
from orchestration.domain.records import Document
from orchestration.domain.session_view import SessionView
from orchestration.history import moments
from orchestration.store.queries import Event
from orchestration.store.snapshot import Snapshot


def instant(app: App, text: str | None) -> datetime | None:
    """Return the time that an option such as --since means."""
    return None if text is None else moments.instant(app.store, text, now=app.now)


@click.command(cls=Command)
@click.argument("session")
@click.argument("path", default="")
@click.option("--since", metavar="REV|TIME", help="Only changes from then on.")
@click.option("--until", metavar="REV|TIME", help="Only changes before then.")
@click.option("--limit", metavar="N", type=click.IntRange(min=0), default=20, help="Default: 20; 0 for all.")
@click.option("--author", metavar="NAME", help="Only changes of this person or agent.")
@click.option("--op", metavar="TYPE", help="Only events of this type, such as task_moved.")
@reads
def history(
    app: App, session: str, path: str, since: str | None, until: str | None, limit: int,
    author: str | None, op: str | None,
) -> None:  # fmt: skip
    """List the changes at a path, newest first: when, who, and why

    Without PATH: of the session and its project. A path inside a record lists only the commits in
    which the value there changed. Each is a commit of the store: `diff SESSION COMMIT~ COMMIT` shows
    what it changed, `get SESSION PATH --at COMMIT~` what was there before, and `undo COMMIT` takes it
    back. Lines are cut at a terminal, never in a pipe.
    """
    session_id, reader, _ = session_scope(app, session)
    found = places.find(reader, session_id, paths.parse(path), now=app.at)
    rows = story.history(
        app.store, app.index, found, session_id=session_id, limit=limit or None,
        author=author, op=op, since=instant(app, since), until=instant(app, until),
    )  # fmt: skip
    filtered = any((since, until, author, op))
    empty = f"There are no {'such ' if filtered else ''}changes" + (f" of {path}." if path else ".")
    app.emit([_event(one) for one in rows], view="history.events", empty=empty)


@click.command("diff", cls=Command)
@click.argument("session")
@click.argument("old", metavar="REV")
@click.argument("new", metavar="[REV]", required=False)
@common
def diff(app: App, session: str, old: str, new: str | None) -> None:
    """Show what differs between two moments, by path

    From the first REV to the second, by default to now; each is a commit, a tag or a time. Lines begin
    with + (added), - (removed) or ~ (changed from -> to); values are JSON. Computed values are left out.
    """
    before = _at(app, old)
    after = _at(app, new) if new is not None else app.snapshot
    _, _, of = session_scope(app, session, after, before)
    found = comparison.compare(before, after, of.folders(), of)
    app.emit([_difference(one) for one in found], view="history.diff")


@click.command(cls=Command)
@click.argument("session")
@click.argument("path", default="")
@reads
def blame(app: App, session: str, path: str) -> None:
    """Show who set each value under a path, when, in which commit

    Without PATH: of all that the session sees. --json-output says what each commit was about as well;
    `history SESSION PATH` lists all changes of a value, with why.
    """
    session_id, reader, of = session_scope(app, session)
    parsed = paths.parse(path)
    found = places.find(reader, session_id, parsed, now=app.at)
    rows = list(story.explain(app.store, app.index, reader, found, of))
    if not rows and parsed:
        SessionView(reader, session_id, now=app.at, index=lambda: app.index).get(
            parsed
        )  # MissingPath names the nearest keys
    app.emit(rows, view="history.blame")


@click.command(cls=Command)
@click.argument("session")
@click.option(
    "--since", required=True, metavar="REV|TIME", help="The commit, or time, that is known already."
)
@click.option(
    "--max-chars", metavar="N", type=click.IntRange(min=40), help="Print at most so many characters."
)
@common
def changes(app: App, session: str, since: str, max_chars: int | None) -> None:
    """List what anyone changed since a commit, in few words

    By record, with the newest commit of each. Made for programs and models: what was changed and changed
    back is not told, and with --max-chars the last line says how many changes were left out.
    """
    before, after = _at(app, since), app.snapshot
    _, _, of = session_scope(app, session, after, before)
    found = story.news(app.index, before, after, of)
    lines, left_out = story.budgeted(found, max_chars)
    if not app.json:
        app.emit(lines or ["Nothing changed."], view="history.lines")
        return
    assert before.tip is not None and after.tip is not None, "both are commits"
    told = [
        {
            "record": group.record or None,
            "changes": [_difference(one) for one in group.differences],
            "event": _event(group.event) if group.event else None,
        }
        for group in found
    ]
    app.emit(
        {"since": before.tip.oid, "to": after.tip.oid, "records": told, "lines": lines, "left_out": left_out}
    )


def session_scope(app: App, given: str, *others: Snapshot) -> tuple[str, Snapshot, places.Scope]:
    """Return the session meant and its scope, as of now, or as of the first other snapshot that has it."""
    session_id = app.session_id(given)
    readers = [*others, app.snapshot]
    reader = next((one for one in readers if one.exists("sessions", session_id)), None)
    if reader is None:
        gone = app.index.retired().get(session_id)
        reader = app.store.snapshot(gone.parent if gone else None)
    return session_id, reader, places.scope(reader, session_id)


def _at(app: App, text: str) -> Snapshot:
    return app.store.snapshot(moments.resolve(app.store, lambda: app.newest_index, text, now=app.now))


def _event(event: Event) -> Document:
    return {
        "commit": event.oid,
        "at": event.at,
        "author": event.author,
        "op": event.op,
        "session": event.session,
        "project": event.project,
        "task": event.task,
        "reason": event.reason,
        "subject": event.subject,
    }


def _difference(one: comparison.Difference) -> Document:
    return {"path": paths.format(one.path), "kind": one.kind, "old": plain(one.old), "new": plain(one.new)}


def plain(value: Any) -> Any:
    return None if value is paths.MISSING else value
