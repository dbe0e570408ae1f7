"""Questions to a document: `$.sprint.tasks[?(@.status == 'blocked')].title`.

The grammar is jsonpath-ng's extended one. Its tokens are read here, so that every complaint has a column and
what is not offered is refused by name. The answers are found here too, because records are mappings keyed by
id: filters select members of mappings as well as of lists, and such a result carries its key as `id`.
"""

import json
import re
import warnings
from collections.abc import Callable, Iterator
from operator import ge, gt, le, lt
from typing import Any, NamedTuple

from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.ext.filter import And, Filter, Or
from jsonpath_ng.ext.parser import ExtendedJsonPathParser
from jsonpath_ng.jsonpath import Child, Descendants, Fields, Index, JSONPath, Root, Slice

from orchestration import paths
from orchestration.errors import BadUsage

MAX_LENGTH = 2000  # characters
MAX_NESTING = 30  # brackets in brackets; answering recurses once per level


class Query(NamedTuple):
    """A parsed expression; `path` is set when it is definite: names and single indexes only."""

    tree: JSONPath
    path: paths.Path | None


class Result(NamedTuple):
    """What an expression found: exactly one value when it is definite, else any number."""

    definite: bool
    values: list[Any]


class Node(NamedTuple):
    """A value on the way to an answer, with its key when a filter or wildcard took it out of a mapping."""

    value: Any
    key: str | None = None


def find(data: Any, expression: str) -> Result:
    """Evaluate a JSONPath; raise BadUsage for a bad one, MissingPath when a definite one names nothing.

    `data` is not changed, and the result shares its values.
    """
    query = parse(expression)
    if query.path is not None:
        return Result(True, [paths.get(data, query.path)])
    return Result(False, [_with_id(node) for node in _select(query.tree, [Node(data)], data)])


def parse(expression: str) -> Query:
    """Parse a JSONPath; raise BadUsage naming the column of what does not fit."""
    if len(expression) > MAX_LENGTH:
        raise _bad(f"longer than {MAX_LENGTH} characters", MAX_LENGTH)
    read: list[_Token] = []

    def tokens() -> Iterator[Any]:
        for token in _tokens(expression):
            read.append(token)
            yield token
        read.append(_Token("end", "", len(expression)))

    try:
        # Made anew each time, for it is not safe between threads; well under a millisecond.
        tree = ExtendedJsonPathParser().parse_token_stream(tokens())
    except JSONPathError:
        wrong = read[-1]
        if wrong.type == "end":
            raise _bad("unexpected end", wrong.at) from None
        if wrong.text in ("in", "and", "or"):
            raise _bad(f"the operator '{wrong.text}' is not offered", wrong.at) from None
        raise _bad(f"unexpected {wrong.text!r}", wrong.at) from None
    return Query(tree, _definite_path(tree))


class _Wildcard(str):
    """A type of its own, since a quoted '*' is a name."""


_ANY = _Wildcard("*")
_TOKEN = re.compile(
    r"""(?P<SPACE>\s+)
      | (?P<STRING>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<DOUBLEDOT>\.\.)
      | (?P<AND>&&?)
      | (?P<OR>\|\|)
      | (?P<FILTER_OP>=~|==?|!=|<=|>=|<|>)
      | (?P<FLOAT>-?[0-9]+(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+))
      | (?P<NUMBER>-?[0-9]+)
      | (?P<ID>[^\W\d][\w-]*)
      | (?P<MARK>[*.\[\]()$,:?@])
    """,
    re.VERBOSE | re.DOTALL,
)
# After a dot digits belong to the name: `$.releases.2024-01`, `$.items.0`.
_NAME = re.compile(r"(?P<ID>\w[\w-]*)")
_WORDS: dict[str, tuple[str, Any]] = {"true": ("BOOL", True), "false": ("BOOL", False)}
_WORDS |= {"null": ("NULL", "null"), "*": ("ID", _ANY)}
_DOTS = (".", "DOUBLEDOT")
_OPERAND_FOLLOWS = ("?", "(", "AND", "OR")
_NOT_OFFERED = {"!": "negation", "`": "a function", "\\": "sorting", "|": "a single '|'"}
_NOT_OFFERED |= dict.fromkeys("+-/", "arithmetic")


