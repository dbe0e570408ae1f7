"""What happened, by day: the events of a project in days of its own time zone."""

from collections.abc import Sequence

from orchestration.domain import values, workdays
from orchestration.domain.project import Project
from orchestration.domain.records import WEEKDAYS, Document


def timeline(project: Project, events: Sequence[Document], *, more: bool = False) -> Document:
    """Return {project, timezone, days: [{date, weekday, events}], more} from events, newest first.

    Days, and the events of a day, stand newest first; an event has time (HH:MM:SS in the project's zone), at,
    who, type, severity, text, entity, reason and commit. `more` says that there are older ones.
    """
    calendar = workdays.calendar(project.settings)
    days: dict[str, Document] = {}
    for event in events:
        at = values.parse_time(event["timestamp"]).astimezone(calendar.zone)
        date = at.date().isoformat()
        day = days.setdefault(date, {"date": date, "weekday": WEEKDAYS[at.weekday()], "events": []})
        day["events"].append(
            {
                "time": f"{at:%H:%M:%S}",
                "at": event["timestamp"],
                "who": event["source"],
                "type": event["type"],
                "severity": event["severity"],
                "text": event["subject"],
                "entity": event["entity"],
                "reason": event["cause"],
                "commit": event["id"],
            }
        )
    return {
        "project": project.id,
        "timezone": project.settings["timezone"],
        "days": list(days.values()),
        "more": more,
    }
