"""`/debug`: health, parts of the store, the flow of events, logs, agents, messages; nothing is changed."""

import fcntl
import os
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from orchestration.claude import changing, config, config_records, looking, phrases
from orchestration.claude.client import Answer, Client
from orchestration.domain import (
    config_overview,
    diagnosis,
    event_flow,
    lookup,
    messages,
    survey,
    validation,
    values,
)
from orchestration.domain.project import Project
from orchestration.domain.records import Document
from orchestration.errors import OrchestrationError
from orchestration.history import plans
from orchestration.store import upkeep
from orchestration.store.repo import PACK_LIMIT
from orchestration.surroundings import LEVELS

Arguments = dict[str, Any]
_HOOK = ".claude/hooks/run"
_EVENTS, _TRACED, _LINES = 5000, 10, 40


# -- health


def front(client: Client, given: Arguments) -> Answer:  # noqa: ARG001 - as every handler
    """Show the state of each part, with the way to mend what is not as it should be."""
    rows = diagnosis.lines(_facts(client), now=client.at)
    text = client.show("debug.health", rows, worst=diagnosis.worst(rows))
    more = "/debug state   /debug events   /debug performance   /debug integration --test   /debug logs   /debug help"
    return Answer(f"{text}\n\n{more}")


def _facts(client: Client) -> diagnosis.Facts:
    here = changing.installed(client)
    store, problem, tip, loose, limit = client.store, None, None, 0, PACK_LIMIT
    try:
        exists = store.exists
        if exists:
            tip = client.snapshot.tip
            limit = (client.snapshot.load("config", "settings") or {}).get("pack_limit", PACK_LIMIT)
            loose = store.objects.count_loose()
    except OrchestrationError as error:
        exists, problem = True, error.message
    lock = _lock(client)
    found = diagnosis.Facts(
        store=str(store.root), exists=exists, writable=not exists or os.access(store.private, os.W_OK),
        problem=problem, branch=None, interrupted=lock["interrupted"] is not None, held=lock["held"], loose=loose,
        pack_limit=limit if isinstance(limit, int) else PACK_LIMIT,
        newest_at=values.format_time(tip.at) if tip else None, project=None, has_project=False, validation=None,
        edited=0, sessions={}, hooks=_hooks(changing.top(client)),
        broken=[one.problem for one in here.findings if one.severity == "error"],
        remarks=_lately(client), git=shutil.which("git", path=client.env.get("PATH")) is not None,
    )  # fmt: skip
    if problem is not None:
        return found
    project = client.project_id(None, session=client.record, required=False)
    board = Project(client.snapshot, project, now=client.at) if project else None
    checked = config.checked(client, board) if board is not None and exists else None
    records = client.sessions()
    live = lookup.live(records, client.at)
    active = [one for one in records.values() if one["lifecycle"]["status"] == "active"]
    seen = (
        validation.look(client.snapshot, project if board and board.exists else None, disk=True)
        if exists
        else None
    )
    return found._replace(
        branch=store.refs.head().branch if exists else "main",
        project=project,
        has_project=board is not None and board.exists,
        validation=checked,
        edited=len(seen.edited) if seen else 0,
        sessions={"active": len(live), "expired": len(active) - len(live)},
    )


def _lock(client: Client) -> Document:
    """Look at the write lock: who held it last, whether it is held, and what was cut off."""
    found: Document = {"held": False, "process": None, "interrupted": None}
    try:
        fd = os.open(client.store.private / "store.lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return found
    try:
        lines = os.pread(fd, 200, 0).decode("ascii", "replace").split("\n")
        found["process"] = lines[0] if lines[0].isdigit() else None
        found["interrupted"] = lines[1] if len(lines) > 2 and len(lines[1]) == 40 else None
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)  # let go at once, with the file
        except BlockingIOError:
            found["held"] = True
    finally:
        os.close(fd)
    return found


def _hooks(top: Path | None) -> str | None:
    """Return the settings file that starts our hooks, None when there is none."""
    for name in ("settings.json", "settings.local.json"):
        file = top / ".claude" / name if top else None
        try:
            if file is not None and _HOOK.removeprefix(".claude/") in file.read_text("utf-8", "replace"):
                return f".claude/{name}"
        except OSError:
            continue
    return None


# -- one part


def state(client: Client, given: Arguments) -> Answer:
    """Look closely at one part of the store; without one, list what can be looked at."""
    component = given["component"]
    if component is None:
        names = ", ".join(survey.COMPONENTS)
        return Answer(f"Components: {names}, and the id of a session.\nSuch as /debug state tasks --deep")
    folded = component.lower()
    if folded == "locks":
        left = (
            [str(path.relative_to(client.store.root)) for path in upkeep.leftovers(client.store)]
            if client.store.exists
            else []
        )
        return Answer(client.show("debug.locks", {**_lock(client), "leftovers": left}))
    if folded == "events":
        return events(client, {"type": None, "trace": False, "limit": None})
    if folded in ("orchestrator", "orchestration"):
        return _orchestrator(client)
    project = client.project_id(None, session=client.record, required=False)
    name = folded if folded in survey.COMPONENTS else component
    retired = client.index.retired() if client.store.exists else ()
    places = survey.folders(client.snapshot, name, project, retired)
    board = Project(client.snapshot, project, now=client.at) if project else None
    whole = name not in ("project", "tasks", "sprints", "epics", "tools")
    checked = validation.validate(
        client.snapshot, None if whole or board is None or not board.exists else board.id, changing.installed(client),
        lambda: client.index, disk=client.then is None,
    )  # fmt: skip
    lost = (
        survey.orphaned_claims(board, looking.watch(client, board).orphaned)
        if name == "tasks" and board
        else []
    )
    document = survey.records(name, places, client.index, phrases.spoken_findings(checked["findings"]), lost)
    text = client.show("debug.survey", document)
    return Answer(f"{text}\n\n{_deep(client)}" if given["deep"] else text)


