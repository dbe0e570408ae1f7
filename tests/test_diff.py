"""Differences of documents by path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration import diff
from orchestration.diff import MISSING, Change

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [Change(("a",), 1, 2)]),
        ({"a": 1}, {"a": 1, "b": 2}, [Change(("b",), MISSING, 2)]),
        ({"a": 1, "b": 2}, {"b": 2}, [Change(("a",), 1, MISSING)]),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [Change(("a", "b"), 1, 2)]),
        ({"a": {"b": 1}}, {"a": {}}, [Change(("a", "b"), 1, MISSING)]),
        ({"a": 1}, {"a": True}, [Change(("a",), 1, True)]),
        ({"a": 1}, {"a": 1.0}, [Change(("a",), 1, 1.0)]),
        ([1, 2], [1, 3], [Change((1,), 2, 3)]),
        ([1, 2], [1, 2, 3], [Change((2,), MISSING, 3)]),
        ([1, 2, 3], [1], [Change((1,), 2, MISSING), Change((2,), 3, MISSING)]),
        ([1, 2], [0, 1, 2], [Change((), [1, 2], [0, 1, 2])]),
        ({"a": {"b": 1}}, {"a": [1]}, [Change(("a",), {"b": 1}, [1])]),
    ],
)
def test_differences(old, new, changes):
    assert diff.diff(old, new) == changes


def test_the_kind_of_a_change():
    kinds = [change.kind for change in diff.diff({"a": 1, "b": 1}, {"b": 2, "c": 1})]

    assert kinds == ["removed", "changed", "added"]


@given(VALUES, VALUES)
def test_applying_a_diff_gives_the_other_document(old, new):
    assert diff.same(diff.apply(old, diff.diff(old, new)), new)


@given(VALUES, VALUES)
def test_the_inverse_leads_back(old, new):
    there = diff.diff(old, new)

    assert diff.same(diff.apply(new, diff.inverted(there)), old)


@given(VALUES)
def test_nothing_differs_from_itself(value):
    assert diff.diff(value, value) == []
