"""What people may write for a place in history, and what it names."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestration.errors import BadUsage, NotFound
from orchestration.history import moments
from orchestration.store.index import Index
from orchestration.store.repo import Store

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
NOW = datetime(2026, 1, 12, 15, 30, tzinfo=UTC)


def write(store: Store, when: datetime, number: int) -> str:
    with store.transaction(author="ada", now=when) as tx:
        tx.save(("tools", "build"), {"number": number})
        tx.describe("tool_updated", f"tool: {number}")
    assert tx.tip is not None
    return tx.tip.oid


@pytest.fixture
def made(state_dir: Path) -> tuple[Store, list[str]]:
    """A store with a commit a day, at nine, from the 5th to the 9th; the first also makes the store."""
    store = Store(state_dir)
    return store, [write(store, START + timedelta(days=day), day) for day in range(5)]


def named(store: Store, text: str) -> str:
    def index() -> Index:
        found = Index(store)
        found.catch_up(store.snapshot())
        return found

    return moments.resolve(store, index, text, now=NOW)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("HEAD", 4),
        ("@", 4),
        ("main", 4),
        ("refs/heads/main", 4),
        ("HEAD~0", 4),
        ("HEAD~", 3),
        ("HEAD^", 3),
        ("HEAD~3", 1),
        ("HEAD~2^", 1),
        ("main~1", 3),
        ("now", 4),
        ("today", 4),
        ("yesterday", 4),
        ("2026-01-09", 3),
        ("2026-01-09T09:00:00Z", 4),
        ("2026-01-09 08:59:59", 3),
        ("2026-01-09T10:30+02:00", 3),
        ("2026-01-09T11:00+02:00", 4),
        ("3 days ago", 4),
        ("4 days ago", 3),
        ("a week ago", 0),
        ("102 hours ago", 3),
        ("6000m ago", 3),
        ("  4   Days ago ", 3),
    ],
)
def test_text_names_a_commit(made: tuple[Store, list[str]], text: str, day: int) -> None:
    store, commits = made

    assert commits.index(named(store, text)) == day


def test_a_commit_is_named_by_seven_digits_or_more(made: tuple[Store, list[str]]) -> None:
    store, commits = made

    assert [named(store, commits[2][:length]) for length in (7, 12, 40)] == [commits[2]] * 3
    assert named(store, commits[2][:9] + "~1") == commits[1]


def test_tags_are_peeled_and_packed_ones_are_found(made: tuple[Store, list[str]]) -> None:
    store, commits = made
    git = ["git", "-C", str(store.root), "-c", "user.name=Grace", "-c", "user.email=grace@example.org"]
    subprocess.run([*git, "tag", "light", commits[1]], check=True)
    subprocess.run([*git, "tag", "-a", "-m", "before", "backup/one", commits[2]], check=True)
    subprocess.run([*git, "tag", "-a", "-m", "of a tag", "twice", "backup/one"], check=True)
    subprocess.run([*git, "branch", "handoff/a-to-b", commits[3]], check=True)

    for _ in range(2):
        names = ("light", "backup/one", "refs/tags/backup/one", "twice", "backup/one~1", "handoff/a-to-b")
        assert [commits.index(named(store, name)) for name in names] == [1, 2, 2, 2, 1, 3]
        subprocess.run([*git, "pack-refs", "--all"], check=True)


def test_a_moment_has_the_time_asked_for_else_that_of_its_commit(made: tuple[Store, list[str]]) -> None:
    store, commits = made
    index = Index(store)
    index.catch_up(store.snapshot())

    assert moments.find(store, lambda: index, "2026-01-07", now=NOW) == (
        commits[1],
        START.replace(hour=0, day=7),
    )
    assert moments.find(store, lambda: index, commits[2], now=NOW) == (commits[2], START + timedelta(days=2))


@pytest.mark.parametrize(
    "text",
    ["", " ", "nope", "abc", "../../etc/passwd", "refs/heads", "2026", "20260105T090000", "2 fortnights ago",
     "HEAD^2", "-1 days ago", "tomorrow", "a..b", "HEAD@{1}", "x" * 5000],
)  # fmt: skip
def test_text_that_is_neither_is_refused_with_the_forms(made: tuple[Store, list[str]], text: str) -> None:
    with pytest.raises(BadUsage) as error:
        named(made[0], text)
    assert "HEAD~3" in (error.value.hint or "") and "2 hours ago" in (error.value.hint or "")


@pytest.mark.parametrize("text", ["2026-13-01", "2026-02-30", "2026-01-05T25:00", "999999999 years ago"])
def test_a_time_that_there_is_not_is_refused(made: tuple[Store, list[str]], text: str) -> None:
    with pytest.raises(BadUsage, match="there is no time"):
        named(made[0], text)


@pytest.mark.parametrize("text", ["2026-01-05T08:59", "2 weeks ago", "deadbeef", "HEAD~9", "1" * 40])
def test_what_history_does_not_hold_is_not_found(made: tuple[Store, list[str]], text: str) -> None:
    with pytest.raises(NotFound):
        named(made[0], text)


def test_a_store_without_a_commit_has_no_moments(state_dir: Path) -> None:
    with pytest.raises(NotFound, match="no history yet"):
        named(Store(state_dir), "HEAD")


def test_event_time_counts_where_the_clock_ran_backwards(state_dir: Path) -> None:
    store = Store(state_dir)
    write(store, NOW, 1)
    corrected = write(store, NOW - timedelta(hours=2), 2)

    assert named(store, "1 hour ago") == corrected
    assert named(store, "now") == corrected
