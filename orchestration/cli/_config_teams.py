"""`orchestration config teams` and `orchestration config agents`."""

from typing import Any

import click

from orchestration.cli import _config_edit, _validation
from orchestration.cli._app import App
from orchestration.cli._config import project_of
from orchestration.cli._group import reads
from orchestration.cli._named import NamedGroup
from orchestration.cli._options import json_object, project_option
from orchestration.domain import capacity, config_actions, config_overview, team_actions, values
from orchestration.domain.config_actions import Entry
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, Document
from orchestration.errors import NotFound


@click.group("teams", cls=NamedGroup, default="list")
def teams() -> None:
    """Show, edit, add and remove teams

    NAME and the command may stand in either order: `teams engineering edit` is `teams edit engineering`. A
    team that the project does not describe itself comes from the defaults of the store; editing it gives
    the project its own, --shared changes the defaults.
    """


def _active(app: App, project: Project) -> dict[str, list[Document]]:
    return team_actions.active(app.snapshot, app.sessions(), project_id=project.id, now=app.at)


@teams.command("list")
@project_option
@reads
def list_teams(app: App, project: str | None) -> None:
    """List the teams with lead, members and slots"""
    found = project_of(app, project)
    rows = config_overview.team_rows(found, _active(app, found))
    app.emit(rows, view="config.teams", project=found.id)


@teams.command("show")
@click.argument("name", metavar="TEAM")
@project_option
@reads
def show_team(app: App, name: str, project: str | None) -> None:
    """Show one team with its members and their slots"""
    found = project_of(app, project)
    chosen = team_actions.named(found, name)
    app.emit(config_overview.team(found, chosen, _active(app, found)), view="config.team")


@teams.command("edit")
@click.argument("name", metavar="TEAM")
@click.option("--file", "source", metavar="FILE", help="Take the text from a file, - for stdin.")
@_config_edit.writes("team")
def edit_team(app: App, of: Entry, source: str | None, session: str | None) -> None:
    """Edit a team as text in $VISUAL or $EDITOR

    It is checked and committed when the editor closes. Text with errors comes back with each marked below
    its line. Away from a terminal it prints the text, its file, and the commands that set each value.
    """
    template = config_actions.entry(app.snapshot, of)
    if template is None and of.project is not None:
        template = config_actions.entry(app.snapshot, of._replace(project=None))
        if template is None:
            derived = Project(app.snapshot, of.project, now=app.at)
            found = derived.teams[team_actions.named(derived, of.name)]
            template = {"lead": found["lead"], "members": found["members"], "skills": found["skills"]}
    if template is None:
        raise NotFound(f"no team {of.name!r} among the defaults of the store", hint="`add --shared` makes it")
    command = _config_edit.command_of("teams", "edit", of)
    _config_edit.edit(app, of, template, command=command, source=source, session=session)


@teams.command("add")
@click.argument("name", metavar="TEAM")
@click.option("--lead", metavar="AGENT", help="Who leads it.")
@click.option("--members", metavar="A,B", help="Who is in it, the lead included or not.")
@click.option("--capacity", metavar="N", help="Its slots; by default the sum of its members'.")
@click.option("--skills", metavar="A,B", help="What it can do.")
@click.option("--data", metavar="JSON", help="Further fields, a JSON object.")
@click.option("--file", "source", metavar="FILE", help="Take it as text from a file, - for stdin.")
@_config_edit.writes("team")
def add_team(
    app: App, of: Entry, data: str | None, source: str | None, session: str | None, **given: Any
) -> None:
    """Add a team

    With nothing said of it, an editor opens at a terminal.
    """
    record = {**json_object(data, "--data"), **{key: one for key, one in given.items() if one is not None}}
    command = _config_edit.command_of("teams", "add", of)
    _config_edit.add(app, of, record, command=command, source=source, session=session)


@teams.command("remove")
@click.argument("name", metavar="TEAM")
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
@click.option("--yes", is_flag=True, help="Do it at once.")
@_config_edit.writes("team")
def remove_team(app: App, of: Entry, dry_run: bool, yes: bool, session: str | None) -> None:
    """Take a team out of the configuration

    Shows what would go, and the line that does it; --yes does it at once. Its members stay known by what
    else names them. A team that comes from the defaults of the store is taken out with --shared.
    """
    board = {} if of.project is None else Project(app.snapshot, of.project, now=app.at).tasks
    users = [
        key
        for key, task in board.items()
        if task.get("team") == of.name and task["column"] not in CLOSED_COLUMNS
    ]
    _config_edit.remove(app, of, users=users, dry_run=dry_run, yes=yes, session=session)


# -- agents


@click.group("agents", cls=NamedGroup, default="list")
def agents() -> None:
    """Show and check agents, and what their tasks tell

    NAME and the command may stand in either order. Agents come from the configuration, from registered
    tools, and from .claude/agents of this checkout.
    """


def _agents(app: App, project: Project) -> dict[str, Document]:
    return config_overview.agents(project, _validation.installed(app).agents)


@agents.command("list")
@project_option
@reads
def list_agents(app: App, project: str | None) -> None:
    """List the agents with team, role and slots"""
    found = project_of(app, project)
    app.emit(list(_agents(app, found).values()), view="config.agents", project=found.id)


@agents.command("show")
@click.argument("name", metavar="AGENT")
@project_option
@reads
def show_agent(app: App, name: str, project: str | None) -> None:
    """Show one agent: team, role, skills, slots, and where it is described"""
    found = project_of(app, project)
    known = _agents(app, found)
    agent = _agent(name, known)
    load = capacity.load({agent: known[agent]}, found.tasks)[agent]
    app.emit({**known[agent], **load}, view="record")


def _agent(name: str, known: dict[str, Document]) -> str:
    agent = values.agent(name)
    if agent is None or agent not in known:
        raise capacity.unknown(agent or name, known)
    return agent


@agents.command("check")
@click.argument("name", metavar="[AGENT]", required=False)
@project_option
@reads
def check_agents(app: App, name: str | None, project: str | None) -> None:
    """Check what is said of agents, or of one: the findings of `config validate` that name them

    Exits 1 when there are errors.
    """
    found = project_of(app, project)
    known = _agents(app, found)
    only = _agent(name, known) if name is not None else None
    document = _validation.checked(app, found.id if found.exists else None)
    rows = config_overview.about_agents(document["findings"], known, only)
    app.emit(rows, view="findings.listing")
    if any(row["severity"] == "error" for row in rows):
        raise click.exceptions.Exit(1)


@agents.command("stats")
@click.argument("name", metavar="[AGENT]", required=False)
@project_option
@reads
def agent_stats(app: App, name: str | None, project: str | None) -> None:
    """Show how many tasks each agent has and had, with points and cycle time"""
    found = project_of(app, project)
    known = _agents(app, found)
    chosen = known if name is None else {_agent(name, known): known[_agent(name, known)]}
    app.emit(config_overview.stats(found, chosen), view="config.agent_stats", project=found.id)
