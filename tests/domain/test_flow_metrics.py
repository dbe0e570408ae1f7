"""Figures of time and flow; every expected figure is worked out by hand, or in the source that is named."""

from datetime import UTC, datetime, timedelta

import pytest

from orchestration.domain import cycle, flow, health, load, projects, samples, throughput, workdays
from orchestration.domain.flow import Step

MONDAY = datetime(2024, 1, 15, tzinfo=UTC)
WEEK = workdays.calendar(projects.settings(None))


def day(number: float) -> datetime:
    return MONDAY + timedelta(days=number)


def iso(number: float) -> str:
    return day(number).replace(tzinfo=None).isoformat() + "Z"


def step(at: float, column: str | None, points=None, sprint="s1", assignee=None, team=None) -> Step:
    return Step(day(at), column, points, sprint, assignee, team)


def finished(start: float, end: float, **more):
    times = {"started_at": iso(start), "completed_at": iso(end)}
    return {"column": "done", "points": None, "blockers": [], "created_at": iso(0), **times, **more}


def blocker(start: float, end: float | None):
    return {"id": "B", "opened_at": iso(start), "resolved_at": None if end is None else iso(end)}


# -- statistics


def test_spearmans_correlation_of_the_usual_example():
    # Wikipedia, "Spearman's rank correlation coefficient": IQ and hours of TV a week, rho = -29/165.
    iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]

    assert samples.spearman(iq, hours) == pytest.approx(-29 / 165)


def test_spearmans_correlation_with_ties_by_average_ranks():
    # Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4 about 2.5: 4.5 / sqrt(4.5 x 5).
    assert samples.ranks([1, 2, 2, 3]) == [1, 2.5, 2.5, 4]
    assert samples.spearman([1, 2, 2, 3], [1, 3, 2, 4]) == pytest.approx(4.5 / 22.5**0.5)


def test_estimates_that_never_vary_have_no_correlation():
    assert samples.spearman([3, 3, 3], [1, 2, 3]) is None


def test_estimate_quality_needs_eight_tasks():
    tasks = [finished(0, n, points=n) for n in range(1, 9)]
    needs: dict[str, str] = {}

    assert cycle.estimate_quality(tasks[:7], needs=needs) is None
    assert needs == {"estimate_quality": "needs 8 finished tasks with points"}
    assert cycle.estimate_quality(tasks, needs={}) == {"rho": 1, "samples": 8}
    assert cycle.estimate_quality([finished(0, n, points=2) for n in range(8)], needs=needs) is None
    assert needs == {"estimate_quality": "needs points and cycle times that differ"}


# -- work in progress


def test_items_are_flagged_above_the_85th_percentile_of_cycle_times():
    # Cycle times of 1 to 5 days: rank ceil(0.85 x 5) = 5, which is 5 days.
    done = [finished(0, n) for n in (3, 1, 5, 2, 4)]
    open_tasks = {
        "T1": {"column": "in_progress", "started_at": iso(3), "blockers": [], "title": "young"},
        "T2": {"column": "review", "started_at": iso(1), "blockers": [blocker(2, None)], "title": "old"},
        "T3": {"column": "todo", "started_at": None, "blockers": []},
    }

    found = cycle.wip(open_tasks, done, now=day(7), needs={})

    assert (found["tasks"], found["blocked"], found["threshold_hours"], found["flagged"]) == (2, 1, 120, 1)
    assert [(one["id"], one["age_hours"], one["flagged"]) for one in found["items"]] == [
        ("T2", 144, True),
        ("T1", 96, False),
    ]


def test_without_five_finished_tasks_no_item_is_flagged():
    needs: dict[str, str] = {}

    found = cycle.wip({"T": {"column": "review", "started_at": iso(0)}}, [], now=day(1), needs=needs)

    assert found["flagged"] is None and found["items"][0]["flagged"] is None
    assert needs == {"wip.threshold_hours": "needs 5 finished tasks"}


