"""The tokens of a JSONPath, with their columns: what the grammar of jsonpath-ng is fed."""

import json
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from orchestration.errors import BadUsage

MAX_NESTING = 30  # brackets in brackets; answering recurses once per level


class Wildcard(str):
    """A type of its own, since a quoted '*' is a name."""


ANY = Wildcard("*")
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
_WORDS |= {"null": ("NULL", "null"), "*": ("ID", ANY)}
_DOTS = (".", "DOUBLEDOT")
_OPERAND_FOLLOWS = ("?", "(", "AND", "OR")
_NOT_OFFERED = {"!": "negation", "`": "a function", "\\": "sorting", "|": "a single '|'"}
_NOT_OFFERED |= dict.fromkeys("+-/", "arithmetic")


class Token:
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


def read(expression: str) -> Iterator[Token]:
    before = ""
    depth = at = 0
    while at < len(expression):
        match = (_NAME.match(expression, at) if before in _DOTS else None) or _TOKEN.match(expression, at)
        if match is None:
            wrong = expression[at]
            if wrong in "'\"":
                raise bad("expected a closing quote", len(expression))
            if wrong in _NOT_OFFERED:
                raise bad(f"{_NOT_OFFERED[wrong]} is not offered", at)
            raise bad(f"unexpected {wrong!r}", at)
        text = match[0]
        kind = text if match.lastgroup == "MARK" else str(match.lastgroup)
        if kind != "SPACE":
            depth += (kind in ("[", "(")) - (kind in ("]", ")"))
            problem = "nested too deeply" if depth > MAX_NESTING else _misplaced(kind, text, before)
            if problem is not None:
                raise bad(problem, at)
            yield Token(kind, text, at)
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


def bad(problem: str, at: int) -> BadUsage:
    return BadUsage(
        f"bad JSONPath: {problem} at column {at + 1}",
        hint="a JSONPath is made of names, [0], [1:3], *, .. and filters such as "
        "[?(@.points >= 3 && @.status == 'done')]",
    )
