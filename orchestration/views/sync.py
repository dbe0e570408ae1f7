"""What a sync did, and which remotes there are, as data: see `tables`."""

from typing import Any

from orchestration.views import purging
from orchestration.views.tables import Details, Table, moment, text

_SHOWN = 10


def remotes(rows: list[dict[str, Any]]) -> Table:
    """List remotes, with when each was synced last."""
    return Table(
        ("NAME", "URL", "LAST SYNC"),
        [(row["name"], text(row["url"]), moment(row["synced_at"])) for row in rows],
        "This store has no remote: `state_manager remote add origin URL` names one.",
    )


def report(value: dict[str, Any]) -> Details:
    """Show what came, what went, what was merged, and what to look at."""
    would = value["dry_run"]
    came, went, merge = value["came"], value["went"], value["merge"]
    rows = [
        ("remote", f"{value['remote']} ({value['url']})"),
        ("would come" if would else "came", _side(came)),
        ("would go" if would else "went", _side(went)),
    ]
    if went.get("projects") is not None:
        rows.append(("projects", ", ".join(map(text, went["projects"])) or "none"))
        rows.append(("sessions", str(went["sessions"])))
    if merge is not None:
        files = _count(len(merge["files"]), "file")
        what = f"{files} changed on both sides" if merge["files"] else "nothing was changed on both sides"
        rows.append(("would merge" if would else "merged", f"{merge['commits'][-1][:12]}: {what}"))
    conflicts = value["conflicts"]
    if conflicts:
        rows.append(("conflicts", f"{len(conflicts)}: look with `state_manager conflicts`"))
    if value["rejoined"] is not None:
        rows += purging.rejoined(value["rejoined"])
    if value["replaced"]:
        names = ", ".join(text(name.split("/", 2)[2]) for name in value["replaced"])
        rows.append(
            ("would replace" if would else "replaced", f"{names}: the history there was the former one")
        )
    if value["attempts"] > 1:
        rows.append(("attempts", f"{value['attempts']}: other machines were faster"))
    lines = [
        f"  {moment(one['at'])}  {text(one['author'])}  {text(one['subject'])}" for one in came["newest"]
    ]
    more = came["changes"] - len(lines)
    if more > 0 and lines:
        lines.append(f"  and {_count(more, 'earlier change')}")
    for one in (merge or {}).get("whole", []):
        lines.append(f"! {text(one['file'])} was changed on both sides and kept as in {one['kept'][:12]}")
    lines += [f"✓ mended {text(file)}, which git had merged by itself" for file in value["healed"]]
    lines += [f"! both sides changed {text(one)}" for one in conflicts[:_SHOWN]]
    if value["rejoined"] is not None:
        lines += purging.rejoined_lines(value["rejoined"])
    if value["replaced"] and not would:
        lines.append(purging.SERVER)
    for one in value["ahead"]:
        commits = _count(one["commits"], "commit")
        lines.append(
            f"! the clock of {text(one['machine'])} is ahead: {commits} up to {_ago(one['seconds'])} of the future"
        )
    return Details(rows, lines)


def joined(value: dict[str, Any]) -> Details:
    """Show what a project became that joined a team's store."""
    number = sum(map(len, value["renames"].values()))
    rows = [
        ("store", text(value["url"])),
        ("project", f"{text(value['from'])} -> {text(value['project'])}"),
        ("would get new ids" if value["dry_run"] else "new ids", str(number) if number else "none is needed"),
    ]
    lines = [f"  {old} -> {new}" for found in value["renames"].values() for old, new in found.items()]
    lines += [f"! the team's value stands: {text(path)}" for path in value["settings"]]
    return Details(rows, lines)


def moved(value: dict[str, Any]) -> Details:
    """Show what went into a store of its own."""
    rows = [
        ("project", text(value["project"])),
        ("would move to" if value["dry_run"] else "store", text(value["store"])),
        ("sessions", str(len(value["sessions"]))),
    ]
    if value["commits"] is not None:
        rows.append(("history", _count(value["commits"], "commit")))
    names = ", ".join(value["shared_through"])
    return Details(
        rows, [f"! who shares this store through {names} keeps the project's history"] if names else []
    )


def _side(side: dict[str, Any]) -> str:
    parts = []
    if side["changes"]:
        by = ", ".join(f"{text(name)} {number}" for name, number in side["by"].items())
        parts.append(f"{_count(side['changes'], 'change')} ({by})")
    for kind in ("backups", "handoffs"):
        if side[kind]:
            parts.append(_count(len(side[kind]), kind[:-1]))
    if not parts and side["commits"]:
        parts.append(_count(side["commits"], "merge"))
    return ", ".join(parts) or "nothing"


def _ago(seconds: int) -> str:
    return f"{seconds // 60} minutes" if seconds < 7200 else f"{seconds // 3600} hours"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
