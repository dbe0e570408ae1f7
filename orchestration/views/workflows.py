"""What the commands about workflows show, as data: see `tables`."""

from typing import Any

from orchestration.english import counted
from orchestration.views.tables import Details, Table, flat, moment, text


def definitions(rows: list[dict[str, Any]], *, project: str) -> Table:
    """List workflows that can be started."""
    return Table(
        ("WORKFLOW", "TYPE", "DEFINED IN", "STEPS", "NAME"),
        [
            (
                text(row["id"]),
                text(row.get("type")),
                row["defined_in"],
                str(len(row.get("steps") or [])),
                text(row.get("name")),
            )
            for row in rows
        ],
        f"Project {project} has no workflows.",
    )


def definition(value: dict[str, Any]) -> Details:
    """Show a workflow, a line for each step."""
    rows = flat({name: one for name, one in value.items() if name != "steps"})
    lines = [
        f"  {number}. {text(step['name'])} ({text(step.get('assignee'))})"
        for number, step in enumerate(value.get("steps") or [], 1)
    ]
    return Details(rows, ["Steps:", *lines])


def runs(rows: list[dict[str, Any]], *, project: str) -> Table:
    """List runs."""
    return Table(
        ("RUN", "STATUS", "STARTED", "STEP", "DONE", "NAME"),
        [
            (
                row["id"],
                row["status"],
                moment(row["created_at"]),
                text(row["current_step"]),
                f"{sum(step['status'] == 'completed' for step in row['steps'])}/{len(row['steps'])}",
                text(row["name"]),
            )
            for row in rows
        ],
        f"Project {project} has no such workflow runs.",
    )


def run(value: dict[str, Any]) -> Details:
    """Show a run, a line for each step."""
    rows = flat({name: one for name, one in value.items() if name != "steps"})
    lines = [
        f"  {step['status']:<9}  {text(step['name'])} ({text(step.get('assignee'))})"
        f"  {moment(step.get('started_at'))} to {moment(step.get('ended_at'))}"
        for step in value["steps"]
    ]
    return Details(rows, ["Steps:", *lines])


def tested(value: dict[str, Any]) -> Details:
    """Show what a dry run of a workflow found, a line for each step; the last line is the verdict."""
    lines = []
    for number, step in enumerate(value["steps"], 1):
        said = step["problem"] or step["note"]
        word = "error: " if step["problem"] else ""
        shown = f"{number}. {text(step['name'])} -> {text(step['assignee'])}"
        lines.append(f"{shown}: {word}{text(said)}" if said else f"{shown}: ok")
    if value["problem"]:
        lines.append(f"error: {text(value['problem'])}")
    wrong = sum(step["problem"] is not None for step in value["steps"]) + bool(value["problem"])
    verdict = "can be run" if value["valid"] else f"cannot be run: {counted(wrong, 'error')}"
    return Details([], [*lines, f"{value['workflow']} {verdict}"])
