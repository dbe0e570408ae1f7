"""The commands of tasks: `task add|show|list|claim|block|unblock` and `update-task`."""

from typing import Any

import click

from orchestration import ids
from orchestration.cli._app import App
from orchestration.cli._claims import watch
from orchestration.cli._filters import filter_options
from orchestration.cli._group import Command, Group, reads, writes
from orchestration.cli._options import expect_option, in_range, project_option, session_option
from orchestration.domain import filters, sessions, task_actions, task_fields, values
from orchestration.domain.project import Project
from orchestration.domain.records import SEVERITIES, TASK_TYPES, Document
from orchestration.errors import InactiveSession, OrchestrationError
from orchestration.store import layout


def _points(text: str) -> int | float:
    return values.number("points", text, low=0)


_LATER = {
    "claim": "_ready:claim",
    "next": "_ready:next_task",
    "ready": "_ready:ready",
    "delegate": "_delegation:delegate",
}
_LATER |= {
    name: f"_board_moves:{name}" for name in ("move", "assign", "estimate", "split", "depend", "undepend")
}


@click.group("task", cls=Group, later={name: f"orchestration.cli.{place}" for name, place in _LATER.items()})
def group() -> None:
    """Add, show, list, claim and block the tasks of a project"""


@group.command()
@click.argument("title")
@click.option("--description", metavar="TEXT", help="What is to be done.")
@click.option("--points", metavar="N", callback=in_range(_points), help="Story points, 0 or more.")
@click.option(
    "--priority",
    metavar="1-5",
    callback=in_range(values.priority),
    help="1 (critical) to 5 (lowest), or the word.",
)
@click.option("--epic", metavar="ID", help="The epic it belongs to.")
@click.option("--sprint", metavar="ID", help="The sprint it joins.")
@click.option("--team", metavar="NAME", help="The team that does it.")
@click.option("--assignee", metavar="AGENT", help="Who does it.")
@click.option("--type", "kind", type=click.Choice(TASK_TYPES), help="Default: feature.")
@click.option("--depends", metavar="IDS", help="Tasks that have to be done first, separated by commas.")
@click.option("--labels", metavar="WORDS", help="Separated by commas.")
@project_option
@session_option
@writes
def add(app: App, project: str | None, session: str | None, kind: str | None, **given: Any) -> None:
    """Add a task to the backlog and print its id"""
    names = {"epic": "epic_id", "sprint": "sprint_id", "depends": "depends_on"}
    written = {names.get(name, name): value for name, value in given.items() if value is not None}
    if kind is not None:
        written["type"] = kind
    acting, project_id = acting_in(app, project, session)
    with app.transaction() as tx:
        board = Project(tx, project_id, now=app.at)
        task = task_actions.add(tx, board, written, session=acting, now=app.at, actor=app.actor)
    _said(app, task, f"✓ Created {task['id']}: {task['title']}")


@group.command()
@click.argument("task_id", metavar="ID")
@project_option
@session_option
@reads
def show(app: App, task_id: str, project: str | None, session: str | None) -> None:
    """Show one task"""
    _, project_id = acting_in(app, project, session)
    board = Project(app.snapshot, project_id, now=app.at)
    key = board.task_key(task_id) if ids.problem(task_id) is None else None
    if key is None:
        raise board.no_task(task_id)
    task = task_fields.view(app.snapshot.load(*key)) | board.names_of(key[-1])
    file = layout.file_of(*key)
    task.setdefault("updated_at", app.index.updated_at(file))
    task["orphaned"] = watch(app, board).orphaned(task)
    if app.edited(key):
        app.warn(f"{file} was edited by hand; this is its last commit, the next write adopts the edit")
    app.emit(task, view="record")


@group.command("list")
@filter_options
@click.option("--sprint", metavar="ID", help="Only tasks of this sprint.")
@project_option
@session_option
@reads
def list_tasks(
    app: App, criteria: filters.Criteria, sprint: str | None, project: str | None, session: str | None
) -> None:
    """List tasks by priority, then age"""
    wanted = filters.both(criteria, filters.given(sprint=sprint))
    _, project_id = acting_in(app, project, session)
    board = Project(app.snapshot, project_id, now=app.at)
    app.take_tasks(board)
    matches = filters.predicate(wanted, board.agents if wanted.terms else {})
    rows = [task_fields.view(task) for task in board.tasks.values() if matches(task)]
    rows.sort(key=lambda row: (row["priority"], row["created_at"], row["id"]))
    watcher = watch(app, board)
    for row in rows:
        row["orphaned"] = watcher.orphaned(row)
    app.emit(
        rows,
        view="tasks",
        where=" like that" if wanted != filters.EVERYTHING else f" in project {project_id}",
    )


