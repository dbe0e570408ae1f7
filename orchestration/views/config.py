"""What the commands about configuration show, as data: see `tables`."""

import json
from typing import Any

from orchestration.english import counted
from orchestration.views import history
from orchestration.views.tables import Details, Table, flat, moment, text


def validation(value: dict[str, Any], *, summary: str, verbose: bool = False) -> Details:
    """List findings with place and fix, nothing cut; the last line counts errors and warnings."""
    lines = []
    if verbose:
        for name, number in value["checked"].items():
            lines.append(f"checked: {number} {name.removesuffix('s') if number == 1 else name}")
    return Details([], [*lines, *findings(value["findings"]), summary])


def findings(rows: list[dict[str, Any]]) -> list[str]:
    """Return two lines for each finding: what is wrong where, and what to do."""
    lines = []
    for row in rows:
        lines.append(f"{row['severity']}: {row['place']}: {row['problem']}")
        lines.append(f"  fix: {row['fix']}")
    return lines


def fixed(value: dict[str, Any], *, summary: str) -> Details:
    """List what a fix changes by file and by path, then what is left to be done."""
    lines = [
        f"< {row['file']}: back to commit {row['commit'][:12]} of {row['at']}" for row in value["restored"]
    ]
    if value["changes"]:
        lines += history.diff(value["changes"]).lines
    if not lines:
        lines = ["There is nothing that can be fixed."]
    return Details([], [*lines, *findings(value["left"]["findings"]), f"left: {summary}"])


def overview(value: dict[str, Any], *, summary: str) -> Details:
    """Show what is configured and whether it is valid."""
    own = (
        ", ".join(f"{name} = {_setting(one)}" for name, one in value["settings"].items())
        or "all at their defaults"
    )
    change = value["last_change"]
    last = f"{moment(change['at'])} by {text(change['author'])}: {text(change['subject'])}" if change else "-"
    rows = [
        ("project", value["project_id"]),
        ("settings", own),
        ("teams", f"{len(value['teams'])} ({', '.join(value['teams']) or 'none'})"),
        ("agents", str(value["agents"])),
        ("workflows", f"{len(value['workflows'])} ({', '.join(value['workflows']) or 'none'})"),
        ("environments", text(value["environments"])),
        ("tools", str(value["tools"])),
        ("last change", last),
        ("validation", summary),
    ]
    more = [] if value["validation"]["valid"] else ["`orchestration config validate` names them."]
    return Details(rows, [*more, f"In the chat, {value['host']}."])


def _setting(value: Any) -> str:
    return text(json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value)


def environments(value: dict[str, Any], *, project: str) -> Table:
    """List environments with the values each sets."""
    rows: list[tuple[str, ...]] = []
    for name, one in value.items():
        shown = (
            ", ".join(f"{path}={leaf}" for path, leaf in flat(one)) if isinstance(one, dict) else text(one)
        )
        rows.append((text(name), shown or "-"))
    return Table(("NAME", "VALUES"), rows, f"Project {project} has no environments.")


def teams(rows: list[dict[str, Any]], *, project: str) -> Table:
    """List teams."""
    return Table(
        ("TEAM", "STATUS", "LEAD", "SLOTS", "USED", "DEFINED IN", "MEMBERS"),
        [
            (
                text(row["name"]),
                row["status"],
                text(row["lead"]),
                text(row["slots"]),
                text(row["used"]),
                row["defined_in"],
                text(row["members"]),
            )
            for row in rows
        ],
        f"Project {project} has no teams.",
    )


def team(value: dict[str, Any]) -> Details:
    """Show one team, a line for each member."""
    names = ("name", "status", "lead", "skills", "slots", "used", "free", "settings", "defined_in")
    rows = flat({name: value[name] for name in names})
    for one in value["activations"]:
        focus = f", focus {text(one['focus'])}" if one["focus"] else ""
        reserved = f", {text(one['reserved'])} % reserved" if one["reserved"] else ""
        rows.append(("active in", f"{one['session']} since {moment(one['activated_at'])}{focus}{reserved}"))
    lines = [
        f"  {text(one['id'])}: {text(one['role'])}; {text(one['used'])} of {counted(one['slots'], 'slot')};"
        f" {text(one['skills'])}"
        for one in value["members"]
    ]
    return Details(rows, ["Members:", *lines] if lines else ["It has no members."])


def agents(rows: list[dict[str, Any]], *, project: str) -> Table:
    """List agents."""
    return Table(
        ("AGENT", "TEAM", "SLOTS", "SOURCE", "ROLE", "SKILLS"),
        [
            (
                text(row["id"]),
                text(row["team"]),
                text(row["capacity"]),
                row["source"],
                text(row["role"]),
                text(row["skills"]),
            )
            for row in rows
        ],
        f"Project {project} has no agents.",
    )


def agent_stats(rows: list[dict[str, Any]], *, project: str) -> Table:
    """List how many tasks agents have and had."""
    return Table(
        ("AGENT", "TEAM", "OPEN", "WORKING", "BLOCKED", "DONE", "POINTS", "CYCLE TIME (MEDIAN)", "LAST DONE"),
        [
            (
                text(row["id"]),
                text(row["team"]),
                str(row["open"]),
                str(row["working"]),
                str(row["blocked"]),
                str(row["done"]),
                text(row["points"]),
                "n/a (needs 1)"
                if row["cycle_time"]["median"] is None
                else f"{row['cycle_time']['median']:.1f} h",
                moment(row["last_done"]),
            )
            for row in rows
        ],
        f"Project {project} has no agents.",
    )


def activation(value: dict[str, Any]) -> Details:
    """Show a team that is to be activated: who is in it, its load, its open and blocked tasks."""
    chosen = value["activation"]
    rows = [
        ("team", text(value["team"])),
        ("lead", text(value["lead"])),
        ("slots", f"{text(value['used'])} of {text(value['slots'])} used"),
        ("focus", text(chosen["focus"])),
        ("reserved", f"{text(chosen['reserved'])} %"),
        ("active in", text([one["session"] for one in value["activations"]])),
        ("working on", str(value["working"])),
    ]
    lines = [
        f"  {text(one['id'])}: {text(one['role'])}; {text(one['used'])} of {counted(one['slots'], 'slot')}"
        for one in value["members"]
    ]
    for title, name in (("Open", "open"), ("Blocked", "blocked")):
        tasks = value[name]
        lines.append(f"{title} tasks: {len(tasks)}")
        for one in tasks:
            why = f" - {text(one['blocker'])}" if name == "blocked" else ""
            lines.append(f"  {one['id']} {one['column']} {text(one['assignee'])}: {text(one['title'])}{why}")
    if value["overloaded"]:
        lines.append(f"Over their slots: {', '.join(value['overloaded'])}")
    return Details(rows, ["Members:", *lines])
