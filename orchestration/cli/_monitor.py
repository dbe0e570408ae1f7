"""`orchestration monitor`: the situation of a project, once or kept on the screen."""

import click

from orchestration.cli import _live, _rows
from orchestration.cli._app import App
from orchestration.cli._group import Command, reads
from orchestration.cli._looking import project_of
from orchestration.cli._options import project_option, session_option
from orchestration.domain import agent_status, figures, flow
from orchestration.domain import monitor as situations
from orchestration.domain.project import Project
from orchestration.domain.records import Document


@click.command(cls=Command)
@click.argument("seconds", required=False, type=click.FloatRange(min=0.2))
@click.option("--interval", metavar="SECONDS", type=click.FloatRange(min=0.2), help="The same as SECONDS.")
@click.option("--once", is_flag=True, help="Show it once and end.")
@project_option
@session_option
@reads
def monitor(
    app: App, seconds: float | None, interval: float | None, once: bool, project: str | None,
    session: str | None,
) -> None:  # fmt: skip
    """Keep the situation of a project on the screen

    Shown are the sprint, the work in each column, alerts, agents, sessions and the last events. It is
    drawn again at every change, and every SECONDS (5) for the sake of the ages in it, until q or Ctrl-C.
    Where stdout is no terminal it is shown once.
    """
    every = seconds or interval or _live.INTERVAL
    if once or app.at_option is not None:
        _show(app, project, session)
    else:
        _live.follow(app, lambda: _show(app, project, session), every)


@click.command(cls=Command)
@click.argument("name", metavar="[TEAM|AGENT]", required=False)
@project_option
@session_option
@reads
def status(app: App, name: str | None, project: str | None, session: str | None) -> None:
    """Show the situation of a project, or of one of its teams or agents"""
    _show(app, project, session, name)


def _show(app: App, project: str | None, session: str | None, name: str | None = None) -> None:
    board, bound = project_of(app, project, session)
    value = _situation(app, board, bound)
    if name is not None:
        value = situations.narrowed(value, board, name)
    app.emit(value, view="monitor.situation")


def _situation(app: App, project: Project, bound: str | None) -> Document:
    lives = flow.lives(app.index, project.id)
    found = figures.figures(project, lives, project.current(bound))
    return situations.situation(
        project,
        _rows.sessions_rows(app, retired=False),
        agent_status.recent(app.index, project),
        found,
        newest=app.index.events(project=project.id, limit=situations.EVENTS),
        bound=bound,
    )
