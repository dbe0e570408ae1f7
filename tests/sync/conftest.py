"""Machines that share a store through a bare repository."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import servers
from synctools import Machine, git

from orchestration.sync import remotes


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """An empty repository on a server."""
    place = tmp_path / "team.git"
    git("init", "--quiet", "--bare", "-b", "main", str(place), at=tmp_path)
    return place


@pytest.fixture
def alone(tmp_path: Path, bare: Path) -> Machine:
    """A machine with a store that nobody shares yet, and the remote named."""
    machine = Machine(tmp_path / "anna", str(bare), "anna")
    machine.save(("projects", "shop", "config"), {"project_id": "shop"})
    remotes.add(machine.store, "origin", str(bare))
    return machine


@pytest.fixture
def team(alone: Machine, tmp_path: Path, bare: Path) -> Callable[[int], list[Machine]]:
    """Make so many machines that share one store."""

    def team(number: int) -> list[Machine]:
        alone.sync()
        machines = [alone]
        for count in range(1, number):
            machine = Machine(tmp_path / f"m{count}", str(bare), f"m{count}", skew=count * 0.01)
            machine.clone()
            machines.append(machine)
        return machines

    return team


@pytest.fixture
def pair(team: Callable[[int], list[Machine]]) -> tuple[Machine, Machine]:
    """Two machines that share a store."""
    first, second = team(2)
    return first, second


@pytest.fixture
def home(_surroundings: None) -> Path:
    """The home of the people of this test."""
    return Path(os.environ["HOME"])


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[servers.Server]:
    """An ssh server, and an `ssh` that gets in with a key in a file."""
    if servers.SSHD is None:
        pytest.skip("there is no ssh server on this machine")
    with servers.ssh(tmp_path / "sshd") as server:
        own = servers.ssh_settings(server, *servers.with_key(server.folder / "user"))
        folder = servers.ssh_program(tmp_path / "bin", own)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        yield server


@pytest.fixture
def http(tmp_path: Path) -> Iterator[servers.Server]:
    """A web server with Basic authentication; nobody here knows the password yet."""
    with servers.http(tmp_path / "httpd") as server:
        yield server


@pytest.fixture(params=["ssh", "http", "https", "git"])
def server(request: pytest.FixtureRequest, tmp_path: Path, home: Path) -> Iterator[servers.Server]:
    """A server of each kind, and what a person has set up to get in."""
    kind = request.param
    if kind == "ssh":
        yield request.getfixturevalue("ssh")
    elif kind == "git":
        with servers.daemon(tmp_path / "daemon") as found:
            yield found
    else:
        with servers.http(tmp_path / "httpd", tls=kind == "https") as found:
            servers.credentials(home, found)
            if kind == "https":
                servers.settings(home, f"http.sslCAInfo={found.folder}/ca.pem")
            yield found


@pytest.fixture(params=["ssh", "http"])
def way(request: pytest.FixtureRequest, home: Path) -> servers.Server:
    """A server that is reached, as a person has set it up."""
    server: servers.Server = request.getfixturevalue(request.param)
    if request.param == "http":
        servers.credentials(home, server)
    return server


@pytest.fixture
def far(way: servers.Server, bare: Path, tmp_path: Path) -> tuple[Machine, Machine]:
    """Two machines that share a store through a server, one of them behind a line that may be bad."""
    anna = Machine(tmp_path / "anna", way.url(bare), "anna")
    anna.save(("projects", "shop", "config"), {"project_id": "shop"})
    remotes.add(anna.store, "origin", anna.url)
    anna.sync()
    ben = Machine(tmp_path / "ben", str(bare), "ben", skew=0.01)
    ben.clone()
    return anna, ben
