"""Laws of merging, for any data and any order of merging."""

import itertools
import json
import random
from typing import Any, NamedTuple

from hypothesis import assume, given
from hypothesis import strategies as st

from orchestration import diff
from orchestration.merge import canonical, is_counter, merge, value_at
from orchestration.paths import MISSING

SCALARS = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "x", "2026-01-05T09:00:00Z"])
KEYS = st.sampled_from(["a", "b", "id", "updated_at", "claim", "at"])
COUNTERS = st.dictionaries(st.sampled_from(["k7", "m4"]), st.integers(0, 3)).map(
    lambda parts: {"$count": parts}
)
VALUES = st.recursive(
    SCALARS | COUNTERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)
RECORDS = st.dictionaries(KEYS, VALUES, max_size=4)
TASK = ("projects", "myapp", "tasks", "TASK-1")
SIDES = st.sampled_from(["ours", "theirs", None])
OTHER = {"ours": "theirs", "theirs": "ours", None: None}


def always(side):
    return lambda _: side


@given(RECORDS, RECORDS, SIDES)
def test_what_one_side_changed_is_the_result(base, changed, side):
    assert merge(base, changed, base, always(side), at=TASK) == (changed, [])
    assert merge(base, base, changed, always(side), at=TASK) == (changed, [])


@given(RECORDS, RECORDS, SIDES)
def test_what_both_sides_changed_alike_is_the_result(base, changed, side):
    assert merge(base, changed, changed, always(side), at=TASK) == (changed, [])


@given(st.none() | RECORDS, st.none() | RECORDS, st.none() | RECORDS, SIDES)
def test_the_sides_may_be_exchanged(base, ours, theirs, side):
    one = merge(base, ours, theirs, always(side), at=TASK)
    other = merge(base, theirs, ours, always(OTHER[side]), at=TASK)

    assert json.dumps(one.value) == json.dumps(other.value)
    assert one.conflicts == [
        conflict._replace(ours=conflict.theirs, theirs=conflict.ours, chosen=OTHER[conflict.chosen])
        for conflict in other.conflicts
    ]


@given(RECORDS, RECORDS, RECORDS, SIDES)
def test_merging_again_changes_nothing(base, ours, theirs, side):
    merged = merge(base, ours, theirs, always(side), at=TASK).value

    for known in (ours, theirs):  # once merged, a side is the base of what comes next
        assert merge(known, merged, known, always(side), at=TASK) == (merged, [])


def shuffled(value: Any, seed: int) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        random.Random(seed).shuffle(keys)
        return {key: shuffled(value[key], seed) for key in keys}
    return [shuffled(item, seed) for item in value] if isinstance(value, list) else value


@given(RECORDS, RECORDS, RECORDS, SIDES, st.integers())
def test_the_order_of_keys_decides_nothing(base, ours, theirs, side, seed):
    one = merge(base, ours, theirs, always(side), at=TASK)
    other = merge(base, shuffled(ours, seed), shuffled(theirs, seed), always(side), at=TASK)

    assert diff.same(one.value, other.value)
    assert list(map(repr_of, one.conflicts)) == list(map(repr_of, other.conflicts))


def repr_of(conflict: Any) -> str:
    versions = (canonical(one) for one in (conflict.base, conflict.ours, conflict.theirs))
    return "|".join((*conflict.path, *versions, conflict.chosen))


@given(RECORDS, RECORDS, RECORDS, SIDES)
def test_no_value_of_a_mapping_is_lost(base, ours, theirs, side):
    """Every key ends as one side has it, or as merged from both; what is not in the result is in a conflict."""
    merged, conflicts = merge(base, ours, theirs, always(side), at=TASK)
    clashes = {conflict.path for conflict in conflicts}
    for key in {*base, *ours, *theirs}:
        path = (*TASK, key)
        before, one, other, now = (each.get(key, MISSING) for each in (base, ours, theirs, merged))
        changed = [each for each in (one, other) if canonical(each) != canonical(before)]
        if not changed:
            assert canonical(now) == canonical(before)
        elif len({canonical(each) for each in changed}) == 1:
            assert canonical(now) == canonical(changed[0])
        elif path in clashes:
            conflict = next(each for each in conflicts if each.path == path)
            assert canonical(now) == canonical(getattr(conflict, conflict.chosen))
            assert [canonical(conflict.ours), canonical(conflict.theirs)] == [
                canonical(one),
                canonical(other),
            ]


@given(st.lists(st.integers(0, 6)), st.lists(st.integers(0, 6)), st.lists(st.integers(0, 6)), SIDES)
def test_a_list_of_scalars_loses_no_addition_and_keeps_nothing_taken_out(base, ours, theirs, side):
    merged = merge({"a": base}, {"a": ours}, {"a": theirs}, always(side)).value["a"]

    for item in range(7):
        before, one, other = (each.count(item) for each in (base, ours, theirs))
        assert merged.count(item) == min(before, one, other) + max(0, one - before, other - before)


