"""Questions to a document: `$.sprint.tasks[?(@.status == 'blocked')].title`.

The grammar is jsonpath-ng's extended one. Its tokens are read here, so that every complaint has a column and
what is not offered is refused by name. The answers are found here too, because records are mappings keyed by
id: filters select members of mappings as well as of lists, and such a result carries its key as `id`.
"""

import re
from collections.abc import Callable, Iterator
from operator import ge, gt, le, lt
from typing import Any, NamedTuple

from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.ext.filter import And, Filter, Or
from jsonpath_ng.ext.parser import ExtendedJsonPathParser
from jsonpath_ng.jsonpath import Child, Descendants, Fields, Index, JSONPath, Root, Slice

from orchestration import paths
from orchestration.jsonpath import tokens

MAX_LENGTH = 2000  # characters


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
        raise tokens.bad(f"longer than {MAX_LENGTH} characters", MAX_LENGTH)
    read: list[tokens.Token] = []

    def reading() -> Iterator[Any]:
        for token in tokens.read(expression):
            read.append(token)
            yield token
        read.append(tokens.Token("end", "", len(expression)))

    try:
        # Made anew each time, for it is not safe between threads; well under a millisecond.
        tree = ExtendedJsonPathParser().parse_token_stream(reading())
    except JSONPathError:
        wrong = read[-1]
        if wrong.type == "end":
            raise tokens.bad("unexpected end", wrong.at) from None
        if wrong.text in ("in", "and", "or"):
            raise tokens.bad(f"the operator '{wrong.text}' is not offered", wrong.at) from None
        raise tokens.bad(f"unexpected {wrong.text!r}", wrong.at) from None
    return Query(tree, _definite_path(tree))


def _definite_path(tree: JSONPath) -> paths.Path | None:
    path: list[str | int] = []
    while isinstance(tree, Child):
        keys = _keys(tree.right)
        if len(keys) != 1 or keys[0] is tokens.ANY:
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
    if key is tokens.ANY:
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
