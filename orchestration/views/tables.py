"""What a list shows, as data: columns and rows, the same at a terminal and in a pipe.

A function here turns records into a `Table`; `plain` prints one for programs and files, `terminal`
draws one with rich. Values are never cut in a pipe.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

_CONTROL = r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
"""What would steer a terminal, or turn the direction of what stands beside it."""


class Table(NamedTuple):
    """Rows of text under column names; `empty` is the sentence for no rows."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    empty: str
    ids: bool = False
    """Whether the first column holds ids, of which a narrow terminal shows a unique beginning."""


class Details(NamedTuple):
    """Named values of one record, and further lines below."""

    rows: list[tuple[str, str]]
    lines: Sequence[str] = ()
    styles: Sequence[str] = ()
    """The words that colour the lines, where they have any."""


class Composed(Protocol):
    """What is made of several parts, such as a `layout.Page`."""

    def plain(self) -> str:
        """Return it as text, nothing cut."""
        ...


def sessions(rows: list[dict[str, Any]], *, project: str | None = None) -> Table:
    """List sessions, newest activity first."""
    of = f" of project {project}" if project else ""
    shown = {name: text(name) for name in {row["project"] for row in rows}}
    return Table(
        ("ID", "MODE", "PROJECT", "STATUS", "LAST ACTIVITY", "EXPIRES", "TASKS"),
        [
            (
                row["id"],
                row["mode"],
                shown[row["project"]],
                "retired" if row["retired"] else "expired" if row["expired"] else row["status"],
                moment(row["last_activity"]),
                moment(row["expiry"]),
                str(row["task_count"]),
            )
            for row in rows
        ],
        f"There are no sessions{of}.",
        ids=True,
    )


def tasks(rows: list[dict[str, Any]], *, where: str = "") -> Table:
    """List tasks."""
    return Table(
        ("ID", "STATUS", "PRIORITY", "POINTS", "ASSIGNEE", "SPRINT", "TITLE"),
        [
            (
                row["id"],
                row["status"] + (" (orphaned)" if row.get("orphaned") else ""),
                text(row["priority"]),
                text(row["points"]),
                text(row["assignee"]),
                text(row["sprint_id"]),
                text(row["title"]),
            )
            for row in rows
        ],
        f"There are no tasks{where}.",
    )


def epics(rows: list[dict[str, Any]], *, project: str) -> Table:
    """List epics with their points."""
    return Table(
        ("ID", "STATUS", "PRIORITY", "POINTS", "TITLE"),
        [
            (
                row["id"],
                row["status"],
                text(row["priority"]),
                f"{row['points_done']}/{row['points_total']}",
                text(row["title"]),
            )
            for row in rows
        ],
        f"Project {project} has no such epics.",
    )


def sprints(rows: list[dict[str, Any]], *, project: str) -> Table:
    """List sprints."""
    return Table(
        ("ID", "STATUS", "START", "END", "TASKS", "COMMITTED", "NAME"),
        [
            (
                row["id"],
                row["status"] + (" (archived)" if row.get("archived") else ""),
                text(row["start_date"])[:10],
                text(row["end_date"])[:10],
                str(len(row["tasks"])),
                text(row["committed_points"]),
                text(row["name"]),
            )
            for row in rows
        ],
        f"Project {project} has no such sprints.",
    )


def tools(rows: list[dict[str, Any]]) -> Table:
    """List registered tools."""
    return Table(
        ("NAME", "TYPE", "VERSION", "DESCRIPTION"),
        [(row["name"], row["type"], row["version"], text(row["description"])) for row in rows],
        "No such tools are registered.",
    )


def handoffs(rows: list[dict[str, Any]]) -> Table:
    """List handoffs between sessions."""
    return Table(
        ("WHEN", "FROM", "TO", "OPEN TASKS", "BRANCH"),
        [
            (
                moment(row["at"]),
                row["source"],
                row["target"],
                ", ".join(row["open_tasks"]) or "-",
                text(row["branch"]),
            )
            for row in rows
        ],
        "Nothing was handed over.",
    )


