"""The documents of views: board, risks and suggestions of a sprint, load words, timeline and roadmap."""

from datetime import UTC, datetime

import pytest

from orchestration.domain import attention, board, dashboard, kpis, roadmap, sprints, tasks, timeline
from orchestration.domain.project import Project
from orchestration.errors import NotFound
from orchestration.store.repo import Store

NOW = "2026-01-05T09:00:00Z"
LATER = "2026-01-08T09:00:00Z"
QUIET = {"state": None, "ideal": None, "actual": None}


@pytest.fixture
def project(tmp_path):
    """Make a project out of records, looked at at a time."""

    def project(*records, now=LATER, planned=(), epics=(), config=None):
        store = Store(tmp_path / "state")
        with store.transaction(author="ada", now=datetime(2026, 1, 5, 9, tzinfo=UTC)) as tx:
            tx.save(("projects", "p", "config"), {"project_id": "p", **(config or {})})
            for folder, found in (("tasks", records), ("sprints", planned), ("epics", epics)):
                for one in found:
                    tx.save(("projects", "p", folder, one["id"]), one)
        return Project(store.snapshot(), "p", now=now)

    return project


def task(number, column="todo", **given):
    created = given.pop("created_at", NOW)
    made = tasks.new(f"T-{number}", {"sprint_id": "s-1", **given}, now=created)
    return tasks.move(made, column, now=created)


def sprint(status="active", sprint_id="s-1", **given):
    dates = {"start_date": "2026-01-05", "end_date": "2026-01-19"}
    return sprints.new(sprint_id, sprint_id, {**dates, **given}, now=NOW, config=None) | {"status": status}


def made(found, **arguments):
    return board.board(found, found.sprints.get("s-1"), orphaned=lambda _: None, **arguments)


def ids(document, column):
    return [card["id"] for card in next(c for c in document["columns"] if c["name"] == column)["cards"]]


# -- the board


def test_cards_stand_by_priority_then_age_and_done_ones_newest_first(project):
    found = made(
        project(
            task(1), task(2, priority=1), task(3, created_at="2026-01-04T09:00:00Z"),
            task(4, "done"), task(5, "done", created_at="2026-01-06T09:00:00Z"), planned=[sprint()],
        )
    )  # fmt: skip

    assert ids(found, "todo") == ["T-2", "T-3", "T-1"]
    assert ids(found, "done") == ["T-5", "T-4"]


def test_a_limit_keeps_the_first_of_each_column(project):
    found = made(project(*(task(n, priority=5 - n % 5) for n in range(1, 8)), planned=[sprint()]), limit=2)

    assert ids(found, "todo") == ["T-4", "T-3"]
    assert (found["columns"][0]["count"], found["columns"][0]["matching"]) == (7, 7)


def test_counts_and_limits_are_of_the_work_not_of_what_is_looked_at(project):
    records = [task(n, "review", points=n) for n in range(1, 5)]
    found = made(project(*records, planned=[sprint()]), criteria=board.filters.parse("t-1"))
    column = found["columns"][2]

    assert (column["count"], column["matching"], column["limit"], column["over"]) == (4, 1, 3, True)
    assert (column["points"], column["unestimated"]) == (10, 0)


def test_a_task_that_was_split_is_on_the_board_as_its_parts(project):
    parent = task(1) | {"split_into": ["T-2"]}
    found = made(project(parent, task(2, parent="T-1"), planned=[sprint()]))

    assert ids(found, "todo") == ["T-2"]
    assert found["hidden"] == {"split": 1}


def test_what_a_card_waits_for(project):
    records = [task(1, "done"), task(2), task(3, depends_on=["T-1", "T-2", "T-9"])]
    found = made(project(*records, planned=[sprint()]))

    assert found["columns"][0]["cards"][-1]["waits_for"] == ["T-2", "T-9"]


def test_a_sprint_that_has_not_begun_shows_its_backlog(project):
    found = made(project(task(1, "backlog"), planned=[sprint("planned")]))

    assert [column["name"] for column in found["columns"]][0] == "backlog"


def test_the_whole_project_has_no_limits_while_it_has_sprints(project):
    found = project(task(1), task(2, sprint_id=None), planned=[sprint()])
    document = board.board(found, board.chosen(found, "all"), orphaned=lambda _: None)

    assert ids(document, "todo") == ["T-1", "T-2"]
    assert document["columns"][0]["limit"] is None
    without = project(task(1, sprint_id=None))
    assert board.board(without, None, orphaned=lambda _: None)["sprint"] is None


def test_an_unknown_sprint(project):
    with pytest.raises(NotFound, match="no sprint 'x' in project 'p'"):
        board.chosen(project(), "x")


@pytest.mark.parametrize(
    ("now", "day"), [("2026-01-04T23:59:00Z", 0), (NOW, 1), (LATER, 4), ("2026-01-25T00:00:00Z", 21)]
)
def test_days_of_a_sprint_count_from_one(project, now, day):
    heading = board.heading(project(now=now), sprint())

    assert (heading["day"], heading["days"]) == (day, 14)


def test_days_of_a_sprint_are_those_of_the_project(project):
    config = {"settings": {"timezone": "Pacific/Auckland"}}

    assert board.heading(project(now="2026-01-05T12:00:00Z", config=config), sprint())["day"] == 2


# -- risks and suggestions


def told(found, one, burndown=QUIET):
    mine = found.tasks_of(one["id"])
    return [(risk["severity"], risk["kind"]) for risk in attention.of_sprint(found, one, mine, burndown)]


def test_a_quiet_sprint_has_no_risks(project):
    one = sprint()

    assert told(project(task(1, priority=3), planned=[one]), one) == []


