from datetime import date

import pytest

from orchestration.domain import sprints, tasks
from orchestration.domain.records import SPRINT_STATUSES
from orchestration.errors import InvalidData, Refused

NOW = "2024-01-15T09:00:00Z"
LATER = "2024-01-29T16:00:00Z"
GUIDE = {
    "start_date": "2024-01-15",
    "end_date": "2024-01-29",
    "goals": ["OAuth2 integration", "Social login", "User management"],
}


def sprint(sprint_id="sprint-1", config=None, **given):
    return sprints.new(sprint_id, "Authentication Sprint", given, now=NOW, config=config)


def task(task_id, column="todo", points=None, sprint_id="sprint-1"):
    fields = {"column": column, "points": points, "sprint_id": sprint_id}
    return {task_id: tasks.new(task_id, fields, now=NOW)}


def start(made, board=None, config=None, active=(), now=NOW):
    return sprints.start(made, board or {}, now=now, config=config, active=active)


def test_the_guides_sprint_in_the_order_it_is_stored():
    assert list(sprint(**GUIDE, epic_id="user-auth", theme="login").items()) == [
        ("id", "sprint-1"),
        ("name", "Authentication Sprint"),
        ("status", "planned"),
        ("archived", False),
        ("epic_id", "user-auth"),
        (
            "goals",
            [
                {"text": "OAuth2 integration", "done": False},
                {"text": "Social login", "done": False},
                {"text": "User management", "done": False},
            ],
        ),
        ("start_date", "2024-01-15"),
        ("end_date", "2024-01-29"),
        ("started_at", None),
        ("completed_at", None),
        ("capacity", None),
        ("velocity_target", None),
        ("wip_limits", {}),
        ("committed_points", None),
        ("committed_tasks", None),
        ("retro", None),
        ("report", None),
        ("metadata", {}),
        ("created_at", NOW),
        ("theme", "login"),
    ]


def test_the_guides_sprint_with_capacity():
    made = sprint(goals=["Complete user dashboard"], capacity=40, velocity_target=25)

    assert (made["capacity"], made["velocity_target"], made["end_date"]) == (40, 25, None)


def test_the_end_follows_the_start_by_the_projects_length():
    assert sprint(start_date="2024-01-15")["end_date"] == "2024-01-29"
    week = {"settings": {"default_sprint_length": 7}}
    assert sprint(start_date="2024-01-15T09:00:00Z", config=week)["end_date"] == "2024-01-22T09:00:00Z"


@pytest.mark.parametrize("field", ["id", "status", "started_at", "committed_points", "created_at"])
def test_fields_a_new_sprint_may_not_be_given(field):
    with pytest.raises(Refused, match=field):
        sprint(**{field: "active"})


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"start_date": "2024-01-29", "end_date": "2024-01-15"}, "before its end"),
        ({"start_date": "2024-01-15", "end_date": "2024-01-15"}, "before its end"),
        ({"start_date": "soon"}, "start_date"),
        ({"start_date": "9999-12-31"}, "1970 to 2999"),
        ({"capacity": -1}, "capacity"),
        ({"velocity_target": "fast"}, "velocity_target"),
        ({"wip_limits": {"todo": 0}}, r"wip_limits\.todo"),
        ({"wip_limits": {"limbo": 1}}, "wip_limits column"),
        ({"goals": [{"done": True}]}, r"goals\[0\]\.text"),
        ({"goals": 7}, "goals"),
        ({"epic_id": "a/b"}, "epic_id"),
    ],
)
def test_values_a_field_cannot_hold(given, place):
    with pytest.raises(InvalidData, match=place):
        sprint(**given)


def test_goals_and_limits_in_their_other_forms():
    made = sprint(
        goals=["A", {"text": "B", "done": True, "owner": "ann"}], wip_limits={"testing": "2", "todo": "off"}
    )

    assert made["goals"] == [{"text": "A", "done": False}, {"text": "B", "done": True, "owner": "ann"}]
    assert made["wip_limits"] == {"review": 2, "todo": None}
    assert sprint(goals="One, two")["goals"] == [{"text": "One, two", "done": False}]


def test_limits_of_a_sprint_over_those_of_its_project():
    config = {"settings": {"wip_limits": {"in_progress": 2}}}

    assert sprints.wip_limits(sprint(), None) == {"todo": 10, "in_progress": 5, "review": 3}
    limited = sprint(wip_limits={"todo": None, "review": 1})
    assert sprints.wip_limits(limited, config) == {"todo": None, "in_progress": 2, "review": 1}
    assert sprints.wip_limits(sprint(wip_limits=None), config) == {}


def test_an_update_keeps_the_status_to_the_steps():
    made = sprints.update(sprint(), {"capacity": "30", "goals": ["A"], "x": 1}, now=LATER, config=None)

    assert (made["capacity"], made["x"], made["goals"]) == (30, 1, [{"text": "A", "done": False}])
    with pytest.raises(Refused) as caught:
        sprints.update(made, {"status": "active"}, now=LATER, config=None)
    assert "start-sprint" in caught.value.hint
    with pytest.raises(InvalidData):
        sprints.update(sprint(**GUIDE), {"end_date": "2024-01-01"}, now=LATER, config=None)


def test_starting_fills_dates_and_freezes_the_commitment():
    board = task("T1", "todo", 5) | task("T2", "done", 3) | task("T3", "backlog") | task("T4", "cancelled", 8)

    started = start(sprint(), board | task("T5", "todo", 9, "sprint-2"))

    assert started["status"] == "active"
    assert (started["start_date"], started["end_date"]) == ("2024-01-15", "2024-01-29")
    assert started["started_at"] == NOW
    assert started["committed_points"] == 8
    assert started["committed_tasks"] == ["T1", "T2", "T3"]


