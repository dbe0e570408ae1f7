"""The documentation is what the program does: transcripts are run, reference and pictures are made anew."""

import importlib
import itertools
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest

from orchestration.claude.table import FAMILIES

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))
TEST_LINE = "uv run --group dev pytest"
TOOLS = ("bash", "git", "jq", "perl")
HOMES = re.compile(r"/home/(?:ana|ben|cleo|git)\b")
HOSTS = {"docs.astral.sh", "git.example.com", "keepachangelog.com", "semver.org"}


def _load() -> ModuleType:
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        return importlib.import_module("generate")
    finally:
        sys.path.pop(0)


generate: Any = _load()


def _name(page: Path) -> str:
    return page.name


@pytest.fixture(scope="module")
def stale() -> dict[Path, list[Any]]:
    """What the transcripts of each page show differently now."""
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(generate.TRANSCRIPTS, pool.map(generate.stale, generate.TRANSCRIPTS), strict=True))


@pytest.fixture(scope="module")
def pictures() -> dict[Path, str]:
    """The pictures as they are made now."""
    found: dict[Path, str] = generate.pictures()
    return found


@pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}")
@pytest.mark.parametrize("page", generate.TRANSCRIPTS, ids=_name)
def test_a_transcript_shows_what_the_commands_show(page: Path, stale: dict[Path, list[Any]]) -> None:
    assert [(step.command, step.output, shown) for step, shown in stale[page]] == []


def test_the_reference_is_up_to_date() -> None:
    # Compared by words: releases of click wrap lines differently.
    hint = "run `uv run --group dev python docs/generate.py`"
    assert generate.REFERENCE.read_text().split() == generate.refresh_reference().split(), hint


def test_the_pictures_are_up_to_date(pictures: dict[Path, str]) -> None:
    folder = ROOT / "docs" / "images"

    assert {file.name: file.read_text() for file in folder.iterdir()} == {
        file.name: picture for file, picture in pictures.items()
    }


def test_a_picture_fetches_and_runs_nothing(pictures: dict[Path, str]) -> None:
    shown = "".join(pictures.values())

    assert set(re.findall(r"\w+://[^\s\"')<]*", shown)) == {"http://www.w3.org/2000/svg"}
    assert re.findall(r"<script|href|url\((?!#)|@import|@font-face", shown) == []


def test_every_command_is_in_the_reference() -> None:
    headings = re.findall(r"^### (.*)$", generate.REFERENCE.read_text(), re.MULTILINE)

    expected = [
        f"{name} {words}"
        for name, group in generate.groups().items()
        for words, _ in generate.commands(group, click.Context(group, info_name=name))
    ]
    assert headings == expected


def test_every_variable_the_program_reads_is_documented() -> None:
    reference = generate.REFERENCE.read_text()
    package = ROOT / "orchestration"
    fronts = (package / "cli", package / "claude")
    files = [
        package / "surroundings.py",
        package / "workplace.py",
        *(file for front in fronts for file in front.glob("*.py")),
    ]
    source = "\n".join(file.read_text() for file in files)

    read = set(re.findall(r'"((?:CLAUDE|ORCHESTRATION)_[A-Z_]+)"', source))
    assert len(read) > 5
    assert {name for name in read if f"| `{name}` |" not in reference} == set()


def test_the_table_of_slash_commands_is_up_to_date() -> None:
    hint = "run `uv run --group dev python docs/generate.py`"
    assert generate.CHAT.read_text() == generate.refresh_commands(), hint


def test_every_slash_command_is_in_the_table() -> None:
    named = re.findall(r"^\| `(/[a-z][^`]*)` \|", generate.CHAT.read_text(), re.MULTILINE)

    expected = [f"/{name} {form}".rstrip() for name, family in FAMILIES.items() for form in family.forms]
    assert len(named) == len(expected)
    for said, words in zip(named, expected, strict=True):
        assert f"{said} ".startswith(f"{words} ")


# -- commands that the pages name


def _calls(page: Path) -> Iterator[list[str]]:
    """Yield the words of each call of a script in the blocks of a page."""
    text = page.read_text()
    written = [step.command for step in generate.steps(text)]
    written += [line for block in _blocks(page) for line in block.splitlines()]
    for commands in written:
        for script in re.finditer(r"uv run \S*?\b(\w+\.py)", commands):
            lexer = shlex.shlex(
                commands[script.start(1) :].replace("\\\n", " "), posix=True, punctuation_chars=True
            )
            lexer.whitespace_split = True
            yield list(itertools.takewhile(lambda word: not set(word) <= set("();<>|&"), lexer))


