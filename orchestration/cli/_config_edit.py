"""Teams, agents and workflows as text: an editor at a terminal, checked, committed or given back."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import update_wrapper
from pathlib import Path
from typing import Any

import click

from orchestration.cli import _group, _output, _plans, _validation
from orchestration.cli._app import App
from orchestration.cli._config import acting_on, changed, shared_option, tell
from orchestration.cli._options import project_option, read_text, session_option
from orchestration.domain import config_actions, record_drafts, validation
from orchestration.domain.config_actions import Entry
from orchestration.domain.record_drafts import TEMPLATES, Problem
from orchestration.domain.records import Document
from orchestration.errors import Conflict, InvalidData, LikelySecret, NotFound, OrchestrationError, Refused
from orchestration.store import draft, present
from orchestration.store.transaction import Transaction

_SET = "orchestration config set"

Command = Callable[..., None]


def writes(section: str) -> Callable[[Command], Command]:
    """Add --shared, --project and --session to a command on NAME of a section: it gets the `Entry` it is about."""

    def decorate(function: Command) -> Command:
        def wrapper(
            app: App, /, name: str, shared: bool, project: str | None, session: str | None, **given: Any
        ) -> None:
            acting, project_id = acting_on(app, project, session, shared=shared)
            of = Entry(None if shared else project_id, section, name)
            function(app, of, session=acting, **given)

        command = _group.writes(update_wrapper(wrapper, function))
        return shared_option(project_option(session_option(command)))

    return decorate


def command_of(group: str, verb: str, of: Entry) -> str:
    """Return the command that edits or adds an entry."""
    where = f"--project {of.project}" if of.project else "--shared"
    return f"orchestration config {group} {verb} {of.name} {where}"


def edit(
    app: App, of: Entry, template: Mapping[str, Any], *, command: str, source: str | None, session: str | None
) -> None:
    """Let a person change a record as text and commit it when it is right.

    `template` is what they begin with, `source` a file with their text, "-" for stdin, or None to open an
    editor. Away from a terminal the text, its place and the commands that set its values are printed.
    """
    before = config_actions.entry(app.snapshot, of)
    if source is not None:
        try:
            text = read_text(source)
        except FileNotFoundError:
            raise NotFound(f"there is no file {source}") from None
        _take(app, of, text, before, command=command, session=session)
        return
    if not (app.at_terminal and sys.stdin is not None and sys.stdin.isatty()) or app.json:
        document = record_drafts.shown(of, template, root=str(app.store.root), command=_SET)
        if app.json:
            app.emit(document)
        else:
            _output.put(document["yaml"].rstrip("\n"))
            _output.put("\n".join(["", f"File: {document['file']}, at {document['path']}", *document["set"]]))
        return
    original = record_drafts.text_of(of, template)
    path = _new_file(of, original)
    while True:
        _open(app, path)
        text = path.read_text("utf-8", "surrogateescape")
        if record_drafts.is_empty(text) or record_drafts.without_marks(text) == original:
            path.unlink()
            app.say("Nothing was changed.")
            return
        try:
            problems = _save(app, of, text, before, path, command=command, session=session)
        except LikelySecret as error:
            error.hint = f"{error.hint}; your draft is kept in {path}"
            raise
        if not problems:
            path.unlink()
            return
        path.write_text(record_drafts.marked(text, problems), "utf-8", "surrogateescape")
        _complain(problems)
        try:
            again = click.confirm("Edit it again?", default=True, err=True)
        except click.Abort:
            again = False
        if not again:
            raise _given_back(of, problems, path, command)


def _take(
    app: App, of: Entry, text: str, before: Document | None, *, command: str, session: str | None
) -> None:
    """Save a text that somebody else's editor made; one with errors is given back with them marked."""
    path = _new_file(of, text)
    try:
        problems = _save(app, of, text, before, path, command=command, session=session)
    except LikelySecret:
        path.unlink()
        raise
    if not problems:
        path.unlink()
        return
    path.write_text(record_drafts.marked(text, problems), "utf-8", "surrogateescape")
    if not app.json:
        _complain(problems)
    raise _given_back(of, problems, path, command)


def _given_back(of: Entry, problems: list[Problem], path: Path, command: str) -> InvalidData:
    errors = [one for one in problems if one.severity == "error"]
    return InvalidData(
        f"{of.kind} {of.name!r} was not changed: line {errors[0].line}: {errors[0].message}",
        hint=f"the draft is kept, with its errors marked; `{command} --file {path}` takes it up again",
    )


def _complain(problems: list[Problem]) -> None:
    for one in problems:
        click.echo(_output.visible(f"{one.severity}: line {one.line}: {one.message}"), err=True)


