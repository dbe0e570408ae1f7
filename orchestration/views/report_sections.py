"""The sections of a report's page; one that has nothing to say is empty, or says that there is nothing."""

from collections.abc import Mapping
from typing import Any

from orchestration.domain.records import DEFAULT_PRIORITY
from orchestration.english import counted
from orchestration.views import report_charts
from orchestration.views.report_drawing import text
from orchestration.views.report_parts import Cell, none, section, table, words
from orchestration.views.report_words import (
    COLUMN_NAMES,
    PRIORITIES,
    RETRO,
    duration,
    minute,
    number,
    percent,
)

CARDS_SHOWN, TASKS_SHOWN = 60, 300


def goals(document: Mapping[str, Any]) -> str:
    """Return the goals of the sprint, the reached ones marked."""
    goals = document["sprint"]["goals"]
    if not goals:
        return ""
    items = [
        f"<li{' class=reached' if goal['done'] else ''}>{words(goal['text'])}"
        f"{' <span class=soft>(reached)</span>' if goal['done'] else ''}</li>"
        for goal in goals
    ]
    return section("Goals", f'<ul class="goals">{"".join(items)}</ul>')


def burndown(document: Mapping[str, Any]) -> str:
    """Return the burndown as a chart and as a table, with what changed the scope."""
    found = document["burndown"]
    if not found["rows"]:
        need = document["figures"]["needs"].get("burndown", "needs a started sprint with dates and points")
        return section("Burndown", none(f"There is no burndown yet: {need}."))
    known = [row for row in found["rows"] if row["actual"] is not None]
    values = table(
        "Points that remained at the beginning of each day", found["rows"],
        (
            ("Day", "", lambda row: text(minute(row["date"]))),
            ("Ideal", "n", lambda row: number(row["ideal"])),
            ("Left", "n", lambda row: number(row["actual"]) if row["actual"] is not None else ""),
        ),
    )  # fmt: skip
    scope = found["scope_changes"]
    changes = table(
        "Scope changes since the start", scope,
        (
            ("Task", "id", lambda one: text(one["task"])),
            ("What", "", lambda one: text(one["kind"])),
            ("Points", "n", lambda one: f"{one['points']:+g}"),
            ("When (UTC)", "when", lambda one: text(minute(one["at"]))),
        ),
    ) if scope else ""  # fmt: skip
    key = "Solid: points left. Dashed: the straight way from commitment to end."
    key += " Triangles: scope that grew ▲ or shrank ▼." if scope else ""
    return section(
        "Burndown", report_charts.burndown(found), f'<p class="key">{key}</p>', changes,
        f"<details><summary>{counted(len(known), 'value')} as a table</summary>{values}</details>",
    )  # fmt: skip


def board(document: Mapping[str, Any]) -> str:
    """Return the board."""
    found = document["board"]
    if not found["tasks"]:
        return section("Board", none("This sprint has no tasks."))
    columns = "".join(_column(column) for column in found["columns"])
    hidden = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in found["hidden"].items())
    return section(
        "Board", report_charts.columns(found), f'<div class="board">{columns}</div>',
        f'<p class="key">Not shown: {text(hidden)}.</p>' if hidden else "", long=True,
    )  # fmt: skip


def _column(column: Mapping[str, Any]) -> str:
    name, cards = column["name"], column["cards"]
    count = f"{column['count']} / {column['limit']}" if column["limit"] else str(column["count"])
    over = ' <span class="flag">over the limit</span>' if column["over"] else ""
    inside = (
        f"<ul>{''.join(_card(card, name) for card in cards[:CARDS_SHOWN])}</ul>" if cards else none("nothing")
    )
    if len(cards) > CARDS_SHOWN:
        inside += none(f"… and {len(cards) - CARDS_SHOWN:,} more")
    return f'<div><h3 class="{name}">{COLUMN_NAMES[name]} <span>{count}{over}</span></h3>{inside}</div>'


def _card(card: Mapping[str, Any], column: str) -> str:
    meta = [
        f"@{text(card['assignee'])}" if card["assignee"] else "" if column == "done" else "nobody",
        f"{number(card['points'])} pt" if card["points"] is not None else "",
        PRIORITIES.get(card["priority"], "") if card["priority"] != DEFAULT_PRIORITY else "",
        f"{duration(card['hours'])} in work" if card["hours"] is not None else "",
    ]
    lines = [" · ".join(filter(None, meta))]
    if card["waits_for"]:
        lines.append(f"waits for {text(', '.join(card['waits_for']))}")
    blocked = "".join(
        f'<div class="flag">blocked {duration(one["hours"])}: {words(one["reason"])}</div>'
        for one in card["blockers"]
    )
    return (
        f'<li class="card{" blocked" if blocked else ""}"><span class="id">{text(card["id"])}</span> '
        f"{words(card['title'])}"
        + "".join(f'<div class="meta">{line}</div>' for line in lines if line)
        + f"{blocked}</li>"
    )


