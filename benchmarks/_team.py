"""Two machines with one store between them, for `sync.py`; functions here run in a child, as those of `_child.py`."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks._lab import PROJECT
from orchestration.domain import tasks, values
from orchestration.store import machine
from orchestration.store.repo import Store
from orchestration.sync import cloning, remotes, rounds

TASKS = 400
"""The first half is Ana's to change, the second half Ben's, so that git finds no conflict."""
BEN = TASKS // 2


def pair(ana: str, ben: str, url: str) -> None:
    """Make Ana's store, share it at `url`, and clone it for Ben."""
    store, now = Store(Path(ana)), datetime.now(UTC)
    with store.transaction(author="ana", now=now) as tx:
        tx.save(("config", "settings"), {**tx.load("config", "settings"), "pack_limit": 0})
        for count in range(1, TASKS + 1):
            fields = {
                "title": f"Task {count}: handle a case of the order page",
                "description": "What is to be done, in a sentence or two, as people write it down.",
                "points": 3,
                "labels": ["web", f"area-{count % 7}"],
            }
            task = tasks.new(f"TASK-{count}", fields, now=values.format_time(now))
            tx.save(("projects", PROJECT, "tasks", task["id"]), task)
        tx.describe("task_created", f"task: create {TASKS}", project=PROJECT)
    remotes.add(store, "origin", url)
    exchange(ana, "ana")
    cloning.clone(Store(Path(ben)), url, author="ben", now=now)


def change(root: str, who: str, count: int, first: int) -> None:
    """Make so many changes, one commit each, to the tasks from number `first` on, half of all there are."""
    store = Store(Path(root))
    for number in range(count):
        now = datetime.now(UTC)
        name = f"TASK-{first + number % BEN + 1}"
        key = ("projects", PROJECT, "tasks", name)
        with store.transaction(author=who, now=now) as tx:
            task = tx.edit(*key)
            edited = {
                **task,
                "points": number % 8 + 1,
                "description": f"{task['description']} Also {number}.",
            }
            tx.save(key, {**edited, "updated_at": values.format_time(now)})
            tx.describe("task_updated", f"task: {name} changed", project=PROJECT, task=name)


def exchange(root: str, who: str) -> None:
    """Sync a store with its only remote."""
    store, now = Store(Path(root)), datetime.now(UTC)
    rounds.sync(
        store, remotes.find(store, None), now=now, approve=lambda _: None,
        transaction=lambda: store.transaction(author=who, now=now),
    )  # fmt: skip


def settle(root: str) -> None:
    """Let a copied store be the machine that it will be when it is measured."""
    machine.read(Store(Path(root)).private)


CHILDREN: tuple[Callable[..., Any], ...] = (pair, change, exchange)
