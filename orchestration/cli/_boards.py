"""The umbrella's `board`."""

import click

from orchestration.cli._app import App
from orchestration.cli._claims import watch
from orchestration.cli._filters import filter_options
from orchestration.cli._following import followable
from orchestration.cli._group import Command, reads
from orchestration.cli._looking import project_of
from orchestration.cli._options import project_option, session_option
from orchestration.domain import board as boards
from orchestration.domain.filters import Criteria

SHOWN = 50
"""The most cards of a column at a terminal."""


@click.command(cls=Command)
@click.argument("sprint", required=False)
@click.option("--backlog", is_flag=True, help="Also the backlog, with what no sprint has.")
@click.option(
    "--limit", metavar="N", type=click.IntRange(min=0),
    help=f"The most cards of a column; 0 for all. Default: {SHOWN} at a terminal, else all.",
)  # fmt: skip
@filter_options
@project_option
@session_option
@reads
@followable
def board(
    app: App, sprint: str | None, backlog: bool, limit: int | None, criteria: Criteria, project: str | None,
    session: str | None,
) -> None:  # fmt: skip
    """Show the kanban board of a sprint

    Without SPRINT that is the current one; `all` is the whole project. A number such as 3/5 is how many
    tasks are in a column and how many may be; `!` says that they are too many.
    """
    found, bound = project_of(app, project, session)
    app.take_tasks(found)
    if limit is None:
        limit = SHOWN if app.at_terminal and not app.json else 0
    document = boards.board(
        found, boards.chosen(found, sprint, bound=bound), criteria=criteria, backlog=backlog,
        orphaned=watch(app, found).orphaned, limit=limit or None,
    )  # fmt: skip
    app.emit(document, view="board.board")
