"""Following at a terminal: real processes on a pseudo-terminal, beside a real writer."""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ENTER, LEAVE = b"\x1b[?1049h\x1b[?25l\x1b[?7l", b"\x1b[?7h\x1b[?25h\x1b[?1049l"
PROGRAM = (sys.executable, "-m", "orchestration")
PATIENCE = 15.0


class Terminal:
    """A program at a terminal of so many rows and columns."""

    def __init__(self, *words: str, rows: int = 40, columns: int = 100, term: str = "xterm") -> None:
        self.ours, theirs = pty.openpty()
        self._size(rows, columns)
        self.mode = termios.tcgetattr(theirs)
        self.theirs = theirs
        env = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
        self.process = subprocess.Popen(
            [*PROGRAM, *words], stdin=theirs, stdout=theirs, stderr=theirs, env={**env, "TERM": term},
            start_new_session=True,
        )  # fmt: skip
        self.seen = b""

    def _size(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, rows: int, columns: int) -> None:
        self._size(rows, columns)
        self.process.send_signal(signal.SIGWINCH)  # the system tells only those whose own terminal it is

    def until(self, *wanted: str) -> str:
        """Read until all texts have come since the last call, and return what came, without colours."""
        deadline, new = time.monotonic() + PATIENCE, b""
        while time.monotonic() < deadline:
            shown = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", new).decode("utf-8", "replace")
            if all(text in shown for text in wanted):
                return shown
            if select.select([self.ours], [], [], 0.05)[0]:
                data = os.read(self.ours, 65536)
                self.seen += data
                new += data
        raise AssertionError(f"{wanted} did not come; last came {new[-2000:]!r}")

    def end(self, how: int | bytes) -> int:
        """Send a signal, or press a key, and return the exit code."""
        if isinstance(how, int):
            self.process.send_signal(how)
        else:
            os.write(self.ours, how)
        code = self.process.wait(PATIENCE)
        while select.select([self.ours], [], [], 0.1)[0]:
            self.seen += os.read(self.ours, 65536)
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)


@pytest.fixture
def terminal(sprint: str) -> Iterator[Callable[..., Terminal]]:  # noqa: ARG001 - there is work to be seen
    made: list[Terminal] = []

    def terminal(*words: str, **options: Any) -> Terminal:
        made.append(Terminal(*words, "--project", "myapp", **options))
        return made[-1]

    yield terminal
    for one in made:
        one.close()


def write(title: str) -> None:
    words = ("state_manager", "task", "add", title, "--sprint", "sprint-1", "--project", "myapp")
    subprocess.run([*PROGRAM, *words], check=True, capture_output=True)
    move = ("state_manager", "task", "list", "--project", "myapp", "--json-output")
    rows = json.loads(subprocess.run([*PROGRAM, *move], check=True, capture_output=True).stdout)
    name = next(row["id"] for row in rows if row["title"] == title)
    subprocess.run(
        [*PROGRAM, "state_manager", "update-task", name, "todo", "--project", "myapp"],
        check=True, capture_output=True,
    )  # fmt: skip


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, b"q"], ids=["ctrl-c", "sigterm", "q"])
def test_a_followed_board_is_drawn_at_a_commit_and_leaves_the_terminal_as_it_was(
    terminal: Callable[..., Terminal], how: int | bytes
) -> None:
    board = terminal("board", "--follow", "--interval", "60")
    board.until("Log in", "q or Ctrl-C ends")
    assert board.seen.startswith(ENTER)
    write("Reset password")
    board.until("Reset password", "q or Ctrl-C ends")

    assert board.end(how) == 0
    assert board.seen.endswith(LEAVE)
    assert termios.tcgetattr(board.theirs) == board.mode


def test_a_window_of_another_size_is_filled_anew(terminal: Callable[..., Terminal]) -> None:
    monitor = terminal("monitor", "60", rows=40, columns=100)
    monitor.until("Last events", "q or Ctrl-C ends")

    monitor.resize(10, 60)
    shown = monitor.until("more lines in a higher window", "q or Ctrl-C ends")
    assert max(len(line) for line in shown.replace("\r", "").split("\n")) <= 60
    monitor.resize(40, 120)
    monitor.until("Last events", "q or Ctrl-C ends")


def test_a_store_that_is_away_for_a_moment_is_waited_for(
    terminal: Callable[..., Terminal], state_dir: Path, tmp_path: Path
) -> None:
    monitor = terminal("monitor", "60")
    monitor.until("Last events", "q or Ctrl-C ends")

    shutil.move(state_dir, tmp_path / "away")
    monitor.until("The store is not there at the moment", "q or Ctrl-C ends")
    shutil.move(tmp_path / "away", state_dir)
    monitor.until("Last events", "q or Ctrl-C ends")
    write("Reset password")
    monitor.until("Reset password", "q or Ctrl-C ends")
    assert monitor.end(signal.SIGINT) == 0


def test_a_follower_does_not_stop_packing(terminal: Callable[..., Terminal]) -> None:
    board = terminal("board", "--follow", "--interval", "60")
    board.until("Log in", "q or Ctrl-C ends")

    packed = subprocess.run([*PROGRAM, "state_manager", "gc"], capture_output=True, text=True, check=True)
    assert "✓ Packed" in packed.stderr
    write("Reset password")
    assert "Error" not in board.until("Reset password", "q or Ctrl-C ends")


