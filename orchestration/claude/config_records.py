"""`/config teams`, `/config agents` and `/config workflows`: what they are, as text, added and taken out."""

from collections.abc import Mapping
from typing import Any

from orchestration import paths
from orchestration.claude import changing, config, plans, reading
from orchestration.claude.client import Answer, Client
from orchestration.domain import (
    capacity,
    config_actions,
    config_overview,
    record_drafts,
    team_actions,
    validation,
    values,
    workflow_actions,
)
from orchestration.domain.config_actions import Entry
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, Document
from orchestration.errors import BadUsage, InvalidData, NotFound, Refused
from orchestration.history import changes
from orchestration.store import draft, present

Arguments = dict[str, Any]
_FIELDS = {"team": ("lead", "members", "capacity", "skills"), "workflows": (), "agents": ()}


def _said(given: Arguments, actions: tuple[str, ...], default: str, what: str) -> tuple[str, str | None]:
    """Return the action and the name that were said, in either order; BadUsage for more words."""
    words = list(given["words"])
    action = next((word.lower() for word in words[:2] if word.lower() in actions), None)
    if action is not None:
        words.pop(next(n for n, word in enumerate(words) if word.lower() == action))
    if len(words) > 1:
        near = values.nearest(words[1], actions)
        hint = f"did you mean {near[0]}?" if near else f"/config {what} [NAME] {'|'.join(actions)}"
        raise BadUsage(f"{words[1][:60]!r} is none of {', '.join(actions)}", hint=hint)
    name = words[0].removeprefix("@") if words else None
    return action or ("show" if name else default), name


def _named(name: str | None, what: str, action: str) -> str:
    if name is None:
        raise BadUsage(f"which {what} to {action}?", hint=f"/config {what}s NAME {action}")
    return name


# -- teams


def teams(client: Client, given: Arguments) -> Answer:
    """Show, edit, add and remove teams."""
    action, name = _said(given, ("list", "show", "edit", "add", "remove"), "list", "teams")
    project = config.project_of(client)
    if action == "list":
        rows = config_overview.team_rows(project, _active(client, project))
        return Answer(client.show("config.teams", rows, project=project.id))
    chosen = _named(name, "team", action)
    of = Entry(None if given["shared"] else project.id, "team", chosen)
    if action == "show":
        found = team_actions.named(project, chosen)
        document = config_overview.team(project, found, _active(client, project))
        return Answer(client.show("config.team", document))
    if action == "edit":
        return _edit(client, of, _team_template(client, project, of))
    if action == "add":
        return _add(client, of, given)
    return _remove(client, of, given, [] if given["shared"] else _users(project, chosen))


def _active(client: Client, project: Project) -> Mapping[str, list[Document]]:
    return team_actions.active(client.snapshot, client.sessions(), project_id=project.id, now=client.at)


def _team_template(client: Client, project: Project, of: Entry) -> Document:
    template = _stored(client, of)
    if template is None and of.project is not None:
        found = project.teams[team_actions.named(project, of.name)]
        template = {"lead": found["lead"], "members": found["members"], "skills": found["skills"]}
    if template is None:
        raise NotFound(f"no team {of.name!r} among the defaults of the store", hint="`add --shared` makes it")
    return template


def _stored(client: Client, of: Entry) -> Document | None:
    """Return an entry as it is stored, that of the store's defaults where the project has none."""
    found = config_actions.entry(client.snapshot, of)
    return found if found is not None else config_actions.entry(client.snapshot, of._replace(project=None))


def _users(project: Project, team: str) -> list[str]:
    return [
        key
        for key, task in project.tasks.items()
        if task.get("team") == team and task["column"] not in CLOSED_COLUMNS
    ]


# -- workflows


def workflows(client: Client, given: Arguments) -> Answer:
    """Show, edit, add, remove and test workflows."""
    actions = ("list", "show", "edit", "add", "remove", "test")
    action, name = _said(given, actions, "list", "workflows")
    project = config.project_of(client)
    if action == "list":
        known = config_overview.definitions(project)
        rows = [{"id": key, **one} for key, one in known.items()]
        return Answer(client.show("workflows.definitions", rows, project=project.id))
    chosen = _named(name, "workflow", action)
    of = Entry(None if given["shared"] else project.id, "workflows", chosen)
    if action == "show":
        found, _ = workflow_actions.defined(project, chosen)
        document = {"id": found, **config_overview.definitions(project)[found]}
        return Answer(client.show("workflows.definition", document))
    if action == "test":
        document = workflow_actions.dry_run(project, chosen, changing.installed(client).agents)
        return Answer(client.show("workflows.tested", document), failed=not document["valid"])
    if action == "edit":
        template = _stored(client, of) or workflow_actions.defined(project, chosen)[1]
        return _edit(client, of, template)
    if action == "add":
        return _add(client, of, given)
    return _remove(client, of, given, [])


# -- agents


def agents(client: Client, given: Arguments) -> Answer:
    """Show and check agents, and what their tasks tell."""
    action, name = _said(given, ("list", "show", "check", "stats"), "list", "agents")
    project = config.project_of(client)
    known = config_overview.agents(project, changing.installed(client).agents)
    only = _agent(name, known) if name is not None else None
    if action == "list":
        return Answer(client.show("config.agents", list(known.values()), project=project.id))
    if action == "check":
        return check(client, project, known, only)
    if action == "stats":
        chosen = known if only is None else {only: known[only]}
        rows = config_overview.stats(project, chosen)
        return Answer(client.show("config.agent_stats", rows, project=project.id))
    agent = _named(only, "agent", action)
    load = capacity.load({agent: known[agent]}, project.tasks)[agent]
    return Answer(client.show("tables.record", {**known[agent], **load}))


