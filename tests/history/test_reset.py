"""Reset: a backup first, then the session as it began, in one change that can be taken back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Git = Callable[..., str]


def tree(git: Git) -> str:
    return git("rev-parse", "HEAD^{tree}")


@pytest.fixture
def busy(run: Run, session: str) -> str:
    """A session with files of its own and one that is observed."""
    run("set", session, "execution.context.goal", "ship")
    run("set", session, "observability.metrics.tokens", "12")
    run("set", session, "notes.a", "1")
    run("set", session, "session.metadata.note", "kept")
    return session


def own_files(state_dir: Path, session: str) -> list[str]:
    return sorted(path.stem for path in (state_dir / "sessions" / session[:2] / session).iterdir())


def test_a_reset_leaves_the_session_as_it_began(run: Run, git: Git, state_dir: Path, busy: str) -> None:
    before, commits = tree(git), int(git("rev-list", "--count", "HEAD"))

    done = run("reset", busy, "--yes", "--json-output").json

    assert own_files(state_dir, busy) == ["session"]
    assert run("get", busy, "session.metadata.note").value == "kept"
    assert int(git("rev-list", "--count", "HEAD")) == commits + 1
    assert git("log", "-1", "--format=%s") == f"session: reset {busy[:8]}"
    assert git("rev-parse", f"{done['backup']}^{{tree}}") == before
    assert {change["path"].rpartition(".")[2] for change in done["changes"]} == {
        "execution", "observability", "notes",
    }  # fmt: skip
    assert done["verified"] == 3
    assert (git("status", "--porcelain"), git("fsck", "--strict")) == ("", "")
    assert run(*done["restore"].split()).exit_code == 0
    assert tree(git) == before


def test_it_is_shown_first_and_undo_brings_it_back(run: Run, git: Git, busy: str) -> None:
    before = tree(git)

    shown = run("reset", busy)

    assert tree(git) == before
    assert shown.stdout.splitlines()[0] == (f'- sessions.{busy}.execution: {{"context": {{"goal": "ship"}}}}')
    applied = run(*shown.stderr.rpartition(": ")[2].split())
    assert "  Undo: state_manager undo" in applied.stderr
    assert run("get", busy, "notes").exit_code == 1
    run("undo", "--session", busy)
    assert tree(git) == before


def test_parts_can_be_chosen(run: Run, state_dir: Path, fails: Run, busy: str) -> None:
    run("reset", busy, "--preserve", "notes,observability", "--yes")
    assert own_files(state_dir, busy) == ["notes", "observability", "session"]
    run("reset", busy, "--partial", "notes", "--yes")
    assert own_files(state_dir, busy) == ["observability", "session"]

    assert fails(1, "reset", busy, "--partial", "nope") == f"session {busy!r} has no part 'nope'"
    assert fails(1, "reset", busy, "--partial", "tasks") == f"session {busy!r} has no part 'tasks'"
    assert fails(1, "reset", busy, "--project", "--partial", "sprints") == "the tasks need their sprints"


def test_a_second_reset_has_nothing_to_do(run: Run, git: Git, busy: str) -> None:
    run("reset", busy, "--yes")
    head, tags = git("rev-parse", "HEAD"), git("tag")

    again = run("reset", busy, "--yes")

    assert (again.exit_code, again.stdout) == (0, "Nothing differs.\n")
    assert (git("rev-parse", "HEAD"), git("tag")) == (head, tags)


def test_with_its_project_the_board_goes_too(
    run: Run, git: Git, session: str, sprint: str, state_dir: Path
) -> None:
    other = run("create", "--project", "myapp", "--sprint", sprint).value
    run("update-epic", "myapp", "auth", "--title", "Auth")
    before = tree(git)

    done = run("reset", session, "--project", "--yes", "--json-output").json

    assert sorted(path.name for path in (state_dir / "projects/myapp").iterdir()) == ["config.yaml", "epics"]
    assert run("get", other, "session.sprint_id").stdout == "null\n"
    assert git("rev-parse", f"{done['backup']}^{{tree}}") == before
    assert run("task", "add", "Next", "--session", session).value == "TASK-3"  # no number is given twice
    run("undo", "--last", "2", "--session", session)
    assert tree(git) == before


@pytest.mark.usefixtures("sprint")
def test_tasks_that_are_worked_on_need_force(run: Run, fails: Run, session: str) -> None:
    run("update-task", "TASK-1", "in_progress", "--project", "myapp")

    assert fails(1, "reset", session, "--project", "--yes") == "being worked on: TASK-1"
    assert fails(1, "reset", session, "--project") == "being worked on: TASK-1"

    shown = run("reset", session, "--project", "--dry-run", "--json-output").json
    assert shown["in_progress"] == ["TASK-1"]
    assert shown["plan"] is None
    assert "projects.myapp.tasks.TASK-1" in {change["path"] for change in shown["changes"]}
    assert run("reset", session, "--project", "--yes", "--force").exit_code == 0
    assert run("get", session, "tasks").json == {}


def test_only_an_active_session_is_reset(run: Run, fails: Run, session: str) -> None:
    assert fails(3, "reset", "unknown-1") == "no session 'unknown-1'"
    run("pause", session)
    assert fails(4, "reset", session, "--yes") == f"session {session!r} is paused"
    alone = run("create", env={"CLAUDE_PROJECT_ID": ""}).value
    assert fails(1, "reset", alone, "--project") == f"session {alone!r} has no project"