# -- blocked


def test_blocked_hours_are_the_union_of_each_tasks_blockers():
    # T1: days 0-2 and 1-3 overlap to 3 days; T2: from day 4 until now, half a day.
    tasks = {
        "T1": {"column": "in_progress", "blockers": [blocker(0, 2), blocker(1, 3)]},
        "T2": {"column": "todo", "blockers": [blocker(4, None)]},
        "T3": {"column": "done", "blockers": []},
    }

    found = cycle.blocked(tasks, now=day(4.5), needs={})

    assert found == {
        "open": 2,
        "tasks": 1,
        "ratio": 0.5,
        "hours": 84,
        "mean_hours_to_unblock": 48,  # both took 2 days
        "oldest_hours": 12,
    }


def test_nothing_open_has_no_blocked_ratio():
    needs: dict[str, str] = {}

    found = cycle.blocked({}, now=day(0), needs=needs)

    assert (found["ratio"], found["hours"], found["mean_hours_to_unblock"]) == (None, 0, None)
    assert set(needs) == {"blocked.ratio", "blocked.mean_hours_to_unblock"}


def test_flow_efficiency_is_active_time_that_was_not_blocked_by_cycle_time():
    # T1: 4 days elapsed, 2 in progress of which half a day blocked, 2 in review: 1.5 of 4.
    # T2: 6 days, 1 in progress, 5 back in todo: 1 of 6. Together 2.5 of 10.
    done = {"T1": finished(0, 4, blockers=[blocker(1, 1.5), blocker(3, 4)]), "T2": finished(0, 6)}
    lives = {
        "T1": [step(-1, "todo"), step(0, "in_progress"), step(2, "review"), step(4, "done")],
        "T2": [step(0, "in_progress"), step(1, "todo"), step(6, "done")],
    }

    found = cycle.flow_efficiency(done, lives, active=["in_progress"], needs={})

    assert found == {"ratio": 0.25, "active_hours": 60, "elapsed_hours": 240, "samples": 2}


def test_a_task_that_history_knows_only_as_done_says_nothing_about_flow():
    needs: dict[str, str] = {}
    done = {"T1": finished(0, 4), "T2": finished(5, 5)}
    lives = {"T1": [step(9, "done")], "T2": [step(0, "todo"), step(5, "done")]}

    assert cycle.flow_efficiency(done, lives, active=["in_progress"], needs=needs) is None
    assert needs == {"flow_efficiency": "needs 1 finished task that took time"}


# -- throughput


def test_the_trend_compares_the_last_seven_days_with_the_seven_before():
    done = [finished(0, n) for n in (14.5, 13, 8.5, 8, 7.9, 2.5, 2.1, 1.9, 1.5, 0.5)]
    needs: dict[str, str] = {}

    # Now is day 14, noon: day 8 to 14 (4 tasks) against day 1 to 7 (5 tasks): 4 / 5 - 1.
    found = throughput.trend(done, WEEK, now=day(14.5), needs=needs)

    assert found == {"last_7_days": 4, "previous_7_days": 5, "trend": -0.2}
    assert throughput.trend(done, WEEK, now=day(30), needs=needs)["trend"] is None
    assert needs == {"throughput.trend": "needs 1 task finished 7 to 13 days ago"}


def test_littles_law_in_a_steady_flow():
    # Little 1961, L = lambda x W: one task is finished a day and each takes 3 days, so 3 are in progress.
    lives, done = {}, []
    for n in range(16):
        lives[f"T{n}"] = [step(n - 3, "in_progress"), step(n - 1, "review"), step(n, "done")]
        done.append(finished(n - 3, n))

    found = throughput.littles_law(done, lives, start=day(0), end=day(10), needs={})

    assert found == {
        "mean_wip": 3,
        "throughput_per_day": 1,
        "mean_cycle_days": 3,
        "expected_wip": 3,
        "deviation": 0,
        "stable": True,
        "note": None,
    }


