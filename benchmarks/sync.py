"""A sync over ssh on loopback, against `git pull` and `git push` of the same changes."""

import os
import shutil
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks import _sshd, _team
from benchmarks._lab import ROOT, Lab
from benchmarks._timing import BenchmarkError, Row, compared, interleaved, output, run

BAR = 1.5
MANY = 1000
"""Changes that count as many, to half of the tasks; a lab for fewer operations has as many as those."""
_GIT = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]


class Case(NamedTuple):
    """What there is to exchange."""

    name: str
    theirs: int
    """Changes of the other machine that are on the server."""
    ours: int
    """Changes of this machine that are not."""
    same: bool = False
    """Whether both changed the same tasks, which git alone cannot merge."""


def cases(many: int) -> list[Case]:
    """Return what is measured."""
    return [
        Case("nothing to do", 0, 0),
        Case("one change to send", 0, 1),
        Case("one change, merged with one", 1, 1),
        Case(f"{many} changes to send", 0, many),
        Case(f"{many} changes come, none to send", many, 0),
        Case(f"{many} changes, merged with five", many, 5),
        Case(f"{many} changes, merged with {_team.BEN} to the same records", many, _team.BEN, same=True),
    ]


class Pair:
    """Two machines and a server as they stand before a sync, and copies of them to be measured."""

    def __init__(self, lab: Lab, case: Case, url: str, ssh: str) -> None:
        self.lab = lab
        self.url = url
        self.ssh = ssh
        self.kept = lab.folder / "sync" / case.name.replace(" ", "-").replace(",", "")
        self.place = lab.folder / "sync" / "now"
        if not self.kept.exists():
            self._make(case)

    def _make(self, case: Case) -> None:
        base = self.kept.parent / "base"
        if not base.exists():
            base.mkdir(parents=True)
            output(
                ["git", "init", "--quiet", "--bare", "-b", "main", str(base / "team.git")],
                self.lab.base,
                base,
            )
            self.lab.child("pair", base / "ana", base / "ben", base / "team.git")
        _copy(base, self.kept)
        for name in ("ana", "ben"):
            self._point(self.kept / name, str(self.kept / "team.git"))
        if case.theirs:
            self.lab.child("change", self.kept / "ana", "ana", case.theirs, 0)
            self.lab.child("exchange", self.kept / "ana", "ana")
        self.lab.child("change", self.kept / "ben", "ben", case.ours, 0 if case.same else _team.BEN)
        shutil.rmtree(self.kept / "ana")
        # the clone's drivers are ours; what git alone does is compared
        shutil.copytree(self.kept / "ben", self.kept / "git", copy_function=_link)
        output(["git", "config", "--remove-section", "merge.orchestration"], self.lab.base, self.kept / "git")
        (self.kept / "git/.git/info/attributes").unlink()

    @staticmethod
    def _point(store: Path, url: str) -> None:
        output(["git", "config", "remote.origin.url", url], {**os.environ}, store)

    @contextmanager
    def fresh(self, name: str) -> Iterator[Path]:
        """Copy the machine `name` and the server to where they are measured; yields the machine."""
        machine = self.place / name
        self.place.mkdir()
        try:
            shutil.copytree(self.kept / "team.git", self.place / "team.git", copy_function=_link)
            shutil.copytree(self.kept / name, machine, copy_function=_link)
            self._point(machine, f"{self.url}{self.place}/team.git")
            output(["git", "status", "--porcelain"], self.lab.base, machine)
            _team.settle(str(machine))
            yield machine
            self._check(machine)
        finally:
            shutil.rmtree(self.place)

    def _check(self, machine: Path) -> None:
        """Raise unless the server has what the machine has, and the files are those of the commit."""
        words = ["rev-parse", "main"]
        one, other = (output(["git", *words], self.lab.base, at) for at in (machine, self.place / "team.git"))
        left = output(["git", "status", "--porcelain"], self.lab.base, machine)
        if one != other or left:
            raise BenchmarkError(f"not in sync: {one} and {other}, {left[:200]!r}")

    def env(self, store: Path) -> dict[str, str]:
        path = {"PYTHONPATH": os.environ.get("PYTHONPATH") or str(ROOT)}
        return {**self.lab.env(store), **path, "GIT_SSH_COMMAND": self.ssh}

    def ours(self) -> float:
        """Sync and return the seconds."""
        with self.fresh("ben") as store:
            command = [sys.executable, "-m", "orchestration", "state_manager", "sync"]
            return run(command, self.env(store), self.lab.work).seconds

    def git(self) -> float:
        """Pull and push with git alone and return the seconds."""
        with self.fresh("git") as store:
            pull = run([*_GIT, "pull", "--quiet", "--no-rebase", "--no-edit"], self.env(store), store).seconds
            return pull + run([*_GIT, "push", "--quiet"], self.env(store), store).seconds

    def start(self) -> float:
        """Start the program with all that a sync imports first, and return the seconds."""
        command = [sys.executable, "-m", "orchestration", "state_manager", "sync", "--help"]
        return run(command, self.env(self.kept / "ben"), self.lab.work).seconds


def sync(lab: Lab) -> list[Row]:
    """Compare syncs, without the start of our program, whose time is a row of its own."""
    rows: list[Row] = []
    starts: list[float] = []
    with _sshd.running(lab.folder) as (url, ssh):
        for case in cases(min(MANY, lab.operations)):
            pair = Pair(lab, case, url, ssh)
            variants = {"start": pair.start, "ours": pair.ours} | ({} if case.same else {"git": pair.git})
            costs = interleaved(variants, lab.rounds)
            rest = [whole - start for whole, start in zip(costs["ours"], costs["start"], strict=True)]
            starts += costs["start"]
            if case.same:
                rows.append(Row(f"sync, {case.name}", statistics.median(rest) * 1000))
            else:
                rows.append(compared(f"sync, {case.name} / git pull && git push", rest, costs["git"], BAR))
    return [Row("start of sync, which is in none of the next rows", statistics.median(starts) * 1000), *rows]


def _link(source: str, target: str) -> None:
    """Copy a file; an object of git never changes, so a second name for it does."""
    (os.link if "/objects/" in source else shutil.copy2)(source, target)


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, copy_function=_link)
