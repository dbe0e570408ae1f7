"""A merge made by git line by line, without our driver, as on a server's web page."""

import pytest
from synctools import git

from orchestration.domain import conflicts

TASK = ("projects", "shop", "tasks", "TASK-1")
FILE = "projects/shop/tasks/TASK-1.yaml"


@pytest.fixture
def merged_elsewhere(pair, tmp_path):
    """Make a merge of anna's and ben's heads on the server, with what it makes of the task's file."""
    anna, ben = pair
    anna.save(TASK, {"id": "TASK-1", "title": "Log in", "column": "todo"})
    anna.sync(), ben.sync()

    def merged_elsewhere(text):
        place = tmp_path / "web"
        anna.change(TASK, points=3, title="Sign in")
        ben.change(TASK, points=3, labels=["a"])
        anna.sync()
        git("clone", "--quiet", anna.url, str(place), at=tmp_path)
        git("fetch", "--quiet", str(ben.store.root), "main", at=place)
        git("merge", "--quiet", "--no-commit", "-s", "ours", "FETCH_HEAD", at=place)
        (place / FILE).write_text(text)
        git("add", FILE, at=place)
        git("commit", "--quiet", "-m", "Merge branch", at=place)
        git("push", "--quiet", "origin", "main", at=place)

    return anna, ben, merged_elsewhere


def test_a_key_that_stands_twice_is_merged_again_by_meaning(merged_elsewhere):
    anna, ben, merge = merged_elsewhere
    merge("id: TASK-1\ntitle: Sign in\ncolumn: todo\npoints: 3\npoints: 3\nlabels:\n- a\n")

    done = anna.sync()
    ben.sync()

    assert done["healed"] == [FILE]
    both = {"id": "TASK-1", "title": "Sign in", "column": "todo", "points": 3, "labels": ["a"]}
    assert anna.load(*TASK) == ben.load(*TASK) == both
    assert anna.tip == ben.tip


def test_conflict_markers_are_merged_again_by_meaning(merged_elsewhere):
    anna, _, merge = merged_elsewhere
    merge("id: TASK-1\n<<<<<<< HEAD\ntitle: Sign in\n=======\ntitle: Log in\n>>>>>>> x\ncolumn: todo\n")

    assert anna.sync()["healed"] == [FILE]
    assert anna.load(*TASK)["labels"] == ["a"]


def test_a_record_that_no_command_would_write_is_made_whole(merged_elsewhere):
    anna, _, merge = merged_elsewhere
    merge("id: TASK-1\ntitle: Sign in\ncolumn: todo\npoints: 3\ncompleted_at: '2026-01-05T09:00:00Z'\n")

    assert anna.sync()["healed"] == [FILE]
    assert anna.load(*TASK)["completed_at"] is None


def test_a_merge_that_is_right_stays_as_it_is(merged_elsewhere):
    anna, _, merge = merged_elsewhere
    merge("id: TASK-1\ntitle: Sign in\ncolumn: todo\npoints: 3\nlabels:\n- a\n")

    done = anna.sync()

    assert (done["healed"], done["merge"], done["went"]["commits"]) == ([], None, 0)


def test_what_a_mended_record_lost_is_a_conflict(merged_elsewhere):
    anna, ben, merge = merged_elsewhere
    ben.change(TASK, title="Log on")
    merge("id: TASK-1\n<<<<<<< HEAD\ntitle: Sign in\n=======\ntitle: Log on\n>>>>>>> x\ncolumn: todo\n")

    done = anna.sync()

    assert done["conflicts"] == ["projects.shop.tasks.TASK-1.title"]
    (row,) = conflicts.listing(anna.store.snapshot())
    assert {row[side]["value"] for side in ("ours", "theirs")} == {"Sign in", "Log on"}
    assert {row[side]["by"] for side in ("ours", "theirs")} == {"anna", "m1"}


def test_a_wrong_kind_of_value_is_made_whole(merged_elsewhere):
    anna, _, merge = merged_elsewhere
    merge("id: TASK-1\ntitle: Sign in\ncolumn: todo\npoints: false\nsplit_into:\n- TASK-2\n")

    assert anna.sync()["healed"] == [FILE]
    assert anna.load(*TASK)["points"] is not False


def test_a_record_written_since_stays_as_it_is(merged_elsewhere):
    anna, ben, merge = merged_elsewhere
    merge("id: TASK-1\ntitle: Sign in\ncolumn: todo\npoints: 3\ncompleted_at: '2026-01-05T09:00:00Z'\n")
    anna.git("pull", "--quiet", "--no-rebase", "--no-edit", "origin", "main")
    anna.change(TASK, completed_at="2026-01-05T10:00:00Z")

    assert anna.sync()["healed"] == []
    ben.sync()
    assert ben.load(*TASK)["completed_at"] == "2026-01-05T10:00:00Z"
