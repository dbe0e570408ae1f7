"""Histories that crossed: machines merged each other's heads, each another pair, so they have several bases."""

import random

import pytest
from synctools import Machine, git

from orchestration.domain import conflicts, resolving, sprints
from orchestration.merge import canonical
from orchestration.sync import remotes, rounds
from orchestration.sync.transport import Transport

NINE, TEN, ELEVEN = (f"2026-01-05T{hour:02}:00:00Z" for hour in (9, 10, 11))


def task(name):
    return ("projects", "shop", "tasks", name)


@pytest.fixture
def crew(alone, tmp_path, bare):
    """Three machines that share one store, and remotes x, y and z beside it, where nothing is yet."""
    alone.save(task("TASK-1"), {"id": "TASK-1", "title": "start", "labels": ["a"], "points": 0})
    alone.sync()
    machines = [alone]
    for name in ("ben", "cleo"):
        machine = Machine(tmp_path / name, str(bare), name, skew=len(machines) * 0.01)
        machine.clone()
        machines.append(machine)
    for name in "xyz":
        place = tmp_path / f"{name}.git"
        git("init", "--quiet", "--bare", "-b", "main", str(place), at=tmp_path)
        for machine in machines:
            remotes.add(machine.store, name, str(place))
    return machines


def sync(machine, name):
    remote = remotes.find(machine.store, name)
    return rounds.sync(
        machine.store, remote, transaction=machine.write, approve=lambda _: None, now=machine.now
    )


def told(machine):
    return [one["path"] for one in conflicts.listing(machine.store.snapshot())]


def cross(anna, ben, first, second):
    """Let both change by `first`, then each merge what the other had before it changed by `second`."""
    first(anna), sync(anna, "x")
    first(ben), sync(ben, "y")
    second(anna), sync(anna, "y")
    second(ben), sync(ben, "x")
    line = Transport(anna.store, remotes.find(anna.store, "x").url)
    line.prepare(anna.store.refs.below("refs/"))
    line.fetch()
    assert len(line.bases(anna.tip, ben.tip)) == 2


def meet(anna, ben):
    """Let each merge the other's merge, without the other's help."""
    sync(anna, "x"), sync(ben, "y")
    assert anna.tip == ben.tip
    assert anna.git("fsck", "--strict", "--no-dangling") == ""


def test_nothing_is_lost_and_both_make_the_same_commit(crew):
    anna, ben, _ = crew

    def first(one):
        labels = {anna: ["a", "b"], ben: ["c"]}[one]
        one.change(task("TASK-1"), labels=labels)
        one.save(task(f"TASK-1-{one.name}"), {"title": one.name})

    def second(one):
        one.change(task("TASK-1"), **{one.name: 1}, labels=[*one.load(*task("TASK-1"))["labels"], one.name])

    cross(anna, ben, first, second)
    meet(anna, ben)

    record = anna.load(*task("TASK-1"))
    assert (record["anna"], record["ben"], sorted(record["labels"])) == (1, 1, ["anna", "b", "ben", "c"])
    assert anna.store.snapshot().names(*task("")[:3]) == ["TASK-1", "TASK-1-anna", "TASK-1-ben"]
    assert told(anna) == []


def test_one_conflict_is_kept_once(crew):
    anna, ben, _ = crew
    cross(
        anna,
        ben,
        lambda one: one.change(task("TASK-1"), title=one.name),
        lambda one: one.change(task("TASK-1"), **{one.name: 1}),
    )
    meet(anna, ben)

    (row,) = conflicts.listing(anna.store.snapshot())
    assert {row[side]["value"] for side in ("ours", "theirs")} == {"anna", "ben"}
    assert anna.load(*task("TASK-1"))["title"] == "anna"  # whose clock is ahead


def test_a_conflict_that_was_resolved_before_stays_resolved(crew):
    anna, ben, _ = crew
    cross(
        anna,
        ben,
        lambda one: one.change(task("TASK-1"), title=one.name),
        lambda one: one.change(task("TASK-1"), **{one.name: 1}),
    )
    with anna.write() as tx:
        path = "projects.shop.tasks.TASK-1.title"
        resolving.resolve(tx, path, value="both", session=None, now=ELEVEN)
    sync(anna, "x"), sync(ben, "x")

    assert told(anna) == []
    assert anna.load(*task("TASK-1"))["title"] == "both"


def test_a_value_of_each_side_after_the_crossing_is_kept(crew):
    anna, ben, _ = crew
    cross(
        anna,
        ben,
        lambda one: one.change(task("TASK-1"), title=f"{one.name} first"),
        lambda one: one.change(task("TASK-1"), title=f"{one.name} second"),
    )
    meet(anna, ben)

    values = {
        row[side]["value"] for row in conflicts.listing(anna.store.snapshot()) for side in ("ours", "theirs")
    }
    assert values | {anna.load(*task("TASK-1"))["title"]} >= {"anna second", "ben second"}


def test_what_was_settled_on_both_sides_is_settled_once(crew):
    anna, ben, _ = crew
    names = {anna: "s1", ben: "s2"}
    for name in names.values():
        anna.save(("projects", "shop", "sprints", name), sprints.new(name, name, {}, now=NINE, config=None))
    for one in crew:
        one.sync()

    def start(one):
        key = ("projects", "shop", "sprints", names[one])
        at = TEN if one is ben else ELEVEN
        one.save(key, sprints.start(one.load(*key), {}, now=at, config=None, active=[]))

    cross(anna, ben, start, lambda one: one.change(task("TASK-1"), **{one.name: 1}))
    meet(anna, ben)

    statuses = [anna.load("projects", "shop", "sprints", name)["status"] for name in ("s1", "s2")]
    assert statuses == ["planned", "active"]
    assert told(anna) == ["projects.shop.sprints.s1.status"]


@pytest.mark.parametrize("seed", range(3))
def test_three_machines_with_a_remote_for_each_pair(crew, seed):
    rng = random.Random(seed)
    pairs = {"x": (0, 1), "y": (1, 2), "z": (2, 0)}
    written, replaced = set(), set()
    for number in range(30):
        one = rng.choice(crew)
        if rng.random() < 0.35:
            sync(one, rng.choice([name for name, pair in pairs.items() if crew.index(one) in pair]))
            continue
        key, field = task(f"TASK-{rng.randrange(1, 4)}"), rng.choice(["title", "points", "owner"])
        value = f"{field}-{number}"
        written.add(value)
        replaced.add((one.load(*key) or {}).get(field))
        one.change(key, **{field: value})
    for _ in range(3):
        for name, pair in pairs.items():
            for number in pair:
                sync(crew[number], name)

    assert len({one.tip for one in crew}) == 1
    reader = crew[0].store.snapshot()
    kept = canonical([reader.load_all(*task("")[:3]), conflicts.listing(reader)])
    assert [one for one in sorted(written - replaced) if f'"{one}"' not in kept] == []
    assert crew[0].git("fsck", "--strict", "--no-dangling") == ""
