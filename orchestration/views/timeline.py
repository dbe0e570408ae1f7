"""What happened, grouped by day; see `domain.timeline` for the document."""

from orchestration.domain.records import Document
from orchestration.views.layout import Line, Lines, Page, Section, clean
from orchestration.views.tables import width

_SEVERITY = {"warning": "warning", "error": "error", "critical": "critical", "debug": "muted"}


def timeline(value: Document) -> Page:
    """Show the events of a project by day: time, who, what."""
    head: Line = [(f"{clean(value['project'])}  timeline", "title"), f"  times in {value['timezone']}"]
    if not value["days"]:
        return Page([head], foot=[["Nothing like that has happened yet."]])
    wide = min(24, max(width(clean(event["who"])) for day in value["days"] for event in day["events"]))
    sections = []
    for day in value["days"]:
        lines: list[Line] = []
        for event in day["events"]:
            who = clean(event["who"])
            new = event["reason"] and event["reason"] not in event["text"]
            reason = f"  ({clean(event['reason'])})" if new else ""
            lines.append(
                [
                    (event["time"][:5], "muted"),
                    f"  {who}{' ' * (wide - width(who))}  ",
                    (clean(event["text"]), _SEVERITY.get(event["severity"], "")),
                    (reason, "muted"),
                ]
            )
        sections.append(Section(f"{day['weekday']} {day['date']}", Lines(lines), wide=True))
    return Page([head], sections, [[("There is more before: --limit N", "muted")]] if value["more"] else [])
