"""What teams can take on, what they did, and who waits for whom, by hand-computed examples."""

from datetime import UTC, datetime

import pytest

from orchestration.domain import (
    agenda,
    performance,
    project_risks,
    recorded_costs,
    risks,
    tasks,
    team_capacity,
    team_graph,
    team_handoffs,
)
from orchestration.domain.flow import Step
from orchestration.domain.project import Project
from orchestration.errors import NotFound
from orchestration.store.repo import Store

NOW = "2026-01-19T12:00:00Z"  # a Monday
BEGIN = "2026-01-05T09:00:00Z"  # the Monday two weeks before
TEAMS = {"dev": {"members": ["ada", "bob"]}, "qa": {"members": ["cy"]}}
AGENTS = {"ada": {"role": "developer"}, "bob": {"role": "developer"}, "cy": {"role": "tester", "capacity": 2}}


def task(number, column="todo", *, done=None, started=None, **given):
    made = tasks.new(f"TASK-{number}", {"column": "backlog", **given}, now=BEGIN)
    made = tasks.move(made, column, now=BEGIN)
    times = {"completed_at": done, "started_at": started or BEGIN} if done else {}
    return made | times


@pytest.fixture
def project(tmp_path):
    """Make a project out of records."""

    def project(*records, sprints=(), handoffs=(), epics=(), config=None, now=NOW, kept=()):
        store = Store(tmp_path / "state")
        with store.transaction(author="ana", now=datetime(2026, 1, 5, 9, tzinfo=UTC)) as tx:
            tx.save(("config", "teams"), {})
            tx.save(("config", "agents"), {})
            own = {"project_id": "p", "team": TEAMS, "agents": AGENTS, **(config or {})}
            tx.save(("projects", "p", "config"), own)
            for folder, rows in (
                ("tasks", records), ("sprints", sprints), ("handoffs", handoffs), ("epics", epics), ("risks", kept),
            ):  # fmt: skip
                for one in rows:
                    tx.save(("projects", "p", folder, one["id"]), one)
            tx.describe("state_set", "test: records")
        return Project(store.snapshot(), "p", now=now)

    return project


def done(number, day, *, agent="ada", points=None, started=None):
    return task(
        number, "done", done=f"2026-01-{day:02}T15:00:00Z", assignee=agent, points=points,
        started=started and f"2026-01-{started:02}T15:00:00Z",
    )  # fmt: skip


# -- capacity


def test_slots_of_members_teams_and_roles(project):
    board = project(task(1, assignee="ada"), task(2, "in_progress", assignee="bob"), task(3, assignee="cy"))

    found = team_capacity.capacity(board, None, activity={})

    assert [(one["name"], one["used"], one["slots"], one["free"], one["load"]) for one in found["teams"]] == [
        ("dev", 2, 2, 0, "full"),
        ("qa", 1, 2, 1, "ok"),
    ]
    assert [(one["role"], one["used"], one["slots"], one["free"]) for one in found["roles"]] == [
        ("developer", 2, 2, 0),
        ("tester", 1, 2, 1),
    ]
    assert found["bottlenecks"] == ["developer"]
    assert found["needs"] == {"points_per_sprint": "needs 3 finished sprints"}


def test_points_per_sprint_are_the_mean_of_the_finished_sprints_by_team(project):
    ended = [
        {
            "id": f"s{n}",
            "name": f"s{n}",
            "status": "completed",
            "completed_at": f"2026-01-{6 + n:02}T20:00:00Z",
        }
        for n in (1, 2, 3)
    ]
    work = [
        {**done(1, 6, points=5), "sprint_id": "s1"},
        {**done(2, 7, points=4), "sprint_id": "s2"},
        {**done(3, 8, agent="cy", points=6), "sprint_id": "s3"},
    ]

    found = team_capacity.capacity(project(*work, sprints=ended), None, activity={})

    assert [(one["name"], one["points_per_sprint"]) for one in found["teams"]] == [("dev", 3), ("qa", 2)]
    assert found["needs"] == {}


def test_the_outlook_goes_on_at_the_pace_of_the_last_working_days(project):
    # 5 tasks on the 10 working days from Monday the 5th to Friday the 16th: half a task a day.
    finished = [done(n, day) for n, day in enumerate((5, 6, 8, 12, 16), 1)]
    waiting = [task(n, assignee="ada") for n in (11, 12, 13)]

    found = team_capacity.capacity(project(*finished, *waiting), "dev", activity={}, days=4)

    (dev,) = found["teams"]
    assert dev["outlook"] == {
        "days": 4, "working_days": 4, "per_day": 0.5, "expected": 2, "used": 1, "free": 1,
    }  # fmt: skip


def test_an_outlook_needs_five_tasks_of_the_team(project):
    found = team_capacity.capacity(project(done(1, 12)), None, activity={}, days=4)

    assert [one["outlook"]["expected"] for one in found["teams"]] == [None, None]
    assert found["needs"]["outlook.dev"] == "needs 5 tasks finished in 5 working days or more"


def test_an_unknown_team(project):
    with pytest.raises(NotFound, match="no team 'ops'"):
        team_capacity.capacity(project(), "ops", activity={})


# -- performance


def test_what_a_team_did_in_seven_days(project):
    board = project(
        done(1, 13, points=5, started=12),
        done(2, 14, agent="bob", points=3, started=12),
        done(3, 5, points=8),
    )

    found = performance.performance(board, {}, period="7d", team="dev")

    (dev,) = found["teams"]
    # Seven days are one week of five working days.
    assert (dev["done"], dev["points"], dev["per_week"]) == (2, 8, {"tasks": 2, "points": 8})
    assert dev["cycle_time"]["median"] == 36
    assert [(one["name"], one["done"], one["points"]) for one in dev["agents"]] == [
        ("ada", 1, 5),
        ("bob", 1, 3),
    ]
    assert found["from"] == "2026-01-12T12:00:00Z"


