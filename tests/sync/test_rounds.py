"""Two machines and a server: what one sync does."""

import os
import shutil
from pathlib import Path

import pytest
from synctools import Machine, git

from orchestration.errors import NotFound, Refused
from orchestration.store.index import Index
from orchestration.sync import remotes
from orchestration.sync.refusals import Unreachable

TASK = ("projects", "shop", "tasks", "TASK-1")


def test_changes_go_and_come(pair):
    anna, ben = pair
    anna.save(TASK, {"title": "Log in", "points": 3})

    went = anna.sync()
    came = ben.sync()

    assert (went["went"]["changes"], went["came"]["changes"], went["merge"]) == (1, 0, None)
    assert (came["went"]["changes"], came["came"]["changes"], came["merge"]) == (0, 1, None)
    assert came["came"]["newest"][0]["subject"] == "anna saves TASK-1"
    assert ben.load(*TASK) == {"title": "Log in", "points": 3}
    assert ben.git("status", "--short") == ""


def test_two_people_edit_one_task_and_both_keep_their_work(pair):
    anna, ben = pair
    anna.save(TASK, {"title": "Log in", "points": 3, "labels": ["a"]})
    anna.sync(), ben.sync()
    anna.change(TASK, title="Log in and out", labels=["a", "x"])
    ben.change(TASK, points=5, labels=["a", "y"])
    anna.sync()

    done = ben.sync()
    anna.sync()

    # m1's clock had come less far, so its label is the earlier one
    both = {"title": "Log in and out", "points": 5, "labels": ["a", "y", "x"]}
    assert ben.load(*TASK) == anna.load(*TASK) == both
    assert done["merge"]["files"] == ["projects/shop/tasks/TASK-1.yaml"]
    assert done["merge"]["conflicts"] == []
    assert anna.tip == ben.tip
    assert ben.git("status", "--short") == ""
    assert ben.git("fsck", "--strict", "--no-dangling") == ""


def test_one_value_changed_on_both_sides_takes_the_later(pair):
    anna, ben = pair
    anna.save(TASK, {"title": "Log in", "points": 3})
    anna.sync(), ben.sync()
    ben.change(TASK, points=8)
    anna.change(TASK, points=5)
    anna.change(TASK, title="Sign in")  # a later commit, but not on this value
    ben.now = anna.now
    ben.change(TASK, title="Log on")
    anna.sync()

    done = ben.sync()

    assert sorted(done["merge"]["conflicts"]) == [
        "projects.shop.tasks.TASK-1.points",
        "projects.shop.tasks.TASK-1.title",
    ]
    assert ben.load(*TASK) == {"title": "Log on", "points": 5}


def test_two_machines_that_merge_the_same_heads_make_the_same_commit(pair, tmp_path):
    anna, ben = pair
    anna.save(TASK, {"title": "Log in"})
    ben.save(("projects", "shop", "tasks", "TASK-2"), {"title": "Log out"})
    for one, other, branch in ((anna, ben, "b"), (ben, anna, "a")):
        place = tmp_path / f"{branch}.git"
        git("init", "--quiet", "--bare", "-b", "main", str(place), at=tmp_path)
        git("push", "--quiet", str(place), "main", at=other.store.root)
        remotes.add(one.store, "other", str(place))
    ways = [remotes.find(one.store, "other") for one in (anna, ben)]

    from orchestration.sync import rounds

    for one, way in zip((anna, ben), ways, strict=True):
        rounds.sync(one.store, way, transaction=one.write, approve=lambda _: None, now=one.now)

    assert anna.tip == ben.tip


def test_a_dry_run_changes_nothing(pair):
    anna, ben = pair
    anna.save(TASK, {"title": "Log in"})
    anna.sync()
    ben.save(("projects", "shop", "tasks", "TASK-2"), {"title": "Log out"})
    before = ben.tip, git("rev-parse", "main", at=Path(ben.url))

    done = ben.sync(dry_run=True)

    assert (done["came"]["changes"], done["went"]["changes"]) == (1, 1)
    assert done["merge"] is not None
    assert (ben.tip, git("rev-parse", "main", at=Path(ben.url))) == before


def test_a_hand_edit_is_committed_before_the_merge(pair):
    anna, ben = pair
    anna.save(TASK, {"title": "Log in", "points": 3})
    anna.sync(), ben.sync()
    anna.change(TASK, points=5)
    anna.sync()
    file = ben.store.root / "projects/shop/tasks/TASK-1.yaml"
    file.write_text(file.read_text().replace("Log in", "Log on"))

    ben.sync()

    assert ben.load(*TASK) == {"title": "Log on", "points": 5}
    assert ben.git("status", "--short") == ""


def test_the_first_push_is_asked_for_and_shows_what_is_there(alone):
    shown = []

    def no(facts):
        shown.append(facts)
        raise Refused("not yet")

    with pytest.raises(Refused):
        alone.sync(approve=no)

    assert shown[0]["went"]["projects"] == ["shop"]
    assert git("for-each-ref", at=Path(alone.url)) == ""
    alone.sync()
    alone.save(TASK, {"title": "Log in"})
    alone.sync(approve=no)  # no longer asked
    assert len(shown) == 1


def test_an_unrelated_store_is_refused_with_the_way_out(alone, tmp_path, bare):
    alone.sync()
    ben = Machine(tmp_path / "ben", str(bare), "ben")
    ben.save(TASK, {"title": "Mine"})
    remotes.add(ben.store, "origin", str(bare))
    before = ben.tip

    with pytest.raises(Refused) as refused:
        ben.sync()

    assert refused.value.hint == (
        f"`orchestration join {bare} --as PROJECT` brings a project of this store into that one"
    )
    assert ben.tip == before


