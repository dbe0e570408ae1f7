"""`/state history`, `/state diff` and `/state blame`: what happened, what differs, and who made it so."""

from datetime import datetime
from typing import Any

from orchestration import paths
from orchestration.claude import reading
from orchestration.claude.client import Answer, Client
from orchestration.domain import comparison, story, values
from orchestration.errors import BadUsage
from orchestration.history import moments
from orchestration.store.snapshot import Snapshot

Arguments = dict[str, Any]
_LIMIT = 20


def history(client: Client, given: Arguments) -> Answer:
    """List the changes at a path, newest first, or with --replay show what stood there at a moment."""
    path = given["place"] or given["path"] or ""
    if given["replay"]:
        return _replay(client, path, given["replay"])
    limit = values.integer("--limit", given["limit"], low=0) if given["limit"] else _LIMIT
    found = reading.place(client, client.snapshot, paths.parse(path))
    since, until = _instant(client, given["since"]), _instant(client, given["until"])
    rows = story.history(
        client.store, client.index, found, session_id=reading.scope(client).session_id, limit=limit or None,
        since=since, until=until,
    )  # fmt: skip
    such = "such " if since or until else ""
    empty = f"There are no {such}changes" + (f" of {path}." if path else ".")
    shown = [one._asdict() | {"commit": one.oid} for one in rows]
    text = client.show("history.events", shown, empty=empty)
    if rows and len(rows) == limit:
        text += f"\nThe newest {limit}; --limit 0 shows all."
    return Answer(text)


def _replay(client: Client, path: str, moment: str) -> Answer:
    reading.look_at(client, moment)
    view = reading.view(client)
    value = view.get(paths.parse(path)) if path else view.whole()
    tip = client.snapshot.tip
    head = f"{path or 'Everything'} at {client.at} (commit {tip.oid[:12] if tip else 'none'}):"
    return Answer(
        f"{head}\n{reading.as_text(value)}" if path else f"{head}\n{client.show('state.keys', value)}"
    )


def _instant(client: Client, text: str | None) -> datetime | None:
    return None if text is None else moments.instant(client.store, text, now=client.now)


def diff(client: Client, given: Arguments) -> Answer:
    """Show what differs between two moments, by path."""
    before = _at(client, given["moment"])
    after = _at(client, given["until"]) if given["until"] is not None else client.snapshot
    of = reading.scope(client)
    rows = [
        {"path": paths.format(one.path), "kind": one.kind, "old": _plain(one.old), "new": _plain(one.new)}
        for one in comparison.compare(before, after, of.folders(), of)
    ]
    return Answer(client.show("history.diff", rows))


def _at(client: Client, text: str) -> Snapshot:
    return client.store.snapshot(
        moments.resolve(client.store, lambda: client.newest_index, text, now=client.now)
    )


def _plain(value: Any) -> Any:
    return None if value is paths.MISSING else value


def blame(client: Client, given: Arguments) -> Answer:
    """Show who set each value under a path, when, in which commit."""
    if not given["path"]:
        raise BadUsage(
            "PATH is missing", hint="such as /state blame tasks.TASK-1, or /state blame sprint.current"
        )
    path = paths.parse(given["path"])
    found = reading.place(client, client.snapshot, path)
    of = reading.scope(client)
    rows = list(story.explain(client.store, client.index, client.snapshot, found, of))
    if not rows:
        reading.view(client).get(path)  # MissingPath names the nearest keys
    return Answer(client.show("history.blame", rows))
