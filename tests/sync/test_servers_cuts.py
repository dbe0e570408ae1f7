"""Lines to real servers that are cut after so many bytes: nothing is lost, and the next sync gets there."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import servers
from synctools import Machine, assert_whole, change_both, git

from orchestration.sync.refusals import Unreachable

FULL = os.environ.get("ORCHESTRATION_PROOF") == "full"  # read at import: a test finds the variable removed
SHARES = [n / 20 for n in range(20)] if FULL else [0.5]
"""After which parts of the bytes that go each way of each connection it is cut."""
ENDS = (1, 60, 120, 250, 500) if FULL else (250,)
"""So many bytes before their end it is cut as well."""


def verified(machine: Machine) -> str:
    words = ["state_manager", "verify", "--store", str(machine.store.root)]
    done = subprocess.run([sys.executable, "-m", "orchestration", *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def places(far: tuple[Machine, Machine], way: servers.Server) -> list[tuple[int, str, int]]:
    """Return where to cut: (connection, way, bytes), as measured with one sync that is not cut."""
    change_both(far, 0)
    way.line.reset()
    far[0].sync()
    assert way.line.connections == 2
    found = [(0, "down", 0)]
    for number, passed in enumerate(way.line.passed):
        for name, total in passed.items():
            found += [(number, name, int(total * share)) for share in SHARES]
            if FULL or number == 1:
                found += [(number, name, total - end) for end in ENDS]
    return found


def test_a_line_that_is_cut_anywhere_loses_nothing(far, way, bare):
    anna, ben = far
    told = Counter()
    for count, place in enumerate(places(far, way), start=1):
        change_both(far, count)
        way.line.reset(cut=place)
        try:
            anna.sync()
            told["done"] += 1
        except Unreachable as failed:
            assert "\n" not in failed.message and anna.url in failed.message
            received = git("rev-parse", "main", at=bare) == anna.tip
            told["received" if received else f"failed {place[0]}"] += 1
        assert_whole(anna)
        way.line.reset()
        again = anna.sync()
        assert git("rev-parse", "main", at=bare) == anna.tip
        assert again["attempts"] == 1
    ben.sync()

    assert anna.tip == ben.tip
    subjects = Counter(anna.git("log", "--format=%s").splitlines())
    assert {subject for subject, times in subjects.items() if times > 1} == set()
    for one in far:
        for number in range(count + 1):
            assert f"{one.name} saves {one.name}-{number}" in subjects
        assert_whole(one)
    verified(anna)
    git("fsck", "--strict", "--no-dangling", at=Path(bare))
    assert told["failed 0"] >= 2 * len(SHARES) and told["failed 1"] >= len(SHARES) and told["received"], told
