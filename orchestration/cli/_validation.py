"""`validate` and `fix` of the configuration, in `shared_state` and in `orchestration config`."""

from pathlib import Path

import click

from orchestration import ids
from orchestration.cli._app import App
from orchestration.cli._group import Command, reads, writes
from orchestration.cli._options import session_option
from orchestration.domain import fixing, validation
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import BadUsage, NotFound
from orchestration.store import draft
from orchestration.store import installed as installation
from orchestration.store.installed import Installed
from orchestration.store.transaction import Transaction


@click.command(cls=Command)
@click.argument("name", metavar="[PROJECT]", required=False)
@click.option("--project", metavar="P", help="Only this project, as PROJECT.")
@click.option("--verbose", is_flag=True, help="Also say how many records of each kind were checked.")
@reads
def validate(app: App, name: str | None, project: str | None, verbose: bool) -> None:
    """Check all configuration and the records that depend on it

    Errors, warnings and hints, each with its place and what to do; the last line counts them. Checked are
    the text and form of every file, teams and agents, limits, dates, workflows, references between records,
    dependencies that go in circles, and the files in .claude of this checkout. Files edited by hand count
    as they are on disk. Without PROJECT: everything in the store. Exits 1 when there are errors.
    """
    document = checked(app, _project(name, project))
    app.emit(document, view="config.validation", summary=validation.summary(document), verbose=verbose)
    if not document["valid"]:
        raise click.exceptions.Exit(1)


def checked(app: App, project: str | None) -> Document:
    """Return the validation of a project, which has to be there, or of everything."""
    if project is not None:
        Project(app.snapshot, project, now=app.at).required()
    return validation.validate(
        app.snapshot, project, installed(app), lambda: app.index, disk=app.then is None
    )


def _project(name: str | None, option: str | None) -> str | None:
    if name is not None and option not in (None, name):
        raise BadUsage(f"PROJECT is {name!r} and --project is {option!r}", hint="name it once")
    given = name or option
    return None if given is None else ids.check(given, "project")


def installed(app: App) -> Installed:
    """Return what is installed in the checkout around the current folder."""
    from orchestration.claude import installer

    start = Path(app.env.get("CLAUDE_PROJECT_DIR") or app.cwd).absolute()
    top = installation.top(start, home=app.home)
    return installation.read(top, shipped=installer.shipped(top) if top else None)


@click.command(cls=Command)
@click.argument("name", metavar="[PROJECT]", required=False)
@click.option("--project", metavar="P", help="Only this project, as PROJECT.")
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
@click.option(
    "--category", type=click.Choice(fixing.CATEGORIES), default="all", show_default=True, help="What to mend."
)
@session_option
@writes
def fix(
    app: App, name: str | None, project: str | None, dry_run: bool, category: str, session: str | None
) -> None:
    """Mend what can be mended without guessing

    syntax: a file that cannot be read goes back to its newest version that can, and what stood there is
    kept. structure: values get the form their field stores. references: what names nothing is taken out.
    The state is backed up first, and all is one change, which `undo` takes back; --dry-run shows exactly
    what would be done. Nothing is deleted that cannot be explained: what is left is listed. Exits 1 when
    errors are left.
    """
    if not app.store.exists:
        raise NotFound("there is no store yet: nothing to fix", hint="the first write makes it")
    chosen = _project(name, project)
    if chosen is not None:
        Project(app.snapshot, chosen, now=app.at).required()
    acting = app.session_id(session) if session is not None else None
    index = app.index  # history is caught up before the lock is taken
    tx: Transaction
    if dry_run:
        tx = draft.start(app.store, author=app.actor, now=app.now)
        document = fixing.fix(tx, chosen, category, installed(app), lambda: index, dry_run=True)
    else:
        with app.transaction() as tx:
            before = tx.tip
            document = fixing.fix(tx, chosen, category, installed(app), lambda: index, session=acting)
    commit = tx.tip.oid[:12] if not dry_run and tx.tip != before and tx.tip else None
    facts = {**document, "dry_run": dry_run, "commit": commit}
    app.emit(facts, view="config.fixed", summary=validation.summary(document["left"]))
    for file, place in document["kept"].items():
        app.warn(f"what stood in {file} is kept in {place}")
    _tell(app, before=document["backup"], commit=commit)
    if not document["left"]["valid"]:
        raise click.exceptions.Exit(1)


def _tell(app: App, *, before: str | None, commit: str | None) -> None:
    if app.json:
        return
    if before is None:
        app.say("Nothing was changed.")
        return
    app.say(f"✓ Fixed; the state before is {before}")
    if commit is not None:
        app.say(f"  Undo: state_manager undo {commit}")
