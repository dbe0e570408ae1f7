"""A close look at one part of the store: its files, its last change, what is wrong with it, what lost its place."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from orchestration import ids
from orchestration.domain import lookup, team_actions, values, workflow_actions, workflows
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import NotFound, UnknownSession
from orchestration.store import layout
from orchestration.store.queries import Event
from orchestration.store.snapshot import Snapshot

if TYPE_CHECKING:
    from orchestration.store.index import Index

COMPONENTS = ("sessions", "project", "tasks", "sprints", "epics", "tools", "locks", "events", "orchestrator")
"""What can be looked at; the id of a session is one more."""
BY_FIX = "/config fix --dry-run"


def folders(reader: Snapshot, component: str, project: str | None, retired: Iterable[str] = ()) -> list[str]:
    """Return the files and folders of a component; NotFound, with names near it, for one there is not."""
    if component in ("sessions", "tools"):
        return [component]
    inside = {
        "project": ("config", "handoffs", "decisions", "workflows", "risks"),
        "tasks": ("tasks", "archive"),
        "sprints": ("sprints",),
        "epics": ("epics",),
    }
    if component in inside:
        if project is None:
            raise NotFound("no project is named, and this folder is in none", hint="cd into one")
        return [f"projects/{project}/{name}" for name in inside[component]]
    try:
        found = lookup.find(reader, component, lambda: dict.fromkeys(retired))
    except UnknownSession:
        near = values.nearest(component, COMPONENTS)
        hint = (
            f"did you mean {' or '.join(near)}?"
            if near
            else f"there are {', '.join(COMPONENTS)}, and ids of sessions"
        )
        raise NotFound(f"there is no component or session {component[:60]!r}", hint=hint) from None
    return [layout.folder_of("sessions", found)]


def records(
    component: str, places: Iterable[str], index: "Index", findings: Iterable[Mapping[str, Any]],
    orphans: Iterable[Document] = (),
) -> Document:  # fmt: skip
    """Return {component, places, files, last_change, events, findings, orphans, repair} of files and folders.

    `findings` are all of a validation; those of these places count. What leads to nothing is an orphan, as
    is what else `orphans` names: {place, problem, fix}. `repair` is a command, null without a need.
    """
    names = []
    prefixes = list(places)
    for place in prefixes:
        names += [path for path in index.updated(place) if layout.key_of(path)]
        if index.updated_at(f"{place}{layout.SUFFIX}"):
            names.append(f"{place}{layout.SUFFIX}")
    newest = index.events(paths=[*prefixes, *(f"{place}{layout.SUFFIX}" for place in prefixes)], limit=1)
    mine = [one for one in findings if str(one["place"]).startswith(tuple(prefixes))]
    lost = [one for one in mine if one["kind"] == "references"]
    wrong = [one for one in mine if one["kind"] != "references"]
    return {
        "component": component,
        "places": prefixes,
        "files": len(names),
        "last_change": _change(newest[0]) if newest else None,
        "findings": wrong,
        "orphans": [*({name: one[name] for name in ("place", "problem", "fix")} for one in lost), *orphans],
        "repair": BY_FIX if any("/config fix" in str(one["fix"]) for one in mine) else None,
    }


def _change(event: Event) -> Document:
    return {"at": event.at, "author": event.author, "subject": event.subject, "commit": event.oid}


def orphaned_claims(project: Project, orphaned: Callable[[Document], str | None]) -> list[Document]:
    """Return the tasks whose claim nobody is behind any more, as orphans."""
    found = []
    for task_id, task in project.tasks.items():
        reason = orphaned(task) if task.get("claim") else None
        if reason:
            place = layout.file_of("projects", project.id, "tasks", ids.check(task_id))
            fix = f"`/task claim {task_id}` takes it over, `/assign {task_id} @none` frees it"
            found.append({"place": place, "problem": f"its claim is orphaned: {reason}", "fix": fix})
    return found


def orchestrator(
    project: Project, sessions: Mapping[str, Document], plans: int, orphaned: Callable[[Document], str | None]
) -> Document:
    """Return {component, active_teams, runs, claims, plans, handoffs, findings, orphans, repair}: what is under way.

    `sessions` are the records of all sessions, `plans` how many previews wait to be applied.
    """
    active = team_actions.active(project.reader, sessions, project_id=project.id, now=project.now)
    open_runs = [one for one in workflow_actions.listing(project).values() if one["status"] in workflows.OPEN]
    claims = [
        {"task": name, **task["claim"], "orphaned": orphaned(task)}
        for name, task in project.tasks.items()
        if task.get("claim")
    ]
    lost = [
        {
            "place": layout.file_of("projects", project.id, workflow_actions.FOLDER, one["id"]),
            "problem": f"it was started by session {one['session_id']}, which is gone",
            "fix": f"`orchestration workflow cancel {one['id']}`",
        }
        for one in open_runs
        if one.get("session_id") and one["session_id"] not in sessions
    ]
    return {
        "component": "orchestrator",
        "project": project.id,
        "active_teams": [
            {"team": team, "sessions": [row["session"] for row in rows]} for team, rows in active.items()
        ],
        "runs": [{name: one[name] for name in ("id", "name", "status", "current_step")} for one in open_runs],
        "claims": claims,
        "plans": plans,
        "findings": [],
        "orphans": [*orphaned_claims(project, orphaned), *lost],
        "repair": None,
    }
