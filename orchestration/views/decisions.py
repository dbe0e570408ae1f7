"""What the commands of decisions, goals and risks show, as data: see `tables`."""

from typing import Any

from orchestration.views.tables import Details, Table, moment, text


def listing(rows: list[dict[str, Any]], *, project: str, status: str | None = None) -> Table:
    """List decisions with their votes."""
    return Table(
        ("ID", "STATUS", "YES", "NO", "ABSTAIN", "CONSENSUS", "DEADLINE", "DECISION"),
        [
            (
                row["id"],
                "voting (overdue)" if row["overdue"] else row["status"],
                *(str(row["tally"][name]) for name in ("yes", "no", "abstain")),
                consensus(row),
                moment(row["deadline"]),
                text(row["text"]),
            )
            for row in rows
        ],
        f"Project {project} has no decisions{f' that are {status}' if status else ''}.",
    )


def consensus(row: dict[str, Any]) -> str:
    """Return the share of yes, or what it still needs."""
    share, needs = row["tally"]["consensus"], row["tally"]["needs"]
    return f"{share:.0%}" if share is not None else f"n/a ({needs['consensus']})"


def card(row: dict[str, Any]) -> Details:
    """Show one decision: its facts, then who voted what."""
    shown = [
        ("id", row["id"]),
        ("decision", text(row["text"])),
        ("proposer", text(row["proposer"])),
        ("status", row["status"]),
        ("created_at", moment(row["created_at"])),
        ("deadline", moment(row["deadline"]) + (" (over)" if row["overdue"] else "")),
        ("decided_at", moment(row["decided_at"])),
        ("consensus", consensus(row)),
    ]
    votes = [f"  {text(name)}: {cast}" for name, cast in row["votes"].items()]
    return Details(shown, ["Votes:", *votes] if votes else ["Nobody has voted yet."])


def goals(rows: list[dict[str, Any]], *, sprint: str) -> Table:
    """List the goals of a sprint."""
    return Table(
        ("N", "REACHED", "GOAL"),
        [(str(row["number"]), text(row["done"]), text(row["text"])) for row in rows],
        f"Sprint {sprint} has no goals.",
    )


def risks(rows: list[dict[str, Any]], *, project: str) -> Table:
    """List recorded risks."""
    return Table(
        ("ID", "SEVERITY", "STATUS", "SPRINT", "SINCE", "RISK"),
        [
            (
                row["id"],
                row["severity"],
                row["status"],
                text(row["sprint_id"]),
                moment(row["created_at"]),
                text(row["text"]),
            )
            for row in rows
        ],
        f"Project {project} has no recorded risks.",
    )
