"""The hook as the client runs it: `.claude/hooks/run`, JSON in, JSON or nothing out, never a failure."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
RUN = ROOT / ".claude" / "hooks" / "run"
HOST = "11111111-2222-3333-4444-555555555555"
LIMIT_OF_INPUT = 33 << 20
START = "from orchestration.claude.hook import main; main()"
HEAVY = {"json", "re", "typing", "pathlib", "datetime", "sqlite3", "yaml", "click", "dulwich", "rich"}
Chat = Any  # of conftest


def run(event: str, data: bytes, env: dict[str, str], cwd: Path) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-P", "-c", START, event], input=data, env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        cwd=cwd, capture_output=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", b"its input is no JSON object"),
        (b"{", b"its input is no JSON object"),
        (b'["a"]', b"its input is no JSON object"),
        (b"[" * 100_000, b"its input is no JSON object"),
        (b"x" * LIMIT_OF_INPUT, b"its input is too long"),
        (b"{}", b""),
        (b'{"session_id": "../x", "prompt": 7}', b""),
    ],
    ids=["empty", "broken", "list", "deep", "huge", "no facts", "strange facts"],
)
def test_whatever_comes_in_the_prompt_goes_through(running: Chat, data: bytes, said: bytes) -> None:
    done = run("UserPromptSubmit", data, running.env, running.folder)

    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.count(b"\n") == (1 if said else 0)
    assert said in done.stderr
    log = running.folder / "state" / ".git" / "orchestration" / "log"
    assert log.exists() is bool(said)


def test_an_unknown_event_is_left_alone(running: Chat) -> None:
    done = run("NoSuchEvent", b'{"session_id": "a"}', running.env, running.folder)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_folder_without_anything_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    env = {"HOME": str(tmp_path / "home"), "ORCHESTRATION_STATE_DIR": ""}
    given = json.dumps({"session_id": HOST, "cwd": str(tmp_path), "source": "startup"}).encode()
    done = run("SessionStart", given, env, tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert [path.name for path in tmp_path.rglob("*")] == ["home"]


def test_an_idle_hook_loads_next_to_nothing(running: Chat) -> None:
    given = {"session_id": HOST, "cwd": str(running.folder)}
    running.ask("/move TASK-1 in_progress", host=HOST)
    first = run(
        "SessionStart", json.dumps({**given, "source": "startup"}).encode(), running.env, running.folder
    )
    assert b"additionalContext" in first.stdout
    run(
        "UserPromptSubmit", json.dumps({**given, "prompt": "hi"}).encode(), running.env, running.folder
    )  # today
    program = (
        "import os, sys\n"
        "before = set(sys.modules)\n"
        "end = os._exit\n"
        "def leave(code):\n"
        "    os.write(1, ' '.join(sorted(set(sys.modules) - before)).encode())\n"
        "    end(code)\n"
        "os._exit = leave\n" + START
    )
    for event, facts in (
        ("UserPromptSubmit", {"prompt": "go on"}),
        ("UserPromptSubmit", {"prompt": "/board"}),
        ("PostToolUse", {"tool_name": "Read"}),
        ("PostToolUse", {"tool_name": "Bash", "tool_input": {"command": "ls"}}),
        ("SubagentStart", {"agent_id": "a", "agent_type": "b"}),
        ("Stop", {}),
    ):
        done = subprocess.run(
            [sys.executable, "-P", "-c", program, event], input=json.dumps({**given, **facts}).encode(),
            env={**os.environ, "PYTHONPATH": str(ROOT), **running.env}, cwd=running.folder, capture_output=True,
        )  # fmt: skip
        loaded = done.stdout.decode().split()

        assert done.stderr == b""
        assert "orchestration.claude.idle" in loaded, "it ran"
        assert not HEAVY & set(loaded), event
        assert "orchestration.claude.events" not in loaded, event


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the hook in it, as a project has it."""
    hooks = tmp_path / "a project's folder" / ".claude" / "hooks"
    hooks.mkdir(parents=True)
    (hooks / "run").write_bytes(RUN.read_bytes())
    (hooks / "run").chmod(0o755)
    return hooks.parent


def started(checkout: Path, *words: str, path: str = "/usr/bin:/bin") -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [str(checkout / "hooks" / "run"), *words], input=b"nonsense",
        env={"PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(checkout)}, capture_output=True,
    )  # fmt: skip


@pytest.mark.parametrize("local", [None, "", "/nowhere/python\n"])
def test_where_nothing_is_installed_it_is_silent(checkout: Path, local: str | None) -> None:
    if local is not None:
        (checkout / "orchestration.local").write_text(local)
    for words in (("Stop",), ()):
        done = started(checkout, *words)

        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_it_runs_with_the_interpreter_that_was_installed(checkout: Path) -> None:
    (checkout / "orchestration.local").write_text(f"{sys.executable}\n")

    done = started(checkout, "Stop")

    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr == b"orchestration: hook Stop: its input is no JSON object\n"


def test_else_it_runs_with_the_one_of_the_installed_command(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "orchestration").write_text(f"#!{sys.executable}\n")
    (tmp_path / "orchestration").chmod(0o755)

    done = started(checkout, "Stop", path=f"{tmp_path}:/usr/bin:/bin")

    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr == b"orchestration: hook Stop: its input is no JSON object\n"


def test_an_interpreter_that_fails_fails_nothing(checkout: Path, tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 2\n")
    broken.chmod(0o755)
    (checkout / "orchestration.local").write_text(f"{broken}\n")

    assert started(checkout, "Stop").returncode == 0
