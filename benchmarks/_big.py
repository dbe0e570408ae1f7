"""A store with a long past: as many commits as a busy team makes in years, put in by `git fast-import`.

The commits are as the program writes them: files of the store's layout, messages with trailers, times that
go from two years ago to now. The result is packed and has a commit-graph, as after `git gc`.
"""

import subprocess
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks._lab import PROJECT, session_ids
from orchestration import codec
from orchestration.domain import session_actions, tasks, values
from orchestration.store import commits, layout
from orchestration.store.create import BRANCH
from orchestration.store.repo import Store

AUTHOR = "benchmark"
SESSIONS = 1000
TASKS = 200
SPAN = timedelta(days=730)
QUIET = session_ids(1)[0]
"""The session that nobody has touched for a year."""
BUSY = session_ids(2)[1]
"""One of those that are touched again and again."""
_COLUMNS = ("todo", "in_progress", "review", "done")


def base(root: str) -> None:
    """Make a store of sessions and tasks, whose commits are two years old while the sessions are alive."""
    now = datetime.now(UTC)
    at, then = values.format_time(now), now - SPAN
    store = Store(Path(root))
    with store.transaction(author=AUTHOR, now=then) as tx:  # it is packed when the measurement says so
        tx.save(("config", "settings"), {**tx.load("config", "settings"), "pack_limit": 0})
        tx.describe("state_set", "config: pack_limit 0")
    names = session_ids(SESSIONS)
    for first in range(0, SESSIONS, 50):
        with store.transaction(author=AUTHOR, now=then) as tx:
            for name in names[first : first + 50]:
                session_actions.create(tx, name, mode="sprint", project=PROJECT, by=AUTHOR, now=at)
                tx.save(("sessions", name, "notes"), {"n": 0, "text": f"notes of {name}"})
    with store.transaction(author=AUTHOR, now=then) as tx:
        for count in range(1, TASKS + 1):
            task = tasks.new(f"TASK-{count}", {"title": f"Task {count}", "points": 3}, now=at)
            tx.save(("projects", PROJECT, "tasks", task["id"]), task)
        tx.describe("task_created", f"task: create {TASKS}", project=PROJECT)


def grow(root: str, count: int) -> None:
    """Add `count` commits on top of what `base` made, and pack all."""
    store = Store(Path(root))
    pour(root, _stream(store, count))


def pour(root: str, stream: Iterable[bytes]) -> None:
    """Give a repository what `git fast-import` reads from a stream, and pack all."""
    run = ["git", "-C", root]
    importing = subprocess.Popen([*run, "fast-import", "--quiet"], stdin=subprocess.PIPE)
    assert importing.stdin is not None
    with importing.stdin as into:
        into.writelines(stream)
    if importing.wait():
        raise SystemExit("git fast-import failed")
    for words in (
        ("repack", "-adq"),
        ("commit-graph", "write", "--reachable", "--changed-paths"),
        ("reset", "--hard", "-q"),
    ):
        subprocess.run([*run, *words], check=True)
    forget(root)


def forget(root: str) -> None:
    """Leave nothing that a clone would not have: neither index nor journal."""
    private = Store(Path(root)).private
    for file in (*private.glob("index.sqlite*"), *private.glob("journal*")):
        file.unlink()


def _stream(store: Store, count: int) -> Iterator[bytes]:
    """Yield what git fast-import reads."""
    names = [name for name in session_ids(SESSIONS) if name != QUIET]
    records = store.snapshot().load_all("projects", PROJECT, "tasks")
    tip = store.snapshot().tip
    assert tip is not None
    begin, end = tip.time + 60, int(time.time()) - 60
    parent = f"from {tip.oid}\n"
    for number in range(count):
        when = begin + (end - begin) * number // count
        facts: dict[str, str | None] = {"Project": PROJECT}
        if number % 4 == 3:
            task = records[f"TASK-{number % TASKS + 1}"]
            task["column"] = _COLUMNS[(number // TASKS) % 4]
            file = layout.file_of("projects", PROJECT, "tasks", task["id"])
            content: Any = task
            subject = f"task: {task['id']} -> {task['column']}"
            facts = {"Op": "task_moved", "Session": names[number % len(names)], **facts, "Task": task["id"]}
        else:
            early = number < count // 2 and number % 50 == 0
            session = QUIET if early else names[number % len(names)]
            file = layout.file_of("sessions", session, "notes")
            content = {"n": number, "text": f"notes of {session}"}
            subject = "state: set notes.n"
            facts = {"Op": "state_set", "Session": session, **facts}
        facts["At"] = values.format_time(datetime.fromtimestamp(when, UTC))
        text = commits.message(subject, facts).encode()
        data = codec.dump(content, name=file)
        who = f"{AUTHOR} <{AUTHOR}@bench> {when} +0000"
        committer = f"{commits.COMMITTER} <{commits.COMMITTER}@bench> {when} +0000"
        head = f"commit {BRANCH}\nauthor {who}\ncommitter {committer}\ndata {len(text)}\n"
        yield head.encode() + text + parent.encode()
        yield f"M 100644 inline {file}\ndata {len(data)}\n".encode() + data + b"\n"
        parent = ""


def writes(root: str, count: int) -> list[float]:
    """Write to one record again and again; returns the seconds that each write took."""
    store = Store(Path(root))
    took = []
    for _ in range(count):
        begun = time.perf_counter()
        with store.transaction(author=AUTHOR, now=datetime.now(UTC)) as tx:
            notes = tx.edit("sessions", BUSY, "notes")
            tx.save(("sessions", BUSY, "notes"), {**notes, "n": time.time_ns()})
            tx.describe("state_set", "state: set notes.n", session=BUSY, project=PROJECT)
        took.append(time.perf_counter() - begun)
    return took


CHILDREN = (base, grow, forget, writes)