@group.command()
@click.argument("task_id", metavar="ID")
@click.argument("reason")
@click.option("--severity", type=click.Choice(SEVERITIES), default="medium", show_default=True)
@click.option("--on", "on_task", metavar="TASK", help="The task it waits for.")
@project_option
@session_option
@writes
def block(
    app: App, task_id: str, reason: str, severity: str, on_task: str | None, project: str | None,
    session: str | None,
) -> None:  # fmt: skip
    """Open a blocker on a task: say what it waits for"""
    acting, project_id = acting_in(app, project, session)
    with app.transaction() as tx:
        board = Project(tx, project_id, now=app.at)
        task = task_actions.block(
            tx, board, task_id, reason=reason, severity=severity, on_task=on_task, session=acting, now=app.at,
            actor=app.actor,
        )  # fmt: skip
    _said(app, task, f"✓ {task['id']} is blocked: {reason}")


@group.command()
@click.argument("task_id", metavar="ID")
@click.argument("note", required=False)
@click.option("--blocker", metavar="BLK-n", help="Only this one of several.")
@project_option
@session_option
@writes
def unblock(
    app: App, task_id: str, note: str | None, blocker: str | None, project: str | None, session: str | None
) -> None:
    """Close the open blockers of a task, with a note on how"""
    acting, project_id = acting_in(app, project, session)
    with app.transaction() as tx:
        board = Project(tx, project_id, now=app.at)
        task = task_actions.unblock(
            tx, board, task_id, note=note, blocker=blocker, session=acting, now=app.at
        )
    _said(app, task, f"✓ {task['id']} is {task_fields.status(task)}")


@click.command("update-task", cls=Command)
@click.argument("words", metavar="[SESSION] ID STATUS", nargs=-1, required=True)
@click.option("--reopen", metavar="REASON", help="Take a done task back to in_progress.")
@click.option("--reason", metavar="TEXT", help="Why it is blocked.")
@click.option("--force", metavar="REASON", help="Move it against a limit or an open dependency, and say why.")
@expect_option
@project_option
@session_option
@writes
def update_task(
    app: App, words: tuple[str, ...], reopen: str | None, reason: str | None, force: str | None,
    expect: str | None, project: str | None, session: str | None,
) -> None:  # fmt: skip
    """Move a task to another status

    STATUS is backlog, todo, in_progress, review, done, cancelled or blocked. SESSION is the acting
    session; it may be left out.
    """
    if len(words) not in (2, 3):
        raise click.UsageError("update-task takes a task id and a status")
    if len(words) == 3:
        session = words[0]
    task_id, status = words[-2:]
    acting, project_id = acting_in(app, project, session)
    with app.transaction() as tx:
        board = Project(tx, project_id, now=app.at)
        if expect is not None:
            key, _ = task_actions.required(tx, board, task_id)
            tx.expect(expect, *key)
        task = task_actions.move(
            tx,
            board,
            task_id,
            status,
            reopen=reopen,
            reason=reason,
            force=force,
            session=acting,
            now=app.at,
            actor=app.actor,
        )
    _said(app, task, f"✓ {task['id']} is {task_fields.status(task)}")


def _said(app: App, task: Document, said: str) -> None:
    if app.json:
        app.emit(task_fields.view(task))
        return
    app.say(said)
    if not app.at_terminal:
        click.echo(task["id"])


def acting_in(
    app: App, project: str | None, session: str | None, *, required: bool = False
) -> tuple[str | None, str]:
    """Return the acting session, None when there is none, and the project it works in.

    A session that was named, or is `required`, has to be there and to be active.
    """
    acting = None
    record: Document | None = None
    if session is not None or required or app.env.get("CLAUDE_SESSION_ID"):
        acting = app.session_id(session)
        record = app.snapshot.load("sessions", acting, "session")
        status = sessions.effective_status(record, app.at) if record else "retired"
        if status != "active":
            raise InactiveSession(f"session {acting} is {status}", hint=f"`session_manager recover {acting}`")
        app.acting = acting
    name = app.project_id(project, session=record)
    if name is None:
        raise OrchestrationError("no project is named", hint="say --project NAME")
    return acting, name
