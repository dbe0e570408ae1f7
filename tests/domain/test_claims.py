"""Claims: when one is orphaned, and that a task never has two holders."""

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.domain import claims, ready, sessions, tasks, values
from orchestration.domain.project import Project
from orchestration.errors import Conflict, InactiveSession, Refused
from orchestration.store import presence
from orchestration.store.repo import Store
from orchestration.store.transaction import Transaction

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TIMEOUT = 60


def at(**later: float) -> str:
    return values.format_time(START + timedelta(**later))


def session(status: str = "active", mode: str = "development") -> dict[str, Any]:
    record = sessions.new("s-1", mode=mode, project="p", created_by="ada", now=at())
    return {**record, "lifecycle": {**record["lifecycle"], "status": status}}


def absence(record: dict[str, Any] | None, now: str, **signs: str | None) -> str | None:
    return claims.absence(
        record, now=now, timeout=TIMEOUT, seen=signs.get("seen"), named=lambda: signs.get("named")
    )


# -- when a session holds nothing any more


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_a_session_that_ended_holds_nothing(status: str) -> None:
    assert absence(session(status), at(seconds=1), seen=at()) == f"its session is {status}"


def test_a_session_that_left_the_store_holds_nothing() -> None:
    assert absence(None, at()) == "its session is retired"


@pytest.mark.parametrize("status", ["active", "paused"])
def test_a_lease_that_ran_out(status: str) -> None:
    record = session(status)
    seen = at(hours=23, minutes=59)

    assert absence(record, at(hours=24, seconds=-1), seen=seen) is None
    assert absence(record, at(hours=24), seen=seen) == "its session expired at 2026-01-06 09:00 UTC"


def test_silence_begins_after_the_timeout() -> None:
    assert absence(session(), at(hours=3), seen=at(hours=2)) is None
    assert (
        absence(session(), at(hours=3, seconds=1), seen=at(hours=2))
        == "no sign of its session since 2026-01-05 11:00 UTC"
    )


def test_a_heartbeat_is_a_sign_of_life() -> None:
    record = sessions.heartbeat(session(), now=at(hours=2))

    assert absence(record, at(hours=3), seen=at()) is None
    assert absence(record, at(hours=3, seconds=1), seen=at()) is not None


def test_a_session_never_seen_on_this_machine_is_judged_by_its_lease() -> None:
    assert absence(session(), at(hours=23), seen=None) is None


def test_a_session_whose_commits_are_newer_than_its_presence_works_elsewhere() -> None:
    assert absence(session(), at(hours=9), seen=at(), named=at(hours=1)) is None
    assert absence(session(), at(hours=9), seen=at(hours=1), named=at(hours=1)) is not None


def test_parts_of_a_second_make_no_commit_newer() -> None:
    assert absence(session(), at(hours=9), seen=at(), named=at(microseconds=300_000)) is not None


def test_a_paused_session_comes_back() -> None:
    assert absence(session("paused"), at(hours=23), seen=at()) is None


def test_commits_are_asked_for_only_of_what_looks_silent() -> None:
    def never() -> str | None:
        raise AssertionError("the history was asked")

    assert claims.absence(session(), now=at(hours=1), timeout=TIMEOUT, seen=at(), named=never) is None
    assert claims.absence(session(), now=at(hours=9), timeout=TIMEOUT, seen=None, named=never) is None


def test_nothing_is_taken_from_a_session_whose_record_is_damaged() -> None:
    assert absence({"id": "s-1", "lifecycle": "gone"}, at(hours=99), seen=at()) is None


# -- a board with agents who come and go