def _save(
    app: App, of: Entry, text: str, before: Document | None, path: Path, *, command: str, session: str | None
) -> list[Problem]:
    """Commit what a text says; returns what keeps it from that, nothing when it is done."""
    found = record_drafts.read(of, text, _records(app, of), _validation.installed(app).agents)
    if not found.is_valid:
        return found.problems
    for one in found.problems:
        app.warn(f"line {one.line}: {one.message}")
    try:
        with app.transaction() as tx:
            old, new = config_actions.write(
                tx, of, found.record, now=app.at, session=session, expected=before
            )
    except LikelySecret:
        raise  # its hint says the way out
    except OrchestrationError as error:  # whatever it is: what somebody wrote is not lost
        over = ", over what changed meanwhile" if isinstance(error, Conflict) else ""
        error.hint = f"your draft is kept; `{command} --file {path}` saves it{over}"
        raise
    _tell(app, tx, of, old, new, "Saved")
    return []


def _tell(
    app: App, tx: Transaction, of: Entry, old: Document | None, new: Document | None, said: str
) -> None:
    section = of.section if of.project else of.key[1]
    before, after = ({section: {of.name: one} if one is not None else {}} for one in (old, new))
    tell(app, tx, changed(before, after), f"{said} {of.kind} {of.name}", project=of.project, name=of.name)


def _records(app: App, of: Entry) -> dict[tuple[str, ...], Document]:
    folders = ["config", "tools"] if of.project is None else validation.folders(of.project)
    return present.read(app.snapshot, folders, disk=False).records


def _new_file(of: Entry, text: str) -> Path:
    number, name = tempfile.mkstemp(prefix=f"{of.kind}-{of.name}-", suffix=".yaml", text=True)
    os.close(number)
    path = Path(name)
    path.write_text(text, "utf-8", "surrogateescape")
    return path


def _open(app: App, path: Path) -> None:
    """Open a file in the user's editor, found as git finds it."""
    editor = app.env.get("VISUAL") or app.env.get("EDITOR") or "vi"
    code = subprocess.run(["/bin/sh", "-c", f'{editor} "$@"', editor, str(path)], check=False).returncode
    if code:
        raise Refused(
            f"the editor {editor!r} ended with exit code {code}; nothing was changed",
            hint=f"set VISUAL or EDITOR; the draft is kept in {path}",
        )


# -- without an editor


def add(
    app: App, of: Entry, record: Document, *, command: str, source: str | None, session: str | None
) -> None:
    """Add what was described, else let it be described in an editor."""
    if record and source is None:
        _add(app, of, record, session=session)
        return
    _refuse_known(app, of)
    edit(app, of, TEMPLATES[of.section], command=command, source=source, session=session)


def _refuse_known(app: App, of: Entry) -> None:
    if config_actions.entry(app.snapshot, of) is not None:
        raise Refused(f"{of.kind} {of.name!r} exists already", hint="`edit` changes it")


def _add(app: App, of: Entry, record: Document, *, session: str | None) -> None:
    """Add a record; InvalidData with the first thing that is wrong with it."""
    _refuse_known(app, of)
    text = record_drafts.text_of(of, record)
    found = record_drafts.read(of, text, _records(app, of), _validation.installed(app).agents)
    for one in found.problems:
        if one.severity == "error":
            raise InvalidData(f"{of.kind} {of.name!r}: {one.message}")
        app.warn(one.message)
    with app.transaction() as tx:
        old, new = config_actions.write(tx, of, found.record, now=app.at, session=session, expected=None)
    _tell(app, tx, of, old, new, "Added")


def remove(app: App, of: Entry, *, users: list[str], dry_run: bool, yes: bool, session: str | None) -> None:
    """Offer to take a record out, or do it at once; `users` are named before: they refer to it."""
    if users:
        app.warn(f"still named by {', '.join(users[:8])}" + (", ..." if len(users) > 8 else ""))
    arguments = {"project": of.project, "section": of.section, "name": of.name, "session": session}
    if yes and not dry_run:
        _plans.perform(app, "config remove", arguments)
        return
    if not app.store.exists:
        raise NotFound(f"no {of.kind} {of.name!r}: there is no store yet")
    tx = draft.start(app.store, author=app.actor, now=app.now)
    config_actions.write(tx, of, None, now=app.at)
    for warning in tx.warnings:
        app.warn(warning)
    _plans.offer(app, "config remove", arguments, tx.changes(), dry_run=dry_run, name=of.name)


def perform_remove(app: App, arguments: Mapping[str, Any], confirm: Callable[[Transaction], None]) -> None:
    """Take a team, agent or workflow out of the configuration."""
    of = Entry(arguments["project"], arguments["section"], arguments["name"])
    with app.transaction() as tx:
        old, new = config_actions.write(tx, of, None, now=app.at, session=arguments.get("session"))
        confirm(tx)
    _tell(app, tx, of, old, new, "Removed")
