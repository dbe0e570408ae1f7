"""An epic's draft, how its tasks fill sprints, and what a plan says about dates, shares and risks."""

from datetime import UTC, datetime

import pytest

from orchestration.domain import epic_drafts, epic_plans, sprint_filling, sprints, tasks
from orchestration.domain.epic_drafts import Item
from orchestration.domain.project import Project
from orchestration.errors import InvalidData, NotFound, Refused
from orchestration.store.repo import Store

NOW = "2026-01-05T09:00:00Z"
AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def project(state_dir, *, board=(), planned=(), epics=(), config=None):
    """A project with no teams but those given."""
    store = Store(state_dir)
    with store.transaction(author="ada", now=AT) as tx:
        for name in ("teams", "agents"):
            tx.save(("config", name), {})
        tx.save(("projects", "p", "config"), {"project_id": "p", **(config or {})})
        for folder, records in (("tasks", board), ("sprints", planned), ("epics", epics)):
            for one in records:
                tx.save(("projects", "p", folder, one["id"]), one)
    return Project(store.snapshot(), "p", now=NOW)


def sprint(sprint_id, **given):
    status = given.pop("status", "planned")
    return sprints.new(sprint_id, sprint_id, given, now=NOW, config=None) | {"status": status}


def item(ref, points=None, *needs, **fields):
    return Item(ref, {"title": ref, "points": points, **fields}, needs, ())


def plan(board, name="dashboard", **arguments):
    return epic_plans.propose(board, {"name": name, **arguments})


def kinds(document):
    return [risk["kind"] for risk in document["risks"]]


# -- filling


def refs(filled):
    return [[one.ref for one in part] for part in filled]


def test_sprints_fill_up_in_dependency_order():
    """By hand, limit 10: A 5 and B 5 fill the first; C 3 needs A but finds no room; E 8 leaves 2, D 2 fits."""
    items = [item("D", 2, "C"), item("A", 5), item("B", 5), item("C", 3, "A"), item("E", 5)]

    ordered = sprint_filling.ordered(items)

    assert [one.ref for one in ordered] == ["A", "B", "C", "D", "E"]
    assert refs(sprint_filling.fill(ordered, 10)) == [["A", "B"], ["C", "D", "E"]]


def test_a_small_task_fills_a_gap_but_never_before_what_it_needs():
    items = [item("A", 6), item("B", 6, "A"), item("C", 2), item("D", 2, "B")]

    filled = sprint_filling.fill(sprint_filling.ordered(items), 8)

    assert refs(filled) == [["A", "C"], ["B", "D"]]


def test_priority_goes_first_and_dependencies_go_before_priority():
    items = [item("A", 1), item("B", 1, "C", priority=1), item("C", 1, priority=5), item("D", 1, priority=2)]

    assert [one.ref for one in sprint_filling.ordered(items)] == ["D", "A", "C", "B"]


def test_a_task_larger_than_a_sprint_has_one_of_its_own():
    items = [item("A", 3), item("B", 13), item("C", 3)]

    assert refs(sprint_filling.fill(sprint_filling.ordered(items), 8)) == [["A", "C"], ["B"]]


def test_a_cycle_is_refused_with_its_way():
    items = [item("X", 1, "A"), item("A", 1, "B"), item("B", 1, "C"), item("C", 1, "A")]

    with pytest.raises(Refused, match="wait for each other: A -> B -> C -> A"):
        sprint_filling.ordered(items)


# -- what a sprint takes, and when


def test_the_smaller_of_capacity_and_velocity(state_dir):
    """Three finished sprints with 8, 10 and 12 points: velocity 10, below the latest capacity of 20."""
    done, ended = [], []
    for number, points in enumerate((8, 10, 12), 1):
        name = f"sprint-{number}"
        one = sprint(name, start_date=f"2025-12-0{number}", capacity=20)
        ended.append(one | {"status": "completed", "completed_at": f"2025-12-1{number}T00:00:00Z"})
        made = tasks.new(f"TASK-{number}", {"points": points, "sprint_id": name}, now="2025-12-01T00:00:00Z")
        done.append(tasks.move(made, "done", now="2025-12-05T00:00:00Z"))
    found = sprint_filling.room(project(state_dir, board=done, planned=ended))

    assert (found.capacity, found.capacity_source) == (20, "sprint sprint-3")
    assert (found.velocity, found.limit) == (10, 10)
    assert found.measured == {"mean": 10, "min": 8, "max": 12, "sprints": 3}


def test_a_target_stands_in_for_velocity(state_dir):
    board = project(state_dir, planned=[sprint("sprint-2", capacity=40, velocity_target=25)])
    found = sprint_filling.room(board)

    assert (found.limit, found.velocity_source) == (25, "velocity target of sprint sprint-2")


