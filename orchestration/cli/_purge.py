"""`state_manager purge`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from orchestration import paths
from orchestration.cli._app import App
from orchestration.cli._group import Command, common
from orchestration.cli._options import read_text
from orchestration.cli._views import session_view
from orchestration.errors import BadUsage, NotFound, Refused
from orchestration.sync import purging

_WORD = "purge"


@click.command(cls=Command)
@click.argument("session", required=False)
@click.argument("path", required=False)
@click.option(
    "--stdin", "from_stdin", is_flag=True, help="Read the value from stdin; a last line end is no part of it."
)
@click.option("--with", "instead", metavar="TEXT", help="What stands in its place, [purged] unless given.")
@click.option("--reason", metavar="TEXT", help="Why, for the history.")
@click.option("--bundle", metavar="FILE", help="Where all that there was is kept first.")
@click.option("--dry-run", is_flag=True, help="Count the places, change nothing.")
@click.option("--yes", is_flag=True, help="Do it without being asked.")
@common
def purge(
    app: App, session: str | None, path: str | None, from_stdin: bool, instead: str | None, reason: str | None,
    bundle: str | None, dry_run: bool, yes: bool,
) -> None:  # fmt: skip
    """Remove a value from the whole history

    The value is what SESSION sees at PATH now, or what --stdin brings, or is asked for without being shown;
    it is never a word of the command line, which shells remember. It is taken out of every record, key,
    message, author, name, branch, tag, log, cache and file of the store, wherever it is a part of a text
    as well. All commits from the first that holds it get new ids; authors and times stay.

    Before that, everything is kept in a bundle outside of the store, which `git clone` opens and only you
    may read. There is no undo: the bundle is the way back, and holds the value.

    On a shared store the next `state_manager sync` puts the new history in the place of the remote's. Every
    other machine is refused until `state_manager sync --rejoin`, which keeps its own changes.
    """
    if not app.store.exists:
        raise NotFound("there is no store yet: nothing to purge", hint="the first write makes it")
    value = _value(app, session, path, from_stdin=from_stdin)

    def approve(facts: Mapping[str, Any]) -> None:
        if yes:
            return
        app.emit({**facts, "dry_run": True, "purge": None, "left": []}, view="purging.report")
        if app.at_terminal and not app.json and not from_stdin:
            typed = click.prompt(
                f"There is no undo. Type {_WORD} to go on", default="", show_default=False, err=True
            )
            if typed.strip() == _WORD:
                return
        raise Refused("nothing was changed", hint="`--yes` does it without being asked")

    done = purging.purge(
        app.store, value, transaction=app.transaction, now=app.now,
        bundle=Path(app.cwd, bundle) if bundle is not None else None, instead=instead, reason=reason,
        approve=approve, dry_run=dry_run,
    )  # fmt: skip
    app.emit(done, view="purging.report")
    if done["left"]:
        raise click.exceptions.Exit(1)


def _value(app: App, session: str | None, path: str | None, *, from_stdin: bool) -> str:
    if session is not None and path is None:
        raise BadUsage("a PATH is missing", hint="the value itself is never given as a word: use --stdin")
    if path is not None and session is not None:
        if from_stdin:
            raise BadUsage("the value comes from stdin or from a path, not from both", hint="leave out one")
        return _at(app, session, path)
    if from_stdin:
        text = read_text(None)
        return text.removesuffix("\n").removesuffix("\r")
    if not app.at_terminal:
        raise BadUsage("which value?", hint="give it on stdin with --stdin, or as SESSION PATH")
    typed: str = click.prompt("Value to remove (it is not shown)", hide_input=True, err=True)
    return typed


def _at(app: App, session: str, path: str) -> str:
    found = session_view(app, session).get(paths.parse(path))
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        raise Refused(
            f"{path} holds {paths.kind(found)}, not a text", hint="name a text inside it, or use --stdin"
        )
    return str(found)
