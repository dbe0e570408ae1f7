"""A project gets a store of its own: its history goes along, nothing of the others does."""

import pytest
from synctools import Machine, git

from orchestration.errors import Refused
from orchestration.store.repo import Store
from orchestration.sync import moving


@pytest.fixture
def common(tmp_path):
    """A store with projects shop and secret, and a session of each."""
    anna = Machine(tmp_path / "anna", "/nowhere", "anna")
    for project in ("shop", "secret"):
        anna.save(("projects", project, "config"), {"project_id": project})
        anna.save(("sessions", f"of-{project}", "session"), {"id": f"of-{project}", "project": project})
        anna.save(("projects", project, "tasks", "TASK-1"), {"id": "TASK-1", "title": f"{project} one"})
        anna.change(("projects", project, "tasks", "TASK-1"), title=f"{project} two")
    return anna


def move(machine, target, **options):
    return moving.move_out(
        machine.store, "shop", target, transaction=machine.write, author="anna", now=machine.now, **options
    )


def test_the_history_goes_along_and_nothing_of_the_others(common, tmp_path):
    target = tmp_path / "own"

    done = move(common, target)

    own = Store(target)
    assert own.snapshot().names("projects") == ["shop"]
    assert own.snapshot().names("sessions") == ["of-shop"]
    assert own.snapshot().load("projects", "shop", "tasks", "TASK-1")["title"] == "shop two"
    log = git("log", "--format=%s", "--", "projects/shop/tasks/TASK-1.yaml", at=target).splitlines()
    assert len(log) == 2
    everything = git("cat-file", "--batch-all-objects", "--batch", at=target)
    assert "secret" not in everything
    assert git("fsck", "--strict", at=target) == ""
    assert git("status", "--short", at=target) == ""
    assert not (target / ".git/objects/info/alternates").exists()
    assert (done["commits"], done["sessions"]) == (5, ["of-shop"])


def test_here_it_is_gone_by_one_commit(common, tmp_path):
    before = common.tip

    move(common, tmp_path / "own")

    assert common.store.snapshot().names("projects") == ["secret"]
    assert common.store.snapshot().names("sessions") == ["of-secret"]
    tip = common.store.snapshot().tip
    assert tip is not None and tip.parents == (before,)
    assert common.git("status", "--short") == ""


def test_a_dry_run_changes_nothing(common, tmp_path):
    before = common.tip

    done = move(common, tmp_path / "own", dry_run=True)

    assert (done["sessions"], common.tip) == (["of-shop"], before)
    assert not (tmp_path / "own").exists()


def test_a_place_that_is_taken_is_refused(common, tmp_path):
    move(common, tmp_path / "own")
    common.save(("projects", "shop", "config"), {"project_id": "shop"})

    with pytest.raises(Refused, match="already"):
        move(common, tmp_path / "own")