def retired(rows: list[dict[str, Any]]) -> Table:
    """List what a cleanup retires."""
    return Table(
        ("ID", "EXPIRED", "AGE", "OPEN TASKS"),
        [(row["id"], moment(row["expiry"]), row["age"], ", ".join(row["open_tasks"]) or "-") for row in rows],
        "No session has expired.",
        ids=True,
    )


def record(value: dict[str, Any], *, lines: Sequence[str] = ()) -> Details:
    """Show one record: a line for each value, nested ones by their path."""
    return Details(list(flat(value)), lines)


def config(value: dict[str, Any]) -> Details:
    """Show a configuration, its default values marked."""
    defaults = tuple(value["defaults"])
    rows = []
    for name, shown in flat({key: one for key, one in value.items() if key != "defaults"}):
        is_default = any(name == path or name.startswith((path + ".", path + "[")) for path in defaults)
        rows.append((name, f"{shown}  (default)" if is_default else shown))
    return Details(rows)


def session(value: dict[str, Any]) -> Details:
    """Show a session: inherited context first, then its facts, last its newest events."""
    rows: list[tuple[str, str]] = []
    if value.get("inherited_context"):
        rows += [(f"inherited {name}", shown) for name, shown in flat(value["inherited_context"])]
    rows += flat({key: one for key, one in value.items() if key not in ("inherited_context", "events")})
    lines = [f"{moment(event['timestamp'])}  {event['subject']}" for event in value["events"]]
    return Details(rows, ["Last events:", *(f"  {line}" for line in lines)] if lines else [])


def flat(value: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Return (path, text) for the leaves of a mapping; lists of scalars are one leaf."""
    rows: list[tuple[str, str]] = []
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, dict) and item:
            rows += flat(item, name + ".")
        elif isinstance(item, list) and any(isinstance(one, dict) for one in item):
            for number, one in enumerate(item):
                inner = one if isinstance(one, dict) else {"": one}
                rows += [(f"{name}[{number}].{path}".rstrip("."), shown) for path, shown in flat(inner)]
        else:
            rows.append((name, text(item)))
    return rows


def text(value: Any) -> str:
    """Return a value as one line of text; a dash for nothing."""
    if value is None or value == [] or value == {} or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(text(item) for item in value)
    shown = str(value)
    return shown if shown.isprintable() else re.sub(_CONTROL, " ", shown)


def moment(value: str | None) -> str:
    """Return a time to the minute, in UTC."""
    return value[:16].replace("T", " ") if value else "-"


def prefixes(ids: Sequence[str]) -> dict[str, str]:
    """Return for each id its shortest unique beginning of at least 8 characters."""
    ordered = sorted(ids)
    found = {}
    for number, name in enumerate(ordered):
        beside = [ordered[n] for n in (number - 1, number + 1) if 0 <= n < len(ordered)]
        length = 8
        while length < len(name) and any(other[:length] == name[:length] for other in beside):
            length += 1
        found[name] = name[:length]
    return found


def width(shown: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if shown.isascii():
        return len(shown)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in shown
    )


def plain(table: Table | Details | Composed) -> str:
    """Return a table as aligned text, nothing cut."""
    if not isinstance(table, Table | Details):
        return table.plain()
    if isinstance(table, Details):
        wide = max((width(name) for name, _ in table.rows), default=0)
        lines = [f"{name}:{' ' * (wide - width(name))} {shown}" for name, shown in table.rows]
        return "\n".join([*lines, *table.lines])
    if not table.rows:
        return table.empty
    columns = []
    for column in zip(table.columns, *table.rows, strict=True):
        measure = len if "".join(column).isascii() else width
        wide = max(map(measure, column))
        columns.append([cell + " " * (wide - measure(cell)) for cell in column])
    return "\n".join([("  ".join(row)).rstrip() for row in zip(*columns, strict=True)])
