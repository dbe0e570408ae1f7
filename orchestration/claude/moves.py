"""`/move`, `/assign`, `/block`, `/estimate`, `/split`, `/wip`: what people do with tasks on a board."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orchestration.claude import named, phrases
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
            tx, board, named.task(board, given["task"]), given["column"], who, force=given["force"],
            reopen=given["reopen"],
        ),
    )  # fmt: skip


def assign(client: Client, given: Arguments) -> Answer:
    """Assign a task to an agent."""
    task, agent = given["task"], given["agent"]
    if task.startswith("@") and not agent.startswith("@"):
        task, agent = agent, task  # either order
    return _do(
        client, lambda tx, board, who: board_actions.assign(tx, board, named.task(board, task), agent, who)
    )


def estimate(client: Client, given: Arguments) -> Answer:
    """Estimate a task."""
    return _do(
        client,
        lambda tx, board, who: board_actions.estimate(
            tx, board, named.task(board, given["task"]), given["points"], who
        ),
    )


def split(client: Client, given: Arguments) -> Answer:
    """Split a task into parts, whose titles semicolons or lines separate."""
    titles = ";".join(given["titles"].splitlines())
    return _do(
        client,
        lambda tx, board, who: board_actions.split(
            tx, board, named.task(board, given["task"]), (titles,), who, force=given["force"]
        ),
    )


def block(client: Client, given: Arguments) -> Answer:
    """Open a blocker on a task."""

    def action(tx: "Transaction", board: Project, who: Acting) -> Document:
        task_id = named.task(board, given["task"])
        on = named.task(board, given["on"]) if given["on"] else None
        return board_actions.block(
            tx, board, task_id, given["reason"], who, severity=given["severity"] or "medium", on_task=on
        )

    return _do(client, action)


def unblock(client: Client, given: Arguments) -> Answer:
    """Close the open blockers of a task, or the one that is named."""
    note = given["note"] or ""
    first, _, rest = note.partition(" ")
    only = first if first.upper().startswith("BLK-") else None

    def action(tx: "Transaction", board: Project, who: Acting) -> Document:
        return board_actions.unblock(
            tx, board, named.task(board, given["task"]), who, blocker=only.upper() if only else None,
            note=(rest.strip() if only else note) or None,
        )  # fmt: skip

    return _do(client, action)


def wip(client: Client, given: Arguments) -> Answer:
    """Limit a column of the current sprint."""
    return _do(
        client,
        lambda tx, board, who: board_actions.limit(
            tx, board, given["column"], given["limit"], who, bound=client.bound_sprint
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
    client.remarks += [f"warning: {phrases.clean(warning)}" for warning in done["warnings"]]
    notes = [phrases.clean(phrases.slashed(note)) for note in done["notes"]]
    return Answer("\n".join([f"✓ {phrases.clean(done['said'])}", *([counts] if counts else []), *notes]))
