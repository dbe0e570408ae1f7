"""`state_manager verify` and `gc`: each kind of harm is named, and what can be mended is."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Git = Callable[..., str]
TASK = "projects/myapp/tasks/TASK-1.yaml"
CLEAN = "Everything is as it should be.\n"


@pytest.fixture
def board(run: Run, sprint: str, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: ARG001 - makes the tasks
    """The file of TASK-1, in a store where everything is as it should be."""
    monkeypatch.setenv("CLAUDE_PROJECT_ID", "myapp")
    run("set-config", "myapp", "--data", '{"settings": {}}')
    result = run("verify")
    assert (result.exit_code, result.stdout) == (0, CLEAN), result
    return Path(os.environ["ORCHESTRATION_STATE_DIR"]) / TASK


def findings(run: Run, *options: str, exit_code: int = 1) -> list[dict[str, Any]]:
    result = run("verify", "--json-output", *options)
    assert result.exit_code == exit_code, result
    found: list[dict[str, Any]] = json.loads(result.stdout)["findings"]
    return found


def places(run: Run, *options: str) -> list[tuple[str, str]]:
    return [(one["kind"], one["place"]) for one in findings(run, *options)]


def repaired(run: Run, *options: str) -> str:
    """Repair, and assert that nothing is left; returns what was said."""
    result = run("verify", "--repair", *options)
    assert (result.exit_code, result.stdout) == (0, CLEAN), result
    assert run("verify").stdout == CLEAN
    return result.stderr


def object_file(state_dir: Path, oid: str) -> Path:
    return state_dir / ".git" / "objects" / oid[:2] / oid[2:]


def damage(state_dir: Path, oid: str) -> None:
    file = object_file(state_dir, oid)
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:20])


# -- what it says


def test_there_is_nothing_to_check(fails: Callable[..., str]) -> None:
    assert fails(1, "verify") == "there is no store yet: nothing to check"
    assert fails(1, "gc") == "there is no store yet: nothing to pack"
    assert fails(2, "verify", "--from", "elsewhere") == "--from is for --repair"


def test_checking_changes_nothing(run: Run, board: Path, unchanged: Callable[..., Any]) -> None:
    board.write_text("title: [")
    with unchanged():
        assert run("verify").exit_code == 1


def test_a_finding_has_place_problem_and_fix(run: Run, board: Path, git: Git) -> None:
    board.write_text(board.read_text().replace("points: 5", "points: plenty"))
    git("commit", "-qam", "by hand")

    assert findings(run) == [
        {
            "kind": "structure",
            "severity": "error",
            "place": f"{TASK}: points",
            "problem": "points 'plenty' is not a number",
            "fix": "use a number such as 3 or 2.5",
        }
    ]
    assert run("verify").stdout.splitlines()[:2] == [
        f"error: {TASK}: points: points 'plenty' is not a number",
        "  fix: use a number such as 3 or 2.5",
    ]


@pytest.mark.usefixtures("board")
def test_hints_are_no_failure(run: Run) -> None:
    run("set", "current", "tasks.TASK-1.assignee", "zoe")

    (hint,) = findings(run, exit_code=0)
    assert (hint["severity"], hint["problem"]) == ("hint", "no team has an agent 'zoe'")


# -- records


def test_records_are_mended_in_one_commit_for_each_kind(run: Run, board: Path, git: Git) -> None:
    text = board.read_text().replace("points: 5", 'points: "5"').replace("epic_id: null", "epic_id: gone")
    board.write_text(
        text.replace("column: todo", "column: pending").replace("column: backlog", "column: pending")
    )
    other = board.with_name("TASK-2.yaml")
    other.write_text(other.read_text().replace("points: 3", 'points: "3"'))
    git("commit", "-qam", "by hand")
    assert {place for _, place in places(run)} == {
        f"{TASK}: points",
        f"{TASK}: column",
        f"{TASK}: epic_id",
        "projects/myapp/tasks/TASK-2.yaml: points",
    }
    before = git("rev-parse", "HEAD")

    said = repaired(run)

    assert git("log", "--format=%s", f"{before}..").splitlines() == [
        "verify: drop what is gone from 1 record",
        "verify: mend the form of 2 records",
    ]
    assert "✓ Mended the form of 2 records; `state_manager undo --any` takes that back" in said
    task = run("task", "show", "TASK-1", "--json-output").json
    assert (task["points"], task["column"], task["epic_id"]) == (5, "todo", None)


def test_a_repair_can_be_taken_back(run: Run, board: Path, git: Git) -> None:
    board.write_text(board.read_text().replace("points: 5", 'points: "5"'))
    git("commit", "-qam", "by hand")
    repaired(run)

    assert run("undo", "--any").exit_code == 0
    assert places(run) == [("structure", f"{TASK}: points")]


def test_a_record_that_does_not_parse_names_the_way_back(run: Run, board: Path, git: Git) -> None:
    good = git("log", "-1", "--format=%H", "--", TASK)
    board.write_text("title: [unclosed\n")
    git("commit", "-qam", "by hand")

    (found,) = findings(run, "--repair")

    assert (found["kind"], found["place"]) == ("syntax", TASK)
    assert found["problem"].startswith("line 2, column 1: ")
    command = f"git -C {os.environ['ORCHESTRATION_STATE_DIR']} checkout {good[:12]} -- {TASK}"
    assert found["fix"] == f"mend it, or `{command}`"
    git("checkout", good[:12], "--", TASK)
    assert run("update-task", "TASK-1", "in_progress").exit_code == 0
    assert run("verify").stdout == CLEAN


# -- objects


@pytest.mark.usefixtures("board")
def test_a_damaged_object_comes_back_from_the_file_on_disk(run: Run, state_dir: Path, git: Git) -> None:
    shutil.rmtree(state_dir / ".git" / "orchestration" / "cache")
    oid = git("rev-parse", f"HEAD:{TASK}")
    damage(state_dir, oid)
    found = findings(run)
    assert found[0]["problem"] == f"object {oid} is damaged on disk"
    assert found[0]["place"] == TASK
    assert "--repair" in found[0]["fix"]

    assert f"✓ Restored {TASK} (object {oid[:12]})" in repaired(run)
    assert git("fsck", "--strict") == ""


def test_a_damaged_object_comes_back_from_the_parsed_form(
    run: Run, board: Path, state_dir: Path, git: Git
) -> None:
    """Also when the file on disk has gone on."""
    run("get", "current", "tasks.TASK-1")
    oid = git("rev-parse", f"HEAD:{TASK}")
    board.write_text(board.read_text() + "mine: 1\n")
    damage(state_dir, oid)

    result = run("verify", "--repair")

    assert f"✓ Restored {TASK}" in result.stderr
    assert [one["problem"] for one in findings(run)] == ["was edited by hand"]
    assert "mine: 1" in board.read_text()


@pytest.mark.parametrize("what", ["HEAD^{tree}", "HEAD:projects", "HEAD:projects/myapp/tasks"])
@pytest.mark.usefixtures("board")
def test_a_damaged_folder_comes_back_from_the_index(run: Run, state_dir: Path, git: Git, what: str) -> None:
    oid = git("rev-parse", what)
    object_file(state_dir, oid).unlink()
    assert any(one["problem"] == f"object {oid} is missing from the store" for one in findings(run))

    repaired(run)

    assert git("fsck", "--strict") == ""
    assert git("status", "--porcelain") == ""


@pytest.mark.usefixtures("board")
def test_the_newest_commit_comes_back_from_the_journal(run: Run, state_dir: Path, git: Git) -> None:
    oid = git("rev-parse", "HEAD")
    message = git("log", "-1", "--format=%an %s")
    damage(state_dir, oid)
    assert run("get", "current", "tasks.TASK-1").exit_code == 1
    assert findings(run)[0]["place"] == f"commit {oid[:12]}, the newest"

    repaired(run)

    assert (git("rev-parse", "HEAD"), git("log", "-1", "--format=%an %s")) == (oid, message)


@pytest.mark.usefixtures("board")
def test_an_object_of_the_past_is_named_and_comes_from_a_clone(
    run: Run, state_dir: Path, git: Git, tmp_path: Path
) -> None:
    oid = git("rev-parse", f"HEAD:{TASK}")
    made = git("log", "-1", "--format=%H", "--", TASK)
    run("update-task", "TASK-1", "in_progress")
    git("clone", "-q", "--bare", str(state_dir), str(tmp_path / "copy"), at=tmp_path)
    git("bundle", "create", "-q", str(tmp_path / "all.bundle"), "--all")
    object_file(state_dir, oid).unlink()
    (found,) = findings(run)
    assert (found["kind"], found["place"]) == ("objects", f"{TASK} as of {made[:12]}")
    assert oid in found["problem"]
    assert run("get", "current", "tasks.TASK-1.column").value == "in_progress"
    assert run("verify", "--repair").exit_code == 1

    repaired(run, "--from", str(tmp_path / "copy"))
    object_file(state_dir, oid).unlink()
    repaired(run, "--from", str(tmp_path / "all.bundle"))


def test_a_damaged_pack_is_emptied_and_put_aside(
    run: Run, board: Path, state_dir: Path, git: Git, tmp_path: Path
) -> None:
    git("clone", "-q", "--bare", str(state_dir), str(tmp_path / "copy"), at=tmp_path)
    run("gc")
    (pack,) = (state_dir / ".git" / "objects" / "pack").glob("*.pack")
    data = bytearray(pack.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    pack.chmod(0o644)
    pack.write_bytes(data)
    assert ("objects", str(pack.relative_to(state_dir))) in places(run)

    said = repaired(run, "--from", str(tmp_path / "copy"))

    assert f"objects out of {pack.name}, which now lies in {state_dir}/.git/orchestration/damaged" in said
    assert git("fsck", "--strict", "--full") == ""
    assert board.exists() and git("status", "--porcelain") == ""


# -- references of git


@pytest.mark.parametrize("content", [None, b"", b"\0" * 41, b"garbage\n"])
@pytest.mark.usefixtures("board")
def test_a_lost_branch_is_back_where_its_log_says(
    run: Run, state_dir: Path, git: Git, content: bytes | None
) -> None:
    tip = git("rev-parse", "HEAD")
    branch = state_dir / ".git" / "refs" / "heads" / "main"
    branch.unlink()
    if content is not None:
        branch.write_bytes(content)
    refused = run("get", "current", "tasks.TASK-1")
    assert refused.exit_code == 1
    assert "refs/heads/main of the store at" in refused.stderr and "`state_manager verify" in refused.stderr
    assert ("refs", "refs/heads/main") in places(run)

    assert f"✓ Refs/heads/main is at {tip[:12]} again, where its log says it was" in repaired(run)
    assert git("rev-parse", "HEAD") == tip


@pytest.mark.usefixtures("board")
def test_a_branch_that_fell_back_to_packed_refs(run: Run, state_dir: Path, git: Git) -> None:
    """The file is gone, and git would silently read an older commit."""
    git("pack-refs", "--all")
    run("update-task", "TASK-1", "in_progress")
    tip = git("rev-parse", "HEAD")
    (state_dir / ".git" / "refs" / "heads" / "main").unlink()
    assert "lost its newest commits" in findings(run)[0]["problem"]

    repaired(run)

    assert git("rev-parse", "HEAD") == tip
    assert run("get", "current", "tasks.TASK-1.column").value == "in_progress"


@pytest.mark.usefixtures("board")
def test_a_tag_that_leads_nowhere(run: Run, state_dir: Path) -> None:
    (state_dir / ".git" / "refs" / "tags" / "odd").write_text("0123456789" * 4 + "\n")

    (found,) = findings(run, "--repair")

    assert (found["kind"], found["place"]) == ("refs", "refs/tags/odd")
    assert found["fix"].startswith(f"`git -C {state_dir} update-ref -d refs/tags/odd`")


@pytest.mark.usefixtures("board")
def test_a_detached_head(run: Run, git: Git) -> None:
    git("checkout", "-q", "--detach")

    (found,) = findings(run)

    assert (found["place"], found["problem"]) == ("HEAD", "is detached: it names a commit, no branch")
    git("switch", "-q", "main")
    assert run("verify").stdout == CLEAN


# -- files on disk, and git's index


def test_an_edit_by_hand_is_told_and_never_touched(run: Run, board: Path) -> None:
    board.write_text(board.read_text().replace("points: 5", "points: 8"))
    board.with_name("TASK-2.yaml").unlink()
    board.with_name("TASK-9.yaml").write_text("title: mine\n")

    found = {one["place"]: one["problem"] for one in findings(run, "--repair")}

    assert found == {
        TASK: "was edited by hand",
        "projects/myapp/tasks/TASK-2.yaml": "is deleted on disk",
        "projects/myapp/tasks/TASK-9.yaml": "is on disk, but in no commit",
    }
    assert "points: 8" in board.read_text()
    assert not board.with_name("TASK-2.yaml").exists()
    assert board.with_name("TASK-9.yaml").exists()


def test_a_file_that_is_behind_is_brought_up_to_date(run: Run, board: Path, git: Git) -> None:
    old = board.read_text()
    run("update-task", "TASK-1", "in_progress")
    board.write_text(old)
    assert ("files", TASK) in places(run)

    assert f"✓ {TASK[0].upper()}{TASK[1:]} on disk is as in the commit again" in repaired(run)
    assert git("status", "--porcelain") == ""


@pytest.mark.parametrize("content", [b"", b"DIRC" + bytes(40), b"junk"])
@pytest.mark.usefixtures("board")
def test_a_damaged_index_is_built_anew(run: Run, state_dir: Path, git: Git, content: bytes) -> None:
    (state_dir / ".git" / "index").write_bytes(content)
    assert [kind for kind, _ in places(run)] == ["index"]

    assert "✓ Git's index is built anew from the commit" in repaired(run)
    assert git("status", "--porcelain") == ""


def test_what_a_person_staged_stays(run: Run, board: Path, git: Git) -> None:
    board.write_text(board.read_text().replace("points: 5", "points: 8"))
    git("add", TASK)

    found = {one["place"]: one["problem"] for one in findings(run, "--repair")}

    assert found == {TASK: "was edited by hand", ".git/index": f"holds staged changes of {TASK}"}
    assert "points: 8" in git("show", f":{TASK}")


# -- what is left behind


@pytest.mark.usefixtures("board")
def test_leftovers_are_named_and_swept(run: Run, state_dir: Path, clock: Any) -> None:
    left = state_dir / ".git" / "objects" / "tmp_obj_1_1"
    left.touch()
    fresh = state_dir / ".git" / "objects" / "tmp_obj_2_2"
    fresh.touch()
    os.utime(left, (clock.now.timestamp() - 7300,) * 2)
    (found,) = findings(run)
    assert found["place"] == ".git/objects/tmp_obj_1_1"
    assert found["problem"] == "is a temporary file, 2 hours old, of a process that died"

    assert "✓ Removed 1 temporary files of processes that died" in repaired(run)
    assert fresh.exists() and not left.exists()


@pytest.mark.usefixtures("board")
def test_a_stale_lock_of_git_is_named_and_left(run: Run, state_dir: Path) -> None:
    lock = state_dir / ".git" / "index.lock"
    lock.touch()

    (found,) = findings(run, "--repair")

    assert (found["kind"], found["place"]) == ("leftovers", ".git/index.lock")
    assert found["fix"] == f"if no git command is running there, `rm {lock}`"
    assert lock.exists()
    with lock.open():
        (found,) = findings(run, exit_code=0)
        assert found["problem"] == f"is held by process {os.getpid()}"


@pytest.mark.usefixtures("board")
def test_a_lock_of_ours_is_removed(run: Run, state_dir: Path) -> None:
    draft = state_dir / ".git" / "orchestration" / "main.draft"
    draft.touch()
    lock = state_dir / ".git" / "refs" / "heads" / "main.lock"
    os.link(draft, lock)
    assert places(run) == [("leftovers", ".git/refs/heads/main.lock")]

    assert "✓ Removed .git/refs/heads/main.lock, a lock of a write that died" in repaired(run)
    assert not lock.exists() and not draft.exists()


@pytest.mark.usefixtures("board")
def test_without_git_the_past_is_not_checked(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    (found,) = findings(run, exit_code=0)

    assert (found["severity"], found["problem"]) == ("hint", "was not checked: git is not installed")
    result = run("gc")
    assert result.exit_code == 0
    assert result.stderr == "warning: git is not installed; nothing was packed\n"


# -- packing


@pytest.mark.usefixtures("board")
def test_gc_packs_and_says_so(run: Run, git: Git) -> None:
    before = git("rev-parse", "HEAD")

    result = run("gc")

    assert result.stderr.startswith("✓ Packed ")
    assert git("count-objects") == "0 objects, 0 kilobytes"
    again = run("gc", "--json-output").json
    assert (again["before"]["loose"], again["after"]["packs"], again["swept"], again["warning"]) == (
        0,
        1,
        [],
        None,
    )
    assert git("rev-parse", "HEAD") == before
    assert run("get", "current", "tasks.TASK-1.points").value == "5"
    assert run("verify").stdout == CLEAN


@pytest.mark.usefixtures("board")
def test_a_file_over_the_limit_is_refused_clearly(fails: Callable[..., str]) -> None:
    limit = 5 * 1024 * 1024

    message = fails(1, "set", "current", "notes.big", "x" * limit)

    assert message.endswith(f"/notes.yaml takes {limit + len('big: ') + 1} bytes; {limit} is the limit")
