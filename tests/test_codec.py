import json
import os
import subprocess
import sys
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from orchestration import codec
from orchestration.errors import InvalidData

NO_NUMBER = "is not a number that JSON and this program can hold"
CONFLICT = "is a conflict marker of an unfinished merge"
ODD = [
    "", " ", "  x", "x ", "\n", "\n\n", "a\n", "a\nb", "a\n\n", "\na", "  a\nb\n", "a \nb", "a\tb",
    "\ta\nb", "a\n\tb\n", "a\n \t\nb", " \na", "a\r\nb\r\n", "\r", "\x00", "\x07\n", "a \n\x07", "\x7f",
    "\x85", "a\x85b", "a\u2028b\n", "\u2029", "\ufeff", "\ufeffa", "\ufffe", "\uffff", "\ue000",
    "\ue001 🚀", "🚀", "a\n🚀 \n", "👩\u200d💻\n\t\ue000\n", "\U0010ffff", "\xa0x", "\u3000x \ny", "é\nü",
    "yes", "No", "on", "OFF", "y", "N", "true", "True", "TRUE", "tRUE", "null", "~", "1", "012", "+12",
    "-0", "1_000", "1e3", "1.", ".5", "1.0", "-.inf", ".nan", "NaN", "0x1F", "0o14", "0b1", "1:30",
    "10:30:00", "190:20:30.15", "2024-01-15", "2024-01-15T10:30:00Z", "=", "<<", "- a", "-", "---",
    "--- a", "...", "? a", "?", ": a", ":", "a: b", "a:", "#x", "a #b", "!x", "!", "&x", "*x", "%YAML 1.1",
    "@x", "`x`", "|", ">", "[a", "{a", "a]", "a,b", "'", '"', "a'b\"c", "\\", "\\U0001F680\n🚀",
    "<<<<<<< HEAD", "=======", ">>>>>>> x", "||||||| x", "a\n=======\nb\n", "x" * 200, "x" * 1100,
    "x y\n" * 300,
]  # fmt: skip

texts = st.one_of(
    st.sampled_from(ODD),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text("ab \t\n\r-:#'\"!&*%@`|>[]{},?~<=\\🚀\ue000\x85\u2028\ufeff"),
    st.text("0123456789+-.:_eExXoOabfinINFtTZ", max_size=12),
)
numbers = st.one_of(
    st.integers(), st.integers(-(10**300), 10**300), st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(texts, inner, max_size=5)),
    max_leaves=20,
)


def load(text: str | bytes, **options: Any) -> Any:
    return codec.load(text if isinstance(text, bytes) else text.encode(), name="f.yaml", **options)


def written(data: Any) -> str:
    return codec.dump(data).decode()


def problem(text: str | bytes, **options: Any) -> str:
    with pytest.raises(InvalidData) as caught:
        load(text, **options)
    assert caught.value.hint
    return caught.value.message


@given(values)
@example(ODD)
@example([{text: [{text: text}]} for text in ODD])
@example(dict.fromkeys(ODD, ODD))
@example([1.0, 1, True, 1e22, -0.0, 0, 1e-7, 5e-324, 1.7976931348623157e308, 10**400, -(10**400)])
@example({"a": {}, "b": [], "c": [[], {}, [[]], [{}], {"d": {"e": []}}]})
def test_what_is_written_reads_back_equal(value):
    raw = codec.dump(value)
    back = load(raw)

    assert typed(back) == typed(value)
    assert codec.dump(back) == raw


@given(texts)
def test_other_yaml_readers_see_text_where_we_wrote_text(text):
    seen = yaml.safe_load(codec.dump({"key": text}))["key"]

    assert seen == text or type(seen).__name__ in ("date", "datetime")


@given(numbers)
def test_other_yaml_readers_see_the_same_numbers(number):
    assert typed(yaml.safe_load(codec.dump([number]))) == typed([number])


