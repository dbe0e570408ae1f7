"""`/task`: the tasks of the project, as `state_manager task` has them."""

from typing import Any

from orchestration.claude import boards, looking, named, phrases
from orchestration.claude.client import Answer, Client
from orchestration.domain import claims, filters, task_actions, task_fields, values
from orchestration.domain import ready as work
from orchestration.domain.project import Project
from orchestration.store import layout
from orchestration.views.layout import clean

Arguments = dict[str, Any]
SHOWN = 100
"""The most rows of a list."""


def front(client: Client, given: Arguments) -> Answer:  # noqa: ARG001 - as every handler
    """List all tasks."""
    return list_(client, {"filter": [], "status": None, "assignee": None, "sprint": None, "blocked": False})


def list_(client: Client, given: Arguments) -> Answer:
    """List tasks by priority, then age."""
    from_words = filters.parse(boards.criteria_text(given["filter"]))
    wanted = filters.both(
        from_words,
        filters.given(
            sprint=named.sprint(given["sprint"]), status=given["status"], assignee=given["assignee"],
            blocked="true" if given["blocked"] else None,
        ),
    )  # fmt: skip
    project = client.project()
    fits = filters.predicate(wanted, project.agents)
    rows = [task_fields.view(task) for task in project.tasks.values() if fits(task)]
    rows.sort(key=lambda row: (row["priority"], row["created_at"], row["id"]))
    watcher = looking.watch(client, project)
    for row in rows[:SHOWN]:
        row["orphaned"] = watcher.orphaned(row)
    where = (
        " like that"
        if wanted != filters.EVERYTHING
        else f" in project {project.id}: /task add TITLE adds one"
    )
    text = client.show("tables.tasks", rows[:SHOWN], where=where)
    more = len(rows) - SHOWN
    return Answer(text + (f"\nand {more:,} more; a filter shows fewer" if more > 0 else ""))


def show(client: Client, given: Arguments) -> Answer:
    """Show one task."""
    project = client.project()
    key = project.task_key(named.task(project, given["task"]))
    assert key is not None, "it was found"
    task = task_fields.view(client.snapshot.load(*key)) | project.names_of(key[-1])
    file = layout.file_of(*key)
    task.setdefault("updated_at", client.index.updated_at(file))
    task["orphaned"] = looking.watch(client, project).orphaned(task)
    if client.edited(key):
        client.warn(f"{file} was edited by hand; this is its last commit, the next write adopts the edit")
    return Answer(client.show("tables.record", task))


def ready(client: Client, given: Arguments) -> Answer:
    """List the tasks that can be taken now."""
    project = client.project()
    agent = values.agent(given["as"]) if given["as"] else None
    limit = values.integer("--limit", given["limit"], low=1) if given["limit"] else None
    found = work.document(project, looking.watch(client, project), agent=agent, limit=limit)
    text = client.show("ready.ready", found)
    if found["note"] and found["note"] not in text:
        text += f"\n{clean(found['note'])}"
    return Answer(text)


def add(client: Client, given: Arguments) -> Answer:
    """Add a task to the backlog."""
    names = {"epic": "epic_id", "sprint": "sprint_id", "depends": "depends_on"}
    title, _, description = given["title"].partition("\n")
    written: dict[str, Any] = {"title": title.strip()}
    if description.strip():
        written["description"] = description.strip()
    for option in ("points", "priority", "epic", "sprint", "team", "assignee", "type", "depends", "labels"):
        if given[option] is not None:
            written[names.get(option, option)] = given[option]
    written |= {"sprint_id": named.sprint(given["sprint"])} if given["sprint"] else {}
    who = client.who()
    project = client.project_id(None, session=client.record)
    assert project is not None, "it is required"
    with client.transaction() as tx:
        board = Project(tx, project, now=client.at)
        task = task_actions.add(tx, board, written, session=who.session, now=who.now, actor=who.actor)
    where = f" in {task['sprint_id']}" if task["sprint_id"] else ""
    return Answer(f"✓ Created {task['id']}{where}, {task['column']}: {clean(task['title'])}")


def claim(client: Client, given: Arguments) -> Answer:
    """Take a task for an agent, by default oneself."""
    agent = claims.holder(given["as"] or client.actor)
    who = client.who()
    assert who.session is not None, "a write has a session"
    project = client.project_id(None, session=client.record)
    assert project is not None, "it is required"
    with client.transaction() as tx:
        board = Project(tx, project, now=client.at)
        taken = claims.take(
            tx, board, named.task(board, given["task"]), agent=agent, session=who.session,
            watch=looking.watch(client, board), now=client.at,
        )  # fmt: skip
    return Answer(_taken(taken, agent))


def next_(client: Client, given: Arguments) -> Answer:
    """Take the first task that is ready."""
    agent = claims.holder(given["as"] or client.actor)
    if given["dry_run"]:
        project = client.project()
        found = work.choose(project, looking.watch(client, project), agent=agent, more=given["more"])
        first = found["ready"][0] if found["ready"] else None
        return Answer(
            f"{agent} would get {first['id']}: {clean(first['title'])}" if first else clean(found["note"])
        )
    who = client.who()
    assert who.session is not None, "a write has a session"
    name = client.project_id(None, session=client.record)
    assert name is not None, "it is required"
    with client.transaction() as tx:
        board = Project(tx, name, now=client.at).required()
        taken, found = work.take_next(
            tx, board, looking.watch(client, board), agent=agent, session=who.session, more=given["more"],
            start=given["start"], now=client.at, actor=who.actor,
        )  # fmt: skip
    return Answer(clean(phrases.slashed(found["note"])) if taken is None else _taken(taken, agent))


def _taken(taken: claims.Taken, agent: str) -> str:
    said = f"✓ {agent} claimed {taken.task['id']}: {clean(taken.task['title'])} ({taken.task['column']})"
    return said + (f"\nTaken over: {clean(taken.why)}" if taken.why else "")