def test_work_that_piles_up_is_an_unstable_flow():
    # Five tasks take a day each, one after the other; ten more are begun on day 0 and stay.
    lives = {f"D{n}": [step(n, "in_progress"), step(n + 1, "done")] for n in range(5)}
    done = [finished(n, n + 1) for n in range(4)] + [finished(4, 4.9999)]
    lives |= {f"T{n}": [step(0, "in_progress")] for n in range(10)}

    found = throughput.littles_law(done, lives, start=day(0), end=day(5), needs={})

    assert (found["mean_wip"], found["stable"], found["note"]) == (11, False, "unstable flow")
    assert found["expected_wip"] == pytest.approx(1, abs=0.001)


def test_littles_law_needs_five_finished_tasks():
    needs: dict[str, str] = {}

    assert throughput.littles_law([finished(0, 1)] * 4, {}, start=day(0), end=day(9), needs=needs) is None
    assert needs == {"littles_law": "needs 5 finished tasks that took time"}


def test_adherence_is_the_share_of_time_within_a_limit():
    # Two tasks are in progress together on day 1 of 4; review never holds more than its limit.
    lives = {
        "T1": [step(0, "in_progress"), step(2, "review")],
        "T2": [step(1, "in_progress"), step(3, "done")],
        "T3": [step(0, "in_progress", sprint="other")],
    }
    limits = {"todo": None, "in_progress": 1, "review": 1}

    def found(sprint):
        return throughput.adherence(lives, limits, sprint=sprint, start=day(0), end=day(4))

    assert found("s1") == {"in_progress": 0.75, "review": 1}
    assert found(None) == {"in_progress": 0.25, "review": 1}


# -- load


def test_utilisation_is_busy_slot_time_of_working_days():
    # Two slots, Monday to Friday: T1 Monday to Wednesday noon is 2.5 days; T2 Thursday noon until after
    # the weekend is 1.5; together 4 of 10.
    lives = {
        "T1": [step(0, "in_progress"), step(2.5, "done")],
        "T2": [step(3.5, "review"), step(8, "todo")],
    }

    assert load.utilisation(lives, 2, WEEK, start=day(0), end=day(7)) == 0.4
    assert load.utilisation(lives, 0, WEEK, start=day(0), end=day(7)) is None
    assert load.utilisation(lives, 2, WEEK, start=day(5), end=day(7)) is None  # a weekend


