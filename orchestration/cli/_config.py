"""`orchestration config`: a project's configuration, and what all projects share."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from orchestration import paths
from orchestration.cli import _output, _validation
from orchestration.cli._app import App
from orchestration.cli._group import Command, reads, writes
from orchestration.cli._named import DefaultGroup
from orchestration.cli._options import json_value, project_option, session_option
from orchestration.cli._tasks import acting_in
from orchestration.diff import diff
from orchestration.domain import config_actions, config_overview, projects, validation
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import NotFound, OrchestrationError
from orchestration.store import layout
from orchestration.store.queries import Event
from orchestration.store.transaction import Transaction

_HERE = "orchestration.cli"
_LATER = {
    "validate": f"{_HERE}._validation:validate",
    "fix": f"{_HERE}._validation:fix",
    "backup": f"{_HERE}._backup:group",
    "export": f"{_HERE}._config_files:export",
    "import": f"{_HERE}._config_files:import_",
    "teams": f"{_HERE}._config_teams:teams",
    "agents": f"{_HERE}._config_teams:agents",
    "workflows": f"{_HERE}._workflows:workflows",
}


@click.group("config", cls=DefaultGroup, later=_LATER, default="overview")
def group() -> None:
    """Look at the configuration, check it, change it

    Without a command: the overview. A project's configuration is its settings, teams, agents, workflows and
    environments; what it leaves open comes from the defaults that all projects of the store share
    (--shared).
    """


def shared_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --shared."""
    return click.option("--shared", is_flag=True, help="The defaults that all projects of the store share.")(
        function
    )


def project_of(app: App, given: str | None) -> Project:
    """Return the project whose configuration is looked at; it need not exist."""
    session = app.env.get("CLAUDE_SESSION_ID")
    record = app.snapshot.load("sessions", app.session_id(), "session") if session else None
    name = app.project_id(given, session=record)
    if name is None:
        raise OrchestrationError("no project is named", hint="say --project NAME")
    return Project(app.snapshot, name, now=app.at)


def acting_on(app: App, project: str | None, session: str | None, *, shared: bool) -> tuple[str | None, str]:
    """Return the acting session and the project, "" where what all projects share needs none."""
    if shared and session is None and not app.env.get("CLAUDE_SESSION_ID"):
        return None, ""
    return acting_in(app, project, session)


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Document]:
    """Return what differs by path, as rows of `history.diff`."""
    return [
        {"path": paths.format(one.path), "kind": one.kind, "old": _plain(one.old), "new": _plain(one.new)}
        for one in diff(before, after)
    ]


def _plain(value: Any) -> Any:
    return None if value is paths.MISSING else value


def tell(app: App, tx: Transaction, rows: list[Document], said: str, **facts: Any) -> None:
    """Print what a change did, from before to after, and how to take it back."""
    commit = tx.tip.oid[:12] if tx.tip and rows else None
    if app.json:
        app.emit({**facts, "changes": rows, "commit": commit})
        return
    app.emit(rows, view="history.diff")
    if commit is None:
        app.say("Nothing was changed.")
        return
    app.say(f"✓ {said}")
    app.say(f"  Undo: state_manager undo {commit}")


@group.command("overview")
@project_option
@reads
def overview(app: App, project: str | None) -> None:
    """Show what is configured and whether it is valid"""
    found = project_of(app, project)
    document = _overview(app, found)
    app.emit(document, view="config.overview", summary=validation.summary(document["validation"]))


def _overview(app: App, project: Project) -> Document:
    checked = _validation.checked(app, project.id if project.exists else None)
    newest = _events(app, [_file(project.id)], 1) if app.store.exists else []
    return config_overview.overview(project, checked, newest[0] if newest else None)


def _file(project_id: str) -> str:
    return layout.file_of("projects", project_id, "config")


# -- values


@group.command("get")
@click.argument("path", default="")
@shared_option
@project_option
@reads
def get(app: App, path: str, shared: bool, project: str | None) -> None:
    """Print the value at a path of the configuration, defaults filled in

    Text is printed bare, other values as JSON. Without PATH: all of it. With --shared the first name is the
    file: teams, agents, workflows or settings.
    """
    if shared:
        document = config_actions.shared(app.snapshot)
    else:
        found = project_of(app, project).required()
        document = projects.with_defaults(found.config or {"project_id": found.id})
    value = paths.get(document, paths.parse(path))
    _output.put(_output.as_json(value) if app.json else _output.as_value(value))


