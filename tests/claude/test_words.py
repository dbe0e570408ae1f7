import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.claude import usage, words
from orchestration.errors import BadUsage


def said(text: str) -> list[str]:
    return [word.text for word in words.split(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("  \n ", []),
        ("TASK-1 in_progress", ["TASK-1", "in_progress"]),
        ('TASK-1 "Waiting for the vendor"', ["TASK-1", "Waiting for the vendor"]),
        ("TASK-1 Waiting for the vendor's docs", ["TASK-1", "Waiting", "for", "the", "vendor's", "docs"]),
        ("'don't panic'", ["don't panic"]),
        ("“curly quotes” here", ["curly quotes", "here"]),
        ('"never closed', ['"never', "closed"]),
        ('a"b c"d', ['a"b', 'c"d']),
        ('--force="two words" text:"a b"', ["--force=two words", "text:a b"]),
        ("$(rm -rf x) `ls` $HOME; && |", ["$(rm", "-rf", "x)", "`ls`", "$HOME;", "&&", "|"]),
        ('""', [""]),
        (r"C:\path \"x\"", ["C:\\path", '\\"x\\"']),
    ],
)
def test_words_as_a_person_means_them(text: str, found: list[str]) -> None:
    assert said(text) == found


@given(st.text(max_size=80))
def test_every_word_stands_where_it_says(text: str) -> None:
    at = 0
    for word in words.split(text):
        assert text[at : word.start].strip() == ""
        assert word.text in text[word.start : word.end] or len(word.text) < word.end - word.start
        at = word.end
    assert text[at:].strip() == ""


BLOCK = "TASK REASON... [--severity low|medium|high|critical] [--on TASK]"


def parsed(line: str, raw: str) -> dict[str, object]:
    return usage.parse(line, raw, words.split(raw), said="/x")


def test_free_text_is_kept_as_it_was_typed() -> None:
    assert parsed(BLOCK, 'T-1  waits   for `x` && "y" z')["reason"] == 'waits   for `x` && "y" z'
    assert parsed(BLOCK, 'T-1 "waits for # y"')["reason"] == "waits for # y"
    assert parsed(BLOCK, "T-1 two\nlines --severity high")["reason"] == "two\nlines"
    assert parsed(BLOCK, "T-1 a --severity high b")["reason"] == "a b"


def test_options_and_choices() -> None:
    found = parsed(BLOCK, "T-1 x --severity HIGH —on T-2")

    assert (found["severity"], found["on"]) == ("high", "T-2")
    with pytest.raises(BadUsage, match="'hig' is not one of low, medium, high, critical") as refused:
        parsed(BLOCK, "T-1 x --severity hig")
    assert refused.value.hint == f"did you mean high? usage: /x {BLOCK}"


def test_an_option_takes_words_up_to_the_next() -> None:
    found = parsed("TASK COLUMN [--force REASON...] [--yes]", "T-1 done --force the vendor said so --yes")

    assert (found["force"], found["yes"]) == ("the vendor said so", True)


def test_what_is_missing_and_what_is_too_much() -> None:
    with pytest.raises(BadUsage, match="COLUMN is missing"):
        parsed("TASK COLUMN", "T-1")
    with pytest.raises(BadUsage, match="'now' is a word too many"):
        parsed("TASK COLUMN", "T-1 done now")
    with pytest.raises(BadUsage, match="/x has no option --forse") as refused:
        parsed("TASK COLUMN [--force REASON...]", "T-1 done --forse y")
    assert refused.value.hint == "did you mean --force?"
    assert parsed("[SPRINT] [--yes]", "") == {"sprint": None, "yes": False}


def test_a_comment_is_dropped_where_no_text_is_taken() -> None:
    assert parsed("TEAM [--yes]", "devops  # for infrastructure") == {"team": "devops", "yes": False}
    assert parsed("[SPRINT]", "#sprint-1") == {"sprint": "#sprint-1"}
    assert parsed("TASK REASON...", "T-1 see # 4")["reason"] == "see # 4"
    assert parsed("PATH VALUE...", 'notes.x "a # b"  # set it')["value"] == "a # b"


def test_a_named_choice_and_several_words() -> None:
    assert parsed("ID VOTE=yes|no|abstain", "DEC-1 yes") == {"id": "DEC-1", "vote": "yes"}
    assert parsed("FROM TASKS+", "a b c") == {"from": "a", "tasks": ["b", "c"]}
    assert usage.shown("ID VOTE=yes|no|abstain") == "ID yes|no|abstain"
