"""`orchestration doctor`: whether all that belongs together is there, and in order."""

from collections.abc import Iterator
from typing import Any

import click

from orchestration.cli._app import App
from orchestration.cli._group import Command, common
from orchestration.cli._validation import checked
from orchestration.domain.project import Project
from orchestration.errors import OrchestrationError
from orchestration.store import installed


@click.command(cls=Command)
@common
def doctor(app: App) -> None:
    """Check this machine, the store, and what is installed here

    Each line says what was looked at and what was found; below what is wrong stands the way to put it right.
    Nothing is changed. Exits 1 when something is wrong.
    """
    rows = [*_machine(app), *_store(app)]
    app.emit(rows, view="health.health")
    if any(row["status"] in ("error", "warning") for row in rows):
        raise click.exceptions.Exit(1)


def _machine(app: App) -> Iterator[dict[str, Any]]:
    from orchestration.claude import doctor as checks

    yield from checks.machine(app.env)
    yield from checks.installation(installed.top(app.cwd, home=app.home), app.home, app.env)


def _store(app: App) -> Iterator[dict[str, Any]]:
    """Check the store and, as `validate` does, every record in it."""
    try:
        if not app.store.exists:
            yield _row("store", "ok", f"none yet at {app.store.root}: the first write makes it")
            return
        yield _row("store", "ok", str(app.store.root))
        name = app.project_id(None, required=False)
        there = name is not None and Project(app.snapshot, name, now=app.at).exists
        fix = None if there else "`orchestration init --project NAME`, or the first write to it"
        found = name if there else f"nothing of {name} yet" if name else "this folder is in no project"
        yield _row("project", "ok" if there else "hint", found or "", fix)
        report = checked(app, None)
    except OrchestrationError as error:
        yield _row("store", "error", error.message, error.hint)
        return
    wrong = sum(one["kind"] != "installed" and one["severity"] != "hint" for one in report["findings"])
    fix = "`shared_state validate` names them, `state_manager verify` looks at git's objects as well"
    said = f"{wrong} are not as they should be" if wrong else "every record is as it should be"
    yield _row("records", "warning" if wrong else "ok", said, fix if wrong else None)


def _row(check: str, status: str, found: str, fix: str | None = None) -> dict[str, Any]:
    return {"check": check, "status": status, "found": found, "fix": fix}
