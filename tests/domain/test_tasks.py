from copy import deepcopy
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.domain import task_events, task_fields, tasks
from orchestration.domain.records import COLUMN_SYNONYMS, COLUMNS
from orchestration.domain.task_fields import SCHEMA
from orchestration.errors import Conflict, InvalidData, NotFound, Refused

T0 = "2024-01-15T09:00:00Z"
T1 = "2024-01-16T10:00:00Z"
T2 = "2024-01-17T11:00:00Z"


def task(column="backlog", **fields):
    return tasks.new("TASK-1", {"title": "Fix the login", "column": column, **fields}, now=T0)


def update(before, **changes):
    untouched = deepcopy(before)
    after = tasks.update(before, changes, now=T1, new_blocker_id="BLK-1", actor="qa-analyst")
    assert before == untouched
    return after


def blocked(column="todo", reason="waiting for vendor"):
    return tasks.block(task(column), blocker_id="BLK-1", reason=reason, reported_by="qa-analyst", now=T0)


def times(record):
    return [record[field] for field in tasks.TIMES]


# Creation


def test_a_new_task():
    record = tasks.new("TASK-1", {}, now=T0)

    assert list(record.items()) == [
        ("id", "TASK-1"),
        ("title", "TASK-1"),
        ("description", None),
        ("type", "feature"),
        ("column", "backlog"),
        ("assignee", None),
        ("team", None),
        ("claim", None),
        ("points", None),
        ("priority", 3),
        ("epic_id", None),
        ("sprint_id", None),
        ("parent", None),
        ("depends_on", []),
        ("labels", []),
        ("acceptance", []),
        ("artifacts", []),
        ("blockers", []),
        ("created_at", T0),
        ("committed_at", None),
        ("started_at", None),
        ("completed_at", None),
    ]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("backlog", [None, None, None]),
        ("todo", [T0, None, None]),
        ("in_progress", [T0, T0, None]),
        ("review", [T0, T0, None]),
        ("done", [T0, T0, T0]),
        ("cancelled", [None, None, None]),
    ],
)
def test_times_of_a_new_task(column, expected):
    for field in ("column", "status"):
        record = tasks.new("TASK-1", {field: column}, now=T0)

        assert record["column"] == column
        assert times(record) == expected
        assert "status" not in record


def test_a_new_task_that_is_blocked():
    fields = {"status": "blocked", "column": "todo", "blocker_reason": "no key"}

    record = tasks.new("TASK-1", fields, now=T0, new_blocker_id="BLK-7", actor="qa-analyst")

    assert (record["column"], task_fields.status(record)) == ("todo", "blocked")
    assert [(one["id"], one["reason"]) for one in record["blockers"]] == [("BLK-7", "no key")]
    assert "blocker_reason" not in record
    with pytest.raises(Refused, match="TASK-1 cannot be blocked here"):
        tasks.new("TASK-1", {"status": "blocked"}, now=T0)


def test_a_task_brought_from_elsewhere_keeps_its_times():
    fields = {"status": "completed", "created_at": "2023-12-01", "completed_at": "2023-12-24T08:00:00+01:00"}

    record = tasks.new("OLD-7", fields, now=T0)

    assert record["created_at"] == "2023-12-01"
    assert times(record) == ["2023-12-24T07:00:00Z"] * 3


def test_the_id_of_a_new_task_is_checked():
    with pytest.raises(Refused, match="task id"):
        tasks.new("../x", {}, now=T0)
    with pytest.raises(Refused, match="id of task"):
        tasks.new("TASK-1", {"id": "TASK-2"}, now=T0)


# Moves

LEGAL = {
    "backlog": {"todo", "in_progress", "review", "done", "cancelled"},
    "todo": {"backlog", "in_progress", "review", "done", "cancelled"},
    "in_progress": {"backlog", "todo", "review", "done", "cancelled"},
    "review": {"backlog", "todo", "in_progress", "done", "cancelled"},
    "done": set(),
    "cancelled": {"backlog"},
}

