"""Commands of `shared_state` about sprints."""

from typing import Any

import click

from orchestration import ids
from orchestration.cli import _project
from orchestration.cli._app import App
from orchestration.cli._group import Command, reads, writes
from orchestration.cli._options import in_range, json_object
from orchestration.domain import commitment, planning, sprints, values
from orchestration.domain.project import Project
from orchestration.domain.records import SPRINT_STATUSES
from orchestration.english import counted
from orchestration.errors import BadUsage, NotFound


def _points(text: str) -> int | float:
    return values.number("points", text, low=0)


@click.command("create-sprint", cls=Command)
@click.argument("project")
@click.argument("sprint_id", metavar="SPRINT")
@click.argument("name")
@click.option("--epic-id", metavar="EPIC", help="The epic it works on.")
@click.option(
    "--data", metavar="JSON", help="An object: start_date, end_date, goals, capacity, velocity_target, …"
)
@click.option("--update", is_flag=True, help="Change the sprint if it exists.")
@writes
def create_sprint(
    app: App, project: str, sprint_id: str, name: str, epic_id: str | None, data: str | None, update: bool
) -> None:
    """Plan a sprint; it begins with `start-sprint`

    Without dates it starts on the day of `start-sprint` and lasts default_sprint_length days.
    """
    given = json_object(data, "--data")
    if epic_id is not None:
        given["epic_id"] = epic_id
    with app.transaction() as tx:
        board = Project(tx, ids.check(project, "project"), now=app.at)
        sprint, made = planning.create_sprint(tx, board, sprint_id, name, given, update=update, now=app.at)
    _project.done(app, sprint, f"✓ {'Created' if made else 'Updated'} sprint: {sprint_id}")


@click.command("update-sprint", cls=Command)
@click.argument("project")
@click.argument("sprint_id", metavar="SPRINT")
@click.option("--name", metavar="TEXT", help="Its new name.")
@click.option("--epic-id", metavar="EPIC", help="The epic it works on.")
@click.option("--start-date", metavar="DATE", help="Its first day, such as 2024-01-15.")
@click.option("--end-date", metavar="DATE", help="Its last day.")
@click.option("--capacity", metavar="POINTS", callback=in_range(_points), help="How many points fit into it.")
@click.option(
    "--velocity-target",
    metavar="POINTS",
    callback=in_range(_points),
    help="How many points it should finish.",
)
@click.option("--data", metavar="JSON", help="Further fields, a JSON object.")
@writes
def update_sprint(app: App, project: str, sprint_id: str, data: str | None, **given: Any) -> None:
    """Change fields of a sprint"""
    written = {**json_object(data, "--data"), **{name: v for name, v in given.items() if v is not None}}
    if not written:
        raise BadUsage("nothing to change is given", hint="see --help for the fields")
    with app.transaction() as tx:
        sprint = planning.update_sprint(
            tx, _project.to_write(app, tx, project), sprint_id, written, now=app.at
        )
    _project.done(app, sprint, f"✓ Updated sprint: {sprint_id}")


@click.command("start-sprint", cls=Command)
@click.argument("project")
@click.argument("sprint_id", metavar="SPRINT")
@click.option("--force", metavar="REASON", help="Start it without tasks, and say why.")
@writes
def start_sprint(app: App, project: str, sprint_id: str, force: str | None) -> None:
    """Start a sprint: dates are filled, its scope is committed

    Its backlog moves to todo, but for blocked tasks. What joins it later counts as a change of scope.
    """
    with app.transaction() as tx:
        board = _project.to_write(app, tx, project)
        sprint = planning.start_sprint(tx, board, sprint_id, now=app.at, force=force)
        remarks = commitment.remarks(board, sprint)
    points, tasks = sprint["committed_points"], len(sprint["committed_tasks"] or [])
    scope = f"{counted(tasks, 'task')}, {counted(points, 'point')}"
    scope = f"{counted(tasks, 'task')}, {counted(points, 'point')}"
    _project.done(app, sprint, f"✓ Started sprint: {sprint_id} ({scope} committed)")
    for remark in remarks:
        app.warn(remark)


@click.command("complete-sprint", cls=Command)
@click.argument("project")
@click.argument("sprint_id", metavar="SPRINT")
@click.option("--carry-to", metavar="ID|backlog", help="Where tasks that are still open go.")
@writes
def complete_sprint(app: App, project: str, sprint_id: str, carry_to: str | None) -> None:
    """End a sprint, carrying its open tasks over

    With open tasks --carry-to is needed.
    """
    with app.transaction() as tx:
        board = _project.to_write(app, tx, project)
        sprint, moved = planning.complete_sprint(tx, board, sprint_id, carry_to=carry_to, now=app.at)
        target = board.sprints.get(carry_to) if moved and carry_to else None
        remarks = commitment.over_limits(board, target) if target else []
    carried = f"; {counted(len(moved), 'task')} carried to {carry_to}: {', '.join(moved)}" if moved else ""
    _project.done(app, sprint, f"✓ Completed sprint: {sprint_id}{carried}")
    for remark in remarks:
        app.warn(f"{carry_to}: {remark}")


@click.command("cancel-sprint", cls=Command)
@click.argument("project")
@click.argument("sprint_id", metavar="SPRINT")
@writes
def cancel_sprint(app: App, project: str, sprint_id: str) -> None:
    """Cancel a planned or active sprint; its tasks stay in it"""
    with app.transaction() as tx:
        sprint = planning.cancel_sprint(tx, _project.to_write(app, tx, project), sprint_id, now=app.at)
    _project.done(app, sprint, f"✓ Cancelled sprint: {sprint_id}")


@click.command("get-sprint", cls=Command)
@click.argument("project")
@click.argument("sprint_id", metavar="SPRINT")
@reads
def get_sprint(app: App, project: str, sprint_id: str) -> None:
    """Show one sprint"""
    board = _project.to_read(app, project)
    sprint = board.sprints.get(sprint_id)
    if sprint is None:
        raise NotFound(
            f"no sprint {sprint_id!r} in project {project!r}", hint=f"see `list-sprints {project}`"
        )
    shown = sprints.view(sprint, board.tasks_of(sprint_id), config=board.config)
    app.emit({**shown, **_project.updated(app, "projects", project, "sprints", sprint_id)}, view="record")


@click.command("list-sprints", cls=Command)
@click.argument("project")
@click.option("--status", type=click.Choice(SPRINT_STATUSES), help="Only sprints of this status.")
@click.option("--epic-id", metavar="EPIC", help="Only sprints of this epic.")
@click.option("--archived", is_flag=True, help="Also archived sprints.")
@reads
def list_sprints(app: App, project: str, status: str | None, epic_id: str | None, archived: bool) -> None:
    """List sprints, newest first"""
    board = _project.to_read(app, project)
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
