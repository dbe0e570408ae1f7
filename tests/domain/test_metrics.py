"""Every expected figure is worked out by hand beside it."""

from datetime import UTC, date, datetime

import pytest

from orchestration.domain import burndown, metrics, projects, samples, workdays

NOW = "2024-01-18T12:00:00Z"  # a Thursday, noon
BERLIN = workdays.calendar(projects.settings({"settings": {"timezone": "Europe/Berlin"}}))
UTC_WEEK = workdays.calendar(projects.settings(None))


def task(task_id, column, points=None, **more):
    blank = dict.fromkeys(["created_at", "committed_at", "started_at", "completed_at"])
    return {task_id: blank | {"column": column, "points": points, "sprint_id": "s1", "blockers": []} | more}


# Two weeks from a Monday: ten working days.
SPRINT = {
    "id": "s1",
    "status": "active",
    "start_date": "2024-01-15",
    "end_date": "2024-01-29",
    "started_at": "2024-01-15T00:00:00Z",
    "completed_at": None,
    "committed_points": 18,
    "committed_tasks": ["T1", "T2", "T3", "T4", "T5"],
}
TASKS = (
    task(
        "T1", "done", 5,
        committed_at="2024-01-15T00:00:00Z",
        started_at="2024-01-15T09:00:00Z",
        completed_at="2024-01-16T09:00:00Z",
    )
    | task(
        "T2", "done", 2,
        created_at="2024-01-15T09:00:00Z",
        started_at="2024-01-16T09:00:00Z",
        completed_at="2024-01-18T09:00:00Z",
    )
    | task("T3", "in_progress", 8, blockers=[{"id": "BLK-1", "opened_at": NOW, "resolved_at": None}])
    | task("T4", "todo")
    | task("T5", "cancelled", 3)
    | task("T6", "todo", 5)
)  # fmt: skip


def figures(sprint=SPRINT, tasks=TASKS, config=None, finished=(), now=NOW):
    return metrics.sprint_metrics(sprint, tasks, config=config, finished=finished, now=now)


@pytest.mark.parametrize(
    ("ordered", "percent", "expected"),
    [
        # The usual worked examples of the nearest-rank method: rank = ceil(percent / 100 x N).
        ([15, 20, 35, 40, 50], 5, 15),
        ([15, 20, 35, 40, 50], 30, 20),
        ([15, 20, 35, 40, 50], 40, 20),
        ([15, 20, 35, 40, 50], 50, 35),
        ([15, 20, 35, 40, 50], 100, 50),
        ([3, 6, 7, 8, 8, 10, 13, 15, 16, 20], 25, 7),
        ([3, 6, 7, 8, 8, 10, 13, 15, 16, 20], 75, 15),
        # 0.95 x 20 = 19: the 19th of twenty, not the 20th.
        (list(range(1, 21)), 95, 19),
    ],
)
def test_percentiles_by_nearest_rank(ordered, percent, expected):
    assert samples.nearest_rank(list(reversed(ordered)), percent) == expected


def test_a_summary_needs_five_samples_for_percentiles():
    assert samples.summary([]) == {"mean": None, "median": None, "p85": None, "p95": None, "samples": 0}
    assert samples.summary([4, 1]) == {"mean": 2.5, "median": 2.5, "p85": None, "p95": None, "samples": 2}
    # Rank ceil(0.85 x 5) = 5 and ceil(0.95 x 5) = 5.
    assert samples.summary([5, 1, 2, 9, 3]) == {"mean": 4, "median": 3, "p85": 9, "p95": 9, "samples": 5}


def test_counts_and_points():
    found = figures()

    assert found["tasks"] == {
        "total": 5,
        "backlog": 0,
        "todo": 2,
        "in_progress": 1,
        "review": 0,
        "done": 2,
        "cancelled": 1,
        "blocked": 1,
        "unestimated": 1,
    }
    # done 5 + 2; open 8 + 5 and one without an estimate; the cancelled 3 count nowhere
    assert found["points"] == {"committed": 18, "completed": 7, "remaining": 13, "total": 20}
    assert found["scope"] == {"change": 2, "added": ["T6"], "removed": ["T5"]}
    assert found["completion"] == 0.35
    assert found["task_completion"] == 0.4


def test_rates_and_forecast_of_a_running_sprint():
    found = figures()

    # Monday to Wednesday and half of Thursday
    assert found["time"] == {"unit": "working_days", "elapsed": 3.5, "total": 10}
    assert found["burn_rate"] == 2  # 7 / 3.5
    assert found["throughput"] == {
        "per_working_day": 0.5714,  # 2 / 3.5
        "per_week": 2.8571,  # x 5
        "per_hour": None,
        "peak_day": {"date": "2024-01-16", "tasks": 1},
    }
    # ceil(13 / 2) = 7 working days after Thursday 18: 19, 22, 23, 24, 25, 26, 29
    assert found["forecast"] == {"method": "simple", "days": 7, "hours": None, "date": "2024-01-29"}


