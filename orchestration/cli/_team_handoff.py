"""Handoffs from team to team: `shared_state team-handoff`, the answers to it, and `list-handoffs`."""

from collections.abc import Callable

import click

from orchestration import ids
from orchestration.cli import _project
from orchestration.cli._app import App
from orchestration.cli._group import Command, reads, writes
from orchestration.cli._options import project_option, session_option
from orchestration.cli._tasks import acting_in
from orchestration.domain import handoff_actions, team_handoffs, values
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.english import counted
from orchestration.errors import NotFound


@click.command("team-handoff", cls=Command)
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.argument("text", required=False)
@click.option("--task", "tasks", metavar="IDS", multiple=True, help="Tasks that go along, by commas.")
@click.option("--artifacts", metavar="PATHS", multiple=True, help="Files that go along, by commas.")
@click.option("--criteria", metavar="TEXT", multiple=True, help="When it is accepted; once for each.")
@project_option
@session_option
@writes
def team_handoff(
    app: App, source: str, target: str, text: str | None, tasks: tuple[str, ...],
    artifacts: tuple[str, ...], criteria: tuple[str, ...], project: str | None, session: str | None,
) -> None:  # fmt: skip
    """Ask another team to take work over

    The handoff waits until the team FROM is answered with accept-handoff, defer-handoff or
    reject-handoff. The tasks of --task go to the team TO when it accepts.
    """
    acting, project_id = acting_in(app, project, session)
    with app.transaction() as tx:
        made = handoff_actions.request(
            tx, Project(tx, project_id, now=app.at), source, target, text=text,
            tasks=[one for given in tasks for one in values.strings("--task", given)],
            artifacts=[one for given in artifacts for one in values.strings("--artifacts", given)],
            criteria=criteria, session=acting, now=app.at,
        )  # fmt: skip
    load = made["data"]["receiver_load"]
    said = f"{load['after']} of {counted(load['slots'], 'slot')}, {load['before']} before"
    if load["after"] > load["slots"]:
        app.warn(f"team {made['to']} would have more tasks than slots: {said}")
    _said(app, made, f"✓ Requested {made['id']}: {made['from']} -> {made['to']} ({said})")


def _answer(status: str, help_: str, past: str) -> click.Command:
    def callback(
        app: App, handoff_id: str, reason: str | None, project: str | None, session: str | None
    ) -> None:
        acting, project_id = acting_in(app, project, session)
        with app.transaction() as tx:
            board = Project(tx, project_id, now=app.at).required()
            made, moved = handoff_actions.answer(
                tx, board, handoff_id, status, reason=reason, session=acting, now=app.at
            )
        went = f"; now with team {made['to']}: {', '.join(moved)}" if moved else ""
        _said(app, made, f"✓ {past} {made['id']}{went}")

    callback.__doc__ = help_
    decorate: list[Callable[..., object]] = [
        click.argument("handoff_id", metavar="ID"),
        click.argument("reason", required=status in ("deferred", "rejected")),
        project_option,
        session_option,
        writes,
    ]
    made: Callable[..., object] = callback
    for decorator in reversed(decorate):
        made = decorator(made)
    return click.command(team_handoffs.COMMANDS[status], cls=Command)(made)


accept_handoff = _answer("accepted", "Accept a handoff: its open tasks go to the receiving team", "Accepted")
defer_handoff = _answer(
    "deferred", "Put off the answer to a handoff, with the reason; `resume-handoff` asks again", "Deferred"
)
reject_handoff = _answer("rejected", "Reject a handoff, with the reason", "Rejected")
resume_handoff = _answer("pending_acceptance", "Ask again for the answer to a deferred handoff", "Resumed")
start_handoff = _answer("in_progress", "Say that work on an accepted handoff has begun", "Started")
complete_handoff = _answer("completed", "Say that the work of a handoff is done", "Completed")


@click.command("list-handoffs", cls=Command)
@click.option(
    "--status", type=click.Choice(("open", *team_handoffs.STATUSES)), help="Open: neither done nor rejected."
)
@click.option("--team", metavar="NAME", help="Only handoffs from or to this team.")
@project_option
@session_option
@reads
def list_handoffs(
    app: App, status: str | None, team: str | None, project: str | None, session: str | None
) -> None:
    """List handoffs between teams, newest first"""
    _, project_id = acting_in(app, project, session)
    board = _project.to_read(app, project_id)
    name = handoff_actions.team(board, team) if team is not None else None
    rows = handoff_actions.listing(board, status=status, team=name)
    app.emit(rows, view="handoffs.listing", project=project_id, any_status=status is None and name is None)


@click.command("get-handoff", cls=Command)
@click.argument("handoff_id", metavar="ID")
@project_option
@session_option
@reads
def get_handoff(app: App, handoff_id: str, project: str | None, session: str | None) -> None:
    """Show one handoff between teams"""
    _, project_id = acting_in(app, project, session)
    found = handoff_actions.all_of(_project.to_read(app, project_id)).get(ids.check(handoff_id, "handoff id"))
    if found is None:
        raise NotFound(
            f"no handoff {handoff_id!r} in project {project_id!r}", hint="see `shared_state list-handoffs`"
        )
    app.emit(found, view="record")


def _said(app: App, handoff: Document, said: str) -> None:
    if app.json:
        app.emit(handoff)
        return
    app.say(said)
    if not app.at_terminal:
        click.echo(handoff["id"])
