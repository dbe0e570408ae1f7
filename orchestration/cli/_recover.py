"""`session_manager recover`."""

import click

from orchestration import ids
from orchestration.cli import _rows
from orchestration.cli._app import App
from orchestration.cli._group import Command, writes
from orchestration.domain import session_actions
from orchestration.errors import UnknownSession
from orchestration.history import rescue
from orchestration.store import layout


@click.command(cls=Command)
@click.argument("session")
@writes
def recover(app: App, session: str) -> None:
    """Bring back an ended, expired, retired or deleted session

    It is active again and its state is as it was; only its lifetime begins anew. A session that
    `cleanup-expired` took away or somebody deleted, and files that can no longer be read, are brought
    back from the newest good state in history: it says from which commit, and what could not be saved.
    """
    try:
        session_id = app.session_id(session)
    except UnknownSession:
        session_id = session  # deleted by hand: history may know it by its full id
        if ids.problem(session):
            raise
    found = rescue.session(app.store, app.index, session_id) if app.store.exists else None
    if found is None:
        raise UnknownSession(f"no session {session!r}", hint="list them with `session_manager list --all`")
    with app.transaction() as tx:
        for name in found.damaged:
            kept = tx.take_back_edit(layout.file_of("sessions", session_id, name))
            where = f"; what stood there is kept in {kept}" if kept else ""
            app.warn(f"{name}.yaml was damaged on disk; its last commit is back{where}")
        after, was = session_actions.recover(tx, session_id, now=app.at, files=found.files, gone=found.gone)
    for name, oid in found.taken.items():
        app.say(f"  {name} as of commit {oid[:12]}")
    for name in found.lost:
        app.warn(f"no version of {name}.yaml can be read; it was left out")
    held = [task["id"] for _, task in session_actions.claimed(app.snapshot, session_id, now=app.at)]
    if held:
        app.say(f"  Holds again: {', '.join(held)}")
    _rows.lease(app, after, f"✓ Recovered session: {session_id} (was {was})")
