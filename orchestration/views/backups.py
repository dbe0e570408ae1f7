"""What the commands of backups show, as data: see `tables`."""

from typing import Any

from orchestration.views.tables import Table, moment, text


def listing(rows: list[dict[str, Any]], *, empty: str) -> Table:
    """List backups, newest first."""
    return Table(
        ("NAME", "MADE", "BY", "COMMIT", "MESSAGE"),
        [
            (row["name"], moment(row["at"]), text(row["author"]), row["commit"][:12], text(row["message"]))
            for row in rows
        ],
        empty,
    )


def proofs(rows: list[dict[str, Any]]) -> Table:
    """List what was restored for a test and found to be right."""
    compared = {True: "as in the store", None: "not in the store"}
    return Table(
        ("SOURCE", "COMMIT", "TREE", "FILES", "COMPARED"),
        [
            (row["source"], row["commit"][:12], row["tree"][:12], str(row["files"]), compared[row["same"]])
            for row in rows
        ],
        "There are no backups.",
    )
