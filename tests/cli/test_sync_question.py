"""The question before the first push, at a terminal."""

import os
import pty
import subprocess
import sys

import pytest


@pytest.fixture
def asked(run, session, server):
    """Sync for the first time with a terminal for stdout, and an answer on stdin; returns code and stderr."""
    run("task", "add", "Log in", "--session", session)
    run("remote", "add", "origin", str(server))

    def asked(answer: str) -> tuple[int, list[str]]:
        ours, theirs = pty.openpty()
        words = [sys.executable, "-m", "orchestration", "state_manager", "sync"]
        done = subprocess.run(
            words, input=answer, stdout=theirs, stderr=subprocess.PIPE, text=True, timeout=30
        )
        os.close(theirs)
        os.close(ours)
        return done.returncode, done.stderr.splitlines()

    return asked


def refs(server):
    return subprocess.run(["git", "-C", str(server), "for-each-ref"], capture_output=True, text=True).stdout


def test_the_end_of_input_is_a_no_that_names_the_way_out(asked, server):
    code, said = asked("")

    assert (code, said) == (
        1,
        [
            "Share this? [y/N]: ",
            "Error: nothing was sent to origin yet: this would be the first time",
            "Hint: `state_manager sync --yes` shares it",
        ],
    )
    assert refs(server) == ""


def test_a_no_sends_nothing_and_a_yes_sends_it(asked, server):
    assert asked("n\n")[0] == 1
    assert refs(server) == ""

    assert asked("y\n")[0] == 0
    assert "refs/heads/main" in refs(server)
