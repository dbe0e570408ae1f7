"""Epics and sprints on a time line; see `domain.roadmap` for the document."""

from datetime import date

from orchestration.domain.records import Document
from orchestration.views import layout
from orchestration.views.layout import Chart, Line, Page, Section, Span, clean
from orchestration.views.tables import Table, width

_LABEL = 24


def roadmap(value: Document) -> Page:
    """Show when epics and sprints go, and how much of them is done."""
    head: Line = [(f"{clean(value['project'])}  roadmap", "title"), f"  today {value['today']}"]
    rows = value["rows"]
    if not rows:
        plan = f"`shared_state create-sprint {value['project']} ID NAME`"
        return Page([head], foot=[["There are no epics and no sprints to show: ", (plan, "command")]])
    table = Table(
        ("KIND", "ID", "STATUS", "START", "END", "DONE", "TITLE"),
        [
            (
                one["kind"],
                one["id"],
                one["status"],
                one["start"] or "-",
                one["end"] or "-",
                layout.percent(one["progress"]),
                clean(one["title"]),
            )
            for one in rows
        ],
        "",
    )
    return Page([head], [Section("", Chart(lambda columns: _drawn(value, columns), table), wide=True)])


def _drawn(value: Document, columns: int) -> list[Line]:
    """Return an axis with the dates, and a line for each epic and sprint."""
    label = min(_LABEL, max(len(one["id"]) + 2 for one in value["rows"]), columns // 3)
    said = [f"{one['status']} {layout.percent(one['progress'])}" for one in value["rows"]]
    room = max(10, columns - label - max(map(len, said)) - 3)
    lines: list[Line] = []
    if value["from"]:
        between = max(1, room - 20)
        lines.append([" " * (label + 1), (f"{value['from']}{' ' * between}{value['to']}", "muted")])
    for one, word in zip(value["rows"], said, strict=True):
        name = one["id"] if one["kind"] == "epic" else f"  {one['id']}"
        name = name if width(name) <= label else name[: label - 1] + "…"
        style = "column" if one["kind"] == "epic" else "id"
        lines.append([(f"{name:<{label}} ", style), *_bar(one, value, room), "  ", (word, one["status"])])
    if value["from"] and value["from"] <= value["today"] <= value["to"]:
        place = _place(value["today"], value, room)
        lines.append([" " * (label + 1 + place), ("▲ today", "muted")])
    return lines


def _bar(one: Document, value: Document, room: int) -> list[Span]:
    """Return the stretch of a row: what is done full, the rest light."""
    if one["start"] is None:
        return [("no dates".ljust(room), "muted")]
    start = _place(one["start"], value, room)
    end = max(_place(one["end"] or value["to"], value, room), start + 1)
    full = round((one["progress"] or 0) * (end - start))
    return [
        " " * start,
        ("█" * full, one["status"]),
        ("░" * (end - start - full), "muted"),
        " " * (room - end),
    ]


def _place(day: str, value: Document, room: int) -> int:
    """Return the cell of a day between the first and the last."""
    if day >= value["to"]:
        return room
    first, last, at = map(date.fromisoformat, (value["from"], value["to"], day))
    return min(room - 1, (at - first).days * room // max(1, (last - first).days))
