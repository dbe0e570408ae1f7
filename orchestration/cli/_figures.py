"""The umbrella's figures: `metrics`, `velocity`, `burndown`, `forecast`, `flow`."""

import click

from orchestration.cli._app import App
from orchestration.cli._group import Command, reads
from orchestration.cli._looking import project_of
from orchestration.cli._options import project_option, session_option
from orchestration.domain import board, extracts, figures
from orchestration.domain import burndown as burndowns
from orchestration.domain import flow as flows
from orchestration.domain.project import Project
from orchestration.domain.records import Document


def _looked_at(
    app: App, sprint: str | None, project: str | None, session: str | None
) -> tuple[Project, flows.Lives, Document | None]:
    found, bound = project_of(app, project, session)
    chosen = board.chosen(found, sprint, bound=bound)
    return found, figures.lives(app.index, found, chosen), chosen


@click.command(cls=Command)
@click.argument("sprint", required=False)
@project_option
@session_option
@reads
def metrics(app: App, sprint: str | None, project: str | None, session: str | None) -> None:
    """Show all figures of a sprint and its project

    Without SPRINT that is the current one; `all` is the whole project. n/a (needs N) says what a figure
    waits for.
    """
    app.emit(figures.figures(*_looked_at(app, sprint, project, session)), view="figures.metrics")


@click.command(cls=Command)
@project_option
@session_option
@reads
def velocity(app: App, project: str | None, session: str | None) -> None:
    """Show the points done in each of the last sprints, and the pace of the running one"""
    found = figures.figures(*_looked_at(app, None, project, session))
    app.emit(extracts.velocity(found), view="figures.velocity")


@click.command(cls=Command)
@click.argument("sprint", required=False)
@project_option
@session_option
@reads
def burndown(app: App, sprint: str | None, project: str | None, session: str | None) -> None:
    """Show what remains of a sprint day by day, beside the ideal line

    What was added, removed or estimated anew after the start is listed, and moves the actual line alone.
    """
    found, lives, chosen = _looked_at(app, sprint, project, session)
    if chosen is None:
        app.emit(extracts.nothing(found.id), view="figures.nothing")
        return
    document = burndowns.document(
        chosen, found.tasks_of(chosen["id"]), lives, config=found.config, now=found.now
    )
    app.emit(document, view="figures.burndown")


@click.command(cls=Command)
@click.argument("sprint", required=False)
@project_option
@session_option
@reads
def forecast(app: App, sprint: str | None, project: str | None, session: str | None) -> None:
    """Show when the running sprint will be done, and how likely it is in time

    10,000 runs draw from what was done on the last 30 working days. The same state gives the same answer.
    """
    found, lives, chosen = _looked_at(app, sprint, project, session)
    if chosen is None:
        app.emit(extracts.nothing(found.id), view="figures.nothing")
        return
    document = extracts.forecast(figures.figures(found, lives, chosen, outcomes=True))
    app.emit(document, view="figures.forecast")


@click.command(cls=Command)
@click.argument("sprint", required=False)
@project_option
@session_option
@reads
def flow(app: App, sprint: str | None, project: str | None, session: str | None) -> None:
    """Show how work flows: cycle times, the age of what is in progress, and what was blocked"""
    found, lives, chosen = _looked_at(app, sprint, project, session)
    document = extracts.flow(figures.figures(found, lives, chosen), found)
    app.emit(document, view="figures.flow")
