"""What commands about a named project have in common."""

from typing import TYPE_CHECKING

from orchestration import ids
from orchestration.cli._app import App
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.store import layout

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction


def to_read(app: App, project: str) -> Project:
    """Return a project to be read; NotFound when there is none."""
    return Project(app.snapshot, ids.check(project, "project"), now=app.at).required()


def to_write(app: App, tx: "Transaction", project: str) -> Project:
    """Return a project to be changed in a transaction; NotFound when there is none."""
    return Project(tx, ids.check(project, "project"), now=app.at).required()


def updated(app: App, *key: str) -> Document:
    """Return `updated_at` of a record: the time of the last commit that touched it."""
    at = app.index.updated_at(layout.file_of(*key))
    return {"updated_at": at} if at else {}


def done(app: App, value: Document, said: str) -> None:
    """Say what was done, or print the record when JSON is asked for."""
    if app.json:
        app.emit(value)
    else:
        app.say(said)
