# /// script
# requires-python = ">=3.11"
# dependencies = ["click>=8.1,<9", "filelock>=3", "jsonpath-ng>=1.14,<2", "rich>=13.7,<16"]
# ///
"""What people do today: the state of each session in a JSON file, here to compare with."""

import json
import os
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from filelock import FileLock
from jsonpath_ng import parse  # type: ignore[attr-defined]  # it does not mark what it exports
from rich.console import Console
from rich.table import Table

FOLDER = Path(os.environ.get("JSON_STATE_DIR") or Path.home() / ".json-state")
console = Console()


def load(path: Path) -> Any:
    if not path.exists():
        raise click.ClickException(f"no session {path.stem}")
    return json.loads(path.read_text())


def save(path: Path, state: Any) -> None:
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(state, indent=2))
    draft.replace(path)


@click.group()
def cli() -> None:
    """Keep the state of sessions in JSON files"""


@cli.command()
@click.option("--mode", default="development")
@click.option("--project")
def create(mode: str, project: str | None) -> None:
    """Create a session"""
    now, name = datetime.now(UTC), str(uuid.uuid4())
    lifecycle = {
        "status": "active",
        "heartbeat": now.isoformat(),
        "expiry": (now + timedelta(days=1)).isoformat(),
    }
    session = {
        "id": name,
        "mode": mode,
        "project": project,
        "created_at": now.isoformat(),
        "lifecycle": lifecycle,
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    with FileLock(FOLDER / f"{name}.lock"):
        save(FOLDER / f"{name}.json", {"session": session})
    console.print(name)


@cli.command()
@click.argument("name")
@click.argument("path")
def get(name: str, path: str) -> None:
    """Print the value at a path"""
    found = [match.value for match in parse(path).find(load(FOLDER / f"{name}.json"))]
    if not found:
        raise click.ClickException(f"nothing at {path}")
    console.print(found[0] if isinstance(found[0], str) else json.dumps(found[0], indent=2))


@cli.command("set")
@click.argument("name")
@click.argument("path")
@click.argument("value")
def set_value(name: str, path: str, value: str) -> None:
    """Write a value at a path"""
    with FileLock(FOLDER / f"{name}.lock"):
        state = load(FOLDER / f"{name}.json")
        save(FOLDER / f"{name}.json", parse(path).update_or_create(state, value))
    console.print(f"[green]✓[/green] set {path}")


@cli.command("list")
@click.option("--active", is_flag=True)
def list_sessions(active: bool) -> None:
    """Show the sessions"""
    table = Table("id", "mode", "project", "status")
    for path in sorted(FOLDER.glob("*.json")):
        session = load(path)["session"]
        if not active or session["lifecycle"]["status"] == "active":
            table.add_row(session["id"], session["mode"], session["project"], session["lifecycle"]["status"])
    console.print(table)


if __name__ == "__main__":
    cli()
