"""`state_manager purge`: where the value comes from, what is asked, and that it is never shown."""

import json
from pathlib import Path

import pytest

SECRET = "zq9mark7zq-token"


@pytest.fixture
def full(run, session):
    run("set", session, "execution.note", f"it is {SECRET}")
    run("task", "add", f"Use {SECRET}", "--session", session)
    return session


def test_a_value_from_stdin_is_removed_and_never_shown(run, full, state_dir):
    done = run("purge", "--stdin", "--yes", "--reason", "leaked", input=f"{SECRET}\n")

    assert done.exit_code == 0, done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert "✓ Nothing of it is left in this store." in done.stdout
    assert run("get", full, "execution.note").stdout == "it is [purged]\n"
    assert run("task", "show", "TASK-1", "--session", full, "--json-output").json["title"] == "Use [purged]"
    (bundle,) = Path(f"{state_dir}.purged").glob("*.bundle")
    assert str(bundle) in done.stdout
    assert run("verify").exit_code == 0
    newest = run("history", full, "--json-output")
    assert SECRET not in newest.stdout


def test_a_value_by_its_path(run, full):
    done = run("purge", full, "tasks.TASK-1.title", "--yes", "--with", "a title", "--json-output")

    assert (done.json["left"], done.json["instead"]) == ([], "a title")
    assert run("get", full, "tasks.TASK-1.title").stdout == "a title\n"
    assert run("get", full, "execution.note").stdout == f"it is {SECRET}\n"


def test_a_dry_run_counts(run, full, fails, git):  # noqa: ARG001
    shown = run("purge", "--stdin", "--dry-run", input=SECRET)

    assert shown.exit_code == 0
    assert shown.stdout.splitlines()[:3] == [
        "would rewrite:        2 commits",
        "versions of files:    2",
        "records of now:       2",
    ]
    assert SECRET in run("get", full, "execution.note").stdout
    assert SECRET not in shown.stdout


def test_without_a_yes_nothing_happens(run, full):
    refused = run("purge", "--stdin", input=SECRET)

    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[-2:] == [
        "Error: nothing was changed",
        "Hint: `--yes` does it without being asked",
    ]
    assert SECRET in run("get", full, "execution.note").stdout


@pytest.mark.parametrize(
    ("code", "words", "message"),
    [
        (2, ("purge",), "which value?"),
        (2, ("purge", SECRET), "a PATH is missing"),
        (
            2,
            ("purge", "current", "execution.note", "--stdin"),
            "the value comes from stdin or from a path, not from both",
        ),
        (1, ("purge", "current", "execution"), "execution holds a mapping, not a text"),
        (2, ("purge", "current", "execution.note", "--with", 'a "b"'), "--with cannot be that"),
        (
            2,
            ("purge", "current", "execution.note", "--with", f"it is {SECRET}"),
            "--with holds the value itself",
        ),
        (1, ("purge", "current", "execution.nothing"), "no value at 'execution.nothing'"),
    ],
)
def test_what_is_not_possible_is_said_in_a_line(full, fails, code, words, message):  # noqa: ARG001
    assert fails(code, *words).startswith(message)


def test_bytes_that_are_no_text_are_refused(full, fails):  # noqa: ARG001
    assert fails(2, "purge", "--stdin", input=b"abc\xff\xfedef") == "the value is not valid UTF-8"


def test_on_a_shared_store_the_next_steps_are_named(run, full, tmp_path, git):
    server = tmp_path / "team.git"
    git("init", "--quiet", "--bare", "-b", "main", str(server), at=tmp_path)
    run("remote", "add", "origin", str(server))
    run("sync", "--yes")
    other = ("--store", str(tmp_path / "other"))
    assert run("orchestration", "clone", str(server), *other).exit_code == 0

    done = run("purge", "--stdin", "--yes", input=SECRET)
    sent = run("sync")
    refused = run("sync", *other)
    rejoined = run("sync", "--rejoin", *other)

    assert "shared through origin: `state_manager sync` replaces the history there" in done.stdout
    assert "replaced: main: the history there was the former one" in sent.stdout
    assert (
        refused.stderr.splitlines()[-1]
        == "Hint: `state_manager sync --rejoin` takes your changes over to the new one"
    )
    assert "rejoined: 0 changes of this machine made anew" in rejoined.stdout
    assert (
        json.loads(run("get", full, "execution", "--json-output", *other).stdout)["note"] == "it is [purged]"
    )
    assert run("sync", "--rejoin", "--dry-run", *other).exit_code == 2
