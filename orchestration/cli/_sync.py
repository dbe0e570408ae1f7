"""Sharing a store: `state_manager remote` and `sync`, and `orchestration clone`."""

import os
import time
from collections.abc import Mapping
from typing import Any

import click

from orchestration.cli._app import App
from orchestration.cli._group import Command, Group, common, writes
from orchestration.errors import BadUsage, NotFound, OrchestrationError, Refused, UnknownSession
from orchestration.store.git import NoGit
from orchestration.sync import cloning, joining, labels, moving, remotes, rounds
from orchestration.sync.remotes import Remote
from orchestration.sync.urls import redacted


@click.group("remote", cls=Group)
def remote() -> None:
    """Name the git servers through which this store is shared

    A remote is an empty or shared git repository anywhere: a folder, ssh, https. `sync` exchanges changes
    with it.
    """


@remote.command()
@click.argument("name")
@click.argument("url")
@common
def add(app: App, name: str, url: str) -> None:
    """Name the git repository at URL"""
    if not app.store.exists:
        raise NotFound("there is no store yet", hint="`orchestration clone URL` brings a team's store")
    made = remotes.add(app.store, name, _place(app, url))
    if app.json:
        app.emit(_row(app, made))
    else:
        app.say(
            f"✓ Added {made.name} at {redacted(made.url)}; `state_manager sync` shares this store with it"
        )


def _place(app: App, url: str) -> str:
    """Return a URL; the path of a folder as seen from everywhere."""
    if url.startswith((".", "~/")) or (os.sep in url and "://" not in url and (app.cwd / url).is_dir()):
        text = str(app.home / url[2:]) if url.startswith("~/") else str(app.cwd / url)
        return os.path.normpath(text)
    return url


def _row(app: App, one: Remote) -> dict[str, Any]:
    return {"name": one.name, "url": redacted(one.url), "synced_at": labels.synced_at(app.store, one.name)}


@remote.command("list")
@common
def list_remotes(app: App) -> None:
    """List remotes, with when each was synced last"""
    app.emit([_row(app, one) for one in remotes.every(app.store)], view="sync.remotes")


@remote.command()
@click.argument("name")
@common
def remove(app: App, name: str) -> None:
    """Forget a remote; nothing changes there"""
    gone = remotes.remove(app.store, name)
    if app.json:
        app.emit({"name": gone.name, "url": redacted(gone.url)})
    else:
        app.say(f"✓ Forgot {gone.name}; nothing changed at {redacted(gone.url)}")


@click.command(cls=Command)
@click.argument("name", metavar="[REMOTE]", required=False)
@click.option("--dry-run", is_flag=True, help="Show what would come, go and be merged; change nothing.")
@click.option("--yes", is_flag=True, help="Share the store for the first time without being asked.")
@click.option(
    "--watch", type=click.FloatRange(1), metavar="SECONDS", help="Go on, with this long a pause in between."
)
@click.option("--rejoin", is_flag=True, help="Take over a history that was purged on another machine.")
@writes
def sync(app: App, name: str | None, dry_run: bool, yes: bool, watch: float | None, rejoin: bool) -> None:
    """Exchange changes with a remote, by default origin

    Brings what others changed, merges it with what was changed here, and sends the result. Two people
    may have edited the same record: their changes are merged value by value, and where both changed one
    value, the later stands and the other is listed by `state_manager conflicts`. Backups and handoffs
    go along; sessions' presence, caches and locks never leave this machine.

    Before anything is sent to a remote for the first time, it is shown what others will see.

    Where somebody has removed a value from the whole history (`state_manager purge`), a machine that still has
    the former one is refused. --rejoin keeps that in a bundle beside the store and makes your own changes,
    as far as they were not sent yet, anew on top of the purged history.
    """
    if rejoin and (dry_run or watch is not None):
        raise BadUsage("--rejoin is done once, and for good", hint="leave out --dry-run and --watch")
    if not app.store.exists:
        raise NotFound("there is no store yet", hint="`orchestration clone URL` brings a team's store")
    chosen = remotes.find(app.store, name)
    while True:
        try:
            _once(app, chosen, dry_run=dry_run, yes=yes, quiet=watch is not None, rejoin=rejoin)
        except OrchestrationError as error:
            if watch is None or isinstance(error, Refused | NoGit):
                raise
            app.warn(error.message)  # offline for a while: that passes
        if watch is None:
            return
        time.sleep(watch)
        app.__dict__.pop("now", None)