def _agent(name: str, known: Mapping[str, Document]) -> str:
    agent = values.agent(name)
    if agent is None or agent not in known:
        raise capacity.unknown(agent or name, known)
    return agent


def check(client: Client, project: Project, known: Mapping[str, Document], only: str | None) -> Answer:
    """Show the findings of a validation that name agents, or one of them."""
    document = config.checked(client, project)
    rows = config_overview.about_agents(document["findings"], known, only)
    return Answer(
        client.show("findings.listing", rows), failed=any(row["severity"] == "error" for row in rows)
    )


# -- as text


def _edit(client: Client, of: Entry, template: Mapping[str, Any]) -> Answer:
    """Show a record as text, where it stands, and the lines that set its values: the chat has no editor."""
    document = record_drafts.shown(of, template, root=str(client.store.root), command="")
    section = of.section if of.project else of.key[1]
    shared = "" if of.project else " --shared"
    lines = [
        "/config set "
        + _word(paths.format((section, of.name, name)))
        + f" {value if isinstance(value, str) else changing.as_line(value)}"
        + ("" if isinstance(value, str) else " --json")
        + shared
        for name, value in template.items()
    ]
    ending = f"--project {of.project}" if of.project else "--shared"
    kind = {"team": "teams", "workflows": "workflows"}[of.section]
    return Answer(
        "\n".join(
            [
                document["yaml"].rstrip("\n"),
                "",
                f"File: {document['file']}, at {document['path']}",
                "",
                "To change a value, type its line with the new one:",
                *lines,
                "",
                f"In an editor, at a terminal: orchestration config {kind} edit {of.name} {ending}",
            ]
        )
    )


def _word(text: str) -> str:
    return f"'{text}'" if any(char.isspace() for char in text) else text


def _add(client: Client, of: Entry, given: Arguments) -> Answer:
    if config_actions.entry(client.snapshot, of) is not None:
        raise Refused(
            f"{of.kind} {of.name!r} exists already", hint=f"`/config {of.kind}s {of.name} edit` shows it"
        )
    record: Document = {}
    if given["data"]:
        found = reading.json_value(given["data"])
        if not isinstance(found, dict):
            raise BadUsage("--data is not a JSON object", hint='such as {"members": ["qa-analyst"]}')
        record = found
    record |= {name: given[name] for name in _FIELDS[of.section] if given.get(name) is not None}
    if not record:
        example = "--lead qa-analyst --members qa-analyst,tester" if of.section == "team" else (
            '--data {"steps": [{"name": "Fix", "assignee": "qa-analyst"}]}'
        )  # fmt: skip
        raise BadUsage(
            f"say something of {of.kind} {of.name!r}", hint=f"/config {of.kind}s {of.name} add {example}"
        )
    draft_ = record_drafts.read(
        of, record_drafts.text_of(of, record), _records(client, of), changing.installed(client).agents
    )
    for one in draft_.problems:
        if one.severity == "error":
            raise InvalidData(f"{of.kind} {of.name!r}: {one.message}")
        client.remarks.append(f"warning: {one.message}")

    def action(tx: Any, project: Project, who: Any) -> list[Any]:  # noqa: ARG001 - as every change
        config_actions.write(tx, of, draft_.record, now=who.now, session=who.session, expected=None)
        return changes.by_path(tx.changes())

    return config.changed(client, changing.change(client, action), f"Added {of.kind} {of.name}")


def _records(client: Client, of: Entry) -> dict[tuple[str, ...], Document]:
    folders = ["config", "tools"] if of.project is None else validation.folders(of.project)
    return present.read(client.snapshot, folders, disk=False).records


# -- taking out


def _remove(client: Client, of: Entry, given: Arguments, users: list[str]) -> Answer:
    """Show what would go, and the line that takes it out."""
    if users:
        more = ", …" if len(users) > 8 else ""
        client.remarks.append(f"warning: still named by {', '.join(users[:8])}{more}")
    arguments = {"project": of.project, "section": of.section, "name": of.name, "session": client.session}
    if given["yes"] and not given["dry_run"]:
        return perform_remove(client, "config remove", arguments, lambda _: None)
    tx = draft.start(client.store, author=client.actor, now=client.now)
    config_actions.write(tx, of, None, now=client.at)
    client.remarks += [f"warning: {warning}" for warning in tx.warnings]
    found = tx.changes()
    text = client.show("history.diff", [one._asdict() for one in changes.by_path(found)])
    return plans.offer(client, "config remove", arguments, found, text, dry_run=given["dry_run"])


def perform_remove(client: Client, _: str, arguments: plans.Arguments, confirm: plans.Confirm) -> Answer:
    """Take a team, agent or workflow out of the configuration."""
    of = Entry(arguments["project"], arguments["section"], arguments["name"])
    who = client.who()
    with client.transaction() as tx:
        config_actions.write(tx, of, None, now=client.at, session=who.session)
        confirm(tx)
        rows = changes.by_path(tx.changes())
    return config.changed(client, rows, f"Removed {of.kind} {of.name}")
