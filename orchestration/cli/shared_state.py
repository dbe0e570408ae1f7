"""`shared_state`: what all sessions of a project share: configuration, epics, sprints, tools, messages."""

import json
from typing import TYPE_CHECKING, Any

import click

from orchestration import ids
from orchestration.cli import _project
from orchestration.cli._app import App
from orchestration.cli._group import Group, reads, run, writes
from orchestration.cli._options import in_range, json_list, json_object, json_value, session_option
from orchestration.cli._tasks import acting_in
from orchestration.domain import epics, fields, planning, projects, values
from orchestration.domain.project import Project
from orchestration.domain.records import EPIC_STATUSES, TOOL_TYPES, Document
from orchestration.errors import NotFound

if TYPE_CHECKING:
    pass


_SPRINTS = (
    "create-sprint",
    "update-sprint",
    "start-sprint",
    "complete-sprint",
    "cancel-sprint",
    "get-sprint",
    "list-sprints",
)
_LATER = {name: f"orchestration.cli._sprints:{name.replace('-', '_')}" for name in _SPRINTS}
_LATER["backup"] = "orchestration.cli._backup:group"
_LATER |= {name: f"orchestration.cli._validation:{name}" for name in ("validate", "fix")}
_HANDOFFS = ("team", "accept", "defer", "reject", "resume", "start", "complete", "get")
_LATER |= {f"{name}-handoff": f"orchestration.cli._team_handoff:{name}_handoff" for name in _HANDOFFS}
_LATER["list-handoffs"] = "orchestration.cli._team_handoff:list_handoffs"
_LATER["plan-epic"] = "orchestration.cli._epic_plans:plan"
_LATER |= {name: f"orchestration.cli._decisions:{name}" for name in ("decision", "goal", "risk")}


@click.group(cls=Group, later=_LATER)
def cli() -> None:
    """Configure projects, plan epics and sprints, register tools

    Everything here belongs to a project, or to the whole store, and all sessions see the same.
    """


# -- configuration


@cli.command("get-config")
@click.argument("project")
@reads
def get_config(app: App, project: str) -> None:
    """Show the configuration of a project, defaults marked"""
    board = _project.to_read(app, project)
    stored = board.config or {"project_id": project}
    shown = {**projects.with_defaults(stored), **_project.updated(app, "projects", project, "config")}
    app.emit({**shown, "defaults": projects.defaulted(stored)}, view="config")


@cli.command("set-config")
@click.argument("project")
@click.option("--data", required=True, metavar="JSON", help="An object; null deletes a key.")
@writes
def set_config(app: App, project: str, data: str) -> None:
    """Merge an object into the configuration of a project

    Keys: settings, team, agents, environments, metadata. A new project is made.
    """
    change = json_object(data, "--data")
    with app.transaction() as tx:
        config = planning.set_config(tx, ids.check(project, "project"), change, now=app.at)
    _project.done(app, config, f"✓ Configured project {project}")


# -- epics


@cli.command("update-epic")
@click.argument("project")
@click.argument("epic_id", metavar="EPIC")
@click.option("--status", type=click.Choice(EPIC_STATUSES), help="Where it stands.")
@click.option("--title", metavar="TEXT", help="What it is called.")
@click.option("--description", metavar="TEXT", help="What it is about.")
@click.option(
    "--priority",
    metavar="1-5",
    callback=in_range(values.priority),
    help="1 (critical) to 5 (lowest), or the word.",
)
@click.option("--data", metavar="JSON", help="Further fields, a JSON object.")
@writes
def update_epic(app: App, project: str, epic_id: str, data: str | None, **given: Any) -> None:
    """Create an epic or change the fields given"""
    written = {**json_object(data, "--data"), **{name: v for name, v in given.items() if v is not None}}
    with app.transaction() as tx:
        board = Project(tx, ids.check(project, "project"), now=app.at)
        epic, made, unfinished = planning.update_epic(tx, board, epic_id, written, now=app.at)
    if unfinished:
        app.warn(f"epic {epic_id} is completed with open tasks: {', '.join(unfinished)}")
    _project.done(app, epic, f"✓ {'Created' if made else 'Updated'} epic: {epic_id}")


@cli.command("list-epics")
@click.argument("project")
@click.option("--status", type=click.Choice(EPIC_STATUSES), help="Only epics of this status.")
@reads
def list_epics(app: App, project: str, status: str | None) -> None:
    """List epics by priority, then age, with their points"""
    board = _project.to_read(app, project)
    rows = [epics.view(epic, board.tasks, board.sprints) for epic in board.epics.values()]
    rows = [row for row in rows if status in (None, row["status"])]
    rows.sort(key=lambda row: (row["priority"], row["created_at"], row["id"]))
    app.emit(rows, view="epics", project=project)


