"""Merging one record of two machines by meaning."""

import pytest

from orchestration.domain import counters
from orchestration.merge import COUNT, Conflict, merge, rules, value_at
from orchestration.paths import MISSING

TASK = ("projects", "myapp", "tasks", "TASK-1")
SESSION = ("sessions", "7c9e6679", "session")


def theirs_later(_):
    return "theirs"


def ours_later(_):
    return "ours"


def merged(base, ours, theirs, at=TASK, later=theirs_later):
    """Merge both ways and return the value, which is to be the same."""
    one = merge(base, ours, theirs, later, at=at)
    other = merge(base, theirs, ours, ours_later if later is theirs_later else theirs_later, at=at)
    assert one.value == other.value
    assert len(one.conflicts) == len(other.conflicts)
    return one


def value(*versions, at=TASK, later=theirs_later):
    """Merge without a conflict."""
    found = merged(*versions, at=at, later=later)
    assert found.conflicts == []
    return found.value


# -- mappings


def test_two_people_edit_one_task():
    base = {"id": "TASK-1", "title": "Log in", "points": 3, "labels": []}

    assert value(base, {**base, "points": 5}, {**base, "title": "Sign in"}) == {
        "id": "TASK-1",
        "title": "Sign in",
        "points": 5,
        "labels": [],
    }


def test_a_value_both_changed_is_the_later_one_and_the_other_is_kept():
    assert merged({"points": 3}, {"points": 5}, {"points": 8}) == (
        {"points": 8},
        [Conflict((*TASK, "points"), 3, 5, 8, "theirs")],
    )
    assert merged({"points": 3}, {"points": 5}, {"points": 8}, later=ours_later).value == {"points": 5}


def test_values_of_one_moment_go_by_their_canonical_json():
    one = merge({"points": 3}, {"points": 5}, {"points": 8}, lambda _: None, at=TASK)
    other = merge({"points": 3}, {"points": 8}, {"points": 5}, lambda _: None, at=TASK)

    assert one.value == other.value == {"points": 8}


def test_who_wrote_later_is_asked_for_each_path():
    asked = []

    def later(path):
        asked.append(path)
        return "ours" if path[-1] == "points" else "theirs"

    found = merge({"points": 1, "metadata": {"a": 1}}, {"points": 2, "metadata": {"a": 2}},
                  {"points": 3, "metadata": {"a": 3}}, later, at=TASK)  # fmt: skip

    assert found.value == {"points": 2, "metadata": {"a": 3}}
    assert asked == [(*TASK, "points"), (*TASK, "metadata", "a")]


@pytest.mark.parametrize("later", [ours_later, theirs_later])
def test_a_change_goes_before_a_deletion(later):
    found = merged({"metadata": {"a": 1, "b": 1}}, {}, {"metadata": {"a": 2, "b": 1}}, later=later)

    assert found.value == {"metadata": {"a": 2, "b": 1}}
    assert found.conflicts == [
        Conflict((*TASK, "metadata"), {"a": 1, "b": 1}, MISSING, {"a": 2, "b": 1}, "theirs")
    ]


def test_a_deletion_of_what_the_other_side_left_alone_stands():
    assert value({"metadata": {"a": 1}, "points": 1}, {"points": 1}, {"metadata": {"a": 1}, "points": 2}) == {
        "points": 2
    }


def test_keys_stand_in_the_order_of_base_then_by_name():
    base = {"id": 1, "title": 2}

    assert list(value(base, {"z": 1, "title": 3, "id": 1}, {"id": 1, "title": 2, "b": 1, "y": 1})) == [
        "id",
        "title",
        "b",
        "y",
        "z",
    ]


def test_true_and_1_are_two_values():
    assert len(merged({"a": None}, {"a": 1}, {"a": True}).conflicts) == 1


# -- whole records


def test_a_record_that_both_made_is_merged_key_by_key():
    ours = {"id": "auth", "title": "Log in", "created_at": "2026-01-05T10:00:00Z", "tags": ["web"]}
    theirs = {"id": "auth", "title": "Login", "created_at": "2026-01-05T09:00:00Z", "tags": ["api"]}

    found = merged(None, ours, theirs, at=("projects", "myapp", "epics", "auth"))

    assert found.value == {**theirs, "tags": ["web", "api"]}
    assert [one.path[-1] for one in found.conflicts] == ["title"]


