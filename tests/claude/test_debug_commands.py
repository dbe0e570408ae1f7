"""`/debug`: what it sees, what it measures, and that it changes nothing."""

import json
import subprocess

import pytest

from orchestration.claude import dispatch


def state_of(chat):
    """Everything in the store that is not a cache of this machine, by name and content."""
    root = chat.client().store.root
    return {
        str(file.relative_to(root)): file.read_bytes()
        for file in root.rglob("*")
        if file.is_file() and ".git/orchestration" not in str(file)
    }


@pytest.mark.parametrize(
    "typed",
    [
        "/debug", "/health", "/debug state",
        "/debug state sessions", "/debug state project", "/debug state tasks --deep",
        "/debug state sprints", "/debug state tools", "/debug state locks", "/debug state events",
        "/debug state orchestrator", "/debug events --trace", "/debug logs", "/debug agents --validate",
        "/debug messages", "/debug integration", "/debug performance --profile",
    ],
)  # fmt: skip
def test_nothing_is_changed(running, typed) -> None:
    before = state_of(running)

    assert running.say(typed)

    assert state_of(running) == before


def test_health_says_in_words_what_wants_a_look(running) -> None:
    page = running.say("/debug                        # System health check")

    assert page.startswith("Health  It works; something wants a look.\n")
    assert "green  records   0 errors, 0 warnings" in page
    assert "amber  hooks     no hooks of ours" in page


def test_health_of_a_damaged_store(running) -> None:
    root = running.client().store.root
    (root / "projects/myapp/tasks/TASK-1.yaml").write_text("id: [\n")

    assert "red    records   1 error, 0 warnings" in running.say("/debug")

    (root / ".git/HEAD").write_text("garbage\n")
    assert "red    store  HEAD of the store at" in running.say("/debug")


def test_health_without_a_store_makes_none(empty) -> None:
    assert "amber  store     there is none yet at" in empty.say("/debug")
    assert not (empty.folder / "state").exists()


def test_hooks_are_seen_where_they_are_installed(running) -> None:
    folder = running.folder / ".claude"
    (folder / "hooks").mkdir(parents=True)
    (folder / "hooks/run").write_text("#!/bin/sh\n")
    (folder / "hooks/run").chmod(0o755)
    command = '"$CLAUDE_PROJECT_DIR"/.claude/hooks/run UserPromptExpansion || true'
    hooks = {"UserPromptExpansion": [{"hooks": [{"type": "command", "command": command}]}]}
    (folder / "settings.json").write_text(json.dumps({"hooks": hooks}))

    assert "green  hooks     in .claude/settings.json" in running.say("/debug")


def test_a_component_there_is_not(running) -> None:
    assert "did you mean tasks?" in running.refused("/debug state taskz")
    assert "there are sessions, project" in running.refused("/debug state ../../etc")


def test_a_session_by_its_id(running) -> None:
    session = running.client().session

    assert f"sessions/{session[:2]}/{session}" in running.say(f"/debug state {session[:8]}")


def test_what_leads_to_nothing_is_an_orphan(running) -> None:
    root = running.client().store.root
    file = root / "projects/myapp/tasks/TASK-3.yaml"
    file.write_text(file.read_text().replace("sprint_id: null", "sprint_id: gone"))

    shown = running.say("/debug state tasks")

    assert "gone" in shown.partition("Orphans")[2]
    assert shown.endswith("To see what would be mended: /config fix --dry-run")


def test_a_trace_names_command_change_and_event(running) -> None:
    running.say("/block TASK-1 no key")

    shown = running.say("/debug events task_blocked --trace")

    assert "  → wrote projects/myapp/tasks/TASK-1.yaml\n    → task_blocked " in shown
    assert shown.endswith("    because no key")
    assert "types there are:" in running.say("/debug events task_blokked")


def test_the_log_by_level_and_number(running) -> None:
    place = running.client().store.private / "log"
    place.write_text("2026-01-05T09:00:00Z ERROR one\n2026-01-05T09:00:01Z INFO two \x1b[31m\n")

    def lines(options: str) -> list[str]:
        # The place of the log, above, may take two lines.
        _, _, shown = running.say(f"/debug logs {options}").partition("\n\n")
        return list(shown.splitlines())

    assert lines("--level error") == ["2026-01-05T09:00:00Z ERROR one"]
    assert lines("--tail 1") == ["2026-01-05T09:00:01Z INFO two \\x1b[31m"]
    assert "amber  log       2 lines in the last day" in running.say("/debug")


def test_measurements_are_of_this_store_and_leave_nothing(running, tmp_path, monkeypatch) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))

    shown = running.say("/debug performance --benchmark")

    for step in ("python alone", "start-up", "read", "write", "lock wait", "render"):
        assert f"\n{step} " in shown
    assert list(place.iterdir()) == []


def test_the_trial_passes_every_step_and_leaves_nothing(running, tmp_path, monkeypatch) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))

    shown = running.say("/debug integration --test")

    assert "Trial run in a folder of its own: 11 of 11 steps passed" in shown
    assert "fail" not in shown
    assert list(place.iterdir()) == []


def test_the_trial_says_what_fails(running, monkeypatch) -> None:
    from orchestration.claude import trial

    monkeypatch.setattr(trial, "_LIMIT", 0.001)

    answer = running.ask("/debug integration --test")

    assert answer.failed
    assert "\nfail  a session makes the store" in answer.text
    assert "timed out after" in answer.text


def test_messages_to_an_agent(running) -> None:
    client = running.client()
    data = json.dumps({"to": "qa-analyst", "kind": "question", "text": "ready?"})
    with client.transaction() as tx:
        tx.emit("message", "message: question to qa-analyst", project="myapp", data=data)

    assert "qa-analyst  question  ready?" in running.say("/debug messages @qa-analyst")
    assert running.say("/debug messages @engineering-ux") == "There are no messages to engineering-ux."


def test_a_writer_is_seen_while_it_writes(running) -> None:
    client = running.client()
    with client.store.lock.held():
        assert "store.lock  held: somebody is writing now" in running.say("/debug state locks")
    assert "store.lock  free" in running.say("/debug state locks")


def test_git_agrees_after_all_of_it(running) -> None:
    for typed in ("/debug state tasks --deep", "/debug performance"):
        dispatch.answer(running.client(), *typed.removeprefix("/").split(" ", 1))

    root = str(running.client().store.root)
    for words in (["fsck", "--strict"], ["status", "--porcelain"]):
        done = subprocess.run(["git", "-C", root, *words], check=True, capture_output=True, text=True)
        assert done.stdout == ""
