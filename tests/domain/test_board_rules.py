"""WIP limits, dependencies, splitting, capacity and the start of a sprint: the rules, without a store."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.domain import capacity, dependencies, limits, splitting, sprints, tasks
from orchestration.errors import InvalidData, NotFound, Refused

T0 = "2024-01-15T09:00:00Z"
T1 = "2024-01-16T10:00:00Z"
T2 = "2024-01-17T11:00:00Z"


def task(name="TASK-1", column="todo", **fields):
    return tasks.new(name, {"column": column, **fields}, now=T0)


def board(*records):
    return {one["id"]: one for one in records}


def blocked(record, **fields):
    return tasks.block(record, blocker_id="BLK-1", reason="vendor", reported_by="qa", now=T0, **fields)


def container(record, *parts):
    return splitting.container(record, [part["id"] for part in parts])


# -- limits


def test_a_full_column_is_refused_and_the_refusal_names_the_way_out():
    there = board(task("A", "in_progress", sprint_id="s"), blocked(task("B", "in_progress", sprint_id="s")))
    entering = task("C", "in_progress", sprint_id="s")

    with pytest.raises(Refused) as caught:
        limits.check(entering, there, {"in_progress": 2})

    assert caught.value.message == "C cannot enter in_progress of sprint 's', which is full: 2 of 2 (A, B)"
    assert caught.value.hint == (
        "finish one of them, set `wip in_progress N`, or `task move C in_progress --force REASON`"
    )
    limits.check(entering, there, {"in_progress": 3})
    limits.check(entering, there, {"in_progress": None})
    limits.check(entering, there, {})


def test_a_sprint_and_the_tasks_without_one_are_boards_of_their_own():
    there = board(task("A", sprint_id="s"), task("B", sprint_id="t"), task("C"), task("D", "review"))

    assert limits.standing("todo", "s", there) == ["A"]
    assert limits.standing("todo", None, there) == ["C"]
    limits.check(task("E", sprint_id="u"), there, {"todo": 1})
    with pytest.raises(Refused, match=r"^E cannot enter todo, which is full: 1 of 1 \(C\)"):
        limits.check(task("E"), there, {"todo": 1})


def test_a_container_neither_counts_nor_is_counted_against():
    part = task("B", parent="A")
    there = board(container(task("A"), part), part)

    assert limits.count("todo", None, there, {"todo": 1}) == {"column": "todo", "tasks": 1, "limit": 1}
    limits.check(there["A"], there, {"todo": 1})


def test_counts_as_lines_and_columns_over_their_limit():
    there = board(task("A"), task("B"), task("C", "done"))

    assert limits.said(limits.count("todo", None, there, {"todo": 5})) == "todo 2/5"
    assert limits.said(limits.count("done", None, there, {"todo": 5})) == "done 1"
    assert limits.over(None, there, {"todo": 1, "done": None, "review": 1}) == [
        {"column": "todo", "tasks": 2, "limit": 1}
    ]


# -- dependencies


@pytest.mark.parametrize("column", ["in_progress", "review", "done"])
def test_work_begins_when_everything_it_needs_is_done(column):
    known = board(task("A", "review"), task("B", "done"), blocked(task("C")))
    waiting = task("D", column, depends_on=["A", "B", "C"])

    with pytest.raises(Refused) as caught:
        dependencies.check_done(waiting, known.get)

    assert caught.value.message == f"D cannot enter {column}: it depends on A (review), C (blocked)"
    assert caught.value.hint == f"finish them first, or `task move D {column} --force REASON`"
    dependencies.check_done(task("D", column, depends_on=["B"]), known.get)
    dependencies.check_done(task("D", "todo", depends_on=["A"]), known.get)


def test_a_cancelled_and_a_missing_dependency_have_to_be_taken_out():
    known = board(task("A", "cancelled"))
    waiting = task("D", "in_progress", depends_on=["A", "GONE"])

    with pytest.raises(Refused, match=r"depends on A \(cancelled\), GONE \(missing\)$") as caught:
        dependencies.check_done(waiting, known.get)
    assert caught.value.hint.startswith("`task undepend D A GONE`, or")


def test_what_an_open_blocker_names_counts_as_a_blocker_alone():
    known = board(task("A"), task("B"))
    waiting = blocked(task("D", depends_on=["A", "B"]), on_task="A")

    assert dependencies.waiting(waiting, known.get) == {"B": "todo"}
    assert dependencies.waiting(tasks.unblock(waiting, now=T1), known.get) == {"A": "todo", "B": "todo"}


def test_a_circle_is_printed_as_the_way_around_it():
    known = board(task("A"), task("B", depends_on=["A"]), task("C", depends_on=["X", "B"]), task("X"))

    with pytest.raises(Refused) as caught:
        dependencies.check_written({**known["A"], "depends_on": ["X", "C"]}, [], known.get)

    assert caught.value.message == "tasks would wait for each other: A -> C -> B -> A"
    dependencies.check_written({**known["A"], "depends_on": ["X"]}, [], known.get)


def test_a_part_cannot_wait_for_its_own_container():
    part = task("B", parent="A")
    known = board(container(task("A"), part), part)

    assert dependencies.circle("B", ["A"], known.get) == ["B", "A", "B"]


def test_only_what_is_new_has_to_exist():
    old = task("D", depends_on=["GONE"])

    dependencies.check_written(old, ["GONE"], {}.get)
    with pytest.raises(NotFound, match="D cannot depend on 'GONE', which does not exist"):
        dependencies.check_written(old, [], {}.get)


@given(st.dictionaries(st.sampled_from("ABCDEF"), st.lists(st.sampled_from("ABCDEF"), max_size=4)))
def test_a_circle_is_found_exactly_when_there_is_one(needs):
    def reached(start):
        found, ahead = set(), list(needs.get(start, []))
        while ahead:
            name = ahead.pop()
            if name not in found:
                found.add(name)
                ahead += needs.get(name, [])
        return found

    for name in "ABCDEF":
        way = dependencies.circle(name, needs.get(name, []), lambda one: {"depends_on": needs.get(one, [])})

        assert (way is not None) == (name in reached(name))
        if way is not None:
            assert way[0] == way[-1] == name
            assert all(after in needs[before] for before, after in zip(way, way[1:], strict=False))


# -- splitting


@pytest.mark.parametrize(
    ("points", "parts", "expected"),
    [
        (8, 2, [4, 4]),
        (5, 2, [3, 2]),
        (8, 3, [3, 3, 2]),
        (3, 3, [1, 1, 1]),
        (1, 2, [0.5, 0.5]),
        (2, 3, [1, 0.5, 0.5]),
        (2.5, 2, [1.5, 1]),
        (1, 3, [0.5, 0.5, 0]),
        (0.3, 2, [0.3, 0]),
        (0, 2, [0, 0]),
        (None, 2, [None, None]),
    ],
)
def test_shares(points, parts, expected):
    assert splitting.shares(points, parts) == expected


@given(st.integers(0, 400), st.integers(2, 50))
def test_shares_add_up_and_are_as_even_as_their_step_allows(halves, parts):
    found = splitting.shares(halves / 2, parts)

    assert sum(found) == halves / 2
    assert found == sorted(found, reverse=True)
    assert max(found) - min(found) in (0, 0.5, 1)


def test_titles_of_parts():
    assert splitting.titles([" Schema; API ;", "UI"]) == ["Schema", "API", "UI"]
    for words in (["Schema"], ["; ;"], []):
        with pytest.raises(InvalidData, match="at least 2 parts"):
            splitting.titles(words)


def test_parts_inherit_what_describes_the_work_and_not_who_does_it():
    whole = task(
        "A", "in_progress", points=5, type="bug", team="qa", priority=1, epic_id="e", sprint_id="s",
        labels=["x"], depends_on=["B"], assignee="dev", description="all",
    )  # fmt: skip

    first, second = splitting.parts(whole, ["One", "Two"])

    assert first == {
        "title": "One",
        "points": 3,
        "column": "todo",
        "parent": "A",
        "type": "bug",
        "team": "qa",
        "priority": 1,
        "epic_id": "e",
        "sprint_id": "s",
        "depends_on": ["B"],
        "labels": ["x"],
    }
    assert (second["title"], second["points"]) == ("Two", 2)
    assert splitting.parts(task("A", "backlog"), ["One", "Two"])[0]["column"] == "backlog"


@pytest.mark.parametrize("column", ["done", "cancelled"])
def test_closed_work_is_not_split(column):
    with pytest.raises(Refused, match=f"A is {column} and cannot be split"):
        splitting.parts(task("A", column), ["One", "Two"])


def test_a_container_is_moved_by_its_parts():
    first, second = task("B", parent="A"), task("C", parent="A")
    claimed = tasks.claim(task("A", points=5), agent="dev", session="s", now=T0)
    whole = container(claimed, first, second)

    assert (whole["points"], whole["claim"], whole["split_into"]) == (0, None, ["B", "C"])
    for column in ("in_progress", "review", "done"):
        with pytest.raises(Refused, match=f"A was split and cannot be moved to {column}") as caught:
            tasks.move(whole, column, now=T1)
        assert caught.value.hint == "its parts: B, C"
    assert tasks.move(whole, "backlog", now=T1)["column"] == "backlog"
    for refused in (
        lambda: tasks.estimate(whole, 3),
        lambda: tasks.unset(whole, "points"),
        lambda: tasks.unset(whole, "split_into"),
        lambda: tasks.claim(whole, agent="dev", session="s", now=T1),
        lambda: splitting.parts(whole, ["One", "Two"]),
    ):
        with pytest.raises(Refused):
            refused()


def test_a_container_is_done_with_its_last_part_and_reopened_with_one():
    whole = container(blocked(task("A")), task("B"), task("C"))
    started = tasks.move(task("B", parent="A"), "in_progress", now=T1)
    done = [tasks.move(started, "done", now=T2), task("C", "cancelled", parent="A")]

    assert splitting.settled(whole, [started, done[1]], now=T2) == whole
    finished = splitting.settled(whole, done, now=T2)
    reopened = splitting.settled(finished, [started, done[1]], now=T2)

    times = [finished[name] for name in ("column", "committed_at", "started_at", "completed_at")]
    assert times == ["done", T0, T1, T2]
    assert finished["blockers"][0]["resolution"] == "all parts are done"
    assert (reopened["column"], reopened["completed_at"]) == ("in_progress", None)


def test_a_container_without_a_part_that_was_done_stays_open():
    whole = container(task("A"), task("B"))

    assert splitting.settled(whole, [task("B", "cancelled", parent="A")], now=T1) == whole
    assert splitting.settled(whole, [], now=T1) == whole


# -- capacity

AGENTS = {
    "ann": {"id": "ann", "team": "web", "capacity": 2},
    "bob": {"id": "bob", "team": "web"},
    "cat": {"id": "cat", "team": "ops"},
}
WORK = board(
    task("A", "todo", assignee="ann"),
    blocked(task("B", "in_progress", assignee="ann")),
    task("C", "review", assignee="bob"),
    task("D", "backlog", assignee="cat"),
    task("E", "done", assignee="cat"),
)


def test_slots_are_used_by_work_from_todo_to_review():
    assert capacity.load(AGENTS, WORK) == {
        "ann": {"slots": 2, "used": 2, "free": 0},
        "bob": {"slots": 1, "used": 1, "free": 0},
        "cat": {"slots": 1, "used": 0, "free": 1},
    }


def test_a_warning_for_one_task_more_than_there_are_slots():
    assert capacity.warning("ann", AGENTS["ann"], "X", WORK) == "ann has no free slot: 2 of 2 used (A, B)"
    assert capacity.warning("ann", AGENTS["ann"], "A", WORK) is None
    assert capacity.warning("cat", AGENTS["cat"], "X", WORK) is None


def test_who_could_take_a_task():
    free = {"todo": task("X")}
    assert capacity.suggested(free["todo"], AGENTS, {}) == "ann"
    assert capacity.suggested(free["todo"], AGENTS, {}, own={"bob"}) == "bob"
    assert capacity.suggested(task("X"), AGENTS, WORK) == "cat"
    assert capacity.suggested(task("X", team="web"), AGENTS, WORK) is None
    assert capacity.suggested(task("X"), {}, {}) is None


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("anne", "did you mean ann?"),
        ("zed", "agents: ann, bob, cat"),
        ("BOB", "did you mean bob?"),
    ],
)
def test_an_unknown_agent_gets_the_nearest_names(written, hint):
    error = capacity.unknown(written, AGENTS)

    assert error.message == f"no agent {written!r} in this project"
    assert error.hint == hint


# -- the start of a sprint


def test_a_starting_sprint_takes_its_backlog_to_todo_but_not_what_is_blocked():
    mine = board(
        task("A", "backlog"), blocked(task("B", "backlog")), task("C", "review"), task("D", "cancelled")
    )

    changed = {one["id"]: one for one in sprints.committed(mine, now=T1, first=True)}

    assert {name: (one["column"], one["committed_at"]) for name, one in changed.items()} == {
        "A": ("todo", T1),
        "B": ("backlog", T1),
    }
    assert {one["id"] for one in sprints.committed(mine, now=T1, first=False)} == {"A", "B"}
    again = sprints.committed(mine, now=T1, first=False)
    assert {one["column"] for one in again} == {"backlog"}
