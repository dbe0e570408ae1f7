"""Secrets in slash commands: refused, nowhere kept, and written with the word --allow-secret."""

import json
from typing import Any

import pytest

from orchestration.claude import events, words
from orchestration.store import hosts

HOST = "11111111-2222-3333-4444-555555555555"
TOKEN = "hf" + "_" + "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3x"
HINT = "\nHint: leave it out, for the state is meant to be pushed; --allow-secret writes it all the same"


def held(chat: Any) -> list[str]:
    """Name the files of the store that hold the token."""
    state = chat.folder / "state"
    files = (path for path in state.rglob("*") if path.is_file())
    return [str(path.relative_to(state)) for path in files if TOKEN.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        (f"/state set notes.token {TOKEN}", "notes.token"),
        (f'/state set notes --merge {{"token": "{TOKEN}"}}', "notes.token"),
        (f"/task add Use {TOKEN} to deploy", "projects.myapp.tasks.TASK-4.title"),
        (f"/block TASK-1 waits for {TOKEN}", "projects.myapp.tasks.TASK-1.blockers[0].reason"),
        (f"/split TASK-1 One; Two {TOKEN}", ".title"),
        (f"/config set metadata.token {TOKEN}", "projects.myapp.config.metadata.token"),
        (f"/team activate engineering --focus {TOKEN}", "`team activate`"),
        (f"/team activate engineering --focus {TOKEN} --yes", ".focus"),
        (f"/orchestrate task delegate Use {TOKEN}", "`task delegate`"),
        (f"/save-retro well: {TOKEN} --sprint sprint-1", "projects.myapp.sprints.sprint-1.retro.well[0]"),
    ],
)
def test_it_is_refused(chat, typed, place):
    why = chat.refused(typed)

    assert f"{place} holds what looks like a Hugging Face token (hf_a…){HINT}" in why
    assert TOKEN not in why
    assert held(chat) == []


def test_the_word_allows_it_for_once(chat):
    chat.say(f"/task add Use {TOKEN} --allow-secret --points 3")

    assert (chat.task("TASK-4")["title"], chat.task("TASK-4")["points"]) == (f"Use {TOKEN}", 3)
    assert "looks like" in chat.refused(f"/task add Use {TOKEN}")
    chat.say(f"/block TASK-1 —allow-secret waits for {TOKEN}")
    assert chat.task("TASK-1")["blockers"][0]["reason"] == f"waits for {TOKEN}"


def test_a_plan_is_applied_with_the_word_only(chat):
    line = chat.say(f"/team activate engineering --focus {TOKEN} --allow-secret").splitlines()[-1]

    assert "looks like" in chat.refused(line)
    chat.say(f"{line} --allow-secret")
    assert held(chat) != []


@pytest.mark.parametrize(
    ("text", "left", "allowed"),
    [
        ("a b", "a b", False),
        ("a --allow-secret", "a ", True),
        ("--allow-secret a  b", "a  b", True),
        ("a —allow-secret b", "a b", True),
        ('say "--allow-secret" b', 'say "--allow-secret" b', False),
        ("a -- --allow-secret", "a -- --allow-secret", False),
        ("--allow-secrets", "--allow-secrets", False),
    ],
)
def test_where_the_word_may_stand(text, left, allowed):
    assert words.without(text, "allow-secret") == (left, allowed)


@pytest.mark.parametrize("more", ["", " --allow-secret"])
def test_what_was_typed_with_it_is_not_kept_for_the_model(chat, more):
    chat.say("/task claim TASK-1")  # makes the client's session
    answers = []
    for raw in (f"notes.token {TOKEN}{more}", "notes.fine yes"):
        given = {
            "hook_event_name": "UserPromptExpansion", "session_id": HOST, "cwd": str(chat.folder),
            "command_name": "state", "command_args": f"set {raw}",
        }  # fmt: skip
        reply = events.answer("UserPromptExpansion", given, chat.env, chat.now.timestamp(), print)
        answers.append(json.loads(reply.text)["reason"])
        reply.told()

    assert (TOKEN in answers[0]) is bool(more)
    typed = "".join(path.read_text() for path in (chat.folder / "state/.git/orchestration/typed").iterdir())
    assert "notes.fine yes" in typed
    assert TOKEN not in typed
    assert hosts.fits(HOST)