@pytest.mark.parametrize("text", ODD)
def test_a_lone_text(text):
    assert load(codec.dump(text)) == text


def typed(value: Any) -> Any:
    """Make 1, 1.0 and True, and 0.0 and -0.0, differ; keep the order of keys."""
    if isinstance(value, dict):
        return [(key, typed(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [typed(item) for item in value]
    return value if isinstance(value, str) else repr(value)


def test_how_a_document_looks():
    task = {
        "id": "TASK-14",
        "title": "Fix the login redirect 🚀 for Zoë",
        "created_at": "2024-01-15T10:30:00Z",
        "due": "2024-02-01",
        "points": 5,
        "estimate": 1.0,
        "huge": 1e22,
        "blocked": False,
        "parent": None,
        "tags": ["auth", "no", "1:30", "v1.2.3"],
        "links": [],
        "notes": "First line ✅ 🚀\n\n\tindented by a tab\nends in a blank \n- not a list: at all\n",
        "log": [{"at": "2024-01-15T10:30:00Z", "text": "one\ntwo"}, {"at": "later", "text": ""}],
        "wip": {"todo": 10, "on": True, "7": "seven"},
    }

    assert written(task) == (
        "id: TASK-14\n"
        "title: Fix the login redirect 🚀 for Zoë\n"
        "created_at: 2024-01-15T10:30:00Z\n"
        "due: 2024-02-01\n"
        "points: 5\n"
        "estimate: 1.0\n"
        "huge: 1.0e+22\n"
        "blocked: false\n"
        "parent: null\n"
        "tags:\n"
        "- auth\n"
        "- 'no'\n"
        "- '1:30'\n"
        "- v1.2.3\n"
        "links: []\n"
        "notes: |\n"
        "  First line ✅ 🚀\n"
        "\n"
        "  \tindented by a tab\n"
        "  ends in a blank \n"
        "  - not a list: at all\n"
        "log:\n"
        "- at: 2024-01-15T10:30:00Z\n"
        "  text: |-\n"
        "    one\n"
        "    two\n"
        "- at: later\n"
        "  text: ''\n"
        "wip:\n"
        "  todo: 10\n"
        "  'on': true\n"
        "  '7': seven\n"
    )


def test_long_lines_are_not_wrapped_and_shared_parts_are_written_twice():
    shared = ["word " * 100 + "end"]

    lines = written({"a": shared, "b": shared}).splitlines()

    assert lines == ["a:", "- " + shared[0], "b:", "- " + shared[0]]


def test_more_rare_characters_than_stand_ins_are_escaped():
    text = "".join(chr(0x20000 + n) for n in range(7000)) + "\ue000"

    raw = codec.dump([text])

    assert raw.isascii() is False
    assert b"\\U00020000" in raw
    assert load(raw) == [text]


def test_both_emitters_and_parsers_of_the_library_agree():
    script = (
        "import sys, json; sys.modules['yaml._yaml'] = None; from orchestration import codec;"
        "data = json.load(sys.stdin); raw = codec.dump(data);"
        "assert codec.load(raw, name='f') == data; sys.stdout.buffer.write(raw)"
    )
    data = [text for text in ODD if len(text) < 1000]

    run = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(data).encode(),
        capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
    )

    assert run.stdout == codec.dump(data)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), "the document is nan, which is not a JSON number"),
        ({"a": [1, float("-inf")]}, "a.1 is -inf, which is not a JSON number"),
        ({"a": {1: 2}}, "a has the key 1, which is not text"),
        ({"a": (1, 2)}, "a is a value of type tuple, not a JSON value"),
        ([b"x"], "0 is a value of type bytes, not a JSON value"),
        ([{"x"}], "0 is a value of type set, not a JSON value"),
        ({"a": "x\ud800"}, "a holds the lone surrogate U+D800"),
        ({"x": {"\udcff": 1}}, "x.\\udcff holds the lone surrogate U+DCFF"),
        ([10**5000], "0 is an integer of too many digits"),
    ],
)
def test_what_yaml_or_json_cannot_hold_is_not_written(value, message):
    with pytest.raises(InvalidData) as caught:
        codec.dump(value)

    assert caught.value.message == message
    assert caught.value.hint