OPEN = ("backlog", "todo", "in_progress", "review")


@pytest.mark.parametrize(
    ("before", "after"), [pair for pair in product(COLUMNS, COLUMNS) if pair[0] != pair[1]]
)
def test_every_move(before, after):
    record = task(before)
    untouched = deepcopy(record)

    if after in LEGAL[before]:
        assert tasks.move(record, after, now=T1)["column"] == after
        assert update(record, status=after)["column"] == after
    else:
        with pytest.raises(Refused, match=f"^TASK-1 is {before}") as caught:
            tasks.move(record, after, now=T1)
        assert "update-task TASK-1" in caught.value.hint
        with pytest.raises(Refused):
            update(record, column=after)
    assert record == untouched


@pytest.mark.parametrize("column", COLUMNS)
def test_a_move_to_the_same_column_changes_nothing(column):
    record = {**task(column), "updated_at": T0}

    assert tasks.move(record, column, now=T1) == record
    assert update(record, status=column) == record


@pytest.mark.parametrize(
    ("before", "after"), [(before, after) for before in OPEN for after in COLUMNS if after != before]
)
def test_moves_of_a_blocked_task(before, after):
    record = blocked(before)

    if after in ("backlog", "cancelled"):
        assert tasks.move(record, after, now=T1)["column"] == after
        return
    with pytest.raises(Refused) as caught:
        tasks.move(record, after, now=T1)
    assert caught.value.message == "TASK-1 is blocked by BLK-1 (waiting for vendor)"
    assert (
        caught.value.hint == "close it with `task unblock TASK-1`, or move the task to backlog or cancelled"
    )


@pytest.mark.parametrize(("word", "column"), [*COLUMN_SYNONYMS.items(), ("In Progress", "in_progress")])
def test_synonyms(word, column):
    assert tasks.move(task(), word, now=T1)["column"] == column
    assert tasks.new("TASK-1", {"status": word.upper()}, now=T0)["column"] == column
    assert update(task(), column=word)["column"] == column


def test_words_that_are_no_column():
    with pytest.raises(InvalidData, match=r"^column 'in_progres' is not one of backlog, todo,") as caught:
        tasks.move(task(), "in_progres", now=T1)
    assert caught.value.hint == "did you mean 'in_progress'?"
    with pytest.raises(Refused, match="blocked is not a column") as refused:
        tasks.move(task(), "blocked", now=T1)
    assert refused.value.hint == "block it with `task block TASK-1 REASON`"
    with pytest.raises(InvalidData, match=r"^status 'open'"):
        update(task(), status="open")


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        (["todo"], [T1, None, None]),
        (["in_progress"], [T1, T1, None]),
        (["review"], [T1, T1, None]),
        (["done"], [T1, T1, T1]),
        (["cancelled"], [None, None, None]),
        (["todo", "in_progress"], [T1, T2, None]),
        (["todo", "done"], [T1, T2, T2]),
        (["in_progress", "done"], [T1, T1, T2]),
        (["in_progress", "backlog"], [T1, T1, None]),
        (["in_progress", "todo"], [T1, T1, None]),
        (["todo", "backlog"], [T1, None, None]),
        (["todo", "cancelled"], [T1, None, None]),
    ],
)
def test_times_of_moves(way, expected):
    record = task()
    for column, now in zip(way, [T1, T2], strict=False):
        record = tasks.move(record, column, now=now)

    assert times(record) == expected


def test_started_stays_the_first_start():
    record = task("review")
    for column in ("todo", "backlog", "in_progress"):
        record = tasks.move(record, column, now=T2)

    assert times(record) == [T0, T0, None]


