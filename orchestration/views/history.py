"""What the commands of history show, as data: see `tables`."""

import json
from typing import Any

from orchestration.views.tables import Details, Table, moment, text

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def events(rows: list[dict[str, Any]], *, empty: str) -> Table:
    """List commits as changes: when, who, what kind, which commit, and its subject."""
    return Table(
        ("WHEN", "WHO", "OP", "COMMIT", "SUBJECT"),
        [
            (
                moment_to_second(row["at"]),
                text(row["author"]),
                text(row["op"]),
                row["commit"][:12],
                text(row["subject"]),
            )
            for row in rows
        ],
        empty,
    )


def diff(rows: list[dict[str, Any]]) -> Details:
    """List differences by path: `+` added, `-` removed, `~` changed from -> to."""
    if not rows:
        return Details([], ["Nothing differs."])
    return Details([], [_difference(row) for row in rows], [row["kind"] for row in rows])


def _difference(row: dict[str, Any]) -> str:
    line = f"{_SIGNS[row['kind']]} {row['path']}: "
    if row["kind"] == "changed":
        return line + f"{_json(row['old'])} -> {_json(row['new'])}"
    return line + _json(row["new"] if row["kind"] == "added" else row["old"])


def blame(rows: list[dict[str, Any]]) -> Table:
    """List values with the commit that made each what it is."""
    return Table(
        ("PATH", "WHEN", "WHO", "COMMIT", "VALUE"),
        [
            (
                row["path"],
                moment_to_second(row["at"]),
                text(row["author"]),
                (row["commit"] or "-")[:12],
                _json(row["value"]),
            )
            for row in rows
        ],
        "There are no values.",
    )


def lines(shown: list[str]) -> Details:
    """Show lines as they are."""
    return Details([], shown)


def stream(rows: list[dict[str, Any]]) -> Table:
    """List events: when, type, severity, who, about what, and what happened."""
    return Table(
        ("WHEN", "TYPE", "SEVERITY", "WHO", "ABOUT", "WHAT"),
        [
            (
                moment_to_second(row["timestamp"]),
                row["type"],
                row["severity"],
                text(row["source"]),
                f"{row['entity']['kind']} {row['entity']['id']}" if row["entity"] else "-",
                text(row["subject"]),
            )
            for row in rows
        ],
        "There are no such events.",
    )


def stats(value: dict[str, Any]) -> Details:
    """Show how many events there are: in all, by type, by author and by day."""
    rows = [("events", str(value["total"]))]
    for name in ("by_type", "by_author", "per_day"):
        rows += [(f"{name}.{key}", str(number)) for key, number in value[name].items()]
    return Details(rows)


def moment_to_second(value: str | None) -> str:
    """Return a time to the second, in UTC."""
    return value[:19].replace("T", " ") if value else moment(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
