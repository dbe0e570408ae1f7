"""`/orchestrate`: the front page, teams, agents, and stopping it all."""

import json
from typing import Any

from orchestration.claude import figures, looking, plans
from orchestration.claude.client import Answer, Client
from orchestration.domain import agent_status, dashboard, menu, stalled_agents, team_actions, values
from orchestration.domain.project import Project

Arguments = dict[str, Any]
_MENU = (
    ("/orchestrate sprint start|status|stop", "begin, look at, end a sprint"),
    ("/orchestrate task delegate TEXT", "hand work to the agent that fits"),
    ("/orchestrate epic plan NAME", "lay an epic into sprints"),
    ("/orchestrate team activate|deactivate NAME", "put a team to work, release it"),
    ("/orchestrate agents status", "who does what"),
    ("/orchestrate stop", "stop all orchestration of this session"),
    ("/board  /move  /assign  /block  /task", "the work"),
    ("/metrics  /burndown  /forecast  /velocity", "its figures"),
    ("/state  /monitor  /team  /config  /debug", "everything else"),
)


def front(client: Client, given: Arguments) -> Answer:  # noqa: ARG001 - as every handler
    """Show where everything stands and what can be done."""
    found = figures.look(client)
    document = menu.menu(
        found.project, found.lives, found.sprint, session=client.record, records=client.sessions()
    )
    return Answer(client.show("menu.menu", document, commands=_MENU))


def activate(client: Client, given: Arguments) -> Answer:
    """Activate a team for this session."""
    if given["team"] is None:
        return _teams(client)
    share = given["capacity"]
    arguments = {
        "project": client.project().id,
        "session": plans.acting(client),
        "team": given["team"],
        "focus": given["focus"],
        "share": None
        if share is None
        else values.number("--capacity", share.removesuffix("%"), low=1, high=100),
        "change": given["change"],
    }
    return plans.propose(client, "team activate", arguments, yes=given["yes"], dry_run=given["dry_run"])


def _teams(client: Client) -> Answer:
    """Show the teams that can be activated."""
    project = client.project()
    activity = agent_status.activity(agent_status.recent(client.index, project))
    active = looking.active(client, project)
    shown = client.show("team_load.teams", dashboard.teams(project, None, activity=activity, active=active))
    return Answer(f"{shown}\n\nActivate one with /orchestrate team activate NAME.")


def deactivate(client: Client, given: Arguments) -> Answer:
    """Release a team that this session has activated."""
    name = team_actions.named(client.project(), given["team"])
    session = client.session
    done = False
    if session is not None:
        who = client.who()
        assert who.session is not None, "a write has a session"
        with client.transaction() as tx:
            project = Project(tx, client.project().id, now=client.at)
            done = team_actions.deactivate(tx, project, who.session, name, now=client.at)
    left = team_actions.active(
        client.snapshot, client.sessions(), project_id=client.project().id, now=client.at
    ).get(name, [])
    lines = [f"✓ Deactivated team: {name}" if done else f"Team {name} is not active in this session."]
    lines += [f"It stays active in session {row['session'][:8]}." for row in left]
    return Answer("\n".join(lines))


def agents(client: Client, given: Arguments) -> Answer:
    """Show what every agent does, and who is stalled."""
    project = client.project()
    team = team_actions.named(project, given["team"]) if given["team"] else None
    activity = agent_status.activity(agent_status.recent(client.index, project))
    rows = stalled_agents.rows(project, activity)
    shown = [row for row in rows if team in (None, row["team"])]
    if given["format"] == "json":
        return Answer(json.dumps(shown, indent=2, ensure_ascii=False))
    return Answer(client.show("agents.agents", shown, project=project.id))


def stop(client: Client, given: Arguments) -> Answer:
    """Stop all orchestration of this session."""
    arguments = {"project": client.project().id, "session": client.session}
    yes = given["yes"] or given["force"]
    if client.session is None:
        yes = False  # there is nothing to stop, and no reason to make a session for that
    return plans.propose(client, "stop", arguments, yes=yes, dry_run=given["dry_run"])
