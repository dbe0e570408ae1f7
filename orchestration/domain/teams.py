"""Who works on a project: its teams and agents, from the store's defaults, its configuration and its tools.

An agent belongs to the team of the project's configuration that lists it, else to the team its own
record or the store's defaults name. An agent that nobody placed joins the team that its name begins
with (`engineering-ux` joins `engineering`, `devops` joins `devops`), else `default`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from orchestration.domain.projects import PROJECT_WIDE
from orchestration.domain.records import Document

DEFAULT_TEAM = "default"
_TEAM_FIELDS: Mapping[str, Any] = {
    "name": None,
    "lead": None,
    "leads": [],
    "members": [],
    "capacity": 0,
    "skills": [],
    "settings": {},
    "status": "inactive",
    "activated_at": None,
    "focus": None,
    "reserved": None,
}
_AGENT_FIELDS: Mapping[str, Any] = {
    "id": None,
    "team": None,
    "role": None,
    "skills": [],
    "capacity": 1,
    "model": None,
    "source": "config",
}


def roster(
    config: Document | None,
    store_teams: Mapping[str, Document],
    store_agents: Mapping[str, Document],
    tools: Mapping[str, Document],
) -> tuple[dict[str, Document], dict[str, Document]]:
    """Return the project's teams by name and its agents by id, each agent with its team."""
    known = agents(config, store_agents, tools)
    found = teams(config, store_teams, known)
    for name, team in store_teams.items():
        for agent in _people(team):
            known.setdefault(agent, {**_blank(_AGENT_FIELDS), "id": agent, "team": name})
    return found, {agent: {**record, "team": team_of(agent, found)} for agent, record in known.items()}


def agents(
    config: Document | None, store_agents: Mapping[str, Document], tools: Mapping[str, Document]
) -> dict[str, Document]:
    """Return the project's agents by id; `team` is null for one that no record places.

    Sources, later ones winning per field: agents the configuration lists, tools of type agent, the
    store's agents, the configuration's own `agents`.
    """
    result: dict[str, Document] = {}

    def add(agent: str, given: Mapping[str, Any]) -> None:
        result[agent] = {**result.get(agent, _blank(_AGENT_FIELDS)), **given, "id": agent}

    for name, tool in tools.items():
        if tool.get("type") == "agent":
            described = tool.get("config") or {}
            add(name, {k: described[k] for k in _AGENT_FIELDS if k in described} | {"source": "tool"})
    for agent, record in store_agents.items():
        add(agent, {**record, "source": "config"})
    for agent, record in ((config or {}).get("agents") or {}).items():
        add(agent, {**record, "source": "config"})
    wide = _team_part(config)
    for agent in [*(wide.get("leads") or []), *(wide.get("members") or [])]:
        add(agent, {})
    placed: dict[str, str] = {}
    for name, team in _named(config).items():
        for agent in _people(team):
            # The first team that lists an agent is its team.
            add(agent, {"team": placed.setdefault(agent, name)})
    return result


def teams(
    config: Document | None, store_teams: Mapping[str, Document], agents: Mapping[str, Document]
) -> dict[str, Document]:
    """Return the project's teams by name, with every agent placed.

    A lead counts among the members. Capacity, unless given, is the sum of the members' capacities,
    1 each where nothing is known.
    """
    named = _named(config)
    claimed = {agent for team in named.values() for agent in _people(team)}
    result: dict[str, Document] = {}
    for name in [*store_teams, *(name for name in named if name not in store_teams)]:
        base, own = store_teams.get(name, {}), named.get(name, {})
        # What the project says of an agent goes before what the store says.
        free = [agent for agent in _people(base) if agent not in claimed or agent in _people(own)]
        kept = {
            **base,
            "lead": base.get("lead") if base.get("lead") in free else None,
            "leads": [agent for agent in base.get("leads") or [] if agent in free],
            "members": free,
        }
        result[name] = {**_blank(_TEAM_FIELDS), **kept, **own, "name": name}
        result[name]["members"] = _people(result[name])
    for agent, record in agents.items():
        _place(agent, record.get("team"), result, leads=_team_part(config).get("leads") or [])
    for name, team in result.items():
        given = {**store_teams.get(name, {}), **named.get(name, {})}.get("capacity")
        team["capacity"] = sum(_slots(agents.get(m)) for m in team["members"]) if given is None else given
    return result


def team_of(agent: str, teams: Mapping[str, Document]) -> str:
    """Return the name of the team that has `agent` among its members, else `default`."""
    return next((name for name, team in teams.items() if agent in team["members"]), DEFAULT_TEAM)


def _place(agent: str, chosen: str | None, teams: dict[str, Document], *, leads: list[str]) -> None:
    name = next((n for n, team in teams.items() if agent in team["members"]), None)
    if name is None:
        name = chosen or prefix_team(agent, teams)
        team = teams.setdefault(name, {**_blank(_TEAM_FIELDS), "name": name})
        team["members"] = [*team["members"], agent]
    if agent in leads:
        team = teams[name]
        team["lead"] = team["lead"] or agent
        team["leads"] = [*team["leads"], *([agent] if agent not in team["leads"] else [])]


def prefix_team(agent: str, teams: Iterable[str]) -> str:
    """Return the team that an agent whom nobody placed belongs to: the one its name begins with, else `default`."""
    fitting = [name for name in teams if agent == name or agent.startswith(f"{name}-")]
    return max(fitting, key=len, default=DEFAULT_TEAM)


def _team_part(config: Document | None) -> Document:
    return (config or {}).get("team") or {}


def _named(config: Document | None) -> dict[str, Document]:
    return {name: team for name, team in _team_part(config).items() if name not in PROJECT_WIDE}


def _people(team: Mapping[str, Any]) -> list[str]:
    lead = [team["lead"]] if team.get("lead") else []
    return list(dict.fromkeys([*lead, *(team.get("leads") or []), *(team.get("members") or [])]))


def _slots(agent: Document | None) -> int | float:
    given = (agent or {}).get("capacity")
    return 1 if given is None else given


def _blank(template: Mapping[str, Any]) -> Document:
    # Lists and objects are copied: a record must not share them with the template.
    return {
        name: value.copy() if isinstance(value, list | dict) else value for name, value in template.items()
    }