def test_the_risks_of_a_sprint(project):
    one = sprint(capacity=5)
    blocked = tasks.block(
        task(2), blocker_id="B-1", reason="key", reported_by="a", now="2026-01-18T09:00:00Z"
    )
    records = [task(1, points=8, priority=1), blocked, *(task(n, "review") for n in range(3, 7))]
    found = project(*records, planned=[one], now="2026-01-20T09:00:00Z")
    behind = {"state": "behind", "ideal": 2, "actual": 8}

    assert told(found, one, behind) == [
        ("high", "overdue"), ("high", "behind"), ("high", "long_blocked"), ("medium", "over_capacity"),
        ("medium", "urgent_unassigned"), ("low", "over_limit"),
    ]  # fmt: skip
    assert told(found, one, {**behind, "state": "at risk"})[1:3] == [
        ("high", "long_blocked"), ("medium", "over_capacity"),
    ]  # fmt: skip


def test_a_planned_sprint_that_should_run(project):
    one = sprint("planned")

    assert told(project(task(1), planned=[one]), one) == [("medium", "late_start")]


def commands(found, one):
    return [step["command"] for step in attention.suggestions(found, one, found.tasks_of(one["id"]))]


def test_what_to_do_next(project):
    one = sprint()
    blocked = tasks.block(task(1), blocker_id="B-1", reason="key", reported_by="a", now=NOW)
    review = [task(n, "review", points=1, assignee="ada") for n in (2, 3, 4)]
    config = {"team": {"dev": {"members": ["ada", "bob"]}}}
    found = project(blocked, *review, task(5), planned=[one], config=config)

    assert commands(found, one) == [
        "state_manager task unblock T-1 NOTE",
        "state_manager update-task T-2 done",
        "state_manager autoassign --dry-run",
        "state_manager task estimate T-1 POINTS",
    ]


def test_the_steps_of_a_sprint(project):
    planned, active = sprint("planned"), sprint()

    assert commands(project(planned=[planned]), planned) == ["state_manager task add TITLE --sprint s-1"]
    assert (
        commands(project(task(1, points=1), planned=[planned]), planned)[0]
        == "shared_state start-sprint p s-1"
    )
    assert commands(project(task(1, "done"), planned=[active]), active) == [
        "shared_state complete-sprint p s-1"
    ]
    over = project(task(1, points=1), planned=[active], now="2026-01-20T09:00:00Z")
    assert commands(over, active)[0] == "shared_state complete-sprint p s-1 --carry-to backlog"


# -- load, timeline, roadmap


@pytest.mark.parametrize(
    ("utilisation", "used", "word"),
    [
        (0, 0, "idle"), (0, 1, "ok"), (0.69, 1, "ok"), (0.7, 1, "high"), (0.9, 1, "high"), (0.91, 1, "full"),
        (1, 1, "full"), (1.01, 2, "over"), (None, 1, "over"),
    ],
)  # fmt: skip
def test_words_for_a_load(utilisation, used, word):
    assert dashboard.load_word(utilisation, used) == word


def test_a_timeline_has_the_days_of_the_project(project):
    event = {"source": "ada", "type": "x", "severity": "info", "subject": "y", "entity": None, "cause": None,
             "id": "0"}  # fmt: skip
    events = [{**event, "timestamp": at} for at in ("2026-01-06T11:30:00.5Z", "2026-01-06T10:30:00Z")]
    found = project(config={"settings": {"timezone": "Pacific/Auckland"}})

    days = timeline.timeline(found, events)["days"]

    assert [(day["weekday"], day["date"], day["events"][0]["time"]) for day in days] == [
        ("Wed", "2026-01-07", "00:30:00"), ("Tue", "2026-01-06", "23:30:00"),
    ]  # fmt: skip


def test_a_roadmap_has_each_epic_with_its_sprints(project):
    epic = {"id": "e", "title": "E", "status": "in_progress", "priority": 3, "created_at": NOW}
    later = sprint("planned", "s-2", epic_id="e", start_date="2026-01-19", end_date="2026-02-02")
    records = [task(1, "done", points=3, epic_id="e"), task(2, points=5, epic_id="e")]
    document = roadmap.roadmap(
        project(*records, planned=[later, sprint(epic_id="e"), sprint("cancelled", "s-3")], epics=[epic])
    )

    rows = [(row["id"], row["start"], row["end"], row["progress"]) for row in document["rows"]]
    assert rows == [
        ("e", "2026-01-05", "2026-02-02", 0.375),
        ("s-1", "2026-01-05", "2026-01-19", 0.375),
        ("s-2", "2026-01-19", "2026-02-02", None),
    ]
    assert (document["today"], document["from"], document["to"]) == ("2026-01-08", "2026-01-05", "2026-02-02")


def test_key_figures_forecast_the_top_epics_from_their_own_past(project):
    """Six tasks of 2 points on six working days: 6 points more take 3 days, whichever days are drawn."""
    epic = {"id": "e", "title": "E", "status": "in_progress", "priority": 3, "created_at": NOW}
    bare = {**epic, "id": "f", "status": "planned"}
    done = [
        task(n, "done", points=2, epic_id="e", created_at=f"2026-01-{day:02}T10:00:00Z")
        for n, day in enumerate((5, 6, 7, 8, 9, 12))
    ]
    records = [*done, task(7, points=6, epic_id="e"), task(8, epic_id="f")]
    found = kpis.kpis(project(*records, epics=[epic, bare], now="2026-01-13T09:00:00Z"), {}, None)

    first, second = found["epics"]
    assert (first["id"], first["progress"], first["tasks_open"]) == ("e", 0.6667, 1)
    assert set(first["forecast"]["dates"].values()) == {"2026-01-16"}
    assert (second["forecast"], found["needs"]["epics.f"]) == (
        None, "needs 5 working days and 5 finished tasks",
    )  # fmt: skip
