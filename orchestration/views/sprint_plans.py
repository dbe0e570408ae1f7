"""What starting, ending and archiving a sprint shows, and stopping altogether; see the modules of `domain`."""

from collections.abc import Sequence
from typing import Any

from orchestration.domain.records import Document
from orchestration.english import counted
from orchestration.views import layout
from orchestration.views.board import title
from orchestration.views.layout import Line, Lines, Page, Section, clean
from orchestration.views.sprint_status import goals
from orchestration.views.tables import Table

_SHOWN = 20


def starting(value: Document) -> Page:
    """Show a sprint that is started: dates, goals, tasks, points, teams and warnings."""
    points = value["points"]
    said = f"{layout.amount(points['committed'], 'point')} in {counted(len(value['tasks']), 'task')} are committed"
    if points["unestimated"]:
        said += f", {points['unestimated']} of them without an estimate"
    known = [
        f"{name} {layout.mean(points[key])}"
        for name, key in (("capacity", "capacity"), ("recent velocity", "velocity"), ("target", "target"))
        if points[key] is not None
    ]
    known += ["recent velocity n/a (needs 3 finished sprints)"] if points["velocity"] is None else []
    activated = value["activated"]
    teams: list[Line] = [
        [
            f"{clean(one['name'])}: {layout.number(one['used'])} of {layout.amount(one['slots'], 'slot')} used",
            "  ",
            ("activated", "active") if one["name"] in activated else (one["load"], one["load"]),
        ]
        for one in value["teams"]
    ]
    return Page(
        [title(value["project"], value["sprint"]), [said], [", ".join(known)]],
        [
            Section("Goals", goals(value["goals"])),
            Section("Tasks", tasks(value["tasks"]), wide=True),
            Section("Teams", Lines(teams, "There are no teams.")),
            Section("Warnings", _warnings(value["warnings"])),
        ],
    )


def stopping(value: Document) -> Page:
    """Show a sprint that is ended: what was done, and where its open tasks go."""
    return Page([title(value["project"], value["sprint"]), *_facts(value)], _open(value), _released(value))


def archiving(value: Document) -> Page:
    """Show a sprint that is archived, and what is carried over before."""
    head: list[Line] = [title(value["project"], value["sprint"])]
    sections: list[Section] = []
    ended = value["ended"]
    if ended:
        head += [[f"It is completed first: {ended['why']}."], *_facts(ended)]
        sections = _open(ended)
    names = ", ".join(value["tasks"][:_SHOWN]) + (", …" if len(value["tasks"]) > _SHOWN else "")
    count = counted(len(value["tasks"]), "task")
    said = f"{count} to the archive: {names}" if value["tasks"] else "It has no tasks to archive."
    return Page([*head, [said]], sections)


def standing_down(value: Document) -> Page:
    """Show what is stopped for a session."""
    if value["session"] is None:
        return Page([["Nothing runs here: this client has no session yet."]])
    name = value["session"][:8]
    if value["status"] != "paused":
        return Page([[f"Nothing runs here: session {name} is {value['status']}."]])
    lines: list[Line] = [
        [f"teams released: {', '.join(map(clean, value['teams'])) or 'none was active'}"],
        [f"workflows cancelled: {', '.join(value['workflows']) or 'none was running'}"],
        [f"session {name}: paused; the next change in this client wakes it up"],
    ]
    return Page(
        [[(f"{clean(value['project'])}  stop", "title")], *lines],
        [
            Section(
                "In work, left as it is",
                tasks(value["tasks"], "No task is claimed by this session."),
                wide=True,
            )
        ],
    )


def tasks(rows: Sequence[Document], empty: str = "It has no tasks.") -> Table:
    """List tasks by their main fields."""
    shown: list[tuple[str, ...]] = [
        (
            row["id"],
            row["column"] + (" (blocked)" if row.get("blocked") or row.get("blocker") else ""),
            f"P{row['priority']}" if row.get("priority") else "-",
            layout.number(row.get("points")),
            f"@{clean(row['assignee'])}" if row.get("assignee") else "-",
            clean(row["title"]),
        )
        for row in rows[:_SHOWN]
    ]
    if len(rows) > _SHOWN:
        shown.append(("…", f"and {len(rows) - _SHOWN:,} more", "", "", "", ""))
    return Table(("ID", "COLUMN", "PRIO", "POINTS", "ASSIGNEE", "TITLE"), shown, empty)


def _facts(value: Document) -> list[Line]:
    counts, points, reached = (value["facts"][name] for name in ("tasks", "points", "goals"))
    said = (
        f"{counted(counts['done'], 'task')} done, {counts['open']} open, {counts['blocked']} of them blocked"
    )
    said += f", {counts['cancelled']} cancelled" if counts["cancelled"] else ""
    of = f" of {layout.number(points['committed'])} committed" if points["committed"] is not None else ""
    line = f"{layout.number(points['completed'])} points{of} completed, {layout.number(points['open'])} open"
    return [[said], [line], [f"{reached['done']} of {counted(reached['total'], 'goal')} reached"]]


def _open(value: Document) -> list[Section]:
    where = value["carry_to"]
    others = [f"--carry-to {one}" for one in value["choices"] if one != where]
    shown = f"Carried over to {where}" + (f" (or {', '.join(others)})" if others else "")
    if not value["open"]:
        return [Section("Carried over", Lines([], "Nothing: no task is open."), wide=True)]
    return [Section(shown, tasks(value["open"]), wide=True)]


def _released(value: Document) -> list[Line]:
    teams = value.get("released") or []
    return [[f"teams released: {', '.join(map(clean, teams))}"]] if teams else []


def _warnings(rows: Sequence[Any]) -> Lines:
    return Lines([[("! ", "warning"), clean(one)] for one in rows], "None.", wraps=True)
