"""Parsed records are kept by the id of their content: no process parses a file that is as it was."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
VIEWS = (
    ("board", "all"), ("state_manager", "task", "list"), ("metrics",), ("sprint",), ("dashboard",), ("kpis",),
    ("flow",), ("burndown",), ("report",),
)  # fmt: skip
COUNT = """\
import sys
from orchestration import codec
from orchestration.cli.main import cli
real, parsed = codec.load, []
def load(data, *, name):
    parsed.append(name)
    return real(data, name=name)
codec.load = load
try:
    cli.main(args=sys.argv[1:], prog_name="orchestration")
finally:
    print(*sorted(parsed), sep="\\n", file=sys.stderr)
"""


def process(*words: str) -> "subprocess.CompletedProcess[str]":
    env = os.environ | {"PYTHONPATH": os.environ.get("PYTHONPATH") or str(ROOT)}
    done = subprocess.run(
        [sys.executable, *words, "--project", "myapp"], env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done


def parsed(*words: str) -> list[str]:
    """Return the files that a command parsed, in a process of its own."""
    return process("-c", COUNT, *words).stderr.split()


def forget(state_dir: Path) -> None:
    """Leave nothing that a clone would not have."""
    private = state_dir / ".git" / "orchestration"
    shutil.rmtree(private / "cache", ignore_errors=True)
    for file in private.glob("index.sqlite*"):
        file.unlink()


@pytest.mark.parametrize("view", VIEWS)
def test_a_second_process_parses_nothing(sprint: str, state_dir: Path, view: tuple[str, ...]) -> None:  # noqa: ARG001
    forget(state_dir)

    assert "projects/myapp/tasks/TASK-1.yaml" in parsed(*view)
    assert parsed(*view) == []


def test_nor_does_it_load_the_parser(sprint: str) -> None:  # noqa: ARG001
    words = ("-X", "importtime", "-m", "orchestration")
    for view in VIEWS:
        process("-m", "orchestration", *view)
        assert "yaml" not in process(*words, *view).stderr, view


def test_only_what_changed_is_parsed_anew(run: Any, git: Any, sprint: str, state_dir: Path) -> None:  # noqa: ARG001
    for view in ("board", "metrics"):
        process("-m", "orchestration", view)
    file = state_dir / "projects" / "myapp" / "tasks" / "TASK-2.yaml"
    file.write_text(file.read_text().replace("Log out", "Sign out"))
    git("commit", "-qam", "by hand")

    assert parsed("board") == ["projects/myapp/tasks/TASK-2.yaml"]
    assert parsed("metrics") == []
    assert "Sign out" in run("orchestration", "board", "--project", "myapp").stdout