def test_reopening():
    record = task("done")

    reopened = tasks.move(record, "in_progress", now=T1, reopen="a test fails")

    assert reopened["column"] == "in_progress"
    assert times(reopened) == [T0, T0, None]
    assert times(tasks.move(reopened, "done", now=T2)) == [T0, T0, T2]
    with pytest.raises(Refused, match="reopening it needs a reason") as caught:
        tasks.move(record, "in_progress", now=T1, reopen="  ")
    assert caught.value.hint == "`update-task TASK-1 in_progress --reopen REASON`"
    with pytest.raises(Refused, match="is done and cannot go to todo"):
        tasks.move(record, "todo", now=T1, reopen="a test fails")


@pytest.mark.parametrize(
    ("column", "kept"), [("review", True), ("backlog", True), ("done", False), ("cancelled", False)]
)
def test_closing_a_task_ends_its_claim(column, kept):
    record = tasks.claim(task("in_progress"), agent="qa-analyst", session="s-1", now=T0)

    assert (tasks.move(record, column, now=T1)["claim"] is not None) == kept


def test_cancelling_resolves_open_blockers():
    record = tasks.move(blocked(), "cancelled", now=T1)

    assert task_fields.status(record) == "cancelled"
    assert (record["blockers"][0]["resolved_at"], record["blockers"][0]["resolution"]) == (
        T1,
        "task cancelled",
    )


def test_a_blocked_task_stays_blocked_in_the_backlog():
    assert task_fields.status(tasks.move(blocked(), "backlog", now=T1)) == "blocked"


def test_a_column_spoilt_by_hand_is_named():
    with pytest.raises(InvalidData, match=r"^column of TASK-1 'doing'"):
        tasks.move({**task(), "column": "doing"}, "todo", now=T1)


# Blockers


def test_blocking():
    record = tasks.block(
        task("in_progress"),
        blocker_id="BLK-3",
        reason=" no key ",
        severity="HIGH",
        on_task="TASK-9",
        owner="@agent-devops",
        reported_by="qa-analyst",
        now=T1,
    )

    assert record["blockers"] == [
        {
            "id": "BLK-3",
            "task_id": "TASK-1",
            "reason": "no key",
            "severity": "high",
            "on_task": "TASK-9",
            "owner": "devops",
            "reported_by": "qa-analyst",
            "opened_at": T1,
            "resolved_at": None,
            "resolution": None,
        }
    ]
    assert (record["column"], task_fields.status(record)) == ("in_progress", "blocked")


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"reason": " "}, InvalidData, "reason is empty"),
        ({"severity": "huge"}, InvalidData, "severity 'huge'"),
        ({"on_task": "task-1"}, Refused, "TASK-1 cannot wait for itself"),
        ({"blocker_id": "blk-1"}, Refused, "blocker 'blk-1' exists already"),
    ],
)
def test_blockers_that_are_refused(changes, error, message):
    fields = {"blocker_id": "BLK-2", "reason": "no key", "reported_by": "qa-analyst", "now": T1}

    with pytest.raises(error, match=message):
        tasks.block(blocked(), **{**fields, **changes})


@pytest.mark.parametrize("column", ["done", "cancelled"])
def test_closed_tasks_are_neither_blocked_nor_claimed(column):
    with pytest.raises(Refused, match=f"TASK-1 is {column} and cannot be blocked"):
        blocked(column)
    with pytest.raises(Refused, match=f"TASK-1 is {column} and cannot be claimed"):
        tasks.claim(task(column), agent="qa-analyst", session="s-1", now=T1)
    with pytest.raises(Refused):
        update(task(column), status="blocked")