def _command(words: list[str]) -> tuple[click.Command | None, list[str]]:
    """Return the command that words call, and the words after its name."""
    command: click.Command | None = generate.groups()[words[0]]
    rest = words[1:]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        command, rest = command.get_command(click.Context(command), rest[0]), rest[1:]
    return command, rest


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_commands_in_blocks_exist_with_their_options(page: Path) -> None:
    wrong = []
    for words in _calls(page):
        command, rest = _command(words)
        known = {name for option in command.params for name in option.opts} if command else set()
        if command is None or {word for word in rest if word.startswith("--")} - known - {"--help"}:
            wrong.append(words)
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_commands_in_sentences_exist(page: Path) -> None:
    text = page.read_text().partition(generate.MARK)[0]
    scripts = "session_manager|state_manager|shared_state|event_stream|observability"
    named = [
        (f"{script}.py", word) for script, word in re.findall(rf"`({scripts})(?:\.py)? ([a-z][a-z-]*)", text)
    ]
    named += [("orchestration", word) for word in re.findall(r"`orchestration ([a-z][a-z_-]*)", text)]

    assert [words for words in named if _command(list(words))[0] is None] == []


CLIENTS_OWN = {"clear", "compact", "plugin", "settings"}
"""Slash commands of Claude Code that the pages speak of."""


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_slash_commands_in_sentences_exist(page: Path) -> None:
    wrong = []
    for said in re.findall(r"`/([a-z][a-z-]*(?: [^`]*)?)`", page.read_text()):
        name, *rest = said.split()
        family = FAMILIES.get(name)
        if name in CLIENTS_OWN or (name == "NAME"):
            continue
        forms = {" ".join(rest[:count]) for count in (1, 2, 3)} if rest else {""}
        free = family is not None and "" in family.forms and family.forms[""].usage
        if family is None or not (free or forms & set(family.forms) or rest[0] in ("help", "apply")):
            wrong.append(said)
    assert wrong == []


# -- the pages themselves


def _blocks(page: Path) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)


def test_the_readme_begins_with_a_session_and_the_tests() -> None:
    first, second = _blocks(ROOT / "README.md")[:2]

    assert first.splitlines() == [
        "pip install uv",
        "uv run .claude/scripts/session_manager.py create --mode development --project myapp",
    ]
    assert second == TEST_LINE + "\n"
    assert TEST_LINE in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_relative_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" in link:
            continue
        file, _, anchor = link.partition("#")
        target = page.parent / file if file else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(link)
    assert broken == []


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_pages_name_only_known_hosts_and_no_place_of_one_machine(page: Path) -> None:
    text = page.read_text()

    assert set(re.findall(r"https?://([^/\s)]+)", text)) <= HOSTS
    paths = re.findall(r"(?<![\w.~/-])/(?:home|root|tmp|work|opt|usr|var|Users|private)/\S*", text)
    assert [path for path in paths if not HOMES.match(path)] == []


# -- the comparison


@pytest.mark.parametrize(
    ("expected", "shown", "same"),
    [
        ("commit 0123456789ab\n", "commit ba9876543210\n", True),
        ("✓ Created TASK-1: x\n", "✓ Created TASK-2: x\n", False),
        ("at 2024-01-15T10:30:00Z\n", "at 2026-11-22T14:30:13.840965Z\n", True),
        ("a …\n", "a b c\n", True),
        ("a …\n", "a b\nc\n", False),
        ("a\n…\nd\n", "a\nb\nc\nd\n", True),
        ("a\n", "a\nb\n", False),
    ],
)
def test_an_output_matches(expected: str, shown: str, same: bool) -> None:
    assert generate.matches(expected, shown) is same


def test_steps_of_a_transcript() -> None:
    text = "```console\n$ one \\\n>   two\nout\n\nmore\n$ three\n```\n"

    assert [(step.command, step.output) for step in generate.steps(text)] == [
        ("one \\\n  two", "out\n\nmore\n"),
        ("three", ""),
    ]
