"""The front page of orchestration; see `domain.menu` for the document."""

from collections.abc import Iterable

from orchestration.domain.records import Document
from orchestration.english import counted
from orchestration.views.board import title
from orchestration.views.layout import Line, Lines, Page, Section, clean
from orchestration.views.sprint_status import burndown, risks
from orchestration.views.tables import moment


def menu(value: Document, *, commands: Iterable[tuple[str, str]]) -> Page:
    """Show the front page; `commands` are what can be typed, with what each does."""
    sprint, session = value["sprint"], value["session"]
    head: list[Line]
    if sprint is None:
        head = [
            [(clean(value["project"]), "title")],
            ["There is no sprint: ", (f"`shared_state create-sprint {value['project']} ID NAME`", "command")],
        ]
    else:
        counts = sprint["tasks"]
        said = f"{counts['done']} of {counted(counts['total'], 'task')} done, {counts['blocked']} blocked"
        head = [title(value["project"], sprint), [said], burndown(sprint["burndown"])]
    head.append([_session(session)])
    teams: list[Line] = [
        [
            (clean(one["name"]), "active"),
            f"  {clean(one['focus'])}" if one["focus"] else "",
            f"  {one['reserved']} % reserved" if one["reserved"] else "",
        ]
        for one in value["teams"]
    ]
    more = value["more_attention"]
    foot: list[Line] = [[f"and {counted(more, 'risk')} more"]] if more else []
    attention = risks(value["attention"])
    following = value["next"]
    action: list[Line] = []
    if following is not None:
        action = [[f"• {clean(following['fact'])}"], ["    → ", (following["command"], "command")]]
    rows = list(commands)
    wide = max(len(name) for name, _ in rows)
    return Page(
        head,
        [
            Section("Active teams", Lines(teams, "No team is active: /orchestrate team activate NAME.")),
            Section(
                "Attention",
                attention._replace(lines=[*attention.lines, *foot], empty="Nothing needs attention."),
            ),
            Section("Next", Lines(action, "Nothing needs doing.", wraps=True)),
            Section(
                "Commands",
                Lines([[(f"{name:<{wide}}", "command"), f"  {said}"] for name, said in rows]),
                wide=True,
            ),
        ],
    )


def _session(session: Document | None) -> str:
    if session is None:
        return "no session yet: the first change makes one"
    return f"session {session['id'][:8]} ({session['mode']}, {session['status']}) until {moment(session['expiry'])} UTC"