def test_unblocking_closes_all_or_one():
    two = tasks.block(blocked(), blocker_id="BLK-2", reason="no key", reported_by="devops", now=T0)
    ends = {"now": T1, "resolution": "done by phone"}

    one = tasks.unblock(two, blocker_id="blk-1", **ends)
    none = tasks.unblock(two, **ends)

    assert [blocker["resolved_at"] for blocker in one["blockers"]] == [T1, None]
    assert [blocker["resolution"] for blocker in one["blockers"]] == ["done by phone", None]
    assert [blocker["resolved_at"] for blocker in none["blockers"]] == [T1, T1]
    assert [task_fields.status(record) for record in (two, one, none)] == ["blocked", "blocked", "todo"]
    assert [blocker["id"] for blocker in task_fields.open_blockers(one)] == ["BLK-2"]
    with pytest.raises(Refused, match="BLK-1 of TASK-1 is resolved already"):
        tasks.unblock(one, blocker_id="BLK-1", now=T2)
    with pytest.raises(NotFound, match="no blocker 'BLK-9' on TASK-1") as caught:
        tasks.unblock(one, blocker_id="BLK-9", now=T2)
    assert caught.value.hint == "open there: BLK-2"
    with pytest.raises(Refused, match="TASK-1 is not blocked"):
        tasks.unblock(none, now=T2)


@pytest.mark.parametrize(
    ("changes", "reason", "severity"),
    [
        ({}, "not given", "medium"),
        ({"reason": "no key"}, "no key", "medium"),
        ({"blocker_reason": "no key"}, "no key", "medium"),
        ({"blocker": "no key"}, "no key", "medium"),
        ({"blocker": {"reason": "no key", "severity": "low"}}, "no key", "low"),
        ({"blocker": None}, "not given", "medium"),
    ],
)
def test_writing_the_status_blocked(changes, reason, severity):
    record = update(task("in_progress"), status="blocked", **changes)

    (blocker,) = record["blockers"]
    assert (blocker["id"], blocker["reason"], blocker["severity"]) == ("BLK-1", reason, severity)
    assert (blocker["reported_by"], blocker["opened_at"]) == ("qa-analyst", T1)
    assert (record["column"], task_fields.status(record)) == ("in_progress", "blocked")
    assert set(record) == set(SCHEMA.defaults)


def test_writing_the_status_blocked_again_opens_a_blocker_only_for_a_new_reason():
    record = blocked()

    assert update(record, status="blocked") == record
    assert update(record, status="blocked", reason="waiting for vendor") == record
    again = tasks.update(
        record, {"status": "blocked", "reason": "no key"}, now=T1, new_blocker_id="BLK-2", actor="devops"
    )
    assert [one["reason"] for one in again["blockers"]] == ["waiting for vendor", "no key"]


def test_a_column_is_not_written_over_blocked():
    for column in ("todo", "in_progress"):
        with pytest.raises(Refused, match="TASK-1 is blocked by BLK-1"):
            update(blocked("todo"), status=column)


# Updates


@pytest.mark.parametrize(
    ("field", "written", "stored"),
    [
        ("title", " New ", "New"),
        ("description", "a\nb", "a\nb"),
        ("type", "BUG", "bug"),
        ("assignee", "@agent-devops", "devops"),
        ("team", "engineering", "engineering"),
        ("points", "2.5", 2.5),
        ("priority", "critical", 1),
        ("epic_id", "E-1", "E-1"),
        ("sprint_id", "sprint-2", "sprint-2"),
        ("parent", "TASK-2", "TASK-2"),
        ("depends_on", "TASK-2, TASK-3,TASK-2", ["TASK-2", "TASK-3"]),
        ("labels", '["a", "b", "a"]', ["a", "b"]),
        (
            "acceptance",
            "Users log in, and out.\nErrors are shown.",
            ["Users log in, and out.", "Errors are shown."],
        ),
        ("acceptance", ["a, b"], ["a, b"]),
        ("artifacts", "src/a.py,src/b.py", ["src/a.py", "src/b.py"]),
        ("committed_at", "2024-01-15 08:00", "2024-01-15T08:00:00Z"),
        ("updated_at", "2024-01-15T10:30:00+00:00", "2024-01-15T10:30:00Z"),
        ("notes", {"a": [1, None]}, {"a": [1, None]}),
        ("reason", "why not", "why not"),
    ],
)
def test_writing_a_field(field, written, stored):
    before = task()

    after = update(before, **{field: written})

    assert after == {**before, field: stored}
    assert list(after)[: len(SCHEMA.defaults)] == list(SCHEMA.defaults)