def test_ages_are_brought_up_to_date_while_nothing_happens(terminal: Callable[..., Terminal]) -> None:
    monitor = terminal("monitor", "1")
    first = monitor.until("ages every 1 s")
    second = monitor.until("ages every 1 s")

    clock = re.compile(r"(\S+Z)  q or Ctrl-C ends")
    assert clock.findall(first)[-1] < clock.findall(second)[-1]


def test_an_idle_follower_costs_next_to_nothing(terminal: Callable[..., Terminal]) -> None:
    board = terminal("board", "--follow")
    board.until("Log in", "q or Ctrl-C ends")

    def used() -> float:
        fields = Path(f"/proc/{board.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    if not Path("/proc/self/stat").exists():
        pytest.skip("needs /proc")
    before = used()
    time.sleep(6)
    assert (used() - before) / 6 < 0.02


def test_a_terminal_that_cannot_move_its_cursor_gets_frame_below_frame(
    terminal: Callable[..., Terminal],
) -> None:
    board = terminal("board", "--follow", "--interval", "60", term="dumb")
    board.until("Log in", "q or Ctrl-C ends")
    write("Reset password")
    board.until("Reset password")

    assert board.end(signal.SIGINT) == 0
    assert b"\x1b" not in board.seen


def test_an_error_is_told_before_the_screen_is_taken(terminal: Callable[..., Terminal]) -> None:
    board = terminal("board", "sprint-9", "--follow")
    board.until("Error: no sprint 'sprint-9'")

    assert board.process.wait(PATIENCE) == 1
    assert ENTER not in board.seen


@pytest.mark.parametrize(
    "words", [("monitor",), ("board", "--follow"), ("monitor", "--json-output")], ids=" ".join
)
def test_without_a_terminal_it_is_shown_once(run: Any, sprint: str, words: tuple[str, ...]) -> None:
    shown = run("orchestration", *words, "--project", "myapp")

    assert shown.exit_code == 0
    assert sprint in shown.stdout
    assert "\x1b" not in shown.stdout
    if "--json-output" in words:
        assert shown.json["sprint"]["id"] == sprint


def test_what_is_followed_is_the_present(fails: Callable[..., str], sprint: str) -> None:  # noqa: ARG001
    assert fails(2, "orchestration", "board", "--follow", "--at", "HEAD~1", "--project", "myapp") == (
        "what is followed is the present"
    )
    assert "the present" in fails(2, "orchestration", "events", "--follow", "--at", "HEAD~1")


# -- events


def follow(*words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*PROGRAM, "events", "--follow", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], PATIENCE)[0], "no line came"
    return process.stdout.readline().rstrip("\n")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_followed_events_come_a_line_each_at_once(run: Any, sprint: str, how: int) -> None:  # noqa: ARG001
    with follow("--limit", "1", "--json-output", "--project", "myapp") as process:
        first = json.loads(line(process))
        run("task", "add", "[/api] two\nlines", "--project", "myapp")
        second = json.loads(line(process))
        process.send_signal(how)
        assert process.wait(PATIENCE) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""

    assert (first["type"], second["type"]) == ("sprint_started", "task_created")
    assert second["subject"] == "task: create TASK-3 [/api] two"


def test_followed_events_are_those_that_fit(run: Any, sprint: str) -> None:  # noqa: ARG001
    with follow("TASK-1", "review", "--type", "task_moved", "--limit", "0") as process:
        time.sleep(0.6)
        for name, column in (("TASK-2", "review"), ("TASK-1", "in_progress"), ("TASK-1", "review")):
            run("update-task", name, column, "--project", "myapp")
        assert line(process).endswith("task: TASK-1 in_progress -> review")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0


def test_following_ends_after_its_time(sprint: str) -> None:  # noqa: ARG001
    with follow("--limit", "1", "--timeout", "0.5") as process:
        shown, told = process.communicate(timeout=PATIENCE)

    assert (process.returncode, len(shown.splitlines()), told) == (0, 1, "")


def test_events_that_happened(run: Any, sprint: str) -> None:  # noqa: ARG001
    run("update-task", "TASK-1", "in_progress", "--project", "myapp")
    run("state_manager", "task", "block", "TASK-1", "no key", "--project", "myapp")

    def subjects(*words: str) -> list[str]:
        found = run("orchestration", "events", *words, "--json-output").json
        return [event["subject"] for event in found]

    assert subjects("--task", "TASK-1", "--limit", "2") == [
        "task: TASK-1 todo -> in_progress",
        "task: TASK-1 blocked: no key",
    ]
    assert subjects("--type", "task_blocked", "--since", "yesterday") == ["task: TASK-1 blocked: no key"]
    assert subjects("NO", "key") == ["task: TASK-1 blocked: no key"]
    assert subjects("--project", "other") == []


def test_no_events_are_a_sentence(run: Any) -> None:
    shown = run("orchestration", "events")

    assert (shown.exit_code, shown.stdout, shown.stderr) == (0, "", "There are no such events.\n")
