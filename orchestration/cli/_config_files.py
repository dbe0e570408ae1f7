"""`orchestration config export` and `import`."""

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from orchestration import codec
from orchestration.cli import _output, _plans
from orchestration.cli._app import App
from orchestration.cli._config import changed, project_of, tell
from orchestration.cli._group import Command, reads, writes
from orchestration.cli._options import project_option, session_option
from orchestration.cli._tasks import acting_in
from orchestration.domain import config_actions, projects
from orchestration.errors import NotFound, Refused
from orchestration.store import draft
from orchestration.store.transaction import Transaction


@click.command("export", cls=Command)
@click.argument("form", type=click.Choice(("json", "yaml", "env")), default="json")
@click.option("-o", "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@project_option
@reads
def export(app: App, form: str, output: Path | None, project: str | None) -> None:
    """Write the configuration as JSON, YAML or environment variables

    json and yaml hold what is stored, which `config import` takes again; env holds the defaults as well,
    in lines that a shell reads.
    """
    found = project_of(app, project).required()
    stored = found.config or {"project_id": found.id}
    if form == "env":
        variables = config_actions.as_environment(projects.with_defaults(stored))
        text = "\n".join(f"{name}={shlex.quote(value)}" for name, value in variables.items())
    elif form == "yaml":
        text = codec.dump(stored).decode().rstrip("\n")
    else:
        text = _output.as_json(stored)
    if output is None:
        _output.put(text)
        return
    output.write_text(f"{text}\n", "utf-8")
    app.say(f"✓ Wrote the configuration of {found.id} to {output}")


@click.command("import", cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
@click.option("--yes", is_flag=True, help="Do it at once.")
@project_option
@session_option
@writes
def import_(app: App, file: Path, dry_run: bool, yes: bool, project: str | None, session: str | None) -> None:
    """Lay a configuration from a FILE of JSON or YAML over the project's own

    Shows what would change, and the line that does it; --yes does it at once. Objects merge key by key, null
    takes a value out. What belongs to the project it was exported from, its name and its times, is left out.
    """
    acting, name = acting_in(app, project, session)
    try:
        change = config_actions.importable(file.read_bytes(), str(file))
    except FileNotFoundError:
        raise NotFound(f"there is no file {file}") from None
    arguments = {"project": name, "change": change, "session": acting}
    if yes and not dry_run:
        _plans.perform(app, "config import", arguments)
        return
    if not app.store.exists:
        raise Refused("there is no store yet: nothing to compare with", hint="say --yes")
    tx = draft.start(app.store, author=app.actor, now=app.now)
    config_actions.import_(tx, name, change, now=app.at)
    for warning in tx.warnings:
        app.warn(warning)
    _plans.offer(app, "config import", arguments, tx.changes(), dry_run=dry_run, project=name)


def perform_import(app: App, arguments: Mapping[str, Any], confirm: Callable[[Transaction], None]) -> None:
    """Import a configuration."""
    name = arguments["project"]
    with app.transaction() as tx:
        before = tx.load("projects", name, "config") or {}
        after = config_actions.import_(
            tx, name, arguments["change"], now=app.at, session=arguments.get("session")
        )
        confirm(tx)
    tell(app, tx, changed(before, after), f"Imported the configuration of {name}", project=name)
