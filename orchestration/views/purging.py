"""What a purge would do or has done, as data: see `tables`. The value itself is in none of it."""

from typing import Any

from orchestration.views.tables import Details, text

SERVER = (
    "! The server may keep the former history until it cleans up by itself; ask who runs it. A secret that was "
    "once pushed is known: change it."
)
_SHOWN = 10


def report(value: dict[str, Any]) -> Details:
    """Show in how many places the value stands, or stood, and what is left to do."""
    would = value["dry_run"]
    rows = [
        ("would rewrite" if would else "rewrote", _count(value["commits"], "commit")),
        ("versions of files", str(value["versions"])),
        ("records of now", str(value["records"])),
        ("messages and authors", str(value["messages"])),
    ]
    rows += [
        (name, str(value[key]))
        for name, key in (("names of files", "names"), ("branches, tags", "refs"))
        if value[key]
    ]
    if value["files"]:
        rows.append(("other files", ", ".join(map(text, value["files"][:_SHOWN])) + _more(value["files"])))
    rows.append(("replaced by", text(value["instead"])))
    if value["purge"]:
        rows.append(("record", text(value["purge"])))
    if value["bundle"]:
        rows.append(("would be kept in" if would else "kept in", text(value["bundle"])))
    lines = []
    if value["bundle"] and not would:
        lines.append("! That file still holds the value, and all that was here: delete it when you are sure.")
    if value["left"]:
        lines.append(
            f"! It is still in {', '.join(map(text, value['left'][:_SHOWN]))}{_more(value['left'])}."
        )
    elif not would:
        lines.append("✓ Nothing of it is left in this store.")
    if value["shared_through"]:
        names = ", ".join(map(text, value["shared_through"]))
        lines.append(
            f"! This store is shared through {names}: `state_manager sync` replaces the history there, every other "
            "machine then needs `state_manager sync --rejoin`. A server may keep old objects until it cleans up."
        )
    lines.append(
        "! Bundles, exports and clones elsewhere are not changed. A secret that others have seen is known: change it."
    )
    return Details(rows, lines)


def rejoined(value: dict[str, Any]) -> list[tuple[str, str]]:
    """Show what became of the former history of this machine."""
    return [
        ("rejoined", f"{_count(value['carried'], 'change')} of this machine made anew"),
        ("kept in", text(value["bundle"])),
    ]


def rejoined_lines(value: dict[str, Any]) -> list[str]:
    """Say what to look at after a rejoining."""
    lines = ["! That file still holds what was removed, and all that was here: delete it when you are sure."]
    lines += [f"! {text(path)} was changed here and purged there: it stays purged" for path in value["kept"]]
    lines += [
        f"! {text(one)} does not hold any more: `state_manager purge` that value again"
        for one in value["again"]
    ]
    if value["left"] is None:
        lines.append(
            "! Whether your own changes hold it elsewhere could not be told: `state_manager purge` it if so."
        )
    elif value["left"]:
        lines.append(
            f"! It is still in {', '.join(map(text, value['left'][:_SHOWN]))}{_more(value['left'])}."
        )
    return lines


def _more(found: list[Any]) -> str:
    return f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
