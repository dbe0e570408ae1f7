"""`observability`: figures and the situation of a project, from recorded data only."""

import click

from orchestration.cli._group import Group, run

_LATER = {
    "status": "_monitor:status",
    "monitor": "_monitor:monitor",
    "sprint": "_overviews:sprint",
    "metrics": "_figures:metrics",
}


@click.group(cls=Group, later={name: f"orchestration.cli.{place}" for name, place in _LATER.items()})
def cli() -> None:
    """Watch a project: its situation, its sprint, its figures

    Everything shown is computed from the store; nothing is measured or estimated besides.
    """


def main() -> None:
    """Run the command line."""
    run(cli, "observability")
