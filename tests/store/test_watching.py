"""Waiting for a commit by looking at three files."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from orchestration.store.repo import Store
from orchestration.store.watching import Watch

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


def write(store: Store, value: int) -> None:
    with store.transaction(author="ana", now=NOW) as tx:
        tx.save(("config", "settings"), {"value": value})
        tx.describe("state_set", "test")


def git(store: Store, *words: str) -> None:
    subprocess.run(["git", "-C", str(store.root), *words], check=True, capture_output=True)


def test_a_commit_is_one_change(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    write(store, 1)
    watch = Watch(store.git_dir)

    assert watch.changed() is False
    write(store, 2)
    assert [watch.changed(), watch.changed()] == [True, False]


def test_a_branch_that_is_packed_or_switched_away_from_is_followed(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    write(store, 1)
    watch = Watch(store.git_dir)

    git(store, "pack-refs", "--all")
    assert [watch.changed(), watch.changed()] == [True, False]
    write(store, 2)
    assert watch.changed() is True
    git(store, "switch", "-q", "-c", "other")
    assert watch.changed() is True
    write(store, 3)
    assert [watch.changed(), watch.changed()] == [True, False]


def test_a_store_may_come_and_go(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    watch = Watch(store.git_dir)
    assert (watch.changed(), watch.place) == (False, None)

    write(store, 1)
    place = watch.place
    assert (watch.changed(), place is not None) == (True, True)
    shutil.move(tmp_path / "state", tmp_path / "away")
    assert (watch.changed(), watch.place) == (True, None)
    shutil.move(tmp_path / "away", tmp_path / "state")
    assert (watch.changed(), watch.place) == (True, place)


def test_looking_leaves_no_trace(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    write(store, 1)
    before = sorted(path for path in tmp_path.rglob("*"))

    watch = Watch(store.git_dir)
    watch.changed()

    assert sorted(path for path in tmp_path.rglob("*")) == before
