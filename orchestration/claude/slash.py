"""`orchestration slash FAMILY`: what a command file runs where no hook answers.

What was typed comes on standard input. It always exits 0, since anything else ends the command without a
word; an error is the answer.
"""

import os
import sys

from orchestration.claude import dispatch
from orchestration.claude.client import Client
from orchestration.claude.command_files import END, FOR_MODEL

LIMIT = 1_000_000
"""Characters; more than any client passes on."""


def main(family: str) -> None:
    """Answer on standard output."""
    sent = sys.stdin.buffer.read(LIMIT * 4).decode("utf-8", "replace")
    sys.stdout.buffer.write(f"{said(family, sent)}\n".encode("utf-8", "replace"))
    sys.stdout.flush()


def said(family: str, sent: str) -> str:
    """Return what is printed for what a command file sent."""
    typed, newline, rest = sent.rpartition(f"\n{END}")
    if not newline or rest.strip():
        return (
            "Error: what was typed did not arrive whole, so nothing was done\n"
            "Hint: leave out lines that consist of backticks, or of ORCH_ARGS_EOF"
        )
    client = Client({**os.environ, "NO_COLOR": "1"})  # the model would read the colours
    try:
        answer = dispatch.answer(client, family, typed)
    except Exception as error:  # the edge of this front end: whatever comes becomes one line
        if client.debug:
            raise
        return f"Error: unexpected {type(error).__name__}: {error}"
    return f"{FOR_MODEL}\n{answer.text}" if answer.for_model else answer.text
