"""The situation of a project on one page; see `domain.monitor` for the document."""

from collections.abc import Sequence
from typing import Any

from orchestration.domain.records import Document
from orchestration.english import counted
from orchestration.views import layout
from orchestration.views.board import title
from orchestration.views.layout import Line, Lines, Page, Section, clean
from orchestration.views.tables import Table, moment, text

_NO_AGENTS = "No agents are configured, and nobody has a task."


def situation(value: Document, *, panels: Sequence[str] = ()) -> Page:
    """Show sprint, columns, alerts, agents, sessions and the last events; of these lists, those named alone."""
    head: list[Line] = [title(value["project"], value["sprint"])]
    if value["sprint"] is None:
        head = [[(clean(value["project"]), "title"), "  no current sprint"]]
    sections = {
        "alerts": Section(
            "Alerts", Lines([_alert(one) for one in value["alerts"]], "Nothing needs attention.", True)
        ),
        "agents": Section("Agents", Lines(_agents(value["agents"]), _NO_AGENTS)),
        "sessions": Section("Sessions", _sessions(value["sessions"])),
        "events": Section(
            "Last events", Lines([_event(one) for one in value["events"]], "Nothing happened yet.")
        ),
    }
    shown = [one for name, one in sections.items() if not panels or name in panels]
    return Page([*head, _columns(value), *_progress(value)], shown)


def _columns(value: Document) -> Line:
    spans: list[Any] = []
    for column in value["columns"]:
        limit = f"/{column['limit']}" if column["limit"] is not None else ""
        over = column["limit"] is not None and column["tasks"] > column["limit"]
        spans += [
            f"{column['column']} ",
            (f"{column['tasks']}{limit}{' !' if over else ''}", "over" if over else column["column"]),
            "  ",
        ]
    blocked = value["tasks"]["blocked"]
    return [*spans, "blocked ", (str(blocked), "blocked" if blocked else "muted")]


def _progress(value: Document) -> list[Line]:
    found, health = value["progress"], value["health"]
    line: list[Any] = []
    if found["total"]:
        line.append(
            f"{layout.number(found['completed'])} of {layout.amount(found['total'], 'point')} done "
            f"({layout.percent(found['completion'])})  "
        )
    if found["burndown_state"]:
        line.append((found["burndown_state"], found["burndown_state"]))
    if health and health["score"] is not None:
        line.append(f"  health {health['score']:.0f}/100")
    return [line] if line else []


def _alert(one: Document) -> Line:
    return [(one["severity"], one["severity"]), f": {clean(one['text'])}"]


def _agents(value: Document) -> list[Line]:
    shown = [row for row in value["rows"] if row["status"] != "offline"]
    lines: list[Line] = []
    for row in shown:
        team = f"  {clean(row['team'])}" if row["team"] else ""
        work = f"  {', '.join(row['tasks'])}" if row["tasks"] else ""
        more = row["open"] - len(row["tasks"])
        waiting = f"  {counted(more, 'task')} waiting" if more else ""
        lines.append([(row["status"], row["status"]), f"  @{clean(row['id'])}{team}{work}{waiting}"])
    offline = value["counts"]["offline"]
    if offline:
        lines.append([(f"{counted(offline, 'agent')} offline", "muted")])
    return lines


def _sessions(rows: list[Document]) -> Table:
    return Table(
        ("ID", "MODE", "STATUS", "LAST ACTIVITY", "EXPIRES"),
        [
            (row["id"], row["mode"], row["status"], moment(row["last_activity"]), moment(row["expiry"]))
            for row in rows
        ],
        "No session is active.",
        ids=True,
    )


def _event(one: Document) -> Line:
    when = one["timestamp"][:19].replace("T", " ")
    return [(when, "muted"), f"  {text(one['source'])}  {clean(one['subject'])}"]