class _Token:
    """What the parser reads of a token, and where it stood."""

    quoted = True  # a bare word after an operator is text; unquoted it draws a deprecation warning
    lineno = 1

    def __init__(self, kind: str, text: str, at: int) -> None:
        self.type: str
        self.value: Any
        if kind in _VALUES:
            self.type, self.value = "ID" if kind == "STRING" else kind, _VALUES[kind](text)
        else:
            self.type, self.value = _WORDS.get(text, (kind, text))
        self.text = text
        self.at = self.lexpos = self.col = at


def _tokens(expression: str) -> Iterator[_Token]:
    before = ""
    depth = at = 0
    while at < len(expression):
        match = (_NAME.match(expression, at) if before in _DOTS else None) or _TOKEN.match(expression, at)
        if match is None:
            wrong = expression[at]
            if wrong in "'\"":
                raise _bad("expected a closing quote", len(expression))
            if wrong in _NOT_OFFERED:
                raise _bad(f"{_NOT_OFFERED[wrong]} is not offered", at)
            raise _bad(f"unexpected {wrong!r}", at)
        text = match[0]
        kind = text if match.lastgroup == "MARK" else str(match.lastgroup)
        if kind != "SPACE":
            depth += (kind in ("[", "(")) - (kind in ("]", ")"))
            problem = "nested too deeply" if depth > MAX_NESTING else _misplaced(kind, text, before)
            if problem is not None:
                raise _bad(problem, at)
            yield _Token(kind, text, at)
            before = text if text == "=~" else kind
        at = match.end()


def _misplaced(kind: str, text: str, before: str) -> str | None:
    """Say what is wrong with a token after `before` that the grammar takes, or takes for something else."""
    if not before:
        return None if kind == "$" else "expected '$'"
    if before == "=~" and not (kind == "STRING" and _is_pattern(_unescape(text))):
        return "expected a regular expression in quotes"
    if before in _OPERAND_FOLLOWS and (kind in _VALUES or text in _WORDS):
        return "expected a field before the operator, as in @.name == 'value',"
    if kind == "(" and before not in _OPERAND_FOLLOWS:
        return "functions and grouping are not offered"
    if kind in ("$", "@") and before not in (*_OPERAND_FOLLOWS, "FILTER_OP"):
        return f"unexpected '{kind}'"
    return "unexpected '*'" if kind == "*" and before not in (*_DOTS, "[", ",") else None


_ESCAPE = re.compile(r"""(?:\\u[0-9A-Fa-f]{4})+|\\[\\'"/nrt]""")


def _unescape(quoted: str) -> str:
    # Other backslashes stay, so that a pattern may say '\d' as well as '\\d'.
    return _ESCAPE.sub(
        lambda match: "'" if match[0] == r"\'" else str(json.loads(f'"{match[0]}"')), quoted[1:-1]
    )


_VALUES: dict[str, Callable[[str], Any]] = {"STRING": _unescape, "NUMBER": int, "FLOAT": float}


