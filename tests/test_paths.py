import copy
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration import paths
from orchestration.errors import BadUsage, NotFound, Refused
from orchestration.paths import MissingPath

DOCUMENT = {
    "sprint": {"tasks": {"TASK-1": {"title": "Log in", "tags": ["web", "auth"]}}, "goals": [], "note": None},
    "config": {"a.b": 1, "0": "zero", "": "nameless", "ready": True},
    "rows": [[1, 2], [3]],
}

KEYS = st.text(max_size=6) | st.text("ab.[]\"'\\ -$0", max_size=6)
PATHS = st.lists(KEYS | st.integers(-20, 20), max_size=5).map(tuple)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)
MAPPINGS = st.dictionaries(st.text("abc", max_size=2), JSON, max_size=4)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ()),
        ("a", ("a",)),
        ("a.b.c", ("a", "b", "c")),
        ("sprint.tasks.TASK-1", ("sprint", "tasks", "TASK-1")),
        ("all-team_dashboard", ("all-team_dashboard",)),
        ("équipe.用户", ("équipe", "用户")),
        ("a.0", ("a", "0")),
        ("a[0]", ("a", 0)),
        ("[0].b", (0, "b")),
        ("a[-1][2]", ("a", -1, 2)),
        ('a."b.c".d', ("a", "b.c", "d")),
        ('a["b.c"].d', ("a", "b.c", "d")),
        ("a['b.c'].d", ("a", "b.c", "d")),
        ('"b.c"', ("b.c",)),
        ('a["say \\"hi\\"\\n\\u00e9"]', ("a", 'say "hi"\né')),
        ("a['no \\n escape']", ("a", "no \\n escape")),
        ('a[""]', ("a", "")),
    ],
)
def test_parse(text, path):
    assert paths.parse(text) == path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a..b", "a name at column 3"),
        (".a", "a name at column 1"),
        ("a.", "a name at column 3"),
        ("a.[0]", "a name at column 3"),
        (" a", "a name at column 1"),
        ("a b", "'.' or '[' at column 2"),
        ("a]", "'.' or '[' at column 2"),
        ('a"b"', "'.' or '[' at column 2"),
        ("a[0]b", "'.' or '[' at column 5"),
        ("a[", "an index or a quoted key at column 3"),
        ("a[b]", "an index or a quoted key at column 3"),
        ("a[]", "an index or a quoted key at column 3"),
        ("a[0", "']' at column 4"),
        ("a[01]", "']' at column 4"),
        ("a['b'", "']' at column 6"),
        ("a['b", "a closing quote at column 5"),
        ('a."b', "a closing quote at column 5"),
        ('a["b\\q"]', "an escape of JSON at column 5"),
    ],
)
def test_parse_names_the_column_of_what_does_not_fit(text, expected):
    with pytest.raises(BadUsage) as caught:
        paths.parse(text)

    assert caught.value.message == f"bad path {text!r}: expected {expected}"
    assert caught.value.hint == 'write a path such as sprint.tasks.TASK-1, items[0] or config["a.b"]'


def test_a_jsonpath_is_not_a_path():
    with pytest.raises(BadUsage) as caught:
        paths.parse("$.a")

    assert caught.value.message == "bad path '$.a': expected a name at column 1"
    assert "JSONPath" in caught.value.hint


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("a", "TASK-1", "x_y"), "a.TASK-1.x_y"),
        (("a", 0, -1), "a[0][-1]"),
        (("a", "0"), "a.0"),
        ((0, "a"), "[0].a"),
        (("a", "b.c", "d"), 'a["b.c"].d'),
        (("b.c",), '["b.c"]'),
        (("$a", "-x", ""), '["$a"]["-x"][""]'),
        (("a", 'q"\\\n'), 'a["q\\"\\\\\\n"]'),
        (("équipe",), "équipe"),
    ],
)
def test_format(path, text):
    assert paths.format(path) == text


@given(PATHS)
def test_a_formatted_path_parses_to_itself(path):
    assert paths.parse(paths.format(path)) == path


