"""Commands that move tasks about on a board: `task move|assign|estimate|split|depend|undepend`, and `wip`."""

from collections.abc import Callable

import click

from orchestration.cli._app import App
from orchestration.cli._group import Command, writes
from orchestration.cli._options import project_option, session_option
from orchestration.cli._tasks import acting_in
from orchestration.domain import board_actions, limits
from orchestration.domain.board_actions import Acting
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.store.transaction import Transaction

_FORCE = "Do it against a limit or an open dependency, and say why."


@click.command(cls=Command)
@click.argument("task_id", metavar="ID")
@click.argument("column")
@click.option("--force", metavar="REASON", help=_FORCE)
@click.option("--reopen", metavar="REASON", help="Take a done task back to in_progress.")
@project_option
@session_option
@writes
def move(
    app: App, task_id: str, column: str, force: str | None, reopen: str | None, project: str | None,
    session: str | None,
) -> None:  # fmt: skip
    """Move a task to a column of its board

    COLUMN is backlog, todo, in_progress, review, done or cancelled. A move into a full column is
    refused, and work begins only when everything a task depends on is done.
    """
    _do(
        app,
        project,
        session,
        lambda tx, board, who: board_actions.move(
            tx, board, task_id, column, who, force=force, reopen=reopen
        ),
    )


@click.command(cls=Command)
@click.argument("task_id", metavar="ID")
@click.argument("agent", metavar="@AGENT|none")
@project_option
@session_option
@writes
def assign(app: App, task_id: str, agent: str, project: str | None, session: str | None) -> None:
    """Assign a task to an agent, or to nobody

    Warns when the agent has no free slot. Somebody else's claim on the task ends.
    """
    _do(app, project, session, lambda tx, board, who: board_actions.assign(tx, board, task_id, agent, who))


@click.command(cls=Command)
@click.argument("task_id", metavar="ID")
@click.argument("points", metavar="POINTS|none")
@project_option
@session_option
@writes
def estimate(app: App, task_id: str, points: str, project: str | None, session: str | None) -> None:
    """Estimate a task in story points, 0 or more

    In an active sprint this is a change of scope, which is told.
    """
    _do(app, project, session, lambda tx, board, who: board_actions.estimate(tx, board, task_id, points, who))


@click.command(cls=Command)
@click.argument("task_id", metavar="ID")
@click.argument("titles", metavar='"TITLE; TITLE..."', nargs=-1, required=True)
@click.option("--force", metavar="REASON", help=_FORCE)
@project_option
@session_option
@writes
def split(
    app: App, task_id: str, titles: tuple[str, ...], force: str | None, project: str | None,
    session: str | None,
) -> None:  # fmt: skip
    """Split a task into parts

    The parts inherit its epic, sprint, priority, team, type, labels and dependencies. Its points are
    divided among them: whole points while each part gets at least one, else halves, the larger shares
    first. The task keeps 0 points and is done when its parts are.
    """
    _do(
        app,
        project,
        session,
        lambda tx, board, who: board_actions.split(tx, board, task_id, titles, who, force=force),
    )


@click.command(cls=Command)
@click.argument("task_id", metavar="ID")
@click.argument("others", metavar="ON...", nargs=-1, required=True)
@project_option
@session_option
@writes
def depend(app: App, task_id: str, others: tuple[str, ...], project: str | None, session: str | None) -> None:
    """Let a task wait until other tasks are done

    Refused where tasks would wait for each other in a circle.
    """
    _depend(app, task_id, others, project, session, remove=False)


@click.command(cls=Command)
@click.argument("task_id", metavar="ID")
@click.argument("others", metavar="ON...", nargs=-1, required=True)
@project_option
@session_option
@writes
def undepend(
    app: App, task_id: str, others: tuple[str, ...], project: str | None, session: str | None
) -> None:
    """Let a task no longer wait for other tasks"""
    _depend(app, task_id, others, project, session, remove=True)


def _depend(
    app: App, task_id: str, others: tuple[str, ...], project: str | None, session: str | None, *, remove: bool
) -> None:
    names = [name.strip() for word in others for name in word.split(",") if name.strip()]
    _do(
        app,
        project,
        session,
        lambda tx, board, who: board_actions.depend(tx, board, task_id, names, who, remove=remove),
    )


@click.command(cls=Command)
@click.argument("column")
@click.argument("limit", metavar="N|off")
@project_option
@session_option
@writes
def wip(app: App, column: str, limit: str, project: str | None, session: str | None) -> None:
    """Limit how many tasks may stand in a column of the current sprint

    Without a sprint the limit is the project's.
    """
    bound = None
    if session is not None or app.env.get("CLAUDE_SESSION_ID"):
        record = app.snapshot.load("sessions", app.session_id(session), "session")
        bound = (record or {}).get("sprint_id")
    _do(
        app,
        project,
        session,
        lambda tx, board, who: board_actions.limit(tx, board, column, limit, who, bound=bound),
    )


def _do(
    app: App, project: str | None, session: str | None,
    action: Callable[[Transaction, Project, Acting], Document],
) -> None:  # fmt: skip
    """Do something in one commit and say what came of it."""
    acting, project_id = acting_in(app, project, session)
    with app.transaction() as tx:
        board = Project(tx, project_id, now=app.at)
        done = action(tx, board, Acting(acting, app.actor, app.at))
    if app.json:
        app.emit({name: part for name, part in done.items() if name != "said"})
        return
    app.say(f"✓ {done['said']}")
    app.say(", ".join(limits.said(count) for count in done["counts"]))
    for note in done["notes"]:
        app.say(note)
    for warning in done["warnings"]:
        app.warn(warning)
    if not app.at_terminal and "task" in done:
        for task in done.get("children", [done["task"]]):
            click.echo(task["id"])
