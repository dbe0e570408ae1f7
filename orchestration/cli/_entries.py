"""What the files in `.claude` call: the answer to a slash command, to an event, and the status line."""

import sys

import click

from orchestration.cli._group import Command


@click.command(cls=Command)
@click.argument("family")
def slash(family: str) -> None:
    """Answer a slash command of a command file

    What was typed comes on standard input. Always exits 0: an error is the answer.
    """
    from orchestration.claude import slash as entry

    entry.main(family)


@click.command(cls=Command)
@click.argument("event", required=False, default="")
def hook(event: str) -> None:
    """Answer an event of Claude Code, whose facts come on standard input"""
    from orchestration.claude import hook as entry

    sys.argv[1:] = [event]
    entry.main()


@click.command(cls=Command)
@click.argument("event", required=False)
def statusline(event: str | None) -> None:  # noqa: ARG001 - hooks/run names what it starts
    """Print the status line of Claude Code, whose facts come on standard input"""
    from orchestration.claude import statusline as entry

    entry.main()
