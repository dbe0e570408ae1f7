"""The command line in this process, on a clock that a test moves.

`run` calls a command as its script does, from the words to the exit code, and reads what it wrote to
the two streams from the file descriptors. The store is a real one in the test's own state folder.
"""

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from orchestration.cli import (
    event_stream,
    main,
    observability,
    session_manager,
    shared_state,
    state_manager,
)
from orchestration.cli._app import App
from orchestration.store import machine

SCRIPTS = {
    "session_manager": session_manager.cli,
    "state_manager": state_manager.cli,
    "shared_state": shared_state.cli,
    "event_stream": event_stream.cli,
    "observability": observability.cli,
    "orchestration": main.cli,
}
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""A Monday."""


class Result(NamedTuple):
    """What a command left behind."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def value(self) -> str:
        """The one line on stdout of a command that has to succeed."""
        assert self.exit_code == 0, self.stderr
        line, end, rest = self.stdout.partition("\n")
        assert (end, rest) == ("\n", "")
        return line

    @property
    def json(self) -> Any:
        """The JSON on stdout of a command that has to succeed."""
        assert self.exit_code == 0, self.stderr
        return json.loads(self.stdout)

    @property
    def commit(self) -> str:
        """The commit that a write told of on stderr."""
        assert self.exit_code == 0, self.stderr
        lines = [line for line in self.stderr.splitlines() if line.startswith("commit ")]
        assert len(lines) == 1, self.stderr
        return lines[0].removeprefix("commit ")


Run = Callable[..., Result]


class Clock:
    """The time that commands see: it moves one second per command, and when a test says so."""

    def __init__(self) -> None:
        self.now = START

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture(autouse=True)
def state_dir(_surroundings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The state folder of this test, in memory where there is a place for that: twice as fast as a disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as place:
        monkeypatch.setenv("ORCHESTRATION_STATE_DIR", f"{place}/state")
        yield Path(place) / "state"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(App, "now", property(lambda _: clock.now))
    return clock


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command by its words; a script's name may stand before them."""
    names = {
        name: script
        for script in reversed(SCRIPTS)
        for name in SCRIPTS[script].list_commands(None)  # type: ignore[arg-type]
        if name not in SCRIPTS
    }

    def run(
        *args: str,
        input: str | bytes | None = None,  # noqa: A002 - as in subprocess.run
        env: Mapping[str, str] | None = None,
    ) -> Result:
        script, words = (args[0], args[1:]) if args[0] in SCRIPTS else (names[args[0]], args)
        data = input.encode() if isinstance(input, str) else input or b""
        clock.forward(seconds=1)
        capfd.readouterr()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", [script, *words])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), "utf-8"))
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                SCRIPTS[script].main(args=list(words), prog_name=script)
        written = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return Result(ended.value.code, written.out, written.err)

    return run


class Made(NamedTuple):
    """A store as a fixture left it."""

    value: str
    copy: Path
    now: datetime


def _needless(folder: str, names: list[str]) -> list[str]:
    # A new store has 256 folders for objects; a store, like git, does without those that are empty.
    if Path(folder).name == "objects":
        return [name for name in names if len(name) == 2 and not any(Path(folder, name).iterdir())]
    return ["cache"] if Path(folder).name == "orchestration" else []


@pytest.fixture(scope="module")
def _made() -> dict[str, Made]:
    return {}


@pytest.fixture
def once(
    request: pytest.FixtureRequest,
    _made: dict[str, Made],
    state_dir: Path,
    clock: Clock,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str, Callable[[], str]], str]:
    """Build the store of a fixture, given by name, when it is first asked for; later tests get a copy."""

    def once(name: str, build: Callable[[], str]) -> str:
        if name not in _made:
            value = build()
            copy = tmp_path_factory.mktemp("made") / name
            shutil.copytree(state_dir, copy, ignore=_needless)
            _made[name] = Made(value, copy, clock.now)
            return value
        made = _made[name]
        above = list(_made)[list(_made).index(name) + 1 :]
        if set(above).isdisjoint(request.fixturenames):  # else a copy with more in it comes right away
            shutil.copytree(made.copy, state_dir)
            clock.now = made.now
            private = state_dir / ".git/orchestration"
            # A machine's name belongs to one folder: in a copy it would be drawn anew.
            machine.write(private, joined=False, name=json.loads((private / "machine").read_text())["name"])
        return made.value

    return once


@pytest.fixture
def session(run: Run, once: Callable[[str, Callable[[], str]], str]) -> str:
    """The id of an active session in project myapp."""
    return once("session", lambda: run("create", "--project", "myapp").value)


@pytest.fixture
def sprint(run: Run, session: str, once: Callable[[str, Callable[[], str]], str]) -> str:
    """The id of the active sprint of project myapp, with TASK-1 and TASK-2 on its board."""

    def build() -> str:
        run("create-sprint", "myapp", "sprint-1", "First sprint", "--data", '{"start_date": "2026-01-05"}')
        for title, points in (("Log in", "5"), ("Log out", "3")):
            run("task", "add", title, "--points", points, "--sprint", "sprint-1", "--session", session)
        run("start-sprint", "myapp", "sprint-1")
        return "sprint-1"

    return once("sprint", build)


@pytest.fixture
def git(state_dir: Path) -> Callable[..., str]:
    """Run git in the store, or in the folder given as `at`, and return what it prints."""

    def git(*words: str, at: Path | None = None) -> str:
        who = ("-c", "user.name=Grace", "-c", "user.email=grace@example.org")
        command = ["git", "-C", str(at or state_dir), *who, *words]
        env = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1"}
        return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout.rstrip()

    return git


def _listing(folder: Path) -> dict[str, tuple[int, int, int]]:
    found = {}
    for place, folders, files in os.walk(folder):
        if place.endswith(".git") and "orchestration" in folders:
            folders.remove("orchestration")  # locks and caches of this machine come and go
        for name in files:
            path = os.path.join(place, name)  # noqa: PTH118 - hundreds of files, twice per command
            stat = os.lstat(path)
            found[path] = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
    return found


@pytest.fixture
def unchanged(state_dir: Path) -> Callable[[], AbstractContextManager[None]]:
    """Assert that what is done inside changes nothing in the store, and creates nothing."""

    @contextmanager
    def unchanged() -> Iterator[None]:
        before = _listing(state_dir), state_dir.exists()
        yield
        assert (_listing(state_dir), state_dir.exists()) == before

    return unchanged


@pytest.fixture
def fails(run: Run, unchanged: Callable[[], AbstractContextManager[None]]) -> Callable[..., str]:
    """Run a command that has to fail cleanly, and return its message.

    Cleanly: nothing on stdout, one `Error:` line, at most one `Hint:` line, the exit code given, and
    the store as it was.
    """

    def fails(exit_code: int, *args: str, **options: Any) -> str:
        with unchanged():
            result = run(*args, **options)
        assert (result.exit_code, result.stdout) == (exit_code, ""), result
        first, *rest = result.stderr.splitlines()
        assert first.startswith("Error: "), result.stderr
        assert len(rest) <= 1 and all(line.startswith("Hint: ") for line in rest), result.stderr
        assert not first.startswith("Error: unexpected "), first
        return first.removeprefix("Error: ")

    return fails


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """An empty repository to share a store through."""
    place = tmp_path / "team.git"
    subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", str(place)], check=True)
    return place
