"""The burndown with scope, and where days begin; each figure is worked out by hand beside it."""

from datetime import UTC, datetime

import pytest

from orchestration.domain import burndown, metrics, projects, throughput, workdays
from orchestration.domain.flow import Step


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2024-01-{text}").replace(tzinfo=UTC)


def life(*steps):
    """Make a life of (moment, column, points), in the sprint unless a fourth value says otherwise."""
    return [
        Step(at(when), column, points, rest[0] if rest else "s1", None, None)
        for when, column, points, *rest in steps
    ]


# Monday to Friday; started at nine, when T1 to T3 were committed: 5 + 3 + 2.
SPRINT = {
    "id": "s1",
    "name": "One",
    "status": "active",
    "start_date": "2024-01-15",
    "end_date": "2024-01-20",
    "started_at": "2024-01-15T09:00:00Z",
    "completed_at": None,
    "committed_points": 10,
    "committed_tasks": ["T1", "T2", "T3"],
}
LIVES = {
    "T1": life(("12T10:00", "todo", 5), ("15T10:00", "in_progress", 5), ("16T10:00", "done", 5)),
    "T2": life(("12T10:00", "todo", 3), ("17T10:00", "todo", 8)),
    "T3": life(("12T10:00", "todo", 2), ("18T10:00", "cancelled", 2)),
    "T4": life(("16T15:00", "todo", 1)),
    "T5": life(("12T10:00", "backlog", 4, None), ("17T11:00", "todo", 4), ("18T11:00", "backlog", 4, None)),
    "T6": life(("12T10:00", "todo", 9, "other")),
}
T1 = {"column": "done", "points": 5, "sprint_id": "s1", "completed_at": "2024-01-16T10:00:00Z"}


def rows(lives=LIVES, sprint=SPRINT, tasks=None, now="2024-01-19T12:00:00Z"):
    found = burndown.burndown(sprint, tasks or {"T1": T1}, config=None, now=now, lives=lives)
    return [tuple(row.values()) for row in found]


def test_scope_moves_the_actual_line_and_never_the_ideal_one():
    # ideal: 10 - 2 a day. actual: 10; the 16th T1 -5, T4 +1; the 17th T2 +5, T5 +4; the 18th T3 -2, T5 -4
    assert rows() == [
        ("2024-01-15", 10, 10),
        ("2024-01-16", 8, 10),
        ("2024-01-17", 6, 6),
        ("2024-01-18", 4, 15),
        ("2024-01-19", 2, 9),
        ("2024-01-19T12:00:00Z", 1, 9),
        ("2024-01-20", 0, None),
    ]


def test_scope_changes_are_what_happened_to_the_sprint_after_its_start():
    found = burndown.scope_changes(SPRINT, LIVES)

    assert [(f"{one.at:%d %H:%M}", one.task, one.kind, one.points) for one in found] == [
        ("16 15:00", "T4", "added", 1),
        ("17 10:00", "T2", "estimated", 5),
        ("17 11:00", "T5", "added", 4),
        ("18 10:00", "T3", "removed", -2),
        ("18 11:00", "T5", "removed", -4),
    ]


def test_what_the_completion_carries_over_is_no_change_of_scope():
    ended = SPRINT | {"status": "completed", "completed_at": "2024-01-19T17:00:00Z"}
    lives = LIVES | {"T2": [*LIVES["T2"], *life(("19T17:00", "backlog", 8, "s2"))]}

    assert len(burndown.scope_changes(ended, lives)) == 5
    assert rows(lives, ended)[-2:] == [("2024-01-19T17:00:00Z", 0.5833, 9), ("2024-01-20", 0, None)]


def test_the_document_of_a_burndown():
    found = burndown.document(SPRINT, {"T1": T1}, LIVES, config=None, now="2024-01-19T12:00:00Z")

    # r = 1 / 9
    assert (found["ratio"], found["state"], found["committed"]) == (0.1111, "behind", 10)
    assert found["scope_changes"][0] == {
        "at": "2024-01-16T15:00:00Z",
        "task": "T4",
        "kind": "added",
        "points": 1,
    }


@pytest.mark.parametrize("written", ["2024-01-15T12:00:00Z", "2024-01-16T10:00:00Z", "2024-01-17T08:00:00Z"])
def test_a_record_may_say_itself_when_it_was_done(written):
    tasks = {"T1": T1 | {"completed_at": written}}
    found = {date: actual for date, _, actual in rows({"T1": LIVES["T1"]}, tasks=tasks)}

    # 5 points of T1 alone are known here, until it is done
    assert [found[f"2024-01-{day}"] for day in (16, 17, 18)] == [
        0 if written < "2024-01-16" else 5,
        0 if written < "2024-01-17" else 5,
        0,
    ]


def test_a_task_that_was_reopened_remains_again():
    lives = {"T1": life(("12T10:00", "todo", 5), ("15T10:00", "done", 5), ("16T10:00", "in_progress", 5))}
    tasks = {"T1": {"column": "in_progress", "points": 5, "sprint_id": "s1", "completed_at": None}}

    assert [actual for _, _, actual in rows(lives, tasks=tasks)][:4] == [10, 0, 5, 5]


