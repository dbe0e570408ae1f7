"""Coercion and checks of single field values.

A value comes either from a command line, as text, or from JSON; both forms of it are accepted and
one form is returned, the one that is stored. All checks raise InvalidData, naming the field.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from orchestration import ids
from orchestration.domain.records import PRIORITY_NAMES
from orchestration.errors import InvalidData

_NUMBER = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?\Z")
_BOOLEANS: Mapping[str, bool] = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
# Beyond this a float no longer tells neighbouring whole numbers apart.
_EXACT = 2**53


def _shown(v: object) -> str:
    text = repr(v)
    return text if len(text) <= 60 else text[:57] + "..."


def text(field: str, v: object) -> str:
    """Return `v` as text that is not blank; numbers are written out."""
    result = _text(field, v)
    if not result.strip():
        raise InvalidData(f"{field} is empty", hint=f"give {field} some text")
    return result


def _text(field: str, v: object) -> str:
    if isinstance(v, int | float) and not isinstance(v, bool):
        return str(v)
    if not isinstance(v, str):
        raise InvalidData(f"{field} {_shown(v)} is not text", hint=f'write {field} as text: "..."')
    try:
        v.encode()
    except UnicodeEncodeError:
        raise InvalidData(f"{field} {_shown(v)} is not valid Unicode", hint="write it in UTF-8") from None
    return v


def optional_text(field: str, v: object) -> str | None:
    """Return `v` as text, which may be empty, or None for None."""
    return None if v is None else _text(field, v)


def number(field: str, v: object, *, low: float | None = None, high: float | None = None) -> int | float:
    """Return `v` as a finite number between `low` and `high`, inclusive; whole floats become ints."""
    result: int | float
    if isinstance(v, str) and _NUMBER.match(v.strip()):
        written = v.strip()
        result = int(written) if written.lstrip("+-").isdigit() else float(written)
    elif isinstance(v, int | float) and not isinstance(v, bool):
        result = v
    else:
        raise InvalidData(f"{field} {_shown(v)} is not a number", hint="use a number such as 3 or 2.5")
    if isinstance(result, float):
        if not math.isfinite(result):
            raise InvalidData(
                f"{field} {_shown(v)} is not a finite number", hint="use a number such as 3 or 2.5"
            )
        if result.is_integer() and abs(result) < _EXACT:
            result = int(result)
    if (low is not None and result < low) or (high is not None and result > high):
        raise InvalidData(f"{field} {_shown(v)} is out of range", hint=f"use a number {_range(low, high)}")
    return result


def _range(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"from {low} to {high}"
    return f"of {low} or more" if low is not None else f"of {high} or less"


def integer(field: str, v: object, *, low: int | None = None, high: int | None = None) -> int:
    """Return `v` as a whole number between `low` and `high`, inclusive."""
    result = number(field, v, low=low, high=high)
    if not isinstance(result, int):
        raise InvalidData(f"{field} {_shown(v)} is not a whole number", hint="use a number such as 3")
    return result


def _folded(word: str) -> str:
    return word.strip().casefold().replace("-", "_").replace(" ", "_")


def choice(field: str, v: object, options: Sequence[str], synonyms: Mapping[str, str] | None = None) -> str:
    """Return the one of `options` that `v` means; case, '-', ' ' and '_' make no difference."""
    words = {_folded(option): option for option in options}
    words.update((_folded(word), option) for word, option in (synonyms or {}).items())
    folded = _folded(v) if isinstance(v, str) else None
    if folded in words:
        return words[folded]
    near = _nearest(folded, words) if folded else None
    raise InvalidData(
        f"{field} {_shown(v)} is not one of {', '.join(options)}",
        hint=f"did you mean {words[near]!r}?" if near else f"for example {options[0]!r}",
    )


def _nearest(word: str, words: Iterable[str]) -> str | None:
    if len(word) > 40:
        return None
    distance, nearest = min((_distance(word, other), other) for other in words)
    return nearest if distance <= max(1, len(word) // 3) else None


def nearest(word: str, names: Iterable[str], most: int = 3) -> list[str]:
    """Return the names that somebody who wrote `word` may have meant, the likeliest first."""
    folded = _folded(word)
    if not folded or len(folded) > 40:
        return []
    found = []
    for name in names:
        other = _folded(name)
        distance = _distance(folded, other)
        if folded in other or other in folded or distance <= max(1, len(folded) // 3):
            found.append((distance, name))
    return [name for _, name in sorted(found)[:most]]


def _distance(a: str, b: str) -> int:
    # Levenshtein's, two letters in the wrong order being one mistake; difflib would cost every start a millisecond.
    above, row = [0], list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        higher, above, row = above, row, [i]
        for j, right in enumerate(b, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (left != right)))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                row[j] = min(row[j], higher[j - 2] + 1)
    return row[-1]


def priority(v: object) -> int:
    """Return a priority, 1 (highest) to 5, from its number or its name."""
    if isinstance(v, str) and _folded(v) in PRIORITY_NAMES:
        return PRIORITY_NAMES[_folded(v)]
    try:
        return integer("priority", v, low=1, high=5)
    except InvalidData as error:
        hint = f"use 1 (highest) to 5, or {', '.join(PRIORITY_NAMES)}"
        raise InvalidData(error.message, hint=hint) from None


def boolean(field: str, v: object) -> bool:
    """Return `v` as true or false; yes, no, on, off, 1 and 0 are understood."""
    if isinstance(v, bool):
        return v
    word = v.strip().lower() if isinstance(v, str) else str(v) if isinstance(v, int) else ""
    if word not in _BOOLEANS:
        raise InvalidData(f"{field} {_shown(v)} is neither true nor false", hint="use true or false")
    return _BOOLEANS[word]


def strings(field: str, v: object) -> list[str]:
    """Return a list of texts from a list, the text of a JSON list, or text with commas; None is empty."""
    if v is None:
        return []
    items: object = v
    if isinstance(v, str):
        if v.lstrip().startswith("["):
            items = _json(field, v, "list")
        else:
            items = [part.strip() for part in v.split(",") if part.strip()]
    if not isinstance(items, list | tuple):
        raise InvalidData(f"{field} {_shown(v)} is not a list", hint='use ["a", "b"] or a,b')
    return [text(field, item) for item in items]


def mapping(field: str, v: object) -> dict[str, Any]:
    """Return a copy of the object `v`, or the object whose JSON text it is."""
    found = _json(field, v, "object") if isinstance(v, str) else v
    if not isinstance(found, Mapping):
        raise InvalidData(f"{field} {_shown(v)} is not an object", hint='use {"key": "value"}')
    for key in found:
        if not isinstance(key, str):
            raise InvalidData(f"{field} has the key {_shown(key)}, which is not text", hint="quote it")
    return dict(found)


def _json(field: str, v: str, kind: str) -> object:
    # RecursionError: brackets nested deeper than the parser goes.
    try:
        result: object = json.loads(v)
    except (ValueError, RecursionError):
        raise InvalidData(
            f"{field} {_shown(v)} is not a JSON {kind}", hint="check its brackets and quotes"
        ) from None
    return result


def id_(field: str, v: object) -> str:
    """Return `v` if it may name a record."""
    result = text(field, v).strip()
    reason = ids.problem(result)
    if reason is not None:
        raise InvalidData(
            f"{field} {_shown(result)} {reason}", hint="use an id such as 'sprint-2' or 'TASK-14'"
        )
    return result


def optional_id(field: str, v: object) -> str | None:
    """Return `v` if it may name a record; None, empty text and "none" are None."""
    if v is None or (isinstance(v, str) and v.strip().lower() in ("", "none")):
        return None
    return id_(field, v)


def agent(v: object, field: str = "agent") -> str | None:
    """Return an agent's plain name from `name`, `@name`, `@agent-name` or `@.claude/agents/name.md`."""
    if not isinstance(v, str):
        return optional_id(field, v)
    name = v.strip()
    if name.startswith("@"):
        name = name[1:].removeprefix("agent-")
    if name.endswith(".md"):
        name = name.removesuffix(".md").rpartition("/")[2]
    return optional_id(field, name)


