"""Plain git in a store: a person's merge goes by meaning, and a difference is readable."""

import sys

import pytest
from synctools import git

from orchestration import codec
from orchestration.sync import drivers

TASK = ("projects", "shop", "tasks", "TASK-1")


@pytest.fixture
def on_path(tmp_path, monkeypatch):
    """The command `orchestration` where git finds it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "orchestration").write_text(f'#!/bin/sh\nexec {sys.executable} -m orchestration "$@"\n')
    (folder / "orchestration").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


@pytest.fixture
def apart(pair, on_path):  # noqa: ARG001
    """Two machines that know TASK-1."""
    anna, ben = pair
    anna.save(TASK, {"title": "Log in", "points": 3, "labels": ["a"]})
    anna.sync(), ben.sync()
    return anna, ben


def test_git_pull_merges_by_meaning(apart):
    anna, ben = apart
    anna.change(TASK, title="Sign in", labels=["a", "b"])
    anna.sync()
    ben.change(TASK, points=5, labels=["a", "c"])

    ben.git("pull", "--quiet", "--no-rebase", "--no-edit")

    assert ben.load(*TASK) == {"title": "Sign in", "points": 5, "labels": ["a", "b", "c"]}
    ben.sync(), anna.sync()
    assert anna.tip == ben.tip


def test_git_merge_stops_where_both_sides_changed_a_value_and_writes_no_markers(apart):
    anna, ben = apart
    anna.change(TASK, title="Sign in")
    anna.sync()
    ben.change(TASK, title="Log on", points=5)
    ben.git("fetch", "--quiet")

    with pytest.raises(AssertionError) as stopped:
        ben.git("merge", "--quiet", "origin/main")

    assert 'both sides changed projects.shop.tasks.TASK-1.title: ours "Log on", theirs "Sign in"' in str(
        stopped.value
    )
    text = (ben.store.root / "projects/shop/tasks/TASK-1.yaml").read_text()
    assert "<<<<" not in text
    assert "Log on" in text


def test_git_diff_names_paths(apart):
    _, ben = apart
    ben.change(TASK, points=5)

    shown = ben.git("diff", "HEAD~1").splitlines()

    assert [line for line in shown if line[:1] in "+-" and line[:3] not in ("+++", "---")] == [
        "-points: 3",
        "+points: 5",
    ]


def test_installing_twice_changes_nothing(apart):
    _, ben = apart
    files = [ben.store.git_dir / "config", ben.store.git_dir / "info" / "attributes"]
    before = [file.read_text() for file in files]

    drivers.install(ben.store)

    assert [file.read_text() for file in files] == before
    assert git("check-attr", "merge", "--", "projects/shop/tasks/TASK-1.yaml", at=ben.store.root).endswith(
        "merge: orchestration"
    )


def test_the_first_claim_stands_and_git_says_so():
    claims = [
        {"agent": name, "session": name, "at": f"2026-01-05T{at}:00:00Z"}
        for name, at in (("b", 10), ("a", 9))
    ]
    versions = [{"id": "TASK-1", "column": "todo", "claim": claim} for claim in (None, *claims)]

    data, conflicts = drivers.merged(
        *(codec.dump(one) for one in versions), "projects/shop/tasks/TASK-1.yaml"
    )

    assert codec.load(data, name="it")["claim"]["agent"] == "a"
    (said,) = map(drivers.said, conflicts)
    assert said.startswith("projects.shop.tasks.TASK-1.claim: ours ")
    assert said.endswith("; theirs stands")


def test_without_the_command_git_goes_line_by_line(pair, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    anna, ben = pair
    anna.save(TASK, {"a": 1, "b": 1, "c": 1, "d": 1, "title": "Log in"})
    anna.sync(), ben.sync()
    anna.change(TASK, a=2)
    anna.sync()
    ben.change(TASK, title="Sign in")

    ben.git("pull", "--quiet", "--no-rebase", "--no-edit")
    seen = ben.git("log", "-p", "--format=%s")

    assert ben.load(*TASK) == {"a": 2, "b": 1, "c": 1, "d": 1, "title": "Sign in"}
    assert "\n+title: Sign in" in seen


def test_without_the_command_a_merge_stops_at_lines_that_both_changed(pair, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    anna, ben = pair
    anna.save(TASK, {"title": "Log in"})
    anna.sync(), ben.sync()
    anna.change(TASK, title="Sign in")
    anna.sync()
    ben.change(TASK, title="Log on")
    ben.git("fetch", "--quiet")

    with pytest.raises(AssertionError):
        ben.git("merge", "origin/main")

    assert ben.git("ls-files", "--unmerged") != ""
    assert "<<<<<<< " in (ben.store.root / "projects/shop/tasks/TASK-1.yaml").read_text()
