"""What records of two machines mean together, and the conflicts that a merge leaves."""

import json

import pytest

from orchestration.domain import settling, splitting, sprints, tasks
from orchestration.domain.conflicts import Version
from orchestration.domain.settling import Versions
from orchestration.merge import canonical, merge

NINE, TEN, ELEVEN = (f"2026-01-05T{hour:02}:00:00Z" for hour in (9, 10, 11))
TOP = ("projects", "myapp")


class State(dict):
    """Records by key, read as a snapshot is."""

    def load(self, *key):
        return json.loads(json.dumps(self.get(key)))

    def names(self, *key):
        return sorted({one[len(key)] for one in self if one[: len(key)] == key and len(one) > len(key)})

    def exists(self, *key):
        return key in self


def version(side, _):
    return Version("ana" if side == "ours" else "ben", TEN, side[:2] + "q2", side[0] * 40)


def finished(base, ours, theirs):
    """Merge two states file by file and finish; returns the whole state, without conflicts, and those."""
    base, ours, theirs = (State(one) for one in (base, ours, theirs))
    sides, found, merged = (set(), set()), [], State()
    for key in {**base, **ours, **theirs}:
        versions = [one.get(key) for one in (base, ours, theirs)]
        moved = [canonical(one) != canonical(versions[0]) for one in versions[1:]]
        for side, has_moved in zip(sides, moved, strict=True):
            if has_moved:
                side.add(key)
        result = merge(*versions, lambda _: None, at=key)
        found += result.conflicts
        if result.value is not None:
            merged[key] = result.value
    states = Versions(base, ours, theirs, merged)
    written = settling.finish(
        states, changed=set.union(*sides), both=set.intersection(*sides), fewer=min(sides, key=len),
        conflicts=found, version=version,
    )  # fmt: skip
    merged.update(written)
    conflicts = {key: one for key, one in merged.items() if "conflicts" in key}
    left = {key: one for key, one in merged.items() if one is not None and key not in conflicts}
    return left, sorted((one["path"], one.get("chosen")) for one in conflicts.values())


def both_ways(base, ours, theirs):
    one, other = finished(base, ours, theirs), finished(base, theirs, ours)
    assert one[0] == other[0]
    assert [path for path, _ in one[1]] == [path for path, _ in other[1]]
    return one


def key(kind, name):
    return (*TOP, kind, name)


def task(name, **given):
    return {key("tasks", name): tasks.new(name, given, now=NINE)}


def sprint(name, **given):
    return {key("sprints", name): sprints.new(name, name, given, now=NINE, config=None)}


def changed(state, where, **fields):
    return {**state, where: {**state[where], **fields}}


def without(state, *keys):
    return {where: one for where, one in state.items() if where not in keys}


def test_nothing_that_clashes_needs_nothing():
    base = task("TASK-1") | task("TASK-2")
    ours, theirs = (
        changed(base, key("tasks", "TASK-1"), points=3),
        changed(base, key("tasks", "TASK-2"), points=5),
    )

    left, conflicts = both_ways(base, ours, theirs)

    assert [left[key("tasks", name)]["points"] for name in ("TASK-1", "TASK-2")] == [3, 5]
    assert conflicts == []


def test_a_value_both_changed_becomes_a_record():
    base = task("TASK-1")
    sides = [changed(base, key("tasks", "TASK-1"), points=points) for points in (3, 5)]

    left, conflicts = both_ways(base, *sides)

    assert left[key("tasks", "TASK-1")]["points"] == 5
    assert conflicts == [("projects.myapp.tasks.TASK-1.points", "theirs")]


# -- a task archived here and changed there


def archived(state, name, sprint_name):
    where = key("tasks", name)
    return {**without(state, where), (*TOP, "archive", sprint_name, name): state[where]}


def test_a_note_on_a_task_that_was_archived_follows_it():
    base = sprint("s1") | {
        key("tasks", "TASK-1"): tasks.move(task("TASK-1")[key("tasks", "TASK-1")], "done", now=TEN)
    }

    left, conflicts = both_ways(
        base, archived(base, "TASK-1", "s1"), changed(base, key("tasks", "TASK-1"), description="how")
    )

    assert key("tasks", "TASK-1") not in left
    assert left[(*TOP, "archive", "s1", "TASK-1")]["description"] == "how"
    assert conflicts == []


def test_a_task_that_was_opened_again_leaves_the_archive():
    done = tasks.move(task("TASK-1")[key("tasks", "TASK-1")], "done", now=TEN)
    base = sprint("s1") | {key("tasks", "TASK-1"): done}
    again = {**base, key("tasks", "TASK-1"): tasks.move(done, "in_progress", now=ELEVEN, reopen="broken")}

    left, conflicts = both_ways(base, archived(base, "TASK-1", "s1"), again)

    assert left[key("tasks", "TASK-1")]["column"] == "in_progress"
    assert (*TOP, "archive", "s1", "TASK-1") not in left
    assert conflicts == []


# -- deleted here and named there


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [("sprints", "sprint_id", "x"), ("epics", "epic_id", "x"), ("tasks", "depends_on", ["x"])],
)
def test_what_one_side_deleted_and_the_other_names_stays(kind, field, value):
    base = task("TASK-1") | {key(kind, "x"): {"id": "x", "title": "x", "created_at": NINE}}

    left, conflicts = both_ways(
        base, without(base, key(kind, "x")), changed(base, key("tasks", "TASK-1"), **{field: value})
    )

    assert left[key(kind, "x")] == base[key(kind, "x")]
    assert left[key("tasks", "TASK-1")][field] == value
    assert [path for path, _ in conflicts] == [f"projects.myapp.{kind}.x"]