def test_a_record_deleted_and_changed_is_kept():
    found = merged({"a": 1}, None, {"a": 2})

    assert found == ({"a": 2}, [Conflict(TASK, {"a": 1}, MISSING, {"a": 2}, "theirs")])


def test_a_record_deleted_and_left_alone_is_gone():
    assert value({"a": 1}, None, {"a": 1}) is None


# -- lists


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        (["a"], ["a", "b"], ["a", "c"], ["a", "b", "c"]),
        (["a", "b", "c"], ["b", "c"], ["a", "b"], ["b"]),
        (["a", "b"], ["b"], ["a", "b", "c"], ["b", "c"]),
        (["a", "b"], ["b", "a"], ["a", "b", "c"], ["b", "a", "c"]),
        ([], ["x", "b"], ["y", "b"], ["x", "b", "y"]),
        ([], ["ok"], ["ok", "ok"], ["ok", "ok"]),
        ([1], [1, True], [1, "1"], [1, True, "1"]),
    ],
)
def test_lists_of_scalars_merge_as_sets(base, ours, theirs, result):
    assert value({"labels": base}, {"labels": ours}, {"labels": theirs}) == {"labels": result}


def test_additions_stand_in_the_order_in_which_the_sides_wrote():
    versions = {"labels": []}, {"labels": ["b", "a"]}, {"labels": ["c"]}

    assert value(*versions, later=theirs_later) == {"labels": ["b", "a", "c"]}
    assert value(*versions, later=ours_later) == {"labels": ["c", "b", "a"]}


def test_items_with_ids_are_merged_each():
    base = {"blockers": [{"id": "BLK-1", "reason": "x", "owner": None}]}
    ours = {"blockers": [{"id": "BLK-1", "reason": "keys", "owner": None}, {"id": "BLK-2", "reason": "y"}]}
    theirs = {"blockers": [{"id": "BLK-3", "reason": "z"}, {"id": "BLK-1", "reason": "x", "owner": "ana"}]}

    assert value(base, ours, theirs) == {
        "blockers": [
            {"id": "BLK-1", "reason": "keys", "owner": "ana"},
            {"id": "BLK-2", "reason": "y"},
            {"id": "BLK-3", "reason": "z"},
        ]
    }


def test_a_conflict_inside_an_item_names_it_by_its_id():
    versions = [{"blockers": [{"id": "BLK-1", "severity": word}]} for word in ("low", "medium", "high")]

    found = merged(*versions)

    assert [one.path for one in found.conflicts] == [(*TASK, "blockers", "BLK-1", "severity")]
    assert value_at(found.value, (*TASK, "blockers", "BLK-1", "severity"), at=TASK) == "high"


def test_mappings_without_ids_are_one_value():
    versions = [{"rows": rows} for rows in ([{"n": 1}], [{"n": 1}, {"n": 2}], [{"n": 1}, {"n": 3}])]

    found = merged(*versions)

    assert found.value == versions[2]
    assert [one.path for one in found.conflicts] == [(*TASK, "rows")]


def test_goals_are_told_apart_by_their_text():
    goal = {"text": "Ship it", "done": False}
    base, ours = {"goals": [goal]}, {"goals": [{**goal, "done": True}]}
    theirs = {"goals": [goal, {"text": "Sleep", "done": False}]}

    found = value(base, ours, theirs, at=("projects", "myapp", "sprints", "s1"))

    assert found == {"goals": [{"text": "Ship it", "done": True}, {"text": "Sleep", "done": False}]}


def test_a_scale_of_points_is_never_mixed_from_two():
    config = ("projects", "myapp", "config")
    versions = [{"settings": {"point_scale": scale}} for scale in ([1, 2], [1, 2, 4], [1, 2, 3])]

    found = merged(*versions, at=config)

    assert found.value == versions[2]
    assert [one.path for one in found.conflicts] == [(*config, "settings", "point_scale")]


# -- times and marks


