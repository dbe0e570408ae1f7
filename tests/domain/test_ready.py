"""Ready work: what is offered, to whom, and in which order."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from orchestration.domain import claims, ready, sessions, sprints, tasks
from orchestration.domain.project import Project
from orchestration.errors import Refused
from orchestration.store.repo import Store

NOW = "2026-01-05T09:00:00Z"
CONFIG = {
    "team": {"engineering": {"members": ["api", "ux"]}, "qa": {"members": ["tester"]}},
    "agents": {"api": {"skills": ["Python", "sql"], "capacity": 2}},
    "settings": {},
}


class Board:
    """A project with tasks, and a live session and one that ended."""

    def __init__(self, root: Path) -> None:
        self.store = Store(root)
        self.write({("projects", "p", "config"): CONFIG})
        for name in ("live", "gone"):
            record = sessions.new(name, project="p", created_by="ada", now=NOW)
            if name == "gone":
                record = sessions.transition(record, "completed", now=NOW)
            self.write({("sessions", name, "session"): record})

    def write(self, records: dict[tuple[str, ...], Any]) -> None:
        with self.store.transaction(author="ada", now=datetime(2026, 1, 5, 9, tzinfo=UTC)) as tx:
            for key, record in records.items():
                tx.save(key, record)
            tx.describe("state_set", "write")

    def add(self, task_id: str, column: str = "todo", *, claimed: str | None = None, **fields: Any) -> None:
        record = tasks.new(task_id, {"column": column, **fields}, now=NOW)
        if claimed:
            record = tasks.claim(record, agent=f"agent-{claimed}", session=claimed, now=NOW)
        self.write({("projects", "p", "tasks", task_id): record})

    def block(self, task_id: str) -> None:
        key = ("projects", "p", "tasks", task_id)
        record = self.store.snapshot().load(*key)
        blocked = tasks.block(record, blocker_id="BLK-1", reason="keys", reported_by="ada", now=NOW)
        self.write({key: blocked})

    def sprint(self, sprint_id: str, status: str = "active") -> None:
        record = sprints.new(sprint_id, sprint_id, {}, now=NOW, config=None)
        self.write({("projects", "p", "sprints", sprint_id): {**record, "status": status}})

    @property
    def project(self) -> Project:
        return Project(self.store.snapshot(), "p", now=NOW)

    def watch(self, project: Project) -> claims.Watch:
        return claims.Watch(project.reader, project.settings, now=NOW, seen=lambda _: NOW, commits=dict)

    def document(self, **asked: Any) -> dict[str, Any]:
        project = self.project
        return ready.document(project, self.watch(project), **asked)

    def ids(self, **asked: Any) -> list[str]:
        return [row["id"] for row in self.document(**asked)["ready"]]


@pytest.fixture
def board(state_dir: Path) -> Board:
    return Board(state_dir)


def test_the_order_is_priority_then_age_then_number(board: Board) -> None:
    board.add("TASK-10")
    board.add("TASK-9")
    board.add("TASK-1", created_at="2026-01-05T08:59:59.5Z")
    board.add("TASK-2", created_at="2026-01-05T08:59:59Z")
    board.add("TASK-11", priority=1)

    assert board.ids() == ["TASK-11", "TASK-2", "TASK-1", "TASK-9", "TASK-10"]
    assert board.ids(limit=2) == ["TASK-11", "TASK-2"]
    assert board.document(limit=2)["total"] == 5


def test_work_is_pulled_from_todo_alone(board: Board) -> None:
    for column in ("backlog", "todo", "in_progress", "review", "done", "cancelled"):
        board.add(f"IN-{column}", column)

    assert board.ids() == ["IN-todo"]


def test_what_is_blocked_depends_is_held_or_split_is_not_ready(board: Board) -> None:
    board.add("FREE")
    board.add("WAITS", depends_on=["FREE"])
    board.add("LOST", depends_on=["NOWHERE"])
    board.add("HELD", claimed="live")
    board.add("STUCK")
    board.block("STUCK")
    whole = tasks.new("WHOLE", {"column": "todo"}, now=NOW)
    board.write({("projects", "p", "tasks", "WHOLE"): {**whole, "split_into": ["FREE", "WAITS"]}})

    found = board.document()

    assert [row["id"] for row in found["ready"]] == ["FREE"]
    assert found["waiting"] == {"blocked": 1, "depends": 2, "claimed": 1, "assigned": 0, "container": 1}


def test_a_dependency_that_is_done_and_archived_is_done(board: Board) -> None:
    archived = tasks.new("OLD", {"column": "done"}, now=NOW)
    board.write({("projects", "p", "archive", "sprint-0", "OLD"): archived})
    board.add("NEXT", depends_on=["OLD"])

    assert board.ids() == ["NEXT"]


def test_an_agent_gets_what_is_its_own_or_nobodys(board: Board) -> None:
    board.add("MINE", assignee="api")
    board.add("THEIRS", assignee="ux")
    board.add("NOBODYS")

    assert board.ids() == ["MINE", "NOBODYS", "THEIRS"]
    assert board.ids(agent="api") == ["MINE", "NOBODYS"]
    assert board.document(agent="api")["waiting"]["assigned"] == 1


def test_what_fits_an_agent_is_marked(board: Board) -> None:
    board.add("A", team="engineering", labels=["python", "urgent"], assignee="api")
    board.add("B", team="qa", labels=["css"])
    board.add("C", type="docs")

    assert [row["fits"] for row in board.document(agent="api")["ready"]] == [
        ["assigned", "team engineering", "Python"],
        [],
        [],
    ]
    assert [row["fits"] for row in board.document(agent="tester")["ready"]] == [["team qa"], []]
    assert [row["fits"] for row in board.document(agent="a-stranger")["ready"]] == [[], []]


def test_orphaned_work_is_offered_again_where_it_was_left(board: Board) -> None:
    board.add("TODO", claimed="gone", priority=2)
    board.add("BEGUN", "in_progress", claimed="gone", priority=1)
    board.add("KEPT", "in_progress", claimed="live")
    board.add("PARKED", "backlog", claimed="gone")
    board.add("WAITS", claimed="gone", depends_on=["KEPT"])

    found = board.document(agent="api")

    why = "its session is completed"
    assert [(row["id"], row["orphaned"]) for row in found["ready"]] == [("BEGUN", why), ("TODO", why)]
    assert [(row["id"], row["waits_for"]) for row in found["orphaned"]] == [
        ("BEGUN", None),
        ("TODO", None),
        ("PARKED", "in the backlog"),
        ("WAITS", "waiting for KEPT"),
    ]


def test_an_orphan_that_somebody_else_is_to_do_is_left_to_them(board: Board) -> None:
    board.add("GIVEN", assignee="ux", claimed="gone")

    assert board.ids(agent="api") == []
    assert board.ids(agent="ux") == ["GIVEN"]
    assert board.document(agent="api")["orphaned"][0]["waits_for"] == "assigned to ux"


def test_the_backlog_of_the_active_sprint_counts_when_nothing_in_todo_is_ready(board: Board) -> None:
    board.sprint("now")
    board.sprint("later", "planned")
    board.add("ITEM", "backlog", sprint_id="now")
    board.add("LATER", "backlog", sprint_id="later")
    board.add("LOOSE", "backlog")
    board.add("HELD", claimed="live")

    found = board.document()

    assert (found["source"], [row["id"] for row in found["ready"]]) == ("backlog", ["ITEM"])
    assert found["note"] == "Nothing in todo is ready: these are in the backlog of the active sprint."
    board.add("FREE")
    assert (board.document()["source"], board.ids()) == ("todo", ["FREE"])


def test_an_empty_list_says_why(board: Board) -> None:
    assert board.document()["note"] == (
        "No task of project p is ready: there is nothing in todo, nor in the backlog of an active sprint."
    )
    board.add("HELD", claimed="live")
    board.add("WAITS", depends_on=["HELD"])
    board.add("THEIRS", assignee="ux")

    assert board.document(agent="api")["note"] == (
        "No task of project p is ready for api: 1 waiting for other tasks, 1 claimed, 1 assigned to others."
    )


# -- slots


def choose(board: Board, agent: str, *, more: bool = False) -> list[str]:
    project = board.project
    return [row["id"] for row in ready.choose(project, board.watch(project), agent=agent, more=more)["ready"]]


def test_an_agent_gets_as_many_as_it_has_slots(board: Board) -> None:
    board.add("FREE")
    board.add("HELD-1", claimed="live")

    with pytest.raises(Refused) as refused:
        choose(board, "agent-live")
    assert refused.value.message == "agent-live holds HELD-1 and has 1 slot"
    assert refused.value.hint == "finish or unassign one first, or take one more with --more"
    assert choose(board, "agent-live", more=True) == ["FREE"]
    assert choose(board, "agent-gone") == ["FREE"]


def test_an_agent_without_slots_takes_work_only_on_request(board: Board) -> None:
    board.write({("projects", "p", "config"): {**CONFIG, "agents": {"api": {"capacity": 0}}}})
    board.add("FREE")

    with pytest.raises(Refused, match="api has no slots"):
        choose(board, "api")
    assert choose(board, "api", more=True) == ["FREE"]
