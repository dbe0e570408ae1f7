"""Git at work over a network: it never asks, never waits for ever, and leaves no process behind.

A line may fall silent without being closed. Three limits follow from one number of seconds, `patience`:
ssh gives up when the server's machine does not answer for so long, and http when no byte comes (both end
in an error of git's own that says so); what neither sees, such as a server that is reached and never
answers, ends here when git has had no progress to tell of for four times as long.
"""

import contextlib
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence

from orchestration.errors import BadUsage

PATIENCE = 30.0
"""Seconds without a byte after which a connection is given up."""
VARIABLE = "ORCHESTRATION_SYNC_TIMEOUT"
"""The environment's name of another number of seconds."""
NOT_FOUND = 127
"""What the shell ends with when there is no git."""
_FACTOR = 4
"""Git tells of its progress in steps of up to 64 KiB, which take long on a slow line."""
_GRACE = 2.0
"""Seconds that git has to remove its unfinished files."""
_TICK = 0.5
_KEEP = ("/bin/sh", "-c", '"$@" </dev/null; exit $?', "git")
"""Has the lock as its stdin for as long as git runs, and git's own helpers never get hold of it.

A daemon that one of them leaves behind, such as `git credential-cache`, would keep it for long.
"""


class Silence(Exception):
    """Nothing was heard for the number of seconds that is given."""


def patience(env: Mapping[str, str]) -> float:
    """Return the seconds without a byte after which a connection is given up; BadUsage for no number."""
    text = env.get(VARIABLE, "")
    if not text:
        return PATIENCE
    if not re.fullmatch(r"\d{1,6}(\.\d+)?", text) or float(text) < 1:
        raise BadUsage(f"{VARIABLE} is {text!r}", hint="give it seconds, 1 or more, such as 30")
    return float(text)


def settings(limit: float) -> list[str]:
    """Return git's settings for a line that is given up after so many seconds of silence."""
    return ["http.lowSpeedLimit=1", f"http.lowSpeedTime={max(1, round(limit))}"]


def ssh(limit: float) -> str:
    """Return the ssh command for such a line, for who has none of their own."""
    interval = max(1, round(limit / 3))
    return (
        f"ssh -o ConnectTimeout={max(1, round(limit))} -o ServerAliveInterval={interval}"
        " -o ServerAliveCountMax=3"
    )


def run(
    command: Sequence[str], *, env: Mapping[str, str], cwd: str, limit: float, lock: int | None
) -> "subprocess.CompletedProcess[bytes]":
    """Run git without a terminal and return what it said; Silence when nothing is heard for too long.

    `lock` is a file descriptor that stays open as long as git runs, even when this process is killed.
    However this ends, git and what it started have ended.
    """
    with subprocess.Popen(
        [*_KEEP, *command] if lock is not None else command, env=env, cwd=cwd,
        stdin=subprocess.DEVNULL if lock is None else lock, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,  # so ssh finds no terminal to ask at, and all can be ended by one signal
    ) as process:  # fmt: skip
        heard = _Ears(process)
        try:
            if not heard.until_the_end(limit * _FACTOR):
                raise Silence(round(limit * _FACTOR))
            return subprocess.CompletedProcess(command, process.wait(), heard.out, heard.err)
        finally:
            if process.poll() is None:
                _end(process, heard)


class _Ears:
    """Reads what a process says until it ends."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None and process.stderr is not None
        self._process = process
        self._said = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
        self._streams = selectors.DefaultSelector()
        for fd in self._said:
            self._streams.register(fd, selectors.EVENT_READ)

    @property
    def out(self) -> bytes:
        return bytes(next(iter(self._said.values())))

    @property
    def err(self) -> bytes:
        return bytes([*self._said.values()][1])

    def until_the_end(self, silence: float) -> bool:
        """Read; False when nothing came for so many seconds and the process still runs."""
        last = time.monotonic()
        while self._streams.get_map():
            for key, _ in self._streams.select(_TICK):
                data = os.read(key.fd, 65536)
                if data:
                    self._said[key.fd] += data
                else:
                    self._streams.unregister(key.fd)
                last = time.monotonic()
            if time.monotonic() - last > min(silence, _TICK) and self._process.poll() is not None:
                break  # something it left behind holds the streams
            if time.monotonic() - last > silence:
                return False
        return True


def _end(process: "subprocess.Popen[bytes]", heard: _Ears) -> None:
    """End a process and all that it started; git first removes what it has not finished."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):  # as macOS calls one that has ended
            os.killpg(process.pid, number)
        heard.until_the_end(_GRACE)
    process.wait()