def test_sprints_begin_when_the_last_planned_one_ends(state_dir):
    planned = [
        sprint("sprint-1", start_date="2026-01-05", status="active"),
        sprint("sprint-2", start_date="2026-01-19", end_date="2026-01-30T17:00:00Z"),
        sprint("sprint-9", start_date="2026-06-01", status="cancelled"),
        sprint("later"),
    ]
    found = sprint_filling.calendar(project(state_dir, planned=planned))

    # 31 January is the day after the last end, and a sprint without dates takes 14 days.
    assert (found.start.isoformat(), found.undated) == ("2026-02-14", ["later"])
    assert found.dates(1) == ("2026-02-28", "2026-03-14")


def test_with_nothing_planned_they_begin_today(state_dir):
    assert sprint_filling.calendar(project(state_dir)).dates(0) == ("2026-01-05", "2026-01-19")


# -- drafts

DRAFT = """
title: User dashboard
features:
  - title: Overview
    tasks:
      - {key: api, title: "Serve [/api]", points: 5, labels: [api], priority: high}
      - {title: Overview page, points: 8, depends_on: api}
      - {title: Test overview, points: 3, depends_on: [overview PAGE, TASK-1]}
  - title: Settings
    tasks: [Settings form]
"""


def test_a_draft_in_yaml(state_dir):
    board = project(state_dir, board=[tasks.new("TASK-1", {}, now=NOW)])
    draft = epic_drafts.read(DRAFT)
    found = epic_drafts.items(draft, board)

    assert [(one.ref, one.needs, one.existing) for one in found] == [
        ("api", (), ()),
        ("#2", ("api",), ()),
        ("#3", ("#2",), ("TASK-1",)),
        ("#4", (), ()),
    ]
    assert found[0].task == {
        "title": "Serve [/api]",
        "type": "feature",
        "points": 5,
        "priority": 2,
        "labels": ["api"],
        "feature": "Overview",
    }
    assert found[2].task["type"] == "test"
    assert epic_drafts.epic_fields(draft) == {"title": "User dashboard"}


def test_a_list_of_tasks_in_json_with_tabs(state_dir):
    found = epic_drafts.items(
        epic_drafts.read('[\n\t{"title": "A", "points": null},\n\t"B"]'), project(state_dir)
    )

    assert [one.task["title"] for one in found] == ["A", "B"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "the draft has no tasks"),
        ("just words", "the draft has no list of features"),
        ("{features: 3}", "the draft has no list of features"),
        ("{features: [{title: F, tasks: 3}]}", r"features\[0\].tasks is not a list"),
        ("[{title: A, pionts: 3}]", r"features\[0\] has no field 'pionts'"),
        ("[{title: A, points: -1}]", r"features\[0\].points -1 is out of range"),
        ("[{title: ' '}]", r"features\[0\].title is empty"),
        ("[{points: 3}]", r"features\[0\].title None is not text"),
        ("[3]", r"features\[0\] is not an object"),
        ("[{title: A, type: thing}]", "type 'thing' is not one of"),
        ("[{title: A, key: x}, {title: B, key: X}]", "two tasks have the key 'X'"),
        ("[{title: A, depends_on: C}]", "depends on 'C', which is neither in it nor in the project"),
        ("[{title: A}, {title: a}, {title: B, depends_on: A}]", "which is the title of 2 tasks"),
        ("[{title: A", "the draft, line 2, column 1"),
    ],
)
def test_a_draft_that_is_wrong_names_the_place(state_dir, text, message):
    with pytest.raises(InvalidData, match=message):
        epic_drafts.items(epic_drafts.read(text), project(state_dir))


def test_a_draft_that_goes_in_a_circle(state_dir):
    board = project(state_dir)
    with pytest.raises(Refused, match="'A' -> 'B' -> 'A'"):
        plan(board, draft=[{"title": "A", "depends_on": "B"}, {"title": "B", "depends_on": "A"}])
    with pytest.raises(Refused, match="'A' depends on itself"):
        plan(board, draft=[{"title": "A", "depends_on": "A"}])


# -- the plan


def test_a_plan_by_hand(state_dir):
    """Limit 10: api 5, form and its test 5; the page of 8 comes after the api, in the second sprint."""
    config = {
        "team": {"core": {"members": ["ada"]}, "qa": {"members": ["bob"]}},
        "agents": {"ada": {"skills": ["api", "page"]}, "bob": {"skills": ["testing"]}},
        "settings": {"team_capacity": 10},
    }
    draft = [
        {"key": "api", "title": "Serve the api", "points": 5},
        {"title": "Page", "points": 8, "depends_on": "api"},
        {"title": "Form", "points": 3},
        {"title": "Test the form", "points": 2, "depends_on": "Form"},
    ]
    found = plan(project(state_dir, config=config), draft=draft)

    assert found["epic"] == {
        "id": "dashboard",
        "title": "Epic dashboard",
        "description": None,
        "priority": None,
        "status": "planned",
        "new": True,
    }
    assert [(one["ref"], one["sprint_id"], one["team"]) for one in found["tasks"]] == [
        ("api", "sprint-1", "core"),
        ("#3", "sprint-1", None),
        ("#4", "sprint-1", "qa"),
        ("#2", "sprint-2", "core"),
    ]
    assert [(one["start_date"], one["end_date"], one["points"]) for one in found["sprints"]] == [
        ("2026-01-05", "2026-01-19", 10),
        ("2026-01-19", "2026-02-02", 8),
    ]
    assert [(one["team"], one["points"], one["share"]) for one in found["teams"]] == [
        ("core", 13, 0.7222),
        ("qa", 2, 0.1111),
        (None, 3, 0.1667),
    ]
    assert found["dates"] == {
        "start": "2026-01-05",
        "end": "2026-02-02",
        "weeks": 4,
        "duration_weeks": 4,
        "fits": True,
    }
    assert [(risk["kind"], risk["text"]) for risk in found["risks"]] == [
        ("no_skill", "no agent has a skill for: 'Form'"),
        (
            "over_capacity",
            "core has 8 points in sprint-2, where its part of the slots (1 of 2) makes 5",
        ),
    ]