@given(st.text(max_size=12) | st.text("ab.[]\"'\\0-$ ", max_size=12))
def test_any_text_parses_or_names_a_column_in_it(text):
    try:
        path = paths.parse(text)
    except BadUsage as error:
        column = re.search(r"at column (\d+)$", error.message)
        assert 1 <= int(column[1]) <= len(text) + 1
    else:
        assert paths.parse(paths.format(path)) == path


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", DOCUMENT),
        ("sprint.tasks.TASK-1.title", "Log in"),
        ("sprint.tasks.TASK-1.tags.1", "auth"),
        ("sprint.tasks.TASK-1.tags[1]", "auth"),
        ("sprint.tasks.TASK-1.tags[-2]", "web"),
        ("sprint.note", None),
        ("config.0", "zero"),
        ("config[0]", "zero"),
        ('config["a.b"]', 1),
        ('config[""]', "nameless"),
        ("rows[1][0]", 3),
    ],
)
def test_get(text, value):
    assert paths.get(DOCUMENT, paths.parse(text)) == value


@pytest.mark.parametrize(
    ("text", "found", "keys", "hint"),
    [
        ("sprint.taks", ("sprint",), ["tasks"], "nearest: tasks"),
        ("sprnt.tasks", (), ["sprint"], "nearest: sprint"),
        ("sprint.zzz", ("sprint",), ["tasks", "goals", "note"], "keys there: tasks, goals, note"),
        ("config.a_b", ("config",), ["a.b"], 'nearest: ["a.b"]'),
        ("rows[2]", ("rows",), ["0", "1"], "'rows' is a list of 2"),
        ('rows["-1"]', ("rows",), ["0", "1"], "'rows' is a list of 2"),
        ("rows.01", ("rows",), ["0", "1"], "'rows' is a list of 2"),
        ("rows.²", ("rows",), ["0", "1"], "'rows' is a list of 2"),
        ("sprint.goals[0]", ("sprint", "goals"), [], "'sprint.goals' is a list of 0"),
        ("config.ready.x", ("config", "ready"), [], "'config.ready' is true, not a mapping"),
        ("sprint.note.x.y", ("sprint", "note"), [], "'sprint.note' is null, not a mapping"),
        ("rows[0][1].x", ("rows", 0, 1), [], "'rows[0][1]' is a number, not a mapping"),
    ],
)
def test_get_what_is_not_there(text, found, keys, hint):
    with pytest.raises(MissingPath) as caught:
        paths.get(DOCUMENT, paths.parse(text))

    assert caught.value.message == f"no value at '{text}'"
    assert (caught.value.found, caught.value.keys, caught.value.hint) == (found, keys, hint)
    assert isinstance(caught.value, NotFound)


def test_a_missing_key_of_a_large_mapping_shows_the_first_five():
    with pytest.raises(MissingPath) as caught:
        paths.get({f"TASK-{number}": {} for number in range(9)}, ("zebra",))

    assert caught.value.hint == "keys there: TASK-0, TASK-1, TASK-2, TASK-3, TASK-4"


@pytest.mark.parametrize("data", [{}, {"other": 1}])
def test_a_missing_key_of_an_almost_empty_mapping(data):
    with pytest.raises(MissingPath) as caught:
        paths.get(data, ("a",))

    assert caught.value.keys == list(data)


@pytest.mark.parametrize("digits", ["9" * 18, "9" * 5000])
def test_an_index_of_many_digits_is_missing(digits):
    with pytest.raises(MissingPath):
        paths.get([1], (digits,))


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        ({}, "a", {"a": 9}),
        ({}, "a.b.c", {"a": {"b": {"c": 9}}}),
        ({"a": {"b": 1}}, "a.b", {"a": {"b": 9}}),
        ({"a": {"b": 1}}, "a.c", {"a": {"b": 1, "c": 9}}),
        ({"a": [1, 2]}, "a[0]", {"a": [9, 2]}),
        ({"a": [1, 2]}, "a.1", {"a": [1, 9]}),
        ({"a": [1, 2]}, "a[-1]", {"a": [1, 9]}),
        ({"a": [1, 2]}, "a[2]", {"a": [1, 2, 9]}),
        ({"a": [1, 2]}, "a.2", {"a": [1, 2, 9]}),
        ({"a": []}, "a[0].b", {"a": [{"b": 9}]}),
        ({"a": {"0": 1}}, "a[0]", {"a": {"0": 9}}),
        ({}, "a.0", {"a": {"0": 9}}),
        ([1], "[1]", [1, 9]),
        ({"a": 1}, "", 9),
    ],
)
def test_set_value(before, text, after):
    assert paths.set_value(before, paths.parse(text), 9) == after


