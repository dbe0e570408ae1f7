"""Writers are killed, hundreds of them: what they acknowledged is there, and nothing is half done.

Several write at once. Half of them are killed at a moment of chance, half kill themselves at a step of
the write path. Before a writer goes on it says, on the disk, which commit it was told and what that
holds. A killed writer may have made one commit more, which must be whole.
"""

import itertools
import os
import random
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from prooftools import PROJECT, Log, World, command, git, here, history, number, own_file
from storetools import die

from orchestration.domain import session_actions
from orchestration.store import gitlock, journal, objects, tags
from orchestration.store.documents import Documents
from orchestration.store.gitindex import GitIndex
from orchestration.store.lock import Lock
from orchestration.store.objects import Objects
from orchestration.store.refs import Refs
from orchestration.store.repo import Store
from orchestration.store.transaction import Transaction
from orchestration.store.worktree import Worktree

KILLS = number(40, 500)
COMMANDS = number(12, 100)
AT_ONCE = 4
STEPS: list[tuple[Any, str]] = [
    (Objects, "write"),
    (Objects, "_place"),
    (objects, "flush_all"),
    (Lock, "begin"),
    (Lock, "done"),
    (Refs, "move"),
    (Refs, "create"),
    (Refs, "_append_log"),
    (gitlock, "_take"),
    (gitlock, "write_whole"),
    (Worktree, "update"),
    (Worktree, "_check_out"),
    (Worktree, "_write"),
    (Worktree, "_remove"),
    (GitIndex, "update"),
    (journal, "append"),
    (Documents, "keep"),
    (Documents, "forget"),
    (tags, "create"),
    (Transaction, "_commit"),
]
LONG_AGO = "2020-01-01T00:00:00Z"
PARTS = ("one", "two", "three")


class Writer:
    """One process's way of using the store: operations by chance, each acknowledged before the next."""

    def __init__(self, world: World, name: str, session: str, log: Log, chance: random.Random) -> None:
        self.store = Store(world.root)
        self.name = name
        self.session = session
        self.log = log
        self.chance = chance
        self.numbers = itertools.count(1)

    def work(self) -> None:
        """Write until killed."""
        operations: list[Callable[[int], object]] = [
            *[self.set] * 5, self.add_task, self.undo, self.back_up, self.expire, self.clean_up, self.both,
        ]  # fmt: skip
        for count in self.numbers:
            self.chance.choice(operations)(count)

    def run(self, *words: str) -> tuple[str | None, str]:
        done = here(*words)
        assert done.code == 0, f"{words}: {done.err}"
        return done.commit, done.out.strip()

    def say(self, commit: str | None, *holds: tuple[tuple[str, ...], tuple[str, ...], object]) -> None:
        if commit is not None:
            self.log.note(commit=commit, holds=holds)

    def set(self, count: int) -> str | None:
        return self._set(f"{self.name} {count}")

    def _set(self, value: str) -> str | None:
        commit, _ = self.run("state_manager", "set", self.session, "notes.n", value)
        self.say(commit, (("sessions", self.session, "notes"), ("n",), value))
        return commit

    def undo(self, count: int) -> None:
        """The change of a value that was another before."""
        self.set(count)
        newest = self._set(f"{self.name} {count}, soon undone")
        assert newest is not None
        commit, _ = self.run("state_manager", "undo", newest)
        self.say(commit, (("sessions", self.session, "notes"), ("n",), f"{self.name} {count}"))

    def add_task(self, count: int) -> None:
        title = f"{self.name} {count}"
        commit, task = self.run("state_manager", "task", "add", title, "--session", self.session)
        self.say(commit, (("projects", PROJECT, "tasks", task), ("title",), title))

    def back_up(self, count: int) -> None:
        commit, name = self.run("shared_state", "backup", "create", f"{self.name}-{count}")
        self.say(commit)
        self.log.note(tag=name)

    def expire(self, count: int) -> None:
        """Three sessions in one change, whose time is long over."""
        names = [f"old-{self.name}-{count}-{part}" for part in PARTS]
        with self.store.transaction(author=self.name, now=datetime.now(UTC)) as tx:
            for name in names:
                session_actions.create(
                    tx, name, mode="development", project=PROJECT, by=self.name, now=LONG_AGO
                )
        assert tx.tip is not None
        self.say(tx.tip.oid[:12], *((("sessions", name, "session"), ("id",), name) for name in names))

    def clean_up(self, _: int) -> None:
        """Whatever is expired now, of any writer."""
        self.say(self.run("state_manager", "cleanup-expired")[0])

    def both(self, count: int) -> None:
        """Two records that always hold the same."""
        keys = [("tools", f"{self.name}-{side}") for side in ("left", "right")]
        with self.store.transaction(author=self.name, now=datetime.now(UTC)) as tx:
            for key in keys:
                tx.save(key, {"n": count})
            tx.describe("tool_updated", f"tool: {self.name} both {count}")
        assert tx.tip is not None
        self.say(tx.tip.oid[:12], *((key, ("n",), count) for key in keys))


