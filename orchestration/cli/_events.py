"""`orchestration events`: what happened, and with --follow what happens."""

import time

import click

from orchestration.cli import _event_lines, _live
from orchestration.cli._app import App
from orchestration.cli._group import Command, reads
from orchestration.cli._screen import stopping
from orchestration.domain import event_search, events
from orchestration.domain.event_search import Wanted
from orchestration.errors import BadUsage, OrchestrationError
from orchestration.history import moments
from orchestration.store.watching import Watch

SHOWN = 50
_TICK = 0.25


@click.command("events", cls=Command)
@click.argument("words", metavar="[FILTER]...", nargs=-1)
@click.option("--follow", is_flag=True, help="Go on with new events as they happen, until Ctrl-C.")
@click.option("--since", metavar="REV|TIME", help="Only from then on: yesterday, 2 hours ago, a commit.")
@click.option("--type", "op", metavar="TYPE", help="Only events of this type, such as task_moved.")
@click.option("--task", metavar="ID", help="Only events about this task.")
@click.option("--project", metavar="P", help="Only events of this project.")
@click.option(
    "--limit", metavar="N", type=click.IntRange(min=0), default=SHOWN,
    help=f"Show the last N that fit, by default {SHOWN}; 0 for all, with --follow for none.",
)  # fmt: skip
@click.option(
    "--timeout", metavar="SECONDS", type=click.FloatRange(min=0), help="End --follow after so long."
)
@reads
def list_events(
    app: App, words: tuple[str, ...], follow: bool, since: str | None, op: str | None, task: str | None,
    project: str | None, limit: int, timeout: float | None,
) -> None:  # fmt: skip
    """List what happened, a line for each event, oldest first

    FILTER is words: an event fits when each of them is in its type, its author, its project, its task or
    what history says of it, in any case. With --json-output it is one list of objects, with --follow as well
    an object in each line.
    """
    if follow and app.at_option is not None:
        raise BadUsage("what is followed is the present", hint="leave out --at or --follow")
    when = moments.instant(app.store, since, now=app.now) if since is not None else None
    wanted = Wanted(words, op, task, project, when)
    most = None if limit == 0 else limit
    found = []
    if app.store.exists and not (follow and limit == 0):
        found = event_search.newest(app.index, app.snapshot, wanted, most)
    if app.json and not follow:
        app.emit([events.record(event) for event in found])
        return
    for event in found:
        _event_lines.put(app, events.record(event))
    if follow:
        _follow(app, wanted, timeout)
    elif not found:
        app.say("There are no such events.")


def _follow(app: App, wanted: Wanted, timeout: float | None) -> None:
    """Print events as they happen, until Ctrl-C or SIGTERM, or for `timeout` seconds."""
    deadline = None if timeout is None else time.monotonic() + timeout
    seen = app.snapshot.tip.oid if app.snapshot.tip else None
    watch = Watch(app.store.git_dir)
    place, is_new = watch.place, True  # somebody may have been faster than the watch
    with stopping():
        while deadline is None or time.monotonic() < deadline:
            if not is_new:
                time.sleep(_TICK)
            if not watch.changed() and not is_new:
                continue
            is_new = False
            if watch.place != place:
                place = watch.place
                app.__dict__.pop("store", None)
            _live.refresh(app)
            try:
                seen = _news(app, wanted, seen)
            except OrchestrationError as error:
                app.warn(error.message)


def _news(app: App, wanted: Wanted, seen: str | None) -> str | None:
    """Print what happened since commit `seen`, and return the newest commit."""
    tip = app.snapshot.tip
    if tip is None or tip.oid == seen:
        return seen
    for event in event_search.after(app.index, app.snapshot, wanted, seen):
        _event_lines.put(app, events.record(event))
    return tip.oid