def test_points_of_a_split_task_stay_committed_in_its_parts():
    sprint = SPRINT | {"status": "completed", "completed_at": "2024-01-19T17:00:00Z"}
    done = {"column": "done", "sprint_id": "s1", "completed_at": "2024-01-18T10:00:00Z", "blockers": []}
    tasks = {
        "T1": done | {"points": 0, "split_into": ["T1a", "T1b"]},
        "T1a": done | {"points": 3, "parent": "T1"},
        "T1b": done | {"points": 2, "parent": "T1"},
        "T9": done | {"points": 13},
    }
    needs: dict[str, str] = {}

    found = metrics.sprint_metrics(sprint, tasks, config=None, finished=[], now="2024-01-20T00:00:00Z")

    assert metrics.predictability([(sprint, tasks)], needs) == 0.5  # 3 + 2 of 10
    assert found["tasks"]["done"] == 3
    assert found["scope"]["added"] == ["T9"]


# -- where days begin


def calendar(zone: str) -> workdays.Calendar:
    return workdays.calendar(projects.settings({"settings": {"timezone": zone}}))


@pytest.mark.parametrize(
    ("zone", "peak"),
    [
        # 06:30 UTC on the 16th is still the 15th at UTC-8; 12:00 UTC on the 15th is the 16th at UTC+13.
        ("UTC", {"date": "2024-01-15", "tasks": 2}),
        ("America/Los_Angeles", {"date": "2024-01-15", "tasks": 3}),
        ("Pacific/Tongatapu", {"date": "2024-01-16", "tasks": 3}),
    ],
)
def test_the_peak_day_is_one_of_the_projects_zone(zone, peak):
    times = ["2024-01-15T12:00:00Z", "2024-01-15T13:00:00Z", "2024-01-16T06:30:00Z"]
    span = workdays.span(calendar(zone), datetime(2024, 1, 15, 9, tzinfo=UTC), None)

    found = throughput.rates([{"completed_at": time} for time in times], span, 2, {})

    assert found["peak_day"] == peak


@pytest.mark.parametrize(
    ("zone", "start", "second"),
    [
        ("America/Los_Angeles", "2024-01-15T08:00:00Z", "2024-01-16T08:00:00Z"),
        ("Pacific/Tongatapu", "2024-01-14T11:00:00Z", "2024-01-15T11:00:00Z"),
    ],
)
def test_a_burndown_has_the_midnights_of_the_projects_zone(zone, start, second):
    sprint = SPRINT | {"started_at": start}
    config = {"settings": {"timezone": zone}}
    moment = datetime.fromisoformat(second)
    steps = [
        Step(moment.replace(day=13), "todo", 10, "s1", None, None),
        Step(moment.replace(second=1), "done", 10, "s1", None, None),
    ]
    task = {"column": "done", "points": 10, "sprint_id": "s1", "completed_at": second[:-2] + "1Z"}

    found = burndown.burndown(
        sprint, {"T": task}, config=config, now="2024-01-19T00:00:00Z", lives={"T": steps}
    )

    # done one second into the 16th there: it shows in the row of the 17th
    assert [(row["date"], row["actual"]) for row in found[:3]] == [
        ("2024-01-15", 10),
        ("2024-01-16", 10),
        ("2024-01-17", 0),
    ]


def test_the_trend_over_a_change_of_clocks():
    # Berlin goes from +1 to +2 on Sunday 31 March 2024. Now is 3 April, noon; the last 7 days begin on 28
    # March at midnight there, 23:00 UTC of the 27th, and the 7 before on the 21st.
    times = [
        "2024-04-02T22:30:00Z",  # 3 April, 00:30
        "2024-03-27T23:00:00Z",  # 28 March, 00:00
        "2024-03-27T22:59:59Z",  # 27 March
        "2024-03-20T23:00:00Z",  # 21 March, 00:00
        "2024-03-20T22:59:59Z",  # 20 March
    ]

    found = throughput.trend(
        [{"completed_at": time} for time in times],
        calendar("Europe/Berlin"),
        now=datetime(2024, 4, 3, 10, tzinfo=UTC),
        needs={},
    )

    assert found == {"last_7_days": 2, "previous_7_days": 2, "trend": 0}


def test_a_sprint_over_a_change_of_clocks_has_whole_days():
    # Los Angeles goes from -8 to -7 on Sunday 10 March 2024.
    sprint = SPRINT | {
        "start_date": "2024-03-08",
        "end_date": "2024-03-13",
        "started_at": "2024-03-08T08:00:00Z",
    }
    config = {"settings": {"timezone": "America/Los_Angeles"}}

    found = burndown.burndown(sprint, {}, config=config, now="2024-03-08T08:00:00Z", lives={})

    # Friday, Monday, Tuesday: three working days; the 13th begins at 07:00 UTC
    assert [(row["date"], row["ideal"]) for row in found] == [
        ("2024-03-08", 10),
        ("2024-03-09", 6.6667),
        ("2024-03-10", 6.6667),
        ("2024-03-11", 6.6667),
        ("2024-03-12", 3.3333),
        ("2024-03-13", 0),
    ]
