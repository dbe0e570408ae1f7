"""`/monitor`: the situation of the project, once; what follows it goes on at a terminal."""

import time
from typing import Any

from orchestration.claude import changing, figures, looking, orchestrate, phrases
from orchestration.claude.client import Answer, Client
from orchestration.domain import (
    agent_status,
    dashboard,
    event_search,
    events,
    extracts,
    performance,
    session_rows,
    status,
    team_graph,
    values,
)
from orchestration.domain import burndown as burndowns
from orchestration.domain import figures as all_figures
from orchestration.domain import monitor as situations
from orchestration.domain.event_search import Wanted
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import BadUsage
from orchestration.history import moments
from orchestration.store import presence
from orchestration.store.watching import Watch
from orchestration.views.layout import clean

Arguments = dict[str, Any]
PANELS = ("alerts", "agents", "sessions", "events")
SHOWN = 50
_WAIT, _LONGEST, _TICK = 20.0, 30.0, 0.1
_TOGETHER = 0.5
"""Seconds for which more is taken along once something has happened."""


def sessions(client: Client) -> list[Document]:
    """Return the rows of all sessions that are not retired."""
    known = {name: (record, False) for name, record in client.sessions().items()}
    seen = presence.all_seen(client.store.private) if known else {}
    return session_rows.rows(client.snapshot, known, client.index, seen, now=client.at) if known else []


def front(client: Client, given: Arguments) -> Answer:  # noqa: ARG001 - as every handler
    """Show the dashboard."""
    project = client.project()
    document = dashboard.dashboard(
        project,
        figures.look(client).lives,
        sessions=sessions(client),
        activity=agent_status.activity(agent_status.recent(client.index, project)),
        active=looking.active(client, project),
        events=looking.last_events(client, project, dashboard.EVENTS_SHOWN),
        bound=client.bound_sprint,
    )
    return Answer(client.show("dashboard.dashboard", document))


def _situation(client: Client, project: Project) -> Document:
    sprint = project.current(client.bound_sprint)
    lives = all_figures.lives(client.index, project, sprint)
    return situations.situation(
        project,
        sessions(client),
        agent_status.recent(client.index, project),
        all_figures.figures(project, lives, sprint),
        newest=client.index.events(project=project.id, limit=situations.EVENTS),
        bound=client.bound_sprint,
    )


def show(client: Client, given: Arguments) -> Answer:
    """Show the situation of the project, or of a team or an agent."""
    project = client.project()
    document = _situation(client, project)
    if given["name"] is not None:
        document = situations.narrowed(document, project, given["name"])
    return Answer(changing.as_json(document) if given["json"] else client.show("monitor.situation", document))


def live(client: Client, given: Arguments) -> Answer:
    """Show the situation once, and the command that keeps it on a terminal."""
    words = list(given["panels"])
    seconds: float = 5
    if words and words[0].rstrip("s").replace(".", "", 1).isdigit():
        seconds = values.number("SECONDS", words.pop(0).rstrip("s"), low=0.2)
    panels = [
        values.choice("panel", one, PANELS) for given_one in words for one in given_one.split(",") if one
    ]
    text = client.show("monitor.situation", _situation(client, client.project()), panels=panels)
    command = f"{phrases.script(client, 'observability')} monitor --interval {seconds:g}"
    return Answer(f"{text}\n\nThe chat shows this once. At a terminal it stays up to date:\n  {command}")


def agents(client: Client, given: Arguments) -> Answer:
    """Show what the agents of a team, or all, are doing."""
    return orchestrate.agents(client, {"team": given["team"], "format": None})


def teams(client: Client, given: Arguments) -> Answer:
    """Show how busy teams are, who waits for whom, and handoffs."""
    project = client.project()
    activity = agent_status.activity(agent_status.recent(client.index, project))
    name = given["team"].removeprefix("@") if given["team"] else None
    active = looking.active(client, project)
    load = client.show("team_load.teams", dashboard.teams(project, name, activity=activity, active=active))
    return Answer(f"{load}\n\n{client.show('teamwork.graph', team_graph.graph(project, name))}")


