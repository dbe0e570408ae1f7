"""The answer to an event of Claude Code: its name is the argument, its facts are JSON on standard input.

Nearly always there is nothing to do, and the client waits: so this module and `idle` load next to nothing,
and `events` comes only when there is. A hook never exits 2, which would block, and never fails: what goes
wrong is one line on stderr, and the prompt goes through.
"""

import gc
import os
import sys
import time

from orchestration.claude import idle

TYPE_CHECKING = False
if TYPE_CHECKING:  # see `idle`
    from collections.abc import Callable, Mapping
    from typing import Any

LIMIT = 32 << 20
"""Bytes of input above which it is left alone."""


def main() -> None:
    """Answer one event as this process, which ends at once, always with 0."""
    event = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        data = _read()
        given = idle.facts(data) if data is not None else None
        if given is None:
            complain(event, "its input is too long" if data is None else "its input is no JSON object")
        else:
            respond(event or str(given.get("hook_event_name")), given, os.environ, time.time(), _write)
    except Exception as error:  # the edge of the hooks: whatever comes becomes one line
        complain(event, f"{type(error).__name__}: {error}")
        _trace(error)
    os._exit(0)


def respond(
    event: str, given: "dict[str, Any]", env: "Mapping[str, str]", now: float, write: "Callable[[str], None]"
) -> None:
    """Do what an event asks for; an answer is written before it is noted that the model has it."""
    if not idle.needed(event, given, env, now):
        return
    gc.set_threshold(100_000)  # looking for garbage while modules load would take a tenth of the time
    from orchestration.claude import events

    reply = events.answer(event, given, env, now, complain)
    if reply is not None:
        write(reply.text)
        reply.told()


def _read() -> "bytes | None":
    """Return the input, None when it is too long; it is read to its end, for the client is writing it."""
    parts, size = [], 0
    while sys.stdin is not None and (part := os.read(0, 1 << 20)):
        size += len(part)
        if size <= LIMIT:
            parts.append(part)
    return b"".join(parts) if size <= LIMIT else None


def _write(text: str) -> None:
    data = text.encode()
    while data:
        data = data[os.write(1, data) :]


def complain(event: str, what: str) -> None:
    """Say in one line, on stderr and in the store's log, what went wrong."""
    line = " ".join(f"orchestration: hook {event[:40]}: {what}".split())[:500]
    idle.log(os.environ, f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} ERROR {line}")
    try:
        os.write(2, f"{line}\n".encode("utf-8", "replace"))
    except OSError:
        return  # nobody listens


def _trace(error: Exception) -> None:
    if os.environ.get("CLAUDE_ORCHESTRATION_DEBUG", "") not in ("", "0", "false"):
        import traceback

        traceback.print_exception(error)
