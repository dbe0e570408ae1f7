"""Many machines, random changes, random partitions: in the end all agree, and nothing is lost."""

import random

import pytest

from benchmarks import _machines


def simulate(team, *, machines, operations, seed, reach=0.7):
    """Change, sync and lose touch at random, then sync until quiet; returns the machines and what was written."""
    rng = random.Random(seed)
    crew = team(machines)
    writes = _machines.work(crew, operations, rng, records=5, reach=reach)
    return crew, writes, _machines.until_quiet(crew, rng)


def lost(crew, writes):
    return _machines.lost(crew[0].store.snapshot(), writes)


@pytest.mark.parametrize("seed", range(3))
def test_four_machines_agree_and_lose_nothing(team, seed):
    crew, writes, rounds = simulate(team, machines=4, operations=70, seed=seed)

    assert len({one.tip for one in crew}) == 1
    assert lost(crew, writes) == []
    assert rounds <= 4
    for one in crew:
        assert one.git("status", "--short") == ""
    assert crew[0].git("fsck", "--strict", "--no-dangling") == ""


@pytest.mark.slow
def test_twenty_machines_agree_and_lose_nothing(team):
    crew, writes, rounds = simulate(team, machines=20, operations=500, seed=20, reach=0.8)

    assert len({one.tip for one in crew}) == 1
    assert lost(crew, writes) == []
    assert rounds <= 5
