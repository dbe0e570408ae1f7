"""`/move`, `/assign`, `/estimate`, `/split`, `/wip`: what people do with tasks on a board."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orchestration.claude.client import Answer, Client
from orchestration.domain import board_actions, limits
from orchestration.domain.board_actions import Acting
from orchestration.domain.project import Project
from orchestration.domain.records import Document

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

Arguments = dict[str, Any]


def move(client: Client, given: Arguments) -> Answer:
    """Move a task to a column."""
    return _do(
        client,
        lambda tx, board, who: board_actions.move(
            tx, board, given["task"], given["column"], who, force=given["force"], reopen=given["reopen"]
        ),
    )


def assign(client: Client, given: Arguments) -> Answer:
    """Assign a task to an agent."""
    return _do(
        client, lambda tx, board, who: board_actions.assign(tx, board, given["task"], given["agent"], who)
    )


def estimate(client: Client, given: Arguments) -> Answer:
    """Estimate a task."""
    return _do(
        client, lambda tx, board, who: board_actions.estimate(tx, board, given["task"], given["points"], who)
    )


def split(client: Client, given: Arguments) -> Answer:
    """Split a task into parts."""
    return _do(
        client,
        lambda tx, board, who: board_actions.split(
            tx, board, given["task"], (given["titles"],), who, force=given["force"]
        ),
    )


def _do(client: Client, action: "Callable[[Transaction, Project, Acting], Document]") -> Answer:
    """Do something in one commit and say what came of it."""
    who = client.who()
    project = client.project_id(None, session=client.record)
    assert project is not None, "it is required"
    with client.transaction() as tx:
        done = action(tx, Project(tx, project, now=client.at), who)
    counts = ", ".join(limits.said(count) for count in done["counts"])
    client.remarks += [f"warning: {warning}" for warning in done["warnings"]]
    return Answer("\n".join([f"✓ {done['said']}", *([counts] if counts else []), *done["notes"]]))
