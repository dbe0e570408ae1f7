"""`orchestration team`: which teams are at work for a session."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from orchestration.cli import _plans
from orchestration.cli._app import App
from orchestration.cli._group import Group, writes
from orchestration.cli._options import in_range, project_option, session_option
from orchestration.cli._tasks import acting_in
from orchestration.domain import team_actions, values
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import Refused
from orchestration.store import draft
from orchestration.store.transaction import Transaction


@click.group("team", cls=Group)
def group() -> None:
    """Put teams to work for a session, and release them

    A team is active while a live session activates it.
    """


def _percent(text: str) -> Any:
    return values.number("capacity", text.removesuffix("%"), low=1, high=100)


@group.command()
@click.argument("name", metavar="TEAM")
@click.option(
    "--capacity", "share", metavar="1-100", callback=in_range(_percent),
    help="How much of the team works on this, in percent; the rest is reserved. Default: all.",
)  # fmt: skip
@click.option("--focus", metavar="TEXT", help="What it is to look at.")
@click.option("--change", is_flag=True, help="Change the focus or capacity of a team that is active.")
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
@click.option("--yes", is_flag=True, help="Do it at once.")
@project_option
@session_option
@writes
def activate(
    app: App, name: str, share: str | None, focus: str | None, change: bool, dry_run: bool, yes: bool,
    project: str | None, session: str | None,
) -> None:  # fmt: skip
    """Activate a team for the session

    Shows the team, its load, and its open and blocked tasks, and the line that activates it; --yes does it
    at once.
    """
    acting, project_id = acting_in(app, project, session, required=True)
    assert acting is not None, "it is required"
    arguments = {
        "project": project_id,
        "session": acting,
        "team": name,
        "focus": focus,
        "share": None if share is None else _percent(share),
        "change": change,
    }
    if yes and not dry_run:
        _plans.perform(app, "team activate", arguments)
        return
    tx = draft.start(app.store, author=app.actor, now=app.now)
    found = _activate(app, tx, arguments)
    for warning in tx.warnings:
        app.warn(warning)
    board = Project(app.snapshot, project_id, now=app.at)
    active = team_actions.active(app.snapshot, app.sessions(), project_id=project_id, now=app.at)
    document = {**team_actions.facts(board, name, active), "activation": found}
    _plans.offer_document(
        app, "team activate", arguments, tx.changes(), document, view="config.activation", dry_run=dry_run
    )


def _activate(app: App, tx: Transaction, arguments: Mapping[str, Any]) -> Document:
    board = Project(tx, arguments["project"], now=app.at)
    return team_actions.activate(
        tx, board, arguments["session"], arguments["team"], focus=arguments["focus"],
        share=arguments["share"], change=arguments["change"], now=app.at,
    )  # fmt: skip


def perform_activate(app: App, arguments: Mapping[str, Any], confirm: Callable[[Transaction], None]) -> None:
    """Activate a team."""
    if arguments["session"] is None:
        raise Refused("this plan was made in a chat that had no session yet", hint="apply it there")
    with app.transaction() as tx:
        found = _activate(app, tx, arguments)
        confirm(tx)
    if app.json:
        app.emit({"team": arguments["team"], "session": arguments["session"], **found})
        return
    app.say(f"✓ {'Changed' if arguments['change'] else 'Activated'} team: {arguments['team']}")
    app.say(f"  Focus: {found['focus'] or '-'}; reserved: {found['reserved']} %")


@group.command()
@click.argument("name", metavar="TEAM")
@project_option
@session_option
@writes
def deactivate(app: App, name: str, project: str | None, session: str | None) -> None:
    """Release a team that the session has activated"""
    acting, project_id = acting_in(app, project, session, required=True)
    assert acting is not None, "it is required"
    with app.transaction() as tx:
        board = Project(tx, project_id, now=app.at)
        done = team_actions.deactivate(tx, board, acting, name.removeprefix("@"), now=app.at)
    left = team_actions.active(app.snapshot, app.sessions(), project_id=project_id, now=app.at).get(name, [])
    if app.json:
        app.emit({"team": name, "session": acting, "deactivated": done, "activations": left})
        return
    app.say(f"✓ Deactivated team: {name}" if done else f"Team {name} is not active in this session.")
    for row in left:
        app.say(f"  It stays active in session {row['session']}.")
