"""`orchestration epic plan`."""

from collections.abc import Mapping
from typing import Any

import click

from orchestration.cli._app import App
from orchestration.cli._delegation import carry_out, confirmed, propose
from orchestration.cli._group import Group, writes
from orchestration.cli._options import project_option, read_text, session_option
from orchestration.cli._plans import Confirm
from orchestration.cli._tasks import acting_in
from orchestration.domain import epic_drafts, epic_plans


@click.group(cls=Group)
def group() -> None:
    """Plan epics"""


@group.command("plan")
@click.argument("name")
@click.option(
    "--duration", "weeks", metavar="WEEKS", type=click.IntRange(1, 520), default=epic_plans.WEEKS,
    show_default=True, help="How long it may take.",
)  # fmt: skip
@click.option("--teams", metavar="A,B", help="Who takes part, by default all teams.")
@click.option("--tasks", "source", metavar="FILE", help="A draft in JSON or YAML; - reads stdin.")
@confirmed
@project_option
@session_option
@writes
def plan(
    app: App, name: str, weeks: int, teams: str | None, source: str | None, dry_run: bool, yes: bool,
    project: str | None, session: str | None,
) -> None:  # fmt: skip
    """Lay the tasks of an epic into sprints

    The tasks come from a draft: features, each with tasks, and for each task its title and, if you like,
    points, type, priority, depends_on, labels, team. Without a draft they are the epic's own open tasks
    that are in no sprint; when there are none, you see what a draft should rest on and how it is written.

    Sprints are filled up to the smaller of capacity and velocity, no task before what it depends on,
    beginning when the last planned sprint ends. Shows sprints, dates, each team's share and risks, with
    the line that makes the epic, planned sprints and tasks in backlog, as one change. Nothing starts.
    """
    acting, project_id = acting_in(app, project, session)
    arguments: dict[str, Any] = {
        "name": name,
        "project": project_id,
        "session": acting,
        "weeks": weeks,
        "teams": [team.strip() for team in teams.split(",") if team.strip()] if teams else None,
        "draft": None if source is None else epic_drafts.read(read_text(source)),
    }
    propose(app, epic_plans, "epic plan", arguments, dry_run=dry_run, yes=yes)


def perform(app: App, arguments: Mapping[str, Any], confirm: Confirm) -> None:
    """Carry out `epic plan`."""
    carry_out(app, epic_plans, "epic plan", arguments, confirm)
