"""A merge that a person made with `git pull` and our driver: what several records mean is settled afterwards."""

import sys

import pytest

from orchestration.domain import conflicts, sprints, tasks

NINE, TEN, ELEVEN = (f"2026-01-05T{hour:02}:00:00Z" for hour in (9, 10, 11))
TASK = ("projects", "shop", "tasks", "TASK-1")
ARCHIVED = ("projects", "shop", "archive", "s1", "TASK-1")


@pytest.fixture
def crew(pair, tmp_path, monkeypatch):
    """Two machines, with the command `orchestration` where git finds it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "orchestration").write_text(f'#!/bin/sh\nexec {sys.executable} -m orchestration "$@"\n')
    (folder / "orchestration").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return pair


def sprint(name):
    return ("projects", "shop", "sprints", name)


def task(name):
    return ("projects", "shop", "tasks", name)


def shared(pair, records):
    first, second = pair
    for key, record in records.items():
        first.save(key, record)
    first.sync(), second.sync()


def pull(machine):
    machine.git("pull", "--quiet", "--no-rebase", "--no-edit")


def told(machine):
    return [one["path"] for one in conflicts.listing(machine.store.snapshot())]


@pytest.fixture
def both_started(crew):
    """Anna's s1, started later, is shared; Ben's s2, started first, is not."""
    anna, ben = crew
    shared(crew, {sprint(name): sprints.new(name, name, {}, now=NINE, config=None) for name in ("s1", "s2")})
    for one, name, at in ((anna, "s1", ELEVEN), (ben, "s2", TEN)):
        one.save(sprint(name), sprints.start(one.load(*sprint(name)), {}, now=at, config=None, active=[]))
    anna.sync()
    pull(ben)
    assert [ben.load(*sprint(name))["status"] for name in ("s1", "s2")] == ["active", "active"]
    return anna, ben


@pytest.mark.parametrize("pushed", [False, True])
def test_too_many_active_sprints_are_settled_by_the_next_sync(both_started, pushed):
    anna, ben = both_started
    if pushed:
        ben.git("push", "--quiet")

    done = ben.sync()
    anna.sync()

    assert done["healed"] == ["projects/shop/sprints/s1.yaml"]
    assert done["conflicts"] == ["projects.shop.sprints.s1.status"]
    assert [anna.load(*sprint(name))["status"] for name in ("s1", "s2")] == ["planned", "active"]
    assert told(anna) == told(ben) == ["projects.shop.sprints.s1.status"]
    assert anna.tip == ben.tip
    assert (ben.sync()["healed"], anna.sync()["healed"]) == ([], [])


def test_who_fetches_the_merge_settles_it_as_well_and_both_agree(both_started):
    anna, ben = both_started
    ben.git("push", "--quiet")

    assert anna.sync()["healed"] == ["projects/shop/sprints/s1.yaml"]
    ben.sync()
    anna.sync()

    assert [ben.load(*sprint(name))["status"] for name in ("s1", "s2")] == ["planned", "active"]
    assert told(ben) == ["projects.shop.sprints.s1.status"]
    assert anna.tip == ben.tip


def test_what_somebody_settled_meanwhile_stays_so(both_started):
    anna, ben = both_started
    ben.change(sprint("s2"), status="completed", completed_at=ELEVEN)

    assert ben.sync()["healed"] == []
    anna.sync()
    assert [anna.load(*sprint(name))["status"] for name in ("s1", "s2")] == ["active", "completed"]
    assert told(anna) == []


def test_dependencies_that_make_a_circle_are_opened(crew):
    anna, ben = crew
    shared(crew, {task(name): tasks.new(name, {}, now=NINE) for name in ("TASK-1", "TASK-2")})
    anna.change(task("TASK-1"), depends_on=["TASK-2"])
    anna.sync()
    ben.change(task("TASK-2"), depends_on=["TASK-1"])
    pull(ben)

    assert ben.sync()["healed"] == ["projects/shop/tasks/TASK-2.yaml"]
    anna.sync()

    assert [anna.load(*task(name))["depends_on"] for name in ("TASK-1", "TASK-2")] == [["TASK-2"], []]
    assert told(anna) == ["projects.shop.tasks.TASK-2.depends_on"]


def test_a_sprint_that_is_named_comes_back(crew):
    anna, ben = crew
    shared(
        crew,
        {
            sprint("s1"): sprints.new("s1", "s1", {}, now=NINE, config=None),
            TASK: tasks.new("TASK-1", {}, now=NINE),
        },
    )
    anna.delete(*sprint("s1"))
    anna.sync()
    ben.change(TASK, sprint_id="s1")
    pull(ben)

    ben.sync()
    anna.sync()

    assert anna.load(*sprint("s1"))["name"] == "s1"
    assert told(anna) == ["projects.shop.sprints.s1"]


def test_one_record_is_made_whole_at_once(crew):
    anna, ben = crew
    shared(crew, {TASK: tasks.move(tasks.new("TASK-1", {}, now=NINE), "todo", now=NINE)})
    anna.save(TASK, tasks.move(anna.load(*TASK), "done", now=TEN))
    anna.sync()
    ben.save(TASK, tasks.claim(ben.load(*TASK), agent="ben", session="s", now=ELEVEN))
    pull(ben)

    assert (ben.load(*TASK)["column"], ben.load(*TASK)["claim"]) == ("done", None)
    assert ben.sync()["healed"] == []


def test_a_task_archived_there_and_described_here_is_one_task(crew):
    anna, ben = crew
    shared(crew, {TASK: tasks.move(tasks.new("TASK-1", {}, now=NINE), "done", now=NINE)})
    with anna.write() as tx:
        tx.save(ARCHIVED, tx.load(*TASK))
        tx.delete(*TASK)
        tx.describe("sprint_archived", "sprint: archive s1")
    anna.sync()
    ben.change(TASK, description="how")
    ben.git("fetch", "--quiet")
    with pytest.raises(AssertionError):  # this way git knows of no renaming and stops
        ben.git("merge", "--quiet", "-s", "resolve", "origin/main")
    ben.git("add", "-A")
    ben.git("commit", "--quiet", "--no-edit")
    assert (ben.load(*TASK)["description"], ben.load(*ARCHIVED)["description"]) == ("how", None)

    ben.sync()
    anna.sync()

    assert anna.load(*TASK) is None
    assert anna.load(*ARCHIVED)["description"] == "how"
    assert told(anna) == []
