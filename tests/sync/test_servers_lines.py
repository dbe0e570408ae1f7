"""Lines to real servers that are slow or fall silent: what can get there does, and nothing waits for ever."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import servers
from synctools import Machine, assert_whole, change_both, git

from orchestration.errors import BadUsage
from orchestration.sync import network
from orchestration.sync.refusals import Unreachable

FULL = os.environ.get("ORCHESTRATION_PROOF") == "full"  # read at import: a test finds the variable removed


def test_a_slow_line_takes_long_and_gets_there(far, way, bare, monkeypatch):
    anna, _ = far
    change_both(far, 1)
    monkeypatch.setenv(network.VARIABLE, "2")
    way.line.reset(delay=0.03, rate=20_000)

    begun = time.monotonic()
    anna.sync()

    assert time.monotonic() - begun > 1
    assert git("rev-parse", "main", at=bare) == anna.tip


SILENT = [(0, "down", 0), (0, "down", 10_000), (1, "up", 10_000), (1, "down", 400)]
"""Before anything came, in the middle of what comes and goes, and with the answer under way."""


@pytest.mark.parametrize("place", SILENT if FULL else SILENT[::3])
def test_a_line_that_falls_silent_is_given_up(far, way, bare, monkeypatch, place):
    anna, _ = far
    change_both(far, 1)
    monkeypatch.setenv(network.VARIABLE, "1")
    way.line.reset(stall=place)

    begun = time.monotonic()
    with pytest.raises(Unreachable) as failed:
        anna.sync()

    assert time.monotonic() - begun < 4 + 6  # a margin for a busy machine
    assert "\n" not in failed.value.message and anna.url in failed.value.message
    assert_whole(anna)
    assert children_of_git(anna) == []
    monkeypatch.delenv(network.VARIABLE)
    way.line.reset()
    anna.sync()
    assert git("rev-parse", "main", at=bare) == anna.tip


def test_a_certificate_that_never_comes_is_given_up(tmp_path, bare, monkeypatch):
    with servers.http(tmp_path / "httpd", tls=True) as server:
        server.line.reset(stall=(0, "down", 0))
        monkeypatch.setenv(network.VARIABLE, "1")
        ben = Machine(tmp_path / "ben", server.url(bare), "ben")

        begun = time.monotonic()
        with pytest.raises(Unreachable):
            ben.clone()

    assert time.monotonic() - begun < 4 + 6
    assert not ben.store.root.exists()


def children_of_git(machine: Machine) -> list[str]:
    """Return the processes that work for a machine's syncs."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = place.read_bytes().decode("utf-8", "replace").split("\0")
            if str(machine.store.root) in " ".join(words) or machine.url in words:
                found.append(" ".join(words))
    return found


def test_ctrl_c_ends_a_silent_sync_at_once_and_leaves_nothing_behind(far, way, bare):
    anna, _ = far
    change_both(far, 1)
    way.line.reset(stall=(1, "up", 10_000))
    words = ["state_manager", "sync", "--store", str(anna.store.root)]
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert way.line.down.wait(15)
    assert children_of_git(anna) != []

    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=15)

    assert time.monotonic() - begun < 2.5
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in said
    assert children_of_git(anna) == []
    assert_whole(anna)
    way.line.reset()
    anna.sync()
    assert git("rev-parse", "main", at=bare) == anna.tip


def test_a_time_limit_that_is_none_is_refused(pair, monkeypatch):
    anna, _ = pair
    for text in ("0", "-1", "soon", "0.5", "1e9"):
        monkeypatch.setenv(network.VARIABLE, text)
        with pytest.raises(BadUsage) as failed:
            anna.sync()
        assert failed.value.message == f"ORCHESTRATION_SYNC_TIMEOUT is {text!r}"
