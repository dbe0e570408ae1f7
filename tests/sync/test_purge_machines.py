"""A purge on a store that others share: nobody brings the value back, and nobody loses anything."""

import json

import pytest
from purgetools import MARK, TASK, VALUE, fill, found
from synctools import Machine, git

from orchestration.errors import NotFound, Refused
from orchestration.history import backups
from orchestration.sync import purging, remotes

OTHER = ("projects", "shop", "tasks", "TASK-2")


@pytest.fixture
def trio(alone, team):
    """Three machines that share a store with the value in it."""
    fill(alone)
    return team(3)


def purge(machine, value=VALUE):
    machine.now = machine.now.replace(minute=machine.now.minute + 1)
    return purging.purge(machine.store, value, transaction=machine.write, now=machine.now)


def reachable(machine):
    """Return how often the server's branches and tags lead to the value."""
    return git("log", "--all", "-p", "--format=%B", at=machine.url).count(MARK) + git(
        "for-each-ref", at=machine.url
    ).count(MARK)


def test_the_server_gets_the_new_history_and_nothing_of_the_former_comes_back(trio):
    anna, *_ = trio
    purge(anna)  # the word alone stays in the name of a branch, and in a record of its own

    shown = anna.sync(dry_run=True)
    done = anna.sync()

    assert shown["replaced"] == done["replaced"]
    assert [name.rpartition("-20")[0] or name.partition("2026")[0] for name in done["replaced"]] == [
        f"refs/heads/handoff/a-{MARK}-to-b",
        "refs/heads/main",
        "refs/tags/backup/",
    ]
    assert done["attempts"] == 1
    assert git("rev-parse", "main", at=anna.url) == anna.tip
    with pytest.raises(NotFound):
        purge(anna)
    assert (anna.sync()["replaced"], anna.sync()["went"]["commits"]) == ([], 0)


def test_who_has_the_former_history_is_refused_and_rejoins_with_their_changes(trio):
    anna, ben, cleo = trio
    ben.change(TASK, points=8)
    ben.save(OTHER, {"id": "TASK-2", "title": f"as in {VALUE}", "column": "todo"})
    with ben.write() as tx:
        backups.create(tx, "bens", message=f"of {VALUE}")
    purge(anna, MARK)
    anna.sync()

    with pytest.raises(Refused, match="was purged on another machine") as refused:
        ben.sync()
    assert refused.value.hint == "`state_manager sync --rejoin` takes your changes over to the new one"
    authors = ben.git("log", "-2", "--format=%an %ad %s")
    done = ben.sync(rejoin=True)
    cleo.sync(rejoin=True), anna.sync(), cleo.sync()

    assert (done["rejoined"]["carried"], done["rejoined"]["kept"], done["rejoined"]["left"]) == (3, [], [])
    assert ben.git("log", "--author=m1", "-2", "--format=%an %ad %s") == authors
    assert anna.tip == ben.tip == cleo.tip
    assert anna.load(*TASK) == {"id": "TASK-1", "title": "Handed over", "column": "todo", "points": 8}
    assert anna.load(*OTHER)["title"] == f"as in {VALUE}".replace(MARK, "purged")
    assert [found(one.store.root) for one in trio] == [[], [], []]
    assert reachable(anna) == 0
    assert len(backups.every(anna.store)) == len(backups.every(cleo.store)) == 2
    assert [one.git("status", "--short") for one in trio] == ["", "", ""]
    assert [one.git("fsck", "--strict", "--no-dangling") for one in trio] == ["", "", ""]


def test_what_others_sent_meanwhile_is_carried_over(trio):
    anna, ben, cleo = trio
    ben.change(TASK, points=8)
    ben.sync(), cleo.sync()
    cleo.change(TASK, labels=["x"])
    purge(anna, MARK)

    done = anna.sync()
    ben.sync(rejoin=True), cleo.sync(rejoin=True), anna.sync(), ben.sync()

    assert done["came"]["by"] == {"m1": 1}
    assert anna.tip == ben.tip == cleo.tip
    assert anna.load(*TASK)["points"] == 8 and anna.load(*TASK)["labels"] == ["x"]
    assert [found(one.store.root) for one in trio] == [[], [], []]
    assert reachable(anna) == 0
    subjects = anna.git("log", "--format=%an %s").splitlines()
    assert subjects.count("m1 m1 saves TASK-1") == subjects.count("m2 m2 saves TASK-1") == 1


