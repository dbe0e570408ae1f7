"""Changes to JSON that somebody wrote leave everything else as it is, and can be taken out to the byte."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.claude import json_text
from orchestration.errors import InvalidData

SETTINGS = """\
{
    "model": "opus",   "permissions": {"allow": ["Bash(ls)"], "deny": []},
    "hooks": {}
}"""

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)
FORMS: list[dict[str, Any]] = [{}, {"indent": 2}, {"indent": "\t"}, {"separators": (",", ":")}]


def test_an_element_goes_behind_the_others() -> None:
    assert json_text.append(SETTINGS, ("permissions", "allow"), "Bash(pwd)") == SETTINGS.replace(
        '"Bash(ls)"]', '"Bash(ls)",\n            "Bash(pwd)"]'
    )


def test_a_member_goes_into_an_empty_object() -> None:
    changed = json_text.put(SETTINGS, ("hooks", "Stop"), [1])

    assert changed == SETTINGS.replace(
        '"hooks": {}', '"hooks": {\n        "Stop": [\n            1\n        ]\n    }'
    )


def test_a_member_gets_another_value_in_its_place() -> None:
    assert json_text.put(SETTINGS, ("model",), "haiku") == SETTINGS.replace("opus", "haiku")


def test_the_first_of_several_goes_with_its_comma() -> None:
    assert json_text.drop('{"a": 1, "b": 2}', ("a",)) == '{"b": 2}'


def test_line_ends_of_windows_stay_theirs() -> None:
    text = '{\r\n  "a": 1\r\n}\r\n'

    assert json_text.put(text, ("b",), {"c": 2}) == (
        '{\r\n  "a": 1,\r\n  "b": {\r\n    "c": 2\r\n  }\r\n}\r\n'
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1,}', "settings.json is not JSON"),
        ("[]", "settings.json is not an object"),
        ('{"a": 1, "a": 2}', "settings.json names something twice in one object"),
    ],
)
def test_what_is_no_object_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidData, match=message):
        json_text.load(text, "settings.json")


@given(st.dictionaries(st.text(max_size=4), VALUES, max_size=4), st.sampled_from(FORMS), VALUES)
def test_what_was_put_in_comes_out_to_the_byte(
    data: dict[str, Any], form: dict[str, Any], value: Any
) -> None:
    text = json.dumps(data, **form)
    if "new name" not in data:
        changed = json_text.put(text, ("new name",), value)
        assert json.loads(changed) == {**data, "new name": value}
        assert json_text.drop(changed, ("new name",)) == text
    for name, inner in data.items():
        if isinstance(inner, list):
            changed = json_text.append(text, (name,), value)
            assert json.loads(changed)[name] == [*inner, value]
            assert json_text.drop(changed, (name, len(inner))) == text
