"""Stores for the proofs, and the tools of `tests/store`."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent / "store"))  # for `storetools`, also when run alone

from prooftools import World


@pytest.fixture
def world(state_dir: Path, tmp_path: Path) -> Iterator[World]:
    """A store with a session and a board, that packs its objects soon."""
    world = World(state_dir, tmp_path)
    world.begin()
    try:
        yield world
    finally:
        world.end()
