"""`shared_state`: what all sessions of a project share: configuration, epics, sprints, tools, messages."""

import json
from typing import TYPE_CHECKING, Any

import click

from orchestration import ids
from orchestration.cli._app import App, Group, common
from orchestration.cli._options import json_list, json_object, json_value, session_option
from orchestration.cli._tasks import acting_in
from orchestration.domain import epics, fields, planning, projects, sprints, values
from orchestration.domain.project import Project
from orchestration.domain.records import EPIC_STATUSES, SPRINT_STATUSES, TOOL_TYPES, Document
from orchestration.errors import BadUsage, InvalidData, NotFound
from orchestration.store import layout

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction


@click.group(cls=Group)
def cli() -> None:
    """Configure projects, plan epics and sprints, register tools"""


# -- configuration


@cli.command("get-config")
@click.argument("project")
@common
def get_config(app: App, project: str) -> None:
    """Show the configuration of a project, with its default values marked"""
    board = _board(app, project)
    stored = board.config or {"project_id": project}
    shown = {**projects.with_defaults(stored), **_updated(app, "projects", project, "config")}
    app.emit({**shown, "defaults": projects.defaulted(stored)}, view="config")


@cli.command("set-config")
@click.argument("project")
@click.option("--data", required=True, metavar="JSON", help="An object; null deletes a key.")
@common
def set_config(app: App, project: str, data: str) -> None:
    """Merge an object into the configuration of a project, which is made if it is new"""
    change = json_object(data, "--data")
    with app.transaction() as tx:
        config = planning.set_config(tx, ids.check(project, "project"), change, now=app.at)
    _done(app, config, f"✓ Configured project {project}")


# -- epics


@cli.command("update-epic")
@click.argument("project")
@click.argument("epic_id", metavar="EPIC")
@click.option("--status", type=click.Choice(EPIC_STATUSES))
@click.option("--title", metavar="TEXT")
@click.option("--description", metavar="TEXT")
@click.option("--priority", metavar="1-5", help="1 (critical) to 5 (lowest), or the word.")
@click.option("--data", metavar="JSON", help="Further fields, a JSON object.")
@common
def update_epic(app: App, project: str, epic_id: str, data: str | None, **given: Any) -> None:
    """Create an epic or change the fields given"""
    written = {**json_object(data, "--data"), **{name: v for name, v in given.items() if v is not None}}
    if given["priority"] is not None:
        _priority(given["priority"])
    with app.transaction() as tx:
        board = Project(tx, ids.check(project, "project"), now=app.at)
        epic, made, unfinished = planning.update_epic(tx, board, epic_id, written, now=app.at)
    if unfinished:
        app.warn(f"epic {epic_id} is completed with open tasks: {', '.join(unfinished)}")
    _done(app, epic, f"✓ {'Created' if made else 'Updated'} epic: {epic_id}")


def _priority(text: str) -> None:
    """Raise BadUsage for a priority out of range: an option outside its choices."""
    try:
        values.priority(text)
    except InvalidData as error:
        raise BadUsage(f"--priority: {error.message}", hint=error.hint) from None


@cli.command("list-epics")
@click.argument("project")
@click.option("--status", type=click.Choice(EPIC_STATUSES))
@common
def list_epics(app: App, project: str, status: str | None) -> None:
    """List epics by priority, then age, with their points"""
    board = _board(app, project)
    rows = [epics.view(epic, board.tasks, board.sprints) for epic in board.epics.values()]
    rows = [row for row in rows if status in (None, row["status"])]
    rows.sort(key=lambda row: (row["priority"], row["created_at"], row["id"]))
    app.emit(rows, view="epics", project=project)


@cli.command("get-epic")
@click.argument("project")
@click.argument("epic_id", metavar="EPIC")
@common
def get_epic(app: App, project: str, epic_id: str) -> None:
    """Show one epic with its sprints and points"""
    board = _board(app, project)
    epic = board.epics.get(epic_id)
    if epic is None:
        raise NotFound(f"no epic {epic_id!r} in project {project!r}", hint=f"see `list-epics {project}`")
    shown = epics.view(epic, board.tasks, board.sprints)
    app.emit({**shown, **_updated(app, "projects", project, "epics", epic_id)}, view="record")


