"""Which file holds which key, and which texts may be ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration import ids
from orchestration.errors import NotFound, Refused
from orchestration.store import layout

FILES = {
    ("format",): "format.yaml",
    ("config", "teams"): "config/teams.yaml",
    ("tools", "linter"): "tools/linter.yaml",
    ("conflicts", "c1"): "conflicts/c1.yaml",
    ("projects", "app", "config"): "projects/app/config.yaml",
    ("projects", "app", "tasks", "TASK-1"): "projects/app/tasks/TASK-1.yaml",
    ("projects", "app", "sprints", "sprint-1"): "projects/app/sprints/sprint-1.yaml",
    ("projects", "app", "risks", "r.1"): "projects/app/risks/r.1.yaml",
    ("projects", "app", "archive", "sprint-1", "TASK-1"): "projects/app/archive/sprint-1/TASK-1.yaml",
    ("sessions", "0A1b2c3d", "session"): "sessions/0a/0A1b2c3d/session.yaml",
    ("sessions", "x", "notes"): "sessions/x/x/notes.yaml",
}
GOOD = (
    "a",
    "0",
    "A",
    "TASK-1",
    "TASK-1-k7q2",
    "v1.2_x",
    "a-",
    "a_",
    "x" * 64,
    "lock",
    "a.locked",
    "currents",
)
BAD = {
    "": "is empty",
    "x" * 65: "is 65 characters long; 64 is the limit",
    "..": "may hold only",
    ".a": "may hold only",
    "-a": "may hold only",
    "_a": "may hold only",
    "a b": "may hold only",
    "a/b": "may hold only",
    "a\n": "may hold only",
    "a\0": "may hold only",
    "é": "may hold only",
    "1²": "may hold only",
    "٣": "may hold only",
    "a..b": "may not contain '..'",
    "a.": "may not end with a dot",
    "main.lock": "may not end with '.lock'",
    "main.LOCK": "may not end with '.lock'",
    "current": "is a reserved word",
    "None": "is a reserved word",
    "ALL": "is a reserved word",
}

an_id = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,9}", fullmatch=True).filter(
    lambda text: ids.problem(text) is None
)


@pytest.mark.parametrize("key", FILES, ids=".".join)
def test_the_file_of_a_key_and_back(key: layout.Key) -> None:
    assert layout.file_of(*key) == FILES[key]
    assert layout.key_of(FILES[key]) == key
    assert layout.split((*key, "a", "b")) == (key, ("a", "b"))


@given(
    st.one_of(
        st.tuples(st.sampled_from(["config", "tools", "conflicts"]), an_id),
        st.tuples(st.just("projects"), an_id, st.sampled_from(layout.PROJECT_FOLDERS), an_id),
        st.tuples(st.just("projects"), an_id, st.just("archive"), an_id, an_id),
        st.tuples(st.just("sessions"), an_id, an_id),
    )
)
def test_every_key_comes_back_from_its_file(key: layout.Key) -> None:
    file = layout.file_of(*key)

    assert layout.key_of(file) == key
    assert file.startswith(layout.folder_of(*key[:-1]) + "/")


@pytest.mark.parametrize(
    "file",
    [
        "README.md", ".gitignore", "format.yml", "other.yaml", "config.yaml", "config/a/b.yaml", "tools/a b.yaml",
        "tools/.a.yaml", "projects/app.yaml", "projects/app/tasks.yaml", "projects/app/notes/x.yaml",
        "projects/app/archive/x.yaml", "sessions/0a/0a1b.yaml", "sessions/0b/0a1b/session.yaml",
        "sessions/0A/0A1b/session.yaml", "sessions/0a1b/session.yaml", "sessions/0a/0a1b/x/y.yaml", ".yaml", "",
    ],
)  # fmt: skip
def test_files_that_are_not_of_the_state(file: str) -> None:
    assert layout.key_of(file) is None


@pytest.mark.parametrize(
    "key",
    [("config",), ("projects", "app"), ("projects", "app", "tasks"), ("sessions", "0a1b"), ("format", "x")],
)
def test_a_folder_is_no_file(key: layout.Key) -> None:
    with pytest.raises(Refused, match="names no file of the store"):
        layout.file_of(*key)


@pytest.mark.parametrize("path", [(), ("projects",), ("projects", "app"), ("sessions", "0a1b"), ("tools",)])
def test_a_path_that_ends_at_a_folder_does_not_split(path: layout.Key) -> None:
    with pytest.raises(Refused):
        layout.split(path)


def test_unknown_parts_name_the_known_ones() -> None:
    with pytest.raises(NotFound, match="no part 'x' in the store"):
        layout.file_of("x", "y")
    with pytest.raises(NotFound) as caught:
        layout.file_of("projects", "app", "stories", "x")
    assert caught.value.hint is not None
    assert "tasks" in caught.value.hint


@pytest.mark.parametrize("part", ["..", "a/b", "", ".git", "current"])
def test_parts_of_a_key_are_ids(part: str) -> None:
    for key in (("tools", part), ("sessions", part, "session"), ("projects", "app", "tasks", part)):
        with pytest.raises(Refused):
            layout.file_of(*key)
        with pytest.raises(Refused):
            layout.folder_of(*key)


@pytest.mark.parametrize("text", GOOD)
def test_good_ids(text: str) -> None:
    assert ids.check(text) == text


@pytest.mark.parametrize("text", BAD)
def test_bad_ids(text: str) -> None:
    problem = ids.problem(text)
    assert problem is not None
    assert problem.startswith(BAD[text])
    with pytest.raises(Refused, match="task id"):
        ids.check(text, "task id")


def test_a_long_id_is_shown_short() -> None:
    with pytest.raises(Refused) as caught:
        ids.check("x" * 100)

    assert caught.value.message == f"id '{'x' * 37}...' is 100 characters long; 64 is the limit"


def test_new_ids_differ_by_more_than_case() -> None:
    assert ids.check_new("b", ["a"]) == "b"
    with pytest.raises(Refused, match="exists already"):
        ids.check_new("a", ["a"])
    with pytest.raises(Refused, match="differs only by case from 'App'"):
        ids.check_new("app", ["App"])


@pytest.mark.parametrize(
    ("taken", "floor", "number"),
    [
        ([], 0, 1),
        (["TASK-1", "TASK-9", "TASK-10"], 0, 11),
        (["TASK-3-k7q2", "task-4"], 0, 5),
        (["TASK-x", "TASK-5-toolong", "XTASK-7", "TASK-6.x", "TASK-"], 0, 1),
        (["TASK-2"], 12, 13),
        (["TASK-" + "9" * 16], 0, 1),
    ],
)
def test_the_next_number(taken: list[str], floor: int, number: int) -> None:
    assert ids.next_number("TASK", taken, floor) == number


def test_numbered_ids() -> None:
    assert ids.numbered("TASK", 7) == "TASK-7"
    assert ids.numbered("TASK", 7, "k7q2") == "TASK-7-k7q2"
