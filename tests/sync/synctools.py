"""Machines that share a store through a bare repository, each with a clock of its own."""

import os
import subprocess
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration.store.repo import Store
from orchestration.store.transaction import Transaction
from orchestration.sync import cloning, remotes, rounds

_BIG = 30_000
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class Machine:
    """A store somewhere, and what people there do."""

    def __init__(self, root: Path, url: str, name: str, *, skew: float = 0) -> None:
        self.store = Store(root)
        self.url, self.name = url, name
        self.now = START + timedelta(seconds=skew)

    def write(self) -> AbstractContextManager[Transaction]:
        self.now += timedelta(seconds=1)
        return self.store.transaction(author=self.name, now=self.now)

    def save(self, key: tuple[str, ...], record: Mapping[str, Any]) -> None:
        with self.write() as tx:
            tx.edit(*key)
            tx.save(key, dict(record))
            tx.describe("state_set", f"{self.name} saves {key[-1]}")

    def change(self, key: tuple[str, ...], **values: Any) -> None:
        self.save(key, {**(self.load(*key) or {}), **values})

    def delete(self, *key: str) -> None:
        with self.write() as tx:
            tx.delete(*key)
            tx.describe("state_deleted", f"{self.name} deletes {key[-1]}")

    def load(self, *key: str) -> Any:
        return self.store.snapshot().load(*key)

    def sync(self, **options: Any) -> dict[str, Any]:
        options.setdefault("approve", lambda _: None)
        options.setdefault("transaction", self.write)
        return rounds.sync(self.store, remotes.find(self.store, None), now=self.now, **options)

    def clone(self) -> dict[str, Any]:
        return cloning.clone(self.store, self.url, author=self.name, now=self.now)

    @property
    def tip(self) -> str:
        tip = self.store.snapshot().tip
        assert tip is not None
        return tip.oid

    def git(self, *words: str) -> str:
        return git(*words, at=self.store.root)


def git(*words: str, at: Path) -> str:
    who = ("-c", "user.name=Grace", "-c", "user.email=grace@example.org")
    done = subprocess.run(
        ["git", "-C", str(at), *who, *words], capture_output=True, text=True, errors="replace", check=False
    )
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout.rstrip()


def change_both(pair: tuple[Machine, Machine], count: int) -> None:
    """Let one send a change that the other has to merge with its own."""
    anna, ben = pair
    for one in pair:
        name = f"{one.name}-{count}"
        one.save(("tools", name), {"name": name, "type": "library", "text": os.urandom(_BIG // 2).hex()})
    ben.sync()
    anna.now = ben.now = max(anna.now, ben.now)


def assert_whole(machine: Machine) -> None:
    assert machine.git("status", "--short") == ""
    assert machine.git("fsck", "--strict", "--no-dangling") == ""