def test_what_was_deleted_does_not_come_back_for_a_name_that_was_there_before():
    base = task("TASK-1", epic_id="x") | {key("epics", "x"): {"id": "x", "title": "x"}}

    left, conflicts = both_ways(
        base, without(base, key("epics", "x")), changed(base, key("tasks", "TASK-1"), points=3)
    )

    assert key("epics", "x") not in left
    assert conflicts == []


# -- sprints


def started(state, name, at):
    one = sprints.start(state[key("sprints", name)], {}, now=at, config=None, active=[])
    return {**state, key("sprints", name): one}


def test_of_two_sprints_that_were_started_the_first_stays_active():
    base = sprint("s1") | sprint("s2")

    left, conflicts = both_ways(base, started(base, "s1", ELEVEN), started(base, "s2", TEN))

    assert [left[key("sprints", name)]["status"] for name in ("s1", "s2")] == ["planned", "active"]
    assert left[key("sprints", "s1")]["started_at"] == ELEVEN  # kept, for when the conflict is decided for it
    assert [path for path, _ in conflicts] == ["projects.myapp.sprints.s1.status"]


def test_a_project_that_allows_two_has_two():
    config = {(*TOP, "config"): {"project_id": "myapp", "settings": {"max_active_sprints": 2}}}
    base = sprint("s1") | sprint("s2") | config

    left, conflicts = both_ways(base, started(base, "s1", ELEVEN), started(base, "s2", TEN))

    assert [left[key("sprints", name)]["status"] for name in ("s1", "s2")] == ["active", "active"]
    assert conflicts == []


# -- dependencies and parts


def test_dependencies_of_two_machines_make_no_circle():
    base = task("TASK-1") | task("TASK-2") | task("TASK-3", depends_on=["TASK-1"])
    ours = changed(base, key("tasks", "TASK-1"), depends_on=["TASK-2"])
    theirs = changed(base, key("tasks", "TASK-2"), depends_on=["TASK-3"])

    left, conflicts = both_ways(base, ours, theirs)

    assert {name: left[key("tasks", name)]["depends_on"] for name in ("TASK-1", "TASK-2", "TASK-3")} == {
        "TASK-1": ["TASK-2"],
        "TASK-2": [],
        "TASK-3": ["TASK-1"],
    }
    assert [path for path, _ in conflicts] == ["projects.myapp.tasks.TASK-2.depends_on"]


def test_a_container_whose_parts_were_finished_on_two_machines_is_done():
    whole = tasks.move(task("TASK-1", points=4)[key("tasks", "TASK-1")], "in_progress", now=NINE)
    base = {key("tasks", "TASK-1"): splitting.container(whole, ["TASK-2", "TASK-3"])}
    base |= task("TASK-2", parent="TASK-1") | task("TASK-3", parent="TASK-1")
    sides = [
        {**base, key("tasks", name): tasks.move(base[key("tasks", name)], "done", now=at)}
        for name, at in (("TASK-2", TEN), ("TASK-3", ELEVEN))
    ]

    left, conflicts = both_ways(base, *sides)

    assert (left[key("tasks", "TASK-1")]["column"], left[key("tasks", "TASK-1")]["completed_at"]) == (
        "done",
        ELEVEN,
    )
    assert conflicts == []


def test_a_container_that_was_moved_to_done_waits_for_its_parts():
    whole = tasks.move(task("TASK-1", points=4)[key("tasks", "TASK-1")], "in_progress", now=NINE)
    base = {key("tasks", "TASK-1"): whole}
    split = {key("tasks", "TASK-1"): splitting.container(whole, ["TASK-2", "TASK-3"])}
    split |= task("TASK-2", parent="TASK-1") | task("TASK-3", parent="TASK-1")

    left, _ = both_ways(base, split, {key("tasks", "TASK-1"): tasks.move(whole, "done", now=TEN)})

    assert (left[key("tasks", "TASK-1")]["column"], left[key("tasks", "TASK-1")]["points"]) == (
        "in_progress",
        0,
    )


def test_a_part_that_comes_back_opens_its_container_again():
    whole = tasks.move(task("TASK-1", points=4)[key("tasks", "TASK-1")], "in_progress", now=NINE)
    base = {key("tasks", "TASK-1"): splitting.container(whole, ["TASK-2", "TASK-3"])} | task("TASK-4")
    base |= task("TASK-2", parent="TASK-1") | task("TASK-3", parent="TASK-1")
    part = tasks.move(base[key("tasks", "TASK-2")], "done", now=TEN)
    container = splitting.settled(base[key("tasks", "TASK-1")], [part], now=TEN)
    assert container["column"] == "done"
    done = {key("tasks", "TASK-1"): container, key("tasks", "TASK-2"): part}
    ours = without(base | done, key("tasks", "TASK-3"))
    theirs = changed(base, key("tasks", "TASK-4"), depends_on=["TASK-3"])  # fewer changes, none to the parts

    left, conflicts = both_ways(base, ours, theirs)

    assert left[key("tasks", "TASK-3")]["column"] != "done"
    assert left[key("tasks", "TASK-1")]["column"] == "in_progress"
    assert [path for path, _ in conflicts] == ["projects.myapp.tasks.TASK-3"]