class Office:
    """A store with three tasks and three sessions, on a clock of its own."""

    def __init__(self, root: Path, *, timeout: int | None = None) -> None:
        self.store = Store(root)
        self.now = START
        with self.transaction() as tx:
            for number in (1, 2, 3):
                task = tasks.new(f"T-{number}", {"column": "todo"}, now=self.at)
                tx.save(("projects", "p", "tasks", task["id"]), task)
            tx.save(("projects", "p", "config"), {"settings": {"claim_timeout": timeout} if timeout else {}})
            for name in ("s-1", "s-2", "s-3"):
                record = sessions.new(name, project="p", created_by="ada", now=self.at)
                tx.save(("sessions", name, "session"), record)
            tx.describe("project_created", "begin")
        for name in ("s-1", "s-2", "s-3"):
            self.show_up(name)

    @property
    def at(self) -> str:
        return values.format_time(self.now)

    def transaction(self) -> Any:
        return self.store.transaction(author="ada", now=self.now)

    def show_up(self, name: str) -> None:
        presence.touch(self.store.private, name, self.now)

    def watch(self, project: Project) -> claims.Watch:
        return claims.Watch(
            project.reader,
            project.settings,
            now=self.at,
            seen=lambda name: presence.seen(self.store.private, name),
            commits=dict,
        )

    def project(self, reader: Any = None) -> Project:
        return Project(reader or self.store.snapshot(), "p", now=self.at)

    def take(self, task: str, name: str, agent: str | None = None) -> claims.Taken:
        self.show_up(name)
        with self.transaction() as tx:
            board = self.project(tx)
            return claims.take(
                tx,
                board,
                task,
                agent=agent or f"agent-{name}",
                session=name,
                watch=self.watch(board),
                now=self.at,
            )

    def next(self, name: str, *, more: bool = True) -> str | None:
        self.show_up(name)
        with self.transaction() as tx:
            board = self.project(tx)
            taken, _ = ready.take_next(
                tx,
                board,
                self.watch(board),
                agent=f"agent-{name}",
                session=name,
                more=more,
                now=self.at,
                actor="ada",
            )
        return taken.task["id"] if taken else None

    def edit(self, name: str, change: Any) -> None:
        with self.transaction() as tx:
            tx.save(("sessions", name, "session"), change(tx.edit("sessions", name, "session")))
            tx.describe("state_set", "session: change", session=name)

    def holder(self, task: str) -> Mapping[str, Any] | None:
        record = self.project().tasks[task]
        return record["claim"]

    def alive(self, name: str) -> bool:
        """Whether a session is alive, by the letter: active, before its expiry, seen within the hour."""
        record = self.store.snapshot().load("sessions", name, "session")
        if record is None or record["lifecycle"]["status"] != "active":
            return False
        seen = values.parse_time(presence.seen(self.store.private, name) or "2000-01-01T00:00:00Z")
        beat = values.parse_time(record["lifecycle"]["heartbeat"])
        lease = values.parse_time(record["lifecycle"]["expiry"])
        return self.now < lease and self.now - max(seen, beat) <= timedelta(minutes=TIMEOUT)


@pytest.fixture
def office(state_dir: Path) -> Office:
    return Office(state_dir)


def test_a_claim_is_never_taken_from_a_session_that_is_alive(office: Office) -> None:
    office.take("T-1", "s-1")
    office.now += timedelta(minutes=TIMEOUT)

    with pytest.raises(Conflict, match="T-1 is claimed by agent-s-1 in session s-1"):
        office.take("T-1", "s-2")


def test_an_orphaned_claim_is_taken_over_and_the_commit_says_from_whom(office: Office) -> None:
    office.take("T-1", "s-1")
    office.now += timedelta(minutes=TIMEOUT, seconds=1)

    taken = office.take("T-1", "s-2")

    why = "claim of agent-s-1 in session s-1: no sign of its session since 2026-01-05 09:00 UTC"
    assert taken.former == {"agent": "agent-s-1", "session": "s-1", "at": "2026-01-05T09:00:00Z"}
    assert taken.why == why
    assert taken.task["claim"] == {"agent": "agent-s-2", "session": "s-2", "at": "2026-01-05T10:00:01Z"}
    assert taken.task["assignee"] == "agent-s-2"
    tip = office.store.snapshot().tip
    assert tip is not None
    assert tip.message.splitlines()[0] == "task: T-1 claimed by agent-s-2, taken over from agent-s-1"
    assert (tip.trailers()["Session"], tip.trailers()["Reason"]) == (["s-2"], [why])


