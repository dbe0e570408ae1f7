"""Alerts: what exceeds a limit of time, load or flow."""

from datetime import UTC, datetime

import pytest

from orchestration.domain import alerts, sprints, tasks
from orchestration.domain.project import Project
from orchestration.store.repo import Store

BEGIN = "2026-01-05T09:00:00Z"
CONFIG = {"team": {"dev": {"members": ["ada", "bob"]}}}


@pytest.fixture
def project(tmp_path):
    """Make a project out of records, looked at at a time."""

    def project(*records, now, config=CONFIG, sprint=None):
        store = Store(tmp_path / "state")
        with store.transaction(author="ana", now=datetime(2026, 1, 5, 9, tzinfo=UTC)) as tx:
            tx.save(("projects", "myapp", "config"), {"project_id": "myapp", "settings": {}, **config})
            tx.delete_all("projects", "myapp", "tasks")
            for one in records:
                tx.save(("projects", "myapp", "tasks", one["id"]), one)
            if sprint:
                tx.save(("projects", "myapp", "sprints", sprint["id"]), sprint)
            tx.describe("state_set", "test: records")
        return Project(store.snapshot(), "myapp", now=now)

    return project


def task(number, column="todo", **given):
    return tasks.new(f"TASK-{number}", {"column": column, **given}, now=BEGIN)


def blocked(number, *, at=BEGIN, reason="no key"):
    return tasks.block(task(number), blocker_id="BLK-1", reason=reason, reported_by="ana", now=at)


def told(found):
    return [(one["severity"], one["kind"], one["entity"]["id"], one["text"]) for one in found]


def row(**given):
    return {
        "id": "s-1", "project": "myapp", "status": "active", "expired": False,
        "expiry": "2026-01-07T09:00:00Z", "last_activity": BEGIN, **given,
    }  # fmt: skip


def test_nothing_to_tell(project):
    assert alerts.alerts(project(task(1), now=BEGIN), [row()], None, BEGIN) == []


@pytest.mark.parametrize(
    ("now", "severity", "age"),
    [
        ("2026-01-05T13:00:00Z", None, None),
        ("2026-01-05T13:00:01Z", "warning", "4h 0m"),
        ("2026-01-06T09:00:00Z", "warning", "1d 0h"),
        ("2026-01-06T10:30:00Z", "critical", "1d 1h"),
    ],
)
def test_blocked_for_more_than_four_hours_and_for_more_than_a_day(project, now, severity, age):
    found = alerts.alerts(project(blocked(1), now=now), [], None, now)

    expected = (severity, "blocked", "TASK-1", f"TASK-1 is blocked for {age}: no key")
    assert told(found) == ([] if severity is None else [expected])
    assert [one["since"] for one in found] == ([] if severity is None else [BEGIN])


def test_a_column_over_its_limit(project):
    sprint = sprints.new("s1", "One", {"wip_limits": {"review": 1}}, now=BEGIN, config=None)
    found = alerts.alerts(
        project(*(task(n, "review", sprint_id="s1") for n in (1, 2)), now=BEGIN, sprint=sprint),
        [],
        None,
        BEGIN,
    )

    assert told(found) == [("warning", "wip_limit", "s1", "review holds 2 tasks, its limit is 1")]


def test_an_agent_idle_with_open_work(project):
    now = "2026-01-05T10:00:01Z"
    board = project(
        task(1, assignee="ada"), task(2, assignee="bob"), task(3, "backlog", assignee="eve"), now=now
    )
    found = alerts.alerts(board, [], None, now, activity={"bob": "2026-01-05T09:30:00Z"})

    assert told(found) == [("warning", "agent_idle", "ada", "ada is idle for 1h 0m with 1 open task")]


def test_an_agent_whose_work_is_all_blocked_is_not_idle(project):
    now = "2026-01-05T11:00:00Z"
    board = project(tasks.assign(blocked(1), "ada"), now=now)

    assert alerts.alerts(board, [], None, now) == []


def test_an_agent_silent_while_it_works(project):
    now = "2026-01-05T09:30:00Z"
    config = {"team": {"dev": {"members": ["ada"], "capacity": 5}}}
    busy = task(1, "in_progress", assignee="ada")
    board = project(busy, now=now, config=config)

    assert told(alerts.alerts(board, [], None, now)) == [
        ("warning", "agent_silent", "ada", "ada is silent for 30m while working on TASK-1")
    ]
    assert alerts.alerts(board, [], None, now, activity={"ada": "2026-01-05T09:20:00Z"}) == []
    claimed = tasks.claim(busy, agent="ada", session="s-1", now=BEGIN)
    again = project(claimed, now=now, config=config)
    assert alerts.alerts(again, [row(last_activity="2026-01-05T09:25:00Z")], None, now) == []


def test_a_team_with_more_than_nine_tenths_of_its_slots_in_work(project):
    ten = {"team": {"dev": {"members": ["ada"], "capacity": 10}}}
    seen = {"ada": BEGIN}

    def utilised(number):
        board = project(
            *(task(n, "in_progress", assignee="ada") for n in range(number)), now=BEGIN, config=ten
        )
        found = alerts.alerts(board, [], None, BEGIN, activity=seen)
        return [one["text"] for one in found if one["kind"] == "utilisation"]

    assert utilised(9) == []
    assert utilised(10) == ["team dev has 10 of 10 slots in work (100 %)"]


@pytest.mark.parametrize(("state", "number"), [("behind", 1), ("at risk", 0), ("on track", 0)])
def test_a_sprint_behind_its_ideal_line(project, state, number):
    sprint = sprints.start(
        sprints.new("s1", "One", {}, now=BEGIN, config=None), {}, now=BEGIN, config=None, active=[]
    )
    board = project(now=BEGIN, sprint=sprint)
    found = alerts.alerts(board, [], {"burndown": {"state": state}}, BEGIN)

    assert [one["kind"] for one in found] == ["sprint_behind"] * number


def test_a_session_that_expires_within_an_hour(project):
    now = "2026-01-05T09:30:00Z"
    rows = [
        row(expiry="2026-01-05T10:15:00Z"),
        row(id="s-2", expiry="2026-01-05T10:30:00Z"),
        row(id="s-3", expiry="2026-01-05T10:00:00Z", project="other"),
        row(id="s-4", expiry="2026-01-05T09:00:00Z", expired=True),
    ]

    assert told(alerts.alerts(project(now=now), rows, None, now)) == [
        ("warning", "session_expiring", "s-1", "session s-1 expires in 45m")
    ]


def test_the_worst_and_oldest_come_first(project):
    now = "2026-01-06T12:00:00Z"
    board = project(
        blocked(1, at="2026-01-06T07:00:00Z"), blocked(2), blocked(3, at="2026-01-06T06:00:00Z"), now=now
    )

    assert [one["entity"]["id"] for one in alerts.alerts(board, [], None, now)] == [
        "TASK-2",
        "TASK-3",
        "TASK-1",
    ]