def test_cycle_and_lead_time_in_hours():
    found = figures()

    # T1: 24 h, T2: 48 h
    assert found["cycle_time"] == {"mean": 36, "median": 36, "p85": None, "p95": None, "samples": 2}
    # T1 from its commitment: 33 h; T2, never committed, from its creation: 72 h
    assert found["lead_time"] == {"mean": 52.5, "median": 52.5, "p85": None, "p95": None, "samples": 2}
    assert found["needs"] == {
        "velocity": "needs 3 finished sprints",
        "predictability": "needs 1 finished sprint with committed points",
        "cycle_time.p85": "needs 5 finished tasks",
        "cycle_time.p95": "needs 5 finished tasks",
        "lead_time.p85": "needs 5 finished tasks",
        "lead_time.p95": "needs 5 finished tasks",
    }


def test_a_planned_sprint_has_no_invented_figures():
    planned = SPRINT | {
        "status": "planned",
        "started_at": None,
        "committed_points": None,
        "committed_tasks": None,
    }

    found = figures(planned, {})

    assert found["tasks"]["total"] == 0
    for name in ("scope", "completion", "velocity", "burn_rate", "throughput", "forecast"):
        assert found[name] is None
    assert set(found["needs"]) == {
        "points.committed",
        "completion",
        "task_completion",
        "velocity",
        "predictability",
        "burn_rate",
        "throughput",
        "cycle_time",
        "lead_time",
        "forecast",
    }


def test_the_first_day_counts_as_a_whole_one():
    found = figures(now="2024-01-15T06:00:00Z")

    assert found["time"]["elapsed"] == 1
    assert found["burn_rate"] == 7


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        (task("T1", "todo", 5), "needs 1 finished task with points"),
        (task("T1", "todo") | task("T2", "done", 3), "needs points on 1 open tasks"),
    ],
)
def test_no_forecast_without_a_pace_or_estimates(tasks, expected):
    found = figures(tasks=tasks)

    assert found["forecast"] is None
    assert found["needs"]["forecast"] == expected


def test_a_finished_board_needs_no_more_days():
    assert figures(tasks=task("T1", "done", 5))["forecast"]["days"] == 0


def test_a_sprint_shorter_than_three_days_counts_hours():
    short = SPRINT | {
        "start_date": "2024-01-19",  # a Friday
        "end_date": "2024-01-21",
        "started_at": "2024-01-19T12:00:00Z",
    }

    found = figures(short, now="2024-01-20T08:00:00Z")

    assert found["time"] == {"unit": "hours", "elapsed": 20, "total": 48}
    assert found["burn_rate"] == 0.35  # 7 points in 20 hours
    assert found["throughput"]["per_hour"] == 0.1
    assert found["throughput"]["per_working_day"] is None
    # ceil(13 / 0.35) = ceil(37.14) hours after Saturday 8:00
    assert found["forecast"] == {
        "method": "simple",
        "days": None,
        "hours": 38,
        "date": "2024-01-21T22:00:00Z",
    }


def test_working_days_are_the_projects():
    everyday = {"settings": {"working_days": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]}}

    found = figures(config=everyday, now="2024-01-22T00:00:00Z")

    assert found["time"] == {"unit": "working_days", "elapsed": 7, "total": 14}
    assert found["throughput"]["per_week"] == 2


def finished(name, completed_at, done, committed=10, late=0):
    board = task("A", "done", done, sprint_id=name, completed_at="2023-01-01T00:00:00Z")
    board |= task("B", "done", late, sprint_id=name, completed_at="2025-01-01T00:00:00Z")
    record = {"id": name, "completed_at": completed_at, "committed_points": committed}
    return record | {"committed_tasks": ["A"]}, board


def test_velocity_is_the_mean_of_the_last_five():
    ended = [
        finished(f"f{n}", f"2023-0{n}-15T00:00:00Z", points)
        for n, points in enumerate([99, 8, 10, 9, 13, 5], 1)
    ]

    found = figures(finished=list(reversed(ended)))

    # 99 was six sprints ago; (8 + 10 + 9 + 13 + 5) / 5
    assert found["velocity"] == {"mean": 9, "min": 5, "max": 13, "sprints": 5}
    assert found["predictability"] == 0.9
    assert figures(finished=ended[:3])["velocity"]["sprints"] == 3
    assert figures(finished=ended[:2])["velocity"] is None