def test_all_the_time_begins_with_the_first_work(project):
    assert performance.performance(project(), {}, period="all")["needs"] == {
        "per_week": "needs 1 finished task"
    }

    found = performance.performance(project(done(1, 13, started=7)), {}, period="all")

    assert found["from"] == "2026-01-07T15:00:00Z"


def test_a_task_that_left_done_was_reopened(project):
    def step(day, column):
        return Step(datetime(2026, 1, day, 9, tzinfo=UTC), column, None, None, "ada", None)

    lives = {"TASK-1": [step(12, "in_progress"), step(13, "done"), step(14, "in_progress"), step(15, "done")]}

    found = performance.performance(project(done(1, 15)), lives, period="7d", metric="quality")

    assert [(one["name"], one["reopened"]) for one in found["teams"]] == [("dev", 1), ("qa", 0)]


# -- dependencies


def test_teams_wait_for_each_other_by_dependencies_and_blockers(project):
    waiting = tasks.block(
        task(3, assignee="bob"),
        blocker_id="BLK-1",
        reason="data",
        on_task="TASK-4",
        reported_by="ana",
        now=BEGIN,
    )
    board = project(
        task(1, assignee="ada"),
        task(2, assignee="cy", depends_on=["TASK-1"]),
        waiting,
        task(4, assignee="cy"),
        task(5, assignee="ada", depends_on=["TASK-1"]),
        task(6, assignee="cy", depends_on=["TASK-7"]),
        done(7, 6),
    )

    found = team_graph.graph(board)

    assert [
        (one["task"], one["team"], one["needs"], one["needs_team"], one["kind"]) for one in found["links"]
    ] == [
        ("TASK-3", "dev", "TASK-4", "qa", "blocker"),
        ("TASK-2", "qa", "TASK-1", "dev", "depends_on"),
    ]
    assert found["edges"] == [
        {"team": "dev", "needs": "qa", "links": 1},
        {"team": "qa", "needs": "dev", "links": 1},
    ]
    assert found["circles"] == [["dev", "qa"]]
    assert found["inside"] == 1
    assert team_graph.graph(board, "qa")["inside"] == 0


# -- leading


def test_all_risks_are_blockers_what_is_late_and_what_was_recorded(project):
    held = tasks.block(task(1), blocker_id="BLK-1", reason="no key", reported_by="ana", now=BEGIN)
    late = {"id": "old", "name": "old", "status": "active", "end_date": "2026-01-10"}
    known = risks.new("RISK-1", "the vendor", severity="high", reported_by="ana", now=BEGIN)

    found = project_risks.all_risks(project(held, sprints=[late], kept=[known]), None, {})

    assert [(one["task"], one["id"], one["reason"]) for one in found["blockers"]] == [
        ("TASK-1", "BLK-1", "no key")
    ]
    assert [one["text"] for one in found["computed"]] == [
        "sprint old was to end on 2026-01-10 and is still active"
    ]
    assert [one["id"] for one in found["recorded"]] == ["RISK-1"]


def test_costs_are_those_that_are_recorded(project):
    epic = {
        "id": "e",
        "title": "e",
        "status": "planned",
        "metadata": {"budget": 50, "budgetary": "no number"},
    }
    sprint = {"id": "s", "name": "s", "status": "planned", "reported": {"cost_usd": 2.5, "coverage": 80}}
    board = project(
        {**task(1), "cost": 3, "costly": True}, epics=[epic], sprints=[sprint],
        config={"metadata": {"budget": {"q1": 10, "q2": 20}}},
    )  # fmt: skip

    found = recorded_costs.recorded(board)

    assert [(one["kind"], one["id"], one["name"], one["value"]) for one in found["rows"]] == [
        ("project", "p", "budget.q1", 10),
        ("project", "p", "budget.q2", 20),
        ("epic", "e", "budget", 50),
        ("sprint", "s", "cost_usd", 2.5),
        ("task", "TASK-1", "cost", 3),
    ]
    assert [one["value"] for one in found["totals"]] == [10, 20, 50, 2.5, 3]


def test_an_agenda_names_what_settles_each_point(project):
    asked = team_handoffs.new("HO-1", "dev", "qa", text="specs", others={}, now=BEGIN)
    held = tasks.block(task(1), blocker_id="BLK-1", reason="no key", reported_by="ana", now=BEGIN)
    sprint = {
        "id": "s", "name": "s", "status": "active", "start_date": "2026-01-12", "end_date": "2026-01-26",
        "goals": [{"text": "Log in", "done": False}, {"text": "Log out", "done": True}],
    }  # fmt: skip
    board = project(held, handoffs=[asked], sprints=[sprint])

    found = agenda.agenda(board, sprint, {"blockers": project_risks.all_risks(board, None, {})["blockers"],
                                          "computed": [], "recorded": []})  # fmt: skip

    assert [(one["topic"], one["text"], one["command"]) for one in found["items"]] == [
        ("Blockers and risks", "TASK-1 is blocked for 14d 3h: no key", "/unblock TASK-1"),
        ("Handoffs", "HO-1 dev -> qa is pending acceptance: specs", "/team accept-handoff HO-1"),
        ("Sprint", "s has 6 of 14 days left", "/burndown"),
        ("Sprint", "goal 1 is open: Log in", "/goals done 1"),
    ]


def test_an_empty_agenda(project):
    nothing = {"blockers": [], "computed": [], "recorded": []}

    assert agenda.agenda(project(), None, nothing)["items"] == []
