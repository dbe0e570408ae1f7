"""The records of conflicts: the same from every machine, read back as they were."""

from datetime import UTC, datetime

import pytest

from orchestration import codec
from orchestration.domain import conflicts, resolving
from orchestration.domain.conflicts import Version
from orchestration.errors import InvalidData, NotFound, Refused
from orchestration.merge import Conflict
from orchestration.paths import MISSING
from orchestration.store.repo import Store

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TASK = ("projects", "myapp", "tasks", "TASK-1")
POINTS = Conflict((*TASK, "points"), 3, 5, 8, "theirs")
ANA = Version("ana", "2026-01-05T09:00:00Z", "k7q2", "a" * 40)
BEN = Version("ben", "2026-01-05T10:00:00Z", "m4xs", "b" * 40)


def mirrored(conflict):
    chosen = "ours" if conflict.chosen == "theirs" else "theirs"
    return conflict._replace(ours=conflict.theirs, theirs=conflict.ours, chosen=chosen)


@pytest.mark.parametrize(
    "conflict",
    [
        POINTS,
        POINTS._replace(ours=MISSING),
        POINTS._replace(base=MISSING, theirs=None),
        POINTS._replace(path=TASK),
    ],
)
def test_both_machines_write_the_same_record(conflict):
    one = conflicts.record(conflict, ANA, BEN)
    other = conflicts.record(mirrored(conflict), BEN, ANA)

    assert one == other
    assert codec.load(codec.dump(one[1]), name="x") == one[1]


def test_the_record_says_where_what_who_and_when():
    key, record = conflicts.record(POINTS, ANA, BEN)

    assert key == ("projects", "myapp", "conflicts", record["id"])
    assert {name: fact for name, fact in record.items() if name != "id"} == {
        "path": "projects.myapp.tasks.TASK-1.points",
        "chosen": "theirs",
        "base": 3,
        "ours": 5,
        "theirs": 8,
        "ours_by": "ana",
        "ours_at": "2026-01-05T09:00:00Z",
        "ours_machine": "k7q2",
        "ours_commit": "a" * 40,
        "theirs_by": "ben",
        "theirs_at": "2026-01-05T10:00:00Z",
        "theirs_machine": "m4xs",
        "theirs_commit": "b" * 40,
    }


def test_what_belongs_to_no_project_is_kept_at_the_top():
    key, _ = conflicts.record(POINTS._replace(path=("sessions", "s1", "notes", "a.b")), ANA, BEN)

    assert key[:1] == ("conflicts",)


def test_other_values_and_other_commits_are_other_conflicts():
    ids = {
        conflicts.record(conflict, one, BEN)[0]
        for conflict in (POINTS, POINTS._replace(ours=6))
        for one in (ANA, ANA._replace(commit="c" * 40))
    }

    assert len(ids) == 4


def test_values_too_large_to_be_kept_twice_are_left_to_the_commits():
    text = "x" * 900_000
    key, record = conflicts.record(Conflict(TASK, {"a": ""}, {"a": text}, {"b": text}, "theirs"), ANA, BEN)

    assert record["left_out"] == ["base", "theirs"]
    assert record["ours"] == {"a": text}


# -- in a store


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "state")
    with store.transaction(author="ana", now=NOW) as tx:
        task = {"id": "TASK-1", "title": "Log in", "column": "todo", "points": 8, "created_at": "2026-01-05T09:00:00Z",
                "blockers": [{"id": "BLK-1.2", "reason": "keys", "severity": "high"}]}  # fmt: skip
        tx.save(TASK, task)
        tx.describe("task_created", "task: make TASK-1")
    return store


def keep(store, *found):
    with store.transaction(author="ana", now=NOW) as tx:
        for conflict in found:
            tx.save(*conflicts.record(conflict, ANA, BEN))
        tx.describe("state_set", "conflict: x")


def resolve(store, place, **how):
    with store.transaction(author="ana", now=NOW) as tx:
        resolving.resolve(tx, place, session=None, now="2026-01-05T12:00:00Z", **how)
    return store.snapshot().load(*TASK)


