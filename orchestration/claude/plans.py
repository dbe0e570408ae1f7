"""Commands that are shown before they are done: the preview, its plan, and `/orchestrate apply PLAN`.

An operation of `views.operations.RULES` is one change and needs nothing but `propose`. One that does more
has a function in `PERFORMERS`, and shows itself with `offer`.
"""

import importlib
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

from orchestration.claude import phrases
from orchestration.claude.client import Answer, Client
from orchestration.domain import assignee_choice, sessions
from orchestration.domain.records import Document
from orchestration.errors import Refused
from orchestration.history import plans
from orchestration.history.changes import FileChange
from orchestration.history.plans import Plan
from orchestration.store import draft, layout
from orchestration.store.transaction import Transaction
from orchestration.views.operations import RULES

PERFORMERS: dict[str, str] = {
    "reset": "reset:perform",
    "backup restore": "restoring:perform",
    "backup clean": "backing_up:perform_clean",
    "config remove": "config_records:perform_remove",
    "config import": "backing_up:perform_import",
}
"""Where, as `module:function` below `orchestration.claude`, an operation is done that is more than one change."""

Arguments = Mapping[str, Any]
Confirm = Callable[..., None]
"""Takes the transaction when its changes are made and, where the plan has `shown` one, the outcome."""


def propose(client: Client, operation: str, arguments: Arguments, *, yes: bool, dry_run: bool) -> Answer:
    """Show what an operation would do, with the line that does it, or do it at once."""
    if yes and not dry_run:
        return carry_out(client, operation, arguments, lambda *_: None)
    document, found = preview(client, operation, arguments)
    plan = None if dry_run else kept(client, operation, arguments, document, found)
    return ending(client, client.show(RULES[operation][1], document), plan, anything=bool(found))


def preview(client: Client, operation: str, arguments: Arguments) -> tuple[Document, list[FileChange]]:
    """Return what an operation would show and change."""
    tx = draft.start(client.store, author=client.actor, now=client.now)
    document: Document = _rules(operation).perform(tx, arguments, now=client.at, actor=client.actor)
    client.remarks += [f"warning: {warning}" for warning in tx.warnings]
    return document, tx.changes()


def kept(
    client: Client, operation: str, arguments: Arguments, document: Document, found: Iterable[FileChange]
) -> Plan | None:
    """Keep a plan for what was shown; None when there is nothing to do.

    A team can be activated before there is a session: its files come with the session.
    """
    affected = [file for file, _, _ in found]
    if not affected and not (operation == "team activate" and arguments.get("session") is None):
        return None
    shown = {**arguments, "shown": _rules(operation).outcome(document)}
    return _made(client, operation, shown, affected)


def offer(
    client: Client, operation: str, arguments: Arguments, found: Iterable[FileChange], text: str, *, dry_run: bool,
    line: str | None = None,
) -> Answer:  # fmt: skip
    """Show `text` and the line that does an operation of `PERFORMERS`: `line`, else that of its plan."""
    affected = [file for file, _, _ in found]
    plan = None
    if affected and not dry_run:
        plan = _made(client, operation, arguments, affected)
    return ending(client, text, plan, anything=bool(affected), line=line)


def _made(client: Client, operation: str, arguments: Arguments, affected: Iterable[str]) -> Plan:
    return plans.make(
        client.store, operation, arguments, affected, now=client.now, allow_secret=client.allow_secret
    )


def ending(
    client: Client, text: str, plan: Plan | None, *, anything: bool, line: str | None = None
) -> Answer:
    """End a preview: remarks first, so that the line to type is the last one."""
    lines = [text, *client.remarks]
    client.remarks.clear()
    if plan is not None:
        lines += ["", "Nothing was changed yet. To do it, type within an hour:", line or line_of(plan)]
    else:
        lines.append("Nothing was changed." if anything else "There is nothing to change.")
    return Answer("\n".join(lines))


def line_of(plan: Plan) -> str:
    """Return the line that applies a plan."""
    return f"/orchestrate apply {plan.id}"


def apply(client: Client, given: dict[str, Any]) -> Answer:
    """Do what a preview has shown."""
    plan = plans.read(client.store, given["plan"], now=client.now)
    if plan.operation not in RULES and plan.operation not in PERFORMERS:
        raise Refused(
            f"plan {plan.id} is a {plan.operation}, which is applied at a terminal",
            hint=f"{phrases.script(client, 'state_manager')} apply {plan.id}",
        )
    return _find(plan.operation)(
        client, plan.operation, plan.arguments, lambda tx, *outcome: use(client, tx, plan, *outcome)
    )


def use(client: Client, tx: Transaction, plan: Plan, *outcome: Any) -> None:
    """Use a plan up; Conflict when what it was made from has changed."""
    for file in plan.affected:
        tx.adopt(file)
    plans.check(tx, plan, [file for file, before, _ in tx.changes() if not _of_session(plan, file, before)])
    if outcome and "shown" in plan.arguments:
        plans.check_outcome(plan, *outcome)
    tx.refuse_secrets()  # before the plan is used up
    plans.take(client.store, plan)


def _of_session(plan: Plan, file: str, before: bytes | None) -> bool:
    """Whether a file comes with the acting session, which the same change makes or wakes up."""
    acting = plan.arguments.get("session")
    is_record = acting is not None and file == layout.file_of("sessions", acting, "session")
    return file.startswith("sessions/") and (before is None or is_record)


def acting(client: Client) -> str | None:
    """Return the session that a preview is for, None when applying makes it or wakes it up."""
    if client.record is None or sessions.effective_status(client.record, client.at) != "active":
        return None
    return client.session


def carry_out(client: Client, operation: str, arguments: Arguments, confirm: Confirm) -> Answer:
    """Do an operation of `RULES` in one change and show it."""
    document = done(client, operation, arguments, confirm)
    _, view, said = RULES[operation]
    return Answer(
        "\n".join(
            [*([f"✓ {said}"] if client.commits else []), client.show(view, document), undo_line(client)]
        )
    )


def done(client: Client, operation: str, arguments: Arguments, confirm: Confirm) -> Document:
    """Do an operation of `RULES` and return its document; Conflict when it is not what its plan has shown."""
    rules, who = _rules(operation), client.who()
    wanted = {**arguments, "session": arguments.get("session") or who.session}
    with client.transaction() as tx:
        document: Document = rules.perform(tx, wanted, now=client.at, actor=client.actor)
        confirm(tx, rules.outcome(document))
        if document.get("offers"):
            raise assignee_choice.refusal(document)
    return document


def undo_line(client: Client) -> str:
    """Return the line that takes the newest change back, which is then told."""
    return f"Undo: /undo {client.commits.pop()[:12]}" if client.commits else "There was nothing to change."


def _rules(operation: str) -> ModuleType:
    return importlib.import_module(f"orchestration.domain.{RULES[operation][0]}")


def _find(operation: str) -> Callable[[Client, str, Arguments, Confirm], Answer]:
    place = PERFORMERS.get(
        operation, "delegation:perform" if operation == "task delegate" else "plans:carry_out"
    )
    module, _, function = place.partition(":")
    found: Callable[[Client, str, Arguments, Confirm], Answer] = getattr(
        importlib.import_module(f"orchestration.claude.{module}"), function
    )
    return found