@pytest.mark.parametrize(
    ("field", "written", "error"),
    [
        ("id", "TASK-2", Refused),
        ("created_at", T1, Refused),
        ("created_at", None, Refused),
        ("blocker", {"reason": "x"}, Refused),
        ("blockers", [{"id": "BLK-1"}], Refused),
        ("claim", {"agent": "me"}, Refused),
        ("parent", "TASK-1", Refused),
        ("depends_on", ["TASK-2", "task-1"], Refused),
        ("completed_at", T1, Refused),
        ("title", "", InvalidData),
        ("type", "epic", InvalidData),
        ("assignee", "a b", InvalidData),
        ("points", "-1", InvalidData),
        ("points", True, InvalidData),
        ("priority", 6, InvalidData),
        ("sprint_id", "../x", InvalidData),
        ("labels", {"a": 1}, InvalidData),
        ("started_at", "soon", InvalidData),
        ("updated_at", "soon", InvalidData),
    ],
)
def test_writes_that_are_refused(field, written, error):
    with pytest.raises(error, match=field) as caught:
        update(task(), **{field: written})

    assert caught.value.hint


def test_writing_back_what_was_read_changes_nothing():
    for record in (task("review", labels=["a"], notes={"a": 1}), blocked(), task("done", points=3)):
        assert update(record, **task_fields.view(record)) == record


def test_objects_merge_deeply_and_lists_are_replaced():
    before = task(notes={"a": {"b": 1, "c": [1, 2]}, "d": 4})

    after = update(before, notes={"a": {"c": [3], "e": 5}})

    assert after["notes"] == {"a": {"b": 1, "c": [3], "e": 5}, "d": 4}


def test_null_is_the_default_of_a_known_field_and_a_value_of_a_free_one():
    before = task("todo", points=3, priority=1, labels=["a"], assignee="devops", started_at=T0)

    after = update(
        before, points=None, priority=None, labels=None, assignee=None, started_at=None, notes=None
    )

    assert after == {**task("todo"), "notes": None}


def test_several_fields_at_once_as_in_the_guide():
    changes = {
        "status": "in_progress",
        "assignee": "engineering-fullstack",
        "updated_at": "2024-01-15T10:30:00Z",
    }

    after = update(task(), **changes)

    assert (after["column"], after["assignee"]) == ("in_progress", "engineering-fullstack")
    assert times(after) == [T1, T1, None]
    assert after["updated_at"] == "2024-01-15T10:30:00Z"


def test_a_written_updated_at_is_kept_until_the_next_write():
    record = update(task(), updated_at=T0)

    assert update(record, title="Fix the login") == record
    assert "updated_at" not in update(record, title="New")
    assert "updated_at" not in tasks.move(record, "todo", now=T1)
    assert "updated_at" not in update(record, status="backlog", title="New")
    assert update(record, updated_at=T2)["updated_at"] == T2
    assert "updated_at" not in tasks.unset(record, "updated_at")


def test_status_and_column_may_not_disagree():
    assert update(task(), status="active", column="in_progress")["column"] == "in_progress"
    with pytest.raises(InvalidData, match="status 'todo' and column 'done' disagree"):
        update(task(), status="todo", column="done")


def test_explicit_times_go_before_filled_ones():
    before = task("todo")

    after = update(
        before, status="done", started_at="2024-01-15T10:00:00Z", completed_at="2024-01-15T12:00:00Z"
    )
    filled = update(task(), status="done", completed_at="2024-01-15T12:00:00Z")

    assert times(after) == [T0, "2024-01-15T10:00:00Z", "2024-01-15T12:00:00Z"]
    assert times(filled) == ["2024-01-15T12:00:00Z"] * 3