def cycle_times(document: Mapping[str, Any]) -> str:
    """Return how long finished tasks took."""
    finished, needs = document["finished"], document["figures"]["needs"]
    if not finished:
        return section("Cycle times", none("No task is finished yet."))
    efficiency = document["figures"]["flow_efficiency"]
    said = percent(efficiency["ratio"] if efficiency else None, needs.get("flow_efficiency"))
    newest = finished[-TASKS_SHOWN:]
    which = f", the newest {TASKS_SHOWN} of them" if len(newest) < len(finished) else ""
    tasks = table(
        f"Finished tasks{which}, oldest first", newest,
        (
            ("Task", "id", lambda task: text(task["id"])),
            ("Title", "", lambda task: words(task["title"])),
            ("By", "", lambda task: words(task["assignee"])),
            ("Points", "n", lambda task: number(task["points"]) if task["points"] is not None else "–"),
            ("Cycle", "n", lambda task: text(duration(task["cycle_hours"]))),
            ("Lead", "n", lambda task: text(duration(task["lead_hours"]))),
            ("Done (UTC)", "when", lambda task: text(minute(task["completed_at"]))),
        ),
    )  # fmt: skip
    return section(
        "Cycle times", report_charts.cycle_times(finished, document["figures"]), _statistics(document),
        f'<p class="key">Flow efficiency: {text(said)}</p>',
        f"<details><summary>{counted(len(finished), 'finished task')}</summary>{tasks}</details>", long=True,
    )  # fmt: skip


def _statistics(document: Mapping[str, Any]) -> str:
    figures = document["figures"]
    measures = {"cycle_time": "Cycle time (start to done)", "lead_time": "Lead time (commitment to done)"}
    parts = {"mean": "Mean", "median": "Median", "p85": "85 %", "p95": "95 %"}

    def cell(part: str) -> Cell:
        def hours(row: Mapping[str, Any]) -> str:
            need = figures["needs"].get(f"{row['key']}.{part}") or figures["needs"].get(row["key"])
            return text(duration(row[part], need))

        return hours

    return table(
        "Elapsed time, nights and weekends included", [{"key": key, **figures[key]} for key in measures],
        (
            ("Measure", "", lambda row: measures[row["key"]]),
            *((name, "n", cell(part)) for part, name in parts.items()),
            ("Tasks", "n", lambda row: str(row["samples"])),
        ),
    )  # fmt: skip


def blockers(document: Mapping[str, Any]) -> str:
    """Return what was, and is, blocked."""
    rows = document["blockers"]
    if not rows:
        return section("Blockers", none("Nothing was blocked."))
    return section(
        "Blockers",
        table(
            "Open ones first", rows,
            (
                ("Blocker", "id", lambda one: text(one["id"])),
                ("Task", "", lambda one: f"{text(one['task'])} {words(one['title'])}"),
                ("Reason", "", lambda one: words(one["reason"])),
                ("Severity", "", lambda one: text(one["severity"] or "medium")),
                ("Since (UTC)", "when", lambda one: text(minute(one["opened_at"]))),
                ("For", "n", lambda one: text(duration(one["hours"]))),
                ("State", "", _resolution),
            ),
        ),
        long=True,
    )  # fmt: skip


def _resolution(one: Mapping[str, Any]) -> str:
    if one["resolved_at"] is None:
        return '<span class="flag">open</span>'
    return "resolved" + (f": {words(one['resolution'])}" if one["resolution"] else "")


def risks(document: Mapping[str, Any]) -> str:
    """Return the recorded risks."""
    items = [
        f'<li>{words(one["text"])} <span class="soft">({text(one.get("severity") or "medium")})</span></li>'
        for one in document["risks"]
    ]
    return section("Risks", f"<ul>{''.join(items)}</ul>") if items else ""


def decisions(document: Mapping[str, Any]) -> str:
    """Return the decisions of the sprint's time."""
    rows = document["decisions"]
    if not rows:
        return ""
    return section(
        "Decisions",
        table(
            "Proposed or closed while the sprint ran", rows,
            (
                ("Decision", "id", lambda one: text(one["id"])),
                ("Text", "", lambda one: words(one["text"])),
                ("Proposed by", "", lambda one: words(one["proposer"])),
                ("Yes", "n", lambda one: str(one["tally"]["yes"])),
                ("No", "n", lambda one: str(one["tally"]["no"])),
                ("Status", "", lambda one: text(one["status"])),
            ),
        ),
    )  # fmt: skip


def retro(document: Mapping[str, Any]) -> str:
    """Return what the retrospective found."""
    retro = document["sprint"]["retro"]
    if not isinstance(retro, Mapping) or not any(retro.get(part) for part in RETRO):
        return ""
    parts = []
    for part, heading in RETRO.items():
        items = retro.get(part) or []
        shown = [
            one.get("text") or one.get("title") or one if isinstance(one, Mapping) else one for one in items
        ]
        inside = (
            f"<ul>{''.join(f'<li>{words(one)}</li>' for one in shown)}</ul>" if shown else none("nothing")
        )
        parts.append(f"<div><h3>{heading}</h3>{inside}</div>")
    return section("Retrospective", f'<div class="retro">{"".join(parts)}</div>')


def changes(document: Mapping[str, Any]) -> str:
    """Return the commits of the sprint."""
    found = document["changes"]
    rows, total = found["events"], found["total"]
    if not rows:
        return section("What changed", none("Nothing has changed since the sprint began."))
    newest = f"The newest {len(rows)} of {total:,} changes" if total > len(rows) else counted(total, "change")
    return section(
        "What changed",
        table(
            newest if total > len(rows) else f"{newest}, newest first", rows,
            (
                ("Commit", "id", lambda one: text(one["commit"][:8])),
                ("When (UTC)", "when", lambda one: text(minute(one["at"]))),
                ("Who", "", lambda one: words(one["author"])),
                ("What", "", lambda one: words(one["subject"])),
            ),
        ),
        long=True,
    )  # fmt: skip
