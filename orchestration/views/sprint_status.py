"""The status of a sprint; see `domain.status` for the document."""

from collections.abc import Sequence
from typing import Any

from orchestration.domain.records import Document
from orchestration.english import counted
from orchestration.views import layout
from orchestration.views.board import title
from orchestration.views.layout import Bar, Bars, Line, Lines, Page, Section, clean
from orchestration.views.tables import Table, width

_STEPS = "▁▂▃▄▅▆▇█"
_SEVERITY = {"critical": "critical", "high": "error", "medium": "warning", "low": "muted"}


def status(value: Document) -> Page:
    """Show a sprint in detail."""
    return Page(
        _head(value),
        [
            Section("Columns", _columns(value["columns"])),
            Section("Burndown", Lines([burndown(value["burndown"])], wraps=True)),
            Section("Teams", _teams(value["teams"])),
            Section("Goals", goals(value["goals"])),
            Section("Blockers", _blockers(value["blockers"])),
            Section("Risks", risks(value["risks"])),
            Section("Last events", events(value["events"])),
            Section("Next", suggestions(value["suggestions"])),
        ],
    )


def summary(value: Document) -> Page:
    """Show how a sprint stands in a few lines."""
    fill = ", ".join(
        f"{one['name']} {one['tasks']}" + (f"/{one['limit']}" if one["limit"] is not None else "")
        for one in value["columns"]
    )
    reached = f"{value['goals']['done']} of {counted(value['goals']['total'], 'goal')} reached"
    facts = f"{counted(value['blockers'], 'open blocker')}, {counted(value['risks'], 'risk')}, {reached}"
    return Page([*_head(value), [fill], burndown(value["burndown"]), [facts]])


def _head(value: Document) -> list[Line]:
    points, tasks = value["points"], value["tasks"]
    total = points["completed"] + points["remaining"]
    said = f"{layout.number(points['completed'])} of {layout.amount(total, 'point')} done"
    if points["committed"] is not None:
        said += f" ({layout.number(points['committed'])} committed)"
    said += f", {tasks['done']} of {counted(tasks['total'], 'task')}"
    if tasks["unestimated"]:
        said += f", {tasks['unestimated']} without an estimate"
    lines: list[Line] = [title(value["project"], value["sprint"]), [said]]
    if value["sprint"].get("capacity") is not None:
        lines[-1] = [f"{said}; capacity {layout.number(value['sprint']['capacity'])}"]
    return lines


def _columns(columns: Sequence[Document]) -> Table:
    return Table(
        ("COLUMN", "TASKS", "LIMIT", "POINTS", ""),
        [
            (
                one["name"],
                f"{one['tasks']:,}",
                "-" if one["limit"] is None else str(one["limit"]),
                layout.number(one["points"]),
                "over" if one["over"] else "full" if one["limit"] == one["tasks"] else "",
            )
            for one in columns
        ],
        "",
    )


def burndown(value: Document) -> Line:
    """Return the line that says how the committed points go down."""
    if value["state"] is None:
        why = (
            "it has no committed points yet" if not value["committed"] else "it has not begun or has no dates"
        )
        return [(f"There is no burndown: {why}.", "muted")]
    line = sparkline([row["actual"] for row in value["rows"]], value["committed"])
    left, committed = layout.number(value["actual"]), layout.number(value["committed"])
    said = f"{left} of {committed} committed points remain"
    if value["actual"] > value["committed"]:  # work was added
        said = f"{left} points remain, {committed} were committed"
    return [line, "  ", f"{said}, ideal {value['ideal']:.1f}: ", (value["state"], value["state"])]


def sparkline(numbers: Sequence[float], top: float, most: int = 20) -> str:
    """Return numbers as a row of blocks, the last `most` of them; a full block is `top`."""
    return "".join(
        _STEPS[min(len(_STEPS) - 1, max(0, round(one / top * (len(_STEPS) - 1))))] for one in numbers[-most:]
    )


def _teams(rows: Sequence[Document]) -> Bars:
    shown = []
    for one in rows:
        points = one["points_done"] + one["points_open"]
        tasks = one["done"] + one["open"]
        share = one["points_done"] / points if points else one["done"] / tasks if tasks else None
        facts = [f"{layout.number(one['points_done'])}/{layout.number(points)} points", f"{one['open']} open"]
        facts += [f"{one['blocked']} blocked"] if one["blocked"] else []
        shown.append(Bar(clean(one["team"] or "no team"), share, "done", ", ".join(facts)))
    return Bars(shown, "No tasks, so no team has any.")


def goals(rows: Sequence[Document]) -> Lines:
    """Show goals with a mark on those that are reached."""
    lines: list[Line] = [
        [("✓ done  " if one["done"] else "○ open  ", "done" if one["done"] else ""), clean(one["text"])]
        for one in rows
    ]
    return Lines(lines, "No goals are written down.", wraps=True)


def _blockers(rows: Sequence[Document]) -> Lines:
    lines: list[Line] = []
    for one in rows:
        on = f", waits for {one['on_task']}" if one["on_task"] else ""
        who = f" @{clean(one['assignee'])}" if one["assignee"] else ""
        lines.append(
            [
                (one["task"], "id"), f"{who} ", (f"{layout.age(one['hours'])} {one['severity']}", "blocked"),
                f" {one['id']}: {clean(one['reason'])}{on}",
                (f"  {clean(one['title'])}", "muted"),
            ]
        )  # fmt: skip
    return Lines(lines, "Nothing is blocked.")


def risks(rows: Sequence[Document]) -> Lines:
    """Show risks, each with the word for its severity."""
    lines: list[Line] = [
        [(f"{one['severity']:<8}", _SEVERITY[one["severity"]]), " ", clean(one["text"])] for one in rows
    ]
    return Lines(lines, "None found.", wraps=True)


def events(rows: Sequence[Document]) -> Lines:
    """Show events, newest first: when, who, what."""
    who = [clean(one["source"]) for one in rows]
    wide = min(24, max(map(width, who), default=0))
    lines: list[Line] = [
        [
            (str(one["timestamp"])[5:16].replace("T", " "), "muted"),
            f"  {name}{' ' * (wide - width(name))}  ",
            clean(one["subject"]),
        ]
        for one, name in zip(rows, who, strict=True)
    ]
    return Lines(lines, "Nothing has happened yet.")


def suggestions(rows: Sequence[Document]) -> Lines:
    """Show what to do next: the fact, and the command."""
    lines: list[Line] = []
    for one in rows:
        lines.append([f"• {clean(one['fact'])}"])
        lines.append(["    → ", (one["command"], "command")])
    return Lines(lines, "Nothing needs doing.", wraps=True)


def none(value: dict[str, Any]) -> Page:
    """Say that a project has no sprint."""
    return Page([[(clean(value["project"]), "title")]], foot=[
        [f"Project {value['project']} has no sprint: ",
         (f"`shared_state create-sprint {value['project']} ID NAME`", "command")]
    ])  # fmt: skip
