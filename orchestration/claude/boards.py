"""`/board` and the other pictures of the work."""

from typing import Any

from orchestration.claude.client import Answer, Client
from orchestration.domain import board as boards
from orchestration.domain import filters
from orchestration.domain.claims import Watch
from orchestration.store import presence

SHOWN = 12
"""The most cards of a column."""


def board(client: Client, given: dict[str, Any]) -> Answer:
    """Show the kanban board."""
    project = client.project()
    watch = Watch(
        project.reader, project.settings, now=client.at,
        seen=lambda session: presence.seen(client.store.private, session),
        commits=lambda: client.index.last_activity(),
    )  # fmt: skip
    document = boards.board(
        project, boards.chosen(project, given["sprint"], bound=client.bound_sprint),
        criteria=filters.parse(given["filter"] or ""), backlog=given["backlog"], orphaned=watch.orphaned, limit=SHOWN,
    )  # fmt: skip
    return Answer(client.show("board.board", document))