@pytest.mark.parametrize(
    ("before", "text", "message"),
    [
        ({"a": {"b": "x"}}, "a.b.c", "'a.b' is text, not a mapping"),
        ({"a": {"b": "x"}}, "a.b.c.d", "'a.b' is text, not a mapping"),
        ({"a": None}, "a.b", "'a' is null, not a mapping"),
        ({"a": 1.5}, "a[0]", "'a' is a number, not a mapping"),
        ({"a": False}, "a.b", "'a' is false, not a mapping"),
        ("x", "a", "the document is text, not a mapping"),
        ({"a": [1, 2]}, "a[3]", "'a' is a list of 2 without the index 3"),
        ({"a": [1, 2]}, "a[-3]", "'a' is a list of 2 without the index -3"),
        ({"a": [1, 2]}, "a.b", "'a' is a list of 2 without the index 'b'"),
        ({"a": [1, 2]}, "a.b.c", "'a' is a list of 2 without the index 'b'"),
    ],
)
def test_set_value_where_it_cannot_stand(before, text, message):
    document = copy.deepcopy(before)

    with pytest.raises(Refused) as caught:
        paths.set_value(document, paths.parse(text), 9)

    assert caught.value.message == message
    assert caught.value.hint
    assert document == before


@given(MAPPINGS, PATHS.filter(bool), JSON)
def test_what_was_set_is_got_and_what_was_refused_changed_nothing(data, path, value):
    before = copy.deepcopy(data)
    try:
        data = paths.set_value(data, path, value)
    except Refused:
        assert data == before
    else:
        assert paths.get(data, path) == value


@pytest.mark.parametrize(
    ("before", "text", "found", "after"),
    [
        ({"a": 1, "b": 2}, "a", True, {"b": 2}),
        ({"a": {"b": 1}}, "a.b", True, {"a": {}}),
        ({"a": [1, 2, 3]}, "a[1]", True, {"a": [1, 3]}),
        ({"a": [1, 2, 3]}, "a.0", True, {"a": [2, 3]}),
        ({"a": [1, 2, 3]}, "a[-1]", True, {"a": [1, 2]}),
        ({"a": {"0": 1}}, "a[0]", True, {"a": {}}),
        ({"a": None}, "a", True, {}),
        ({"a": 1}, "b", False, {"a": 1}),
        ({"a": 1}, "b.c.d", False, {"a": 1}),
        ({"a": "x"}, "a.b", False, {"a": "x"}),
        ({"a": [1]}, "a[1]", False, {"a": [1]}),
    ],
)
def test_delete(before, text, found, after):
    assert paths.delete(before, paths.parse(text)) is found
    assert before == after


def test_the_whole_document_cannot_be_deleted():
    with pytest.raises(Refused, match="the whole document cannot be deleted"):
        paths.delete({"a": 1}, ())


@given(MAPPINGS, PATHS.filter(bool))
def test_a_member_that_was_deleted_is_missing(data, path):
    if paths.delete(data, (*path[:-1], str(path[-1]))):
        parent = paths.get(data, path[:-1])
        assert isinstance(parent, list) or str(path[-1]) not in parent


@pytest.mark.parametrize(
    ("base", "change", "merged"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": 1}, {"a": None}, {"a": None}),
        ({"a": 1}, {"a": {"b": 2}}, {"a": {"b": 2}}),
        ({"a": {"b": 2}}, {"a": 1}, {"a": 1}),
        ({"a": 1}, {}, {"a": 1}),
        (1, {"a": 1}, {"a": 1}),
    ],
)
def test_deep_merge(base, change, merged):
    assert paths.deep_merge(base, change) == merged


@given(MAPPINGS, MAPPINGS)
def test_deep_merge_is_idempotent_and_leaves_its_arguments_alone(base, change):
    arguments = copy.deepcopy((base, change))
    merged = paths.deep_merge(base, change)

    assert paths.deep_merge(merged, change) == merged
    assert paths.deep_merge(base, base) == base
    assert (base, change) == arguments


@pytest.mark.parametrize(
    ("base", "change", "merged"),
    [  # RFC 7396, appendix A
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch(base, change, merged):
    arguments = copy.deepcopy((base, change))

    assert paths.merge_patch(base, change) == merged
    assert (base, change) == arguments
