"""What is told of git's words when a server cannot be reached: the line that says why, and never a password."""

import pytest

from orchestration.errors import Refused
from orchestration.sync import refusals, urls


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("'https://ann:s3cret@host/a.git/'", "'https://host/a.git/'"),
        ("https://ghp_token@host/a.git", "https://host/a.git"),
        ("https://ann:p@ss@host/a.git", "https://host/a.git"),
        ("https://ann:sla/sh@host/a.git", "https://host/a.git"),
        ("https://host:8443/@team/a.git", "https://host:8443/@team/a.git"),
        ("https://[::1]:80/a.git", "https://[::1]:80/a.git"),
        ("ssh://git@host:22/a.git", "ssh://git@host:22/a.git"),
        ("ssh://git:s3cret@host/a.git", "ssh://git@host/a.git"),
        ("git@host:a.git", "git@host:a.git"),
        ("two: http://a:b@c/ and http://d:e@f/", "two: http://c/ and http://f/"),
    ],
)
def test_passwords_and_tokens_are_not_shown(text, shown):
    assert urls.redacted(text) == shown


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            "ann@host: Permission denied (publickey).\r\nfatal: Could not read from remote repository.\n\n"
            "Please make sure you have the correct access rights\nand the repository exists.\n",
            "ann@host: Permission denied (publickey).",
        ),
        (
            "** WARNING: this server is old.\nERROR: Repository not found.\n"
            "fatal: Could not read from remote repository.\n",
            "ERROR: Repository not found.",
        ),
        (
            "remote: Enumerating objects: 5, done.        \nReceiving objects:  50% (1/2)\r"
            "fetch-pack: unexpected disconnect while reading sideband packet\nfatal: early EOF\n"
            "fatal: unpack-objects failed\n",
            "fetch-pack: unexpected disconnect while reading sideband packet",
        ),
        (
            "remote: HTTP Basic: Access denied\x1b[K\n"
            "fatal: Authentication failed for 'https://ann:s3cret@host/a.git/'\n",
            "Authentication failed for 'https://host/a.git/'",
        ),
        ("fatal: the remote end hung up unexpectedly\n", "the remote end hung up unexpectedly"),
        ("fatal: unable to access 'http://host/': Failed to connect\n", "Failed to connect"),
        ("Writing objects: 100% (3/3), done.\n", "no reason given"),
    ],
)
def test_the_reason_is_the_line_that_tells_most(said, why):
    assert refusals.reason(said) == why


def test_who_may_only_read_is_refused_which_also_ends_a_watch():
    said = "fatal: unable to access 'https://host/a.git/': The requested URL returned error: 403\n"

    assert isinstance(refusals.unreachable("https://host/a.git", said, 128, "push"), Refused)
    assert isinstance(refusals.unreachable("https://host/a.git", said, 128, "fetch"), refusals.Unreachable)