def test_the_clock_of_working_time_agrees_with_elapsed():
    berlin = workdays.calendar(projects.settings({"settings": {"timezone": "Europe/Berlin"}}))
    # across the change to summer time on Sunday 31 March 2024
    start, end = datetime(2024, 3, 27, 15, tzinfo=UTC), datetime(2024, 4, 4, 9, tzinfo=UTC)
    passed = workdays.clock(berlin, start, end)

    for hours in range(0, int((end - start).total_seconds() // 3600) + 1, 5):
        at = start + timedelta(hours=hours)
        assert passed(at) == pytest.approx(workdays.elapsed(berlin, start, at)), at


def test_work_is_shared_among_teams_by_points():
    agents = {"ada": {"team": "engineering"}, "bob": {"team": "qa"}}
    tasks = [
        {"column": "done", "points": 5, "assignee": "ada"},
        {"column": "in_progress", "points": 1, "assignee": "ada", "team": "qa"},
        {"column": "review", "points": 2, "assignee": "bob"},
        {"column": "done", "points": 2},
        {"column": "todo", "points": 13, "assignee": "bob"},
    ]

    found = load.distribution(tasks, agents)

    assert [(row["team"], row["points"], row["share"]) for row in found] == [
        ("engineering", 5, 0.5),
        ("qa", 3, 0.3),
        ("unassigned", 2, 0.2),
    ]
    unestimated = [{**task, "points": None} for task in tasks]
    assert [row["share"] for row in load.distribution(unestimated, agents)] == [0.5, 0.25, 0.25]
    assert load.distribution([], agents) == []


@pytest.mark.parametrize(
    ("used", "slots", "expected"),
    [
        ([1, 1, 0], [1, 1, 1], 1),
        ([4, 0], [1, 1], 0.75),  # one of four could be taken by the free slot
        ([5, 0, 0, 0, 0], [1, 1, 1, 1, 1], 0.2),
        ([3, 3], [1, 1], 1),  # too much for everybody, but evenly
        ([0, 0], [1, 1], None),
        ([2], [1], None),
    ],
)
def test_load_is_balanced_when_nothing_waits_beside_a_free_slot(used, slots, expected):
    rows = [{"used": u, "slots": s} for u, s in zip(used, slots, strict=True)]

    assert load.balance(rows) == (expected and pytest.approx(expected))


# -- health


def test_the_health_score_leaves_out_parts_without_data():
    # (0.30 x 0.8 + 0.20 x 1 + 0.15 x 0.5) / (0.30 + 0.20 + 0.15) = 0.515 / 0.65
    values = {
        "completion": (0.8, ""),
        "velocity": (None, "needs 3 finished sprints"),
        "blocker_age": (1.7, ""),  # capped
        "load_balance": (0.5, ""),
        "handoffs": (None, "needs 1 answered handoff"),
    }

    found = health.health(values)

    assert found["score"] == 79
    assert [(part["name"], part["value"], part["needs"]) for part in found["parts"]] == [
        ("completion", 0.8, None),
        ("velocity", None, "needs 3 finished sprints"),
        ("blocker_age", 1, None),
        ("load_balance", 0.5, None),
        ("handoffs", None, "needs 1 answered handoff"),
    ]


def test_all_parts_at_their_best_are_a_hundred_and_none_is_nothing():
    assert health.health(dict.fromkeys(health.WEIGHTS, (1.0, "")))["score"] == 100
    assert health.health(dict.fromkeys(health.WEIGHTS, (None, "x")))["score"] is None
    assert sum(health.WEIGHTS.values()) == pytest.approx(1)


def test_the_parts_of_the_health_score():
    assert health.completion(0.4, 5, 10) == 0.8  # 40 % done in half of the time
    assert health.completion(0.9, 12, 10) == 0.9  # overdue: all of the time is gone
    assert health.completion(0.4, None, 10) is None
    assert health.velocity(15, 20) == 0.75
    assert health.velocity(15, None) is None
    assert health.blocker_age(None) == 1
    assert health.blocker_age(6) == 0.75
    assert health.blocker_age(48) == -1  # which the score caps
    records = [
        {"created_at": iso(0), "decided_at": iso(0.5)},
        {"created_at": iso(0), "decided_at": iso(1.5)},
        {"created_at": iso(0)},  # overdue
        {"created_at": iso(4.5)},  # still in time
    ]
    assert health.handoffs(records, now=day(5)) == pytest.approx(1 / 3)
    assert health.handoffs(records[3:], now=day(5)) is None


# -- stretches of time


def test_stretches_of_time():
    a, b, c, d = day(0), day(1), day(2), day(4)

    assert flow.union([(c, d), (a, b), (b, c)]) == [(a, d)]
    assert flow.union([(c, d), (a, b)]) == [(a, b), (c, d)]
    assert flow.overlap([(a, c)], [(b, d)]) == 86400
    assert flow.overlap([(a, b)], [(b, d)]) == 0


def test_a_step_holds_until_the_next():
    life = [step(0, "todo"), step(1, "in_progress"), step(3, "done")]

    assert flow.intervals(life, ("in_progress", "review"), day(0), day(2)) == [(day(1), day(2))]
    assert [a.column for a, _, _ in flow.within(life, day(2), day(9))] == ["in_progress", "done"]
