"""What an import did, as data: see `tables`."""

from typing import Any

from orchestration.views.tables import Details, text

_NOTES = 20
_KINDS = ("tasks", "epics", "sprints", "sessions", "configs", "tools")


def imported(value: dict[str, Any]) -> Details:
    """Show counts by kind, ids that had to change, fields without one of ours, and what there is to know."""
    rows = [("source", text(" of ".join(filter(None, [value["system"], value["origin"]]))))]
    if value["projects"]:
        rows.append(("project", text(value["projects"])))
    for kind in _KINDS:
        counts = {verb: count for verb, count in (value.get(kind) or {}).items() if count}
        if counts:
            rows.append((kind, ", ".join(f"{count} {verb}" for verb, count in counts.items())))
    renamed = [f"{old} -> {new}" for old, new in value["renamed"].items()]
    if renamed:
        rows.append(("new ids", text(_few(renamed))))
    unmapped = [f"{name} ({count})" for name, count in sorted(value["unmapped"].items())]
    if unmapped:
        rows.append(("kept under metadata", text(unmapped)))
    return Details(rows, [f"- {text(note)}" for note in _few(value["notes"])])


def _few(shown: list[str]) -> list[str]:
    more = len(shown) - _NOTES
    return shown if more <= 0 else [*shown[:_NOTES], f"… and {more} more, see --json-output"]
