"""Sixteen processes and a person write at once: every acknowledged change is there once, and is all there is."""

import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prooftools import PROJECT, Entry, Log, World, here, history, number, own_file, waiting
from storetools import git, status

from orchestration import codec, diff
from orchestration.store import layout
from orchestration.store.repo import Store

PROCESSES = 16
SECONDS = number(6, 20)
COLUMNS = ("todo", "in_progress", "review")
MOVED = ("column", "status", "committed_at", "started_at", "completed_at")
CLAIMED = ("claim", "assignee")
TOLD = re.compile(r"edited by hand just now and is left as it is|another git process holds .*index\.lock")
"""What a writer says when the person is in the same file, or in git's index, in the same moment."""
BY_HAND = "tools/by-hand.yaml"
NOTE = "notes-of-mine.md"


class Agent:
    """One process: operations by chance, each acknowledged with its commit and the paths it may touch."""

    def __init__(self, world: World, shared: str, log: Log, name: str) -> None:
        self.shared = shared
        self.session = world.session
        self.log = log
        self.name = name
        self.chance = random.Random(name)
        self.own: list[str] = []

    def work(self) -> None:
        """Write until the time is over."""
        self.session = here("session_manager", "create", "--project", PROJECT, "--quiet").out.strip()
        operations: list[Callable[[int], None]] = [
            self.set, self.set_beside_others, self.merge, self.add_task, self.move, self.claim, self.increment,
            self.increment, self.heartbeat, self.create, self.undo,
        ]  # fmt: skip
        count, end = 0, time.monotonic() + SECONDS
        while time.monotonic() < end:
            count += 1
            self.chance.choice(operations)(count)

    def run(
        self, op: str, *words: str, touches: dict[str, tuple[str, ...]] | None = None, **facts: Any
    ) -> str:
        """Run a command and say what it was told; 5 is a refusal, which changes nothing."""
        done = here(*words)
        if done.code == 5:
            assert done.commit is None, done.err
            self.log.note(op=op, refused=done.err)
        elif done.code or [
            line for line in done.err.splitlines() if line.startswith("warning") and not TOLD.search(line)
        ]:
            raise AssertionError(f"{words}: {done.err}")
        elif done.commit is not None:
            if "warning" in done.err:
                self.log.note(told=done.err)
            self.log.note(op=op, commit=done.commit, touches=touches, by=self.name, **facts)
            if op in ("set", "merge"):
                self.own.append(done.commit)
        return done.out.strip()

    def set(self, count: int) -> None:
        touches = {own_file(self.session, "notes"): ("n",)}
        self.run("set", "state_manager", "set", self.session, "notes.n", f"{count}", touches=touches)

    def set_beside_others(self, count: int) -> None:
        """One field of a record in which all others write theirs."""
        touches = {own_file(self.shared, "common"): (self.name,)}
        path = f"common.{self.name}.n"
        self.run("set beside", "state_manager", "set", self.shared, path, f"{count}", touches=touches)

    def merge(self, count: int) -> None:
        data = json.dumps({"a": count, "b": {"c": [count]}})
        touches = {own_file(self.session, "facts"): ("mine",)}
        self.run(
            "merge", "state_manager", "merge", self.session, "facts.mine", "--data", data, touches=touches
        )

    def add_task(self, count: int) -> None:
        words = ("state_manager", "task", "add", f"{self.name} {count}", "--session", self.session)
        self.run("add", *words, adds=f"{self.name} {count}")

    def move(self, _: int) -> None:
        task = f"TASK-{self.chance.randint(1, 3)}"  # as many as review takes, so that nothing is refused
        words = ("state_manager", "update-task", task, self.chance.choice(COLUMNS), "--session", self.session)
        self.run("move", *words, touches={layout.file_of("projects", PROJECT, "tasks", task): MOVED})

    def claim(self, _: int) -> None:
        task = f"TASK-{self.chance.randint(5, 30)}"
        words = ("state_manager", "task", "claim", task, "--as", self.name, "--session", self.session)
        self.run("claim", *words, touches={layout.file_of("projects", PROJECT, "tasks", task): CLAIMED})

    def increment(self, _: int) -> None:
        amount = self.chance.randint(1, 9)
        touches = {own_file(self.shared, "counters"): ("hits",)}
        words = ("state_manager", "increment", self.shared, "counters.hits", str(amount))
        self.run("increment", *words, touches=touches, amount=amount)

    def heartbeat(self, _: int) -> None:
        touches = {own_file(self.session, "session"): ("lifecycle",)}
        self.run("heartbeat", "session_manager", "heartbeat", self.session, touches=touches)

    def create(self, _: int) -> None:
        self.run("create", "session_manager", "create", "--project", PROJECT, "--quiet")

    def undo(self, _: int) -> None:
        """The newest own set or merge."""
        if self.own:
            target = self.own.pop()
            self.run("undo", "state_manager", "undo", target, "--session", self.session, undoes=target)


