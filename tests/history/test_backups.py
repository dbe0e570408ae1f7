"""A backup is a tag; restoring one is a new commit, with a way back."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestration.history import backups
from orchestration.store.repo import Store
from orchestration.store.tags import Tag

Run = Callable[..., Any]
Git = Callable[..., str]
NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def tree(git: Git) -> str:
    return git("rev-parse", "HEAD^{tree}")


@pytest.fixture
def backup(run: Run, session: str) -> str:
    """A backup of a session that has notes.a = 1."""
    run("set", session, "notes.a", "1")
    return str(run("backup", "create", "first").value)


@pytest.mark.usefixtures("session")
def test_a_backup_is_an_annotated_tag(run: Run, git: Git) -> None:
    head = git("rev-parse", "HEAD")

    made = run("backup", "create", "first", "--json-output", env={"ORCHESTRATION_ACTOR": "ada"}).json

    assert made == {"name": "backup/20260105T090002Z-first", "commit": head}
    shown = git("cat-file", "-p", made["name"]).splitlines()
    assert shown[:3] == [f"object {head}", "type commit", f"tag {made['name']}"]
    assert shown[3].startswith("tagger ada <ada@")
    assert git("fsck", "--strict") == ""
    assert git("log", "-1", "--format=%s") == f"backup: create {made['name']}"
    assert run("backup", "list", "--json-output").json == [
        {
            "name": made["name"],
            "at": "2026-01-05T09:00:02Z",
            "author": "ada",
            "commit": head,
            "message": "backup first",
        }
    ]


def test_the_name_alone_is_printed_when_captured(run: Run, backup: str) -> None:
    assert backup == "backup/20260105T090003Z-first"
    assert run("backup", "list").stdout.splitlines()[1].startswith(backup)


@pytest.mark.usefixtures("session")
def test_no_backup_replaces_another(state_dir: Path) -> None:
    store, names = Store(state_dir), []
    for _ in range(3):
        with store.transaction(author="ada", now=NOW) as tx:
            names.append(backups.create(tx, "x"))
    assert names == [f"backup/20260331T120000Z-x{end}" for end in ("", "-2", "-3")]


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("label", ["..", "a/b", "-x", "a.lock", "a b"])
def test_a_label_is_an_id(fails: Run, label: str) -> None:
    fails(2 if label.startswith("-") else 1, "backup", "create", label)


def test_without_a_store_there_is_nothing_to_back_up(fails: Run, run: Run) -> None:
    assert fails(1, "backup", "create") == "there is no store yet: nothing to back up"
    assert run("backup", "list").stdout == "There are no backups.\n"


def test_restoring_everything_and_the_way_back(run: Run, git: Git, session: str, backup: str) -> None:
    kept = git("rev-parse", f"{backup}^{{tree}}")
    run("set", session, "notes.a", "2")
    run("task", "add", "New", "--project", "myapp")
    before = tree(git)

    done = run("backup", "restore", "first", "--yes", "--json-output").json

    assert tree(git) == kept
    assert git("rev-parse", f"{done['before']}^{{tree}}") == before
    assert {change["path"] for change in done["changes"]} == {
        f"sessions.{session}.notes.a",
        "projects.myapp.tasks.TASK-1",
    }
    assert git("status", "--porcelain") == ""
    run(*done["back"].split())
    assert tree(git) == before
    run("backup", "restore", "first", "--yes")
    run("backup", "restore", done["before"], "--yes")
    assert tree(git) == before


def test_a_restore_is_shown_first_and_applied_by_its_plan(run: Run, session: str, backup: str) -> None:
    run("set", session, "notes.a", "2")

    shown = run("backup", "restore", backup)

    assert shown.stdout == f'~ sessions.{session}.notes.a: "2" -> "1"\n'
    assert "commit" not in shown.stderr
    assert run("get", session, "notes.a").value == "2"
    applied = run(*shown.stderr.rpartition(": ")[2].split())
    assert applied.exit_code == 0, applied.stderr
    assert run("get", session, "notes.a").value == "1"


def test_a_part_is_restored_and_the_rest_stays(run: Run, session: str) -> None:
    other = run("create", "--project", "myapp").value
    run("task", "add", "One", "--points", "1", "--session", session)
    for one in (session, other):
        run("set", one, "notes.a", "1")
    run("backup", "create", "base")
    for one in (session, other):
        run("merge", one, "notes", "--data", '{"a": "2", "b": "2"}')
    run("merge", session, "tasks.TASK-1", "--data", '{"points": 8, "title": "Other"}')

    def state() -> tuple[Any, ...]:
        task = run("get", session, "tasks.TASK-1").json
        return (*(run("get", one, "notes").json for one in (session, other)), task["points"], task["title"])

    new = {"a": "2", "b": "2"}
    run("backup", "restore", "base", "--session", session, "--yes")
    assert state() == ({"a": "1"}, new, 8, "Other")
    run("backup", "restore", "base", "--path", "projects.myapp.tasks.TASK-1.points", "--yes")
    assert state() == ({"a": "1"}, new, 1, "Other")
    run("backup", "restore", "base", "--path", f"sessions.{other}.notes.b", "--yes")
    assert state() == ({"a": "1"}, {"a": "2"}, 1, "Other")
    run("backup", "restore", "base", "--project", "myapp", "--yes")
    assert state() == ({"a": "1"}, {"a": "2"}, 1, "One")


def test_a_session_deleted_by_hand_is_restored(run: Run, git: Git, session: str, backup: str) -> None:
    git("rm", "-rq", f"sessions/{session[:2]}/{session}")
    git("commit", "-qm", "gone")

    assert run("backup", "restore", backup, "--session", session, "--yes").exit_code == 0

    assert run("get", session, "notes.a").value == "1"


def test_what_was_edited_by_hand_is_restored_and_not_lost(
    run: Run, git: Git, state_dir: Path, session: str, backup: str
) -> None:
    file = state_dir / "sessions" / session[:2] / session / "notes.yaml"
    file.write_text("a: mine\n")

    shown = run("backup", "restore", backup)
    assert shown.stdout.splitlines()[-1] == f'~ sessions.{session}.notes.a: "mine" -> "1"'
    done = run("backup", "restore", backup, "--session", session, "--yes", "--json-output").json

    assert run("get", session, "notes.a").value == "1"
    assert (git("status", "--porcelain"), file.read_text()) == ("", "a: '1'\n")
    assert git("show", f"{done['before']}:{file.relative_to(state_dir)}") == "a: mine"
    file.unlink()
    run("backup", "restore", backup, "--yes")
    assert file.exists()


def test_what_cannot_be_restored(run: Run, fails: Run, session: str, backup: str) -> None:
    hint = "no backup 'nope'"
    assert fails(1, "backup", "restore", "nope") == hint
    assert fails(1, "backup", "restore", "first", "--project", "nope", "--yes") == (
        "the backup has no projects/nope"
    )
    where = f"sessions.{session}.nope"
    assert fails(1, "backup", "restore", "first", "--path", where, "--yes") == f"the backup has no {where}"
    fails(2, "backup", "restore", "first", "--path", "config", "--project", "myapp")
    run("backup", "create", "first")
    assert fails(1, "backup", "restore", "first").startswith("'first' fits 2 backups: ")
    same = run("backup", "restore", backup, "--yes", "--path", f"sessions.{session}")
    assert (same.exit_code, same.stdout) == (0, "Nothing differs.\n")


@pytest.mark.usefixtures("backup")
def test_diff_shows_what_changed_since(run: Run, session: str) -> None:
    run("set", session, "notes.a", "2")
    run("backup", "create", "second")
    run("delete", session, "notes.a")

    assert run("backup", "diff", "first", "second").stdout == f'~ sessions.{session}.notes.a: "1" -> "2"\n'
    assert run("backup", "diff", "second").stdout == f'- sessions.{session}.notes.a: "2"\n'
    assert run("backup", "diff", "first", "HEAD", "--json-output").json["changes"] == [
        {"path": f"sessions.{session}.notes.a", "kind": "removed", "old": "1", "new": None}
    ]


def made(age: timedelta, name: str = "") -> Tag:
    at = NOW - age
    return Tag(name or f"backup/{at:%Y%m%dT%H%M%SZ}", "0" * 40, "0" * 40, "ada", at, "")


def test_cleaning_keeps_the_newest_a_week_and_a_week_of_each_for_a_month() -> None:
    every = [made(timedelta(days=day)) for day in range(60)]
    by_hand = made(timedelta(days=200), "backup/before-the-move")

    def kept(keep: int) -> list[int]:
        gone = backups.superfluous([*every, by_hand], now=NOW, keep=keep)
        assert by_hand not in gone
        return [number for number, tag in enumerate(every) if tag not in gone]

    # 31 March 2026 is a Tuesday: the newest of each week is a Sunday
    assert kept(1) == [0, 1, 2, 3, 4, 5, 6, 7, 9, 16, 23, 30]
    assert kept(10) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 23, 30]
    assert len(kept(40)) == 40


@pytest.mark.usefixtures("session")
def test_clean_removes_names_only(run: Run, git: Git, clock: Any, backup: str) -> None:
    commit = git("rev-parse", f"{backup}^{{commit}}")
    git("pack-refs", "--all")
    clock.forward(days=60)
    run("backup", "create", "new")

    shown = run("backup", "clean", "--keep", "1")
    assert backup in git("tag")
    assert run(*shown.stderr.rpartition(": ")[2].split()).exit_code == 0

    assert git("tag").splitlines() == [run("backup", "list", "--json-output").json[0]["name"]]
    git("merge-base", "--is-ancestor", commit, "HEAD")
    assert run("backup", "clean", "--yes").stderr == "There is nothing to change.\n"


def test_a_bundle_opens_with_plain_git_and_verifies(
    run: Run, git: Git, tmp_path: Path, session: str, backup: str
) -> None:
    file = tmp_path / "state.bundle"

    told = run("backup", "bundle", str(file), "--json-output").json

    assert set(told["refs"]) == {"HEAD", "refs/heads/main", f"refs/tags/{backup}"}
    git("clone", "-q", str(file), str(tmp_path / "copy"), at=tmp_path)
    assert git("rev-parse", "HEAD", at=tmp_path / "copy") == git("rev-parse", "HEAD")
    (proof,) = run("backup", "verify", str(file), "--json-output").json
    assert (proof["tree"], proof["same"]) == (tree(git), True)
    run("set", session, "notes.a", "2")
    assert run("backup", "bundle", str(file)).exit_code == 0  # a bundle may be replaced
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "state.bundle"]


@pytest.mark.usefixtures("session")
def test_a_file_that_is_no_bundle_is_not_replaced(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "letter"
    file.write_text("dear")

    assert run("backup", "bundle", str(file)).exit_code == 1
    assert file.read_text() == "dear"
    assert run("backup", "verify", str(file)).exit_code == 1


@pytest.mark.usefixtures("backup")
def test_a_damaged_bundle_does_not_verify(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "state.bundle"
    run("backup", "bundle", str(file))
    data = bytearray(file.read_bytes())
    data[-60] ^= 0xFF
    file.write_bytes(data)

    result = run("backup", "verify", str(file))

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: git clone failed: ")


def test_verify_finds_a_backup_whose_object_is_damaged(
    run: Run, git: Git, state_dir: Path, session: str, backup: str
) -> None:
    (proof,) = run("backup", "verify", "--json-output").json
    assert (proof["source"], proof["same"]) == (backup, True)

    blob = git("rev-parse", f"{backup}:sessions/{session[:2]}/{session}/notes.yaml")
    file = state_dir / ".git/objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    file.write_bytes(b"x")

    assert run("backup", "verify", backup).exit_code == 1


@pytest.mark.usefixtures("backup")
def test_git_settings_of_the_user_do_not_matter(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    home = Path(subprocess.check_output(["sh", "-c", "echo $HOME"], text=True).strip())
    (home / ".gitconfig").write_text("[tag]\n\tgpgSign = true\n[fetch]\n\tfsckObjects = nonsense\n")

    assert run("backup", "verify").exit_code == 0
