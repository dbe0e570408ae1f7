"""A value in every place that a store has, and a reader of every byte of it."""

import os
import subprocess
import zlib
from pathlib import Path

from synctools import Machine, git

from orchestration.history import backups, handoffs
from orchestration.history import undo as undoing
from orchestration.store.index import Index

MARK = "zq9mark7zq"
"""A word of the value that nothing else holds."""
VALUE = f'p@ss "{MARK}"\r\n\\é\'… {{x}}: #1'
TASK = ("projects", "shop", "tasks", "TASK-1")
SESSION = ("sessions", "5e551000-aaaa", "session")


def found(root: Path, mark: str = MARK) -> list[str]:
    """Return every place below a store whose bytes, stored or inflated, hold a word, or whose name does."""
    needle = mark.encode()
    places = []
    for folder, folders, files in os.walk(root):
        places += [f"{folder}/{name}" for name in (*folders, *files) if mark in name]
        for name in files:
            data = Path(folder, name).read_bytes()
            try:
                inflated = zlib.decompress(data)
            except zlib.error:
                inflated = b""
            if needle in data or needle in inflated:
                places.append(f"{folder}/{name}")
    words = ("git", "-C", str(root), "cat-file", "--batch-all-objects", "--batch")
    objects = subprocess.run(words, capture_output=True, check=True).stdout
    places += ["an object"] * objects.count(needle)
    for words in (("for-each-ref",), ("log", "--reflog", "--all", "-p", "--no-textconv"), ("ls-files",)):
        places += [f"git {words[0]}"] * git(*words, at=root).count(mark)
    return places


def fill(machine: Machine) -> None:
    """Put the value into records, keys, notes, messages, tags, branches, caches and files."""
    machine.save(SESSION, {"id": SESSION[1], "metadata": {"token": VALUE, "kept": "yes"}})
    machine.save(TASK, {"id": "TASK-1", "title": f"Log in with {VALUE} now", "column": "todo", "points": 3})
    machine.change(TASK, title="Log in", points=5)
    machine.change(TASK, notes=[{"text": "before"}, {"text": f"it is {VALUE}"}], **{f"of {VALUE}": 1})
    with machine.write() as tx:
        tx.edit(*TASK)
        tx.save(TASK, {"id": "TASK-1", "title": "Sign in", "column": "todo"})
        tx.describe(
            "state_set", f"task: the key is {VALUE}", reason=f"for {VALUE}", data=f'{{"a": "{MARK}"}}'
        )
    with machine.write() as tx:
        backups.create(tx, "one", message=f"with {VALUE}")
    with machine.write() as tx:
        tx.edit(*TASK)
        tx.save(TASK, {**tx.load(*TASK), "title": "Handed over"})
        tx.describe("handoff_received", "handed over", session=SESSION[1])
        handoffs.pin(tx, f"a-{MARK}", "b", now=tx.now)
    machine.change(TASK, title=f"undone {VALUE}")
    undo(machine, machine.tip)
    index = Index(machine.store)
    index.catch_up(machine.store.snapshot())
    index.documents("projects")
    index.close()


def undo(machine: Machine, oid: str) -> None:
    """Take back a commit."""
    with machine.write() as tx:
        undoing.take_back(tx, [machine.store.commit(oid)], session=None, force=False, redo=False)
