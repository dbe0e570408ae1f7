"""`session_manager handoff` and `handoffs`."""

import click

from orchestration.cli._app import App
from orchestration.cli._group import Command, reads, writes
from orchestration.cli._options import json_value
from orchestration.domain import session_actions, sessions
from orchestration.domain.project import Project
from orchestration.errors import InactiveSession, UnknownSession
from orchestration.history import handoffs


@click.command(cls=Command)
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--data", metavar="JSON", help="What the receiver should know.")
@click.option("--keep-source", is_flag=True, help="Leave the giving session active.")
@writes
def handoff(app: App, source: str, target: str, data: str | None, keep_source: bool) -> None:
    """Hand the work of one session over to another

    The receiver finds the giver's context, open tasks, blockers and sprint under
    execution.inherited_context. The giver is completed. A receiver that does not exist is made, with
    the id given.
    """
    facts = json_value(data, "--data") if data is not None else None
    source_id = app.session_id(source)
    try:
        target_id = app.session_id(target)
    except UnknownSession:
        target_id = target
    else:
        if not app.snapshot.exists("sessions", target_id):
            raise InactiveSession(
                f"session {target_id!r} is retired", hint=f"use `session_manager recover {target_id}`"
            )
    giver = app.snapshot.load("sessions", source_id, "session")
    if giver is not None and sessions.effective_status(giver, app.at) == "expired":
        app.warn(f"session {source_id} has expired; its work is handed over all the same")
    with app.transaction() as tx:
        giver = session_actions.required(tx, source_id)
        project = Project(tx, giver["project"], now=app.at) if giver.get("project") else None
        sprint = project.current(giver.get("sprint_id")) if project else None
        receiver, made = session_actions.hand_off(
            tx,
            source_id,
            target_id,
            data=facts,
            keep_source=keep_source,
            sprint=sprint,
            by=app.actor,
            now=app.at,
        )
        branch = handoffs.pin(tx, source_id, receiver["id"], now=app.now)
    if app.json:
        app.emit({"from": source_id, "to": receiver["id"], "created": made, "branch": branch})
        return
    app.say(f"✓ Handed off {source_id} to {receiver['id']}" + (" (made now)" if made else ""))
    if branch is not None:
        app.say(f'  As it was: state_manager get {source_id} "" --at {branch}')


@click.command("handoffs", cls=Command)
@click.option("--session", metavar="S", help="Only handoffs from or to this session.")
@click.option("--project", metavar="P", help="Only handoffs of this project.")
@reads
def list_handoffs(app: App, session: str | None, project: str | None) -> None:
    """List what was handed from session to session, newest first"""
    session_id = app.session_id(session) if session else None
    found = (
        handoffs.known(app.store, app.index, session=session_id, project=project) if app.store.exists else []
    )
    app.emit([one._asdict() for one in found], view="handoffs")