def test_who_was_assigned_by_others_stays_assigned(office: Office) -> None:
    with office.transaction() as tx:
        key = ("projects", "p", "tasks", "T-1")
        tx.save(key, {**tx.edit(*key), "assignee": "grace"})
        tx.describe("task_assigned", "assign")
    office.take("T-1", "s-1")
    office.now += timedelta(hours=2)

    assert office.take("T-1", "s-2").task["assignee"] == "grace"


def test_a_session_that_shows_up_again_has_its_claims_again(office: Office) -> None:
    office.take("T-1", "s-1")
    office.now += timedelta(hours=2)
    board = office.project()
    assert office.watch(board).orphaned(board.tasks["T-1"]) is not None

    office.show_up("s-1")

    assert office.watch(board).orphaned(board.tasks["T-1"]) is None
    with pytest.raises(Conflict):
        office.take("T-1", "s-2")


def test_the_timeout_is_a_setting(state_dir: Path) -> None:
    office = Office(state_dir, timeout=5)
    office.take("T-1", "s-1")
    office.now += timedelta(minutes=5, seconds=1)

    assert office.take("T-1", "s-2").former is not None


@pytest.mark.parametrize("written", ["soon", 0, -3, None, [1]])
def test_a_timeout_that_is_none_is_the_default(written: object) -> None:
    watch = claims.Watch(None, {"claim_timeout": written}, now=at(), seen=str, commits=dict)  # type: ignore[arg-type]

    assert watch.timeout == 60


@pytest.mark.parametrize("claim", [{"agent": "dev"}, {"agent": "dev", "session": 3}, {"session": "../x"}])
def test_a_claim_of_no_session_is_orphaned(office: Office, claim: dict[str, Any]) -> None:
    board = office.project()

    assert office.watch(board).orphaned({"column": "todo", "claim": claim}) == "its claim names no session"
    assert office.watch(board).orphaned({"column": "done", "claim": claim}) is None


def test_a_session_that_ended_meanwhile_takes_nothing(office: Office) -> None:
    office.edit("s-1", lambda record: sessions.transition(record, "completed", now=office.at))

    with pytest.raises(InactiveSession, match="session s-1 is completed"):
        office.take("T-1", "s-1")
    assert office.holder("T-1") is None


def test_claims_that_are_held(office: Office) -> None:
    office.take("T-2", "s-1")
    office.now += timedelta(seconds=1)
    office.take("T-1", "s-1")
    office.take("T-3", "s-2")

    board = office.project()

    assert [task["id"] for task in claims.held(board, office.watch(board), "agent-s-1")] == ["T-2", "T-1"]


def test_what_is_blocked_and_parked_uses_no_slot(office: Office) -> None:
    office.take("T-1", "s-1")
    with office.transaction() as tx:
        key = ("projects", "p", "tasks", "T-1")
        blocked = tasks.block(
            tx.edit(*key), blocker_id="BLK-1", reason="keys", reported_by="ada", now=office.at
        )
        tx.save(key, tasks.move(blocked, "backlog", now=office.at))
        tx.describe("task_moved", "park")

    board = office.project()

    assert claims.held(board, office.watch(board), "agent-s-1") == []


def test_a_session_takes_nothing_over_from_itself(office: Office) -> None:
    office.take("T-1", "s-1")
    office.now += timedelta(hours=2)
    with office.transaction() as tx:  # its presence could not be noted: a full disk, for instance
        board = office.project(tx)
        watch = office.watch(board)
        again = claims.take(tx, board, "T-1", agent="agent-s-1", session="s-1", watch=watch, now=office.at)

    assert (again.former, again.task["claim"]["at"]) == (None, "2026-01-05T09:00:00Z")


# -- races: interleaved transactions


