"""Work that finds its agent: `autoassign`, `task delegate` and `allocation`."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import click

from orchestration.cli import _plans
from orchestration.cli._app import App
from orchestration.cli._group import Command, writes
from orchestration.cli._options import in_range, project_option, session_option
from orchestration.cli._plans import Confirm
from orchestration.cli._tasks import acting_in
from orchestration.domain import allocation as balance
from orchestration.domain import assignee_choice, delegation, values
from orchestration.domain import autoassign as giving
from orchestration.domain.records import TASK_TYPES, Document
from orchestration.store import draft

_VIEWS = {
    "autoassign": "delegation.autoassign",
    "allocation": "delegation.allocation",
    "task delegate": "delegation.delegate",
    "epic plan": "epic_plans.plan",
}


def confirmed(function: Any) -> Any:
    """Add the options of a command that shows a plan first: --dry-run, --yes."""
    function = click.option("--yes", is_flag=True, help="Do it at once.")(function)
    return click.option("--dry-run", is_flag=True, help="Only show it; make no plan.")(function)


@click.command(cls=Command)
@confirmed
@project_option
@session_option
@writes
def autoassign(app: App, dry_run: bool, yes: bool, project: str | None, session: str | None) -> None:
    """Give tasks that wait in todo to agents with free slots

    By priority, then age; each goes to the highest score = 10 x skill match + similar tasks done - 2 x
    open tasks, ties by name, and nobody gets more than free slots. Shows the choices, and the line that
    makes them, as one change; --yes makes them at once.
    """
    acting, project_id = acting_in(app, project, session)
    arguments = {"project": project_id, "session": acting}
    propose(app, giving, "autoassign", arguments, dry_run=dry_run, yes=yes)


@click.command(cls=Command)
@confirmed
@project_option
@session_option
@writes
def allocation(app: App, dry_run: bool, yes: bool, project: str | None, session: str | None) -> None:
    """Propose how to balance the load of agents

    Tasks in todo that nobody has begun go from agents above 90 % of their slots to agents with free
    ones, the best fitting first. Nothing changes without `apply`, or --yes.
    """
    acting, project_id = acting_in(app, project, session)
    arguments = {"project": project_id, "session": acting}
    propose(app, balance, "allocation", arguments, dry_run=dry_run, yes=yes)


@click.command(cls=Command)
@click.argument("text")
@click.option("--team", metavar="NAME", help="Only agents of this team.")
@click.option("--agent", metavar="AGENT", help="Who does it, by default who fits best.")
@click.option("--type", "kind", type=click.Choice(TASK_TYPES), help="By default what the text says.")
@click.option(
    "--priority", metavar="1-5", callback=in_range(values.priority),
    help="1 (critical) to 5 (lowest), or the word.",
)  # fmt: skip
@click.option(
    "--points", metavar="N", callback=in_range(lambda text: values.number("points", text, low=0)),
    help="Story points, 0 or more.",
)  # fmt: skip
@click.option("--epic", "epic_id", metavar="ID", help="The epic it belongs to.")
@click.option("--labels", metavar="WORDS", help="Separated by commas.")
@click.option("--queue", is_flag=True, help="Assign it to nobody yet.")
@click.option("--force", metavar="REASON", help="Also without a free slot, or above the limit of todo.")
@confirmed
@project_option
@session_option
@writes
def delegate(
    app: App, text: str, kind: str | None, dry_run: bool, yes: bool, project: str | None,
    session: str | None, **given: Any,
) -> None:  # fmt: skip
    """Create a task from a sentence and hand it to the agent that fits

    Shows who could do it and why, similar tasks that are done, and what it means for the sprint, with
    the line that does it; --yes does it at once. The task joins the current sprint, in todo. When nobody
    has a free slot: --queue, another --agent, or --force REASON.
    """
    acting, project_id = acting_in(app, project, session)
    arguments = {"text": text, "project": project_id, "session": acting, "type": kind, **given}
    propose(app, delegation, "task delegate", arguments, dry_run=dry_run, yes=yes)


def propose(
    app: App, rules: ModuleType, operation: str, arguments: Mapping[str, Any], *, dry_run: bool, yes: bool
) -> None:
    """Show what an operation would do, with a plan for it, or do it at once."""
    if yes and not dry_run:
        _plans.perform(app, operation, arguments)
        return
    tx = draft.start(app.store, author=app.actor, now=app.now)
    document = rules.perform(tx, arguments, now=app.at, actor=app.actor)
    for warning in tx.warnings:
        app.warn(warning)
    _plans.offer_document(
        app, operation, {**arguments, "shown": rules.outcome(document)}, tx.changes(), document,
        view=_VIEWS[operation], dry_run=dry_run,
    )  # fmt: skip


def carry_out(
    app: App, rules: ModuleType, operation: str, arguments: Mapping[str, Any], confirm: Confirm
) -> None:
    """Do what an operation says, in one change; Conflict when it is not what its plan has shown."""
    with app.transaction() as tx:
        before = tx.tip
        document: Document = rules.perform(tx, arguments, now=app.at, actor=app.actor)
        confirm(tx, rules.outcome(document))
        if document.get("offers"):
            raise assignee_choice.refusal(document)
    commit = tx.tip.oid[:12] if tx.tip and tx.tip != before else None
    if operation == "task delegate" and not app.json and not app.at_terminal:
        click.echo(document["task"]["id"])  # as `task add`: a script goes on with the id
    else:
        app.emit({**document, "commit": commit}, view=_VIEWS[operation])
    if not app.json:
        app.say(f"Undo: state_manager undo {commit}" if commit else "There was nothing to change.")


def perform_autoassign(app: App, arguments: Mapping[str, Any], confirm: Confirm) -> None:
    """Carry out `autoassign`."""
    carry_out(app, giving, "autoassign", arguments, confirm)


def perform_allocation(app: App, arguments: Mapping[str, Any], confirm: Confirm) -> None:
    """Carry out `allocation`."""
    carry_out(app, balance, "allocation", arguments, confirm)


def perform_delegate(app: App, arguments: Mapping[str, Any], confirm: Confirm) -> None:
    """Carry out `task delegate`."""
    carry_out(app, delegation, "task delegate", arguments, confirm)
