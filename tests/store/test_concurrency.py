"""Several processes write at once: one after the other, and nothing is lost."""

import os
import time

import pytest
from storetools import NOW, assert_sound, git, kill, outcome, read, save, settle, start, subjects

from orchestration.errors import Conflict
from orchestration.store.repo import Store


def holder(store: Store, seconds: float = 60) -> int:
    """Start a process that is in the middle of a transaction; returns its id once it is."""
    reader, writer = os.pipe()

    def hold() -> None:
        with Store(store.root).transaction(author="grace", now=NOW) as tx:
            tx.save(("tools", "first"), {"count": tx.edit("tools", "first")["count"] + 1})
            os.write(writer, b"x")
            time.sleep(seconds)

    child = start(hold)
    os.close(writer)
    assert os.read(reader, 1) == b"x"
    os.close(reader)
    return child


def test_nothing_is_lost(store: Store) -> None:
    """Four processes count to twenty-five in one record, and in one of their own."""

    def count(name: str) -> None:
        own = Store(store.root)
        for _ in range(25):
            with own.transaction(author=name, now=NOW) as tx:
                for tool in ("first", name):
                    record = tx.edit("tools", tool) or {"count": 0}
                    record["count"] += 1
                    tx.save(("tools", tool), record)
                tx.describe("tool_updated", f"{name}: {record['count']}")

    names = ["a", "b", "c", "d"]
    children = [start(lambda name=name: count(name)) for name in names]  # type: ignore[misc]
    assert [outcome(child) for child in children] == [0, 0, 0, 0]

    assert store.snapshot().load_all("tools") == {
        "first": {"count": 101},
        **{name: {"count": 25} for name in names},
    }
    assert sorted(subjects(store.root)) == sorted(
        ["store: create", "tool: first", *(f"{name}: {number + 1}" for name in names for number in range(25))]
    )
    assert git(store.root, "rev-list", "--merges", "HEAD") == ""
    assert len((store.private / "journal").read_text().splitlines()) == 101
    assert_sound(store.root)


def test_git_commits_at_the_same_time(store: Store) -> None:
    """A person's commits and ours take turns; a person whom our lock meets tries again."""

    def write() -> None:
        own = Store(store.root)
        for number in range(30):
            save(own, "second", {"count": number})

    child = start(write)
    for number in range(5):
        subject = f"by hand {number}"
        (store.root / "tools" / "first.yaml").write_text(f"count: {100 + number}\n")
        while git(store.root, "log", "-1", "--format=%s", "--", "tools/first.yaml") != subject:
            git(store.root, "commit", "-qm", subject, "tools/first.yaml", check=False)
    assert outcome(child) == 0

    assert store.snapshot().load_all("tools") == {"first": {"count": 104}, "second": {"count": 29}}
    assert len(subjects(store.root)) == 2 + 30 + 5
    assert git(store.root, "fsck", "--strict", "--no-dangling") == ""


def test_a_second_writer_waits(store: Store) -> None:
    child = holder(store, seconds=0.4)

    with store.transaction(author="ada", now=NOW) as tx:
        record = tx.edit("tools", "first")
        tx.save(("tools", "first"), {"count": record["count"] + 1})

    assert outcome(child) == 0
    assert store.lock.waited > 0.01
    assert read(store, "first") == {"count": 3}
    assert_sound(store.root)


def test_readers_do_not_wait(store: Store) -> None:
    child = holder(store)

    begun = time.monotonic()
    assert read(Store(store.root), "first") == {"count": 1}
    assert time.monotonic() - begun < 5

    kill(child)


@pytest.mark.parametrize("after", ["a plain start", "mending"])
def test_waiting_ends_and_names_the_process(store: Store, after: str) -> None:
    settle(store, lock_timeout=0.05)
    if after == "mending":
        tip = git(store.root, "rev-parse", "HEAD")
        store.lock.path.write_text(f"1\n{tip}\n")
    child = holder(store)

    with pytest.raises(Conflict) as caught:
        save(store, "first", {"count": 7})

    assert caught.value.message == (
        f"another process (process {child}) has been writing to the store for 0.05 seconds"
    )
    assert caught.value.exit_code == 5
    kill(child)


def test_the_lock_dies_with_its_process(store: Store) -> None:
    kill(holder(store))

    begun = time.monotonic()
    save(store, "first", {"count": 7})

    assert time.monotonic() - begun < 5
    assert subjects(store.root)[0] == "tool: first"
    assert_sound(store.root)


def test_a_transaction_sees_what_was_committed_while_it_waited(store: Store) -> None:
    """Two open stores take turns; each reads the other's newest state."""
    one, two = store, Store(store.root)
    for number in range(2, 6):
        with (one if number % 2 else two).transaction(author="ada", now=NOW) as tx:
            record = tx.edit("tools", "first")
            assert record == {"count": number - 1}
            tx.save(("tools", "first"), {"count": number})

    assert read(one, "first") == read(two, "first") == {"count": 5}
    assert_sound(store.root)
