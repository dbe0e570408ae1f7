"""Which teams wait for which: open dependencies between their tasks, blockers on tasks of others, open handoffs."""

from collections.abc import Iterable, Mapping

from orchestration.domain import handoff_actions, load
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, Document
from orchestration.domain.task_fields import is_container, open_blockers, status
from orchestration.errors import NotFound


def graph(project: Project, name: str | None = None) -> Document:
    """Return {project, team, links, edges, inside, handoffs, circles}, of all teams or where one takes part.

    A link is {task, title, team, needs, needs_title, needs_team, needs_status, kind} of an open task and an
    open one it waits for, in another team; kind is depends_on or blocker. An edge counts them: {team, needs,
    links}. `inside` counts those within one team; `handoffs` are the open ones; `circles` lists teams that
    wait for each other.
    """
    found = [*_links(project)]
    across = [one for one in found if one["team"] != one["needs_team"]]
    known = dict.fromkeys([*project.teams, *(one[side] for one in found for side in ("team", "needs_team"))])
    if name is not None and name not in known:
        raise NotFound(
            f"no team {name!r} in project {project.id!r}", hint=f"its teams: {', '.join(known) or 'none'}"
        )
    counts: dict[tuple[str, str], int] = {}
    for one in across:
        pair = (one["team"], one["needs_team"])
        counts[pair] = counts.get(pair, 0) + 1
    shown = [one for one in across if name in (None, one["team"], one["needs_team"])]
    return {
        "project": project.id,
        "team": name,
        "links": sorted(shown, key=lambda one: (one["team"], one["needs_team"], one["task"], one["needs"])),
        "edges": [
            {"team": a, "needs": b, "links": number}
            for (a, b), number in sorted(counts.items(), key=lambda row: (-row[1], row[0]))
            if name in (None, a, b)
        ],
        "inside": sum(one["team"] == one["needs_team"] and name in (None, one["team"]) for one in found),
        "handoffs": handoff_actions.listing(project, status="open", team=name),
        "circles": _circles(counts),
    }


def _links(project: Project) -> Iterable[Document]:
    for task_id, task in project.tasks.items():
        if task["column"] in CLOSED_COLUMNS or is_container(task):
            continue
        needs = [(other, "depends_on") for other in task.get("depends_on") or []]
        needs += [(one["on_task"], "blocker") for one in open_blockers(task) if one.get("on_task")]
        for other, kind in dict(reversed(needs)).items():
            needed = project.tasks.get(other)
            if needed is None or needed["column"] in CLOSED_COLUMNS:
                continue
            yield {
                "task": task_id,
                "title": task.get("title"),
                "team": load.team_of(task, project.agents),
                "needs": other,
                "needs_title": needed.get("title"),
                "needs_team": load.team_of(needed, project.agents),
                "needs_status": status(needed),
                "kind": kind,
            }


def _circles(edges: Mapping[tuple[str, str], int]) -> list[list[str]]:
    """Return the pairs and longer rounds of teams that wait for each other, each once."""
    ways: dict[str, set[str]] = {}
    for a, b in edges:
        ways.setdefault(a, set()).add(b)
    found: dict[frozenset[str], list[str]] = {}
    for first in sorted(ways):
        path = _way_back(first, ways)
        if path is not None:
            found.setdefault(frozenset(path), path)
    return list(found.values())


def _way_back(first: str, ways: Mapping[str, set[str]]) -> list[str] | None:
    """Return the shortest round from a team back to itself."""
    ahead = [[first]]
    seen: set[str] = set()
    for path in ahead:
        for other in sorted(ways.get(path[-1], ())):
            if other == first:
                return path
            if other not in seen:
                seen.add(other)
                ahead.append([*path, other])
    return None