def test_a_remote_that_cannot_be_reached_is_one_line_and_changes_nothing(pair):
    anna, _ = pair
    anna.save(TASK, {"title": "Log in"})
    Path(anna.url).rename(anna.url + ".away")
    before = anna.tip

    with pytest.raises(Unreachable) as failed:
        anna.sync()

    assert failed.value.message.startswith(f"{anna.url} cannot be reached: ")
    assert "\n" not in failed.value.message
    assert (anna.tip, failed.value.exit_code) == (before, 1)


def test_backups_and_handoffs_go_along_both_ways(pair):
    anna, ben = pair
    anna.git("tag", "-a", "-m", "one", "backup/20260105T090000Z", "main")
    ben.git("branch", "handoff/a-to-b-20260105T090000Z", "main")

    anna.sync()
    ben.sync()
    done = anna.sync()

    assert done["came"]["handoffs"] == ["handoff/a-to-b-20260105T090000Z"]
    for one in pair:
        assert one.git("tag") == "backup/20260105T090000Z"
        assert "handoff/a-to-b-20260105T090000Z" in one.git("branch", "--format=%(refname:short)")


def test_a_backup_that_was_removed_here_does_not_come_back(pair):
    anna, ben = pair
    anna.git("tag", "-a", "-m", "one", "backup/20260105T090000Z", "main")
    anna.sync(), ben.sync()
    anna.git("tag", "-d", "backup/20260105T090000Z")

    anna.sync(), ben.sync(), anna.sync()

    assert (anna.git("tag"), ben.git("tag")) == ("", "backup/20260105T090000Z")


def test_backups_of_one_name_on_two_machines_are_both_kept(pair):
    anna, ben = pair
    for one in pair:
        one.git("tag", "-a", "-m", one.name, "backup/20260105T090000Z", "main")
    anna.sync(), ben.sync(), anna.sync(), ben.sync()

    for one in pair:
        messages = one.git("for-each-ref", "--format=%(contents:subject)", "refs/tags").split()
        assert {"anna", "m1"} <= set(messages)


def test_a_clock_that_is_ahead_is_reported_by_machine(pair):
    anna, ben = pair
    anna.now = ben.now.replace(hour=11)
    anna.save(TASK, {"title": "Log in"})
    anna.sync()

    done = ben.sync()

    name = anna.git("log", "-1", "--format=%ce").removeprefix("orchestration@")
    assert [(one["machine"], one["commits"]) for one in done["ahead"]] == [(name, 1)]
    assert 7000 < done["ahead"][0]["seconds"] < 7300


def test_the_index_knows_what_came(pair):
    anna, ben = pair
    anna.save(TASK, {"title": "Log in"})
    ben.save(("projects", "shop", "tasks", "TASK-2"), {"title": "Log out"})
    anna.sync(), ben.sync(), anna.sync()

    for one in pair:
        index = Index(one.store)
        index.catch_up(one.store.snapshot())
        assert set(index.updated("projects/shop/tasks")) == {
            "projects/shop/tasks/TASK-1.yaml",
            "projects/shop/tasks/TASK-2.yaml",
        }


def test_nothing_private_leaves_the_machine(pair):
    anna, _ = pair
    (anna.store.private / "presence").mkdir(exist_ok=True)
    (anna.store.private / "presence" / "s1").write_text("here")
    anna.save(TASK, {"title": "Log in"})
    anna.sync()

    names = git("ls-tree", "-r", "--name-only", "main", at=Path(anna.url)).splitlines()
    refs = git("for-each-ref", "--format=%(refname)", at=Path(anna.url)).splitlines()
    assert not [name for name in names if "presence" in name or name.startswith(".git/")]
    assert refs == ["refs/heads/main"]


def test_clone_refuses_a_repository_without_a_store(tmp_path, bare):
    ben = Machine(tmp_path / "ben", str(bare), "ben")

    with pytest.raises(NotFound):
        ben.clone()

    assert not (tmp_path / "ben").exists()


def test_a_cut_off_history_is_refused(pair, tmp_path):
    anna, _ = pair
    anna.save(TASK, {"title": "Log in"})
    anna.sync()
    git("clone", "--quiet", "--depth=1", f"file://{anna.url}", str(tmp_path / "cut"), at=tmp_path)
    cut = Machine(tmp_path / "cut", anna.url, "cut")

    with pytest.raises(Refused, match="cut off"):
        cut.sync()
    remotes.add(anna.store, "cut", str(tmp_path / "cut"))
    anna.save(TASK, {"title": "Log on"})
    ben = Machine(tmp_path / "ben2", str(tmp_path / "cut"), "ben")
    with pytest.raises(Refused, match="cut off"):
        ben.clone()


def test_nothing_to_do_opens_one_connection_and_a_change_two(pair, tmp_path, monkeypatch):
    anna, ben = pair
    real, log = shutil.which("git"), tmp_path / "calls"
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {real} "$@"\n')
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def connections(machine):
        log.write_text("")
        machine.sync()
        words = [word for line in log.read_text().splitlines() for word in line.split()]
        return [word for word in words if word in ("fetch", "push", "ls-remote")]

    assert connections(anna) == ["fetch"]
    anna.save(TASK, {"title": "Log in"})
    assert connections(anna) == ["fetch", "push"]
    assert connections(ben) == ["fetch"]
