"""One write, ended at every system call that changes the disk; and refused by the disk at each of them.

strace counts the calls of a run without faults, then makes one of them kill the process, or fail as on
a full disk. The store lies in memory where there is a place for that, so flushing takes no threads and
each run makes the same calls.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from prooftools import FULL, Done, World, command
from storetools import git

from orchestration.store.repo import Store

CHANGING = (
    "openat",
    "write",
    "pwrite64",
    "rename",
    "link",
    "unlink",
    "fsync",
    "fdatasync",
    "ftruncate",
    "mkdir",
)
FILLING = ("write", "pwrite64", "openat", "link", "mkdir")
EVERY = 1 if FULL else 4
_CALL = re.compile(r"(?:\d+ +)?(\w+)\((.*)\) = (\S+)")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("strace") is None, reason="strace is not installed: no faults at system calls"
    ),
]


class Point(NamedTuple):
    """The `count`-th call of a kind in the whole run of a program."""

    call: str
    count: int


class Lab:
    """A store that is copied for each run of the same write."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.words = ("state_manager", "set", world.session, "fresh.n", "7", "--json-value")

    def copy(self) -> World:
        """Return a copy of the store on which nothing but the write is left to do."""
        root = self.folder / "state"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.world.root, root)
        copy = World(root, self.folder)
        copy.session = self.world.session
        write(copy, "notes", 1)
        return copy

    def run(self, copy: World, strace: tuple[str, ...], *words: str) -> Done:
        environment = {
            **os.environ, "ORCHESTRATION_STATE_DIR": str(copy.root), "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        line = [*strace, *command(*words)]
        done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60)
        return Done(done.returncode, done.stdout, done.stderr)

    def points(self, calls: tuple[str, ...]) -> Iterator[Point]:
        """Yield the calls in the store, of a run without faults."""
        copy = self.copy()
        trace = self.folder / "trace"
        tracing = ("strace", "-f", "-y", "-s", "0", "-o", str(trace), "-e", f"trace={','.join(calls)}")
        assert self.run(copy, tracing, *self.words).code == 0
        counts = dict.fromkeys(calls, 0)
        for line in trace.read_text().splitlines():
            match = _CALL.match(line)
            if match and match[1] in counts:
                counts[match[1]] += 1
                if str(copy.root) in match[2]:
                    yield Point(match[1], counts[match[1]])

    def faulty(self, copy: World, point: Point, fault: str) -> Done:
        """Run the write with a fault at one call."""
        inject = f"inject={point.call}:{fault}:when={point.count}"
        strace = ("strace", "-f", "-o", os.devnull, "-e", f"trace={point.call}", "-e", inject)
        return self.run(copy, strace, *self.words)


@pytest.fixture
def lab(world: World) -> Iterator[Lab]:
    """A store whose copies lie in memory."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Lab(world, Path(folder))


def write(copy: World, name: str, value: int) -> list[str]:
    """Write to a store, in this process; returns the warnings."""
    with Store(copy.root).transaction(author="ada", now=datetime.now(UTC)) as tx:
        tx.save(("sessions", copy.session, name), {"n": value})
    return tx.warnings


def check(copy: World, done: Done, point: Point) -> None:
    """Acknowledged is present, not acknowledged is whole or nothing, and the next write works."""
    fresh = Store(copy.root).snapshot().load("sessions", copy.session, "fresh")
    assert fresh in (None, {"n": 7}), point
    if done.code == 0:
        assert fresh == {"n": 7}, point
        assert git(copy.root, "rev-parse", "--short=12", "HEAD") == done.commit
    assert git(copy.root, "fsck", "--strict", "--no-dangling") == "", point
    assert write(copy, "fresh", 8) == [], point
    assert Store(copy.root).snapshot().load("sessions", copy.session, "fresh") == {"n": 8}
    copy.assert_sound()


def test_killed_at_every_call(lab: Lab) -> None:
    points = list(lab.points(CHANGING))
    assert {"openat", "write", "rename", "link", "unlink", "fsync", "ftruncate"} <= {
        point.call for point in points
    }
    killed = 0
    for point in points[::EVERY]:
        copy = lab.copy()
        done = lab.faulty(copy, point, "signal=KILL")
        killed += done.code in (-9, 137)
        check(copy, done, point)
    assert killed >= 0.9 * len(points[::EVERY])


def test_a_full_disk_at_every_call(lab: Lab) -> None:
    """It is refused with a clear message, or it is done."""
    refused = 0
    points = list(lab.points(FILLING))
    for point in points[::EVERY]:
        copy = lab.copy()
        done = lab.faulty(copy, point, "error=ENOSPC")
        if done.code:
            refused += 1
            assert (done.code, done.out, done.commit) == (1, "", None), (point, done.err)
            assert done.err.startswith("Error: ") and "No space left on device" in done.err, (point, done.err)
        else:
            assert done.commit is not None or "No space" in done.err, (point, done.err)
        check(copy, done, point)
    assert refused > len(points[::EVERY]) / 2
