"""What to look at before a plan of an epic is applied; each risk is a fact of the plan, said in a sentence."""

from collections.abc import Iterator, Sequence
from typing import Any

from orchestration.domain import capacity, samples, suitability
from orchestration.domain.epic_drafts import Item
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, Document
from orchestration.domain.sprint_filling import Calendar, size
from orchestration.english import counted

_LISTED = 5


def find(
    project: Project, plan: Document, filled: Sequence[Sequence[Item]], chosen: Sequence[str] | None,
    days: Calendar,
) -> list[Document]:  # fmt: skip
    """Return the risks of a plan as `{kind, text, tasks}`; `tasks` are refs."""
    items = [item for part in filled for item in part]
    found = [
        *_limits(plan, items),
        *_skills(project, items, chosen),
        *_teams(project, plan),
        *_dependencies(project, items),
        *_dates(plan, days),
        *_duplicates(project, plan, items),
    ]
    return [{"kind": kind, "text": text, "tasks": tasks} for kind, text, tasks in found]


_Risk = tuple[str, str, list[str]]


def _limits(plan: Document, items: Sequence[Item]) -> Iterator[_Risk]:
    room = plan["room"]
    if room["even"]:
        text = (
            f"neither capacity nor velocity is known: the points are spread evenly, {room['limit']} a sprint"
        )
        yield "no_velocity", text, []
    large = [item for item in items if size(item) > room["limit"]]
    if large:
        told = ", ".join(f"{_called(item)} ({size(item)})" for item in large[:_LISTED])
        yield (
            "larger_than_sprint",
            f"larger than a sprint of {counted(room['limit'], 'point')}: {told}{_more(large)}; split it",
            _refs(large),
        )
    unknown = [item for item in items if item.task.get("points") is None]
    if unknown:
        yield "unestimated", f"without points, counted as 0: {_list(unknown)}", _refs(unknown)


def _skills(project: Project, items: Sequence[Item], chosen: Sequence[str] | None) -> Iterator[_Risk]:
    agents = [a for a in project.agents.values() if chosen is None or a["team"] in chosen]
    if not agents:
        yield "no_agents", "there are no agents" + (" in these teams" if chosen else ""), []
        return
    nobody = [
        item
        for item in items
        if not item.task.get("assignee")
        and not any(
            suitability.skills(suitability.traits(item.task).asked, agent, project.teams.get(agent["team"]))
            for agent in agents
        )
    ]
    if nobody:
        yield "no_skill", f"no agent has a skill for: {_list(nobody)}", _refs(nobody)


def _teams(project: Project, plan: Document) -> Iterator[_Risk]:
    """A team's part of a sprint is its part of the slots of all teams."""
    slots = {
        name: samples.tidy(sum(capacity.slots(project.agents.get(agent)) for agent in team["members"]))
        for name, team in project.teams.items()
    }
    total, limit = sum(slots.values()), plan["room"]["limit"]
    unknown = sorted({row["team"] for row in plan["tasks"] if row["team"] and row["team"] not in slots})
    if unknown:
        yield "unknown_team", f"the project has no team {', '.join(unknown)}", []
    if len(slots) < 2 or not total:
        return
    over: dict[str, list[tuple[float, str]]] = {}
    for sprint in plan["sprints"]:
        points: dict[str, Any] = {}
        for row in plan["tasks"]:
            if row["sprint_id"] == sprint["id"] and row["team"] in slots:
                points[row["team"]] = points.get(row["team"], 0) + (row["points"] or 0)
        for name, planned in points.items():
            part = round(limit * slots[name] / total, 1)
            if planned > part:
                text = f"{name} has {counted(samples.tidy(planned), 'point')} in {sprint['id']}, where its"
                text += (
                    f" part of the slots ({slots[name]} of {samples.tidy(total)}) makes {samples.tidy(part)}"
                )
                over.setdefault(name, []).append((planned - part, text))
    for _, found in sorted(over.items()):
        worst = max(found, key=lambda pair: pair[0])[1]
        yield "over_capacity", worst + (f"; likewise in {len(found) - 1} more" if len(found) > 1 else ""), []


def _dependencies(project: Project, items: Sequence[Item]) -> Iterator[_Risk]:
    coming = {name for name, one in project.sprints.items() if one.get("status") in ("planned", "active")}
    planned = {item.ref for item in items}
    for item in items:
        for name in item.existing:
            task = project.task(name)
            if name in planned or (task and task.get("column") == "done"):
                continue
            if task is None or task.get("column") in CLOSED_COLUMNS:
                state = "does not exist" if task is None else f"is {task['column']}"
                yield "dependency", f"{_called(item)} depends on {name}, which {state}", [item.ref]
            elif task.get("sprint_id") not in coming:
                yield "dependency", f"{_called(item)} depends on {name}, which is in no sprint", [item.ref]


def _dates(plan: Document, days: Calendar) -> Iterator[_Risk]:
    dates = plan["dates"]
    if dates["fits"] is False:
        text = (
            f"it ends {dates['end']}, after {dates['weeks']} weeks; {dates['duration_weeks']} were asked for"
        )
        yield "beyond_duration", text, []
    if days.undated:
        names = ", ".join(days.undated)
        yield "undated", f"planned without dates, taken to come first: {names}", []


def _duplicates(project: Project, plan: Document, items: Sequence[Item]) -> Iterator[_Risk]:
    if plan["source"] != "draft":
        return
    known = {
        str(task.get("title")).casefold(): name
        for name, task in project.tasks.items()
        if task.get("column") not in CLOSED_COLUMNS
    }
    for item in items:
        other = known.get(str(item.task["title"]).casefold())
        if other is not None:
            yield "duplicate", f"{other} has the title of {_called(item)}", [item.ref]


def _called(item: Item) -> str:
    title = str(item.task["title"])
    return f"{item.ref} {title}" if item.task.get("id") else repr(title)


def _refs(items: Sequence[Item]) -> list[str]:
    return [item.ref for item in items]


def _list(items: Sequence[Item]) -> str:
    return ", ".join(map(_called, items[:_LISTED])) + _more(items)


def _more(items: Sequence[Item]) -> str:
    return f" and {len(items) - _LISTED} more" if len(items) > _LISTED else ""