# -- sprints


@cli.command("create-sprint")
@click.argument("project")
@click.argument("sprint_id", metavar="SPRINT")
@click.argument("name")
@click.option("--epic-id", metavar="EPIC")
@click.option("--data", metavar="JSON", help="start_date, end_date, goals, capacity, velocity_target, …")
@click.option("--update", is_flag=True, help="Change the sprint if it exists.")
@common
def create_sprint(
    app: App, project: str, sprint_id: str, name: str, epic_id: str | None, data: str | None, update: bool
) -> None:
    """Plan a sprint; it begins with `start-sprint`"""
    given = json_object(data, "--data")
    if epic_id is not None:
        given["epic_id"] = epic_id
    with app.transaction() as tx:
        board = Project(tx, ids.check(project, "project"), now=app.at)
        sprint, made = planning.create_sprint(tx, board, sprint_id, name, given, update=update, now=app.at)
    _done(app, sprint, f"✓ {'Created' if made else 'Updated'} sprint: {sprint_id}")


@cli.command("update-sprint")
@click.argument("project")
@click.argument("sprint_id", metavar="SPRINT")
@click.option("--name", metavar="TEXT")
@click.option("--epic-id", metavar="EPIC")
@click.option("--start-date", metavar="DATE")
@click.option("--end-date", metavar="DATE")
@click.option("--capacity", metavar="POINTS")
@click.option("--velocity-target", metavar="POINTS")
@click.option("--data", metavar="JSON", help="Further fields, a JSON object.")
@common
def update_sprint(app: App, project: str, sprint_id: str, data: str | None, **given: Any) -> None:
    """Change fields of a sprint"""
    written = {**json_object(data, "--data"), **{name: v for name, v in given.items() if v is not None}}
    if not written:
        raise BadUsage("nothing to change is given", hint="see --help for the fields")
    with app.transaction() as tx:
        sprint = planning.update_sprint(tx, _tx_board(app, tx, project), sprint_id, written, now=app.at)
    _done(app, sprint, f"✓ Updated sprint: {sprint_id}")


@cli.command("start-sprint")
@click.argument("project")
@click.argument("sprint_id", metavar="SPRINT")
@common
def start_sprint(app: App, project: str, sprint_id: str) -> None:
    """Start a sprint: dates are filled, its scope is committed"""
    with app.transaction() as tx:
        sprint = planning.start_sprint(tx, _tx_board(app, tx, project), sprint_id, now=app.at)
    points, tasks = sprint["committed_points"], len(sprint["committed_tasks"] or [])
    _done(app, sprint, f"✓ Started sprint: {sprint_id} ({tasks} tasks, {points} points committed)")


@cli.command("complete-sprint")
@click.argument("project")
@click.argument("sprint_id", metavar="SPRINT")
@click.option("--carry-to", metavar="ID|backlog", help="Where tasks that are still open go.")
@common
def complete_sprint(app: App, project: str, sprint_id: str, carry_to: str | None) -> None:
    """End a sprint, carrying its open tasks over"""
    with app.transaction() as tx:
        board = _tx_board(app, tx, project)
        sprint, moved = planning.complete_sprint(tx, board, sprint_id, carry_to=carry_to, now=app.at)
    carried = f"; {len(moved)} tasks carried to {carry_to}: {', '.join(moved)}" if moved else ""
    _done(app, sprint, f"✓ Completed sprint: {sprint_id}{carried}")


@cli.command("cancel-sprint")
@click.argument("project")
@click.argument("sprint_id", metavar="SPRINT")
@common
def cancel_sprint(app: App, project: str, sprint_id: str) -> None:
    """Cancel a planned or active sprint"""
    with app.transaction() as tx:
        sprint = planning.cancel_sprint(tx, _tx_board(app, tx, project), sprint_id, now=app.at)
    _done(app, sprint, f"✓ Cancelled sprint: {sprint_id}")


