"""What a real terminal gets: colours, `NO_COLOR`, a dumb one, another encoding; and pictures."""

import os
import pty
import re
import subprocess
import sys
import tty

from inline_snapshot import snapshot
from rich.cells import cell_len

from orchestration.views import history, layout, terminal
from orchestration.views.cells import Paper, cut, wrap
from orchestration.views.layout import Bar, Bars, Card, Column, Kanban, Page, Section
from orchestration.views.tables import Table

PAPER = Paper(80)


def at_terminal(*words: str, **env: str) -> str:
    master, slave = pty.openpty()
    tty.setraw(slave)
    program = [sys.executable, "-m", "orchestration", *words]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", **env}
    with subprocess.Popen(program, stdin=subprocess.DEVNULL, stdout=slave, env=environment) as process:
        os.close(slave)
        written = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            written += piece
    os.close(master)
    assert process.returncode == 0
    return written.decode()


def test_colours_repeat_the_words(shop):
    assert shop == "shop"

    coloured = at_terminal("board", "--project", "shop", "--assignee", "ana")
    plain = at_terminal("board", "--project", "shop", "--assignee", "ana", NO_COLOR="1")

    assert "\x1b[31mblocked" in coloured
    assert "\x1b[31m" not in plain
    assert "blocked" in plain


def test_a_dumb_terminal_gets_ascii(shop):
    assert shop == "shop"

    shown = at_terminal("board", "--project", "shop", "--assignee", "ana", TERM="dumb")

    assert shown.isascii()
    assert "TODO 0 of 6       | IN PROGRESS 1 of 2| REVIEW 1 of 1     | DONE 0 of 2\n" in shown
    assert "------------------| ---" in shown


def test_an_encoding_without_the_characters_gets_their_codes(shop):
    assert shop == "shop"

    shown = at_terminal(
        "state_manager", "task", "list", "--project", "shop", "--assignee", "cy", PYTHONIOENCODING="iso8859-1"
    )

    assert "\\u65e5\\u672c" in shown


def test_a_picture():
    page = Page([["shop"]], [Section("", Bars([Bar("qa", 0.5, "ok")]))])

    shown = terminal.svg(page, 60, "shop")

    assert shown.startswith("<svg")
    assert "█" in shown
    assert re.findall('https?://[^"]*', shown) == ["http://www.w3.org/2000/svg"]


def test_cutting_counts_cells_and_keeps_characters_whole():
    for title in ("日本語の住所", "🎉🎉🎉🎉", "e\u0301e\u0301e\u0301e\u0301", "👩‍💻👩‍💻👩‍💻", "plain text"):
        for width in range(1, 12):
            shown = cut(title, width, PAPER)
            assert cell_len(shown) <= width
            assert shown == title or "…" in shown
    assert cut("日本語の住所", 6, PAPER) == "日本…"


def test_wrapping_breaks_between_words_and_cuts_the_last_line():
    assert wrap("Show the delivery date in the cart", 12, PAPER, most=2) == ["Show the", "delivery da…"]
    assert wrap("日本語の住所フォーム", 7, PAPER) == ["日本語", "の住所", "フォー", "ム"]
    assert wrap("a" * 7, 3, PAPER) == ["aaa", "aaa", "a"]
    assert wrap("one 🎉🎉🎉🎉", 5, PAPER) == ["one", "🎉🎉", "🎉🎉"]


def test_text_from_right_to_left_is_isolated():
    assert cut("שלום [v2]", 20, PAPER) == "\u2068שלום [v2]\u2069"


def test_what_would_steer_a_terminal_is_shown():
    assert layout.clean("a\x1b[31m\tb\nc\u202ed\u2066\x07") == r"a\x1b[31m b c\u202ed\u2066\x07"
    assert layout.clean("[/api] :smile: 👩‍💻") == "[/api] :smile: 👩‍💻"


def test_ages():
    assert [layout.age(hours) for hours in (None, 0, 0.5, 1, 25.5, 500)] == [
        "-", "0m", "30m", "1h 0m", "1d 1h", "20d 20h",
    ]  # fmt: skip
    assert [layout.age(hours, short=True) for hours in (0.2, 3.9, 50)] == ["12m", "3h", "2d"]


def test_a_board_of_thousands_is_drawn_without_delay():
    cards = [Card([f"TASK-{n}"], f"title {n}", [], (f"TASK-{n}", "title")) for n in range(50)]
    page = Page(
        [["board"]], [Section("", Kanban([Column("TODO", "10,000", "", cards, 9950)], ("ID", "TITLE")))]
    )

    assert terminal.text(page, 80).splitlines()[-1] == "… and 9,950 more"
    assert page.plain().splitlines()[-1] == "and 9,950 more"


def test_a_table_is_cut_from_its_last_column():
    table = Table(("ID", "NAME", "TITLE"), [("TASK-1", "somebody", "a long title of words")], "")

    assert terminal.text(table, 30) == snapshot("""\
ID      NAME      TITLE
TASK-1  somebody  a long titl…\
""")


def test_differences_have_colours_beside_their_signs():
    rows = [
        {"kind": "added", "path": "a", "old": None, "new": 1},
        {"kind": "changed", "path": "b", "old": "[x]", "new": "[y]"},
    ]

    shown = terminal.drawn(history.diff(rows), PAPER)

    assert shown.plain == '+ a: 1\n~ b: "[x]" -> "[y]"'
    assert [str(span.style) for span in shown.spans if span.style] == ["green", "yellow"]
