"""What the proofs share: how long they run, commands in processes, logs of what was acknowledged.

`ORCHESTRATION_PROOF=full` runs them with the numbers of the claims, which takes minutes; without it
they run in a shortened form.
"""

import contextlib
import fcntl
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from storetools import assert_sound, git, outcome, start

from orchestration.cli import main
from orchestration.store import layout
from orchestration.store.repo import Store

FULL = os.environ.get("ORCHESTRATION_PROOF") == "full"  # read at import: a test finds the variable removed
AT_ONCE = 8.0
"""Seconds within which a command has answered, on a busy machine: a lock that is waited for takes 10."""
PROJECT = "app"


def number(short: int, full: int) -> int:
    """Return how many, or how long: `short` unless the full proof is asked for."""
    return full if FULL else short


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def commit(self) -> str | None:
        """The commit that a write told of, shortened; None when it made none."""
        found = re.search(r"^commit ([0-9a-f]{12})$", self.err, re.MULTILINE)
        return found[1] if found else None


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "orchestration", *words]


def program(*words: str, **options: Any) -> Done:
    """Run a command in a process of its own."""
    done = subprocess.run(command(*words), capture_output=True, text=True, timeout=60, **options)
    return Done(done.returncode, done.stdout, done.stderr)


def here(*words: str) -> Done:
    """Run a command in this process, from its words to its exit code."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main.cli.main(args=list(words), prog_name="orchestration")
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int)
    return Done(code, out.getvalue(), err.getvalue())


class Log:
    """What a process says it has done: a line is on the disk before the process goes on."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def _fd(self) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def note(self, **facts: Any) -> None:
        """Add a line."""
        os.write(self._fd, (json.dumps(facts) + "\n").encode())
        os.fsync(self._fd)

    def lines(self) -> list[dict[str, Any]]:
        """Return the lines; one that a kill has cut off was not said."""
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text().split("\n")[:-1]]


class Entry(NamedTuple):
    """A commit as git tells of it."""

    oid: str
    parents: list[str]
    author: str
    message: str
    files: list[str]


def history(root: Path) -> dict[str, Entry]:
    """Return the commits of the branch, oldest first, by the first twelve digits of their ids."""
    text = git(
        root, "log", "--reverse", "--no-renames", "--name-only", "--format=%x01%H%x02%P%x02%an%x02%B%x02"
    )
    entries = [Entry._make(part.split("\x02")) for part in text.split("\x01")[1:]]
    return {
        one.oid[:12]: one._replace(parents=one.parents.split(), files=one.files.split())  # type: ignore[attr-defined]
        for one in entries
    }


def value_at(document: Any, path: Iterable[str]) -> Any:
    """Return what stands at a path of keys, None for nothing."""
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


class World:
    """A store, a session and a board in it, and a folder for the logs of processes."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = root
        self.folder = folder
        self.store = Store(root)
        self.session = ""
        self.children: set[int] = set()

    def begin(self, *, pack_limit: int = 500, tasks: int = 4) -> None:
        """Make the store."""
        self.session = self.create()
        with self.store.transaction(author="ada", now=datetime.now(UTC)) as tx:
            tx.save(("config", "settings"), {**tx.load("config", "settings"), "pack_limit": pack_limit})
        for count in range(tasks):
            assert here("state_manager", "task", "add", f"Task {count}", "--session", self.session).code == 0

    def create(self) -> str:
        """Make a session and return its id."""
        done = here("session_manager", "create", "--project", PROJECT, "--quiet")
        assert done.code == 0, done.err
        return done.out.strip()

    def log(self, name: object) -> Log:
        """Return the log of a process."""
        return Log(self.folder / f"{name}.log")

    def logged(self) -> list[dict[str, Any]]:
        """Return what all processes said."""
        return [line for path in sorted(self.folder.glob("*.log")) for line in Log(path).lines()]

    def run(self, name: object, work: Callable[[Log], object]) -> int:
        """Run `work` in a process of its own and return its id; what it raises is in its log."""
        log = self.log(name)

        def working() -> None:
            try:
                work(log)
            except BaseException:
                log.note(failed=traceback.format_exc())
                raise

        child = start(working)
        self.children.add(child)
        return child

    def kill(self, child: int) -> None:
        """Kill a process; one that ended before, by itself, has failed."""
        os.kill(child, signal.SIGKILL)
        assert self.outcome(child) == -signal.SIGKILL, self.failures()

    def outcome(self, child: int) -> int:
        """Wait for a process; returns its exit code, or minus the signal that ended it."""
        self.children.discard(child)
        return outcome(child)

    def failures(self) -> str:
        """Return what went wrong in processes."""
        return "\n".join(line["failed"] for line in self.logged() if "failed" in line)

    def end(self) -> None:
        """Leave no process behind."""
        for child in list(self.children):
            os.kill(child, signal.SIGKILL)
            self.outcome(child)
        wait_for_upkeep(self.store)

    def assert_present(self, acknowledged: Iterable[dict[str, Any]]) -> None:
        """Each acknowledged change is in history, and what it holds can be read at its commit.

        A line names a `commit` and what it `holds`: key of a record, path inside it, value.
        """
        known = history(self.root)
        for line in acknowledged:
            assert line["commit"] in known, f"lost: {line}"
            then = Store(self.root).snapshot(known[line["commit"]].oid)
            for key, path, value in line["holds"]:
                assert value_at(then.load(*key), path) == value, line

    def assert_sound(self) -> None:
        """Files, index, commits and objects agree; `git fsck` would miss objects that are just being packed."""
        wait_for_upkeep(self.store)
        assert_sound(self.root)

    def assert_next_command_works(self, value: object) -> None:
        """A command of a process of its own writes, at once, and what it wrote is there."""
        begun = time.monotonic()
        done = program("state_manager", "set", self.session, "notes.next", str(value))
        assert (done.code, done.out) == (0, ""), done.err
        assert time.monotonic() - begun < AT_ONCE
        assert Store(self.root).snapshot().load("sessions", self.session, "notes")["next"] == str(value)


def own_file(session: str, name: str) -> str:
    return layout.file_of("sessions", session, name)


def wait_for_upkeep(store: Store) -> None:
    """Wait until nobody packs."""
    for _ in waiting(60):
        try:
            with (store.private / "upkeep.lock").open("rb") as file:
                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except FileNotFoundError:
            return
        except BlockingIOError:
            pass


def waiting(seconds: float) -> Iterator[None]:
    """Let a loop look again and again, but not for longer than this."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(0.005)
    raise AssertionError(f"nothing came in {seconds} seconds")
