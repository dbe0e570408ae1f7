"""1, 1.0 and true are three values, also where plain data are compared in a merge."""

import json

import pytest

from orchestration.merge import merge, same

TASK = ("projects", "shop", "tasks", "TASK-1")


@pytest.mark.parametrize(("ours", "theirs"), [(1, True), (True, 1), (0, False), (2, 2.0), (2.0, 2)])
def test_the_value_that_stands_is_the_one_that_the_conflict_says(pair, ours, theirs):
    anna, ben = pair
    anna.save(TASK, {"title": "Log in", "metadata": {"flag": "old"}})
    anna.sync(), ben.sync()
    anna.change(TASK, metadata={"flag": ours}, title="Sign in")
    ben.now = anna.now
    ben.change(TASK, metadata={"flag": theirs})

    anna.sync(), ben.sync(), anna.sync()

    assert json.dumps(anna.load(*TASK)) == json.dumps({"title": "Sign in", "metadata": {"flag": theirs}})
    (name,) = anna.store.snapshot().names("projects", "shop", "conflicts")
    kept = anna.load("projects", "shop", "conflicts", name)
    assert json.dumps(sorted([kept["ours"], kept["theirs"]], key=json.dumps)) == json.dumps(
        sorted([ours, theirs], key=json.dumps)
    )


def test_a_counter_keeps_the_kind_of_its_numbers():
    base, ours, theirs = ({"hits": {"$count": {"k7": part}}} for part in (1, 1.0, 1))

    assert json.dumps(merge(base, ours, theirs, lambda _: None).value) == '{"hits": {"$count": {"k7": 1.0}}}'


def test_a_counter_that_was_set_to_another_kind_of_number_is_set():
    base = {"hits": 1}
    ours, theirs = {"hits": 1.0}, {"hits": {"$count": {"set": 1, "k7": 2}}}

    found = merge(base, ours, theirs, lambda _: "ours")

    assert json.dumps(found.value) == '{"hits": 1.0}'
    assert [one.path for one in found.conflicts] == [("hits",)]


def test_same_tells_kinds_apart_and_not_the_order_of_keys():
    assert same({"a": 1, "b": [2, None]}, {"b": [2, None], "a": 1})
    for one, other in ((1, True), (1, 1.0), ({"a": [0]}, {"a": [False]}), (None, False), ("1", 1)):
        assert not same(one, other)
