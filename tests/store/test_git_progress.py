"""What git tells of how far it has come, and that it does the same work beside it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration.errors import StoreError
from orchestration.store import git, upkeep
from orchestration.store.inspection import Inspection
from orchestration.store.repo import Store

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "state")
    for value in range(3):
        with made.transaction(author="ana", now=NOW) as tx:
            tx.save(("config", "settings"), {"value": value})
            tx.describe("state_set", "test")
    return made


class Watcher:
    """Notes what is told."""

    def __init__(self) -> None:
        self.told: dict[str, list[tuple[int, int]]] = {}

    def __call__(self, what: str) -> git.Progress:
        steps = self.told.setdefault(what, [])
        return lambda done, total: steps.append((done, total))


def test_packing_tells_how_far_it_is(store: Store) -> None:
    watcher = Watcher()
    report = upkeep.pack(store, progress=watcher)

    assert (report.after.loose, report.after.packs) == (0, 1)
    done, total = watcher.told["git: writing objects"][-1]
    assert done == total == report.before.loose


def test_a_check_finds_the_same_whether_watched_or_not(store: Store) -> None:
    oid = store.snapshot().blob_id("config/settings.yaml")
    assert oid is not None
    damaged = store.git_dir / "objects" / oid[:2] / oid[2:]
    damaged.chmod(0o644)
    damaged.write_bytes(b"damaged")
    watcher = Watcher()
    watched = Inspection(store, now=NOW, progress=watcher)
    quiet = Inspection(store, now=NOW)
    watched.run()
    quiet.run()

    assert watched.found == quiet.found
    assert any(finding.severity == "error" for finding in watched.found)
    assert {"git: checking object directories", "reading records"} <= set(watcher.told)


def test_a_failure_says_the_same_whether_watched_or_not(store: Store) -> None:
    said = []
    for watch in (None, Watcher()):
        with pytest.raises(StoreError) as failed:
            git.run(store.root, "show", "nothing", watch=watch)
        said.append(failed.value.message)

    assert said[0] == said[1]
    assert "unknown revision" in said[0] or "ambiguous argument" in said[0]


def test_output_is_what_it_is_without_a_watcher(store: Store) -> None:
    words = ("log", "--format=%H")

    assert git.run(store.root, *words, watch=Watcher()) == git.run(store.root, *words)
