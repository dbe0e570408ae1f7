"""Versions of the format: what each program reads, writes and refuses, and the one command that migrates."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestration.domain import migrations
from orchestration.store import repo
from orchestration.store.transaction import Transaction

Run = Callable[..., Any]
Git = Callable[..., str]


def split_names(tx: Transaction) -> None:
    """Tasks keep their title as `name` too.

    Only for these tests.
    """
    for project in tx.names("projects"):
        for name, task in tx.load_all("projects", project, "tasks").items():
            tx.save(("projects", project, "tasks", name), {**task, "name": task["title"]})


def number_tools(tx: Transaction) -> None:
    """Nothing but the number"""


class Programs:
    """Several versions of the program, one at a time."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch

    def become(self, major: int, minor: int = 0) -> None:
        """From now on the commands are those of another version."""
        self._patch.setattr(repo, "FORMAT", major)
        self._patch.setattr(repo, "MINOR", minor)
        self._patch.setattr(migrations, "STEPS", {1: split_names, 2: number_tools})


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Programs]:
    monkeypatch.setenv("CLAUDE_PROJECT_ID", "myapp")
    yield Programs(monkeypatch)


@pytest.fixture
def task(run: Run, session: str) -> str:
    return run("task", "add", "Log in", "--session", session).value


def version(git: Git) -> str:
    return git("show", "HEAD:format.yaml")


# -- nothing to do


@pytest.mark.usefixtures("task")
def test_a_new_store_has_the_newest_format(run: Run, unchanged: Callable[..., Any]) -> None:
    with unchanged():
        result = run("upgrade")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "The store has format 1 already: there is nothing to do.\n"
    assert run("upgrade", "--json-output").json == {"format": 1, "minor": 0, "steps": [], "backup": None}


def test_no_store(fails: Callable[..., str]) -> None:
    assert fails(1, "upgrade") == "there is no store yet: the first write makes one of the newest format"


# -- major versions


def test_an_older_store_is_read_and_written_as_it_is(
    run: Run, task: str, programs: Programs, git: Git, unchanged: Callable[..., Any]
) -> None:
    programs.become(2)
    with unchanged():
        assert run("get", "current", f"tasks.{task}.title").value == "Log in"
    assert run("update-task", task, "in_progress").exit_code == 0

    assert version(git).endswith("\nversion: 1")
    programs.become(1)
    assert run("get", "current", f"tasks.{task}.column").value == "in_progress"
    assert run("update-task", task, "review").exit_code == 0
    (hint,) = [one for one in run_json(run, programs, "verify")["findings"] if one["place"] == "format.yaml"]
    assert (hint["severity"], hint["fix"]) == ("hint", "`orchestration upgrade` when all can read it")


def run_json(run: Run, programs: Programs, *words: str) -> Any:
    programs.become(2)
    return json.loads(run(*words, "--json-output").stdout)


def test_a_dry_run_shows_what_would_change(
    run: Run, task: str, programs: Programs, unchanged: Callable[..., Any]
) -> None:
    programs.become(2)
    with unchanged():
        result = run("upgrade", "--dry-run")
        found = run("upgrade", "--dry-run", "--json-output").json

    assert result.exit_code == 0
    assert "Format 1 -> 2: Tasks keep their title as `name` too\n" in result.stderr
    assert found["steps"] == ["1 -> 2: Tasks keep their title as `name` too"]
    assert [(one["path"], one["kind"], one["old"], one["new"]) for one in found["changes"]] == [
        ("format.version", "changed", 1, 2),
        (f"projects.myapp.tasks.{task}.name", "added", None, "Log in"),
    ]


def test_an_upgrade_is_a_backup_and_one_commit(run: Run, task: str, programs: Programs, git: Git) -> None:
    before = git("rev-parse", "HEAD")
    programs.become(3, 1)

    done = run("upgrade", "--json-output").json

    assert done["steps"] == ["1 -> 2: Tasks keep their title as `name` too", "2 -> 3: Nothing but the number"]
    assert git("rev-parse", f"{done['backup']}^{{commit}}") == before
    assert git("log", "--format=%s", f"{before}..") == "store: upgrade from format 1 to 3"
    assert version(git) == "version: 3\nminor: 1"
    assert run("get", "current", f"tasks.{task}.name").value == "Log in"
    assert run("upgrade").stderr == "The store has format 3 already: there is nothing to do.\n"
    assert git("status", "--porcelain") == ""


def test_a_newer_store_is_refused_with_the_command_to_run(
    run: Run, task: str, programs: Programs, state_dir: Path, fails: Callable[..., str]
) -> None:
    programs.become(2)
    assert run("upgrade").exit_code == 0
    programs.become(1)

    for words in (("get", "current", "session"), ("update-task", task, "done"), ("upgrade",)):
        message = fails(1, *words, env={"CLAUDE_SESSION_ID": "11111111-1111-4111-8111-111111111111"})
        assert message == f"the store at {state_dir} has format 2; this program knows up to 1"
    hint = run("session_manager", "list").stderr.splitlines()[1]
    assert hint == "Hint: upgrade the program: `uv tool upgrade claude-orchestration`"
    found = json.loads(run("verify", "--json-output").stdout)["findings"]
    assert [(one["place"], one["severity"]) for one in found] == [("format.yaml", "error")]


def test_the_way_back_after_an_upgrade(run: Run, task: str, programs: Programs, git: Git) -> None:
    programs.become(2)
    backup = run("upgrade", "--json-output").json["backup"]

    assert run("backup", "restore", backup, "--yes").exit_code == 0

    programs.become(1)
    assert version(git).endswith("\nversion: 1")
    assert run("get", "current", f"tasks.{task}.title").value == "Log in"


@pytest.mark.usefixtures("task")
def test_a_step_that_is_not_known(programs: Programs, fails: Callable[..., str]) -> None:
    programs.become(5)

    assert fails(1, "upgrade") == "this program knows no step from format 3 to 4"


# -- minor versions


def test_two_minor_versions_write_one_store_in_turn(
    run: Run, session: str, task: str, programs: Programs, git: Git
) -> None:
    """What the newer one adds, the older one keeps; neither moves the version unasked."""
    programs.become(1, 2)
    assert run("upgrade").exit_code == 0
    assert version(git) == "version: 1\nminor: 2"
    for number in range(3):
        programs.become(1, 2)
        run("set", session, f"tasks.{task}.mood", f"new {number}")
        run("merge", session, "invented", "--data", json.dumps({"by": "1.2", "round": number}))
        programs.become(1, 0)
        run("set", session, f"tasks.{task}.title", f"old {number}")
        run("set", session, "invented.seen_by", "1.0")
        assert run("upgrade").stderr == "The store has format 1 already: there is nothing to do.\n"

    programs.become(1, 2)
    shown = run("get", session, f"tasks.{task}").json
    assert (shown["mood"], shown["title"]) == ("new 2", "old 2")
    assert run("get", session, "invented").json == {"by": "1.2", "round": 2, "seen_by": "1.0"}
    assert version(git) == "version: 1\nminor: 2"
    assert git("fsck", "--strict") == ""


def test_unknown_keys_of_the_format_are_kept(run: Run, task: str, programs: Programs, git: Git) -> None:
    path = Path(os.environ["ORCHESTRATION_STATE_DIR"]) / "format.yaml"
    path.write_text("version: 1\nminor: odd\nmade_with: something newer\n")
    git("commit", "-qam", "by hand")
    assert run("update-task", task, "in_progress").exit_code == 0
    programs.become(1, 1)

    assert run("upgrade").exit_code == 0
    assert version(git) == "version: 1\nminor: 1\nmade_with: something newer"
