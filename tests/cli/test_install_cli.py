"""`orchestration install`, `uninstall`, `doctor` and the entries for Claude Code: that their options arrive."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "my app"
    (folder / "src").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    monkeypatch.chdir(folder / "src")
    return folder


def test_install_goes_to_the_top_of_the_repository_and_names_the_project(run: Run, repository: Path) -> None:
    done = run("install")

    assert done.exit_code == 0
    assert done.stderr.startswith(f"✓ Installed into {repository}/.claude: ")
    assert (repository / ".claude" / "orchestration.yaml").read_text() == "project: my-app\n"
    assert run("install").stderr == f"There is nothing to do in {repository}/.claude.\n"
    assert run("uninstall").exit_code == 0
    assert not (repository / ".claude").exists()


def test_a_dry_run_shows_a_diff_and_writes_nothing(run: Run, repository: Path) -> None:
    (repository / ".claude").mkdir()
    (repository / ".claude" / "settings.json").write_text('{"model": "opus"}')

    shown = run("install", "--dry-run", "--no-shadow").stdout

    assert "add .claude/commands/move.md\n" in shown
    assert "commands/config.md" not in shown
    assert "--- a/.claude/settings.json\n+++ b/.claude/settings.json\n@@ -1 +1," in shown
    assert [file.name for file in (repository / ".claude").iterdir()] == ["settings.json"]


def test_for_the_user_it_goes_into_the_home_folder(run: Run, repository: Path) -> None:
    home = Path(os.environ["HOME"])
    found = run("install", "--user", "--json-output").json

    assert found["folder"] == str(home / ".claude")
    assert not (repository / ".claude").exists()
    settings = json.loads((home / ".claude" / "settings.json").read_text())
    assert settings["statusLine"]["command"] == '"$HOME"/.claude/hooks/run statusline'
    assert "Bash(orchestration state_manager get:*)" in settings["permissions"]["allow"]
    assert not (home / ".claude" / "scripts").exists()
    assert run("uninstall", "--user").exit_code == 0
    assert not (home / ".claude" / "settings.json").exists()


def test_a_status_line_of_the_user_is_not_hidden(run: Run, repository: Path) -> None:
    file = Path(os.environ["HOME"]) / ".claude" / "settings.json"
    file.parent.mkdir()
    file.write_text('{"statusLine": {"type": "command", "command": "mine"}}')
    run("install")

    assert "statusLine" not in json.loads((repository / ".claude" / "settings.json").read_text())


def test_the_home_folder_is_not_a_project(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(os.environ["HOME"])
    done = run("install")

    assert (done.exit_code, done.stderr.splitlines()[0]) == (1, "Error: this is your home folder")


@pytest.mark.usefixtures("repository")
def test_uninstall_where_nothing_is(run: Run) -> None:
    assert run("uninstall").exit_code == 1


def test_doctor_exits_1_while_something_is_wrong(
    run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run("doctor")
    assert done.exit_code == 1
    assert "✗ installed: nothing is installed here\n    fix: `orchestration install`\n" in done.stdout

    tools = repository / "tools"
    tools.mkdir()
    for name, version in (("orchestration", "0"), ("uv", "1.2.3"), ("git", "2.40.1"), ("claude", "2.1.330")):
        (tools / name).write_text(f"#!/bin/sh\necho {name} {version}\n")
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    run("install")
    rows = {row["check"]: row for row in run("doctor", "--json-output").json}
    assert rows["claude code"] == {"check": "claude code", "status": "ok", "found": "2.1.330", "fix": None}
    assert {row["status"] for row in rows.values()} == {"ok", "hint"}


def test_upgrade_brings_the_installation_along(run: Run, repository: Path) -> None:
    run("install", "--no-shadow")
    (repository / ".claude" / "commands" / "move.md").unlink()

    done = run("upgrade")

    assert (done.exit_code, done.stderr) == (0, f"✓ Brought up to date {repository}/.claude: 1 added\n")
    assert not (repository / ".claude" / "commands" / "config.md").exists()


@pytest.mark.usefixtures("sprint")
def test_slash_answers_what_comes_on_standard_input(run: Run) -> None:
    done = run("slash", "move", input="TASK-1 in_progress\nORCH_END\n", env={"CLAUDE_PROJECT_ID": "myapp"})

    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, "✓ TASK-1 todo -> in_progress")