@pytest.mark.parametrize(
    ("name", "at", "result"),
    [
        ("completed_at", TASK, "2026-01-05T09:00:00Z"),
        ("updated_at", TASK, "2026-01-05T10:00:00+01:00"),
    ],
)
def test_times_are_no_conflict(name, at, result):
    ours, theirs = {name: "2026-01-05T09:00:00Z"}, {name: "2026-01-05T10:00:00+01:00"}

    # the same moment, written in two ways, and an hour later
    assert value({name: None}, ours, {name: "2026-01-05T11:00:00Z"}, at=at) == (
        ours if name == "completed_at" else {name: "2026-01-05T11:00:00Z"}
    )
    assert value({name: None}, ours, theirs, at=at)[name] in (ours[name], result)


def test_a_time_goes_before_none():
    base = {"started_at": "2026-01-05T09:00:00Z"}

    assert value(base, {"started_at": None}, {"started_at": "2026-01-05T10:00:00Z"}) == {
        "started_at": "2026-01-05T10:00:00Z"
    }


def test_what_is_no_time_merges_as_any_value():
    assert len(merged({"expiry": None}, {"expiry": "soon"}, {"expiry": 7}, at=SESSION).conflicts) == 1


def test_a_heartbeat_on_two_machines():
    base = {"lifecycle": {"status": "active", "heartbeat": "2026-01-05T09:00:00Z"}}
    ours = {"lifecycle": {"status": "active", "heartbeat": "2026-01-05T11:00:00Z"}}
    theirs = {"lifecycle": {"status": "paused", "heartbeat": "2026-01-05T10:00:00Z"}}

    assert value(base, ours, theirs, at=SESSION) == {
        "lifecycle": {"status": "paused", "heartbeat": "2026-01-05T11:00:00Z"}
    }


def test_the_highest_number_given_out_stays_the_highest():
    versions = [{"counters": {"TASK": number}} for number in (3, 9, 7)]

    assert value(*versions, at=("projects", "myapp", "config")) == {"counters": {"TASK": 9}}


# -- claims


def test_who_claimed_first_holds_the_task_and_the_other_is_told():
    first = {"agent": "ana", "session": "s1", "at": "2026-01-05T09:00:00Z"}
    second = {"agent": "ben", "session": "s2", "at": "2026-01-05T09:30:00Z"}

    found = merged({"claim": None}, {"claim": first}, {"claim": second})

    assert found == ({"claim": first}, [Conflict((*TASK, "claim"), None, first, second, "ours")])


@pytest.mark.parametrize(("later", "holder"), [(theirs_later, "zoe"), (ours_later, "ana")])
def test_claims_of_one_second_go_by_who_wrote_first(later, holder):
    one = {"agent": "zoe", "session": "s1", "at": "2026-01-05T09:00:00Z"}
    other = {"agent": "ana", "session": "s2", "at": "2026-01-05T09:00:00Z"}

    found = merged({"claim": None}, {"claim": one}, {"claim": other}, later=later)

    assert found.value["claim"]["agent"] == holder
    assert [each.path for each in found.conflicts] == [(*TASK, "claim")]


def test_claims_of_one_moment_go_by_the_names_of_the_agents():
    one = {"agent": "zoe", "session": "s1", "at": "2026-01-05T09:00:00Z"}
    other = {"agent": "ana", "session": "s2", "at": "2026-01-05T10:00:00+01:00"}

    for versions in ((one, other), (other, one)):
        sides = [{"claim": each} for each in versions]
        assert merge({"claim": None}, *sides, lambda _: None, at=TASK).value["claim"]["agent"] == "ana"


def test_a_claim_goes_before_a_release():
    old = {"agent": "ana", "session": "s1", "at": "2026-01-05T09:00:00Z"}
    new = {"agent": "ben", "session": "s2", "at": "2026-01-05T09:30:00Z"}

    assert value({"claim": old}, {"claim": None}, {"claim": new}) == {"claim": new}


# -- counters

NOTES = ("sessions", "7c9e6679", "notes")


def count(**parts):
    return {"hits": {COUNT: parts}}


def test_a_counter_is_that_of_the_domain():
    assert counters.COUNT == COUNT


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result"),
    [
        ({}, count(k7=1), count(m4=2), count(k7=1, m4=2)),
        (count(k7=1), count(k7=3), count(k7=1, m4=2), count(k7=3, m4=2)),
        ({"hits": 5}, count(set=5, k7=1), count(set=5, m4=2), count(set=5, k7=1, m4=2)),
        (count(k7=3), count(k7=1), count(k7=3, m4=1), count(k7=1, m4=1)),
        (count(k7=1), count(k7=2), count(k7=4), count(k7=4)),
    ],
)
def test_each_machine_counts_for_itself(base, ours, theirs, result):
    assert value(base, ours, theirs, at=NOTES) == result


