"""A project as a user has it, in the two versions of the real client."""

import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from clientproject import ROOT, TASKS, TEAMS, Project, set_up
from clienttools import VERSIONS, Client, Missing, installed
from messagestub import Server

_FILE = ROOT / "tests" / "cli" / "conftest.py"
_spec = importlib.util.spec_from_file_location("cli_conftest", _FILE)
assert _spec is not None and _spec.loader is not None
_cli = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_cli)
# The commands in this process, on a clock that a test moves: for what the client finds when it starts.
clock, once, run, state_dir, _made = _cli.clock, _cli.once, _cli.run, _cli.state_dir, _cli._made


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.stop()


@pytest.fixture(scope="session", params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def program(version: str) -> Path:
    """The client of a version; without npm its tests are skipped."""
    try:
        return installed(version)
    except Missing as reason:
        # Where npm is there, a run that is to say that everything works must not leave the client out.
        if os.environ.get("CI") and shutil.which("npm"):
            pytest.fail(str(reason))
        pytest.skip(str(reason))


@pytest.fixture
def client(program: Path, version: str, server: Server) -> Iterator[Client]:
    one = Client(program, version, server)
    yield one
    one.close()


@pytest.fixture(scope="session")
def tmux() -> None:
    """Skip where there is no terminal for the interactive client."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux, which shows the interactive client, is missing")


@pytest.fixture(scope="session")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the command `orchestration`, as an installation writes it."""
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "orchestration"
    program.write_text(f"#!{sys.executable}\nfrom orchestration.cli.main import main\n\nmain()\n")
    program.chmod(0o755)
    return folder


@pytest.fixture
def project(
    tmp_path: Path,
    myapp: str,  # noqa: ARG001 - fills the store
    state_dir: Path,
    command: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Project:
    """The project `myapp`, installed into a path with a space and an apostrophe."""
    monkeypatch.setenv("PATH", f"{command}{os.pathsep}{os.environ['PATH']}")
    folder = tmp_path / "ann's work" / "myapp"
    one = Project(folder, state_dir)
    folder.mkdir(parents=True)
    one.git("init", "-q", "-b", "main")
    set_up(folder)
    return one


@pytest.fixture
def myapp(run: Any, clock: Any, once: Callable[[str, Callable[[], str]], str]) -> str:
    """The project of the guide on the fourth day of its sprint; nobody has a session."""

    def build() -> str:
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        start = today - timedelta(days=3)
        clock.now = start + timedelta(hours=9)

        def ok(*words: str) -> str:
            result = run(*words, env={"ORCHESTRATION_ACTOR": "dana"})
            assert result.exit_code == 0, (words, result.stderr)
            return str(result.stdout).strip()

        ok("set-config", "myapp", "--data", json.dumps(TEAMS))
        ok(
            "update-epic", "myapp", "user-auth", "--title", "User Authentication System",
            "--description", "Complete OAuth2 authentication with social login", "--priority", "1",
        )  # fmt: skip
        ok("update-epic", "myapp", "user-dashboard", "--title", "User dashboard", "--priority", "2")
        sprint = {
            "start_date": f"{start:%Y-%m-%d}",
            "end_date": f"{start + timedelta(days=14):%Y-%m-%d}",
            "goals": ["OAuth2 integration", "Social login", "User management"],
            "capacity": 40,
        }
        ok(
            "create-sprint", "myapp", "sprint-1", "Authentication Sprint", "--epic-id", "user-auth",
            "--data", json.dumps(sprint),
        )  # fmt: skip
        session = ok("create", "--mode", "sprint", "--project", "myapp")
        for name, (title, points, priority, assignee, _) in TASKS.items():
            given = {"title": title, "points": points, "priority": priority, "sprint_id": "sprint-1"}
            known = {
                key: value for key, value in {**given, "assignee": assignee}.items() if value is not None
            }
            ok("merge", session, f"tasks.{name}", "--data", json.dumps({**known, "epic_id": "user-auth"}))
        ok("start-sprint", "myapp", "sprint-1")
        steps = ("todo", "in_progress", "review", "done")
        for number, step in enumerate(steps[1:], 1):
            clock.now = start + timedelta(days=number * 0.75, hours=10)
            for name, (*_, column) in TASKS.items():
                if number <= steps.index(column):
                    ok("update-task", session, name, step)
        ok("complete", session)
        return session

    return once("myapp", build)