def _is_pattern(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `re` would print its doubts about '[[' on stderr
            re.compile(text)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def _bad(problem: str, at: int) -> BadUsage:
    return BadUsage(
        f"bad JSONPath: {problem} at column {at + 1}",
        hint="a JSONPath is made of names, [0], [1:3], *, .. and filters such as "
        "[?(@.points >= 3 && @.status == 'done')]",
    )


def _definite_path(tree: JSONPath) -> paths.Path | None:
    path: list[str | int] = []
    while isinstance(tree, Child):
        keys = _keys(tree.right)
        if len(keys) != 1 or keys[0] is _ANY:
            return None
        path.append(keys[0])
        tree = tree.left
    return tuple(reversed(path)) if isinstance(tree, Root) else None


def _select(path: JSONPath, nodes: list[Node], root: Any) -> list[Node]:
    links: list[Child | Descendants] = []
    while isinstance(path, (Child, Descendants)):
        links.append(path)
        path = path.left
    nodes = _step(path, nodes, root)
    for link in reversed(links):
        if isinstance(link, Descendants):
            nodes = [inner for node in nodes for inner in _descendants(node)]
        nodes = _select(link.right, nodes, root)
    return nodes


def _step(part: JSONPath, nodes: list[Node], root: Any) -> list[Node]:
    if isinstance(part, Root):
        return [Node(root)]
    if isinstance(part, Slice):
        if part.step == 0:  # selects nothing (RFC 9535, section 2.3.4.2.2)
            return []
        span = slice(part.start, part.end, part.step)
        return [Node(item) for node in nodes if isinstance(node.value, list) for item in node.value[span]]
    if isinstance(part, Filter):
        return [
            member
            for node in nodes
            for member in _members(node.value)
            if all(_holds(expression, member, root) for expression in part.expressions)
        ]
    keys = _keys(part)
    if keys:
        return [inner for node in nodes for key in keys for inner in _children(node, key)]
    return nodes  # `@`


def _keys(part: JSONPath) -> tuple[str | int, ...]:
    if isinstance(part, Fields):
        return part.fields
    return part.indices if isinstance(part, Index) else ()


def _children(node: Node, key: str | int) -> list[Node]:
    if key is _ANY:
        return _members(node.value)
    value = paths.child(node.value, key)
    if value is not paths.MISSING:
        return [Node(value)]
    if key == "id" and node.key is not None and isinstance(node.value, dict):
        return [Node(node.key)]
    return []


def _members(value: Any) -> list[Node]:
    if isinstance(value, dict):
        return [Node(inner, key) for key, inner in value.items()]
    return [Node(inner) for inner in value] if isinstance(value, list) else []


def _descendants(node: Node) -> Iterator[Node]:
    """Yield a value and all that is in it, parents first."""
    rest = [node.value]
    while rest:
        value = rest.pop()
        yield Node(value)
        if isinstance(value, dict):
            rest += reversed(value.values())
        elif isinstance(value, list):
            rest += reversed(value)


def _with_id(node: Node) -> Any:
    if node.key is not None and isinstance(node.value, dict) and "id" not in node.value:
        return {"id": node.key, **node.value}
    return node.value


def _holds(expression: Any, node: Node, root: Any) -> bool:
    """Say whether a filter expression is true of a member; no comparison is, of a field that is not there."""
    if isinstance(expression, Or):
        return any(_holds(operand, node, root) for operand in expression.operands)
    if isinstance(expression, And):
        return all(_holds(operand, node, root) for operand in expression.operands)
    left = _select(expression.target, [node], root)
    if expression.op is None:
        return bool(left)
    if isinstance(expression.value, JSONPath):
        right = [found.value for found in _select(expression.value, [node], root)]
    else:
        right = [expression.value]
    return any(_compare(expression.op, found.value, value) for found in left for value in right)


def _compare(operator: str, left: Any, right: Any) -> bool:
    if operator == "=~":
        return isinstance(left, str) and re.search(right, left) is not None
    if operator in ("==", "=", "!="):
        # To Python True is 1; to JSON it is not (RFC 9535, section 2.3.5.2.2).
        equal = left == right and isinstance(left, bool) == isinstance(right, bool)
        return equal != (operator == "!=")
    if not (_is_number(left) and _is_number(right)) and not (
        isinstance(left, str) and isinstance(right, str)
    ):
        return False
    return _ORDERS[operator](left, right)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
