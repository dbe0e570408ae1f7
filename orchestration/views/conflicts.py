"""What the commands of conflicts show, as data: see `tables`."""

import json
from typing import Any

from orchestration.views.tables import Table, moment, text


def listing(rows: list[dict[str, Any]], *, project: str | None = None) -> Table:
    """List conflicts, each with a row per side, and one more when the value was written since."""
    shown: list[tuple[str, ...]] = []
    for row in rows:
        for side in ("ours", "theirs"):
            one = row[side]
            who = (text(one["by"]), moment(one["at"]), text(one["machine"]))
            stands = "stands" if row["stands"] == side and not row["changed"] else ""
            shown.append((row["id"], text(row["path"]), side, value(one), *who, stands))
        if row["changed"]:
            shown.append((row["id"], text(row["path"]), "now", value(row["now"]), "-", "-", "-", "stands"))
    of = f"Project {project} has" if project else "There are"
    return Table(("ID", "PATH", "SIDE", "VALUE", "BY", "AT", "MACHINE", ""), shown, f"{of} no conflicts.")


def value(one: dict[str, Any]) -> str:
    """Return a value as one line, or what became of it."""
    if one["deleted"]:
        return "(deleted)"
    if one.get("left_out"):
        return f"(too large; in commit {str(one['commit'])[:12]})"
    found = one["value"]
    if found is None or found == "":
        return json.dumps(found)
    return text(found) if isinstance(found, str) else text(json.dumps(found, ensure_ascii=False))
