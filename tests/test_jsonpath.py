import copy
import re
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration import jsonpath
from orchestration.errors import BadUsage
from orchestration.paths import MissingPath

LOGIN = {"title": "Log in", "status": "done", "points": 3, "tags": ["web", "auth"], "assignee": "ana"}
LOGOUT = {"title": "Log out", "status": "blocked", "points": 5, "tags": ["web"], "assignee": None}
SEARCH = {"title": "Search v2", "status": "blocked", "points": 8, "urgent": True}
EMPTY = {"title": "Sort out", "points": None}
BOARD = {
    "sprint": {
        "tasks": {"TASK-1": LOGIN, "TASK-2": LOGOUT, "TASK-3": SEARCH, "TASK-4": EMPTY},
        "goals": ["ship", "test", "rest"],
    },
    "rows": [{"id": "r1", "n": 1}, {"n": 2, "ok": True}, {"n": "3"}, 4],
    "odd": {"*": "star", "a b": "space", "null": "none", "where": "there", "é": "accent", "0": "zero"},
    "limit": 4,
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text("abc", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=15,
)
PIECES = st.lists(
    st.sampled_from(
        [
            "$",
            ".",
            "..",
            "*",
            "[",
            "]",
            "(",
            ")",
            "?",
            "@",
            "@.a",
            "a",
            "'b'",
            '"c"',
            "1",
            "-1",
            "2.5",
            ":",
            ",",
        ]
        + [
            "==",
            "!=",
            "<",
            ">=",
            "=~",
            "=",
            "&&",
            "&",
            "||",
            "|",
            "true",
            "null",
            "in",
            "!",
            "`len`",
            "+",
            "\\",
        ]
        + [" ", "[?(@.a", ")]", "[0]", "[1:2]", "where", "é", "\n", "'", "/"]
    ),
    max_size=14,
).map("".join)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$", BOARD),
        ("$.limit", 4),
        ("$.sprint.tasks.TASK-1.title", "Log in"),
        ("$.sprint.tasks['TASK-1'].title", "Log in"),
        ('$["sprint"]["tasks"]["TASK-1"]["title"]', "Log in"),
        ("$ .sprint . goals [ 0 ]", "ship"),
        ("$.sprint.goals[0]", "ship"),
        ("$.sprint.goals[-1]", "rest"),
        ("$.sprint.goals.1", "test"),
        ("$.sprint.tasks.TASK-2.assignee", None),
        ("$.odd['*']", "star"),
        ("$.odd.'a b'", "space"),
        ("$.odd['a\\u0020b']", "space"),
        ("$.odd.null", "none"),
        ("$.odd.where", "there"),
        ("$.odd.é", "accent"),
        ("$.odd.0", "zero"),
        ("$.odd[0]", "zero"),
    ],
)
def test_a_definite_path_gives_one_value(expression, value):
    assert jsonpath.find(BOARD, expression) == (True, [value])


def test_a_definite_path_to_nothing():
    with pytest.raises(MissingPath) as caught:
        jsonpath.find(BOARD, "$.sprint.taks")

    assert caught.value.message == "no value at 'sprint.taks'"
    assert caught.value.hint == "nearest: tasks"


