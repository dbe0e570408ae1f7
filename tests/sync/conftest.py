"""Machines that share a store through a bare repository."""

from collections.abc import Callable
from pathlib import Path

import pytest
from synctools import Machine, git

from orchestration.sync import remotes


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """An empty repository on a server."""
    place = tmp_path / "team.git"
    git("init", "--quiet", "--bare", "-b", "main", str(place), at=tmp_path)
    return place


@pytest.fixture
def alone(tmp_path: Path, bare: Path) -> Machine:
    """A machine with a store that nobody shares yet, and the remote named."""
    machine = Machine(tmp_path / "anna", str(bare), "anna")
    machine.save(("projects", "shop", "config"), {"project_id": "shop"})
    remotes.add(machine.store, "origin", str(bare))
    return machine


@pytest.fixture
def team(alone: Machine, tmp_path: Path, bare: Path) -> Callable[[int], list[Machine]]:
    """Make so many machines that share one store."""

    def team(number: int) -> list[Machine]:
        alone.sync()
        machines = [alone]
        for count in range(1, number):
            machine = Machine(tmp_path / f"m{count}", str(bare), f"m{count}", skew=count * 0.01)
            machine.clone()
            machines.append(machine)
        return machines

    return team


@pytest.fixture
def pair(team: Callable[[int], list[Machine]]) -> tuple[Machine, Machine]:
    """Two machines that share a store."""
    first, second = team(2)
    return first, second