def test_chosen_teams_take_everything(state_dir):
    config = {"team": {"a": {"members": ["x", "y"]}, "b": {"members": ["z"]}, "c": {"members": ["w"]}}}
    board = project(state_dir, config=config)
    draft = [{"title": f"Thing {n}", "points": 2} for n in range(6)]
    found = plan(board, draft=draft, teams=["a", "b"])

    assert [(one["team"], one["points"], one["slots"]) for one in found["teams"]] == [
        ("a", 8, 2),
        ("b", 4, 1),
    ]
    with pytest.raises(NotFound, match="no team 'bb'"):
        plan(board, draft=draft, teams=["bb"])


def test_without_capacity_and_velocity_the_points_spread_over_the_duration(state_dir):
    draft = [{"title": f"T{n}", "points": 3} for n in range(4)]
    found = plan(project(state_dir), draft=draft, weeks=4)

    assert [one["points"] for one in found["sprints"]] == [6, 6]
    assert found["room"]["limit"] == 6
    assert "no_velocity" in kinds(found)


def test_every_risk_is_told(state_dir):
    board = project(
        state_dir,
        board=[
            tasks.new("TASK-1", {"title": "In no sprint"}, now=NOW),
            tasks.move(tasks.new("TASK-2", {}, now=NOW), "cancelled", now=NOW),
            tasks.new("TASK-3", {"title": "Big"}, now=NOW),
        ],
        planned=[sprint("sprint-4")],
        config={"settings": {"velocity_target": 5}},
    )
    draft = [
        {"title": "Big", "points": 8},
        {"title": "Unknown", "depends_on": ["TASK-1", "TASK-2"], "team": "ghosts"},
    ]
    found = plan(board, draft=draft, weeks=1)

    assert kinds(found) == [
        "larger_than_sprint",
        "unestimated",
        "no_agents",
        "unknown_team",
        "dependency",
        "dependency",
        "beyond_duration",
        "undated",
        "duplicate",
    ]
    assert found["sprints"][0]["id"] == "sprint-5"


def test_the_backlog_of_the_epic_is_planned(state_dir):
    mine = {"epic_id": "dashboard", "points": 3}
    board = project(
        state_dir,
        board=[
            tasks.new("TASK-1", mine, now=NOW),
            tasks.new("TASK-2", {**mine, "depends_on": ["TASK-1"], "priority": 1}, now=NOW),
            tasks.new("TASK-3", {**mine, "sprint_id": "sprint-1"}, now=NOW),
            tasks.move(tasks.new("TASK-4", mine, now=NOW), "done", now=NOW),
        ],
        planned=[sprint("sprint-1", start_date="2026-01-05", capacity=5)],
        epics=[{"id": "dashboard", "title": "The dashboard", "status": "in_progress", "priority": 2}],
    )
    found = plan(board, name="THE Dashboard")

    assert (found["source"], found["epic"]["id"], found["epic"]["new"]) == ("backlog", "dashboard", False)
    assert [(one["id"], one["sprint_id"]) for one in found["tasks"]] == [
        ("TASK-1", "sprint-2"),
        ("TASK-2", "sprint-3"),
    ]
    assert found["planned"] == {"tasks": 1, "sprints": ["sprint-1"]}


def test_without_tasks_the_facts(state_dir):
    other = {"id": "old-dashboard", "title": "Old dashboards", "status": "completed", "priority": 3}
    found = plan(project(state_dir, epics=[other]))

    assert (found["source"], found["sprints"], found["tasks"], found["risks"]) == (None, [], [], [])
    assert [one["id"] for one in found["facts"]["similar_epics"]] == ["old-dashboard"]
    assert found["facts"]["velocity"] is None
    assert found["draft_format"] == epic_drafts.FORMAT


def test_names_of_epics(state_dir):
    done = {"id": "old", "title": "Old", "status": "completed", "priority": 3}
    board = project(state_dir, epics=[done])

    assert plan(board, name="User [/dash] & more!")["epic"]["id"] == "user-dash-more"
    assert plan(board, name="User [/dash]")["epic"]["title"] == "User [/dash]"
    with pytest.raises(Refused, match="'old' is completed"):
        plan(board, name="OLD")
    with pytest.raises(Refused, match="may hold only letters"):
        plan(board, name="用户")
