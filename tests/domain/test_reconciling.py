"""Records as valid after a merge as both sides were."""

import itertools

import pytest

from orchestration.domain import blockers, checks, decisions, reconciling, sprints, tasks, workdays, workflows
from orchestration.merge import Conflict, merge
from orchestration.paths import MISSING

NINE, TEN, ELEVEN = (f"2026-01-05T{hour:02}:00:00Z" for hour in (9, 10, 11))
KEY = ("projects", "myapp", "tasks", "TASK-1")
SPRINT = ("projects", "myapp", "sprints", "s1")


def task(**given):
    return tasks.new("TASK-1", given, now=NINE, new_blocker_id="BLK-1", actor="ana")


def merged(key, base, ours, theirs, later="theirs"):
    """Merge, make whole, and check that the result is valid and the same from both sides."""
    one = reconciling.merged(key, merge(base, ours, theirs, lambda _: later, at=key), base, ours, theirs)
    swapped = {"ours": "theirs", "theirs": "ours"}[later]
    other = reconciling.merged(key, merge(base, theirs, ours, lambda _: swapped, at=key), base, theirs, ours)
    assert one.value == other.value
    assert [each.path for each in one.conflicts] == [each.path for each in other.conflicts]
    found = checks.check({key: one.value})
    assert [each for each in found if each.kind == "structure"] == []
    return one


# -- tasks


def test_done_on_one_machine_and_moved_on_on_the_other():
    base = tasks.move(task(), "todo", now=NINE)
    done, moved = tasks.move(base, "done", now=TEN), tasks.move(base, "in_progress", now=ELEVEN)

    value, conflicts = merged(KEY, base, done, moved)

    assert (value["column"], value["completed_at"], value["started_at"]) == ("in_progress", None, TEN)
    assert [(each.path[-1], each.ours, each.theirs) for each in conflicts] == [
        ("column", "done", "in_progress")
    ]


def test_done_on_both_machines_is_no_conflict():
    base = tasks.move(task(), "in_progress", now=NINE)

    value, conflicts = merged(
        KEY, base, tasks.move(base, "done", now=ELEVEN), tasks.move(base, "done", now=TEN)
    )

    assert (value["column"], value["completed_at"], conflicts) == ("done", TEN, [])


def test_a_task_that_is_done_is_held_by_nobody():
    base = tasks.move(task(), "in_progress", now=NINE)
    claimed = tasks.claim(base, agent="ana", session="s1", now=TEN)

    value, conflicts = merged(KEY, base, tasks.move(base, "done", now=ELEVEN), claimed)

    assert (value["column"], value["claim"], conflicts) == ("done", None, [])


@pytest.mark.parametrize("column", ["done", "cancelled"])
def test_a_closed_task_waits_for_nothing(column):
    base = tasks.move(task(), "in_progress", now=NINE)
    blocked = tasks.block(base, blocker_id="BLK-1", reason="no keys", reported_by="ana", now=TEN)

    value, conflicts = merged(KEY, base, tasks.move(base, column, now=ELEVEN), blocked)

    assert blockers.still_open(value["blockers"]) == []
    assert value["blockers"][0]["resolution"] == f"task {column}"
    assert conflicts == []


def test_two_blockers_of_two_machines_are_both_open():
    base = tasks.move(task(), "in_progress", now=NINE)
    sides = [
        tasks.block(base, blocker_id=name, reason=name, reported_by="ana", now=TEN)
        for name in ("BLK-1", "BLK-1-k7q2")
    ]

    value, conflicts = merged(KEY, base, *sides)

    assert [one["id"] for one in blockers.still_open(value["blockers"])] == ["BLK-1", "BLK-1-k7q2"]
    assert conflicts == []


def test_who_lost_the_claim_is_not_the_assignee():
    base = tasks.move(task(), "todo", now=NINE)
    ours = tasks.claim(base, agent="ana", session="s1", now=TEN)
    theirs = tasks.claim(base, agent="ben", session="s2", now=ELEVEN)

    value, conflicts = merged(KEY, base, ours, theirs)

    assert (value["claim"]["agent"], value["assignee"]) == ("ana", "ana")
    assert [each.path[-1] for each in conflicts] == ["claim"]


def test_a_task_that_was_split_has_no_points():
    base = tasks.move(task(points=5), "todo", now=NINE)
    split = {**base, "points": 0, "split_into": ["TASK-2", "TASK-3"]}

    value, conflicts = merged(KEY, base, split, {**base, "points": 8})

    assert (value["points"], value["split_into"]) == (0, ["TASK-2", "TASK-3"])
    assert conflicts == [Conflict((*KEY, "points"), 5, 0, 8, "ours")]