def die_at(step: tuple[Any, str], *, after: bool, times: int) -> None:
    """Let this process die before, or after, one of the next calls of a step of the write path."""
    owner, name = step
    function, left = getattr(owner, name), times

    def last_words(*arguments: Any, **options: Any) -> Any:
        nonlocal left
        left -= 1
        if left <= 0 and not after:
            die()
        result = function(*arguments, **options)
        if left <= 0:
            die()
        return result

    setattr(owner, name, last_words)


@pytest.mark.slow
def test_what_was_acknowledged_survives_kills(world: World) -> None:
    chance = random.Random(3)
    sessions = [world.create() for _ in range(AT_ONCE)]
    before = set(history(world.root))
    killed = at_steps = 0
    steps = itertools.cycle(chance.sample(STEPS, len(STEPS)))
    while killed < KILLS:
        children: dict[int, bool] = {}
        for place in range(AT_ONCE):
            at_step = place % 2 == 0
            name = f"w{killed + place}"
            step, after, times = next(steps), chance.random() < 0.5, chance.randint(1, 12)
            seed = chance.random()

            def write(
                log: Log, name: str = name, session: str = sessions[place], at_step: bool = at_step,
                step: Any = step, after: bool = after, times: int = times, seed: float = seed,
            ) -> None:  # fmt: skip
                if at_step:
                    die_at(step, after=after, times=times)
                Writer(world, name, session, log, random.Random(seed)).work()

            children[world.run(name, write)] = at_step
        time.sleep(0.1 + chance.random() * 0.4)
        for child, at_step in children.items():
            if at_step:
                at_steps += _dies_by_itself(world, child)
            else:
                time.sleep(chance.random() * 0.05)
                world.kill(child)
        killed += AT_ONCE
        world.assert_next_command_works(killed)
        world.assert_sound()

    logged = world.logged()
    assert world.failures() == ""
    told = [line for line in logged if "commit" in line]
    assert at_steps > killed / 4
    assert len({line["commit"] for line in told}) == len(told) > killed
    world.assert_present(told)
    _assert_none_half_done(world, told, before, killed)
    kept = git(world.root, "for-each-ref", "--format=%(refname:short)", "refs/tags").split()
    assert {line["tag"] for line in logged if "tag" in line} <= set(kept)


def _dies_by_itself(world: World, child: int) -> bool:
    """Wait for a process that kills itself at a step; one that does not come there soon is killed."""
    for _ in range(200):
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            assert world.outcome(child) == -9, world.failures()
            return True
        time.sleep(0.005)
    world.kill(child)
    return False


def _assert_none_half_done(world: World, told: list[dict[str, Any]], before: set[str], killed: int) -> None:
    """Things that change together are in one commit, whether somebody was told of it or not."""
    commits = history(world.root)
    ours = {
        short: one
        for short, one in commits.items()
        if short not in before and "notes.next" not in one.message
    }
    silent = set(ours) - {line["commit"] for line in told}
    assert len(silent) <= killed
    assert all(len(one.parents) == 1 for one in ours.values())
    for one in ours.values():
        sides = {file.rpartition("-")[0] for file in one.files if file.startswith("tools/")}
        assert sorted(file for file in one.files if file.startswith("tools/")) == sorted(
            f"{side}-{end}.yaml" for side in sides for end in ("left", "right")
        )
        threes = {file.split("/")[2].rpartition("-")[0] for file in one.files if "/old-" in file}
        assert sorted(file for file in one.files if "/old-" in file) == sorted(
            own_file(f"{three}-{part}", "session") for three in threes for part in PARTS
        )


@pytest.mark.slow
def test_commands_killed_at_a_moment_of_chance(world: World) -> None:
    """Whole programs, from the start of Python on."""
    chance = random.Random(4)
    told = []
    for count in range(COMMANDS):
        words = ("state_manager", "set", world.session, "notes.n", str(count), "--json-value")
        process = subprocess.Popen(command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(0.05 + chance.random() * 0.15)
        process.kill()
        said = process.communicate()[1]
        if said.startswith("commit "):
            held = (("sessions", world.session, "notes"), ("n",), count)
            told.append({"commit": said.split()[1], "holds": [held]})
        if count % 4 == 3:
            world.assert_next_command_works(count)

    world.assert_present(told)
    subjects = git(world.root, "log", "--format=%s").splitlines()
    assert len(told) <= subjects.count("state: set notes.n") <= COMMANDS
    world.assert_sound()