def test_a_value_that_cannot_be_told_stays_purged_where_both_changed_it(pair):
    anna, ben = pair
    anna.save(TASK, {"id": "TASK-1", "title": f"{MARK} a", "column": "todo"})
    anna.save(OTHER, {"id": "TASK-2", "title": "other-value b", "column": "todo"})
    anna.sync(), ben.sync()
    ben.change(TASK, title=f"{MARK} changed", points=3)
    ben.change(OTHER, points=5)
    purge(anna, MARK), purge(anna, "other-value")
    anna.sync()

    done = ben.sync(rejoin=True)
    anna.sync()

    assert done["rejoined"]["kept"] == ["projects.shop.tasks.TASK-1.title"]
    assert done["rejoined"]["left"] is None
    assert ben.load(*TASK) == {"id": "TASK-1", "title": "[purged] a", "column": "todo", "points": 3}
    assert ben.load(*OTHER) == {"id": "TASK-2", "title": "[purged] b", "column": "todo", "points": 5}
    assert anna.tip == ben.tip
    assert [found(one.store.root, mark) for one in pair for mark in (MARK, "other-value")] == [[]] * 4


def test_two_who_purge_different_values_end_together_after_one_purges_again(pair):
    anna, ben = pair
    anna.save(TASK, {"id": "TASK-1", "title": "first-value and other-value", "column": "todo"})
    anna.sync(), ben.sync()
    ben.save(OTHER, {"id": "TASK-2", "title": "mine", "column": "todo"})
    purge(anna, "first-value")
    again = purge(ben, "other-value")["purge"]
    anna.sync()

    with pytest.raises(Refused, match="was purged on another machine"):
        ben.sync()
    done = ben.sync(rejoin=True)
    assert done["rejoined"]["again"] == [again]
    purge(ben, "other-value")
    ben.sync(), anna.sync(rejoin=True)

    assert anna.tip == ben.tip
    assert anna.load(*TASK)["title"] == "[purged] and [purged]"
    assert anna.load(*OTHER)["title"] == "mine"
    assert [found(one.store.root, mark) for one in pair for mark in ("first-value", "other-value")] == [
        []
    ] * 4


def test_a_second_remote_and_one_named_later_are_replaced_as_well(pair, tmp_path):
    anna, ben = pair
    anna.save(TASK, {"id": "TASK-1", "title": MARK, "column": "todo"})
    anna.sync(), ben.sync()
    second = tmp_path / "second.git"
    git("init", "--quiet", "--bare", "-b", "main", str(second), at=tmp_path)
    ben.git("push", "--quiet", str(second), "main")
    purge(anna, MARK)
    anna.sync()
    remotes.remove(anna.store, "origin")
    remotes.add(anna.store, "second", str(second))

    done = anna.sync()

    assert done["replaced"] == ["refs/heads/main"]
    assert git("rev-parse", "main", at=second) == anna.tip
    assert found(anna.store.root) == []


def test_a_server_that_takes_no_force_says_so(pair):
    anna, _ = pair
    anna.save(TASK, {"id": "TASK-1", "title": MARK, "column": "todo"})
    anna.sync()
    git("config", "receive.denyNonFastForwards", "true", at=anna.url)
    purge(anna, MARK)

    with pytest.raises(Refused, match="does not let the history be replaced"):
        anna.sync()

    git("config", "receive.denyNonFastForwards", "false", at=anna.url)
    assert anna.sync()["replaced"] == ["refs/heads/main"]


def test_a_clone_made_afterwards_is_an_ordinary_one(pair, tmp_path, bare):
    anna, _ = pair
    anna.save(TASK, {"id": "TASK-1", "title": MARK, "column": "todo"})
    anna.sync()
    purge(anna, MARK)
    anna.sync()

    dora = Machine(tmp_path / "dora", str(bare), "dora", skew=0.5)
    dora.clone()
    dora.change(TASK, points=1)
    dora.sync(), anna.sync()

    assert anna.tip == dora.tip
    assert (
        json.dumps(anna.load(*TASK)) == '{"id": "TASK-1", "title": "[purged]", "column": "todo", "points": 1}'
    )