def sprint(client: Client, given: Arguments) -> Answer:
    """Show the numbers of a sprint's board, its burndown, and when it may be done."""
    found = figures.look(client, given["sprint"])
    project, chosen = found.project, found.sprint
    if chosen is None:
        return Answer(client.show("sprint_status.none", {"project": project.id, "sprint": None}))
    shown = looking.last_events(client, project, status.EVENTS_SHOWN)
    line = burndowns.document(
        chosen, project.tasks_of(chosen["id"]), found.lives, config=project.config, now=project.now
    )
    parts = [
        client.show("sprint_status.status", status.status(project, chosen, found.lives, events=shown)),
        client.show("figures.burndown", line),
        client.show("outlook.outlook", extracts.forecast(all_figures.figures(*found))),
    ]
    return Answer("\n\n".join(parts))


def metrics(client: Client, given: Arguments) -> Answer:
    """Show figures: how work flows, how much gets done, or what was reported of its quality."""
    found = figures.look(client)
    kind = given["kind"]
    if kind == "quality":
        sprint = found.sprint or {}
        document = {
            "project": found.project.id,
            "sprint": sprint.get("id"),
            "reported": sprint.get("reported") or {},
        }
        return Answer(client.show("outlook.quality", document))
    document = all_figures.figures(*found)
    if kind == "performance":
        return Answer(client.show("figures.flow", extracts.flow(document, found.project)))
    if kind == "productivity":
        done = performance.performance(found.project, found.lives, period="30d", metric="velocity")
        pace = client.show("figures.velocity", extracts.velocity(document))
        return Answer(f"{pace}\n\n{client.show('team_figures.performance', done)}")
    return Answer(client.show("figures.metrics", document))


# -- events


def list_events(client: Client, given: Arguments) -> Answer:
    """Show what happened, oldest first; with --follow what happens in the next seconds as well."""
    since = moments.instant(client.store, given["since"], now=client.now) if given["since"] else None
    most = values.integer("--limit", given["limit"], low=1) if given["limit"] else SHOWN
    wanted = Wanted(
        given["filter"],
        given["type"],
        given["task"].upper() if given["task"] else None,
        client.project().id,
        since,
    )
    found = event_search.newest(client.index, client.snapshot, wanted, most) if client.store.exists else []
    lines = [_line(events.record(event)) for event in found] or ["There are no such events."]
    if given["follow"]:
        lines += _followed(client, wanted, given["wait"])
    return Answer("\n".join(lines))


def _line(event: Document) -> str:
    about = clean(event["subject"])
    return f"{event['timestamp'][:19].replace('T', ' ')}  {event['type']}  {clean(event['source'])}  {about}"


def _followed(client: Client, wanted: Wanted, given: str | None) -> list[str]:
    """Wait for something to happen, and return it with the command that goes on waiting."""
    longest = values.number("--wait", given, low=0, high=_LONGEST) if given else _WAIT
    if client.at_option is not None:
        raise BadUsage("what is followed is the present")
    tip = client.snapshot.tip.oid if client.snapshot.tip else None
    begun = time.monotonic()
    watch, until = Watch(client.store.git_dir), begun + longest
    news: list[str] = []
    while time.monotonic() < until:
        if watch.changed():
            for name in ("snapshot", "index", "newest_index"):
                client.__dict__.pop(name, None)
            found = event_search.after(client.index, client.snapshot, wanted, tip)
            if len(found) > len(news) and not news:
                until = min(until, time.monotonic() + _TOGETHER)
            news = [_line(events.record(event)) for event in found]
        time.sleep(_TICK)
    waited = time.monotonic() - begun
    words = [
        f"--type {wanted.op}" if wanted.op else "",
        f"--task {wanted.task}" if wanted.task else "",
        *wanted.words,
    ]
    rest = " ".join(word for word in words if word)
    head = (
        f"-- then, within {waited:.0f} seconds:"
        if news
        else f"-- then nothing happened for {waited:.0f} seconds."
    )
    command = f"orchestration events --follow {rest}".rstrip()
    return [
        "",
        head,
        *news,
        "",
        f"The chat waits {longest:g} seconds at most. At a terminal:",
        f"  {command}",
    ]