def test_times_out_of_order_are_refused():
    with pytest.raises(InvalidData, match=f"completed_at 2024-01-14 is before started_at {T0}"):
        update(task("in_progress"), status="done", completed_at="2024-01-14")
    assert (
        update(task("in_progress"), status="done", completed_at="2024-01-15")["completed_at"] == "2024-01-15"
    )
    with pytest.raises(Refused, match="completed_at goes with the column done"):
        update(task("done"), completed_at=None)


@pytest.mark.parametrize(
    ("field", "default"),
    [
        ("points", None),
        ("labels", []),
        ("priority", 3),
        ("type", "feature"),
        ("title", "TASK-1"),
        ("claim", None),
    ],
)
def test_deleting_a_field_sets_it_to_its_default(field, default):
    record = tasks.claim(
        task(points=3, labels=["a"], priority=1, type="bug"), agent="a", session="s-1", now=T0
    )

    assert tasks.unset(record, field) == {**record, field: default}


def test_deleting_free_fields():
    record = task(notes=1)

    assert tasks.unset(record, "notes") == task()
    assert tasks.unset(record, "absent") == record


@pytest.mark.parametrize(
    "field", ["id", "column", "status", "created_at", "blocker", "blockers", "completed_at"]
)
def test_system_fields_are_not_deleted(field):
    with pytest.raises(Refused, match=f"{field} of TASK-1 cannot be deleted"):
        tasks.unset(task("done"), field)


# Assignment, claims, estimates


def test_assigning():
    record = tasks.assign(task(), "@agent-devops")

    assert record["assignee"] == "devops"
    assert tasks.assign(record, "devops") == record
    assert tasks.assign(record, "@none")["assignee"] is None
    assert tasks.unset(record, "assignee")["assignee"] is None


def test_a_claim():
    record = tasks.claim(task("todo"), agent="@devops", session="s-1", now=T1)

    assert record["claim"] == {"agent": "devops", "session": "s-1", "at": T1}
    assert record["assignee"] == "devops"
    assert tasks.claim(record, agent="devops", session="s-1", now=T2) == record
    for agent, session in (("devops", "s-2"), ("qa-analyst", "s-1")):
        with pytest.raises(Conflict, match="TASK-1 is claimed by devops in session s-1"):
            tasks.claim(record, agent=agent, session=session, now=T2)
    with pytest.raises(InvalidData, match="needs the name of an agent"):
        tasks.claim(task(), agent="none", session="s-1", now=T1)


def test_claiming_leaves_the_assignee():
    record = tasks.claim(task(assignee="qa-analyst"), agent="devops", session="s-1", now=T1)

    assert record["assignee"] == "qa-analyst"


def test_unassigning_and_assigning_another_agent_end_a_claim():
    record = tasks.claim(task("todo"), agent="devops", session="s-1", now=T1)
    other = tasks.claim(task(assignee="qa-analyst"), agent="devops", session="s-1", now=T1)

    assert tasks.assign(record, "devops")["claim"] is not None
    assert tasks.assign(record, "qa-analyst")["claim"] is None
    assert tasks.assign(record, None)["claim"] is None
    assert tasks.assign(other, "devops")["claim"] is not None
    assert update(record, assignee=None)["claim"] is None
    assert update(record, claim=None)["claim"] is None


@pytest.mark.parametrize(("written", "stored"), [("8", 8), (0, 0), (0.5, 0.5), (None, None)])
def test_estimating(written, stored):
    assert tasks.estimate(task(points=3), written)["points"] == stored


def test_estimates_that_are_refused():
    for points in (-1, "many", True):
        with pytest.raises(InvalidData, match="points"):
            tasks.estimate(task(), points)


# The view


def test_the_view_of_a_task():
    record = {**blocked(), "notes": 1, "updated_at": T1}

    shown = task_fields.view(record)

    assert list(shown)[4:6] == ["column", "status"]
    assert (shown["column"], shown["status"]) == ("todo", "blocked")
    assert shown["blocker"] == record["blockers"][0]
    assert list(shown)[-2:] == ["notes", "updated_at"]
    assert {key: v for key, v in shown.items() if key not in ("status", "blocker")} == record