def _once(app: App, chosen: Remote, *, dry_run: bool, yes: bool, quiet: bool, rejoin: bool) -> None:
    def approve(facts: Mapping[str, Any]) -> None:
        if yes:
            return
        app.emit(facts, view="sync.report")
        if app.at_terminal and not app.json and _agreed():
            return
        raise Refused(
            f"nothing was sent to {chosen.name} yet: this would be the first time",
            hint="`state_manager sync --yes` shares it",
        )

    done = rounds.sync(
        app.store, chosen, transaction=app.transaction, approve=approve, now=app.now, dry_run=dry_run,
        rejoin=rejoin,
    )  # fmt: skip
    nothing = not (done["came"]["commits"] or done["went"]["commits"] or done["merge"])
    if not (quiet and nothing):
        app.emit(done, view="sync.report")


def _agreed() -> bool:
    """Ask whether to share; nobody there to answer is a no."""
    try:
        return click.confirm("Share this?", err=True)
    except click.Abort as ended:
        if isinstance(ended.__context__, EOFError):
            click.echo(err=True)
            return False
        raise


@click.command(cls=Command)
@click.argument("url")
@common
def clone(app: App, url: str) -> None:
    """Bring a team's store from URL to this machine

    It becomes the store of this machine, or of --store DIR, with the remote `origin`.
    """
    done = cloning.clone(app.store, _place(app, url), author=app.actor, now=app.now)
    if app.json:
        app.emit(done)
    else:
        held = ", ".join(done["projects"]) or "no projects yet"
        app.say(f"✓ Cloned {redacted(url)} into {app.store.root}: {held}")


@click.command(cls=Command)
@click.argument("url")
@click.option(
    "--as", "name", required=True, metavar="PROJECT", help="The project's name in the team's store."
)
@click.option("--project", metavar="P", help="The project of this store, by default the only one.")
@click.option("--dry-run", is_flag=True, help="List what gets a new id; change nothing.")
@writes
def join(app: App, url: str, name: str, project: str | None, dry_run: bool) -> None:
    """Bring a project that was begun alone into the team's store at URL

    Its history comes along. Tasks, sprints and other records whose ids the team's project has as well get
    new ones, and what refers to them follows; the present state is backed up first. `state_manager sync`
    then shares it, and `state_manager undo` takes it back.
    """
    done = joining.join(
        app.store, _place(app, url), name, transaction=app.transaction, project=project,
        session=None if dry_run else _session(app), dry_run=dry_run,
    )  # fmt: skip
    app.emit(done, view="sync.joined")
    if not dry_run and not app.json:
        app.say("Nothing was sent yet: `state_manager sync` shares it with the team.")
        app.say(f"Undo: state_manager undo {done['commit'][:12]}")


def _session(app: App) -> str | None:
    try:
        return app.session_id()
    except UnknownSession:
        return None


@click.command("move-out", cls=Command)
@click.argument("project", metavar="PROJECT")
@click.argument("target", metavar="DIR")
@click.option("--dry-run", is_flag=True, help="Show what would go; change nothing.")
@writes
def move_out(app: App, project: str, target: str, dry_run: bool) -> None:
    """Give a project a store of its own at DIR, with its history and its sessions

    Then it can be shared without sharing the others. Here one change takes it away, which `undo` brings
    back; what this store's history knows of it stays there.
    """
    done = moving.move_out(
        app.store, project, (app.cwd / target).absolute(), transaction=app.transaction, author=app.actor,
        now=app.now, dry_run=dry_run,
    )  # fmt: skip
    app.emit(done, view="sync.moved")
    if not dry_run and not app.json:
        app.say(f"In its checkout: orchestration init --project {project} --store {done['store']}")
