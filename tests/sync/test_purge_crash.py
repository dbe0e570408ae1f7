"""A purge, or a rejoining, that is killed: the store is the old one, or the next try finishes it."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from purgetools import MARK, TASK, fill, found
from synctools import Machine, git

from orchestration.errors import NotFound, Refused
from orchestration.history import exchanging
from orchestration.store.inspection import Inspection
from orchestration.store.repo import Store
from orchestration.sync import purging

MOMENTS = 40 if os.environ.get("ORCHESTRATION_PROOF") == "full" else 7

PROGRAM = """
import os, pathlib, signal, sys
sys.path[:0] = [{tools!r}]
from synctools import Machine
from orchestration.sync import purging
machine = Machine(pathlib.Path({root!r}), "", {name!r}, skew=1000)
count, last = 0, int(sys.argv[1])

def watch(event, given):
    global count
    if event in ("subprocess.Popen", "os.remove", "os.rename", "os.truncate"):
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
{call}
print(count)
"""
PURGE = f"purging.purge(machine.store, {MARK!r}, transaction=machine.write, now=machine.now)"
REJOIN = "machine.sync(rejoin=True)"


def run(root: Path, name: str, call: str, last: int) -> "subprocess.CompletedProcess[str]":
    program = PROGRAM.format(tools=str(Path(__file__).parent), root=str(root), name=name, call=call)
    return subprocess.run(
        [sys.executable, "-c", program, str(last)], capture_output=True, text=True, check=False
    )


def moments(root: Path, name: str, call: str) -> list[int]:
    """Return when to kill: evenly over all that is started, removed and renamed."""
    total = int(run(root, name, call, 0).stdout)
    assert total > 20
    return sorted({1 + number * (total - 1) // (MOMENTS - 1) for number in range(MOMENTS)})


def test_a_purge_that_is_killed_changed_nothing_or_is_finished_by_the_next(alone, tmp_path):
    fill(alone)
    root, whole = alone.store.root, tmp_path / "whole"
    shutil.copytree(root, whole, symlinks=True)
    states = set()
    for last in moments(root, "anna", PURGE):
        for folder in tmp_path.glob("anna*"):
            shutil.rmtree(folder)
        shutil.copytree(whole, root, symlinks=True)
        assert run(root, "anna", PURGE, last).returncode == -signal.SIGKILL

        machine = Machine(root, "", "anna", skew=2000 + last)
        assert machine.load(*TASK)["title"] == "Handed over"
        unfinished = exchanging.unfinished(machine.store)
        inspection = Inspection(machine.store, now=machine.now)
        inspection.run()
        named = [one.problem for one in inspection.found if one.severity == "error"]
        assert named == (["a purge was cut off"] if unfinished else [])
        if not unfinished and found(root):
            assert machine.git("log", "-1", "--format=%s").startswith("undo: ")
        states.add((unfinished is not None, bool(found(root))))

        try:
            done = purging.purge(machine.store, MARK, transaction=machine.write, now=machine.now)
            assert done["left"] == []
        except NotFound:  # it was over
            assert not unfinished
        assert found(root) == []
        assert machine.git("fsck", "--strict", "--no-dangling") == ""
        assert machine.git("status", "--short") == ""
        assert len(machine.store.snapshot().names("purges")) == 1
        machine.change(TASK, points=1)

    assert (False, True) in states and (True, True) in states


def test_a_rejoining_that_is_killed_is_done_by_the_next(pair, tmp_path):
    anna, ben = pair
    anna.save(TASK, {"id": "TASK-1", "title": f"of {MARK}", "column": "todo"})
    anna.sync(), ben.sync()
    ben.change(TASK, points=3, notes=f"my {MARK}")
    purging.purge(anna.store, MARK, transaction=anna.write, now=anna.now)
    anna.sync()
    whole, root, server = tmp_path / "whole", ben.store.root, Path(ben.url)
    shutil.copytree(root, whole, symlinks=True)
    shutil.copytree(server, tmp_path / "server")
    for last in moments(root, "m1", REJOIN)[:: 1 if MOMENTS > 7 else 2]:
        for folder in (*tmp_path.glob("m1*"), server):
            shutil.rmtree(folder)
        shutil.copytree(whole, root, symlinks=True)
        shutil.copytree(tmp_path / "server", server)
        assert run(root, "m1", REJOIN, last).returncode == -signal.SIGKILL

        ben = Machine(root, ben.url, "m1", skew=5000)
        if exchanging.unfinished(ben.store):
            with pytest.raises(Refused, match="cut off"):
                ben.sync()
        ben.sync(rejoin=True)

        assert ben.load(*TASK) == {
            "id": "TASK-1", "title": "of [purged]", "column": "todo", "points": 3, "notes": "my [purged]"
        }  # fmt: skip
        assert found(root) == []
        assert git("rev-parse", "main", at=server) == ben.tip
        assert Store(root).exists
