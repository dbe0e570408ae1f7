"""A synced store in the hands of plain git: its branch follows the remote."""

from pathlib import Path

import pytest
from synctools import git

from orchestration.sync import remotes

TASK = ("projects", "shop", "tasks", "TASK-1")


@pytest.fixture
def shared(alone):
    alone.sync()
    return alone


def test_a_synced_branch_is_pulled_pushed_and_compared_without_naming_a_remote(shared):
    assert shared.git("status", "-sb") == "## main...origin/main"
    shared.save(TASK, {"title": "Log in"})
    assert shared.git("status", "-sb") == "## main...origin/main [ahead 1]"

    shared.git("push", "--quiet")
    shared.git("pull", "--quiet")

    assert git("rev-parse", "main", at=Path(shared.url)) == shared.tip
    assert shared.git("status", "-sb") == "## main...origin/main"


def test_nothing_follows_before_it_was_shared(alone):
    alone.sync(dry_run=True)

    assert alone.git("status", "-sb") == "## main"


def test_a_branch_that_follows_somewhere_else_is_left_alone(shared, tmp_path):
    git("init", "--quiet", "--bare", "-b", "main", str(tmp_path / "second.git"), at=tmp_path)
    remotes.add(shared.store, "second", str(tmp_path / "second.git"))

    from orchestration.sync import rounds

    way = remotes.find(shared.store, "second")
    rounds.sync(shared.store, way, transaction=shared.write, approve=lambda _: None, now=shared.now)

    assert shared.git("config", "branch.main.remote") == "origin"


def test_a_remote_that_is_forgotten_is_followed_no_longer(shared):
    shared.git("config", "branch.main.rebase", "true")

    remotes.remove(shared.store, "origin")

    assert shared.git("status", "-sb") == "## main"
    assert shared.git("config", "--get-regexp", r"^branch\.") == "branch.main.rebase true"
    assert shared.git("for-each-ref", "refs/remotes") == ""