@cli.command("get-epic")
@click.argument("project")
@click.argument("epic_id", metavar="EPIC")
@reads
def get_epic(app: App, project: str, epic_id: str) -> None:
    """Show one epic with its sprints and points"""
    board = _project.to_read(app, project)
    epic = board.epics.get(epic_id)
    if epic is None:
        raise NotFound(f"no epic {epic_id!r} in project {project!r}", hint=f"see `list-epics {project}`")
    shown = epics.view(epic, board.tasks, board.sprints)
    app.emit({**shown, **_project.updated(app, "projects", project, "epics", epic_id)}, view="record")


# -- tools


@cli.command("register-tool")
@click.option("--name", required=True, metavar="NAME", help="Its name, unique in the store.")
@click.option("--type", "kind", required=True, type=click.Choice(TOOL_TYPES), help="What it is.")
@click.option("--version", metavar="V", help="Default: 1.0.0.")
@click.option("--description", metavar="TEXT", help="What it does.")
@click.option("--path", metavar="PATH", help="Where its file is.")
@click.option("--dependencies", metavar="JSON", help="What it needs, an array of names.")
@click.option("--config", metavar="JSON", help="Its settings, an object.")
@writes
def register_tool(
    app: App, name: str, kind: str, dependencies: str | None, config: str | None, **given: Any
) -> None:
    """Register a tool, or change one that is registered"""
    needed = json_list(dependencies, "--dependencies")
    settings = json_object(config, "--config") if config is not None else None
    with app.transaction() as tx:
        tool, made = planning.register_tool(
            tx, name, now=app.at, type=kind, dependencies=needed, config=settings, **given
        )
    _project.done(app, tool, f"✓ {'Registered' if made else 'Updated'} {tool['type']}: {name}")


@cli.command("list-tools")
@click.option("--type", "kind", type=click.Choice(TOOL_TYPES), help="Only tools of this type.")
@reads
def list_tools(app: App, kind: str | None) -> None:
    """List registered tools by name"""
    found = app.snapshot.load_all("tools")
    app.emit([tool for tool in found.values() if kind in (None, tool["type"])], view="tools")


@cli.command("get-tool")
@click.argument("name")
@reads
def get_tool(app: App, name: str) -> None:
    """Show one registered tool"""
    tool = app.snapshot.load("tools", ids.check(name, "tool"))
    if tool is None:
        raise NotFound(f"no tool {name!r} is registered", hint="see `shared_state list-tools`")
    app.emit({**tool, **_project.updated(app, "tools", name)}, view="record")


# -- messages


@cli.command()
@click.argument("agent")
@click.argument("kind")
@click.argument("text")
@click.option("--project", metavar="P", help="The project, by default the session's or this folder's.")
@session_option
@writes
def notify(app: App, agent: str, kind: str, text: str, project: str | None, session: str | None) -> None:
    """Send a message to one agent

    It is recorded as an event of the project; KIND is a word of your own, such as question.
    """
    to = values.agent(agent)
    _message(
        app,
        project,
        session,
        f"{values.text('kind', kind)} to {to}: {text}",
        {"to": to, "kind": kind, "text": text},
    )


@cli.command()
@click.argument("topic")
@click.argument("data", metavar="JSON")
@click.option("--project", metavar="P", help="The project, by default the session's or this folder's.")
@session_option
@writes
def broadcast(app: App, topic: str, data: str, project: str | None, session: str | None) -> None:
    """Send a message to everybody in a project

    It is recorded as an event of the project, with the JSON value as its data.
    """
    given = json_value(data, "the message")
    _message(
        app,
        project,
        session,
        f"{values.text('topic', topic)} to all",
        {"to": "all", "topic": topic, "data": given},
    )


def _message(app: App, project: str | None, session: str | None, said: str, data: Document) -> None:
    acting, project_id = acting_in(app, project, session)
    with app.transaction() as tx:
        Project(tx, project_id, now=app.at).required()
        tx.emit(
            "message",
            fields.subject(f"message: {said}"),
            session=acting,
            project=project_id,
            data=json.dumps(data),
        )
    _project.done(app, data, f"✓ Sent {said}")


def main() -> None:
    """Run the command line."""
    run(cli, "shared_state")