@pytest.mark.parametrize(
    ("expression", "path"),
    [
        ("$", ()),
        ("$.a['b'][0]", ("a", "b", 0)),
        ("$.a.0", ("a", "0")),
        ("$.a[*]", None),
        ("$.*", None),
        ("$..a", None),
        ("$.a[0,1]", None),
        ("$['a','b']", None),
        ("$.a[0:1]", None),
        ("$.a[?(@.b)]", None),
        ("$.a[?(@.b)].c", None),
        ("$.a..b[0]", None),
    ],
)
def test_the_path_of_a_definite_expression(expression, path):
    assert jsonpath.parse(expression).path == path


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("$.sprint.goals[0,2]", ["ship", "rest"]),
        ("$.sprint.goals[1:]", ["test", "rest"]),
        ("$.sprint.goals[:-1]", ["ship", "test"]),
        ("$.sprint.goals[::-1]", ["rest", "test", "ship"]),
        ("$.sprint.goals[::0]", []),
        ("$.sprint.goals[*]", ["ship", "test", "rest"]),
        ("$.sprint.goals.*", ["ship", "test", "rest"]),
        ("$.sprint.goals[5,0]", ["ship"]),
        ("$.limit[*]", []),
        ("$.limit[0:1]", []),
        ("$.sprint[0:1]", []),
        ("$.nothing[*].here", []),
        ("$.sprint.tasks['TASK-2','TASK-1'].title", ["Log out", "Log in"]),
        ("$.sprint.tasks.*.points", [3, 5, 8, None]),
        ("$.sprint.tasks.*.tags[0]", ["web", "web"]),
        ("$..points", [3, 5, 8, None]),
        ("$.sprint..title", ["Log in", "Log out", "Search v2", "Sort out"]),
        ("$..tasks.TASK-1.title", ["Log in"]),
        ("$..tasks..assignee", ["ana", None]),
        ("$..['n']", [1, 2, "3"]),
        ("$.odd['*','0','nothing']", ["star", "zero"]),
    ],
)
def test_many_values(expression, values):
    assert jsonpath.find(BOARD, expression) == (False, values)


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ("@.status=='blocked'", [2, 3]),
        ('@.status=="blocked"', [2, 3]),
        ("@.status = 'blocked'", [2, 3]),
        ("@.status == blocked", [2, 3]),
        ("status == 'blocked'", [2, 3]),
        ("@['status'] == 'blocked'", [2, 3]),
        ("@.status!='blocked'", [1]),
        ("@.points==5", [2]),
        ("@.points==5.0", [2]),
        ("@.points>3", [2, 3]),
        ("@.points>=3", [1, 2, 3]),
        ("@.points<5", [1]),
        ("@.points<=5", [1, 2]),
        ("@.points<4.5", [1]),
        ("@.points>-1", [1, 2, 3]),
        ("@.points>'3'", []),
        ("@.points=='5'", []),
        ("@.status>3", []),
        ("@.status>='blocked'", [1, 2, 3]),
        ("@.points==null", [4]),
        ("@.assignee==null", [2]),
        ("@.assignee!='ana'", [2]),
        ("@.points<null", []),
        ("@.urgent==true", [3]),
        ("@.urgent==1", []),
        ("@.urgent!=1", [3]),
        ("@.urgent", [3]),
        ("@.assignee", [1, 2]),
        ("@.tags[*]=='auth'", [1]),
        ("@.tags[0]=='web'", [1, 2]),
        ("@.title=~'^Log'", [1, 2]),
        ("@.title=~'v\\d$'", [3]),
        ("@.title=~'v\\\\d$'", [3]),
        ('@.title=~"(?i)LOG OUT"', [2]),
        ("@.points=~'3'", []),
        ("@.points > $.limit", [2, 3]),
        ("@.points > @.limit", []),
        ("@.status == @['status']", [1, 2, 3]),
        ("@.id == 'TASK-2'", [2]),
        ("@.id =~ '[12]$'", [1, 2]),
        ("@.status=='blocked' && @.points>5", [3]),
        ("@.status=='blocked' & @.points>5", [3]),
        ("@.status=='blocked'&&@.points>5&&@.urgent", [3]),
        ("@.status=='done' || @.points>5", [1, 3]),
        ("@.status=='done' || @.status=='blocked' && @.points<8", [1, 2]),
        ("(@.status=='done' || @.status=='blocked') && @.points<8", [1, 2]),
        ("(@.points==3 || @.points==8) && (@.urgent || @.assignee)", [1, 3]),
        ("@.title || @.nothing", [1, 2, 3, 4]),
        ("@.nothing", []),
        ("@.nothing == 1", []),
        ("@.nothing != 1", []),
        ("@.nothing == @.nothing", []),
    ],
)
def test_filters_select_members_of_a_mapping(condition, ids):
    expected = [f"TASK-{number}" for number in ids]

    assert jsonpath.find(BOARD, f"$.sprint.tasks[?({condition})].id") == (False, expected)
    assert jsonpath.find(BOARD, f"$.sprint.tasks[?{condition}].id") == (False, expected)
    assert jsonpath.find(BOARD, f"$..tasks[?({condition})].id") == (False, expected)


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("$.rows[?(@.n<3)]", [{"id": "r1", "n": 1}, {"n": 2, "ok": True}]),
        ("$.rows[?(@.n==3)]", []),
        ("$.rows[?(@.n=='3')]", [{"n": "3"}]),
        ("$.rows[?(@.ok)].n", [2]),
        ("$.rows[?(@ > 3)]", [4]),
        ("$.sprint.goals[?(@ != 'test')]", ["ship", "rest"]),
        ("$.sprint.tasks[?(@.points>3)].points", [5, 8]),
        ("$.sprint.tasks[?(@.points>3)][?(@ == 'web')]", []),
        ("$.sprint.tasks[?(@.tags)].tags[?(@ == 'web')]", ["web", "web"]),
        ("$.sprint.tasks[?(@.tags[?(@ == 'auth')])].title", ["Log in"]),
        ("$..[?(@.status=='blocked')].title", ["Log out", "Search v2"]),
        ("$..[?(@ == 'auth')]", ["auth"]),
    ],
)
def test_filters_elsewhere(expression, values):
    assert jsonpath.find(BOARD, expression) == (False, values)


