"""`task ready`, `task next` and `task claim`: finding work and taking it."""

import click

from orchestration.cli._app import App
from orchestration.cli._claims import watch
from orchestration.cli._group import Command, reads, writes
from orchestration.cli._options import expect_option, project_option, session_option
from orchestration.cli._tasks import acting_in
from orchestration.domain import claims, task_actions, task_fields, values
from orchestration.domain import ready as work
from orchestration.domain.project import Project
from orchestration.domain.records import Document


@click.command(cls=Command)
@click.option("--as", "agent", metavar="AGENT", help="Leave out what is assigned to others; mark what fits.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N tasks.")
@project_option
@session_option
@reads
def ready(app: App, agent: str | None, limit: int | None, project: str | None, session: str | None) -> None:
    """List the tasks that can be taken now, by priority, then age

    They are in todo, not blocked, what they depend on is done, and nobody holds them. When nothing of
    that is left, the backlog items of active sprints are offered. A task whose session has ended,
    expired or been silent for longer than settings.claim_timeout minutes is orphaned: it is listed with
    the reason, and offered again.
    """
    _, project_id = acting_in(app, project, session)
    board = Project(app.snapshot, project_id, now=app.at)
    name = values.agent(agent) if agent is not None else None
    found = work.document(board, watch(app, board), agent=name, limit=limit)
    app.emit(found, view="ready.ready")
    if found["note"] and (found["ready"] or found["orphaned"]) and not app.json:
        click.echo(found["note"], err=True)


@click.command("next", cls=Command)
@click.option("--as", "agent", required=True, metavar="AGENT", help="Who takes it.")
@click.option("--start", is_flag=True, help="Move it to in_progress as well.")
@click.option("--more", is_flag=True, help="Also when the agent holds as many as it has slots.")
@click.option("--dry-run", is_flag=True, help="Show which task it would be, change nothing.")
@project_option
@session_option
@writes
def next_task(
    app: App, agent: str, start: bool, more: bool, dry_run: bool, project: str | None, session: str | None
) -> None:
    """Take the first task that is ready, and print its id

    Finding and claiming are one step: two agents that ask at once never get the same task. Nothing
    ready is no failure: stdout stays empty. An agent gets a new task each time, up to its slots.
    """
    name = claims.holder(agent)
    acting, project_id = acting_in(app, project, session, required=not dry_run)
    if dry_run:
        board = Project(app.snapshot, project_id, now=app.at)
        found = work.choose(board, watch(app, board), agent=name, more=more)
        first = found["ready"][0] if found["ready"] else None
        why = first["orphaned"] if first else None
        said = f"{name} would get {first['id']}: {first['title']}" if first else found["note"]
        _next(app, first, said, why, found["note"])
        return
    assert acting is not None
    with app.transaction(author=name) as tx:
        board = Project(tx, project_id, now=app.at)
        taken, found = work.take_next(
            tx, board, watch(app, board), agent=name, session=acting, more=more, start=start, now=app.at,
            actor=app.actor,
        )  # fmt: skip
    if taken is None:
        _next(app, None, found["note"], None, found["note"])
    else:
        said = f"✓ {name} claimed {taken.task['id']}: {taken.task['title']}"
        _next(app, task_fields.view(taken.task), said, taken.why, found["note"])


def _next(app: App, task: Document | None, said: str, taken_over: str | None, note: str | None) -> None:
    if app.json:
        app.emit({"task": task, "taken_over": taken_over, "note": note})
    else:
        _say(app, task, said, taken_over)


@click.command(cls=Command)
@click.argument("task_id", metavar="ID")
@click.option("--as", "agent", required=True, metavar="AGENT", help="Who takes it.")
@expect_option
@project_option
@session_option
@writes
def claim(
    app: App, task_id: str, agent: str, expect: str | None, project: str | None, session: str | None
) -> None:
    """Take a task; refused (exit 5) when somebody else holds it

    The claim ends when the task is done, cancelled or given to another agent. One whose session has
    ended, expired or been silent for longer than settings.claim_timeout minutes is taken over.
    """
    name = claims.holder(agent)
    acting, project_id = acting_in(app, project, session, required=True)
    assert acting is not None
    with app.transaction(author=name) as tx:
        board = Project(tx, project_id, now=app.at)
        if expect is not None:
            key, _ = task_actions.required(tx, board, task_id)
            tx.expect(expect, *key)
        taken = claims.take(
            tx, board, task_id, agent=agent, session=acting, watch=watch(app, board), now=app.at
        )
    if app.json:
        app.emit(task_fields.view(taken.task) | {"taken_over": taken.why})
    else:
        _say(app, taken.task, f"✓ {name} claimed {taken.task['id']}", taken.why)


def _say(app: App, task: Document | None, said: str, taken_over: str | None) -> None:
    app.say(said)
    if taken_over:
        app.say(f"  Taken over: {taken_over}")
    if task and not app.at_terminal:
        click.echo(task["id"])
