"""`/team`: who there is, what they hold, can take on and did, and handing work from team to team."""

import re
from typing import Any

from orchestration.claude import changing, figures, looking, moves, named, plans
from orchestration.claude.client import Answer, Client
from orchestration.domain import (
    agent_status,
    dashboard,
    handoff_actions,
    performance,
    team_actions,
    team_capacity,
    team_graph,
    team_handoffs,
    team_status,
    values,
)
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.english import counted
from orchestration.errors import NotFound

Arguments = dict[str, Any]
_COMMENT = re.compile(r"\s+#\s")


def listing(client: Client, given: Arguments) -> Answer:
    """List teams with lead, members, skills, slots and load."""
    project = client.project()
    name = _team(project, given.get("team"))
    document = dashboard.teams(
        project, name, activity=_activity(client, project), active=looking.active(client, project)
    )
    shape = given.get("format")
    if shape == "json":
        return Answer(changing.as_json(document))
    view = {"tree": "tree", "table": "table"}.get(shape or "", "overview")
    return Answer(client.show(f"teamwork.{view}", document))


def listed(client: Client, given: Arguments) -> Answer:
    """List teams; the team may be said with or without its option."""
    return listing(client, {"team": given["team"], "format": given["format"]})


def _activity(client: Client, project: Project) -> dict[str, str]:
    return agent_status.activity(agent_status.recent(client.index, project))


def _team(project: Project, given: str | None) -> str | None:
    """Return the name of a team that is named; NotFound with the nearest names."""
    if given is None:
        return None
    name = given.removeprefix("@")
    return name if name not in project.teams and not project.teams else team_actions.named(project, name)


def status(client: Client, given: Arguments) -> Answer:
    """Show what teams do: tasks of each agent, what is blocked, handoffs, events."""
    project = client.project()
    document = team_status.status(
        project,
        _team(project, given["team"]),
        activity=_activity(client, project),
        active=team_actions.active(client.snapshot, client.sessions(), project_id=project.id, now=client.at),
        events=looking.last_events(client, project, team_status.LOOKED_AT),
    )
    return Answer(client.show("teamwork.status", document))


def capacity(client: Client, given: Arguments) -> Answer:
    """Show slots used and free, points per sprint, full roles, and what comes."""
    project = client.project()
    days = (
        values.integer("--forecast", given["forecast"].removesuffix("d"), low=1, high=365)
        if given["forecast"]
        else None
    )
    document = team_capacity.capacity(
        project, _team(project, given["team"]), activity=_activity(client, project), days=days
    )
    return Answer(client.show("team_figures.capacity", document))


def resources(client: Client, given: Arguments) -> Answer:  # noqa: ARG001 - as every handler
    """Show the load of each team against its capacity."""
    project = client.project()
    document = team_capacity.capacity(project, None, activity=_activity(client, project))
    return Answer(client.show("team_figures.resources", document))


def measured(client: Client, given: Arguments) -> Answer:
    """Show what teams and agents got done in a period."""
    found = figures.look(client, "all")
    document = performance.performance(
        found.project, found.lives, team=_team(found.project, given["team"]), period=given["period"] or "30d",
        metric=given["metric"],
    )  # fmt: skip
    return Answer(client.show("team_figures.performance", document))


def dependencies(client: Client, given: Arguments) -> Answer:
    """Show which teams wait for which."""
    project = client.project()
    return Answer(client.show("teamwork.graph", team_graph.graph(project, _team(project, given["team"]))))


def allocation(client: Client, given: Arguments) -> Answer:
    """Show which tasks would move from full agents to free ones, and the line that moves them."""
    arguments = {"project": client.project().id, "session": client.session}
    return plans.propose(client, "allocation", arguments, yes=given["yes"], dry_run=given["dry_run"])


# -- assigning


def assign(client: Client, given: Arguments) -> Answer:
    """Assign a task to an agent; a text that names no task becomes a task of the agent, once it is applied."""
    agent, what = given["agent"], given["task"]
    project = client.project()
    before = _COMMENT.split(what, maxsplit=1)[0]
    if _is_task(project, before) or _is_task(project, agent):
        what = before  # a comment, as in a line copied from a guide
    if _is_task(project, agent) and " " not in what:
        agent, what = what, agent  # either order
    if _is_task(project, what):
        return moves.assign(client, {"task": what, "agent": agent})
    if " " not in what.strip() and "-" in what and what.rpartition("-")[2].isdigit():
        named.task(project, what)  # a slip of the pen: the nearest ids
    arguments = {
        "text": what,
        "agent": agent,
        "no_run": True,
        "project": project.id,
        "session": client.session,
        "force": given["force"],
        **dict.fromkeys(("team", "type", "priority", "points", "labels", "queue", "epic_id")),
    }
    if given["yes"] and not given["dry_run"]:
        return plans.carry_out(client, "task delegate", arguments, lambda *_: None)
    document, found = plans.preview(client, "task delegate", arguments)
    for offer in document["offers"]:
        offer["command"] = f"/orchestrate task delegate {what} {offer['options']}"
    shown = client.show("delegation.delegate", document)
    if document["offers"]:
        return Answer(f"{shown}\nNothing was changed.")
    plan = None if given["dry_run"] else plans.kept(client, "task delegate", arguments, document, found)
    return plans.ending(client, f"A new task:\n{shown}", plan, anything=bool(found))


