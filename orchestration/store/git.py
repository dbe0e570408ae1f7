"""Starting git itself: for packing, bundles, checks and remotes, never on the way of a get or set."""

import os
import pty
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from orchestration.errors import StoreError

_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.fsync=all",  # what git writes for us survives power loss before it removes what that replaces
    "advice.detachedHead=false",
)
_PROGRESS = re.compile(r"(?P<what>[A-Z][A-Za-z -]*): +(?:\d+% \((?P<done>\d+)/(?P<total>\d+)\)|\d+)")

Progress = Callable[[int, int], None]
Watch = Callable[[str], Progress | None]
"""Takes what git does at the moment, and returns what is to be called with (done, total), if anything."""


class NoGit(StoreError):
    """git is not installed."""


class GitFailed(StoreError):
    """git ended with an error; the message is what it said."""


def run(
    root: Path,
    *args: str,
    input: bytes | None = None,  # noqa: A002 - as subprocess calls it
    watch: Watch | None = None,
) -> bytes:
    """Run git in a folder, without the user's settings and hooks, and return what it prints.

    `watch` is told how far it has come. Raises GitFailed, and NoGit when it is not installed.
    """
    done = _start(root, args, input, watch)
    if done.returncode:
        raise GitFailed(f"git {args[0]} failed: {_last_line(done.stderr, done.returncode)}")
    return done.stdout


def told(root: Path, *args: str, watch: Watch | None = None) -> list[str]:
    """Run git as `run` does and return the lines of both streams, whatever it ends with; NoGit without git."""
    done = _start(root, args, None, watch)
    return (done.stderr + done.stdout).decode("utf-8", "replace").splitlines()


def _start(
    root: Path, args: Sequence[str], given: bytes | None, watch: Watch | None
) -> "subprocess.CompletedProcess[bytes]":
    command = ["git", "-C", str(root), *(word for one in _SETTINGS for word in ("-c", one)), *args]
    try:
        if watch is not None and given is None:
            return _watched(command, watch)
        return subprocess.run(command, env=environment(), input=given, capture_output=True, check=False)
    except FileNotFoundError:
        raise NoGit("git is not installed", hint="install git; it does this part of the work") from None


def _watched(command: list[str], watch: Watch) -> "subprocess.CompletedProcess[bytes]":
    """Run git with a terminal for its stderr, where it tells how far it has come."""
    ours, theirs = pty.openpty()
    reports: dict[str, Progress | None] = {}
    said: list[str] = []
    try:
        with tempfile.TemporaryFile() as printed:
            try:
                process = subprocess.Popen(
                    command, env=environment(), stdin=subprocess.DEVNULL, stdout=printed, stderr=theirs
                )
            finally:
                os.close(theirs)
            with process:
                for line in _lines(ours):
                    found = _PROGRESS.match(line)
                    if found is None:
                        said.append(line)
                        continue
                    what, done, total = found["what"], found["done"], found["total"]
                    if what not in reports:
                        reports[what] = watch(f"git: {what.lower()}")
                    report = reports[what]
                    if total and report is not None:
                        report(int(done), int(total))
            printed.seek(0)
            return subprocess.CompletedProcess(
                command, process.returncode, printed.read(), "\n".join(said).encode()
            )
    finally:
        os.close(ours)


def _lines(terminal: int) -> Iterator[str]:
    """Yield what is written to a terminal, up to each line feed or carriage return."""
    rest = ""
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # on Linux the end of a terminal is an error
            data = b""
        *lines, rest = re.split(r"[\r\n]+", rest + data.decode("utf-8", "replace"))
        yield from (line for line in lines if line)
        if not data:
            if rest:
                yield rest
            return


def environment() -> dict[str, str]:
    """Return the environment of a git process: this one's without what steers git."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {
        **kept,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }


def _last_line(text: bytes, code: int) -> str:
    lines: Sequence[str] = text.decode("utf-8", "replace").strip().splitlines()
    errors = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return (errors or [*lines, f"exit {code}"])[-1 if not errors else 0]
