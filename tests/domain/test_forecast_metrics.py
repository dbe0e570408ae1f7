"""The forecast; distributions that can be worked out by hand stand for the days of the past."""

from datetime import UTC, date, datetime

import pytest

from orchestration.domain import forecast, projects, workdays

CAL = workdays.calendar(projects.settings(None))
FRIDAY = date(2024, 1, 19)


def done(day: str, points=1):
    return {"column": "done", "points": points, "completed_at": f"2024-01-{day}T12:00:00Z"}


def run(days, left, *, last_day=None, seed="s1 abc", **more):
    known = forecast.Past(list(days), 9, "points")
    return forecast.monte_carlo(known, left, CAL, today=FRIDAY, last_day=last_day, seed=seed, **more)


def test_days_that_are_all_alike_leave_no_doubt():
    # 10 points at 2 a day are 5 working days after Friday 19 January.
    found = run([2.0] * 5, 10, last_day=date(2024, 1, 26))

    assert set(found["dates"].values()) == {"2024-01-26"}
    assert (found["days"], found["date"], found["probability"]) == (5, "2024-01-26", 1)
    assert found["by_end"] == 10
    assert run([2.0] * 5, 11, last_day=date(2024, 1, 26))["probability"] == 0


def test_one_point_on_every_other_day_is_the_geometric_distribution():
    # P(done within n days) = 1 - 0.5^n: 0.5, 0.75, 0.875, 0.9375, 0.96875, so 70 % need 2 days, 85 % need
    # 3 and 95 % need 5. The 50th percentile is 1 or 2, for it lies on the border.
    found = run([0.0, 1.0], 1, last_day=date(2024, 1, 23), outcomes=True)

    dates = found["dates"]
    assert dates["p50"] in ("2024-01-22", "2024-01-23")
    assert (dates["p70"], dates["p85"], dates["p95"]) == ("2024-01-23", "2024-01-24", "2024-01-26")
    assert found["probability"] == pytest.approx(0.75, abs=0.02)
    assert found["by_end"] == 0  # P(no point in 2 days) = 0.25 > 0.15
    outcomes = {row["days"]: row["runs"] for row in found["outcomes"]}
    assert sum(outcomes.values()) == found["runs"] == 10_000
    assert outcomes[3] == pytest.approx(1250, abs=130)


def test_how_many_by_the_end_is_the_15th_percentile_of_sums():
    # Two draws of 1 or 3 are 2, 4, 4 or 6: a quarter of the runs brings 2. Of 1, 1, 1, 3 over one day
    # three quarters bring 1; of 1, 3 x 7 only an eighth does, so 85 % bring 3.
    assert run([1.0, 3.0], 50, last_day=date(2024, 1, 23))["by_end"] == 2
    assert run([1.0, 1.0, 1.0, 3.0], 50, last_day=date(2024, 1, 22))["by_end"] == 1
    assert run([1.0, *[3.0] * 7], 50, last_day=date(2024, 1, 22))["by_end"] == 3


def test_the_same_state_gives_the_same_answer():
    days = [0.0, 1.0, 2.0, 5.0, 8.0]

    assert run(days, 60, outcomes=True) == run(days, 60, outcomes=True)
    assert run(days, 60, outcomes=True) != run(days, 60, seed="s1 def", outcomes=True)


def test_work_that_never_ends_has_no_date():
    found = run([0.0] * 6, 5, last_day=date(2024, 1, 26))

    assert set(found["dates"].values()) == {None}
    assert (found["days"], found["probability"], found["by_end"]) == (None, 0, 0)
    # and none beyond 365 days: 400 points at 1 a day
    assert run([1.0] * 5, 366)["date"] is None
    assert run([1.0] * 5, 365)["days"] == 365


def test_nothing_left_is_done_today():
    found = run([1.0] * 5, 0, last_day=date(2024, 1, 26))

    assert (found["days"], found["date"], found["probability"]) == (0, "2024-01-19", 1)


def test_a_sprint_that_is_over_is_not_finished_in_time():
    found = run([1.0] * 5, 3, last_day=date(2024, 1, 18))

    assert (found["probability"], found["by_end"], found["days"]) == (0, 0, 3)


def test_the_past_is_the_last_working_days_with_those_without_work():
    tasks = [done("18", 3), done("18", 2), done("15", 1), done("19", 8), done("13", 5)]

    known = forecast.past(tasks, [], CAL, today=FRIDAY, first=date(2024, 1, 11))

    # Thursday 18, 17, 16, Monday 15, then Friday 12, which has Saturday's, and Thursday 11. Today counts not.
    assert known == forecast.Past([5, 0, 0, 1, 5, 0], 4, "points")
    assert forecast.enough(known, {}) is False
    assert len(forecast.past(tasks, [], CAL, today=FRIDAY, first=date(2022, 1, 1)).days) == 30


def test_tasks_are_counted_when_under_half_are_estimated():
    tasks = [done("17", 3), done("18", None)]

    def measured(still_open):
        return forecast.past(tasks, still_open, CAL, today=FRIDAY, first=date(2024, 1, 17))

    assert measured([]).measure == "points"
    assert measured([{"points": None}]) == forecast.Past([1, 1], 2, "tasks")
    assert forecast.remaining([{"points": None}, {"points": 3}], "tasks") == 2
    assert forecast.remaining([{"points": None}, {"points": 3}], "points") == 3


def test_monte_carlo_needs_five_days_and_five_tasks():
    needs: dict[str, str] = {}

    assert forecast.enough(forecast.Past([1.0] * 5, 5, "points"), needs)
    assert needs == {}
    assert not forecast.enough(forecast.Past([1.0] * 4, 9, "points"), needs)
    assert not forecast.enough(forecast.Past([1.0] * 9, 4, "points"), needs)
    assert needs == {"forecast.dates": "needs 5 working days and 5 finished tasks"}


def test_without_a_burn_rate_the_simple_form_has_no_end():
    span = workdays.span(CAL, datetime(2024, 1, 15, tzinfo=UTC), None)

    found = forecast.simple(5, 0, span, now="2024-01-19T10:00:00Z")

    assert found == {"method": "simple", "days": None, "hours": None, "date": None}
