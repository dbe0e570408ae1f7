"""Many machines push to one server in the same moment, each a process of its own: everyone gets through."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import servers
from synctools import Machine, git

from orchestration.sync import remotes, rounds

FULL = os.environ.get("ORCHESTRATION_PROOF") == "full"  # read at import: a test finds the variable removed
MACHINES = {"file": 20 if FULL else 8, "ssh": 20 if FULL else 4}
TIMES = 3 if FULL else 1

PROGRAM = """
import json, sys
from pathlib import Path
sys.path[:0] = [{tools!r}]
from synctools import Machine
m = Machine(Path({root!r}), {url!r}, {name!r}, skew={skew})
for _ in sys.stdin:
    held = m.load("tools", m.name) or {{"name": m.name, "type": "library", "number": 0}}
    m.save(("tools", m.name), {{**held, "number": held["number"] + 1}})
    print("ready", flush=True)
    sys.stdin.readline()
    done = m.sync()
    print(json.dumps(done["attempts"]), flush=True)
"""


@pytest.mark.parametrize("kind", MACHINES)
def test_machines_that_push_at_once_all_get_through(kind, request, bare, tmp_path):
    url = str(bare)
    if kind == "ssh":
        server: servers.Server = request.getfixturevalue("ssh")
        url = server.url(bare)
    first = Machine(tmp_path / "m0", str(bare), "m0")
    first.save(("projects", "shop", "config"), {"project_id": "shop"})
    remotes.add(first.store, "origin", url)
    first.sync()
    crew = [first]
    for count in range(1, MACHINES[kind]):
        crew.append(Machine(tmp_path / f"m{count}", str(bare), f"m{count}"))
        crew[-1].clone()
        crew[-1].git("config", "remote.origin.url", url)
    processes = [process(one, count) for count, one in enumerate(crew)]
    attempts = []
    try:
        for _ in range(TIMES):
            for one in processes:
                tell(one)
            assert [hear(one) for one in processes] == ["ready"] * len(crew)
            for one in processes:
                tell(one)
            attempts.append([json.loads(hear(one)) for one in processes])
    finally:
        for one in processes:
            one.stdin.close()
            one.wait()
            one.stdout.close()

    print(kind, attempts)
    assert max(map(max, attempts)) <= rounds.ATTEMPTS
    assert sum(map(sum, attempts)) > len(crew) * TIMES  # they were in each other's way
    for one in crew:
        git("config", "remote.origin.url", str(bare), at=one.store.root)
        one.sync()
    assert len({one.tip for one in crew}) == 1
    held = first.store.snapshot()
    assert {name: held.load("tools", name)["number"] for name in held.names("tools")} == {
        one.name: TIMES for one in crew
    }
    git("fsck", "--strict", "--no-dangling", at=Path(bare))


def process(one: Machine, count: int) -> "subprocess.Popen[str]":
    program = PROGRAM.format(
        tools=str(Path(__file__).parent),
        root=str(one.store.root),
        url=one.url,
        name=one.name,
        skew=count * 0.01,
    )
    words = [sys.executable, "-c", program]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def tell(one: "subprocess.Popen[str]") -> None:
    assert one.stdin is not None
    one.stdin.write("go\n")
    one.stdin.flush()


def hear(one: "subprocess.Popen[str]") -> str:
    assert one.stdout is not None
    return one.stdout.readline().strip()