def test_a_document_over_the_limit_is_neither_written_nor_read():
    with pytest.raises(InvalidData) as caught:
        codec.dump("x" * 50, limit=40)

    assert caught.value.message == "the document takes 51 bytes; 40 is the limit"
    assert problem("a: 1\n", limit=4) == "f.yaml: 5 bytes; 4 is the limit"
    assert load("a: 1\n", limit=5) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nULL", "nULL"),
        ("true", True), ("True", True), ("TRUE", True), ("false", False), ("FALSE", False),
        ("tRue", "tRue"), ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("0", 0),
        ("-0", 0), ("+12", 12), ("012", 12), ("0o14", 12), ("0x0C", 12), ("0o9", "0o9"), ("-0x1", "-0x1"),
        ("0b1", "0b1"), ("1_000", "1_000"), ("1:30", "1:30"), ("1.2.3", "1.2.3"), ("+", "+"), (".", "."),
        ("٣", "٣"), ("1.5", 1.5), ("1.", 1.0), (".5", 0.5), ("-.5e1", -5.0), ("1e3", 1000.0),
        ("1E+3", 1000.0), ("1e", "1e"), ("2024-01-15", "2024-01-15"),
        ("2024-01-15T10:30:00Z", "2024-01-15T10:30:00Z"), ("=", "="), ("'12'", "12"), ('"true"', "true"),
        ("''", ""), (".INf", ".INf"), ("a\n  b", "a b"),
    ],
)  # fmt: skip
def test_scalars_follow_the_core_schema(text, value):
    assert typed(load(f"- {text}\n")) == typed([value])


@pytest.mark.parametrize("text", ["", "\n", "# nothing here\n", "---\n", "\ufeff", "null\n"])
def test_a_document_with_nothing_in_it_is_null(text):
    assert load(text) is None


def test_keys_are_text_as_written():
    text = "1: a\nyes: b\nnull: c\n2024-01-15: d\n<<: {x: 1}\n01: e\n~: f\n"

    assert load(text) == {
        "1": "a",
        "yes": "b",
        "null": "c",
        "2024-01-15": "d",
        "<<": {"x": 1},
        "01": "e",
        "~": "f",
    }


