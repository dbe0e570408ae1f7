"""Many machines, random changes, random partitions: in the end all agree, and nothing is lost."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from orchestration.domain import conflicts
from orchestration.merge import canonical

FIELDS = ("title", "notes", "owner", "points", "stage")


def simulate(team, *, machines, operations, seed, reach=0.7):
    """Change, sync and lose touch at random, then sync until quiet; returns the machines and what was written."""
    rng = random.Random(seed)
    crew = team(machines)
    writes = []
    for number in range(operations):
        one = rng.choice(crew)
        action = rng.random()
        if action < 0.25:
            if rng.random() < reach:
                one.sync()
            continue
        key = ("projects", "shop", "tasks", f"TASK-{rng.randrange(1, 6)}")
        held = one.load(*key)
        if action < 0.30 and held:
            one.delete(*key)
            writes.append((one, key, None, None, held))
            continue
        if action < 0.40:
            labels = {*((held or {}).get("labels") or []), f"l{number}"}
            one.change(key, labels=sorted(labels))
            writes.append((one, key, "labels", f"l{number}", None))
            continue
        field = rng.choice(FIELDS)
        value = f"{field}-{number}"
        writes.append((one, key, field, value, (held or {}).get(field)))
        one.change(key, **{field: value})
    rounds = 0
    while True:
        rounds += 1
        before = [one.tip for one in crew]
        for one in rng.sample(crew, len(crew)):
            one.sync()
        if [one.tip for one in crew] == before:
            return crew, writes, rounds


def lost(crew, writes):
    """Return the values that are neither there, nor replaced by who had seen them, nor in a conflict."""
    reader = crew[0].store.snapshot()
    replaced = {before for _, _, field, _, before in writes if field and before is not None}
    gone = {
        value for *_, field, _, held in writes if field is None
        for each in held.values() for value in (each if isinstance(each, list) else [each])
    }  # fmt: skip
    kept = canonical([reader.load_all("projects", "shop", "tasks"), conflicts.listing(reader)])
    wanted = {value for _, _, field, value, _ in writes if field}
    return sorted(one for one in wanted - replaced - gone if f'"{one}"' not in kept)


@pytest.mark.parametrize("seed", range(3))
def test_four_machines_agree_and_lose_nothing(team, seed):
    crew, writes, rounds = simulate(team, machines=4, operations=70, seed=seed)

    assert len({one.tip for one in crew}) == 1
    assert lost(crew, writes) == []
    assert rounds <= 4
    for one in crew:
        assert one.git("status", "--short") == ""
    assert crew[0].git("fsck", "--strict", "--no-dangling") == ""


def all_at_once(crew, number):
    """Let every machine change something of its own and sync in the same moment; returns the attempts."""
    start = threading.Barrier(len(crew))

    def work(one, count):
        one.save(("projects", "shop", "tasks", f"OWN-{count}-{number}"), {"title": one.name})
        start.wait()
        return one.sync()["attempts"]

    with ThreadPoolExecutor(len(crew)) as pool:
        return [one.result() for one in [pool.submit(work, each, count) for count, each in enumerate(crew)]]


def test_machines_that_push_at_once_all_get_through(team):
    crew = team(5)

    attempts = all_at_once(crew, 0)

    for one in crew:
        one.sync()
    assert max(attempts) <= 20
    tips = {one.tip for one in crew}
    assert len(tips) == 1
    assert len(crew[0].store.snapshot().names("projects", "shop", "tasks")) == 5


@pytest.mark.slow
def test_twenty_machines_agree_and_lose_nothing(team):
    crew, writes, rounds = simulate(team, machines=20, operations=500, seed=20, reach=0.8)

    assert len({one.tip for one in crew}) == 1
    assert lost(crew, writes) == []
    assert rounds <= 5


@pytest.mark.slow
def test_twenty_machines_that_push_at_once_all_get_through(team):
    crew = team(20)

    assert max(all_at_once(crew, 0)) <= 20
