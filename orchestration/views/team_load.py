"""How busy teams and their agents are; see `domain.dashboard.teams` for the document."""

from collections.abc import Sequence

from orchestration.domain.records import Document
from orchestration.english import counted
from orchestration.views import layout
from orchestration.views.layout import Bar, Bars, Line, Lines, Page, Section, clean


def teams(value: Document) -> Page:
    """Show the load of teams and of their agents."""
    head: Line = [(f"{clean(value['project'])}  teams", "title")]
    if not value["teams"]:
        return Page([head], foot=[[none(value["project"])]])
    said = (
        f"{layout.number(value['used'])} of {layout.amount(value['slots'], 'slot')} used,"
        f" {counted(value['open'], 'open task')}, {value['blocked']} blocked"
    )
    foot: list[Line] = []
    if value["unassigned"]:
        names = ", ".join(value["unassigned"][:5]) + (", …" if len(value["unassigned"]) > 5 else "")
        count = counted(len(value["unassigned"]), "task")
        foot.append([f"{count} of nobody: {names}  ", ("`state_manager autoassign --dry-run`", "command")])
    sections = [Section(_title(one), _members(one)) for one in value["teams"]]
    if len(value["teams"]) > 1:
        sections.insert(0, Section("Teams", bars(value["teams"]), wide=True))
    if not value["open"]:
        foot.append(["No task is open: every slot is free."])
    return Page([head, [said]], sections, foot)


def none(project: str) -> str:
    """Say that a project has no teams, and how it gets some."""
    return f"Project {project} has no teams; `shared_state set-config {project} --data JSON` makes them."


def bars(rows: Sequence[Document]) -> Bars:
    """Show how busy teams are, a bar each."""
    return Bars([Bar(clean(one["name"]), one["utilisation"], one["load"], _slots(one)) for one in rows])


def _title(team: Document) -> str:
    facts = [f"lead @{clean(team['lead'])}"] if team["lead"] else []
    facts += ["active"] if team["status"] == "active" else []
    facts += [f"focus {clean(team['focus'])}"] if team["focus"] else []
    return f"{clean(team['name'])}" + (f" ({', '.join(facts)})" if facts else "")


def _members(team: Document) -> Bars | Lines:
    if not team["agents"]:
        return Lines([], "It has no members.")
    rows = []
    for one in team["agents"]:
        doing = " ".join([one["status"], ", ".join(task["id"] for task in one["current"])]).strip()
        rows.append(Bar(f"@{clean(one['id'])}", one["utilisation"], one["load"], f"{doing}; {_slots(one)}"))
    return Bars(rows)


def _slots(one: Document) -> str:
    """Return slots used, what is blocked, and what is open besides in the backlog."""
    facts = [f"{layout.number(one['used'])}/{layout.number(one['slots'])} slots"]
    facts += [f"{one['blocked']} blocked"] if one["blocked"] else []
    facts += [f"{one['open'] - one['used']} in the backlog"] if one["open"] > one["used"] else []
    return ", ".join(facts)