def test_setting_a_counter_is_one_value_against_counting():
    found = merged(count(k7=1), {"hits": 10}, count(k7=1, m4=2), at=NOTES)

    assert found.value == count(k7=1, m4=2)
    assert found.conflicts == [
        Conflict((*NOTES, "hits"), {COUNT: {"k7": 1}}, 10, {COUNT: {"k7": 1, "m4": 2}}, "theirs")
    ]
    assert merged(count(k7=1), {"hits": 10}, count(k7=2), at=NOTES, later=ours_later).value == {"hits": 10}


# -- what others got wrong


def test_a_record_that_was_deleted_does_not_come_back():
    """Ghosts: what one side deleted and the other never touched stays deleted, in later merges too."""
    base = {"TASK-1": {"title": "x"}, "TASK-2": {"title": "y"}}
    ours = {"TASK-2": {"title": "y"}}
    once = value(base, ours, base, at=())

    assert once == ours
    assert value(base, once, {**base, "TASK-2": {"title": "z"}}, at=()) == {"TASK-2": {"title": "z"}}


def test_a_dependency_that_was_taken_out_does_not_come_back():
    base = {"depends_on": ["TASK-2", "TASK-3"]}

    assert value(base, {"depends_on": ["TASK-3"]}, {"depends_on": ["TASK-2", "TASK-3", "TASK-4"]}) == {
        "depends_on": ["TASK-3", "TASK-4"]
    }


def test_fields_that_nobody_knows_are_kept():
    base = {"id": "TASK-1", "x_sonar": {"grade": "A"}}

    assert value(base, {**base, "x_new": 1}, {**base, "x_sonar": {"grade": "A", "age": 2}}) == {
        "id": "TASK-1",
        "x_sonar": {"grade": "A", "age": 2},
        "x_new": 1,
    }


@pytest.mark.parametrize("empty", [0, "", False, None, [], {}])
def test_an_empty_value_is_a_value(empty):
    """Priority 0 was taken for "no priority", and the other side's came back."""
    assert value({"priority": 3}, {"priority": empty}, {"priority": 3, "a": 1}) == {"priority": empty, "a": 1}


def test_the_reason_of_a_closing_is_kept():
    base = {"status": "pending_acceptance", "reason": None, "text": "x"}
    ours = {"status": "rejected", "reason": "no room", "text": "x"}

    assert value(base, ours, {**base, "text": "y"}, at=("projects", "myapp", "handoffs", "HO-1")) == {
        "status": "rejected",
        "reason": "no room",
        "text": "y",
    }


def test_the_same_versions_give_the_same_bytes():
    """Unsorted output made every merge a change of every line."""
    ours, theirs = {"labels": ["b"], "m": {"x": 1, "a": 1}}, {"labels": ["a"], "m": {"k": 1}}

    one, other = merge({}, ours, theirs, theirs_later), merge({}, theirs, ours, ours_later)

    assert repr(one.value) == repr(other.value)
    assert list(one.value["m"]) == ["a", "k", "x"]


def test_an_entry_with_a_clock_that_is_behind_is_not_lost():
    """A log was cut at its newest time, and what came with an earlier one fell out."""
    base = {"log": [{"id": 2, "at": "2026-01-05T10:00:00Z"}]}
    late = {"log": [*base["log"], {"id": 3, "at": "2026-01-05T09:00:00Z"}]}
    ours = {"log": [*base["log"], {"id": 4, "at": "2026-01-05T11:00:00Z"}]}

    assert [one["id"] for one in value(base, ours, late)["log"]] == [2, 4, 3]


# -- the table


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        (("projects", "p", "tasks", "T", "claim"), rules.FIRST_CLAIM),
        (("projects", "p", "tasks", "T", "blockers", "BLK-1", "resolved_at"), rules.EARLIEST),
        (("sessions", "s", "session", "lifecycle", "expiry"), rules.LATEST),
        (("sessions", "s", "notes", "completed_at"), None),
        (("projects", "p", "tasks", "T", "title"), None),
        (("updated_at",), rules.LATEST),
    ],
)
def test_the_rule_of_a_path(path, rule):
    assert rules.of(path) == rule
