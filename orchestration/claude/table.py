"""All slash commands: from this one table come the answers, the command files, the help and their tests."""

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


def _one(summary: str, usage: str, handler: str) -> Family:
    return Family(summary, usage, {"": Command(summary, usage, handler)})


FAMILIES: dict[str, Family] = {
    "move": _one(
        "Move a task to another column", "TASK COLUMN [--force REASON...] [--reopen REASON...]", "moves:move"
    ),
    "assign": _one("Assign a task to an agent, @none for nobody", "TASK @AGENT", "moves:assign"),
    "estimate": _one("Estimate a task in story points", "TASK POINTS", "moves:estimate"),
    "split": _one("Split a task into parts", "TASK TITLES... [--force REASON...]", "moves:split"),
    "board": _one("Show the kanban board", "[SPRINT] [FILTER...] [--backlog]", "boards:board"),
}
