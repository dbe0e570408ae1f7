"""Stores for the tests."""

from pathlib import Path

import pytest
from storetools import save

from orchestration.store.repo import Store


@pytest.fixture
def fresh(state_dir: Path) -> Store:
    """A store that nobody has written to: its folder is missing."""
    return Store(state_dir)


@pytest.fixture
def store(fresh: Store) -> Store:
    """A store that holds the record `tools.first`."""
    save(fresh, "first", {"count": 1})
    return fresh
