"""What the table of slash commands is made of."""

from typing import NamedTuple


class Command(NamedTuple):
    """One form of a command."""

    summary: str
    usage: str
    handler: str
    """`module:function` below `orchestration.claude`; it takes the client and the arguments of `usage`."""
    for_model: bool = False
    """Whether its point is the model's work."""


class Family(NamedTuple):
    """A command file: what the menu says of it, and its forms by the words that follow the name."""

    description: str
    hint: str
    forms: dict[str, Command]


def one(summary: str, usage: str, handler: str) -> Family:
    """Return a family of one form."""
    return Family(summary, usage, {"": Command(summary, usage, handler)})
