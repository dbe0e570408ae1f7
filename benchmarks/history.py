"""Whole commands on a store with a long past, against a store without one and against git."""

import os
import pty
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import _big
from benchmarks._lab import ROOT, Lab
from benchmarks._timing import BenchmarkError, Row, compared, interleaved, output, run
from orchestration.store import layout

WRITES = 200
MEASURES = 5


class Past:
    """A store with a long past, and one with the same sessions and none."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.fresh = lab.folder / "history-fresh"
        self.big = lab.folder / f"history-{lab.commits}"
        if not self.big.exists():
            print(f"making {lab.commits} commits ...", file=sys.stderr, flush=True)
            lab.child("base", self.fresh)
            lab.copy(self.fresh, "past").rename(self.big)
            lab.child("grow", self.big, lab.commits)

    def command(self, *words: str) -> list[str]:
        """Return a command of ours, without `uv run`, whose time would hide what is compared here."""
        return [sys.executable, "-m", "orchestration", "state_manager", *words]

    def env(self, store: Path) -> dict[str, str]:
        """Return the environment of a command on a store."""
        return {**self.lab.env(store), "PYTHONPATH": os.environ.get("PYTHONPATH") or str(ROOT)}

    def ours(self, *words: str, fresh: bool = False) -> float:
        """Run a command and return its seconds."""
        store = self.fresh if fresh else self.big
        return run(self.command(*words), self.env(store), self.lab.work).seconds

    def git(self, session: str) -> float:
        """Run `git log -1` for the notes of a session and return its seconds."""
        path = layout.file_of("sessions", session, "notes")
        return run(
            ["git", "-C", str(self.big), "log", "-1", "--format=%H", "--", path], self.lab.base, self.lab.work
        ).seconds


def history(lab: Lab) -> list[Row]:
    """Compare reads of the present and of the past, the first index, packing, and writes beside it."""
    past = Past(lab)
    return [*_first_read(past), *_reads(past), *_packing(past)]


def _reads(past: Past) -> list[Row]:
    quiet, busy = _big.QUIET, _big.BUSY
    year = (datetime.now(UTC) - timedelta(days=365)).isoformat()
    many = past.lab.commits
    costs = interleaved(
        {
            "get": lambda: past.ours("get", busy, "notes.n"),
            "fresh get": lambda: past.ours("get", busy, "notes.n", fresh=True),
            "history": lambda: past.ours("history", busy, "--limit", "20"),
            "fresh history": lambda: past.ours("history", busy, "--limit", "20", fresh=True),
            "path": lambda: past.ours("history", quiet, "notes.n"),
            "blame": lambda: past.ours("blame", quiet, "notes"),
            "at": lambda: past.ours("get", quiet, "notes.n", "--at", year),
            "git": lambda: past.git(quiet),
            "busy path": lambda: past.ours("history", busy, "notes.n"),
            "busy blame": lambda: past.ours("blame", busy, "notes"),
            "busy git": lambda: past.git(busy),
        },
        past.lab.rounds,
    )
    beside = "`git log -1 -- path`"
    return [
        compared(f"get, {many} commits / fresh", costs["get"], costs["fresh get"], 1.1),
        compared(
            f"history --limit 20, {many} commits / fresh", costs["history"], costs["fresh history"], 1.5
        ),
        compared(f"history of a path untouched for a year / {beside}", costs["path"], costs["git"], 5),
        compared(f"blame of a path untouched for a year / {beside}", costs["blame"], costs["git"], 5),
        compared(f"get --at a year back / {beside}", costs["at"], costs["git"], 5),
        compared(f"history of a path just touched / {beside}", costs["busy path"], costs["busy git"]),
        compared(f"blame of a path just touched / {beside}", costs["busy blame"], costs["busy git"]),
    ]


def _first_read(past: Past) -> list[Row]:
    """Time the first index after a clone, at a terminal, and `get` and `set` while it is being made."""
    many, busy = past.lab.commits, _big.BUSY
    alone: dict[str, list[float]] = {"get": [], "set": []}
    beside: dict[str, list[float]] = {"get": [], "set": []}

    def both(costs: dict[str, list[float]]) -> None:
        costs["get"].append(past.ours("get", busy, "notes.n"))
        costs["set"].append(past.ours("set", busy, "notes.other", str(time.time_ns())))

    for _ in range(MEASURES):
        both(alone)
    past.lab.child("forget", past.big)
    begun = time.perf_counter()
    reader = _Reader(past)
    while reader.runs():
        both(beside)
    seconds = time.perf_counter() - begun
    if b"reading history" not in reader.said:
        raise BenchmarkError(f"the first read shows no progress at a terminal: {reader.said[-300:]!r}")
    counted = min(len(beside["get"]), MEASURES)
    rows = [
        Row(f"first history after a clone of {many} commits, with get and set beside it", seconds, None, "s")
    ]
    for name in ("get", "set"):
        if counted:
            rows.append(
                compared(
                    f"{name} while the first index is made / alone",
                    beside[name][:counted],
                    alone[name][:counted],
                    3,
                )
            )
    return rows


class _Reader:
    """A `history` at a terminal of its own."""

    def __init__(self, past: Past) -> None:
        self.said = b""
        self._terminal, slave = pty.openpty()
        os.set_blocking(self._terminal, False)
        self._process = subprocess.Popen(
            past.command("history", _big.BUSY, "--limit", "20"),
            env=past.env(past.big), cwd=past.lab.work, stdin=slave, stdout=slave, stderr=slave,
        )  # fmt: skip
        os.close(slave)

    def runs(self) -> bool:
        """Say whether it still runs, after reading what it said."""
        ended = self._process.poll() is not None
        try:
            while more := os.read(self._terminal, 65536):
                self.said += more
        except OSError:
            pass  # nothing more at present, or ever
        if ended and self._process.returncode:
            raise BenchmarkError(f"the first read failed: {self.said[-300:]!r}")
        return not ended


def _packing(past: Past) -> list[Row]:
    """Compare writes while objects are packed with writes alone, and the disk taken with git's own."""
    lab = past.lab
    alone = _p99(lab.child("writes", past.big, WRITES))
    beside = _p99(_while_packing(past, lambda: lab.child("writes", past.big, WRITES)))
    lab.child("writes", past.big, WRITES)
    other = lab.copy(past.big, "gc")
    output(["git", "-C", str(other), "gc", "--quiet"], lab.base, lab.work)
    output(past.command("gc"), past.env(past.big), lab.work)
    ours, theirs = _size(past.big) / 1024**2, _size(other) / 1024**2
    lab.drop(other)
    return [
        Row(
            f"disk after gc / after `git gc`, {lab.commits} commits",
            ours,
            theirs,
            "MiB",
            [ours / theirs],
            1.2,
        ),
        Row(
            f"p99 of {WRITES} writes while gc runs / alone",
            beside * 1000,
            alone * 1000,
            "ms",
            [beside / alone],
            5,
        ),
    ]


def _while_packing(past: Past, work: Callable[[], list[float]]) -> list[float]:
    """Do `work` while `gc` runs, again and again if it must."""
    stop = past.lab.folder / "stop"
    loop = (
        "import os, subprocess, sys\n"
        "while not os.path.exists(sys.argv[1]):\n"
        "    subprocess.run(sys.argv[2:], check=True, stderr=subprocess.DEVNULL)"
    )
    packing = subprocess.Popen(
        [sys.executable, "-c", loop, str(stop), *past.command("gc")],
        env=past.env(past.big),
        cwd=past.lab.work,
    )
    try:
        time.sleep(0.5)
        took = work()
        if packing.poll() is not None:
            raise BenchmarkError("gc failed beside writes")
        return took
    finally:
        stop.touch()  # the last one comes to its end: a killed one would leave a part of a pack
        packing.wait()
        stop.unlink()


def _p99(took: list[float]) -> float:
    return statistics.quantiles(took, n=100, method="inclusive")[98]


def _size(store: Path) -> int:
    return sum(file.stat().st_size for file in (store / ".git" / "objects").rglob("*") if file.is_file())
