"""What `doctor` found, a line for each thing it looked at."""

from typing import Any

from orchestration.views.tables import Details, text

MARKS = {"ok": "✓", "hint": "·", "warning": "!", "error": "✗"}


def health(rows: list[dict[str, Any]]) -> Details:
    """List what was looked at; the way out stands below what is wrong, and a count at the end."""
    lines: list[str] = []
    for row in rows:
        lines.append(f"{MARKS[row['status']]} {row['check']}: {text(row['found'])}")
        if row["fix"]:
            lines.append(f"    fix: {text(row['fix'])}")
    wrong = [row for row in rows if row["status"] in ("error", "warning")]
    lines.append(
        f"{len(wrong)} of {len(rows)} are not as they should be."
        if wrong
        else "Everything is as it should be."
    )
    return Details([], lines)
