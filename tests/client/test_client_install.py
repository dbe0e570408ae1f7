"""Installed from the wheel into a fresh repository, with nothing left of where it came from."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from clientproject import ROOT
from clienttools import Client, Environment, Talk

_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "benchmarks", "tests", "docs")
REAL_UV = {name: os.environ[name] for name in os.environ if name.startswith("UV_")}
"""Read at import: where the tools that make the wheel find their cache."""


class Wheel(NamedTuple):
    """The program, installed from its wheel; nothing of the checkout it was built from is left."""

    bin: Path


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    uv = shutil.which("uv")
    if uv is None:
        pytest.fail("uv is not on the PATH; the scripts start with it")
    place = tmp_path_factory.mktemp("wheel")
    copy = place / "checkout"
    shutil.copytree(ROOT, copy, ignore=_LEFT_OUT)
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}

    def run(*words: str | Path) -> None:
        done = subprocess.run([uv, *words], env=env, cwd=place, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    run("build", "--quiet", "--wheel", "--out-dir", place / "dist", copy)
    run("venv", "--quiet", place / "venv")
    built = next((place / "dist").glob("*.whl"))
    constraints = ROOT / "constraints.txt"
    run("pip", "install", "--quiet", "--python", place / "venv", "--constraints", constraints, built)
    shutil.rmtree(copy)
    return Wheel(place / "venv" / "bin")


def environment(wheel: Wheel | None, home: Path) -> Mapping[str, str | None]:
    """Return what a person has who installed the program, or did not, and never had the checkout."""
    path = os.pathsep.join(
        folder
        for folder in os.environ["PATH"].split(os.pathsep)
        if not (Path(folder) / "orchestration").exists()
    )
    program = shutil.which("uv")
    assert program is not None
    return {
        "HOME": str(home),
        "PATH": os.pathsep.join([*([str(wheel.bin)] if wheel else []), str(Path(program).parent), path]),
        "PYTHONPATH": None,
        "ORCHESTRATION_STATE_DIR": None,
        "UV_CACHE_DIR": str(home / "cache of uv"),
        "UV_PYTHON_DOWNLOADS": "never",
    }


def call(line: str, cwd: Path, env: Environment) -> str:
    """Run a line in a shell, as a person does, and return what it prints on both streams."""
    merged = {name: value for name, value in {**os.environ, **env}.items() if value is not None}
    done = subprocess.run(
        ["bash", "-c", line], cwd=cwd, env=merged, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, (line, done.stdout, done.stderr)
    return done.stdout + done.stderr


@pytest.fixture
def installed_project(wheel: Wheel, tmp_path: Path) -> Path:
    """A fresh repository, `myapp`, with the product installed and committed."""
    folder = tmp_path / "my work" / "myapp"
    folder.mkdir(parents=True)
    home = tmp_path / "first home"
    home.mkdir()
    env = environment(wheel, home)
    call(
        "git init -q -b main && git config user.name Ann && git config user.email ann@example.org",
        folder,
        env,
    )
    call("orchestration init --project myapp && orchestration install", folder, env)
    call("git add -A && git commit -q -m 'install orchestration'", folder, env)
    return folder


SCRIPT_LINES = (
    "uv run .claude/scripts/session_manager.py create --mode sprint --project myapp --quiet",
    "uv run .claude/scripts/shared_state.py update-epic myapp user-auth --title 'User Authentication System'",
    "uv run .claude/scripts/shared_state.py create-sprint myapp sprint-1 'Authentication Sprint' --epic-id user-auth",
    "uv run .claude/scripts/state_manager.py task add 'Implement OAuth2 login' --sprint sprint-1 --points 5",
    "uv run .claude/scripts/shared_state.py start-sprint myapp sprint-1",
    "uv run .claude/scripts/state_manager.py get current sprint.current",
    "uv run .claude/scripts/event_stream.py latest 5",
    "uv run .claude/scripts/observability.py status",
)


def test_scripts_and_commands_work_without_checkout_cache_and_network(
    client: Client, wheel: Wheel, installed_project: Path, tmp_path: Path
) -> None:
    env = environment(wheel, tmp_path / "first home")
    for line in SCRIPT_LINES:
        call(line, installed_project, env)

    talk = client.talk(cwd=installed_project, env=env)
    assert "Implement OAuth2 login" in answered(talk, "/board")
    assert "todo -> in_progress" in answered(talk, "/move TASK-1 in_progress")
    assert client.model.requests == []
    below = installed_project / "src" / "deep"
    below.mkdir(parents=True)
    in_it = client.talk(cwd=below, env=env)
    assert "Implement OAuth2 login" in in_it.say("/board").requests[0].last


def answered(talk: Talk, line: str) -> str:
    answer = talk.say(line).answer
    assert answer is not None, line
    return answer


def test_nothing_that_is_committed_names_a_place_of_this_machine(
    installed_project: Path, tmp_path: Path
) -> None:
    env = environment(None, tmp_path)
    files = call("git ls-files", installed_project, env).splitlines()
    assert ".claude/settings.json" in files
    for name in files:
        text = (installed_project / name).read_text()
        for place in (tmp_path, ROOT, Path.home()):
            assert str(place) not in text, name
        assert not re.search(r"(?<![\w.:/~$}>])/(?:home|root|tmp|Users|opt|usr/local)/", text), name


@pytest.mark.usefixtures("tmux")
def test_a_clone_without_the_program_is_a_quiet_one(
    client: Client, installed_project: Path, tmp_path: Path
) -> None:
    home = tmp_path / "second home"
    home.mkdir()
    env = environment(None, home)
    clone = tmp_path / "clone"
    call(f"git clone -q '{installed_project}' '{clone}'", tmp_path, env)

    talk = client.talk(cwd=clone, env=env)
    prompt = talk.say("explain the login page")
    assert (prompt.text, len(prompt.requests)) == ("Understood.", 1)
    assert "hook additional context" not in prompt.requests[0].said
    slash = client.run("/move TASK-1 done", cwd=clone, env=env)
    said = "\n".join([slash.text, *(request.last for request in slash.requests)])
    assert [line for line in said.splitlines() if "install" in line.lower()], said

    screen = client.screen(cwd=clone, env=env)
    shown = screen.until("❯")
    for word in ("hook", "error", "failed", "Warning", "not found", "orchestration"):
        assert word not in shown, shown
