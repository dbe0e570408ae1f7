"""The retrospective of a sprint: the facts to talk about, and the sections that people write down.

Sections are written as `well: A; B  not well: C  actions: D`: each heading replaces that section, items
stand after semicolons or on lines of their own, and a heading with nothing behind it empties the section.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from orchestration.domain import board, fields, figures, flow, metrics, planning
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.domain.sprint_fields import RETRO_PARTS, SCHEMA
from orchestration.domain.values import instant
from orchestration.errors import BadUsage

if TYPE_CHECKING:
    from orchestration.store.transaction import Transaction

_FIGURES = (
    "tasks",
    "points",
    "completion",
    "scope",
    "cycle_time",
    "flow_efficiency",
    "blocked",
    "finished_sprints",
)
_HEADING = re.compile(r"(?:^|(?<=[\s;]))(not[ _-]well|well|actions?)[ \t]*:", re.IGNORECASE)
_BULLET = re.compile(r"^[-*•][ \t]+")
FORM = "well: A; B  not well: C  actions: D"


def latest(project: Project, bound: str | None) -> Document | None:
    """Return the sprint that a retrospective is of: the current one if it runs, else the one completed last."""
    current = project.current(bound)
    if current is not None and (current["status"] in ("active", "completed") or not project.sprints):
        return current
    done = [one for one in project.sprints.values() if one["status"] == "completed"]
    return max(done, key=lambda one: instant(one.get("completed_at") or project.now), default=current)


def facts(project: Project, sprint: Document, lives: flow.Lives) -> Document:
    """Return what happened in a sprint, for people to talk about, and the sections written so far.

    The figures are those of `figures.figures`; `blockers` are all that its tasks had, the longest first;
    `open` the tasks that were not finished; `carried` what its report says was carried over.
    """
    found = figures.figures(project, lives, sprint)
    tasks = project.tasks_of(sprint["id"])
    retro = sprint.get("retro") or {}
    return {
        "project": project.id,
        "sprint": board.heading(project, sprint),
        **{name: found[name] for name in _FIGURES},
        "needs": {name: why for name, why in found["needs"].items() if name.partition(".")[0] in _FIGURES},
        "blockers": _blockers(project, tasks),
        "open": [
            {name: task.get(name) for name in ("id", "title", "column", "priority", "points", "assignee")}
            for task in sorted(metrics.work(tasks).values(), key=board.order)
            if task["column"] not in ("done", "cancelled")
        ],
        "carried": (sprint.get("report") or {}).get("carried") or [],
        "goals": [{"text": one["text"], "done": bool(one.get("done"))} for one in sprint.get("goals") or []],
        "retro": {part: list(retro.get(part) or []) for part in RETRO_PARTS},
    }


def _blockers(project: Project, tasks: Mapping[str, Document]) -> list[Document]:
    found = [
        {
            "task": task["id"],
            "reason": one.get("reason"),
            "resolution": one.get("resolution"),
            "open": not one.get("resolved_at"),
            "hours": board.hours_since(one.get("opened_at"), one.get("resolved_at") or project.now),
        }
        for task in tasks.values()
        for one in task.get("blockers") or []
    ]
    return sorted(found, key=lambda one: -(one["hours"] or 0))


def parse(text: str) -> dict[str, list[str]]:
    """Return the items of each section that a text names; BadUsage when it names none."""
    headings = list(_HEADING.finditer(text))
    if not headings or text[: headings[0].start()].strip():
        raise BadUsage("a retrospective is written under headings", hint=f"/save-retro {FORM}")
    found: dict[str, list[str]] = {}
    for number, heading in enumerate(headings):
        end = headings[number + 1].start() if number + 1 < len(headings) else len(text)
        name = "_".join(re.split(r"[ _-]", heading[1].lower()))
        part = "actions" if name.startswith("action") else name
        items = [
            _BULLET.sub("", one.strip()).strip() for one in re.split(r"[;\n]", text[heading.end() : end])
        ]
        found.setdefault(part, []).extend(item for item in items if item)
    return found


def save(
    tx: "Transaction",
    project: Project,
    sprint_id: str,
    sections: Mapping[str, list[str]],
    *,
    session: str | None,
) -> Document:
    """Write sections of a sprint's retrospective, leaving the others, and return the sprint."""
    before = planning.sprint(tx, project, sprint_id)
    after = fields.updated(SCHEMA, before, {"retro": {**(before.get("retro") or {}), **sections}})
    if after != before:
        tx.save(("projects", project.id, "sprints", sprint_id), after)
        subject = fields.subject(f"sprint: {sprint_id} retrospective, {', '.join(sections)}")
        tx.describe("state_set", subject, session=session, project=project.id)
    return after