def test_all_pairs_of_steps_merge_to_a_valid_task():
    base = task(points=3)
    steps = [
        base,
        *(tasks.move(base, column, now=TEN) for column in ("todo", "in_progress", "review", "done", "cancelled")),
        tasks.block(base, blocker_id="BLK-1", reason="x", reported_by="ana", now=TEN),
        tasks.claim(base, agent="ana", session="s1", now=TEN),
        {**base, "points": 0, "split_into": ["TASK-2", "TASK-3"]},
    ]  # fmt: skip

    for (ours, theirs), later in itertools.product(itertools.product(steps, steps), ("ours", "theirs")):
        value = merged(KEY, base, ours, theirs, later).value
        assert (value["completed_at"] is not None) == (value["column"] == "done")


def test_a_valid_record_is_left_as_it_is():
    for column in ("backlog", "todo", "in_progress", "review", "done", "cancelled"):
        one = tasks.move(task(points=3, labels=["a"]), column, now=TEN)
        assert reconciling.whole(KEY, one) == one


def test_what_a_person_wrote_wrongly_is_left_to_verify():
    one = {"id": "TASK-1", "column": "done", "created_at": "soon", "blockers": "x"}

    assert reconciling.whole(KEY, one) == one


# -- the others


def sprint(**given):
    return sprints.new("s1", "First", given, now=NINE, config=None)


def test_a_sprint_completed_and_renamed():
    base = sprints.start(sprint(), {}, now=NINE, config=None, active=[])
    ours = sprints.archive(sprints.complete(base, now=TEN))

    value, conflicts = merged(SPRINT, base, ours, {**base, "name": "One"})

    assert (value["status"], value["archived"], value["name"], conflicts) == ("completed", True, "One", [])


def test_a_sprint_cancelled_and_completed_is_one_of_both():
    base = sprints.start(sprint(), {}, now=NINE, config=None, active=[])
    completed = sprints.archive(sprints.complete(base, now=TEN))

    value, _ = merged(SPRINT, base, completed, sprints.cancel(base, now=TEN))

    assert (value["status"], value["completed_at"], value["archived"]) == ("cancelled", None, False)


def test_a_sprint_that_would_end_before_it_starts_has_the_dates_of_one_side():
    base = sprint(start_date="2026-01-05", end_date="2026-01-19")

    value, conflicts = merged(
        SPRINT, base, {**base, "start_date": "2026-01-15"}, {**base, "end_date": "2026-01-12"}
    )

    assert (value["start_date"], value["end_date"]) == ("2026-01-15", "2026-01-19")
    assert [(each.path[-1], each.chosen) for each in conflicts] == [
        ("start_date", "ours"),
        ("end_date", "ours"),
    ]


def test_a_closed_decision_counts_the_votes_of_all():
    calendar = workdays.calendar({"timezone": "UTC", "working_days": ["Mon"]})
    key = ("projects", "myapp", "decisions", "DEC-1")
    base = decisions.new("DEC-1", "Use it", proposer="ana", now=NINE, calendar=calendar)
    base = decisions.vote(base, "yes", by="ana", now=NINE, calendar=calendar)
    no = decisions.vote(base, "no", by="ben", now=TEN, calendar=calendar)

    value, conflicts = merged(key, base, decisions.close(base, now=TEN), no)

    assert (value["status"], value["votes"], conflicts) == (
        "conditional",
        {"ana": "yes", "ben": "no"},
        [],
    )


def test_a_workflow_goes_on_where_the_furthest_side_is():
    key = ("projects", "myapp", "workflows", "w1")
    given = {"name": "Ship", "steps": ["a", "b", "c"]}
    base = workflows.start(given, "ship", "w1", session=None, now=NINE)
    ours = workflows.advance(base, now=TEN)
    theirs = workflows.advance(workflows.advance(base, now=TEN), now=ELEVEN)

    value, conflicts = merged(key, base, ours, theirs, later="ours")

    assert (value["current_step"], conflicts) == ("c", [])
    assert [step["status"] for step in value["steps"]] == ["completed", "completed", "running"]


def test_a_workflow_that_was_cancelled_does_not_run():
    key = ("projects", "myapp", "workflows", "w1")
    base = workflows.start({"name": "Ship", "steps": ["a", "b"]}, "ship", "w1", session=None, now=NINE)

    value, conflicts = merged(
        key, base, workflows.end(base, "cancelled", now=TEN), workflows.advance(base, now=ELEVEN)
    )

    assert (value["status"], value["current_step"]) == ("cancelled", None)
    assert [step["status"] for step in value["steps"]] in (
        ["cancelled", "cancelled"],
        ["completed", "cancelled"],
    )
    assert [each.path[-1] for each in conflicts] in ([], ["status"])


def test_a_record_that_is_gone_stays_gone():
    found = merge(task(), None, task(), lambda _: None, at=KEY)

    assert reconciling.merged(KEY, found, task(), None, task()) == (None, [])
    assert MISSING not in found