def test_two_agents_that_saw_the_same_task_first_get_different_ones(office: Office) -> None:
    seen = []
    for name in ("s-1", "s-2"):  # both look before either takes
        board = office.project()
        seen.append(ready.choose(board, office.watch(board), agent=f"agent-{name}")["ready"][0]["id"])

    assert seen == ["T-1", "T-1"]
    assert [office.next("s-1"), office.next("s-2"), office.next("s-3"), office.next("s-1")] == [
        "T-1",
        "T-2",
        "T-3",
        None,
    ]


def test_nobody_gets_in_between_choosing_and_taking(office: Office) -> None:
    office.show_up("s-1")
    with office.transaction() as tx:
        board = office.project(tx)
        watch = office.watch(board)
        first = ready.choose(board, watch, agent="agent-s-1")["ready"][0]["id"]
        other = Store(office.store.root)
        other.lock.timeout = 0.05
        with pytest.raises(Conflict), other.lock.held():
            pass
        claims.take(tx, board, first, agent="agent-s-1", session="s-1", watch=watch, now=office.at)

    assert office.next("s-2") == "T-2"


def test_a_commit_of_plain_git_that_takes_the_task_in_the_same_moment_wins(office: Office) -> None:
    key = ("projects", "p", "tasks", "T-1")

    def by_hand(tx: Transaction) -> None:
        """Move the branch as a person's `git commit` does, without the lock of the store."""
        other = Transaction(
            office.store, tx.tip, tx.branch, tx.machine, author="grace", now=office.now, durable=False
        )
        claim = {"agent": "grace", "session": "s-3", "at": office.at}
        other.save(key, {**other.load(*key), "claim": claim})
        other.describe("task_assigned", "by hand")
        assert other.commit() is not None

    with pytest.raises(Conflict), office.transaction() as tx:
        board = office.project(tx)
        claims.take(tx, board, "T-1", agent="dev", session="s-1", watch=office.watch(board), now=office.at)
        by_hand(tx)

    assert office.holder("T-1") == {"agent": "grace", "session": "s-3", "at": "2026-01-05T09:00:00Z"}


# -- the law: a holder is followed by another only when its session is gone

NAMES = st.sampled_from(["s-1", "s-2", "s-3"])
TASKS = st.sampled_from(["T-1", "T-2", "T-3"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("take"), TASKS, NAMES),
        st.tuples(st.just("next"), NAMES),
        st.tuples(st.just("wait"), st.sampled_from([1, 1799, 3599, 3600, 3601, 86399, 86400])),
        st.tuples(st.just("show up"), NAMES),
        st.tuples(st.just("heartbeat"), NAMES),
        st.tuples(st.just("recover"), NAMES),
        st.tuples(st.just("end"), NAMES, st.sampled_from(["completed", "failed"])),
    ),
    max_size=14,
)


def _step(office: Office, step: tuple[Any, ...]) -> None:
    match step:
        case ("take", task, name):
            office.take(task, name)
        case ("next", name):
            office.next(name)
        case ("wait", seconds):
            office.now += timedelta(seconds=seconds)
        case ("show up", name):
            office.show_up(name)
        case ("heartbeat", name):
            office.edit(name, lambda record: sessions.heartbeat(record, now=office.at))
        case ("recover", name):
            office.edit(name, lambda record: sessions.resume(record, now=office.at))
        case ("end", name, status):
            office.edit(name, lambda record: sessions.transition(record, status, now=office.at))


@settings(max_examples=40)
@given(steps=STEPS)
def test_a_holder_changes_only_when_its_session_is_gone(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[Any, ...]]
) -> None:
    office = Office(tmp_path_factory.mktemp("office") / "state")
    holders = {name: office.holder(name) for name in ("T-1", "T-2", "T-3")}
    for step in steps:
        asking = step[-1] if step[0] in ("take", "next") else None
        alive = {name: office.alive(name) or name == asking for name in ("s-1", "s-2", "s-3")}
        with contextlib.suppress(Conflict, InactiveSession, Refused):
            _step(office, step)
        for task, before in holders.items():
            after = office.holder(task)
            if after != before:
                assert step[0] in ("take", "next")
                assert after is not None
                assert after["session"] == asking
                assert before is None or not alive[before["session"]]
            holders[task] = after
