"""Many machines that change, lose touch, die and sync at random, each a process of its own, until all is quiet."""

import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

from benchmarks import _machines, _wire
from benchmarks._lab import ROOT, Lab
from benchmarks._timing import BenchmarkError, Row, output
from orchestration.store.layout import Key
from orchestration.store.repo import Store

MACHINES = 20
RECORDS = 100
SEED = 6
REACH = 0.8
CRASHES = 0.05
"""How many of the syncs are killed while they run."""
_LONGEST_LIFE = 0.4
"""Seconds after which a sync that is to die is killed at the latest."""
_GRACE = 2.0
"""Seconds in which the git of those that were killed comes to its end."""
_AT_ONCE = 3
_AWAY = 0.3
_TIDE = 100
"""Syncs after which others are out of reach."""
ROUNDS = 4
"""Bar: rounds of syncs of all machines until nobody has anything new."""


class Peer:
    """A machine in a process of its own; a sync goes on while others work."""

    def __init__(self, team: "Team", name: str, skew: float) -> None:
        self.team, self.name, self.skew = team, name, skew
        self.root = team.folder / name
        self._syncs = False
        self._end: Timer | None = None
        self._is_killed = False
        self._begin()

    def _begin(self) -> None:
        command = [
            sys.executable,
            "-m",
            "benchmarks._member",
            str(self.root),
            self.team.wire.url(self.name),
            self.name,
        ]
        self._process = subprocess.Popen(
            command, env=self.team.env, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def end(self) -> None:
        """Let the process come to its end."""
        self._process.communicate()

    # -- what a machine does

    @property
    def tip(self) -> str:
        """The commit it stands at."""
        found: str = self.tell("tip")
        return found

    def load(self, *key: str) -> Any:
        """Return a record."""
        return self.tell("load", *key)

    def change(self, key: Key, **values: Any) -> None:
        """Change fields of a record."""
        self.tell("change", key, **values)

    def delete(self, *key: str) -> None:
        """Remove a record."""
        self.tell("delete", *key)

    def sync(self) -> None:
        """Begin a sync, which may not reach the server, or be killed."""
        self.finish()
        self.team.before_sync(self)
        self._bytes = self.team.wire.bytes.get(self.name, 0)
        self._say("sync")
        self._syncs = True
        if self.team.rng.random() < self.team.crashes:
            self._end = Timer(self.team.rng.uniform(0, _LONGEST_LIFE), self._kill)
            self._end.start()

    # -- its process

    def tell(self, method: str, *arguments: Any, **keywords: Any) -> Any:
        """Have the machine do something when its sync is done, and return what that returns."""
        self.finish()
        self._say(method, *arguments, **keywords)
        answer = self._hear()
        if answer is None or answer[1] is not None:
            raise BenchmarkError(f"{self.name} cannot {method}: {answer}")
        return answer[0]

    def finish(self) -> None:
        """Wait for a sync under way; a machine that died begins again."""
        if not self._syncs:
            return
        self._syncs = False
        answer = self._hear()
        if self._end is not None:
            self._end.cancel()
            self._end.join()  # it may just be at it
            self._end = None
        if self._is_killed:
            self._process.communicate()
            self.team.killed += 1
            self._is_killed = False
            self._begin()
            return
        attempts, problem = answer
        if problem is None:
            self.team.attempts.append(attempts)
            self.team.sizes.append(self.team.wire.bytes[self.name] - self._bytes)
        elif self.team.stormy and problem.startswith(("unreachable", "conflict")):
            self.team.failed += 1
        else:
            raise BenchmarkError(f"{self.name} cannot sync: {problem}")

    def _kill(self) -> None:
        self._is_killed = True
        self._process.kill()

    def _say(self, method: str, *arguments: Any, **keywords: Any) -> None:
        self.team.time += 1
        assert self._process.stdin is not None
        line = json.dumps([self.team.time + self.skew, method, arguments, keywords])
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()

    def _hear(self) -> Any:
        """Return the answer, None when the process is dead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        return json.loads(line) if line.endswith("\n") else None


class Team:
    """Machines that share a store, and what became of their syncs."""

    def __init__(self, folder: Path, wire: _wire.Wire, env: dict[str, str], machines: int) -> None:
        self.folder, self.wire, self.env = folder, wire, env
        self.rng = random.Random(SEED)
        self.crashes = 0.0
        self.stormy = False
        self.time = 0
        self.begun = self.failed = self.killed = 0
        self._under_way: list[Peer] = []
        self.attempts: list[int] = []
        self.sizes: list[int] = []
        """Bytes over the wire of each sync that came to its end."""
        self.crew = [Peer(self, f"m{number}", number * 0.01) for number in range(machines)]

    def before_sync(self, peer: Peer) -> None:
        """Let no more than a few sync at once; now and then others are out of reach."""
        self._under_way = [one for one in self._under_way if one is not peer]
        while len(self._under_way) >= _AT_ONCE:
            self._under_way.pop(0).finish()
        self._under_way.append(peer)
        self.begun += 1
        if self.stormy and self.begun % _TIDE == 1:
            names = [one.name for one in self.crew]
            self.wire.away = {name for name in names if self.rng.random() < _AWAY}

    def share(self) -> None:
        """Let the first machine make the store, and the others clone it."""
        first, *others = self.crew
        first.tell("found")
        first.sync()
        first.finish()
        for one in others:
            one.tell("clone")
        self.begun, self.attempts, self.sizes = 0, [], []


def simulation(lab: Lab) -> list[Row]:
    """Let machines work at random, and report how they came together; a lost value is a failed measurement."""
    machines = min(MACHINES, lab.operations // 30)
    with _team(lab, machines) as team:
        team.stormy, team.crashes = True, CRASHES
        writes = _machines.work(team.crew, lab.operations, team.rng, records=RECORDS, reach=REACH)
        for one in team.crew:
            one.finish()
        time.sleep(_GRACE)
        team.stormy, team.crashes, team.wire.away = False, 0.0, set()
        worked = len(team.sizes)
        rounds = _machines.until_quiet(team.crew, team.rng)
        _check(lab, team, writes)
        name = f"{machines} machines, {lab.operations} operations: "
        told = f"{len(team.sizes)} syncs, {team.failed} out of reach, {team.killed} killed"
        return [
            Row(f"{name}rounds until quiet ({told})", rounds, None, "rounds", bar=ROUNDS),
            Row(
                f"{name}bytes per sync while at work",
                statistics.mean(team.sizes[:worked]) / 1024,
                None,
                "KiB",
            ),
            Row(
                f"{name}bytes per sync until quiet", statistics.mean(team.sizes[worked:]) / 1024, None, "KiB"
            ),
            Row(f"{name}bytes of the largest sync", max(team.sizes) / 1024, None, "KiB"),
            Row(f"{name}pushes of a sync at most", max(team.attempts), None, "pushes", bar=20),
        ]


@contextmanager
def _team(lab: Lab, machines: int) -> Iterator[Team]:
    folder = lab.folder / "simulation"
    folder.mkdir()
    bare = folder / "team.git"
    output(["git", "init", "--quiet", "--bare", "-b", "main", str(bare)], lab.base, folder)
    try:
        with _wire.running(bare) as wire:
            team = Team(folder, wire, _env(lab), machines)
            try:
                team.share()
                yield team
            finally:
                for one in team.crew:
                    one.end()
    finally:
        lab.drop(folder)


def _env(lab: Lab) -> dict[str, str]:
    return {**lab.base, "PYTHONPATH": os.environ.get("PYTHONPATH") or str(ROOT)}


def _check(lab: Lab, team: Team, writes: list[_machines.Write]) -> None:
    """Raise unless all machines have one state, whole, in which nothing is lost."""
    tips = {one.tip for one in team.crew}
    if len(tips) != 1:
        raise BenchmarkError(f"the machines disagree: {len(tips)} heads")
    for one in team.crew:
        left = output(["git", "status", "--porcelain"], lab.base, one.root)
        if left:
            raise BenchmarkError(f"the files of {one.name} are not those of its commit: {left[:200]}")
    broken = output(["git", "fsck", "--strict", "--no-dangling"], lab.base, team.crew[0].root)
    missing = _machines.lost(Store(team.crew[0].root).snapshot(), writes)
    if broken or missing:
        raise BenchmarkError(f"{len(missing)} values are lost: {missing[:5]}; fsck: {broken[:200]!r}")
