"""Recovering sessions that were retired, deleted, or whose files can no longer be read."""

from pathlib import Path

import pytest


@pytest.fixture
def folder(run, session, state_dir) -> Path:
    """The folder of a session that has notes of two lives."""
    run("set", session, "notes.first", "1")
    run("set", session, "notes.second", "2")
    return state_dir / "sessions" / session[:2] / session


def test_a_session_deleted_by_hand_and_not_committed(run, session, folder):
    for file in folder.iterdir():
        file.unlink()

    result = run("recover", session)

    assert result.exit_code == 0
    assert "session.yaml was damaged on disk; its last commit is back" in result.stderr
    assert run("get", session, "notes").json == {"first": "1", "second": "2"}
    assert sorted(file.name for file in folder.iterdir()) == ["notes.yaml", "session.yaml"]


@pytest.mark.usefixtures("folder")
def test_a_session_deleted_by_hand_and_committed(run, session, git):
    git("rm", "-q", "-r", f"sessions/{session[:2]}/{session}")
    git("commit", "-q", "-m", "gone")
    before = git("rev-parse", "--short=12", "HEAD~1")

    result = run("recover", session)

    assert result.exit_code == 0
    assert f"notes as of commit {before}" in result.stderr
    assert f"Recovered session: {session} (was retired)" in result.stderr
    assert run("get", session, "notes").json == {"first": "1", "second": "2"}
    assert run("info", session).exit_code == 0


def test_a_file_that_is_damaged_on_disk_is_kept_aside(run, session, folder, state_dir):
    (folder / "notes.yaml").write_text("first: [1\n")

    result = run("recover", session)

    kept = list((state_dir / ".git" / "orchestration" / "rescued").iterdir())
    assert result.exit_code == 0
    assert [file.read_text() for file in kept] == ["first: [1\n"]
    assert f"what stood there is kept in {kept[0]}" in result.stderr
    assert run("get", session, "notes.second").value == "2"


def test_a_file_that_was_committed_damaged(run, session, folder, git):
    good = git("rev-parse", "--short=12", "HEAD")
    (folder / "notes.yaml").write_text("first: [1\n")
    git("commit", "-q", "-a", "-m", "broken")
    assert run("get", session, "notes").exit_code == 1

    result = run("recover", session)

    assert result.exit_code == 0
    assert f"notes as of commit {good}" in result.stderr
    assert run("get", session, "notes").json == {"first": "1", "second": "2"}


def test_a_file_of_which_no_version_can_be_read(run, session, folder, git):
    (folder / "junk.yaml").write_text("a: [1\n")
    git("add", "-A")
    git("commit", "-q", "-m", "junk")

    result = run("recover", session)

    assert result.exit_code == 0
    assert "no version of junk.yaml can be read; it was left out" in result.stderr
    assert (folder / "junk.yaml").read_text() == "a: [1\n"


@pytest.mark.usefixtures("session")
def test_a_session_that_history_does_not_know(run):
    result = run("recover", "0badcafe-nobody")

    assert result.exit_code == 3
    assert result.stderr.startswith("Error: no session '0badcafe-nobody'")
