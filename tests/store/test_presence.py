"""Presence: a touched file for each session, outside history."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from storetools import NOW, save, status

from orchestration.store import presence
from orchestration.store.repo import Store


def test_a_session_is_seen_at_the_time_it_was_touched(tmp_path: Path) -> None:
    presence.touch(tmp_path, "s-1", datetime(2026, 1, 5, 9, 0, 0, 999_999, tzinfo=UTC))
    presence.touch(tmp_path, "s-2", datetime(2026, 1, 5, 9, 0, 1, tzinfo=UTC))
    presence.touch(tmp_path, "s-1", datetime(2026, 1, 5, 9, 0, 2, tzinfo=UTC))

    assert presence.seen(tmp_path, "s-1") == "2026-01-05T09:00:02Z"
    assert presence.all_seen(tmp_path) == {"s-1": "2026-01-05T09:00:02Z", "s-2": "2026-01-05T09:00:01Z"}


def test_nobody_was_seen_where_there_is_nothing(tmp_path: Path) -> None:
    assert presence.seen(tmp_path / "none", "s-1") is None
    assert presence.all_seen(tmp_path / "none") == {}
    presence.forget(tmp_path / "none", ["s-1"])
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_not_noted(tmp_path: Path) -> None:
    (tmp_path / "presence").write_text("somebody's file")

    presence.touch(tmp_path, "s-1", NOW)

    assert (tmp_path / "presence").read_text() == "somebody's file"


def test_a_commit_notes_the_session_it_names(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    save(store, "first", {"n": 1})
    assert presence.all_seen(store.private) == {}

    for name, later in (("s-1", 0), ("s-2", 1)):
        with store.transaction(author="ada", now=NOW + timedelta(hours=later)) as tx:
            tx.save(("tools", "first"), {"by": name})
            tx.describe("state_set", "tool: first", session=name)

    assert presence.all_seen(store.private) == {"s-1": "2026-01-02T03:04:05Z", "s-2": "2026-01-02T04:04:05Z"}
    assert status(store.root) == ""


def test_a_transaction_that_changes_nothing_notes_nobody(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    save(store, "first", {"n": 1})

    with store.transaction(author="ada", now=NOW) as tx:
        tx.save(("tools", "first"), {"n": 1})
        tx.describe("state_set", "tool: first", session="s-1")

    assert presence.all_seen(store.private) == {}


def test_who_is_retired_is_forgotten(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    save(store, "first", {"n": 1})
    presence.touch(store.private, "s-1", NOW)
    presence.touch(store.private, "s-2", NOW)

    with store.transaction(author="ada", now=NOW) as tx:
        tx.emit("session_expired", "session: retire s-1", retired=["s-1"])

    assert list(presence.all_seen(store.private)) == ["s-2"]
