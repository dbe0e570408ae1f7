"""The status line: what it says, and that it is one cached file which is made anew when something changed."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from orchestration.claude import status_cache
from orchestration.domain.project import Project
from orchestration.store import hosts

Chat = Any
HOST = "11111111-2222-3333-4444-555555555555"
"""The host of the fixtures."""


def line(chat: Chat) -> str:
    client = chat.client()
    return status_cache.line(client, Project(client.snapshot, "myapp", now=client.at))


def test_it_names_sprint_day_points_blockers_and_my_task(running: Chat) -> None:
    running.say("/block TASK-2 waiting for a key")
    running.say("/task claim TASK-1 --as engineering-ux")

    assert line(running) == "First · day 1 of 14 · 8 of 8 points left · 1 blocked · TASK-1 Log in"


def test_without_a_running_sprint_it_says_so(chat: Chat) -> None:
    assert line(chat) == "First · planned · 8 of 8 points left"


def test_changes_by_others_are_counted_until_they_are_seen(running: Chat) -> None:
    running.say("/filter clear")  # the session has its record
    client = running.client()
    tip = client.snapshot.tip
    assert tip is not None
    hosts.mark(str(client.store.private), HOST, {"commit": tip.oid})
    before = line(running)
    running.ask("/move TASK-1 in_progress", host="99999999-other")

    assert "new change" not in before
    assert "new change" in line(running)


def test_a_title_is_text_on_one_line(running: Chat) -> None:
    running.say("/task add \x1b[31mred\x1b[0m [/api] \u202eright\nleft --sprint sprint-1 --points 1")
    running.say("/task claim TASK-4 --as qa-analyst")

    shown = line(running)
    assert "TASK-4" in shown
    assert all(one.isprintable() for one in shown)


@pytest.fixture
def folder(running: Chat) -> Path:
    (running.folder / ".claude").mkdir(exist_ok=True)
    (running.folder / ".claude" / "orchestration.yaml").write_text("project: myapp\n")
    return running.folder


def shown(chat: Chat, folder: Path, host: str = HOST) -> str:
    """Run it as the client does."""
    done = subprocess.run(
        [sys.executable, "-c", "from orchestration.claude.statusline import main; main()"],
        input=json.dumps({"session_id": host, "cwd": str(folder)}), env={**os.environ, **chat.env}, cwd=folder,
        capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_line_is_kept_and_made_anew_in_the_background(running: Chat, folder: Path) -> None:
    first = shown(running, folder)
    assert "8 of 8 points left" in first
    kept = folder / "state" / ".git" / "orchestration" / "status" / HOST
    assert kept.read_text().endswith(first.strip())

    running.say("/estimate TASK-1 8")
    assert shown(running, folder) == first, "nobody waits for the new one"
    end = time.monotonic() + 20
    while (now := shown(running, folder)) == first:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert "11 of 11 points left" in now


@pytest.mark.parametrize("given", ["", "{", "[]", '{"session_id": "../../x"}', '{"session_id": 5}'])
def test_whatever_comes_in_it_ends_well(running: Chat, given: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from orchestration.claude.statusline import main; main()"],
        input=given, env={**os.environ, **running.env}, cwd=running.folder, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_folder_that_is_not_set_up_has_a_blank_line(empty: Chat) -> None:
    assert shown(empty, empty.folder) == ""
    assert not (empty.folder / "state").exists()


def test_it_loads_next_to_nothing() -> None:
    program = (
        "import sys; before = set(sys.modules); import orchestration.claude.statusline; "
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert [name for name in done.stdout.split() if not name.startswith("orchestration")] == []