def _orchestrator(client: Client) -> Answer:
    project = client.project()
    folder = client.store.private / "plans"
    waiting = [one.name for one in folder.iterdir() if one.name.isalnum()] if folder.is_dir() else []
    live = 0
    for name in waiting:
        try:
            plans.read(client.store, name, now=client.now)
            live += 1
        except OrchestrationError:
            continue  # over, or used up
    orphaned = looking.watch(client, project).orphaned
    return Answer(
        client.show("debug.orchestrator", survey.orchestrator(project, client.sessions(), live, orphaned))
    )


def _deep(client: Client) -> str:
    """Return what a check of the whole store finds: objects, references, files, history."""
    from orchestration.store.inspection import Inspection

    inspection = Inspection(client.store, now=client.now)
    inspection.run()
    rows = phrases.spoken_findings([one._asdict() for one in inspection.found])
    repair = (
        "\n`uv run .claude/scripts/state_manager.py verify --repair` mends what can be mended without guessing."
        if rows
        else ""
    )
    return f"The whole store, object by object:\n{client.show('findings.listing', rows)}{repair}"


# -- events, log, agents, messages


def events(client: Client, given: Arguments) -> Answer:
    """Show rates, types and quiet times of events, and with --trace what each came from."""
    project = client.project_id(None, session=client.record, required=False)
    wanted: Arguments = {"op": given["type"]} | ({"project": project} if project else {})
    index = client.index if client.store.exists else None
    found = index.events(limit=_EVENTS, **wanted) if index else []
    traces = None
    if given["trace"] and index is not None:
        limit = values.integer("--limit", given["limit"], low=1, high=100) if given["limit"] else _TRACED
        undone = {old: new for new, old in index.undos()}
        traces = event_flow.traces(found[:limit], index.touched, undone)
    document = {
        "project": project, "type": given["type"], "rates": event_flow.rates(found, client.now), "traces": traces,
    }  # fmt: skip
    if given["type"] and not found and index is not None:
        near = values.nearest(given["type"], index.tally("type"))
        client.remarks.append(f"types there are: {', '.join(near or list(index.tally('type'))[:12])}")
    return Answer(client.show("debug.events", document))


def logs(client: Client, given: Arguments) -> Answer:
    """Show the last lines of the program's log."""
    level = values.choice("--level", given["level"].upper(), LEVELS) if given["level"] else None
    most = values.integer("--tail", given["tail"], low=1, high=1000) if given["tail"] else _LINES
    wanted = LEVELS[LEVELS.index(level) :] if level else ()
    rows = [row for row in _log(client) if not wanted or any(f" {word} " in row[:40] for word in wanted)]
    place = str(client.store.private / "log")
    return Answer(client.show("debug.log", rows[-most:], place=place, level=level))


def _log(client: Client) -> list[str]:
    lines = []
    for name in ("log.old", "log"):
        try:
            lines += (client.store.private / name).read_text("utf-8", "replace").splitlines()
        except OSError:
            continue
    return lines


def _lately(client: Client) -> int:
    """Count the lines of the log from the last 24 hours."""
    day = values.format_time(client.now - timedelta(days=1))
    return sum(day[:19] <= row[:19] <= client.at[:19] for row in _log(client))


def agents(client: Client, given: Arguments) -> Answer:
    """List the agents with the file that describes each, and with --validate what is wrong with them."""
    project = config.project_of(client)
    known = config_overview.agents(project, changing.installed(client).agents)
    text = client.show("config.agents", list(known.values()), project=project.id)
    files = "\n".join(f"{name}: {one['file']}" for name, one in sorted(known.items()) if one["file"])
    text += f"\n\n{files or 'No file in .claude/agents describes one, so the client can start none of them.'}"
    if not given["validate"]:
        return Answer(text)
    found = config_records.check(client, project, known, None)
    return found._replace(text=f"{text}\n\n{found.text}")


def list_messages(client: Client, given: Arguments) -> Answer:
    """List messages to agents, newest first."""
    project = client.project_id(None, session=client.record, required=False)
    wanted: Arguments = {"project": project} if project else {}
    found = client.index.events(op=messages.TYPE, limit=_EVENTS, **wanted) if client.store.exists else []
    to = values.agent(given["agent"]) if given["agent"] else None
    rows = messages.listing(found, to)[:50]
    return Answer(client.show("leadership.messages", rows, to=to))