@cli.command("get-sprint")
@click.argument("project")
@click.argument("sprint_id", metavar="SPRINT")
@common
def get_sprint(app: App, project: str, sprint_id: str) -> None:
    """Show one sprint"""
    board = _board(app, project)
    sprint = board.sprints.get(sprint_id)
    if sprint is None:
        raise NotFound(
            f"no sprint {sprint_id!r} in project {project!r}", hint=f"see `list-sprints {project}`"
        )
    shown = sprints.view(sprint, board.tasks_of(sprint_id), config=board.config)
    app.emit({**shown, **_updated(app, "projects", project, "sprints", sprint_id)}, view="record")


@cli.command("list-sprints")
@click.argument("project")
@click.option("--status", type=click.Choice(SPRINT_STATUSES))
@click.option("--epic-id", metavar="EPIC")
@click.option("--archived", is_flag=True, help="Also archived sprints.")
@common
def list_sprints(app: App, project: str, status: str | None, epic_id: str | None, archived: bool) -> None:
    """List sprints, newest first"""
    board = _board(app, project)
    rows = [
        sprints.view(sprint, board.tasks_of(name), config=board.config)
        for name, sprint in board.sprints.items()
        if status in (None, sprint["status"])
        and epic_id in (None, sprint.get("epic_id"))
        and (archived or not sprint.get("archived"))
    ]
    rows.sort(
        key=lambda row: (row["start_date"] or row["created_at"], row["created_at"], row["id"]), reverse=True
    )
    app.emit(rows, view="sprints", project=project)


# -- tools


@cli.command("register-tool")
@click.option("--name", required=True, metavar="NAME")
@click.option("--type", "kind", required=True, type=click.Choice(TOOL_TYPES))
@click.option("--version", metavar="V", help="Default: 1.0.0.")
@click.option("--description", metavar="TEXT")
@click.option("--path", metavar="PATH")
@click.option("--dependencies", metavar="JSON", help="A list of names.")
@click.option("--config", metavar="JSON", help="An object.")
@common
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
    _done(app, tool, f"✓ {'Registered' if made else 'Updated'} {tool['type']}: {name}")


@cli.command("list-tools")
@click.option("--type", "kind", type=click.Choice(TOOL_TYPES))
@common
def list_tools(app: App, kind: str | None) -> None:
    """List registered tools by name"""
    found = app.snapshot.load_all("tools")
    app.emit([tool for tool in found.values() if kind in (None, tool["type"])], view="tools")


@cli.command("get-tool")
@click.argument("name")
@common
def get_tool(app: App, name: str) -> None:
    """Show one registered tool"""
    tool = app.snapshot.load("tools", ids.check(name, "tool"))
    if tool is None:
        raise NotFound(f"no tool {name!r} is registered", hint="see `shared_state list-tools`")
    app.emit({**tool, **_updated(app, "tools", name)}, view="record")


# -- messages


@cli.command()
@click.argument("agent")
@click.argument("kind")
@click.argument("text")
@click.option("--project", metavar="P")
@session_option
@common
def notify(app: App, agent: str, kind: str, text: str, project: str | None, session: str | None) -> None:
    """Send a message to one agent; it stands in the history as an event"""
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
@click.option("--project", metavar="P")
@session_option
@common
def broadcast(app: App, topic: str, data: str, project: str | None, session: str | None) -> None:
    """Send a message to everybody in a project"""
    given = json_value(data, "JSON")
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
    _done(app, data, f"✓ Sent {said}")


# -- shared by the commands above


def _board(app: App, project: str) -> Project:
    return Project(app.snapshot, ids.check(project, "project"), now=app.at).required()


def _tx_board(app: App, tx: "Transaction", project: str) -> Project:
    return Project(tx, ids.check(project, "project"), now=app.at).required()


def _updated(app: App, *key: str) -> Document:
    at = app.index.updated_at(layout.file_of(*key))
    return {"updated_at": at} if at else {}


def _done(app: App, value: Document, said: str) -> None:
    if app.json:
        app.emit(value)
    else:
        app.say(said)


def main() -> None:
    """Run the command line."""
    cli.main(prog_name="shared_state")