class Person:
    """Somebody who edits files in the store and commits them with plain git, until it succeeds."""

    def __init__(self, root: Path, log: Log) -> None:
        self.root = root
        self.log = log

    def work(self) -> None:
        count, end = 0, time.monotonic() + SECONDS
        while time.monotonic() < end:
            count += 1
            file = (NOTE, BY_HAND, f"projects/{PROJECT}/tasks/TASK-{count % 4 + 1}.yaml")[count % 3]
            self.edit(file, count)
            self.commit(file, f"mine: {file} {count}")
            time.sleep(0.05)

    def edit(self, file: str, count: int) -> None:
        path = self.root / file
        if file == NOTE:
            path.write_text(f"Note {count}\n")
        elif file == BY_HAND:
            path.write_text(f"count: {count}\n")
        else:  # whole in a moment, as editors do it
            lines = path.read_text().splitlines()
            lines = [
                f"description: by hand {count}" if one.startswith("description:") else one for one in lines
            ]
            draft = self.root.parent / "draft"
            draft.write_text("\n".join(lines) + "\n")
            draft.rename(path)

    def commit(self, file: str, subject: str) -> None:
        for _ in waiting(30):
            if not git(self.root, "status", "--porcelain", "--", file, check=False):
                return  # a writer met the edit and committed it
            git(self.root, "add", file, check=False)
            said = git(self.root, "commit", "-qm", subject, "--", file, check=False)
            if not said:
                self.log.note(
                    op="person",
                    commit=git(self.root, "log", "-1", "--format=%H", f"--grep={subject}$")[:12],
                    touches={file: ()},
                )
                return


@pytest.mark.slow
def test_every_acknowledged_change_is_in_history_once(world: World) -> None:
    shared = world.create()
    for task in range(5, 31):
        here("state_manager", "task", "add", f"Task {task}", "--session", world.session)
    (world.root / BY_HAND).parent.mkdir(exist_ok=True)
    before = set(history(world.root))

    children = [world.run("person", lambda log: Person(world.root, log).work())]
    for count in range(PROCESSES):
        children.append(
            world.run(f"a{count}", lambda log, n=f"a{count}": Agent(world, shared, log, n).work())  # type: ignore[misc]
        )
    assert [world.outcome(child) for child in children] == [0] * len(children), world.failures()

    logged = world.logged()
    told = [line for line in logged if "commit" in line]
    commits = history(world.root)
    expected = Counter(line["commit"] for line in told)
    assert set(expected.values()) == {1}
    assert {line["op"] for line in told} == {
        "set", "set beside", "merge", "add", "move", "claim", "increment", "heartbeat", "create", "undo", "person",
    }  # fmt: skip
    new = {short: one for short, one in commits.items() if short not in before}
    adopted = {short for short, one in new.items() if one.message.startswith("edit: ")}
    opened = {short for short, one in new.items() if "Op: session_created\n" in one.message}
    assert set(expected) - set(new) == set(), "lost"
    assert set(new) - set(expected) - adopted - opened == set(), "made without being asked"
    assert len(opened - set(expected)) == PROCESSES  # of each process, the session it works in
    assert git(world.root, "rev-list", "--merges", "HEAD") == ""

    changed = {short: changes(world.store, one) for short, one in new.items() if one.files}
    by_commit = {line["commit"]: line for line in told}
    for line in told:
        assert_touches_only(line, by_commit, changed.get(line["commit"], {}), new[line["commit"]])
    hits = sum(line["amount"] for line in told if line["op"] == "increment")
    counters = here("state_manager", "get", shared, "counters.hits")
    assert counters.out == f"{hits}\n"
    if any("index.lock" in line["told"] for line in logged if "told" in line):
        world.assert_next_command_works("all is over")  # it does what git kept the last one from
    if status(world.root):
        # `git commit` reads the index before it locks it, and may write back an old one: the files and the
        # commits agree, and the index is mended by the command that the documentation names for it
        mended = here("state_manager", "verify", "--repair")
        assert "index is built anew" in mended.out + mended.err
    assert status(world.root) == "", git(world.root, "diff", "HEAD")
    world.assert_sound()


def changes(store: Store, one: Entry) -> dict[str, list[tuple[str, ...]]]:
    """Return the paths that a commit changed, by file; none for a file that is no YAML."""
    then, before = (Store(store.root).snapshot(oid) for oid in (one.oid, one.parents[0]))
    found = {}
    for file in one.files:
        if not file.endswith(".yaml"):
            found[file] = []
            continue
        old, new = (
            codec.load(raw, name=file) if raw else {} for raw in (before.content(file), then.content(file))
        )
        found[file] = [tuple(map(str, change.path)) for change in diff.diff(old, new)]
    return found


def assert_touches_only(
    line: dict[str, Any],
    by_commit: dict[str, dict[str, Any]],
    changed: dict[str, list[tuple[str, ...]]],
    one: Entry,
) -> None:
    """What a commit changed is what the operation named."""
    op = line["op"]
    if op == "create":
        (file,) = changed
        assert file.startswith("sessions/") and file.endswith("/session.yaml")
        return
    if op == "add":
        (file,) = changed
        assert file.startswith(f"projects/{PROJECT}/tasks/TASK-")
        assert f" {line['adds']}\n" in one.message
        return
    touches = line["touches"] or by_commit[line["undoes"]]["touches"]
    assert set(changed) <= set(touches), line
    if one.message.startswith("edit: "):
        return  # the person's edit was committed first, and then there was nothing left to change
    for file, paths in changed.items():
        assert op == "person" or {path[0] for path in paths if path} <= set(touches[file]), (line, paths)
