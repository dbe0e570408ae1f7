"""What holds for any number of machines that merge in any order, also where their histories cross.

A history is made at random: machines change one record, or merge what another one has. A merge goes over
the common ancestors; where these are several, over their own merge, as a sync does it.
"""

from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from orchestration.merge import Conflict, canonical, merge
from orchestration.paths import MISSING

TASK = ("projects", "myapp", "tasks", "TASK-1")
MACHINES = 3
STEPS = st.lists(
    st.tuples(
        st.integers(0, MACHINES - 1),
        st.sampled_from(
            ["own", "gone", "inner", "shared", "label", "unlabel", "count", "merge", "merge", "merge"]
        ),
        st.integers(1, MACHINES - 1),
    ),
    min_size=6,
    max_size=26,
)


class Commit(NamedTuple):
    """A version of the record, and the numbers of all commits that led to it."""

    record: Any
    behind: frozenset[int]


class World:
    """All commits, by number, and who is where."""

    def __init__(self) -> None:
        base = {"labels": ["all"], "hits": {"$count": {"m0": 1}}, "metadata": {}}
        self.commits = [Commit(base, frozenset([0]))]
        self.heads = [0] * MACHINES
        self.conflicts: list[Conflict] = []
        self.made: dict[str, int] = {}
        """When each value of the shared place was written."""
        self.replaced: set[str] = set()
        """Those that somebody wrote over who had seen them."""

    def record(self, machine: int) -> Any:
        return self.commits[self.heads[machine]].record

    def add(self, record: Any, *parents: int) -> int:
        number = len(self.commits)
        behind = frozenset([number]).union(*(self.commits[one].behind for one in parents))
        self.commits.append(Commit(record, behind))
        return number

    def change(self, machine: int, **values: Any) -> None:
        record = {**self.record(machine), **values}
        record = {key: value for key, value in record.items() if value is not MISSING}
        self.heads[machine] = self.add(record, self.heads[machine])

    def bases(self, one: int, other: int) -> list[int]:
        both = self.commits[one].behind & self.commits[other].behind
        return sorted(
            each for each in both if not any(each in self.commits[more].behind for more in both - {each})
        )

    def base(self, one: int, other: int) -> Any:
        """Return what two commits are merged from; where histories crossed, the merge of their bases."""
        first, *others = self.bases(one, other)
        base = self.commits[first].record
        for more in others:
            theirs = self.commits[more].record
            base = merge(self.base(first, more), base, theirs, self.later(base, more), at=TASK).value
        return base

    def merged(self, one: int, other: int) -> tuple[Any, list[Conflict]]:
        ours, theirs = self.commits[one].record, self.commits[other].record
        return merge(self.base(one, other), ours, theirs, self.later(ours, other), at=TASK)

    def later(self, ours: Any, other: int) -> Any:
        def later(path: tuple[str, ...]) -> Any:
            if path != (*TASK, "shared"):
                return None
            times = [self.made.get(str(one.get("shared")), -1) for one in (ours, self.commits[other].record)]
            return None if times[0] == times[1] else "ours" if times[0] > times[1] else "theirs"

        return later

    def join(self, machine: int, other: int) -> None:
        """Let a machine merge what another has, as a sync does: forward where that is enough."""
        here, there = self.heads[machine], self.heads[other]
        if there in self.commits[here].behind:
            return
        if here in self.commits[there].behind:
            self.heads[machine] = there
            return
        record, conflicts = self.merged(*sorted((here, there)))
        self.conflicts += conflicts
        self.heads[machine] = self.add(record, here, there)


def played(steps: Any) -> tuple[World, dict[str, Any]]:
    """Play a history until one machine has merged all; returns what each place of one machine should hold."""
    world = World()
    owned: dict[str, Any] = {}
    labels: dict[str, bool] = {}
    for number, (machine, action, distance) in enumerate(steps):
        name, text = f"m{machine}", f"v{number}"
        record = world.record(machine)
        if action == "merge":
            world.join(machine, (machine + distance) % MACHINES)
        elif action == "own":
            world.change(machine, **{name: text})
            owned[name] = text
        elif action == "gone":
            world.change(machine, **{name: MISSING})
            owned[name] = MISSING
        elif action == "inner":
            world.change(machine, metadata={**record["metadata"], name: text})
            owned[f"metadata {name}"] = text
        elif action == "shared":
            if "shared" in record:
                world.replaced.add(record["shared"])
            world.made[text] = number
            world.change(machine, shared=text)
        elif action == "label":
            world.change(machine, labels=[*record["labels"], f"{name} {text}"])
            labels[f"{name} {text}"] = True
        elif action == "unlabel":
            gone = next((one for one in record["labels"] if one.startswith(name)), None)
            if gone is not None:
                world.change(machine, labels=[one for one in record["labels"] if one != gone])
                labels[gone] = False
        else:
            parts = record["hits"]["$count"]
            world.change(machine, hits={"$count": {**parts, name: parts.get(name, 0) + 1}})
            owned[f"hits {name}"] = parts.get(name, 0) + 1
    for other in range(1, MACHINES):
        world.join(0, other)
    owned["labels"] = sorted(["all", *(one for one, stays in labels.items() if stays)])
    return world, owned


@given(STEPS)
def test_what_one_machine_alone_wrote_is_there_in_any_order_of_merging(steps):
    world, owned = played(steps)

    record = world.record(0)
    for place, value in owned.items():
        if place == "labels":
            found = sorted(record["labels"])
        elif place.startswith("metadata "):
            found = record["metadata"].get(place.removeprefix("metadata "), MISSING)
        elif place.startswith("hits "):
            found = record["hits"]["$count"][place.removeprefix("hits ")]
        else:
            found = record.get(place, MISSING)
        assert canonical(found) == canonical(value), place


@given(STEPS)
def test_a_value_that_several_wrote_stands_was_replaced_or_is_in_a_conflict(steps):
    world, _ = played(steps)

    told = {one for each in world.conflicts for one in (each.ours, each.theirs) if isinstance(one, str)}
    assert world.made.keys() <= {world.record(0).get("shared"), *world.replaced, *told}
    assert {one.path for one in world.conflicts} <= {(*TASK, "shared")}


@given(STEPS)
def test_once_one_has_merged_all_the_others_get_just_that(steps):
    world, _ = played(steps)
    known = len(world.commits)

    for machine in range(1, MACHINES):
        world.join(machine, 0)

    assert len(set(world.heads)) == 1
    assert len(world.commits) == known
