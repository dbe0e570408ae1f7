"""What a check of the store found."""

from typing import Any

from orchestration.views.tables import Details


def listing(rows: list[dict[str, Any]]) -> Details:
    """List findings, errors first: a line for each, and below it what to do. Nothing is ever cut."""
    if not rows:
        return Details([], ["Everything is as it should be."])
    lines = []
    for row in rows:
        lines.append(f"{row['severity']}: {row['place']}: {row['problem']}")
        lines.append(f"  fix: {row['fix']}")
    return Details([], lines)
