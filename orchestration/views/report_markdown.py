"""A report as Markdown, for a pull request, a wiki or a mail."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from orchestration.domain.markdown import inline
from orchestration.views.report_words import (
    COLUMN_NAMES,
    RETRO,
    clean,
    day,
    duration,
    facts,
    minute,
    number,
    span,
    title,
)

CHANGES_SHOWN = 50
Cell = Callable[[Mapping[str, Any]], str]


def page(document: Mapping[str, Any]) -> str:
    """Return the report as a Markdown page."""
    sprint = document["sprint"]
    parts = [
        f"# {_text(title(document))}",
        f"Sprint report, project {_text(document['project'])}: {sprint['status']}, {_text(span(document))}.",
        _table(
            facts(document),
            (
                ("Figure", lambda one: _text(one.label)),
                ("Value", lambda one: f"**{_text(one.value)}**"),
                ("", lambda one: _text(one.detail)),
            ),
        ),
    ]
    for section in (_goals, _burndown, _board, _finished, _blockers, _risks, _decisions, _retro, _changes):
        parts += section(document)
    parts.append(f"As of {minute(document['at'])} UTC, commit {(document['revision'] or 'none')[:12]}.")
    return "\n\n".join(part for part in parts if part) + "\n"


def _text(value: Any) -> str:
    return inline(clean(value)) if value not in (None, "") else "–"


def _table(rows: Sequence[Any], columns: Sequence[tuple[str, Callable[[Any], str]]]) -> str:
    lines = [
        "| " + " | ".join(name for name, _ in columns) + " |",
        "|" + " --- |" * len(columns),
        *("| " + " | ".join(cell(row) for _, cell in columns) + " |" for row in rows),
    ]
    return "\n".join(lines)


def _section(heading: str, *parts: str) -> list[str]:
    return [f"## {heading}", *parts]


def _list(items: Sequence[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _goals(document: Mapping[str, Any]) -> list[str]:
    goals = document["sprint"]["goals"]
    return _section(
        "Goals", _list([f"[{'x' if goal['done'] else ' '}] {_text(goal['text'])}" for goal in goals])
    ) if goals else []  # fmt: skip


def _burndown(document: Mapping[str, Any]) -> list[str]:
    found = document["burndown"]
    if not found["rows"]:
        need = document["figures"]["needs"].get("burndown", "needs a started sprint with dates and points")
        return _section("Burndown", f"There is no burndown yet: {_text(need)}.")
    known = [row for row in found["rows"] if row["actual"] is not None]
    parts = [
        _table(
            known,
            (
                ("Day", lambda row: minute(row["date"])),
                ("Points left", lambda row: number(row["actual"])),
                ("Ideal", lambda row: number(row["ideal"])),
            ),
        )
    ] if known else ["The sprint has not begun."]  # fmt: skip
    if found["scope_changes"]:
        parts.append("Scope changes since the start:")
        parts.append(
            _list(
                [
                    f"{_text(one['task'])} {one['kind']}: {one['points']:+g} points, {minute(one['at'])}"
                    for one in found["scope_changes"]
                ]
            )
        )
    return _section("Burndown", *parts)


def _board(document: Mapping[str, Any]) -> list[str]:
    board = document["board"]
    if not board["tasks"]:
        return _section("Board", "This sprint has no tasks.")
    parts = []
    for column in board["columns"]:
        limit = f" of at most {column['limit']}" if column["limit"] else ""
        over = ", over the limit" if column["over"] else ""
        parts.append(f"### {COLUMN_NAMES[column['name']]}: {column['count']}{limit}{over}")
        if column["cards"]:
            parts.append(_list([_card(card) for card in column["cards"]]))
    return _section("Board", *parts)


def _card(card: Mapping[str, Any]) -> str:
    said = f"{_text(card['id'])} {_text(card['title'])}"
    facts = [
        _text(card["assignee"]) if card["assignee"] else "",
        f"{number(card['points'])} pt" if card["points"] is not None else "",
        *(f"**blocked** {duration(one['hours'])}: {_text(one['reason'])}" for one in card["blockers"]),
    ]
    told = ", ".join(filter(None, facts))
    return f"{said} ({told})" if told else said


def _finished(document: Mapping[str, Any]) -> list[str]:
    rows = document["finished"]
    if not rows:
        return _section("Cycle times", "No task is finished yet.")
    return _section(
        "Cycle times",
        _table(
            rows,
            (
                ("Task", lambda task: f"{_text(task['id'])} {_text(task['title'])}"),
                ("Points", lambda task: _text(task["points"])),
                ("Cycle time", lambda task: duration(task["cycle_hours"])),
                ("Lead time", lambda task: duration(task["lead_hours"])),
                ("Done", lambda task: day(task["completed_at"])),
            ),
        ),
    )


def _blockers(document: Mapping[str, Any]) -> list[str]:
    rows = document["blockers"]
    if not rows:
        return _section("Blockers", "Nothing was blocked.")
    return _section(
        "Blockers",
        _table(
            rows,
            (
                ("Blocker", lambda one: _text(one["id"])),
                ("Task", lambda one: f"{_text(one['task'])} {_text(one['title'])}"),
                ("Reason", lambda one: _text(one["reason"])),
                ("For", lambda one: duration(one["hours"])),
                ("State", lambda one: "**open**" if one["resolved_at"] is None else "resolved"),
            ),
        ),
    )


def _risks(document: Mapping[str, Any]) -> list[str]:
    rows = document["risks"]
    return (
        _section("Risks", _list([f"{_text(one['text'])} ({_text(one.get('severity'))})" for one in rows]))
        if rows
        else []
    )


def _decisions(document: Mapping[str, Any]) -> list[str]:
    items = [
        f"{_text(one['id'])} {_text(one['text'])}: {one['status']}, "
        f"{one['tally']['yes']} yes, {one['tally']['no']} no"
        for one in document["decisions"]
    ]
    return _section("Decisions", _list(items)) if items else []


def _retro(document: Mapping[str, Any]) -> list[str]:
    retro = document["sprint"]["retro"]
    if not isinstance(retro, Mapping) or not any(retro.get(part) for part in RETRO):
        return []
    parts = []
    for part, heading in RETRO.items():
        items = [one.get("text") or one if isinstance(one, Mapping) else one for one in retro.get(part) or []]
        if items:
            parts += [f"### {heading}", _list([_text(one) for one in items])]
    return _section("Retrospective", *parts)


def _changes(document: Mapping[str, Any]) -> list[str]:
    found = document["changes"]
    rows = found["events"][:CHANGES_SHOWN]
    if not rows:
        return _section("What changed", "Nothing has changed since the sprint began.")
    items = [f"{minute(one['at'])} {_text(one['author'])}: {_text(one['subject'])}" for one in rows]
    if found["total"] > len(rows):
        items.append(f"… and {found['total'] - len(rows)} before that")
    return _section("What changed", _list(items))
