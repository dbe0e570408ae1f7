"""The index as of a commit answers as an index that knows nothing later."""

from contextlib import closing

import pytest
from storetools import NOW, delete, git, save

from orchestration.store.index import Index
from orchestration.store.past import PastIndex
from orchestration.store.repo import Store

FILES = ("tools/build.yaml", "tools/scan.yaml", "tools/side.yaml", "config/settings.yaml")


def answers(index: Index) -> dict[str, object]:
    """Everything an index knows."""
    return {
        "events": index.events(),
        "oldest": index.events(newest_first=False, limit=2),
        "touching": [event.oid for event in index.events(paths=["tools"])],
        "lives": {file: index.life(file) for file in FILES},
        "updated_at": {file: index.updated_at(file) for file in FILES},
        "updated": index.updated("tools"),
        "documents": index.documents("tools"),
        "settings": index.documents("config", name="settings.yaml"),
        "last_activity": index.last_activity(),
        "retired": index.retired(),
        "counts": index.counts("state_set"),
        "merges": index.has_merges(),
        "types": index.tally("type"),
        "newest": index.newest_at(NOW),
    }


def history(root: Store) -> list[str]:
    return git(root.root, "log", "--format=%H").splitlines()


def line(store: Store) -> None:
    save(store, "scan", {"version": 1})
    save(store, "build", {"version": 2})
    delete(store, "scan")
    save(store, "scan", {"version": 3})


def merged(store: Store) -> None:
    save(store, "scan", {"version": 1})
    for turn in range(2):
        git(store.root, "switch", "-q", "-c", f"side-{turn}")
        save(store, "side", {"turn": turn})
        save(store, "side", {"turn": turn, "again": True})
        git(store.root, "switch", "-q", "main")
        save(store, "build", {"turn": turn})
        git(store.root, "merge", "-q", "--no-edit", f"side-{turn}")
    save(store, "scan", {"version": 2})


@pytest.mark.parametrize("build", [line, merged])
@pytest.mark.parametrize("in_steps", [False, True])
def test_at_every_commit_the_past_is_as_it_was(store: Store, build: object, in_steps: bool) -> None:
    if in_steps:
        with closing(Index(store)) as index:
            index.catch_up(store.snapshot())
    assert callable(build)
    build(store)

    for oid in history(store):
        then = store.snapshot(oid)
        with closing(Index(store, shared=False)) as fresh, closing(PastIndex(store, then)) as past:
            fresh.catch_up(then)
            assert answers(past) == answers(fresh)
    with closing(Index(store)) as index:
        index.catch_up(store.snapshot())
        assert len(index.events()) == len(history(store)), "the file on disk knows everything still"


def test_a_commit_outside_the_branch_has_an_index_of_its_own(store: Store) -> None:
    save(store, "scan", {"version": 1})
    git(store.root, "switch", "-q", "-c", "other", "HEAD~1")
    other = save(store, "side", {"turn": 1}).tip
    git(store.root, "switch", "-q", "main")
    assert other is not None

    with closing(PastIndex(store, store.snapshot(other.oid))) as past:
        assert [event.oid for event in past.events(limit=1)] == [other.oid]
        assert past.updated_at("tools/scan.yaml") is None
