"""What `/state` shows; see `domain.state_summary` and `domain.task_flags` for the documents."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from orchestration.domain.records import Document
from orchestration.domain.task_flags import FLAGS
from orchestration.english import counted
from orchestration.views import figure_rows, layout
from orchestration.views.board import title
from orchestration.views.layout import Line, Lines, Page, Section, clean
from orchestration.views.sprint_status import events, risks
from orchestration.views.tables import Details, Table, record, text

_SHOWN = 40


def front(value: Document, *, commands: Iterable[tuple[str, str]]) -> Page:
    """Show the parts of the state, what can be typed, and the last changes."""
    parts: list[Line] = [[f"{row['path']:<9}", f" {clean(row['about'])}"] for row in value["parts"]]
    rows = list(commands)
    wide = max(len(name) for name, _ in rows)
    return Page(
        [[(f"{clean(value['project'])}  state", "title")]],
        [
            Section("Parts", Lines(parts), wide=True),
            Section("Last changes", events(value["events"]), wide=True),
            Section(
                "Examples",
                Lines([[(f"{name:<{wide}}", "command"), f"  {said}"] for name, said in rows]),
                wide=True,
            ),
        ],
    )


def keys(value: Mapping[str, Any]) -> Table:
    """List the names at the top of a document, with what each holds."""
    return Table(
        ("PATH", "HOLDS"), [(text(name), _holds(one)) for name, one in value.items()], "It is empty."
    )


def _holds(value: Any) -> str:
    if isinstance(value, dict):
        names = ", ".join(map(str, list(value)[:6])) + (", …" if len(value) > 6 else "")
        return f"{len(value)}: {text(names)}" if value else "empty"
    if isinstance(value, list):
        return counted(len(value), "item")
    return text(value)


def value(found: Any) -> Table | Details:
    """Show a value as a table: records as rows, one record as a line for each of its values."""
    rows = list(found.values()) if isinstance(found, dict) else found
    if isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows):
        named = isinstance(found, dict) and not all("id" in row for row in rows)
        fields = [
            name
            for name in dict.fromkeys(name for row in rows for name in row)
            if not any(isinstance(row.get(name), dict | list) and row[name] for row in rows)
            and any(row.get(name) not in (None, [], {}) for row in rows)
        ]
        head = (*(("KEY",) if named else ()), *(name.upper() for name in fields))
        names = list(found) if isinstance(found, dict) else [""] * len(rows)
        cells = [
            (*((text(key),) if named else ()), *(text(row.get(name)) for name in fields))
            for key, row in zip(names, rows, strict=True)
        ]
        return Table(head, cells, "")
    if isinstance(found, dict):
        return record(found)
    if isinstance(found, list):
        return Table(("VALUE",), [(text(one),) for one in found], "It is an empty list.")
    return Details([("value", text(found))])


def summary(value: Document) -> Page:
    """Show the health of the work, what wants attention, and how it compares with the sprint before."""
    health, tasks, points = value["health"], value["tasks"], value["points"]
    said = f"{tasks['done']} of {counted(tasks['total'], 'task')} done, {tasks['in_progress']} in progress,"
    said += f" {tasks['review']} in review, {tasks['todo']} to do, {tasks['backlog']} in the backlog,"
    said += f" {tasks['blocked']} blocked"
    head: list[Line] = [title(value["project"], value["sprint"]), [said]]
    if points is not None:
        head.append(
            [
                f"{layout.number(points['completed'])} of {layout.amount(points['total'], 'point')} completed,"
                f" {layout.number(points['remaining'])} remain"
            ]
        )
    return Page(
        head,
        [
            Section(figure_rows.health_title(health), figure_rows.health(health), wide=True),
            Section(
                "Attention", risks(value["attention"])._replace(empty="Nothing needs attention."), wide=True
            ),
            Section("Trends", _trends(value["trends"])),
        ],
    )


def _trends(found: Document | None) -> Lines | Table:
    if found is None:
        return Lines([], "There is no finished sprint to compare with.")
    rows: list[tuple[str, ...]] = [
        (
            row["name"],
            layout.number(row["now"]),
            layout.number(row["before"]),
            _change(row["now"], row["before"]),
        )
        for row in found["rows"]
    ]
    return Table(("FIGURE", "NOW", found["previous"], "CHANGE"), rows, "")


def _change(now: float | None, before: float | None) -> str:
    return "-" if now is None or before is None else f"{now - before:+g}"


def tasks(value: Document) -> Page:
    """Show tasks by status, those that want a look marked."""
    head: list[Line] = [[(f"{clean(value['project'])}  {counted(value['total'], 'task')}", "title")]]
    if value["filter"]:
        head[0] = [*head[0], (f"  filter: {clean(value['filter'])}", "warning")]
    if not value["groups"]:
        such = "There are no tasks yet: /task add TITLE adds one."
        if value["filter"] or value["days"] is not None:
            such = "No task is like that." if value["filter"] else "There are no tasks that old."
        return Page(head, foot=[[such]])
    sections = [
        Section(f"{one['status']} ({len(one['tasks'])})", _group(one["tasks"]), wide=True)
        for one in value["groups"]
    ]
    flagged: list[Line] = [
        [(name, "warning"), f" {FLAGS[name]}: {_names(found)}"]
        for name, found in value["flagged"].items()
        if found
    ]
    return Page(head, [*sections, Section("Worth a look", Lines(flagged, "Nothing.", wraps=True), wide=True)])


def _group(rows: Sequence[Document]) -> Table:
    shown: list[tuple[str, ...]] = [
        (
            row["id"],
            f"P{row['priority']}",
            layout.number(row["points"]),
            f"@{clean(row['assignee'])}" if row["assignee"] else "-",
            f"{row['age_days']:g}d",
            ", ".join(row["flags"]) or "-",
            clean(row["title"]),
        )
        for row in rows[:_SHOWN]
    ]
    if len(rows) > _SHOWN:
        shown.append(("…", "", "", "", "", "", f"and {len(rows) - _SHOWN:,} more"))
    return Table(("ID", "PRIO", "POINTS", "ASSIGNEE", "AGE", "FLAGS", "TITLE"), shown, "")


def _names(found: Sequence[str]) -> str:
    return ", ".join(found[:8]) + (f" and {len(found) - 8} more" if len(found) > 8 else "")
