"""Chosen values of all versions of files, read once and kept beside the index."""

from storetools import save

from orchestration.store import leaves
from orchestration.store.index import Index


def versions(store, **options):
    index = Index(store)
    index.catch_up(store.snapshot())
    try:
        return leaves.versions(index, ["tools"], ["count", "type"], **options)
    finally:
        index.close()


def test_each_version_has_the_values_asked_for(store):
    save(store, "first", {"count": 2, "type": "agent", "other": [1]})

    assert [(one.path, one.values) for one in versions(store)] == [
        ("tools/first.yaml", [1, None]),
        ("tools/first.yaml", [2, "agent"]),
    ]


def test_a_removed_file_has_no_values(store):
    with store.transaction(author="ada", now=store.snapshot().tip.at) as tx:
        tx.delete("tools", "first")
        tx.describe("state_deleted", "gone")

    last = versions(store)[-1]

    assert (last.op, last.blob, last.values) == ("state_deleted", None, None)


def test_what_is_kept_is_what_was_read(store):
    save(store, "first", {"count": 2})
    first = versions(store)

    save(store, "second", {"count": 7})
    index = Index(store)
    index.catch_up(store.snapshot())
    kept = index.rows("SELECT COUNT(*) FROM leaves")[0][0]
    index.close()

    assert kept == 2
    assert versions(store)[:2] == first
    (store.private / "index.sqlite").unlink()
    assert versions(store)[:2] == first


def test_only_the_files_named(store):
    save(store, "second", {"count": 7})

    assert [one.path for one in versions(store, paths=["tools/second.yaml"])] == ["tools/second.yaml"]
    assert versions(store, paths=[]) == []


def test_files_changed_since_a_time(store):
    save(store, "second", {"count": 7})
    index = Index(store)
    index.catch_up(store.snapshot())
    last = index.events(limit=1)[0].at.removesuffix("Z")

    assert "tools/second.yaml" in leaves.changed_since(index, ["tools"], last)
    assert leaves.changed_since(index, ["projects"], last) == set()
    assert leaves.changed_since(index, ["tools"], "9999") == set()
    index.close()
