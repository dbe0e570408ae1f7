"""What the tests with the client stand on: the stand-in of the model, a conversation, a screen."""

import json
from pathlib import Path

import pytest
from clienttools import Client
from messagestub import text, use

BLOCK = """\
import json, sys
given = json.load(sys.stdin)
print(json.dumps({"decision": "block", "reason": "you said\\n  " + given["command_args"],
    "hookSpecificOutput": {"hookEventName": "UserPromptExpansion", "suppressOriginalPrompt": True}}))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder where a hook answers `/echo`."""
    claude = tmp_path / "folder" / ".claude"
    (claude / "commands").mkdir(parents=True)
    (claude / "commands" / "echo.md").write_text("---\ndescription: echo\n---\nRepeat: $ARGUMENTS\n")
    (claude / "block.py").write_text(BLOCK)
    hook = {"type": "command", "command": 'python3 "$CLAUDE_PROJECT_DIR/.claude/block.py" || true'}
    settings = {"hooks": {"UserPromptExpansion": [{"matcher": "echo", "hooks": [hook]}]}}
    (claude / "settings.json").write_text(json.dumps(settings))
    return claude.parent


def test_a_prompt_reaches_the_model_and_its_answer_the_user(client: Client, folder: Path) -> None:
    client.model.says(text("Good morning."))

    run = client.run("hello", cwd=folder)

    assert (run.text, run.answer, run.exit_code) == ("Good morning.", None, 0)
    assert [request.last.splitlines().count("hello") for request in run.requests] == [1]


def test_the_model_uses_a_tool_and_sees_what_came_of_it(client: Client, folder: Path) -> None:
    client.model.says(use("Bash", command="echo $((6 * 7))", description="count"), text("Counted."))

    run = client.run("count", cwd=folder, options=("--allowedTools", "Bash"))

    assert run.text == "Counted."
    assert [request.last for request in run.requests][1] == "42"


def test_the_answer_of_a_hook_comes_without_the_model(client: Client, folder: Path) -> None:
    with client.talk(cwd=folder) as talk:
        assert talk.say("/echo $(id) 'as it' is").answer == "you said\n  $(id) 'as it' is"
        assert talk.say("/echo again").answer == "you said\n  again"
        assert talk.say("hello").answer is None

    assert len(client.model.requests) == 1
    assert "as it" not in client.model.requests[0].said


@pytest.mark.usefixtures("tmux")
def test_the_screen_shows_what_was_typed_and_what_was_answered(client: Client, folder: Path) -> None:
    screen = client.screen(cwd=folder)
    screen.until("❯")

    screen.enter("/echo one")

    shown = screen.until("you said")
    assert "operation blocked by hook:\n  you said\n    one\n" in shown
    assert client.model.requests == []


def test_a_client_reaches_nothing_but_the_model(client: Client, folder: Path) -> None:
    if client.server.network is None:
        pytest.skip("a network of its own needs root")
    client.model.says(
        use("Bash", command="cat /proc/net/dev | tail -n +3 | cut -d: -f1", description="networks")
    )

    run = client.run("go", cwd=folder, options=("--allowedTools", "Bash"))

    assert run.requests[1].last.split() == ["lo"]