@given(RECORDS, RECORDS, RECORDS, RECORDS, RECORDS, SIDES)
def test_histories_that_crossed_merge_over_the_merge_of_their_bases(base, ours, theirs, one, other, side):
    """Two machines merge the same heads, then each changes its own merge: neither change is lost."""
    crossed = merge(base, ours, theirs, always(side), at=TASK).value
    assume(not {"x", "y"} & crossed.keys())

    merged, conflicts = merge(crossed, {**crossed, "x": one}, {**crossed, "y": other}, always(side), at=TASK)

    assert (merged, conflicts) == ({**crossed, "x": one, "y": other}, [])


# -- three and more machines

WORDS = st.sampled_from(["p", "q", "r", "s"])
SMALL = st.integers(0, 4)
TIMES = st.integers(1, 9).map(lambda hour: f"2026-01-05T0{hour}:00:00Z")
KINDS = {
    "title": SMALL,
    "points": SMALL | st.none(),
    "labels": st.lists(WORDS, unique=True, max_size=4),
    "metadata": st.dictionaries(WORDS, SMALL, max_size=3),
    "blockers": st.lists(
        st.fixed_dictionaries({"id": WORDS}, optional={"reason": SMALL, "owner": SMALL}),
        unique_by=lambda one: one["id"],
        max_size=3,
    ),
    "started_at": st.none() | TIMES,
    "updated_at": TIMES,
    "claim": st.none() | st.fixed_dictionaries({"at": TIMES, "agent": WORDS}),
}
SHAPED = st.fixed_dictionaries({}, optional=KINDS)
"""Records whose values are of one kind each, as the fields of real records are."""


class Head(NamedTuple):
    """What a machine has: the record, and the machines whose changes are in it."""

    value: Any
    machines: tuple[int, ...]


def merged(base: Any, versions: list[Any], one: Head, other: Head) -> tuple[Head, list[Any]]:
    """Merge two heads, where machine n made its changes at time n, before any machine of a greater number."""

    def time(head: Head, path: tuple[str, ...]) -> int:
        """Return when the value that stands there was written, as following it back through merges finds."""
        before, now = (canonical(value_at(one, path, at=TASK)) for one in (base, head.value))
        found = {n: canonical(value_at(versions[n], path, at=TASK)) for n in head.machines}
        wrote = [n for n, text in found.items() if text == now]
        return max(wrote or (n for n, text in found.items() if text != before), default=-1)

    def later(path: tuple[str, ...]) -> Any:
        times = time(one, path), time(other, path)
        return None if times[0] == times[1] else "ours" if times[0] > times[1] else "theirs"

    result = merge(base, one.value, other.value, later, at=TASK)
    return Head(result.value, (*one.machines, *other.machines)), result.conflicts


def unordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: unordered(item) for key, item in value.items()}
    return sorted(map(canonical, map(unordered, value))) if isinstance(value, list) else value


@given(SHAPED, st.lists(SHAPED, min_size=3, max_size=4), st.randoms(use_true_random=False))
def test_machines_that_began_at_one_base_get_the_same_in_any_order(base, versions, chance):
    results = []
    for _ in range(4):
        heads = [Head(value, (n,)) for n, value in enumerate(versions)]
        seen = []
        while len(heads) > 1:
            chance.shuffle(heads)
            head, conflicts = merged(base, versions, heads.pop(), heads.pop())
            heads.append(head)
            seen += conflicts
        results.append(unordered(heads[0].value))
        title = heads[0].value.get("title", MISSING)
        for value in versions:
            mine = value.get("title", MISSING)
            if canonical(mine) not in (canonical(title), canonical(base.get("title", MISSING))):
                told = [each for each in seen if each.path == (*TASK, "title")]
                assert any(canonical(mine) in (canonical(each.ours), canonical(each.theirs)) for each in told)

    assert all(diff.same(result, results[0]) for result in results)


@given(
    st.dictionaries(st.sampled_from(["k7", "m4"]), SMALL), st.lists(st.integers(1, 5), min_size=3, max_size=5)
)
def test_counters_have_one_sum_in_any_order(start, steps):
    base = {"hits": {"$count": start}}
    versions = [{"hits": {"$count": {**start, f"n{n}": step}}} for n, step in enumerate(steps)]

    for order in itertools.islice(itertools.permutations(versions), 6):
        value = order[0]
        for one in order[1:]:
            value = merge(base, value, one, always("ours")).value
        assert is_counter(value["hits"])
        assert sum(value["hits"]["$count"].values()) == sum(start.values()) + sum(steps)
