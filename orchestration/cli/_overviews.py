"""The umbrella's overviews: `sprint`, `teams`, `dashboard`, `kpis`, `timeline` and `roadmap`."""

from typing import Any

import click

from orchestration.cli import _rows
from orchestration.cli._app import App
from orchestration.cli._following import followable
from orchestration.cli._group import Command, reads
from orchestration.cli._looking import project_of
from orchestration.cli._options import project_option, session_option
from orchestration.domain import agent_status, events, flow, status, team_actions
from orchestration.domain import board as boards
from orchestration.domain import dashboard as dashboards
from orchestration.domain import kpis as figures
from orchestration.domain import roadmap as roadmaps
from orchestration.domain import timeline as timelines
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.history import moments


@click.command(cls=Command)
@click.argument("sprint_id", metavar="[SPRINT]", required=False)
@click.option(
    "--format", "shape", type=click.Choice(("detailed", "summary", "json")), default="detailed",
    help="How much to show. Default: detailed.",
)  # fmt: skip
@project_option
@session_option
@reads
@followable
def sprint(app: App, sprint_id: str | None, shape: str, project: str | None, session: str | None) -> None:
    """Show how a sprint stands

    Without SPRINT that is the current one: points and tasks by column, burndown, teams, goals, blockers,
    risks, the last events, and what to do next.
    """
    found, bound = project_of(app, project, session)
    chosen = boards.chosen(found, sprint_id, bound=bound)
    app.json = app.json or shape == "json"
    if chosen is None:
        app.emit({"project": found.id, "sprint": None}, view="sprint_status.none")
        return
    document = status.status(
        found, chosen, flow.lives(app.index, found.id), events=_events(app, found, status.EVENTS_SHOWN)
    )
    if shape == "summary":
        app.emit(status.summary(document), view="sprint_status.summary")
    else:
        app.emit(document, view="sprint_status.status")


def _events(app: App, project: Project, limit: int) -> list[Document]:
    return [events.record(event) for event in app.index.events(project=project.id, limit=limit)]


@click.command(cls=Command)
@click.argument("team", required=False)
@project_option
@session_option
@reads
@followable
def teams(app: App, team: str | None, project: str | None, session: str | None) -> None:
    """Show how busy the teams are, or one team

    A slot is one task at a time. idle has nothing to do, ok is below 70 %, high up to 90 %, full up to
    100 %, over above.
    """
    found, _ = project_of(app, project, session)
    activity = agent_status.activity(agent_status.recent(app.index, found))
    app.emit(
        dashboards.teams(found, team, activity=activity, active=_active(app, found)), view="team_load.teams"
    )


def _active(app: App, project: Project) -> dict[str, list[Document]]:
    return team_actions.active(app.snapshot, app.sessions(), project_id=project.id, now=app.at)


@click.command(cls=Command)
@project_option
@session_option
@reads
@followable
def dashboard(app: App, project: str | None, session: str | None) -> None:
    """Show the sprint, teams, agents, alerts, handoffs and last events of a project"""
    found, bound = project_of(app, project, session)
    document = dashboards.dashboard(
        found,
        flow.lives(app.index, found.id),
        sessions=_rows.sessions_rows(app, retired=False),
        activity=agent_status.activity(agent_status.recent(app.index, found)),
        events=_events(app, found, dashboards.EVENTS_SHOWN),
        active=_active(app, found),
        bound=bound,
    )
    app.emit(document, view="dashboard.dashboard")


@click.command(cls=Command)
@click.option("--since", metavar="TIME", help="Only what happened since, such as yesterday.")
@click.option("--task", metavar="ID", help="Only what happened to this task.")
@click.option("--type", "kind", metavar="TYPE", help="Only events of this type, such as task_moved.")
@click.option("--limit", metavar="N", type=click.IntRange(min=0), default=50, help="Default: 50; 0 for all.")
@project_option
@session_option
@reads
def timeline(
    app: App, since: str | None, task: str | None, kind: str | None, limit: int, project: str | None,
    session: str | None,
) -> None:  # fmt: skip
    """Show what happened, by day, newest first"""
    found, _ = project_of(app, project, session)
    wanted: dict[str, Any] = {"project": found.id, "task": task, "op": kind}
    if since is not None:
        wanted["since"] = moments.instant(app.store, since, now=app.now)
    rows = app.index.events(limit=limit + 1 if limit else None, **wanted)
    shown = [events.record(event) for event in rows[: limit or None]]
    app.emit(timelines.timeline(found, shown, more=len(rows) > len(shown)), view="timeline.timeline")


@click.command(cls=Command)
@project_option
@session_option
@reads
@followable
def kpis(app: App, project: str | None, session: str | None) -> None:
    """Show the key figures of a project, and when its top epics will be done

    n/a (needs N) says what a figure waits for. A date says by when half, and by when 85 % of 10,000 runs
    over the epic's own last 30 working days were done.
    """
    found, bound = project_of(app, project, session)
    document = figures.kpis(found, flow.lives(app.index, found.id), found.current(bound))
    app.emit(document, view="kpis.kpis")


@click.command(cls=Command)
@project_option
@session_option
@reads
def roadmap(app: App, project: str | None, session: str | None) -> None:
    """Show epics and sprints on a time line

    Each epic with its sprints below it: from when to when, and which share of the points is done.
    """
    found, _ = project_of(app, project, session)
    app.emit(roadmaps.roadmap(found), view="roadmap.roadmap")
