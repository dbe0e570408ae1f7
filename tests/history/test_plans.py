"""A plan is applied once, within an hour, and only to what it was made for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestration.errors import Conflict, NotFound, Refused
from orchestration.history import plans
from orchestration.store.repo import Store

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
Run = Callable[..., Any]


@pytest.fixture
def store(state_dir: Path) -> Store:
    store = Store(state_dir)
    write(store, 1)
    return store


def write(store: Store, number: int) -> None:
    with store.transaction(author="ada", now=NOW) as tx:
        tx.save(("tools", "build"), {"number": number})


def make(store: Store) -> plans.Plan:
    return plans.make(store, "reset", {"session": "s"}, ["tools/build.yaml", "tools/new.yaml"], now=NOW)


def test_a_plan_remembers_what_it_would_change(store: Store) -> None:
    made = make(store)
    found = plans.read(store, made.id, now=NOW)

    assert found == made
    assert found.affected == {
        "tools/build.yaml": store.snapshot().blob_id("tools/build.yaml"),
        "tools/new.yaml": None,
    }
    plans.check(store.snapshot(), found)


def test_it_is_refused_when_a_record_changed(store: Store) -> None:
    made = make(store)
    write(store, 2)

    with pytest.raises(Conflict, match="changed since the plan was made: tools.build"):
        plans.check(store.snapshot(), made)


def test_it_lives_an_hour(store: Store) -> None:
    made = make(store)

    assert plans.read(store, made.id, now=NOW + timedelta(minutes=59)).id == made.id
    with pytest.raises(Refused, match="expired at 2026-01-05 10:00 UTC"):
        plans.read(store, made.id, now=NOW + timedelta(hours=1))


def test_it_applies_once(store: Store) -> None:
    made = make(store)
    plans.take(store, made)

    with pytest.raises(Refused, match="applied already"):
        plans.take(store, made)
    with pytest.raises(Refused, match="applied already"):
        plans.read(store, made.id, now=NOW)


@pytest.mark.parametrize("name", ["nope", "", "../../config", "a/b", "."])
def test_an_unknown_plan(store: Store, name: str) -> None:
    with pytest.raises(NotFound, match="no plan"):
        plans.read(store, name, now=NOW)


def test_old_plans_and_torn_ones_go(store: Store) -> None:
    old = make(store)
    folder = store.private / "plans"
    (folder / "torn").write_text('{"id": "torn"')

    new = plans.make(store, "reset", {}, [], now=NOW + timedelta(days=2))

    assert [path.name for path in folder.iterdir()] == [new.id]
    with pytest.raises(NotFound):
        plans.read(store, old.id, now=NOW)


# -- through the command


def offered(run: Run, session: str) -> str:
    run("set", session, "notes.a", "1")
    plan = run("reset", session, "--json-output").json["plan"]
    assert plan["apply"] == f"state_manager apply {plan['id']}"
    return str(plan["id"])


def test_apply_does_what_was_shown_once(run: Run, fails: Run, session: str) -> None:
    plan = offered(run, session)

    assert run("apply", plan).exit_code == 0

    assert run("get", session, "notes").exit_code == 1
    assert fails(1, "apply", plan) == f"plan {plan} was applied already"


def test_apply_after_a_change_is_a_conflict(run: Run, fails: Run, session: str) -> None:
    plan = offered(run, session)
    run("set", session, "notes.a", "2")

    assert fails(5, "apply", plan) == f"changed since the plan was made: sessions.{session}.notes"


def test_apply_does_no_more_than_was_shown(run: Run, fails: Run, session: str) -> None:
    plan = offered(run, session)
    run("set", session, "later.a", "1")

    assert fails(5, "apply", plan) == f"changed since the plan was made: sessions.{session}.later"


def test_apply_after_an_edit_by_hand_is_a_conflict(run: Run, state_dir: Path, session: str) -> None:
    plan = offered(run, session)
    (state_dir / "sessions" / session[:2] / session / "notes.yaml").write_text("a: mine\n")

    assert run("apply", plan).exit_code == 5
    assert run("get", session, "notes.a").value == "mine"


def test_apply_too_late(run: Run, fails: Run, clock: Any, session: str) -> None:
    plan = offered(run, session)
    clock.forward(hours=1)

    assert fails(1, "apply", plan).startswith(f"plan {plan} expired at ")
    assert fails(1, "apply", "0" * 8) == "no plan '00000000'"
