"""Groups that do something without a command, and take a name and a command in either order."""

from collections.abc import Sequence
from typing import Any

import click

from orchestration.cli._group import Group


class DefaultGroup(Group):
    """A group of commands one of which is meant when none is named."""

    def __init__(self, *args: Any, default: str, **kwargs: Any) -> None:
        """Take the name of the command that is meant when none is named."""
        super().__init__(*args, **kwargs)
        self.default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command before options that stand alone."""
        return super().parse_args(ctx, self.ordered(ctx, args))

    def ordered(self, ctx: click.Context, args: Sequence[str]) -> list[str]:  # noqa: ARG002 - for below
        """Return the words of the command line with the command first."""
        if not args or (args[0].startswith("-") and args[0] != "--help"):
            return [self.default, *args]
        return list(args)


class NamedGroup(DefaultGroup):
    """A group about records with names: `NAME COMMAND` is understood as `COMMAND NAME`, `NAME` as `show NAME`.

    A record that is called like a command is named after the command.
    """

    def ordered(self, ctx: click.Context, args: Sequence[str]) -> list[str]:
        """Return the words of the command line with the command first."""
        words = super().ordered(ctx, args)
        commands = self.list_commands(ctx)
        if words[0] in commands or words[0].startswith("-"):
            return words
        if len(words) > 1 and words[1] in commands:
            return [words[1], words[0], *words[2:]]
        return ["show", *words]
