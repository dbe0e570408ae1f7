"""What was computed of a file is kept until the file changes, or anything is undone."""

import contextlib
from collections.abc import Iterator

import pytest
from storetools import save

from orchestration.store import kept
from orchestration.store.index import Index
from orchestration.store.past import PastIndex

FIRST = "tools/first.yaml"


@contextlib.contextmanager
def opened(store) -> Iterator[Index]:
    index = Index(store)
    index.catch_up(store.snapshot())
    yield index
    index.close()


@pytest.fixture
def known(store):
    """A store where the length of each tool's life was computed."""
    save(store, "second", {"count": 1})
    with opened(store) as index:
        found = kept.find(index, "length", ["tools"])
        assert found.values == {FIRST: None, "tools/second.yaml": None}
        kept.keep(index, "length", dict.fromkeys(found.values, 1), tip=found.tip)
    return store


def lengths(store, **options):
    with opened(store) as index:
        return kept.find(index, "length", ["tools"], **options).values


def test_it_is_found_by_another_process(known):
    assert lengths(known) == {FIRST: 1, "tools/second.yaml": 1}
    assert lengths(known, paths=[FIRST, "tools/none.yaml"]) == {FIRST: 1}


def test_a_file_that_changed_has_to_be_computed_anew(known):
    save(known, "first", {"count": 2})

    assert lengths(known) == {FIRST: None, "tools/second.yaml": 1}


def test_a_file_that_is_gone_as_well(known):
    with known.transaction(author="ada", now=known.snapshot().tip.at) as tx:
        tx.delete("tools", "first")
        tx.describe("state_deleted", "gone")

    assert lengths(known)[FIRST] is None


def test_an_undo_anywhere_lets_all_be_computed_anew(known):
    tip = known.snapshot().tip
    with known.transaction(author="ada", now=tip.at) as tx:
        tx.save(("tools", "third"), {"count": 3})
        tx.describe("undone", "undo", undoes=[tip.oid])

    assert set(lengths(known).values()) == {None}


def test_what_is_computed_while_the_index_moves_on_is_not_kept(store):
    with opened(store) as index:
        found = kept.find(index, "length", ["tools"])
        save(store, "first", {"count": 2})
        lengths(store)  # another process
        kept.keep(index, "length", {FIRST: 1}, tip=found.tip)

    assert lengths(store)[FIRST] is None


def test_another_kind_and_a_look_at_the_past_find_nothing(known):
    with opened(known) as index:
        assert set(kept.find(index, "other", ["tools"]).values.values()) == {None}
    past = PastIndex(known, known.snapshot())
    assert set(kept.find(past, "length", ["tools"]).values.values()) == {None}
    kept.keep(past, "length", {FIRST: 7}, tip=known.snapshot().tip.oid)
    past.close()
    assert lengths(known)[FIRST] == 1


def test_a_note_takes_the_place_of_the_last(store):
    with opened(store) as index:
        assert kept.noted(index, "forecast", "s") is None
        for value in ([1], [2]):
            kept.note(index, "forecast", "s", value)
        assert kept.noted(index, "forecast", "s") == [2]
        assert index.rows("SELECT COUNT(*) FROM kept") == [(1,)]
