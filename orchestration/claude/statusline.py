"""The status line: one cached file, printed as it is.

Its head says what it rests on. When that has changed, the line is printed once more as it was, and made
anew in the background: the client looks again in a few seconds, and nobody waits. So this module, like
`idle`, loads next to nothing.
"""

import os
import sys
import time

from orchestration.claude import idle
from orchestration.store import hosts

FOLDER = "status"
LIMIT = 1 << 20


def main() -> None:
    """Print the line of the client whose facts come on standard input, as this process."""
    try:
        given = idle.facts(_read()) or {}
        _answer(given)
    except Exception as error:  # the edge of this front end: a blank line says nothing wrong
        os.write(
            2, f"orchestration: status line: {type(error).__name__}: {error}\n".encode("utf-8", "replace")
        )
    os._exit(0)


def _answer(given: "dict[str, object]") -> None:
    host = given.get("session_id")
    if not isinstance(host, str) or not hosts.fits(host):
        return
    folder = os.environ.get("CLAUDE_PROJECT_DIR") or str(given.get("cwd") or os.getcwd())
    root = idle.store_of(os.environ, folder)
    if root and not os.path.isdir(f"{root}/.git"):
        return
    kept = _kept(f"{root}/.git/orchestration/{FOLDER}/{host}", folder) if root else None
    if kept is None:
        _write(_made(host, folder))
        return
    text, current = kept
    _write(text)
    if not current and os.fork() == 0:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        _made(host, folder)


def _kept(file: str, folder: str) -> "tuple[str, bool] | None":
    """Return the line that is kept, and whether it is current; None where there is none for this folder."""
    try:
        with open(file, encoding="utf-8") as stream:
            head, _, text = stream.read().partition("\n\n")
    except (OSError, ValueError):
        return None
    lines = head.split("\n")
    if lines[0] != f"folder {folder}":
        return None
    until, *rests = lines[1:]
    current = time.time() < float(until.partition(" ")[2])
    for line in rests:
        stamp, _, path = line.partition(" ")
        current = current and stamp == mark(path)
    return text, current


def mark(path: str) -> str:
    """Return what tells one writing of a file from the next, `-` for no file."""
    try:
        found = os.stat(path)
    except OSError:
        return "-"
    return f"{found.st_ino}.{found.st_mtime_ns}"


def _made(host: str, folder: str) -> str:
    from orchestration.claude import status_cache

    return status_cache.make(os.environ, host, folder)


def _read() -> bytes:
    data = b""
    while sys.stdin is not None and len(data) < LIMIT and (part := os.read(0, 1 << 16)):
        data += part
    return data


def _write(text: str) -> None:
    if text:
        os.write(1, f"{text}\n".encode())
