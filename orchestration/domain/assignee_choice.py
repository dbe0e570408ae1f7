"""Who gets a delegated task, and the ways to go on when there is no free slot."""

import shlex
from collections.abc import Mapping
from typing import Any

from orchestration.domain import capacity, suitability, values
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import InvalidData, Refused


def choose(
    project: Project, arguments: Mapping[str, Any], ranked: list[Document], team: str | None
) -> tuple[str | None, str, list[Document]]:
    """Return the assignee, why, and the offers when a choice is left to the caller."""
    force = arguments.get("force")
    if force is not None and not force.strip():
        raise InvalidData("--force has no reason", hint="say why: --force REASON")
    named = values.agent(arguments.get("agent"))
    if arguments.get("queue") or (arguments.get("agent") is not None and named is None):
        return None, "it is queued in todo; `autoassign` will find somebody", []
    if named is not None:
        if named not in project.agents:
            raise capacity.unknown(named, project.agents)
        row = next((row for row in ranked if row["agent"] == named), None)
        if row is None:
            raise Refused(
                f"{named} is in team {project.agents[named]['team']}, not in {team}",
                hint="leave out --team, or name an agent of that team",
            )
        if row["full"] and force is None:
            return None, f"{named} has no free slot: {_load(row)}", _offers(arguments, ranked, row)
        return named, "as given" + (f", in spite of {_load(row)}" if row["full"] else ""), []
    free = next((row for row in ranked if not row["full"]), None)
    if free is not None:
        better = "" if free is ranked[0] else f"; {ranked[0]['agent']} fits better but has no free slot"
        return free["agent"], suitability.reason(free) + better, []
    if not ranked:
        return None, f"team {team} has no agents" if team else "there are no agents", []
    best = ranked[0]
    if force is not None:
        return best["agent"], f"{suitability.reason(best)}; nobody has a free slot", []
    return (
        None,
        f"no agent{f' of team {team}' if team else ''} has a free slot",
        _offers(arguments, ranked, best),
    )


def _load(row: Mapping[str, Any]) -> str:
    return f"{row['open_tasks']} open of {row['slots']}"


def _offers(
    arguments: Mapping[str, Any], ranked: list[Document], wanted: Mapping[str, Any]
) -> list[Document]:
    """Return the ways to go on without a free slot, each with the options that take it."""
    ways = [("queue", None, "leave it in todo, assigned to nobody", "--queue")]
    other = next((row for row in ranked if not row["full"]), None)
    if other is not None:
        ways.append(("alternative", other["agent"], suitability.reason(other), f"--agent {other['agent']}"))
    who = wanted["agent"]
    ways.append(("override", who, f"{who} with {_load(wanted)}", f"--agent {who} --force REASON"))
    return [
        {
            "way": way,
            "agent": agent,
            "reason": why,
            "options": options,
            "command": _command(arguments, options),
        }
        for way, agent, why, options in ways
    ]


def _command(arguments: Mapping[str, Any], options: str) -> str:
    given = [("project", arguments.get("project"))]
    given += [(name, arguments.get(name)) for name in ("team", "type", "priority", "points")]
    given += [("epic", arguments.get("epic_id")), ("labels", arguments.get("labels"))]
    words = ["state_manager", "task", "delegate", arguments["text"]]
    for name, value in given:
        if value is not None:
            words += [f"--{name}", str(value)]
    return f"{shlex.join(words)} {options}"


def refusal(document: Mapping[str, Any]) -> Refused:
    """Return the error for a delegation that has to wait for a choice between its offers."""
    ways = ", ".join(offer["options"] for offer in document["offers"])
    return Refused(document["assignee_because"], hint=f"say which way to go: {ways}")
