"""Machines that share a store through real servers: ssh, http and https with a password, git's own protocol."""

import pytest
import servers
from synctools import Machine

from orchestration.sync import remotes

TASK = ("projects", "shop", "tasks", "TASK-1")
BACKUP = "backup/20260105T090000Z"
HANDOFF = "handoff/a-to-b-20260105T090000Z"


@pytest.fixture
def crew(server, bare, tmp_path):
    """Two machines that share a store through a server."""
    anna = Machine(tmp_path / "anna", server.url(bare), "anna")
    anna.save(("projects", "shop", "config"), {"project_id": "shop"})
    remotes.add(anna.store, "origin", anna.url)
    anna.sync()
    ben = Machine(tmp_path / "ben", server.url(bare), "ben", skew=0.01)
    ben.clone()
    return anna, ben


def connections(server: servers.Server, machine: Machine) -> int:
    """Sync and return how many connections that took."""
    server.line.reset()
    machine.sync()
    return server.line.connections


def test_two_people_share_a_store(crew, server):
    anna, ben = crew
    anna.save(TASK, {"title": "Log in", "points": 3})
    assert connections(server, anna) == 2
    assert connections(server, ben) == 1
    anna.change(TASK, title="Log in and out")
    ben.change(TASK, points=5)
    anna.git("tag", "-a", "-m", "one", BACKUP, "main")
    ben.git("branch", HANDOFF, "main")

    assert connections(server, anna) == 2
    assert connections(server, ben) == 2
    assert connections(server, anna) == 1  # a merge that only has to be taken
    assert [connections(server, one) for one in crew] == [1, 1]

    assert anna.tip == ben.tip
    for one in crew:
        assert one.load(*TASK) == {"title": "Log in and out", "points": 5}
        assert one.git("tag") == BACKUP
        assert HANDOFF in one.git("branch", "--format=%(refname:short)")
        assert one.git("status", "--short") == ""
        assert one.git("fsck", "--strict", "--no-dangling") == ""
