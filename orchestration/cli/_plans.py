"""Commands that are shown before they are done: the preview, its plan, and `apply`."""

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click

from orchestration.cli._app import App
from orchestration.cli._group import Command, writes
from orchestration.history import changes, plans
from orchestration.history.changes import FileChange
from orchestration.history.plans import Plan
from orchestration.store.transaction import Transaction

OPERATIONS = {
    "reset": "_reset:perform",
    "backup restore": "_backup:perform_restore",
    "backup clean": "_backup:perform_clean",
    "config import": "_config_files:perform_import",
    "config remove": "_config_edit:perform_remove",
    "team activate": "_team:perform_activate",
    "autoassign": "_delegation:perform_autoassign",
    "allocation": "_delegation:perform_allocation",
    "task delegate": "_delegation:perform_delegate",
    "epic plan": "_epic_plans:perform",
    "sprint start": "_sprint_plans:perform_start",
    "sprint stop": "_sprint_plans:perform_stop",
    "sprint archive": "_sprint_plans:perform_archive",
    "stop": "_sprint_plans:perform_stand_down",
}
"""Where each operation that a plan may name is carried out."""

Confirm = Callable[..., None]
"""Takes the transaction when its changes are made and, where the plan has `shown` one, the outcome of the operation."""
Perform = Callable[[App, Mapping[str, Any], Confirm], None]
"""Carries out an operation with its arguments in one transaction; calls the function when its changes are made,
before anything else.
"""


def show_changes(app: App, files: Iterable[FileChange], **facts: Any) -> None:
    """Print what changes, by path; `facts` go along with JSON."""
    rows = [change._asdict() for change in changes.by_path(files)]
    if app.json:
        app.emit({**facts, "changes": rows})
    else:
        app.emit(rows, view="history.diff")


def offer(
    app: App, operation: str, arguments: Mapping[str, Any], files: Iterable[FileChange], *, dry_run: bool,
    **facts: Any,
) -> None:  # fmt: skip
    """Show what an operation would change, and unless that was all that was asked, the line that applies it."""
    found = list(files)
    plan = _made(app, operation, arguments, [file for file, _, _ in found]) if found and not dry_run else None
    show_changes(app, found, **facts, plan=plan)
    _tell(app, plan, anything=bool(found))


def offer_named(
    app: App, operation: str, arguments: Mapping[str, Any], rows: Sequence[Any], *, dry_run: bool
) -> None:
    """Offer to remove what `rows` list, which is no file and is shown already unless JSON is asked for."""
    plan = _made(app, operation, arguments, []) if rows and not dry_run else None
    if app.json:
        app.emit({"removes": rows, "plan": plan})
    _tell(app, plan, anything=bool(rows))


def offer_document(
    app: App, operation: str, arguments: Mapping[str, Any], files: Iterable[FileChange],
    document: Mapping[str, Any], *, view: str, dry_run: bool,
) -> None:  # fmt: skip
    """Show the document of an operation that tells more than what changes, and the line that applies it."""
    affected = [file for file, _, _ in files]
    plan = _made(app, operation, arguments, affected) if affected and not dry_run else None
    app.emit({**document, "plan": plan}, view=view)
    if affected:  # else the document says why there is nothing
        _tell(app, plan, anything=True)


def _made(app: App, operation: str, arguments: Mapping[str, Any], affected: list[str]) -> dict[str, Any]:
    plan = plans.make(app.store, operation, arguments, affected, now=app.now, allow_secret=app.allow_secret)
    expires = plan.expires_at.replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    return {"id": plan.id, "expires_at": expires, "apply": f"state_manager apply {plan.id}"}


def _tell(app: App, plan: Mapping[str, Any] | None, *, anything: bool) -> None:
    if app.json:
        return
    if plan is not None:
        app.say(f"Nothing was changed yet. Within an hour, this applies it: {plan['apply']}")
    else:
        app.say("Nothing was changed." if anything else "There is nothing to change.")


def perform(app: App, operation: str, arguments: Mapping[str, Any]) -> None:
    """Carry out an operation at once."""
    _find(operation)(app, arguments, lambda *_: None)


def _find(operation: str) -> Perform:
    module, _, attribute = OPERATIONS[operation].partition(":")
    found: Perform = getattr(importlib.import_module(f"orchestration.cli.{module}"), attribute)
    return found


@click.command(cls=Command)
@click.argument("plan_id", metavar="PLAN")
@writes
def apply(app: App, plan_id: str) -> None:
    """Do what a preview has shown

    A plan lives one hour and applies once. When records that it would change have changed since, it is
    refused (exit 5): run the command again to see what it would do now.
    """
    plan = plans.read(app.store, plan_id, now=app.now)

    _find(plan.operation)(app, plan.arguments, lambda tx, *outcome: _use(app, tx, plan, *outcome))


def _use(app: App, tx: Transaction, plan: Plan, *outcome: Any) -> None:
    for file in plan.affected:
        tx.adopt(file)
    plans.check(tx, plan, [file for file, _, _ in tx.changes()])
    if outcome:
        plans.check_outcome(plan, *outcome)
    tx.refuse_secrets()  # before the plan is used up
    plans.take(app.store, plan)
