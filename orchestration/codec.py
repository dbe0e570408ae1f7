"""YAML text from plain data, and back.

Data are JSON values: None, bool, int, finite float, str, list, and dict with text keys. What is
written reads back equal and of the same types.

Writing: block style, insertion order, text as it is, several lines of text as a literal block. Text
that some YAML 1.1 reader would take for a number, a boolean or null is quoted; times stay plain.

Reading follows the core schema of YAML 1.2: `null`, `~` and nothing are null; `true`, `True`, `TRUE`
and their opposites are booleans; `12`, `012`, `0o14` and `0x0C` are the integer 12; `1e3`, `.5` and
`1.` are floats. All other plain text is text: `yes`, `1:30`, `1_000`, `2024-01-15`. A key is always
the text that is written: `1: x` is {"1": "x"}, and `<<` is a key like any other.
"""

import re
from collections.abc import Mapping
from io import BytesIO
from math import isfinite
from typing import Any

from orchestration.errors import InvalidData
from orchestration.libyaml import yaml

LIMIT = 5 * 1024 * 1024
"""The largest document, in bytes."""
MAX_DEPTH = 64
"""How many lists and mappings may stand inside each other."""

_Parser = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_Emitter = yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper

_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# Patterns are text, compiled and kept by `re` at first use: together they cost over a millisecond.
_NUMBER = (
    r"([-+]?[0-9]+)"
    r"|(0o[0-7]+|0x[0-9a-fA-F]+)"
    r"|([-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|([-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)
# What any reader of YAML 1.1 or 1.2 may take for something else than text, and a little more.
_AMBIGUOUS = (
    r"(?i)(?:~|null|true|false|yes|no|on|off|y|n|<<|=|[-+]?\.(?:inf|nan)|[-+]?0[xob][0-9a-f_]+"
    r"|[-+]?(?:[0-9][0-9_]*(?::[0-5]?[0-9])*(?:\.[0-9_]*)?|\.[0-9_]+)(?:e[-+]?[0-9]+)?)?\Z"
    r"|<{7}|={7}|>{7}"
)
_MARKERS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
_MARKER_LINE = r"(?m)^(?:<{7}|={7}|>{7}|\|{7})(?=[ \r\n]|\Z)"
_BLANK = r"(?m)\t| $"
_UNPRINTABLE = r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_LINE_BREAKS = "\x85\u2028\u2029"
_PRIVATE_USE = range(0xE000, 0xF900)

_BEGIN = (yaml.StreamStartEvent(encoding="utf-8"), yaml.DocumentStartEvent(explicit=False))
_END = (yaml.DocumentEndEvent(explicit=False), yaml.StreamEndEvent())
_MAPPING = yaml.MappingStartEvent(None, None, True, flow_style=False)
_MAPPING_END = yaml.MappingEndEvent()
_SEQUENCE = yaml.SequenceStartEvent(None, None, True, flow_style=False)
_SEQUENCE_END = yaml.SequenceEndEvent()
_BARE = (True, False)
_CONSTANTS = {
    value: yaml.ScalarEvent(None, None, _BARE, word)
    for value, word in ((None, "null"), (True, "true"), (False, "false"))
}
_SPLIT = "divide it among several records"
_JSON_ONLY = "store text, finite numbers, true, false, null, lists, and mappings with text keys"


def dump(data: Any, *, name: str = "the document", limit: int = LIMIT) -> bytes:
    """Write a JSON value as YAML in UTF-8; raise InvalidData for what `load` would not give back equal.

    Types are exact: a tuple, a set, a date or a subclass of a JSON type is refused, as are NaN,
    infinities, lone surrogates, integers of over 4300 digits and more than `limit` bytes.
    """
    events: list[yaml.Event] = []
    hidden: set[str] = set()
    _describe(data, events, hidden, [])
    stand_ins = _stand_in(events, hidden) if hidden else {}
    stream = BytesIO()
    emitter = _Emitter(stream, allow_unicode=True, width=1 << 30)
    for event in (*_BEGIN, *events, *_END):
        emitter.emit(event)
    raw = stream.getvalue()
    if stand_ins:
        raw = raw.decode().translate(stand_ins).encode()
    if len(raw) > limit:
        raise InvalidData(f"{name} takes {len(raw)} bytes; {limit} is the limit", hint=_SPLIT)
    return raw


def load(raw: bytes, *, name: str, limit: int = LIMIT) -> Any:
    """Read the one YAML document in `raw`; raise InvalidData that begins with `name`, line and column.

    Nothing, or only comments, is None. Refused: tags, anchors, aliases, duplicate keys, a second
    document, conflict markers, control characters, text that is not UTF-8, numbers JSON lacks, more
    than `limit` bytes and more than `MAX_DEPTH` levels.
    """
    if len(raw) > limit:
        raise InvalidData(f"{name}: {len(raw)} bytes; {limit} is the limit", hint=_SPLIT)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig")
        raise _after(name, before, "this is not UTF-8", "save the file as UTF-8") from None
    found = re.search(_MARKER_LINE, text) if any(marker in text for marker in _MARKERS) else None
    if found:
        problem = f"{found[0]!r} is a conflict marker of an unfinished merge"
        raise _after(name, text[: found.start()], problem, "keep one side and delete the marker lines")
    try:
        return _build(_Parser(raw), name)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        hint = "quote text that holds ': ' or ' #' or begins with a sign; indent with spaces"
        raise _at(name, mark, error.problem or "this is not YAML", hint) from None
    except yaml.reader.ReaderError:
        found = re.search(_UNPRINTABLE, text)
        at = found.start() if found else 0
        problem = f"the character U+{ord(text[at]):04X} may not stand in a YAML file"
        hint = 'delete it, or write it as an escape in double quotes, such as "\\x07"'
        raise _after(name, text[:at], problem, hint) from None


def _describe(value: Any, events: list[yaml.Event], hidden: set[str], trail: list[str]) -> None:
    """Append the events that write `value`, found at `trail`, and add the characters to stand in for."""
    kind = type(value)
    if kind is str:
        events.append(_text(value, hidden, trail))
    elif kind is dict or kind is list:
        if len(trail) >= MAX_DEPTH:
            raise _unfit(trail[:3], f"is nested more than {MAX_DEPTH} levels deep", "flatten it")
        if kind is dict:
            events.append(_MAPPING)
            for key, item in value.items():
                if type(key) is not str:
                    raise _unfit(trail, f"has the key {key!r}, which is not text")
                trail.append(key)
                events.append(_text(key, hidden, trail, is_key=True))
                _describe(item, events, hidden, trail)
                trail.pop()
            events.append(_MAPPING_END)
        else:
            events.append(_SEQUENCE)
            for index, item in enumerate(value):
                trail.append(str(index))
                _describe(item, events, hidden, trail)
                trail.pop()
            events.append(_SEQUENCE_END)
    elif value is None or kind is bool:
        events.append(_CONSTANTS[value])
    elif kind is int:
        try:
            events.append(yaml.ScalarEvent(None, None, _BARE, str(value)))
        except ValueError:  # Python's guard against quadratic conversions
            raise _unfit(trail, "is an integer of too many digits", "store it as text") from None
    elif kind is float:
        if not isfinite(value):
            raise _unfit(trail, f"is {value}, which is not a JSON number")
        written = repr(value)
        if "." not in written:
            written = written.replace("e", ".0e")  # YAML 1.1 knows no float without a point
        events.append(yaml.ScalarEvent(None, None, _BARE, written))
    else:
        raise _unfit(trail, f"is a value of type {kind.__name__}, not a JSON value")


def _text(text: str, hidden: set[str], trail: list[str], *, is_key: bool = False) -> yaml.ScalarEvent:
    """Choose how `text` is written; add the characters the emitter would needlessly escape to `hidden`."""
    style = None
    if not text.isascii():
        for character in set(text):
            if character in _LINE_BREAKS:
                style = '"'  # anywhere else a reader may turn them into "\n"
            if "\ud800" <= character <= "\udfff":
                raise _unfit(trail, f"holds the lone surrogate U+{ord(character):04X}", "store valid Unicode")
            if character > "\uffff" or "\ue000" <= character <= "\uf8ff":
                hidden.add(character)
    if "\n" in text and style is None:
        blanks = re.findall(_BLANK, text)
        if is_key or not text.strip() or (blanks and text[0].isspace()):
            style = '"'
        else:
            style = "|"
            hidden.update(blanks)
    return yaml.ScalarEvent(None, None, (not re.match(_AMBIGUOUS, text), True), text, style=style)


def _stand_in(events: list[yaml.Event], hidden: set[str]) -> dict[int, str]:
    """Replace `hidden` characters in `events` by private-use ones and return the way back.

    libyaml escapes every character above U+FFFF, and it gives up a literal block for a tab or a space
    at a line's end, so that one emoji would turn a page of text into one quoted line.
    """
    if len(hidden) > len(_PRIVATE_USE):
        return {}  # escaped, then: correct, only harder to read
    there = dict(zip(sorted(hidden), map(chr, _PRIVATE_USE), strict=False))
    inline = {ord(character): there[character] for character in hidden if character not in "\t "}
    for event in events:
        if isinstance(event, yaml.ScalarEvent) and event.implicit is not _BARE:
            event.value = event.value.translate(inline)
            if event.style == "|" and not event.value[0].isspace():
                event.value = re.sub(_BLANK, lambda blank: there[blank[0]], event.value)
    return {ord(private): character for character, private in there.items()}


# The annotation is text because the C classes are missing where libyaml is.
def _build(parser: "yaml.CSafeLoader | yaml.SafeLoader", name: str) -> Any:
    """Turn the parser's events into a value, without recursion."""
    top: list[Any] = []
    node: Any = top
    key: str | None = None  # in a mapping: None while a key is awaited
    outer: list[tuple[Any, str | None]] = []
    while not isinstance(event := parser.get_event(), yaml.StreamEndEvent):
        if isinstance(event, yaml.ScalarEvent):
            value: Any = event.value
            if event.tag is not None or event.anchor is not None:
                raise _decorated(name, event)
            if key is None and type(node) is dict:
                if value in node:
                    raise _at(name, event.start_mark, f"the key {value!r} stands twice", "keep one of them")
                key = value
                continue
            if not event.style:
                try:
                    value = _resolve(value)
                except ValueError:
                    problem = f"{value[:40]!r} is not a number that JSON and this program can hold"
                    raise _at(name, event.start_mark, problem, "quote it to make it text") from None
        elif isinstance(event, yaml.CollectionStartEvent):
            if event.tag is not None or event.anchor is not None:
                raise _decorated(name, event)
            if key is None and type(node) is dict:
                raise _at(name, event.start_mark, "a list or mapping cannot be a key", "make the key text")
            if len(outer) >= MAX_DEPTH:
                raise _at(name, event.start_mark, f"nested more than {MAX_DEPTH} levels deep", "flatten it")
            outer.append((node, key))
            node = {} if isinstance(event, yaml.MappingStartEvent) else []
            key = None
            continue
        elif isinstance(event, yaml.CollectionEndEvent):
            value = node
            node, key = outer.pop()
        elif isinstance(event, yaml.AliasEvent):
            raise _decorated(name, event)
        else:
            if isinstance(event, yaml.DocumentStartEvent) and top:
                raise _at(name, event.start_mark, "a second document begins", "keep one document in a file")
            continue
        if key is None:
            node.append(value)
        else:
            node[key] = value
            key = None
    return top[0] if top else None


def _resolve(text: str) -> Any:
    """Give a plain scalar its value by the core schema (YAML 1.2.2, 10.3.2); ValueError if out of range."""
    if text in _WORDS:
        return _WORDS[text]
    match = re.fullmatch(_NUMBER, text) if text[0] in "0123456789+-." else None
    if match is None:
        return text
    if match.lastindex == 1:
        return int(text)
    if match.lastindex == 2 and len(text) <= 3000:  # in decimal, too, below Python's limit of 4300 digits
        return int(text, 0)
    if match.lastindex == 3 and isfinite(number := float(text)):
        return number
    raise ValueError(text)


def _decorated(name: str, event: yaml.NodeEvent) -> InvalidData:
    """Say which of YAML's additions to plain data `event` carries."""
    if isinstance(event, yaml.AliasEvent):
        problem, hint = f"the alias *{event.anchor} is not allowed", "write the value out, or quote the text"
    elif event.anchor is not None:
        problem, hint = f"the anchor &{event.anchor} is not allowed", "delete the anchor, or quote the text"
    else:
        problem, hint = "a tag ('!') is not allowed", "delete the tag, or quote the text"
    return _at(name, event.start_mark, problem, hint)


def _at(name: str, mark: Any, problem: str, hint: str) -> InvalidData:
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return InvalidData(f"{name}, line {line}, column {column}: {problem}", hint=hint)


def _after(name: str, before: str, problem: str, hint: str) -> InvalidData:
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return InvalidData(f"{name}, line {line}, column {column}: {problem}", hint=hint)


def _unfit(trail: list[str], problem: str, hint: str = _JSON_ONLY) -> InvalidData:
    place = ".".join(trail).encode(errors="backslashreplace").decode()  # a key may hold a surrogate
    return InvalidData(f"{place or 'the document'} {problem}", hint=hint)