def test_a_member_taken_out_of_a_mapping_carries_its_key():
    before = copy.deepcopy(BOARD)

    assert jsonpath.find(BOARD, "$.sprint.tasks[?(@.points>5)]").values == [{"id": "TASK-3", **SEARCH}]
    assert jsonpath.find(BOARD, "$..[?(@.points>5)]").values == [{"id": "TASK-3", **SEARCH}]
    assert jsonpath.find(BOARD, "$.sprint.tasks.*").values[3] == {"id": "TASK-4", **EMPTY}
    assert before == BOARD


def test_the_id_that_a_member_has_stays():
    tasks = {"a": {"id": "other"}, "b": {"id": None}, "c": "text"}

    assert jsonpath.find(tasks, "$.*").values == [{"id": "other"}, {"id": None}, "text"]
    assert jsonpath.find(tasks, "$.*.id").values == ["other", None]


def test_the_key_is_not_a_member():
    assert jsonpath.find({"a": {"x": 1}}, "$.*.*").values == [1]


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("", "unexpected end at column 1"),
        ("a.b", "expected '$' at column 1"),
        ("@.a", "expected '$' at column 1"),
        ("$.", "unexpected end at column 3"),
        ("$..", "unexpected end at column 4"),
        ("$.a[", "unexpected end at column 5"),
        ("$.a[?(@.b", "unexpected end at column 10"),
        ("$.a[?(@.b]", "unexpected ']' at column 10"),
        ("$.a[?(@.b==)]", "unexpected ')' at column 12"),
        ("$.a]", "unexpected ']' at column 4"),
        ("$.a)", "unexpected ')' at column 4"),
        ("$.a b", "unexpected 'b' at column 5"),
        ("$a", "unexpected 'a' at column 2"),
        ("$.a[1.5]", "unexpected '1.5' at column 5"),
        ("$.a[0,'b']", "unexpected \"'b'\" at column 7"),
        ("$.a[#]", "unexpected '#' at column 5"),
        ("$.a.$", "unexpected '$' at column 5"),
        ("$.a[@.b]", "unexpected '@' at column 5"),
        ("$.a['b", "expected a closing quote at column 7"),
        ('$.a[?(@.b=="c]', "expected a closing quote at column 15"),
        ("$.a[?('b'==@.c)]", "expected a field before the operator, as in @.name == 'value', at column 7"),
        ("$.a[?(3 < @.c)]", "expected a field before the operator, as in @.name == 'value', at column 7"),
        ("$.a[?(@.b=~'(')]", "expected a regular expression in quotes at column 12"),
        ("$.a[?(@.b=~'a{99999999999}')]", "expected a regular expression in quotes at column 12"),
        ("$.a[?(@.b=~@.c)]", "expected a regular expression in quotes at column 12"),
        ("$.a[?(!@.b)]", "negation is not offered at column 7"),
        ("$.a[?(@.b in ['c'])]", "the operator 'in' is not offered at column 11"),
        ("$.a[?(@.b and @.c)]", "the operator 'and' is not offered at column 11"),
        ("$.a.`len`", "a function is not offered at column 5"),
        ("$.a.length()", "functions and grouping are not offered at column 11"),
        ("$.a[?(len(@.b) > 1)]", "functions and grouping are not offered at column 10"),
        ("$.a[\\b]", "sorting is not offered at column 5"),
        ("$.a[/b]", "arithmetic is not offered at column 5"),
        ("$.a + 1", "arithmetic is not offered at column 5"),
        ("$.a - 1", "arithmetic is not offered at column 5"),
        ("$.a * 2", "unexpected '*' at column 5"),
        ("$.a | $.b", "a single '|' is not offered at column 5"),
        ("$.a where b", "unexpected 'where' at column 5"),
        ("$" + "." * 2000, "longer than 2000 characters at column 2001"),
        ("$" + "[?@" * 31, "nested too deeply at column 92"),
        ("$.a[?" + "(" * 400, "nested too deeply at column 35"),
    ],
)
def test_a_bad_expression_names_the_column(expression, problem):
    with pytest.raises(BadUsage) as caught:
        jsonpath.parse(expression)

    assert caught.value.message == f"bad JSONPath: {problem}"
    assert caught.value.hint.startswith("a JSONPath is made of names")


