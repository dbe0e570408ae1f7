"""Numbers that several machines count up: kept in parts, read as their sum.

Adding up the differences of two machines goes wrong after a few merges. So each machine counts for
itself, `{$count: {k7q2: 3, m4xs: 2}}` reads as 5, and merging takes the larger of each part. A number
that was there before the first increment stays under `set`, which is no machine's name.
"""

from typing import Any

from orchestration.errors import InvalidData, Refused

COUNT = "$count"
_BEFORE = "set"


def is_counter(value: Any) -> bool:
    """Say whether a value is a counter kept in parts."""
    return isinstance(value, dict) and set(value) == {COUNT} and isinstance(value[COUNT], dict)


def plain(value: Any) -> Any:
    """Return data with every counter replaced by its sum."""
    if is_counter(value):
        parts = [part for part in value[COUNT].values() if isinstance(part, int | float)]
        return _tidy(sum(parts))
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def incremented(value: Any, amount: float, machine: str) -> dict[str, Any]:
    """Return the counter that `value` (a number, a counter or nothing) becomes on this machine."""
    if value is None:
        parts: dict[str, Any] = {}
    elif is_counter(value):
        parts = dict(value[COUNT])
    elif isinstance(value, int | float) and not isinstance(value, bool):
        parts = {_BEFORE: value}
    else:
        raise Refused("only a number can be incremented", hint="set it to a number first")
    parts[machine] = _tidy(parts.get(machine, 0) + amount)
    return {COUNT: parts}


def number(text: str) -> int | float:
    """Read a number from a command line; InvalidData otherwise."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        raise InvalidData(f"{text!r} is not a number", hint="give a number such as 1 or -2.5") from None
    if value != value or value in (float("inf"), float("-inf")):
        raise InvalidData(f"{text!r} is not a finite number")
    return value


def _tidy(value: float) -> int | float:
    return int(value) if isinstance(value, float) and value.is_integer() else value