def test_the_view_shows_the_newest_open_blocker():
    two = tasks.block(blocked(), blocker_id="BLK-2", reason="no key", reported_by="devops", now=T0)

    assert task_fields.view(two)["blocker"]["id"] == "BLK-2"
    assert task_fields.view(tasks.unblock(two, blocker_id="BLK-2", now=T1))["blocker"]["id"] == "BLK-1"
    assert task_fields.view(task())["blocker"] is None


def test_the_view_of_a_record_written_by_hand():
    shown = task_fields.view({"id": "TASK-1", "status": "done", "blocker": 1})

    assert (shown["column"], shown["status"], shown["blocker"]) == ("backlog", "backlog", None)
    assert shown["labels"] == []


# Events


@pytest.mark.parametrize(
    ("after", "event"),
    [
        (lambda t: tasks.move(t, "in_progress", now=T1), ("task_moved", "task: TASK-1 todo -> in_progress")),
        (lambda t: tasks.assign(t, "qa-analyst"), ("task_assigned", "task: TASK-1 assigned to qa-analyst")),
        (lambda t: tasks.assign(t, None), ("task_assigned", "task: TASK-1 unassigned")),
        (
            lambda t: tasks.claim(t, agent="devops", session="s-1", now=T1),
            ("task_assigned", "task: TASK-1 claimed by devops"),
        ),
        (lambda t: tasks.estimate(t, 8), ("task_estimated", "task: TASK-1 estimated at 8")),
        (lambda t: tasks.estimate(t, None), ("task_estimated", "task: TASK-1 not estimated")),
        (
            lambda t: update(t, status="blocked", reason="waiting for vendor"),
            ("task_blocked", "task: TASK-1 blocked: waiting for vendor"),
        ),
        (
            lambda t: update(t, status="blocked", column="review"),
            ("task_blocked", "task: TASK-1 blocked: not given"),
        ),
        (
            lambda t: update(t, labels="a", description="b"),
            ("state_set", "task: TASK-1 set description, labels"),
        ),
        (lambda t: update(t, status="done", points=5), ("task_moved", "task: TASK-1 todo -> done")),
        (lambda t: update(t, updated_at=T1), ("state_set", "task: TASK-1 set updated_at")),
        (lambda t: tasks.unset(t, "notes"), ("state_deleted", "task: TASK-1 delete notes")),
    ],
)
def test_events_of_changes(after, event):
    before = task("todo", assignee="devops", points=3, notes=1)

    assert task_events.of(before, after(before)) == event


def test_events_of_new_tasks():
    assert task_events.of(None, task()) == ("task_created", "task: create TASK-1 Fix the login")
    assert task_events.of(None, tasks.new("TASK-2", {}, now=T0)) == ("task_created", "task: create TASK-2")


def test_events_of_unblocking():
    two = tasks.block(blocked(), blocker_id="BLK-2", reason="no key", reported_by="devops", now=T0)
    one = tasks.unblock(two, blocker_id="BLK-1", now=T1)
    none = tasks.unblock(one, now=T2, resolution="key came")

    assert task_events.of(two, one) == ("task_unblocked", "task: TASK-1 BLK-1 resolved, still blocked")
    assert task_events.of(one, none) == ("task_unblocked", "task: TASK-1 unblocked: key came")
    cancelled = tasks.move(two, "cancelled", now=T1)
    assert task_events.of(two, cancelled) == ("task_moved", "task: TASK-1 todo -> cancelled")


@given(st.text(min_size=1).filter(str.strip))
def test_a_subject_is_one_short_printable_line(text):
    for before, after in ((None, task(title=text)), (task(), blocked(reason=text))):
        _, subject = task_events.of(before, after)

        assert subject.startswith("task: ")
        assert subject.isprintable()
        assert len(subject) <= 72
