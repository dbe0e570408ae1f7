"""Of secrets of known formats all are found, of ordinary values none; and what is told at once is right."""

import os
import random
import re
import string
import time
from typing import Any

import pytest
import secretsamples
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration import codec, secrets
from orchestration.secrets import detection, library
from orchestration.secrets.formats import FORMATS, LIBRARY, Row

TOKENS = secretsamples.tokens()
ROWS = [*FORMATS, *LIBRARY]
MANY = 300 if os.environ.get("ORCHESTRATION_PROOF") == "full" else 6
AROUND = (
    "{}", "the token is {}", "{}.", "token={}", '{{"key": "{}"}}', "a\n{}\nb", "`{}`", "<{}>", "(see {})", "日本{}語",
)  # fmt: skip


def kinds(text: str) -> list[str]:
    return [secret.kind for secret in detection.find(text)]


def test_there_are_enough_of_both() -> None:
    assert len(TOKENS) >= 70
    assert len({text for _, text in TOKENS.values()}) == len(TOKENS)
    assert len(set(secretsamples.ordinary())) >= 400


@pytest.mark.parametrize("name", TOKENS)
def test_a_secret_is_found_wherever_it_stands(name: str) -> None:
    kind, _ = TOKENS[name]
    for seed in range(2, 5):
        token = secretsamples.tokens(seed)[name][1]
        for around in AROUND:
            assert kind in kinds(around.format(token)), around


@pytest.mark.parametrize("value", secretsamples.ordinary(), ids=lambda value: ascii(value[:40]))
def test_an_ordinary_value_is_none(value: str) -> None:
    assert detection.find(value) == []


def test_hashes_ids_and_base64_are_never_taken_for_one() -> None:
    for seed in range(2, 25):
        made = secretsamples.ordinary(seed)[len(secretsamples.PROSE) + len(secretsamples.CODE) :]
        assert [value for value in made if detection.find(value)] == []


def test_what_is_shown_of_one_is_its_beginning() -> None:
    token = TOKENS["github"][1]

    assert [secret.hint for secret in detection.find(f"x {token}")] == ["ghp_…"]
    assert [secret.text for secret in detection.find(f"x {token} {token}")] == [token]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://user:pass@host", ["a URL with a password"]),
        ("https://user@host", []),
        ("https://user:@host", []),
        ("https://user:${PASSWORD}@host", []),
        ("https://user:$PASSWORD@host", []),
        ("https://user:%PASSWORD%@host", []),
        ("https://user:xxxx@host", []),
        ("https://user:<password>@host", []),
        ("git@host:x", []),
        ("http://[::1]:8080/a@b", []),
    ],
)
def test_a_url_is_one_with_a_password_only(text: str, found: list[str]) -> None:
    assert kinds(text) == found


def test_each_format_is_written_as_its_row_says() -> None:
    for needle, run, kind, pattern, source in ROWS:
        assert needle.strip(secrets.HASH), kind
        assert re.match(r"an? \S", kind), kind
        assert source, kind
        assert re.compile(pattern, re.ASCII), kind
        assert run <= 0 or run >= len(needle), kind


def test_each_detector_of_the_library_is_there() -> None:
    for *_, detector in LIBRARY:
        assert not library.confirms(detector, "nothing")


# -- laws


def matching(row: Row) -> st.SearchStrategy[str]:
    """Texts of a format, as its pattern describes it."""
    pattern = row[3].replace(r"(?=\S)", "h")  # what has to follow a URL's password
    return st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True, alphabet=st.characters(codec="ascii"))


@pytest.mark.parametrize("row", {row[3]: row for row in ROWS}.values(), ids=lambda row: f"{row[2]}: {row[0]}")
@settings(max_examples=MANY)
@given(data=st.data())
def test_no_secret_of_a_format_is_told_to_be_none(row: Row, data: Any) -> None:
    """The first step lets through whatever the second finds, alone and within other text."""
    text = data.draw(matching(row))
    before, after = (data.draw(st.sampled_from(("", " ", "\n", "é ", "x = '", '"'))) for _ in range(2))
    for one in (text, before + text + after):
        assert secrets.likely(one)
        if re.search(rf"(?<![A-Za-z0-9])(?:{row[3]})", one, re.ASCII):
            same = [other for other in ROWS if other[3] == row[3]]
            assert secrets.candidates(same, one) != []


LETTERS = st.text(
    st.sampled_from(string.ascii_letters + string.digits + "-_.:/@=~ \n'\"é\u00a0"), max_size=60
)
PIECES = st.sampled_from([row[0] for row in ROWS] + [text for _, text in TOKENS.values()])


@given(st.lists(st.one_of(PIECES, LETTERS), max_size=6).map("".join))
def test_what_is_told_to_be_none_holds_none(text: str) -> None:
    if not secrets.likely(text):
        assert detection.find(text) == []


@given(LETTERS, st.sampled_from(sorted(TOKENS)), LETTERS, st.booleans())
def test_a_secret_shows_in_the_record_as_it_is_written(
    before: str, name: str, after: str, as_key: bool
) -> None:
    """A write looks at the text of the file first: it may not be told to be harmless."""
    text = f"{before} {TOKENS[name][1]} {after}"
    record = {"notes": {text: 1} if as_key else {"a": [text]}}

    assert secrets.likely(codec.dump(record, name="x").decode())


@pytest.mark.parametrize("detector", sorted({row[4] for row in LIBRARY}))
def test_the_library_agrees_with_the_patterns_before_it(detector: str) -> None:
    """What one of our patterns lets through to a detector is what the detector is for."""
    rows = [row for row in LIBRARY if row[4] == detector]
    mine = [text for kind, text in TOKENS.values() if kind in {row[2] for row in rows}]
    agreed = [
        text
        for text in mine
        if any(
            library.confirms(detector, match[0])
            for row in rows
            for match in re.finditer(row[3], text, re.ASCII)
        )
    ]
    assert agreed != []


def test_long_texts_are_looked_through_in_no_time() -> None:
    """No pattern goes back and forth in a text that is made to let it."""
    filler = random.Random(1)
    for unit in ("a-", "a.", "://", "eyJ", "sk-", "aws '", "//x/:", "a:b@", "xoxb-1-", "BEGIN "):
        text = unit * 20_000 + "".join(filler.choices(string.ascii_letters, k=100))
        began = time.process_time()
        detection.find(text)
        assert time.process_time() - began < 3, unit
