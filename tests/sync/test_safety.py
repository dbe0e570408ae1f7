"""What a store, a remote or its people may try: nothing is executed, and nothing is half done."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from synctools import Machine, git

from orchestration.errors import BadUsage, Refused, StoreError
from orchestration.store.repo import Store
from orchestration.sync import remotes, urls

TASK = ("projects", "shop", "tasks", "TASK-1")


@pytest.fixture
def trap(tmp_path):
    """A program that leaves a mark when it is run, and the mark."""
    mark, program = tmp_path / "was-run", tmp_path / "trap"
    program.write_text(f"#!/bin/sh\necho run >> {mark}\nexit 1\n")
    program.chmod(0o755)
    return program, mark


def test_programs_named_in_the_configuration_of_a_store_are_not_run(pair, trap, monkeypatch):
    anna, ben = pair
    program, mark = trap
    hooks = anna.store.git_dir / "evil"
    hooks.mkdir()
    for name in ("pre-push", "post-merge", "reference-transaction", "post-checkout", "post-index-change"):
        (hooks / name).write_text(program.read_text())
        (hooks / name).chmod(0o755)
    for name, value in {
        "core.fsmonitor": program, "core.hooksPath": hooks, "core.sshCommand": program, "core.gitProxy": program,
        "core.askPass": program, "diff.external": program, "diff.orchestration.textconv": program,
        "merge.orchestration.driver": program, "credential.helper": f"!{program}", "core.pager": program,
        "core.editor": program, "gpg.program": program, "filter.x.smudge": program,
        "remote.origin.uploadpack": program, "remote.origin.receivepack": program, "remote.origin.vcs": "ext",
        f"url.ext::{program}.insteadOf": anna.url, "protocol.ext.allow": "always", "log.showSignature": "true",
    }.items():  # fmt: skip
        git(
            "config",
            "--file",
            str(anna.store.git_dir / "config"),
            name,
            str(value),
            at=anna.store.root.parent,
        )
    anna.save(TASK, {"title": "Log in"})
    ben.save(TASK, {"title": "Log out"})
    ben.sync()

    anna.sync()
    anna.sync()
    monkeypatch.setenv("GIT_DIR", "/nowhere")  # as inside somebody's git hook
    ben.sync()

    assert not mark.exists()
    assert anna.tip == ben.tip


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c id", "ext::id", "fd::17", "--upload-pack=id", "-oProxyCommand=id", "ssh://-oProxyCommand=id/x",
        "ssh://u@-oProxyCommand=id/x", "-host:path", "u@-host:path", "ftp://host/x", "http://a b/", "x\ny", "",
        "transport::address", "nonsense",
    ],
)  # fmt: skip
def test_urls_that_run_programs_or_look_like_options_are_refused(url):
    with pytest.raises(Refused):
        urls.check_url(url)


@pytest.mark.parametrize(
    "url",
    ["https://host/a.git", "ssh://git@host:22/a.git", "git@host:team/a.git", "host:a.git", "/srv/a.git",
     "file:///srv/a.git", "git://host/a", "[::1]:a.git"],
)  # fmt: skip
def test_ordinary_urls_are_taken(url):
    assert urls.check_url(url) == url


@pytest.mark.parametrize("name", ["-x", "a/b", "..", "a b", "", "a\nb", "--mirror"])
def test_names_that_look_like_options_are_refused(alone, name):
    with pytest.raises(BadUsage):
        remotes.add(alone.store, name, "/srv/a.git")


def test_an_ext_remote_in_the_configuration_is_refused(alone, trap):
    program, mark = trap
    git("config", "remote.evil.url", f"ext::{program}", at=alone.store.root)

    with pytest.raises(Refused):
        from orchestration.sync import rounds

        way = remotes.find(alone.store, "evil")
        rounds.sync(alone.store, way, transaction=alone.write, approve=lambda _: None, now=alone.now)

    assert not mark.exists()


def test_passwords_in_urls_are_never_shown():
    assert (
        urls.redacted("fatal: https://ann:s3cret@host/a.git is away") == "fatal: https://host/a.git is away"
    )


def test_a_remote_that_is_no_store_is_refused(tmp_path):
    other = tmp_path / "web.git"
    git("init", "--quiet", "-b", "main", str(other), at=tmp_path)
    (other / "README.md").write_text("hello")
    git("add", ".", at=other)
    git("commit", "--quiet", "-m", "hello", at=other)
    ben = Machine(tmp_path / "ben", str(other), "ben")

    with pytest.raises(Refused, match="is no store"):
        ben.clone()

    assert not (tmp_path / "ben").exists()


def test_a_store_of_a_newer_format_is_refused(pair):
    anna, ben = pair
    anna.save(("format",), {**anna.load("format"), "version": 99})
    git("push", "--quiet", anna.url, "main", at=anna.store.root)
    before = ben.tip

    with pytest.raises(StoreError, match="format 99"):
        ben.sync()

    assert ben.tip == before


def test_without_git_one_clear_line(pair, monkeypatch, tmp_path):
    anna, _ = pair
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(StoreError) as failed:
        anna.sync()

    assert failed.value.message == "git is not installed"


SYNC = """
import sys, pathlib
sys.path[:0] = [{tools!r}]
from synctools import Machine
m = Machine(pathlib.Path({root!r}), {url!r}, "anna", skew=500)
print("go", flush=True)
m.sync()
"""


def test_a_sync_that_is_killed_at_any_moment_loses_nothing(pair):
    anna, ben = pair
    for number in range(8):
        anna.save(TASK, {"title": "Log in", f"a{number}": number})
        ben.change(("projects", "shop", "tasks", "TASK-2"), **{f"b{number}": number})
        ben.sync()
        program = SYNC.format(tools=str(Path(__file__).parent), root=str(anna.store.root), url=anna.url)
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=os.environ)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.012 * number)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()

    deadline = time.monotonic() + 20
    while True:
        try:
            anna.store = Store(anna.store.root)
            anna.now = ben.now
            anna.sync()
            break
        except Exception as error:  # git of a killed sync may still be at it
            assert "under way" in str(error) and time.monotonic() < deadline
            time.sleep(0.05)
    ben.sync()

    assert anna.tip == ben.tip
    assert anna.load(*TASK) == {"title": "Log in", "a7": 7}
    assert anna.load("projects", "shop", "tasks", "TASK-2") == {f"b{number}": number for number in range(8)}
    assert anna.git("status", "--short") == ""
    assert anna.git("fsck", "--strict", "--no-dangling") == ""