def test_who_looks_sees_what_this_machine_wrote_as_ours(store):
    keep(store, POINTS)
    reader = store.snapshot()

    seen = {
        machine: {name: conflicts.listing(reader, machine=machine)[0][name] for name in ("ours", "stands")}
        for machine in ("k7q2", "m4xs", "zzzz")
    }

    assert {machine: (one["ours"]["by"], one["stands"]) for machine, one in seen.items()} == {
        "k7q2": ("ana", "theirs"),
        "m4xs": ("ben", "ours"),
        "zzzz": ("ana", "theirs"),
    }


def test_a_later_write_leaves_the_conflict_and_is_shown(store):
    keep(store, POINTS)
    with store.transaction(author="ana", now=NOW) as tx:
        tx.save(TASK, {**tx.load(*TASK), "points": 13})
        tx.describe("task_estimated", "task: TASK-1 13")

    row = conflicts.listing(store.snapshot(), project="myapp")[0]

    assert (row["now"], row["changed"]) == ({"value": 13, "deleted": False}, True)


def test_a_side_another_value_or_what_stands(store):
    place = "projects.myapp.tasks.TASK-1.points"
    for how, points in (({"side": "ours"}, 5), ({"side": "theirs"}, 8), ({"value": "13"}, 13), ({}, 13)):
        keep(store, POINTS)
        assert resolve(store, place, **how)["points"] == points
        assert conflicts.listing(store.snapshot()) == []


def test_a_column_takes_its_times_along(store):
    keep(store, Conflict((*TASK, "column"), "backlog", "done", "todo", "theirs"))

    assert resolve(store, "projects.myapp.tasks.TASK-1.column", side="ours")["completed_at"] is not None


def test_an_item_of_a_list_is_found_by_its_id(store):
    path = (*TASK, "blockers", "BLK-1.2", "severity")
    keep(store, Conflict(path, "low", "critical", "high", "theirs"))

    found = resolve(store, 'projects.myapp.tasks.TASK-1.blockers["BLK-1.2"].severity', side="ours")

    assert found["blockers"] == [{"id": "BLK-1.2", "reason": "keys", "severity": "critical"}]


def test_a_deletion_is_taken_after_all_or_the_change_kept_as_it_is_now(store):
    record = store.snapshot().load(*TASK)
    deleted = Conflict(TASK, record, MISSING, {**record, "title": "old"}, "theirs")

    keep(store, deleted)
    assert (
        resolve(store, "projects.myapp.tasks.TASK-1", side="theirs") == record
    )  # written since: not put back
    keep(store, deleted)
    assert resolve(store, "projects.myapp.tasks.TASK-1", side="ours") is None


def test_a_task_that_was_archived_meanwhile_is_found(store):
    keep(store, POINTS)
    archive = ("projects", "myapp", "archive", "s1", "TASK-1")
    with store.transaction(author="ana", now=NOW) as tx:
        tx.save(archive, tx.load(*TASK))
        tx.delete(*TASK)
        tx.describe("sprint_archived", "sprint: archive s1")

    assert resolve(store, "projects.myapp.tasks.TASK-1.points", side="ours") is None
    assert store.snapshot().load(*archive)["points"] == 5


def test_refusals(store):
    keep(store, POINTS, POINTS._replace(ours=1))
    place = "projects.myapp.tasks.TASK-1.points"

    with pytest.raises(Refused, match="several conflicts have this path: C-"):
        resolve(store, place, side="ours")
    with pytest.raises(InvalidData, match="points"):
        resolve(store, place, value="many")
    with pytest.raises(NotFound, match="no conflict at"):
        resolve(store, "projects.myapp.tasks.TASK-1.title", side="ours")
    with pytest.raises(NotFound, match="no conflict at"):
        resolve(store, "C-000000000000")
    assert len(conflicts.listing(store.snapshot())) == 2


def test_one_active_sprint_too_many_is_refused(store):
    sprints = {name: ("projects", "myapp", "sprints", name) for name in ("s1", "s2")}
    with store.transaction(author="ana", now=NOW) as tx:
        for name, status in (("s1", "active"), ("s2", "planned")):
            tx.save(sprints[name], {"id": name, "name": name, "status": status})
        tx.describe("sprint_created", "sprint: x")
    keep(store, Conflict((*sprints["s2"], "status"), "planned", "active", "planned", "theirs"))

    with pytest.raises(Refused, match="sprint 's2' cannot be active: s1 is"):
        resolve(store, "projects.myapp.sprints.s2.status", side="ours")
