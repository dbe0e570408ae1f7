"""Where the measurements happen: a temp folder with a home of its own, and stores made when first needed."""

import json
import os
import random
import shutil
import subprocess
import sys
import uuid
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks._timing import BenchmarkError, output, run

ROOT = Path(__file__).parent.parent
_STEERING = ("CLAUDE", "GIT_", "ORCHESTRATION_")
# The environment of this run is none of the measured programs' business, and modules are compiled once.
_OTHERS = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")
FEW = 10
SOME = 100
PROJECT = "myapp"


def session_ids(count: int) -> list[str]:
    """Return ids like real ones, the same in every run."""
    source = random.Random(2)
    return [str(uuid.UUID(int=source.getrandbits(128), version=4)) for _ in range(count)]


def _copy_or_link(source: str, target: str) -> None:
    """Copy a file; an object of git never changes, so a second name for it does, in a tenth of the time."""
    (os.link if "/.git/objects/" in source else shutil.copy2)(source, target)


class Lab:
    """The surroundings of a run.

    `many` is the number of sessions that counts as many, `writes` what each of several processes writes,
    `batch` how many sessions are created in one commit: one, as users do, unless there is no time. `commits`
    is the length of a long past, `operations` what a team of machines does between meetings.
    """

    def __init__(
        self, folder: Path, *, rounds: int, many: int, writes: int, batch: int, commits: int, operations: int
    ) -> None:
        self.folder = folder
        self.rounds = rounds
        self.many = many
        self.writes = writes
        self.batch = batch
        self.commits = commits
        self.operations = operations
        self.work = folder / "work"
        home = folder / "home"
        for place in (self.work, home):
            place.mkdir()
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(_STEERING) and name not in _OTHERS
        }
        self.base = kept | {
            "HOME": str(home), "TERM": "dumb", "COLUMNS": "80",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
        }  # fmt: skip

    def env(self, store: Path) -> dict[str, str]:
        """Return the environment of a program that works on `store`."""
        return {
            **self.base,
            "ORCHESTRATION_STATE_DIR": str(store),
            "JSON_STATE_DIR": str(self.json_of(store)),
        }

    # -- processes

    @cached_property
    def uv(self) -> str:
        """The uv on the path; it goes on using its caches, which it would otherwise look for below HOME."""
        found = shutil.which("uv")
        if found is None:
            raise BenchmarkError("uv is not on the path: see https://docs.astral.sh/uv/")
        for variable, question in (
            ("UV_CACHE_DIR", ["cache", "dir"]),
            ("UV_PYTHON_INSTALL_DIR", ["python", "dir"]),
        ):
            self.base[variable] = output([found, *question], dict(os.environ), ROOT)
        self.base["XDG_CONFIG_HOME"] = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
        return found

    def child(self, task: str, *arguments: Any) -> Any:
        """Run a function of `_child.py` in a process of its own and return what it returns."""
        return json.loads(output(self.child_command(task, *arguments), self._child_env, ROOT))

    def start(self, task: str, *arguments: Any) -> "subprocess.Popen[str]":
        """Start a function of `_child.py` that waits for a line on stdin; returns when it waits."""
        process = subprocess.Popen(
            self.child_command(task, *arguments), env=self._child_env, cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise BenchmarkError(f"{task} did not start")
        return process

    @staticmethod
    def result(process: "subprocess.Popen[str]") -> Any:
        """Return what a started function returns."""
        said, _ = process.communicate()
        if process.returncode:
            raise BenchmarkError(f"a child exited {process.returncode}")
        return json.loads(said)

    @staticmethod
    def child_command(task: str, *arguments: Any) -> Sequence[str]:
        """Return the command that runs a function of `_child.py`."""
        return [sys.executable, "-m", "benchmarks._child", task, json.dumps(arguments, default=str)]

    @cached_property
    def _child_env(self) -> dict[str, str]:
        # Unlike measured programs, children find the modules that this process finds.
        return {**self.base, **{name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}}

    # -- stores

    @staticmethod
    def json_of(store: Path) -> Path:
        """Return the folder of JSON files that holds the same sessions as a store."""
        return store.with_name(f"{store.name}-json")

    def store(self, sessions: int, name: str = "store") -> Path:
        """Return a store of live sessions, and the same in JSON files beside it."""
        place = self.folder / f"{name}-{sessions}"
        if not place.exists():
            if sessions >= 1000:
                print(f"making {sessions} sessions ...", file=sys.stderr, flush=True)
            self.child("build", place, self.json_of(place), sessions, self.batch)
        return place

    def copy(self, store: Path, name: str) -> Path:
        """Return a copy of a store for another program to write to, as if it had always been there."""
        place = self.folder / f"{name}-of-{store.name}"
        shutil.copytree(store, place, copy_function=_copy_or_link)
        # git trusts its index by inode and time, which copying changes
        run(["git", "-C", str(place), "status", "--porcelain"], self.base, self.work)
        return place

    def drop(self, place: Path) -> None:
        """Remove a store that is no longer needed: a large one has a hundred thousand files."""
        shutil.rmtree(place)
