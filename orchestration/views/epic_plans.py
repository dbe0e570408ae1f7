"""What planning an epic shows, as data: see `tables`."""

import json
from collections.abc import Mapping
from typing import Any

from orchestration import english
from orchestration.views import layout
from orchestration.views.tables import Details, text


def plan(value: dict[str, Any]) -> Details:
    """Show the sprints of a plan with their tasks, shares, dates and risks, or what a draft should rest on."""
    epic, total, room, dates = value["epic"], value["total"], value["room"], value["dates"]
    rows = [("epic", f"{epic['id']}  {text(epic['title'])} ({'new' if epic['new'] else epic['status']})")]
    rows.append(("capacity", _known(room["capacity"], room["capacity_source"])))
    rows.append(("velocity", _known(room["velocity"], room["velocity_source"], room["measured"])))
    there = value["planned"]
    if there["tasks"]:
        rows.append(("planned", f"{there['tasks']} open tasks are in {', '.join(there['sprints'])} already"))
    if not value["tasks"]:
        return Details(rows, [*_facts(value["facts"]), *_format(value)])
    even = (
        "even over the duration" if room["even"] else "the smaller of capacity and velocity, as far as known"
    )
    rows.append(("per sprint", f"{english.counted(room['limit'], 'point')}, {even}"))
    rows.append(
        (
            "tasks",
            f"{total['tasks']} with {english.counted(total['points'], 'point')}, {total['unestimated']} not estimated",
        )
    )
    fits = "fits" if dates["fits"] else "longer than"
    rows.append(
        (
            "dates",
            f"{dates['start']} to {dates['end']}: {dates['weeks']} weeks, {fits} {dates['duration_weeks']}",
        )
    )
    lines: list[str] = []
    for sprint in value["sprints"]:
        lines.append("")
        lines.append(
            f"{sprint['id']}  {text(sprint['name'])}  {sprint['start_date']} to {sprint['end_date']}, "
            f"{english.counted(sprint['points'], 'point')}"
        )
        lines += [f"  {_task(row)}" for row in value["tasks"] if row["sprint_id"] == sprint["id"]]
    lines += ["", "Share per team:", *(f"  {_share(row)}" for row in value["teams"])]
    risks = [f"  {text(risk['text'])}" for risk in value["risks"]]
    lines += ["", "Risks:", *risks] if risks else ["", "No risks were found."]
    return Details(rows, lines)


def _known(value: float | None, source: str | None, measured: Mapping[str, Any] | None = None) -> str:
    if value is None:
        return "not known"
    spread = f", {measured['min']} to {measured['max']}" if measured else ""
    return f"{layout.mean(value)} {english.noun(value, 'point')} ({source}{spread})"


def _task(row: Mapping[str, Any]) -> str:
    name = row["id"] or row["ref"]
    points = "not estimated" if row["points"] is None else english.counted(row["points"], "point")
    facts = [points, row["type"], *([row["team"]] if row["team"] else [])]
    after = f"; after {', '.join(text(one) for one in row['depends_on'])}" if row["depends_on"] else ""
    feature = f"{text(row['feature'])}: " if row["feature"] else ""
    return f"{text(name)}  {feature}{text(row['title'])}  ({', '.join(facts)}{after})"


def _share(row: Mapping[str, Any]) -> str:
    part = "" if row["share"] is None else f", {round(100 * row['share'])} %"
    counted = f"{english.counted(row['tasks'], 'task')}, {english.counted(row['points'], 'point')}{part}"
    slots = f", {english.counted(row['slots'], 'slot')}" if row["slots"] is not None else ""
    return f"{row['team'] or 'no team'}: {counted}{slots}"


def _facts(facts: Mapping[str, Any]) -> list[str]:
    kept = facts["predictability"]
    lines = [
        "",
        "There are no open tasks to plan. What a draft can rest on:",
        f"  finished sprints: {facts['finished_sprints']}",
        f"  predictability: {'n/a (needs 1 finished sprint)' if kept is None else f'{round(100 * kept)} %'}",
        f"  sprint length: {english.counted(facts['sprint_length'], 'day')}",
        f"  point scale: {text(facts['point_scale'])}",
    ]
    for row in facts["teams"]:
        skills = f"; skills: {text(row['skills'])}" if row["skills"] else ""
        lines.append(
            f"  team {row['team']}: {row['free']} of {row['slots']} {english.noun(row['slots'], 'slot')} free{skills}"
        )
    if not facts["teams"]:
        lines.append("  teams: none yet")
    for row in facts["similar_epics"]:
        days = "" if row["days"] is None else f", {round(row['days'], 1):g} days"
        points = f"{row['points_done']}/{english.counted(row['points_total'], 'point')}"
        done = f"{points}, {english.counted(row['tasks'], 'task')}{days}"
        lines.append(f"  similar epic {row['id']} {text(row['title'])} ({row['status']}): {done}")
    return lines


def _format(value: Mapping[str, Any]) -> list[str]:
    shown = json.dumps(value["draft_format"], indent=2, ensure_ascii=False).splitlines()
    return ["", "A draft, in JSON or YAML, is given with --tasks FILE, or --tasks - for stdin:", *shown]
