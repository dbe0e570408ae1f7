"""`state_manager watch`: changes at a path, as they happen."""

import json
import time
from typing import Any

import click

from orchestration import diff, paths
from orchestration.cli import _output
from orchestration.cli._app import App
from orchestration.cli._group import Command, common
from orchestration.cli._history import plain, session_scope
from orchestration.domain import comparison, places
from orchestration.domain.session_view import SessionView
from orchestration.errors import NotFound, OrchestrationError
from orchestration.history import moments
from orchestration.store.snapshot import Snapshot

_STEPS = 10_000
"""The most commits that are gone through one by one after a pause."""


@click.command(cls=Command)
@click.argument("session")
@click.argument("path", default="")
@click.option(
    "--interval", metavar="SECONDS", type=click.FloatRange(min=0.05), default=1.0, help="Default: 1."
)
@click.option("--timeout", metavar="SECONDS", type=click.FloatRange(min=0), help="Default: until Ctrl-C.")
@common
def watch(app: App, session: str, path: str, interval: float, timeout: float | None) -> None:
    """Print each change at a path as it happens

    Each is a line of JSON: {commit, at, author, path, old, new}; null stands for no value. Ends after
    --timeout, or with Ctrl-C, and exits 0.
    """
    session_id, reader, _ = session_scope(app, session)
    watcher = _Watcher(app, session_id, paths.parse(path), reader)
    deadline = None if timeout is None else time.monotonic() + timeout
    try:
        while True:
            watcher.look()
            left = interval if deadline is None else min(interval, deadline - time.monotonic())
            if left <= 0:
                return
            time.sleep(left)
    except KeyboardInterrupt:
        return


class _Watcher:
    """Goes from commit to commit and prints what each changed at a path."""

    def __init__(self, app: App, session_id: str, path: paths.Path, reader: Snapshot) -> None:
        self.app = app
        self.id = session_id
        self.path = path
        self.reader = reader
        places.find(reader, session_id, path, now=app.at)

    def look(self) -> None:
        """Print what happened since the last look."""
        tip = self.app.store.refs.head().commit
        seen = self.reader.tip.oid if self.reader.tip else None
        if tip is None or tip == seen:
            return
        for oid in self._new(tip, seen):
            after = self.app.store.snapshot(oid)
            self._tell(self.reader, after)
            self.reader = after

    def _new(self, tip: str, seen: str | None) -> list[str]:
        """Return the commits from the last one seen to the newest; only that when the branch was rewritten."""
        way, oid = [tip], tip
        while len(way) < _STEPS:
            parents = self.app.store.commit(oid).parents
            if seen in parents:
                return way[::-1]
            if not parents:
                break
            oid = parents[0]
            way.append(oid)
        return [tip]

    def _tell(self, before: Snapshot, after: Snapshot) -> None:
        assert after.tip is not None, "it was read from the branch"
        for path, old, new in self._changed(before, after):
            line = {
                "commit": after.tip.oid,
                "at": after.tip.at.isoformat().replace("+00:00", "Z"),
                "author": after.tip.author,
                "path": paths.format(path),
                "old": plain(old),
                "new": plain(new),
            }
            _output.put(json.dumps(line, ensure_ascii=False))

    def _changed(self, before: Snapshot, after: Snapshot) -> list[tuple[paths.Path, Any, Any]]:
        assert after.tip is not None, "it was read from the branch"
        at = moments.shown(after.tip.at)
        try:
            found = places.find(after, self.id, self.path, now=at)
            of = places.scope(after, self.id)
        except OrchestrationError:  # the session, or the sprint, has just gone
            found = places.find(before, self.id, self.path, now=at)
            of = places.scope(before, self.id)
        if not found.computed:
            return [
                (one.path, one.old, one.new) for one in comparison.compare(before, after, found.files, of)
            ]
        old, new = (self._computed(one, at) for one in (before, after))
        return [((*self.path, *one.path), one.old, one.new) for one in diff.diff(old, new)]

    def _computed(self, reader: Snapshot, at: str) -> Any:
        try:
            return SessionView(reader, self.id, now=at, index=lambda: self.app.index).get(self.path)
        except NotFound:
            return paths.MISSING