def _is_task(project: Project, given: str) -> bool:
    try:
        named.task(project, given)
    except NotFound:
        return False
    return True


# -- handoffs


def hand_off(client: Client, given: Arguments) -> Answer:
    """Ask another team to take work over."""

    def action(tx: Any, project: Project, who: Any) -> Document:
        return handoff_actions.request(
            tx, project, given["from"], given["to"], text=None if _is_comment(given["text"]) else given["text"],
            tasks=[named.task(project, one) for one in _listed(given["task"])],
            artifacts=_listed(given["artifacts"]), criteria=[given["criteria"]] if given["criteria"] else [],
            session=who.session, now=who.now,
        )  # fmt: skip

    made = changing.change(client, action)
    load = made["data"]["receiver_load"]
    if load["after"] > load["slots"]:
        client.remarks.append(f"warning: team {made['to']} would have more tasks than slots")
    lines = [
        f"✓ Requested {made['id']}: {made['from']} → {made['to']}, waiting to be accepted",
        f"{made['to']} holds {load['before']} of {counted(load['slots'], 'slot')}, {load['after']} with it",
        f"The answer: /team accept-handoff {made['id']}, /team defer-handoff {made['id']} REASON"
        f" or /team reject-handoff {made['id']} REASON",
    ]
    return Answer("\n".join(lines))


def _is_comment(text: str | None) -> bool:
    return text is not None and text.startswith("# ")


def _listed(given: str | None) -> list[str]:
    return [one.strip() for one in (given or "").split(",") if one.strip()]


def accept(client: Client, given: Arguments) -> Answer:
    """Accept a handoff: its open tasks go to the receiving team."""
    return _answer(client, given, "accepted", "Accepted")


def defer(client: Client, given: Arguments) -> Answer:
    """Put off the answer to a handoff."""
    return _answer(client, given, "deferred", "Deferred")


def reject(client: Client, given: Arguments) -> Answer:
    """Reject a handoff."""
    return _answer(client, given, "rejected", "Rejected")


def resume(client: Client, given: Arguments) -> Answer:
    """Ask again for the answer to a deferred handoff."""
    return _answer(client, given, "pending_acceptance", "Asked again for")


def start(client: Client, given: Arguments) -> Answer:
    """Say that work on an accepted handoff has begun."""
    return _answer(client, given, "in_progress", "Started")


def complete(client: Client, given: Arguments) -> Answer:
    """Say that the work of a handoff is done."""
    return _answer(client, given, "completed", "Completed")


def _answer(client: Client, given: Arguments, to: str, past: str) -> Answer:
    def action(tx: Any, project: Project, who: Any) -> tuple[Document, list[str]]:
        name = _handoff(project, given["id"])
        return handoff_actions.answer(
            tx, project, name, to, reason=given.get("reason"), session=who.session, now=who.now
        )

    made, moved = changing.change(client, action)
    went = f"; now with team {made['to']}: {', '.join(moved)}" if moved else ""
    return Answer(f"✓ {past} {made['id']}{went}")


def _handoff(project: Project, given: str) -> str:
    """Return the id of the handoff meant, in any case; NotFound with those that are open."""
    known = handoff_actions.all_of(project)
    for one in known:
        if one.casefold() == given.casefold():
            return one
    still_open = ", ".join(name for name, one in known.items() if one["status"] not in team_handoffs.CLOSED)
    hint = (
        f"open are: {still_open}" if still_open else "none is open; `/team handoff FROM TO TEXT` asks for one"
    )
    raise NotFound(f"no handoff {given[:60]!r} in project {project.id!r}", hint=hint)


def handoffs(client: Client, given: Arguments) -> Answer:
    """List handoffs between teams, newest first."""
    project = client.project()
    status_, name = given["status"], _team(project, given["team"])
    rows = handoff_actions.listing(project, status=status_, team=name)
    text = client.show(
        "handoffs.listing", rows, project=project.id, any_status=status_ is None and name is None
    )
    return Answer(text)
