"""Starting git itself: for packing, bundles, checks and remotes, never on the way of a get or set."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from orchestration.errors import StoreError

_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.fsync=all",  # what git writes for us survives power loss before it removes what that replaces
    "advice.detachedHead=false",
)


class NoGit(StoreError):
    """git is not installed."""


class GitFailed(StoreError):
    """git ended with an error; the message is what it said."""


def run(root: Path, *args: str, input: bytes | None = None) -> bytes:  # noqa: A002 - as subprocess calls it
    """Run git in a folder, without the user's settings and hooks, and return what it prints.

    Raises GitFailed, and NoGit when it is not installed.
    """
    done = _start(root, args, input)
    if done.returncode:
        raise GitFailed(f"git {args[0]} failed: {_last_line(done.stderr, done.returncode)}")
    return done.stdout


def told(root: Path, *args: str) -> list[str]:
    """Run git as `run` does and return the lines of both streams, whatever it ends with; NoGit without git."""
    done = _start(root, args, None)
    return (done.stderr + done.stdout).decode("utf-8", "replace").splitlines()


def _start(root: Path, args: Sequence[str], given: bytes | None) -> "subprocess.CompletedProcess[bytes]":
    command = ["git", "-C", str(root), *(word for one in _SETTINGS for word in ("-c", one)), *args]
    try:
        return subprocess.run(command, env=environment(), input=given, capture_output=True, check=False)
    except FileNotFoundError:
        raise NoGit("git is not installed", hint="install git; it does this part of the work") from None


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
