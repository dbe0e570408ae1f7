"""The line that says how far something long has come."""

import re

import pytest

from orchestration.views import progress


def bare(*given: object) -> str:
    line = progress.line(*given)  # type: ignore[arg-type]
    return re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip()


def test_while_it_is_counted_there_is_no_bar() -> None:
    assert bare("reading history", 0, 10_500, 3.0, 79) == "reading history 10,500 found"


def test_the_time_left_is_that_of_the_pace_so_far() -> None:
    line = bare("reading history", 25_000, 100_000, 30.0, 79)

    assert re.sub("[━╸╺]+", "=", line) == "reading history = 25%  25,000 of 100,000  1m 30s left"


@pytest.mark.parametrize("columns", [40, 60, 79, 139])
@pytest.mark.parametrize("done", [1, 999, 100_000])
def test_it_is_one_line_of_the_terminal(columns: int, done: int) -> None:
    line = bare("git: checking objects", done, 100_000, 12.0, columns)

    assert len(line) <= columns and "\n" not in line


def test_a_terminal_without_unicode_gets_none() -> None:
    assert progress.line("reading history", 1, 2, 1.0, 79, "ascii").isascii()
