from itertools import product

import pytest

from orchestration.domain import epics
from orchestration.domain.records import EPIC_STATUSES, EPIC_TRANSITIONS
from orchestration.errors import InvalidData, Refused

NOW = "2024-01-15T09:00:00Z"
LATER = "2024-01-20T09:00:00Z"


def epic(**given):
    return epics.new("user-auth", given, now=NOW)


def task(column="todo", points=None, **more):
    return {"column": column, "points": points, "epic_id": "user-auth", "sprint_id": None} | more


def test_a_new_epic_in_the_order_it_is_stored():
    assert list(epic(owner="ann").items()) == [
        ("id", "user-auth"),
        ("title", "Epic user-auth"),
        ("description", None),
        ("status", "planned"),
        ("priority", 3),
        ("tags", []),
        ("metadata", {}),
        ("created_at", NOW),
        ("completed_at", None),
        ("owner", "ann"),
    ]


def test_every_given_field_is_stored_at_once():
    made = epic(title="User Authentication System", description="OAuth2", priority="1", status="in-progress")

    assert (made["title"], made["description"], made["priority"]) == (
        "User Authentication System",
        "OAuth2",
        1,
    )
    assert made["status"] == "in_progress"


@pytest.mark.parametrize(("before", "after"), list(product(EPIC_STATUSES, EPIC_STATUSES)))
def test_every_step_between_statuses(before, after):
    made = epic(status=before)
    if before == after or after in EPIC_TRANSITIONS[before]:
        assert epics.update(made, {"status": after}, now=LATER)["status"] == after
    else:
        with pytest.raises(Refused, match=f"cannot go from {before} to {after}"):
            epics.update(made, {"status": after}, now=LATER)


def test_completion_is_timed_and_cleared_by_reopening():
    completed = epics.update(epic(), {"status": "completed"}, now=LATER)
    renamed = epics.update(completed, {"title": "Login"}, now="2024-02-01T00:00:00Z")
    reopened = epics.update(renamed, {"status": "in_progress"}, now="2024-02-02T00:00:00Z")

    assert completed["completed_at"] == LATER
    assert renamed["completed_at"] == LATER
    assert reopened["completed_at"] is None


def test_an_update_merges_objects_and_leaves_its_input_alone():
    before = epic(metadata={"a": 1, "b": {"c": 2}})

    after = epics.update(before, {"metadata": {"b": {"d": 3}}, "tags": "x, y"}, now=LATER)

    assert after["metadata"] == {"a": 1, "b": {"c": 2, "d": 3}}
    assert after["tags"] == ["x", "y"]
    assert before["metadata"] == {"a": 1, "b": {"c": 2}}


def test_a_written_updated_at_lasts_until_the_next_update():
    written = epics.update(epic(), {"updated_at": "2024-01-16"}, now=LATER)

    assert written["updated_at"] == "2024-01-16"
    assert "updated_at" not in epics.update(written, {"title": "x"}, now=LATER)


@pytest.mark.parametrize("field", ["id", "created_at", "points_total", "progress", "sprints"])
def test_system_fields_are_refused(field):
    with pytest.raises(Refused, match=f"{field} of epic 'user-auth' cannot be written"):
        epics.update(epic(), {field: "x"}, now=LATER)


def test_a_record_may_be_merged_with_what_was_read_from_it():
    assert epics.update(epic(), epic(), now=LATER) == epic()


@pytest.mark.parametrize(
    ("field", "value"), [("status", "paused"), ("priority", 6), ("title", ""), ("tags", 3)]
)
def test_values_a_field_cannot_hold(field, value):
    with pytest.raises(InvalidData, match=field):
        epic(**{field: value})


def test_deleting_a_field_brings_its_default_back():
    made = epic(priority=1, owner="ann")

    assert epics.unset(made, "priority")["priority"] == 3
    assert "owner" not in epics.unset(made, "owner")
    with pytest.raises(Refused):
        epics.unset(made, "status")


def test_totals_leave_cancelled_tasks_and_other_epics_out():
    tasks = {
        "T1": task("done", 5),
        "T2": task("todo", 8),
        "T3": task("review"),
        "T4": task("cancelled", 13),
        "T5": task("done", 3, epic_id="other"),
    }

    assert epics.totals("user-auth", tasks) == {
        "points_total": 13,
        "points_done": 5,
        "progress": 0.3846,
        "tasks": 3,
    }
    assert epics.open_tasks("user-auth", tasks) == ["T2", "T3"]


def test_no_progress_without_points():
    assert epics.totals("user-auth", {"T1": task("done")})["progress"] is None


def test_the_view_finds_sprints_by_their_epic_and_by_tasks():
    sprints = {"s1": {"epic_id": "user-auth"}, "s2": {"epic_id": None}, "s3": {"epic_id": None}}

    shown = epics.view(epic(), {"T1": task("done", 2, sprint_id="s2")}, sprints)

    assert shown["sprints"] == ["s1", "s2"]
    assert (shown["points_total"], shown["points_done"], shown["progress"]) == (2, 2, 1.0)
    assert list(shown)[7:12] == ["sprints", "points_total", "points_done", "progress", "created_at"]


def test_events():
    made = epic(title="Login\x1b[0m and more")
    started = epics.update(made, {"status": "in_progress"}, now=LATER)
    named = epics.update(made, {"title": "Login", "priority": 1}, now=LATER)

    assert epics.event_of(None, made) == ("epic_created", "epic: create user-auth Login [0m and more")
    assert epics.event_of(made, started) == ("epic_updated", "epic: user-auth planned -> in_progress")
    assert epics.event_of(made, named) == ("epic_updated", "epic: user-auth set title, priority")
    assert len(epics.event_of(None, epic(title="x" * 200))[1]) == 72