@group.command("set")
@click.argument("path")
@click.argument("value")
@click.option("--json-value", is_flag=True, help="VALUE is JSON, not text; null takes the value out.")
@shared_option
@project_option
@session_option
@writes
def set_value(
    app: App, path: str, value: str, json_value: bool, shared: bool, project: str | None, session: str | None
) -> None:
    """Set the value at a path of the configuration, checked

    Known settings take text in the form they need (a number, a list a,b,c); any other value stays text
    unless --json-value says that it is JSON. It prints what changed, from before to after.
    """
    given = _json(value) if json_value else value
    place = paths.parse(path)
    acting, name = acting_on(app, project, session, shared=shared)
    with app.transaction() as tx:
        if shared:
            before, after = config_actions.set_shared(tx, place, given, session=acting)
        else:
            old, new = config_actions.set_value(tx, name, place, given, now=app.at, session=acting)
            before, after = (projects.with_defaults(one) for one in (old, new))
            if not old:
                before = {"project_id": name, **before, "created_at": after["created_at"]}
    said = f"Set {path}" + (" for all projects" if shared else f" of {name}")
    tell(app, tx, changed(before, after), said, project=None if shared else name, path=path)


def _json(text: str) -> Any:
    return json_value(text, "VALUE")


# -- history


@group.command("history")
@click.option("--limit", metavar="N", type=click.IntRange(min=0), default=20, help="Default: 20; 0 for all.")
@shared_option
@project_option
@reads
def history(app: App, limit: int, shared: bool, project: str | None) -> None:
    """List the changes of the configuration, newest first"""
    rows: list[Document] = []
    found = None if shared else project_of(app, project)
    if app.store.exists:
        rows = _events(app, ["config"] if found is None else [_file(found.id)], limit)
    of = "that all projects share" if found is None else f"of project {found.id}"
    app.emit(rows, view="history.events", empty=f"The configuration {of} has never changed.")


def _events(app: App, places: list[str], limit: int) -> list[Document]:
    return [_event(one) for one in app.index.events(paths=places, limit=limit or None)]


def _event(event: Event) -> Document:
    return {
        "commit": event.oid,
        "at": event.at,
        "author": event.author,
        "op": event.op,
        "session": event.session,
        "reason": event.reason,
        "subject": event.subject,
    }


# -- the rest


@group.command("environments")
@click.argument("name", required=False)
@project_option
@reads
def environments(app: App, name: str | None, project: str | None) -> None:
    """List the environments of the project, or show one"""
    found = project_of(app, project).required()
    known = (found.config or {}).get("environments") or {}
    if name is None:
        app.emit(known, view="config.environments", project=found.id)
        return
    if name not in known:
        hint = (
            f"there are: {', '.join(known)}"
            if known
            else "`config set environments.NAME.KEY VALUE` makes one"
        )
        raise NotFound(f"project {found.id!r} has no environment {name!r}", hint=hint)
    value = known[name]
    app.emit(value if isinstance(value, dict) else {name: value}, view="record")


@group.command("reload", cls=Command)
@project_option
@session_option
@writes
def reload(app: App, project: str | None, session: str | None) -> None:
    """Check configuration that was edited by hand and, when it has no errors, commit it"""
    _, name = acting_in(app, project, session)
    if not app.store.exists:
        raise NotFound("there is no store yet: nothing to read", hint="the first write makes it")
    document = _validation.checked(app, name)
    if not document["valid"]:
        app.emit(document, view="config.validation", summary=validation.summary(document))
        raise click.exceptions.Exit(1)
    keys = [("projects", name, "config"), *(("config", file) for file in config_actions.SHARED_FILES)]
    edited = app.snapshot.edited(keys)
    with app.transaction() as tx:
        for file in edited:
            tx.adopt(file)
    if app.json:
        app.emit({"valid": True, "committed": edited})
        return
    for file in edited:
        app.say(f"✓ Committed {file} as it was edited")
    app.emit(document, view="config.validation", summary=validation.summary(document))