def time(field: str, v: object) -> str:
    """Return an ISO 8601 date as it is and a date-time in UTC; one without an offset is taken as UTC."""
    moment = _moment(field, v)
    return format_time(moment) if isinstance(moment, datetime) else moment.isoformat()


@lru_cache(maxsize=4096)  # figures ask for the same times again and again
def parse_time(written: str) -> datetime:
    """Return the moment, in UTC, of an ISO 8601 date-time; a date means its midnight in UTC."""
    if written[-1:] == "Z" and written[10:11] == "T":
        try:  # as all times are stored: figures read them by the thousand
            return datetime.fromisoformat(written)
        except ValueError:
            pass
    moment = _moment("time", written)
    if isinstance(moment, datetime):
        return moment
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)


def instant(written: str) -> str:
    """Return a text by which moments sort: the time in UTC without its Z.

    Stored times need no parsing for that: with the Z, a whole second would sort after its parts.
    """
    if written[-1:] == "Z" and written[10:11] == "T":
        return written[:-1]
    return format_time(parse_time(written))[:-1]


def format_time(moment: datetime) -> str:
    """Return `moment` as `2024-01-15T10:30:00Z`; microseconds are written when there are any."""
    if moment.tzinfo is None:
        raise InvalidData(f"time {moment.isoformat()} has no offset from UTC", hint="use aware times")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _moment(field: str, v: object) -> date | datetime:
    problem = InvalidData(
        f"{field} {_shown(v)} is not an ISO 8601 date or date-time",
        hint="use a form such as 2024-01-15 or 2024-01-15T10:30:00Z",
    )
    if not isinstance(v, str):
        raise problem
    written = v.strip().upper()
    try:
        return date.fromisoformat(written)
    except ValueError:
        pass
    # OverflowError: the year 1 or 9999 moved across its end by an offset.
    try:
        moment = datetime.fromisoformat(written)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise problem from None