@given(st.text(max_size=20) | PIECES | PIECES.map("$".__add__) | PIECES.map("$.a[?(@.a".__add__), JSON)
@settings(max_examples=300, deadline=None)
def test_any_text_finds_something_or_names_a_column_in_it(expression, data):
    before = copy.deepcopy(data)
    try:
        definite, values = jsonpath.find(data, expression)
    except BadUsage as error:
        column = re.search(r"at column (\d+)$", error.message)
        assert 1 <= int(column[1]) <= len(expression) + 1
    except MissingPath:
        pass
    else:
        assert len(values) == 1 or not definite
    assert data == before


@given(
    JSON, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), st.sampled_from(["1", "'a'", "null", "true"])
)
@settings(deadline=None)
def test_an_operator_and_its_opposite_never_hold_together(data, operator, literal):
    opposite = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}[operator]
    document = {"value": data}

    both = jsonpath.find([document], f"$[?(@.value {operator} {literal} && @.value {opposite} {literal})]")

    assert both.values == []


def test_a_long_expression_and_a_deep_document():
    deep = {"a": 1}
    for _ in range(990):
        deep = {"a": deep}

    assert jsonpath.find(deep, "$" + ".a" * 991).values == [1]
    assert len(jsonpath.find(deep, "$..a").values) == 991
    assert jsonpath.find(deep, "$" + "[?@" * 30 + "]" * 30).definite is False


def test_many_alternatives():
    condition = "||".join(f"@.id=='TASK-{number}'" for number in range(100))

    assert len(jsonpath.find(BOARD, f"$.sprint.tasks[?({condition})]").values) == 4


def test_nothing_is_said_on_the_side(capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        jsonpath.find(BOARD, "$.sprint.tasks[?(@.status == blocked & @.title =~ '[[a]')].title")
        jsonpath.find(BOARD, "$..*")

    assert capfd.readouterr() == ("", "")
