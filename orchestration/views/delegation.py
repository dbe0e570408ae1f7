"""What delegating, assigning and balancing work shows, as data: see `tables`."""

from collections.abc import Iterable, Mapping
from typing import Any

from orchestration.english import counted, noun
from orchestration.views import layout
from orchestration.views.tables import Details, text

_AGENTS_SHOWN = 5


def autoassign(value: dict[str, Any]) -> Details:
    """Show who gets which task and why, which tasks stay, and what everybody then holds."""
    lines: list[str] = []
    for row in value["assigned"]:
        lines.append(f"{row['task']} -> {row['agent']}  (score {row['score']})  {text(row['title'])}")
        lines.append(f"  {text(row['reason'])}")
        lines += [f"  {said}" for said in _beside(row)]
    lines += _section(
        "Left unassigned:",
        (f"{row['task']}  {text(row['title'])}: {text(row['reason'])}" for row in value["left"]),
    )
    if value["assigned"]:
        lines += _section("Open tasks, before and after:", map(_held, _changed(value["agents"])))
    return Details([], [*([value["note"]] if value["note"] else []), *lines])


def allocation(value: dict[str, Any]) -> Details:
    """Show which tasks would go from whom to whom, and the load of everybody."""
    lines = [value["note"]] if value["note"] else []
    for row in value["moves"]:
        lines.append(f"{row['task']}: {row['source']} -> {row['agent']}  {text(row['title'])}")
        lines.append(f"  {text(row['reason'])}")
    lines += _section("Open tasks, before and after:", map(_held, value["agents"]))
    return Details([], lines)


def delegate(value: dict[str, Any]) -> Details:
    """Show the task to be, who could do it, what was similar, and what it does to the sprint."""
    task = value["task"]
    who = task["assignee"] or "nobody yet"
    rows = [
        ("task", text(task["id"])),
        ("title", text(task["title"])),
        ("type", f"{task['type']} ({value['type_because']})"),
        ("priority", text(task["priority"])),
        ("points", text(task["points"])),
        ("assignee", f"{who} ({text(value['assignee_because'])})"),
    ]
    if task["labels"]:
        rows.append(("labels", text(task["labels"])))
    rows += [(name, text(task[name])) for name in ("epic_id", "team", "description") if task[name]]
    rows.append(("sprint", _sprint(value["sprint"])))
    lines = _section("Agents, the best fitting first:", map(_agent, value["agents"][:_AGENTS_SHOWN]))
    more = len(value["agents"]) - _AGENTS_SHOWN
    lines += [f"  and {more} more"] if more > 0 else []
    lines += _section("Teams:", map(_team, value["teams"]))
    lines += _similar(value)
    lines += _section(
        "There is no free slot. Ways to go on:",
        (
            f"{offer['way']}: {text(offer['reason'])}\n    {text(offer['command'])}"
            for offer in value["offers"]
        ),
    )
    return Details(rows, [*([value["note"]] if value["note"] else []), *lines])


def _section(title: str, lines: Iterable[str]) -> list[str]:
    found = [f"  {line}" for line in lines]
    return [title, *found] if found else []


def _beside(row: Mapping[str, Any]) -> list[str]:
    said = []
    if row["runner_up"]:
        said.append(f"runner-up: {row['runner_up']['agent']} (score {row['runner_up']['score']})")
    if row["passed_over"]:
        full = ", ".join(f"{one['agent']} (score {one['score']})" for one in row["passed_over"])
        said.append(f"without a free slot: {full}")
    return said


def _changed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["open_before"] != row["open_after"]]


def _held(row: Mapping[str, Any]) -> str:
    return f"{row['agent']}: {row['open_before']} -> {row['open_after']} of {row['slots']}"


def _agent(row: Mapping[str, Any]) -> str:
    full = ", full" if row["full"] else ""
    return f"{row['agent']} ({row['team']})  score {row['score']}: {text(row['reason'])}{full}"


def _team(row: Mapping[str, Any]) -> str:
    fits = f"; fits: {text(row['skills'])}" if row["skills"] else ""
    slots = "full" if row["full"] else f"{row['free']} of {row['slots']} {noun(row['slots'], 'slot')} free"
    return f"{row['team']}: {slots}; best {row['best']} (score {row['score']}){fits}"


def _similar(value: Mapping[str, Any]) -> list[str]:
    total, found = value["similar_total"], value["similar"]
    if not total:
        return ["No similar task has been done yet."]
    cycle, points = value["cycle_time"], value["similar_points"]
    facts = []
    if cycle["samples"]:
        facts.append(f"median cycle time {hours(cycle['median'])} of {cycle['samples']}")
    if points["samples"]:
        facts.append(f"median {points['median']} {noun(points['median'], 'point')} of {points['samples']}")
    title = f"Similar tasks done: {total}" + (f" ({'; '.join(facts)})" if facts else "")
    return _section(title, map(_done, found))


def _done(row: Mapping[str, Any]) -> str:
    facts = [row["assignee"] or "nobody"]
    facts += [counted(row["points"], "point")] if row["points"] is not None else []
    facts += [hours(row["cycle_hours"])] if row["cycle_hours"] is not None else []
    return f"{row['id']}  {text(row['title'])}  ({', '.join(facts)})"


def hours(number: float) -> str:
    """Return elapsed hours in words: `45 min`, `6.5 h`, `2.3 days`."""
    if number < 1:
        return f"{round(number * 60)} min"
    return f"{round(number, 1):g} h" if number < 48 else f"{round(number / 24, 1):g} days"


def _sprint(effect: Mapping[str, Any] | None) -> str:
    if effect is None:
        return "none is active or planned; the task joins no sprint"
    before, after, room = effect["points_before"], effect["points_after"], effect["capacity"]
    said = f"{effect['id']} ({effect['status']}): {before} -> {counted(after, 'point')}"
    said += f" of {room}" if room is not None else ", no capacity set"
    if effect["over"]:
        said += ", over capacity"
    if effect["velocity"] is not None:
        said += f"; recent velocity {layout.mean(effect['velocity'])}"
    return said
