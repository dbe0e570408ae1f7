"""`/config`: what is configured, whether it is valid, and changing a value of it."""

import shlex
from typing import Any

from orchestration import codec, paths
from orchestration.claude import changing, dispatch, phrases, plans, reading
from orchestration.claude.client import Answer, Client
from orchestration.domain import config_actions, config_overview, fixing, projects, validation, values
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import BadUsage, NotFound, OrchestrationError
from orchestration.history import changes
from orchestration.store import draft, layout

Arguments = dict[str, Any]
_SHOWN = 20


def project_of(client: Client) -> Project:
    """Return the project whose configuration is looked at; it need not exist."""
    name = client.project_id(None, session=client.record)
    if name is None:
        raise OrchestrationError("this folder is in no project", hint="cd into one, or set CLAUDE_PROJECT_ID")
    return Project(client.snapshot, name, now=client.at)


def front(client: Client, given: Arguments) -> Answer:
    """Show what is configured; anything like key=value belongs to the client's own settings."""
    said = given["setting"]
    if any("=" in one for one in said):
        raise BadUsage(
            f"/config {' '.join(said)[:60]} is a setting of the client itself",
            hint=f"see /settings; a value of the project: /config set {said[0].partition('=')[0][:60]} VALUE",
        )
    if said:
        raise dispatch.unknown("config", said[0])
    project = project_of(client)
    newest = _events(client, [layout.file_of("projects", project.id, "config")], 1)
    document = config_overview.overview(project, checked(client, project), newest[0] if newest else None)
    text = client.show("config.overview", document, summary=validation.summary(document["validation"]))
    text = text.replace("`orchestration config validate`", "`/config validate`")
    more = "/config validate   /config teams   /config agents   /config workflows   /config backup list   /config help"
    return Answer(f"{text}\n\n{more}")


def checked(client: Client, project: Project | None) -> Document:
    """Return the validation of a project, of everything where it is not there."""
    name = project.id if project is not None and project.exists else None
    found = validation.validate(
        client.snapshot, name, changing.installed(client), lambda: client.index, disk=client.then is None
    )
    return {**found, "findings": phrases.spoken_findings(found["findings"])}


def validate(client: Client, given: Arguments) -> Answer:
    """Check the configuration and the records that depend on it."""
    name = client.project_id(None, session=client.record, required=False)
    project = Project(client.snapshot, name, now=client.at) if name and not given["all"] else None
    document = checked(client, project)
    if given["json"]:
        return Answer(changing.as_json(document), failed=not document["valid"])
    text = client.show(
        "config.validation", document, summary=validation.summary(document), verbose=given["verbose"]
    )
    return Answer(text, failed=not document["valid"])


def fix(client: Client, given: Arguments) -> Answer:
    """Mend what can be mended without guessing; the state before is backed up."""
    if not client.store.exists:
        raise NotFound("there is no store yet: nothing to fix", hint="the first write makes it")
    project = project_of(client)
    name = project.id if project.exists and not given["all"] else None
    category = given["category"] or "all"
    here, index = changing.installed(client), client.index  # history is caught up before the lock is taken
    if given["dry_run"]:
        tx = draft.start(client.store, author=client.actor, now=client.now)
        document = fixing.fix(tx, name, category, here, lambda: index, dry_run=True)
    else:
        who = client.who()
        with client.transaction() as real:
            document = fixing.fix(real, name, category, here, lambda: index, session=who.session)
    left = {**document["left"], "findings": phrases.spoken_findings(document["left"]["findings"])}
    lines = [client.show("config.fixed", {**document, "left": left}, summary=validation.summary(left))]
    lines += [f"What stood in {file} is kept in {place}" for file, place in document["kept"].items()]
    if given["dry_run"]:
        anything = document["changes"] or document["restored"]
        lines.append("Nothing was changed. To do it: /config fix" if anything else "There is nothing to fix.")
    elif document["backup"] is None:
        lines.append("Nothing was changed.")
    else:
        lines.append(f"✓ Fixed; the state before is {document['backup']}")
        lines += [plans.undo_line(client)] if client.commits else []
    return Answer("\n".join(lines))


# -- values


def get(client: Client, given: Arguments) -> Answer:
    """Print a value of the configuration, defaults filled in."""
    if given["shared"]:
        document = config_actions.shared(client.snapshot)
    else:
        found = project_of(client).required()
        document = projects.with_defaults(found.config or {"project_id": found.id})
    return Answer(reading.as_text(paths.get(document, paths.parse(given["path"] or ""))))


