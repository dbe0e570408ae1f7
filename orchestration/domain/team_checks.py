"""Checks of who works where: one lead per team, each agent in one team, and names that somebody knows."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from orchestration.domain import teams, values
from orchestration.domain.check_fields import place
from orchestration.domain.projects import PROJECT_WIDE
from orchestration.domain.records import Document
from orchestration.store.findings import Finding
from orchestration.store.layout import Key

Records = Mapping[Key, Document]
_SHARED: Key = ("config", "teams")
_SHORT = 3
"""Names of so few letters are near, or part of, too many others to be taken for slips."""


class _Team(NamedTuple):
    """A team as one configuration describes it."""

    key: Key
    prefix: str
    name: str
    record: Mapping[str, Any]

    def place(self, field: str) -> str:
        return place(self.key, f"{self.prefix}{self.name}.{field}")


def check(records: Records, *, files: Collection[str] | None) -> list[Finding]:
    """Return what is wrong with teams; `files` are the agents of the checkout, None when nobody has looked."""
    found: list[Finding] = []
    shared = list(_described(_SHARED, records.get(_SHARED) or {}, ""))
    agents = records.get(("config", "agents")) or {}
    everywhere = {*agents, *(files or ()), *_tools(records)}
    _teams(shared, found, looked=files is not None)
    if files is not None:
        _strangers(shared, everywhere, found)
    for key, config in records.items():
        if key[0] != "projects" or key[2] != "config":
            continue
        team = config.get("team")
        own = list(_described(key, team, "team.")) if isinstance(team, Mapping) else []
        _teams(own, found, looked=files is not None)
        wide = team if isinstance(team, Mapping) else {}
        _wide_leads(key, records, own, wide, found)
        if files is not None:
            listed = _own_agents(config) | {agent for one in shared for agent in _people(one.record)}
            _strangers(own, everywhere | listed, found)
            told = listed | {agent for one in own for agent in _people(one.record)}
            for field in PROJECT_WIDE:
                _unknown(place(key, f"team.{field}"), _texts(wide.get(field)), everywhere | told, found)
    return found


def _described(key: Key, section: Mapping[str, Any], prefix: str) -> Iterable[_Team]:
    for name, record in section.items():
        if isinstance(record, Mapping) and name not in PROJECT_WIDE:
            yield _Team(key, prefix, name, record)


def _tools(records: Records) -> set[str]:
    return {key[1] for key, one in records.items() if key[0] == "tools" and one.get("type") == "agent"}


def _own_agents(config: Document) -> set[str]:
    own = config.get("agents")
    return set(own) if isinstance(own, Mapping) else set()


def _teams(found_teams: Iterable[_Team], found: list[Finding], *, looked: bool) -> None:
    """Look at the teams of one configuration."""
    first: dict[str, str] = {}
    for team in found_teams:
        leads = _leads(team.record)
        if len(leads) > 1:
            fix = "keep one of them as its lead; the others are members"
            problem = f"team {team.name!r} has {len(leads)} leads: {', '.join(leads)}"
            found.append(Finding("structure", "error", team.place("leads"), problem, fix))
        elif not leads and looked:
            fix = "name one of its members as lead"
            found.append(
                Finding("structure", "hint", team.place("lead"), f"team {team.name!r} has no lead", fix)
            )
        for agent in _people(team.record):
            other = first.setdefault(agent, team.name)
            if other != team.name:
                problem = f"{agent} is in team {other!r} as well, and counts there"
                fix = "list each agent in one team"
                found.append(Finding("structure", "warning", team.place("members"), problem, fix))


def _wide_leads(
    key: Key, records: Records, own: list[_Team], wide: Mapping[str, Any], found: list[Finding]
) -> None:
    """Find teams that get several leads from the project-wide list."""
    if not wide.get("leads"):
        return
    config = records[key]
    shared_teams, shared_agents = (records.get(("config", name)) or {} for name in ("teams", "agents"))
    tools = {one[1]: record for one, record in records.items() if one[0] == "tools"}
    try:
        rostered, _ = teams.roster(config, shared_teams, shared_agents, tools)
    except (AttributeError, KeyError, TypeError):
        return  # of another shape, which is a finding of its own
    told = {team.name for team in own if len(_leads(team.record)) > 1}
    for name, team in rostered.items():
        leads = _leads(team)
        by_list = not set(leads).isdisjoint(_texts(wide["leads"]))
        # Whom nothing places is no team: a project may list all its leads and name no team at all.
        if len(leads) > 1 and by_list and name not in {teams.DEFAULT_TEAM, *told}:
            problem = f"team {name!r} has {len(leads)} leads: {', '.join(leads)}"
            fix = "keep one of them as its lead; the others are members"
            found.append(Finding("structure", "error", place(key, "team.leads"), problem, fix))


def _strangers(found_teams: Iterable[_Team], known: Collection[str], found: list[Finding]) -> None:
    for team in found_teams:
        listed = [agent for agent in _texts(team.record.get("members")) if agent not in _leads(team.record)]
        _unknown(team.place("lead"), _leads(team.record), known, found)
        _unknown(team.place("members"), listed, known, found)


def _unknown(where: str, agents: Iterable[str], known: Collection[str], found: list[Finding]) -> None:
    """Note names of which there is no record, no tool and no file: people, or slips of the pen."""
    for agent in agents:
        if agent not in known:
            near = values.nearest(agent, sorted(known), 1) if len(agent) > _SHORT else []
            fix = f"did you mean {near[0]!r}? Else " if near else ""
            fix += f"add .claude/agents/{agent}.md, or leave it: a person needs none"
            problem = f"nothing describes the agent {agent!r}"
            found.append(Finding("references", "hint", where, problem, fix))


def _leads(team: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys([*_texts([team.get("lead")]), *_texts(team.get("leads"))]))


def _people(team: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys([*_leads(team), *_texts(team.get("members"))]))


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