def test_what_is_done_after_a_sprint_is_not_its_velocity():
    sprint, board = finished("f1", "2023-02-01T00:00:00Z", 8, late=5)

    assert metrics.velocity_of(sprint, board) == 8


def test_the_burndown_of_committed_points():
    rows = burndown.burndown(SPRINT, TASKS, config=None, now=NOW)

    # 18 x (1 - d / 10): 1.8 less for each working day; 5 points on the 16th, 2 on the 18th
    assert [tuple(row.values()) for row in rows] == [
        ("2024-01-15", 18, 18),
        ("2024-01-16", 16.2, 18),
        ("2024-01-17", 14.4, 13),
        ("2024-01-18", 12.6, 13),
        ("2024-01-18T12:00:00Z", 11.7, 11),
        ("2024-01-19", 10.8, None),
        ("2024-01-20", 9, None),
        ("2024-01-21", 9, None),
        ("2024-01-22", 9, None),
        ("2024-01-23", 7.2, None),
        ("2024-01-24", 5.4, None),
        ("2024-01-25", 3.6, None),
        ("2024-01-26", 1.8, None),
        ("2024-01-27", 0, None),
        ("2024-01-28", 0, None),
        ("2024-01-29", 0, None),
    ]
    assert burndown.state(rows) == "on track"


def test_the_burndown_of_an_overdue_sprint_ends_with_the_latest_moment():
    rows = burndown.burndown(SPRINT, TASKS, config=None, now="2024-01-30T08:00:00Z")

    assert rows[-1] == {"date": "2024-01-30T08:00:00Z", "ideal": 0, "actual": 11}
    assert burndown.state(rows) == "behind"


@pytest.mark.parametrize("missing", ["start_date", "end_date", "committed_points"])
def test_no_burndown_without_dates_or_commitment(missing):
    assert burndown.burndown(SPRINT | {missing: None}, TASKS, config=None, now=NOW) == []


@pytest.mark.parametrize(
    ("ideal", "actual", "expected"),
    [
        (9.5, 10, "on track"),
        (9.4, 10, "at risk"),
        (8.5, 10, "at risk"),
        (8.4, 10, "behind"),
        (0, 0, "finished"),
    ],
)
def test_the_state_of_a_burndown(ideal, actual, expected):
    known = {"date": "2024-01-18", "ideal": ideal, "actual": actual}

    assert burndown.state([known, {"date": "2024-01-19", "ideal": 0, "actual": None}]) == expected
    assert burndown.state([{"date": "2024-01-19", "ideal": 0, "actual": None}]) is None


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2024-01-15", "2024-01-29", 10),
        ("2024-01-20", "2024-01-22", 0),  # a weekend
        ("2024-01-19", "2024-01-23", 2),  # Friday and Monday
        ("2024-01-22", "2024-01-15", 0),
        ("2024-01-01", "2025-01-01", 262),  # 366 days from a Monday: 52 weeks, Monday and Tuesday
    ],
)
def test_counting_working_days(start, end, expected):
    assert workdays.count(UTC_WEEK, date.fromisoformat(start), date.fromisoformat(end)) == expected


def test_part_days_count_only_when_they_are_worked():
    friday_noon = datetime(2024, 1, 19, 12, tzinfo=UTC)

    assert workdays.elapsed(UTC_WEEK, friday_noon, datetime(2024, 1, 20, 18, tzinfo=UTC)) == 0.5
    assert workdays.elapsed(UTC_WEEK, friday_noon, datetime(2024, 1, 22, 6, tzinfo=UTC)) == 0.75


def test_days_begin_at_midnight_of_the_projects_zone():
    # Berlin is one hour ahead of UTC in winter and two in summer; clocks change on 31 March 2024.
    assert workdays.midnight(BERLIN, date(2024, 1, 15)) == datetime(2024, 1, 14, 23, tzinfo=UTC)
    assert workdays.moment(BERLIN, "2024-07-15") == datetime(2024, 7, 14, 22, tzinfo=UTC)
    assert workdays.day_of(BERLIN, datetime(2024, 1, 14, 23, tzinfo=UTC)) == date(2024, 1, 15)
    friday, tuesday = workdays.moment(BERLIN, "2024-03-29"), workdays.moment(BERLIN, "2024-04-02")
    assert workdays.elapsed(BERLIN, friday, tuesday) == 2


def test_the_date_after_so_many_working_days():
    friday = date(2024, 1, 19)

    assert workdays.after(UTC_WEEK, friday, 0) == friday
    assert workdays.after(UTC_WEEK, friday, 1) == date(2024, 1, 22)
    assert workdays.after(UTC_WEEK, friday, 11) == date(2024, 2, 5)
    assert workdays.after(UTC_WEEK, date(2024, 1, 20), 5) == date(2024, 1, 26)
