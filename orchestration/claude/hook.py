"""The answer to an event of Claude Code: its name is the argument, its facts are JSON on standard input.

Nearly always there is nothing to do, and the client waits: so this module and `idle` load next to nothing,
and `events` comes only when there is. A hook never exits 2, which would block, and never fails: what goes
wrong is one line on stderr, and the prompt goes through.
"""

import os
import sys
import time

from orchestration.claude import idle

LIMIT = 32 << 20
"""Bytes of input above which it is left alone."""


def main() -> None:
    """Answer one event as this process, which ends at once, always with 0."""
    event = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        data = _read()
        given = idle.facts(data) if len(data) <= LIMIT else None
        if given is None:
            complain(event, "its input is too long" if len(data) > LIMIT else "its input is no JSON object")
        else:
            _answer(event or str(given.get("hook_event_name")), given)
    except Exception as error:  # the edge of the hooks: whatever comes becomes one line
        complain(event, f"{type(error).__name__}: {error}")
        _trace(error)
    os._exit(0)


def _answer(event: str, given: idle.Given) -> None:
    now = time.time()
    if not idle.needed(event, given, os.environ, now):
        return
    from orchestration.claude import events

    reply = events.answer(event, given, os.environ, now, complain)
    if reply is not None:
        _write(reply.text)
        reply.told()


def _read() -> bytes:
    if sys.stdin is None:
        return b""
    data = b""
    parts = []
    while part := os.read(0, 1 << 20):  # to the end, also of what is left alone: the client is writing it
        if len(data) <= LIMIT:
            parts.append(part)
            if len(parts) == 64 or len(part) < 1 << 16:
                data, parts = data + b"".join(parts), []
    return data + b"".join(parts)


def _write(text: str) -> None:
    data = text.encode()
    while data:
        data = data[os.write(1, data) :]


def complain(event: str, what: str) -> None:
    """Say in one line, on stderr and in the store's log, what went wrong."""
    line = " ".join(f"orchestration: hook {event[:40]}: {what}".split())[:500]
    try:
        os.write(2, f"{line}\n".encode("utf-8", "replace"))
    except OSError:
        pass  # nobody listens
    idle.log(os.environ, f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} ERROR {line}")


def _trace(error: Exception) -> None:
    if os.environ.get("CLAUDE_ORCHESTRATION_DEBUG", "") not in ("", "0", "false"):
        import traceback

        traceback.print_exception(error)
