"""`orchestration merge-driver` and `textconv`: what plain git calls in a store, see `sync/drivers.py`."""

from pathlib import Path

import click

from orchestration.cli import _output
from orchestration.cli._group import Command
from orchestration.sync import drivers

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("merge-driver", cls=Command, hidden=True)
@click.argument("base", type=_FILE)
@click.argument("ours", type=_FILE)
@click.argument("theirs", type=_FILE)
@click.argument("path")
def merge_driver(base: Path, ours: Path, theirs: Path, path: str) -> None:
    """Merge three versions of a record into the second; for git, which asks for it as a merge driver

    Exits 1 when both sides changed a value: ours stands then, and git has the person look at it.
    """
    merged, conflicts = drivers.merged(base.read_bytes(), ours.read_bytes(), theirs.read_bytes(), path)
    ours.write_bytes(merged)
    for one in conflicts:
        click.echo(f"both sides changed {_output.visible(drivers.said(one))}", err=True)
    if conflicts:
        raise click.exceptions.Exit(1)


@click.command("textconv", cls=Command, hidden=True)
@click.argument("file", type=_FILE)
def textconv(file: Path) -> None:
    """Print a record as a line for each value; for git, which asks for it when it shows a difference"""
    for line in drivers.lines(file.read_bytes(), file.name):
        _output.put(_output.visible(line))