def test_today_is_a_date_in_the_projects_zone():
    tokyo = {"settings": {"timezone": "Asia/Tokyo"}}

    started = start(sprint(config=tokyo), config=tokyo, now="2024-01-15T20:00:00Z")

    assert (started["start_date"], started["end_date"]) == ("2024-01-16", "2024-01-30")


def test_as_many_sprints_run_as_the_project_allows():
    with pytest.raises(Refused, match="active already: sprint-0") as caught:
        start(sprint(), active=["sprint-0"])
    assert "max_active_sprints" in caught.value.hint
    two = {"settings": {"max_active_sprints": 2}}
    assert start(sprint(), config=two, active=["sprint-0"])["status"] == "active"


def test_undoing_a_completion_keeps_the_commitment():
    completed = sprints.archive(sprints.complete(start(sprint(), task("T1", "todo", 5)), now=LATER))

    again = start(completed, task("T2", "todo", 9), now="2024-01-30T09:00:00Z")

    assert (again["status"], again["completed_at"], again["archived"]) == ("active", None, False)
    assert (again["started_at"], again["committed_points"], again["committed_tasks"]) == (NOW, 5, ["T1"])


@pytest.mark.parametrize("status", SPRINT_STATUSES)
def test_every_step_from_every_status(status):
    made = sprint() | {"status": status}
    steps = {
        "active": lambda: start(made),
        "completed": lambda: sprints.complete(made, now=LATER),
        "cancelled": lambda: sprints.cancel(made, now=LATER),
        "archived": lambda: sprints.archive(made),
    }
    allowed = {
        "planned": {"active", "cancelled"},
        "active": {"completed", "cancelled"},
        "completed": {"active", "archived"},
        "cancelled": set(),
    }
    for step, take in steps.items():
        if step in allowed[status]:
            assert take()["archived" if step == "archived" else "status"] in (step, True)
        else:
            with pytest.raises(Refused):
                take()


def test_completing_is_timed():
    assert sprints.complete(start(sprint()), now=LATER)["completed_at"] == LATER


def test_open_tasks_are_carried_to_another_sprint_in_their_columns():
    board = task("T1", "review", 5) | task("T2", "done", 3) | task("T3", "cancelled") | task("T4", "backlog")

    carried = sprints.carry(board, "sprint-2", now=LATER)

    assert {t: (c["sprint_id"], c["column"]) for t, c in carried.items()} == {
        "T1": ("sprint-2", "review"),
        "T4": ("sprint-2", "backlog"),
    }
    assert board["T1"]["sprint_id"] == "sprint-1"


def test_open_tasks_are_carried_to_the_backlog():
    carried = sprints.carry(task("T1", "review", 5), None, now=LATER)

    assert (carried["T1"]["sprint_id"], carried["T1"]["column"]) == (None, "backlog")
    assert carried["T1"]["started_at"] == NOW


def dated(name, status, start_date=None, end_date=None, created_at=NOW):
    return {
        name: {"id": name, "status": status, "start_date": start_date, "end_date": end_date}
        | {"created_at": created_at}
    }


RUNNING = dated("a", "active", "2024-01-15", "2024-01-29")
NEXT = dated("b", "planned", "2024-01-15", "2024-01-29")
FEBRUARY = dated("b", "planned", "2024-02-01", "2024-02-15")


@pytest.mark.parametrize(
    ("found", "bound", "expected"),
    [
        ({}, None, None),
        (dated("a", "completed", "2024-01-01", "2024-02-01"), None, None),
        (dated("a", "completed", "2024-01-01", "2024-02-01"), "a", "a"),
        (dated("a", "active"), "gone", "a"),
        (RUNNING | dated("b", "planned"), "b", "b"),
        # Several active: the one that contains today, else the latest start.
        (RUNNING | dated("b", "active", "2024-02-01"), None, "a"),
        (dated("a", "active", "2023-01-01", "2023-01-15") | dated("b", "active", "2023-02-01"), None, "b"),
        # None active: the planned window of today, else earliest start, else earliest created.
        (dated("a", "planned", "2024-01-01", "2024-01-05") | NEXT, None, "b"),
        (dated("a", "planned", "2024-03-01", "2024-03-15") | FEBRUARY, None, "b"),
        (dated("a", "planned") | dated("b", "planned", created_at="2024-01-01"), None, "b"),
        (dated("a", "planned") | FEBRUARY, None, "b"),
    ],
)
def test_the_current_sprint(found, bound, expected):
    current = sprints.current(found, bound=bound, today=date(2024, 1, 20))

    assert (current and current["id"]) == expected


def test_the_view_shows_what_holds():
    config = {"settings": {"velocity_target": 20}}
    shown = sprints.view(
        sprint(metadata={"capacity": "40"}), task("T1") | task("T2", sprint_id=None), config=config
    )

    assert shown["tasks"] == ["T1"]
    assert shown["capacity"] == 40
    assert shown["velocity_target"] == 20
    assert shown["wip_limits"] == {"todo": 10, "in_progress": 5, "review": 3}


def test_events():
    made = sprint()
    started = start(made)
    completed = sprints.complete(started, now=LATER)

    assert sprints.event_of(None, made) == ("sprint_created", "sprint: create sprint-1 Authentication Sprint")
    assert sprints.event_of(made, started) == ("sprint_started", "sprint: sprint-1 planned -> active")
    assert sprints.event_of(started, completed) == (
        "sprint_completed",
        "sprint: sprint-1 active -> completed",
    )
    assert sprints.event_of(completed, sprints.archive(completed)) == (
        "sprint_archived",
        "sprint: archive sprint-1",
    )
    assert sprints.event_of(made, {**made, "capacity": 3}) == ("state_set", "sprint: sprint-1 set capacity")