def set_(client: Client, given: Arguments) -> Answer:
    """Set a value of the configuration, checked, and show what changed."""
    value = reading.json_value(given["value"]) if given["json"] or given["json_value"] else given["value"]
    place = paths.parse(given["path"])

    def action(tx: Any, project: Project, who: Any) -> list[Any]:
        if given["shared"]:
            config_actions.set_shared(tx, place, value, session=who.session)
        else:
            config_actions.set_value(tx, project.id, place, value, now=who.now, session=who.session)
        return changes.by_path(tx.changes())

    rows = changing.change(client, action)
    return changed(client, rows, f"Set {given['path']}")


def changed(client: Client, rows: list[Any], said: str) -> Answer:
    """Say what a change of configuration did, by path, and how to take it back."""
    if not rows:
        return Answer("It is so already: nothing was changed.")
    shown = client.show("history.diff", [one._asdict() for one in rows])
    return Answer(f"{shown}\n✓ {said}\n{plans.undo_line(client)}")


def history(client: Client, given: Arguments) -> Answer:
    """List the changes of the configuration, newest first."""
    limit = values.integer("--limit", given["limit"], low=0) if given["limit"] else _SHOWN
    found = project_of(client)
    places = ["config"] if given["shared"] else [layout.file_of("projects", found.id, "config")]
    of = "that all projects share" if given["shared"] else f"of project {found.id}"
    rows = _events(client, places, limit)
    return Answer(client.show("history.events", rows, empty=f"The configuration {of} has never changed."))


def _events(client: Client, places: list[str], limit: int) -> list[Document]:
    if not client.store.exists:
        return []
    return [
        one._asdict() | {"commit": one.oid} for one in client.index.events(paths=places, limit=limit or None)
    ]


def export(client: Client, given: Arguments) -> Answer:
    """Print the configuration as JSON, YAML or environment variables."""
    found = project_of(client).required()
    stored = found.config or {"project_id": found.id}
    if given["form"] == "env":
        variables = config_actions.as_environment(projects.with_defaults(stored))
        return Answer("\n".join(f"{name}={shlex.quote(value)}" for name, value in variables.items()))
    if given["form"] == "yaml":
        return Answer(codec.dump(stored).decode().rstrip("\n"))
    return Answer(changing.as_json(stored))


def environments(client: Client, given: Arguments) -> Answer:
    """List the environments of the project, or show one."""
    found = project_of(client).required()
    known = (found.config or {}).get("environments") or {}
    name = given["name"]
    if name is None:
        text = client.show("config.environments", known, project=found.id)
        return Answer(text if known else f"{text} `/config set environments.NAME.KEY VALUE` makes one.")
    if name not in known:
        near = values.nearest(name, known)
        hint = (
            f"did you mean {' or '.join(near)}?"
            if near
            else "`/config set environments.NAME.KEY VALUE` makes one"
        )
        raise NotFound(f"project {found.id!r} has no environment {name[:60]!r}", hint=hint)
    value = known[name]
    return Answer(client.show("tables.record", value if isinstance(value, dict) else {name: value}))


def reload(client: Client, given: Arguments) -> Answer:  # noqa: ARG001 - as every handler
    """Check configuration that was edited by hand and, when it has no errors, commit it."""
    if not client.store.exists:
        raise NotFound("there is no store yet: nothing to read", hint="the first write makes it")
    project = project_of(client)
    document = checked(client, project)
    text = client.show("config.validation", document, summary=validation.summary(document))
    if not document["valid"]:
        return Answer(f"{text}\nNothing was committed: mend the errors first.", failed=True)
    keys = [("projects", project.id, "config"), *(("config", file) for file in config_actions.SHARED_FILES)]
    edited = client.edited(*keys)
    if not edited:
        return Answer(f"{text}\nNo file of the configuration was edited by hand.")
    client.who()
    with client.transaction() as tx:
        for file in edited:
            tx.adopt(file)
    return Answer("\n".join([text, *(f"✓ Committed {file} as it was edited" for file in edited)]))


# -- tools


def registry(client: Client, given: Arguments) -> Answer:
    """List the registered tools, or show one."""
    known = client.snapshot.load_all("tools") if client.store.exists else {}
    name = given["name"]
    if name is None:
        rows = [one for one in known.values() if given["type"] in (None, one["type"])]
        return Answer(client.show("tables.tools", rows))
    if name not in known:
        near = values.nearest(name, known)
        raise NotFound(
            f"no tool {name[:60]!r} is registered",
            hint=f"did you mean {' or '.join(near)}?" if near else "`/tools` lists them",
        )
    return Answer(client.show("tables.record", known[name]))
