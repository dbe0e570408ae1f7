"""The kanban board; see `domain.board` for the document."""

from typing import Any

from orchestration.domain.records import Document
from orchestration.english import counted
from orchestration.views import layout
from orchestration.views.layout import Card, Column, Kanban, Line, Page, Section, Span, clean

_CELLS = ("ID", "PRIORITY", "POINTS", "ASSIGNEE", "NOTES", "TITLE")
_NAMES = {
    "todo": "TODO",
    "in_progress": "IN PROGRESS",
    "review": "REVIEW",
    "done": "DONE",
    "backlog": "BACKLOG",
}
_PRIORITY = {1: "critical", 2: "warning"}


def board(value: Document) -> Page:
    """Show a board."""
    head = title(value["project"], value["sprint"])
    if not value["has_tasks"]:
        return Page([head], foot=[[f"Project {value['project']} has no tasks yet: ", _ADD]])
    if not value["tasks"]:
        where = f"Sprint {value['sprint']['id']}" if value["sprint"] else "The board"
        add = (
            f"`state_manager task add TITLE --sprint {value['sprint']['id']}`" if value["sprint"] else _ADD[0]
        )
        return Page([head], foot=[[f"{where} has no tasks: ", (add, "command")]])
    if value["filter"]:
        found = sum(column["matching"] for column in value["columns"])
        head = [
            *head,
            "  ",
            (f"filter: {clean(value['filter'])} ({counted(found, 'task')})", "warning"),
        ]
    columns = [_column(column, value) for column in value["columns"]]
    return Page([head], [Section("", Kanban(columns, _CELLS), wide=True)], _foot(value))


_ADD = ("`state_manager task add TITLE`", "command")


def title(project: str, sprint: Document | None) -> list[Span]:
    """Return the line that says which sprint of which project is shown, and which day of it this is."""
    if sprint is None:
        return [(clean(project), "title"), "  all tasks"]
    name = f": {clean(sprint['name'])}" if sprint["name"] != sprint["id"] else ""
    line: list[Span] = [
        (f"{clean(project)}  {sprint['id']}{name}", "title"),
        "  ",
        (sprint["status"], sprint["status"]),
    ]
    return [*line, *(f"  {one}" for one in [dates(sprint), day(sprint)] if one)]


def dates(sprint: Document) -> str:
    """Return the dates of a sprint, as far as they are known."""
    start, end = (str(sprint[name] or "")[:10] for name in ("start_date", "end_date"))
    return (
        f"{start} – {end}" if start and end else f"from {start}" if start else f"until {end}" if end else ""
    )


def day(sprint: Document) -> str:
    """Return where in its time a sprint is."""
    now, days = sprint["day"], sprint["days"]
    if now is None:
        return ""
    if now < 1:
        return f"starts in {counted(1 - now, 'day')}"
    if sprint["status"] == "planned":
        return f"was to start {counted(now - 1, 'day')} ago" if now > 1 else "starts today"
    if days is None:
        return f"day {now}"
    return f"day {now} of {days}" if now <= days else f"over for {counted(now - days, 'day')}"


def _column(column: Document, board: Document) -> Column:
    limit = f"/{column['limit']}" if column["limit"] is not None else ""
    of = (
        f"{column['matching']:,} of {column['count']:,}" if board["filter"] else f"{column['count']:,}{limit}"
    )
    fill = of + (" !" if column["over"] else "")
    full = column["limit"] is not None and column["count"] == column["limit"]
    style = "over" if column["over"] else "full" if full else "muted"
    epic = (board["sprint"] or {}).get("epic_id")
    cards = [_card(card, epic) for card in column["cards"]]
    name = _NAMES.get(column["name"], column["name"].upper())
    return Column(name, fill, style, cards, column["matching"] - len(cards))


def _card(card: Document, epic: str | None) -> Card:
    priority = f"P{card['priority']}"
    points = f"{layout.number(card['points'])}p" if card["points"] is not None else ""
    head: list[Any] = [(card["id"], "id"), " ", (priority, _PRIORITY.get(card["priority"], "muted"))]
    if points:
        head += [f" {points}"]
    who = clean(card["assignee"]) if card["assignee"] else None
    claim = card["claim"]
    lines: list[Line] = []
    if who:
        mark = [] if claim is None else [("○ ", "warning")] if claim["orphaned"] else [("● ", "busy")]
        lines.append([*mark, f"@{who}"])
    notes = _notes(card)
    for blocker in card["blockers"]:
        since = layout.age(blocker["hours"], short=True)
        lines.append([(f"blocked {since} {blocker['id']}", "blocked")])
    if card["waits_for"]:
        lines.append([(f"waits {', '.join(card['waits_for'])}", "warning")])
    cells = (
        card["id"], priority, layout.number(card["points"]), f"@{who}" if who else "-",
        "; ".join(notes) or "-", clean(card["title"]),
    )  # fmt: skip
    return Card(head, clean(card["title"]), lines, cells, _wide(card, epic))


def _notes(card: Document) -> list[str]:
    """Return what a list says of a task besides its fields."""
    notes = [
        f"blocked {layout.age(one['hours'])} by {one['id']} ({clean(one['reason'])})"
        for one in card["blockers"]
    ]
    if card["waits_for"]:
        notes.append(f"waits for {', '.join(card['waits_for'])}")
    claim = card["claim"]
    if claim:
        orphaned = f"orphaned ({clean(claim['orphaned'])})" if claim["orphaned"] else "claimed"
        notes.append(
            orphaned if claim["agent"] == card["assignee"] else f"{orphaned} by {clean(claim['agent'])}"
        )
    return notes


def _wide(card: Document, epic: str | None) -> list[Line]:
    """Return what roomy columns say of a card besides; the epic only when it is not the sprint's."""
    lines: list[Line] = [[(f"  {clean(one['reason'])}", "muted")] for one in card["blockers"]]
    if card["claim"] and card["claim"]["orphaned"]:
        lines.append([(f"  {clean(card['claim']['orphaned'])}", "muted")])
    facts = []
    if card["hours"] is not None:
        facts.append(f"{layout.age(card['hours'])} in work")
    if card["parent"]:
        facts.append(f"part of {card['parent']}")
    if card["epic_id"] not in (None, epic):
        facts.append(f"epic {card['epic_id']}")
    facts += [f"#{clean(label)}" for label in card["labels"]]
    if facts:
        lines.append([("  ".join(facts), "muted")])
    return lines


def _foot(value: Document) -> list[Line]:
    cards = [card for column in value["columns"] for card in column["cards"]]
    facts = [f"{value['blocked']:,} blocked"] if value["blocked"] else []
    hidden = value["hidden"]
    if hidden.get("backlog"):
        facts.append(f"{hidden['backlog']:,} in the backlog (--backlog)")
    if hidden.get("cancelled"):
        facts.append(f"{hidden['cancelled']:,} cancelled")
    if hidden.get("split"):
        facts.append(f"{hidden['split']:,} split into parts")
    if any(column["over"] for column in value["columns"]):
        facts.append("! over its limit")
    if any(card["claim"] and not card["claim"]["orphaned"] for card in cards):
        facts.append("● claimed")
    if any(card["claim"] and card["claim"]["orphaned"] for card in cards):
        facts.append("○ claim orphaned")
    return [[(" · ".join(facts), "muted")]] if facts else []