def test_what_an_editor_may_add_does_no_harm():
    text = '\ufeff%YAML 1.2\r\n---\r\na: {b: [1, "two"]}  # remark\r\nc: >-\r\n  folded\r\n  text\r\n...\r\n'

    assert load(text) == {"a": {"b": [1, "two"]}, "c": "folded text"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: !!str 2\n", "f.yaml, line 2, column 4: a tag ('!') is not allowed"),
        ("- ! 12\n", "f.yaml, line 1, column 3: a tag ('!') is not allowed"),
        ("a: !x {b: 1}\n", "f.yaml, line 1, column 4: a tag ('!') is not allowed"),
        ("!!str a: 1\n", "f.yaml, line 1, column 1: a tag ('!') is not allowed"),
        ("a: &x 1\n", "f.yaml, line 1, column 4: the anchor &x is not allowed"),
        ("a: &x [1]\n", "f.yaml, line 1, column 4: the anchor &x is not allowed"),
        ("a:\n  - *x\n", "f.yaml, line 2, column 5: the alias *x is not allowed"),
        ("*x : 1\n", "f.yaml, line 1, column 1: the alias *x is not allowed"),
        ("a: 1\nb: 2\na: 3\n", "f.yaml, line 3, column 1: the key 'a' stands twice"),
        ("é: {1: x, '1': y}\n", "f.yaml, line 1, column 11: the key '1' stands twice"),
        ("[a]: 1\n", "f.yaml, line 1, column 1: a list or mapping cannot be a key"),
        ("? {a: 1}\n: 2\n", "f.yaml, line 1, column 3: a list or mapping cannot be a key"),
        ("a: 1\n---\nb: 2\n", "f.yaml, line 2, column 1: a second document begins"),
        ("null\n---\n", "f.yaml, line 2, column 1: a second document begins"),
        ("a: .nan\n", f"f.yaml, line 1, column 4: '.nan' {NO_NUMBER}"),
        ("a: -.Inf\n", f"f.yaml, line 1, column 4: '-.Inf' {NO_NUMBER}"),
        ("a: 1e999\n", f"f.yaml, line 1, column 4: '1e999' {NO_NUMBER}"),
        ("a: 0x" + "9" * 5000, f"f.yaml, line 1, column 4: '0x{'9' * 38}' {NO_NUMBER}"),
        ("a: " + "9" * 5000, f"f.yaml, line 1, column 4: '{'9' * 40}' {NO_NUMBER}"),
        (
            "a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> main\n",
            f"f.yaml, line 2, column 1: '<<<<<<<' {CONFLICT}",
        ),
        ("é: 1\n=======\n", f"f.yaml, line 2, column 1: '=======' {CONFLICT}"),
        ("é: a\x07b\n", "f.yaml, line 1, column 5: the character U+0007 may not stand in a YAML file"),
        ("\x00", "f.yaml, line 1, column 1: the character U+0000 may not stand in a YAML file"),
        ("a: 1\nb: \ufffe\n", "f.yaml, line 2, column 4: the character U+FFFE may not stand in a YAML file"),
        ("é: 1\né: \xff".encode()[:-2] + b"\xff\n", "f.yaml, line 2, column 4: this is not UTF-8"),
        ("a: 1\n".encode("utf-16"), "f.yaml, line 1, column 1: this is not UTF-8"),
        ("a: b: c\n", "f.yaml, line 1, column 5: mapping values are not allowed in this context"),
        ("a: 'b\n", "f.yaml, line 2, column 1: found unexpected end of stream"),
        ("a:\n\t- b\n", "f.yaml, line 2, column 1: found character that cannot start any token"),
        ("a: [1, 2\n", "f.yaml, line 2, column 1: did not find expected ',' or ']'"),
        ("a: !e!x 1\n", "f.yaml, line 1, column 4: found undefined tag handle"),
    ],
)
def test_what_is_refused_is_named_with_its_place(text, message):
    assert problem(text) == message


def test_a_marker_inside_a_text_is_no_conflict():
    assert load("a: |\n  <<<<<<< HEAD\n  =======\nb: ======= x\n") == {
        "a": "<<<<<<< HEAD\n=======\n",
        "b": "======= x",
    }


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "[[a, {b: "])
def test_a_hundred_thousand_levels_are_refused(opening):
    assert "nested more than 64 levels deep" in problem(opening * 100_000)


def test_sixty_four_levels_are_the_limit_both_ways():
    value: Any = "leaf"
    for _ in range(64):
        value = [value]

    assert load(codec.dump(value)) == value
    with pytest.raises(InvalidData) as caught:
        codec.dump({"a": value})
    assert caught.value.message == "a.0.0 is nested more than 64 levels deep"


def test_a_list_that_holds_itself_is_refused():
    value: list[Any] = []
    value.append(value)

    with pytest.raises(InvalidData):
        codec.dump(value)


@given(st.one_of(st.text(), st.text("ab: -[]{},&*!|>'\"#%@?\n\t<=~\\x0\x85🚀"), st.binary()))
def test_any_bytes_are_read_or_refused(source):
    raw = source if isinstance(source, bytes) else source.encode("utf-8", "replace")
    try:
        value = load(raw)
    except InvalidData as error:
        assert error.message.startswith("f.yaml, line ")
    else:
        assert typed(load(codec.dump(value))) == typed(value)
