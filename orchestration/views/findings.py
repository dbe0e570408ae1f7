"""What a check of the store found."""

from typing import Any

from orchestration.views.tables import Table


def listing(rows: list[dict[str, Any]]) -> Table:
    """List findings, errors first."""
    return Table(
        ("SEVERITY", "PLACE", "PROBLEM", "FIX"),
        [(row["severity"], row["place"], row["problem"], row["fix"]) for row in rows],
        "Everything is as it should be.",
    )
