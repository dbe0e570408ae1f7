"""What a leader asks for: risks, recorded costs, the agenda, the summary, consensus, messages."""

from collections.abc import Mapping
from typing import Any

from orchestration.domain.records import Document
from orchestration.english import counted
from orchestration.views import layout, sprint_status
from orchestration.views.board import title
from orchestration.views.decisions import consensus as share
from orchestration.views.kpis import missing
from orchestration.views.layout import Bar, Bars, Line, Lines, Page, Section, clean
from orchestration.views.tables import Details, Table, moment, text


def risks(value: Document) -> Page:
    """Show open blockers, what is overdue or at risk, and recorded risks."""
    sprint = f"  sprint {value['sprint']}" if value["sprint"] else "  no current sprint"
    blockers: list[Line] = [
        [
            (one["task"], "id"),
            f" @{clean(one['assignee'])} " if one["assignee"] else " ",
            (f"{layout.age(one['hours'])} {one['severity']}", "blocked"),
            f" {clean(one['reason'])}",
            (f"  {clean(one['title'] or '')}", "muted"),
        ]
        for one in value["blockers"]
    ]
    recorded = [
        {"severity": one["severity"], "text": f"{one['id']}: {one['text']}"} for one in value["recorded"]
    ]
    return Page(
        [[(f"{clean(value['project'])}  risks", "title"), sprint]],
        [
            Section("Open blockers", Lines(blockers, "Nothing is blocked.", wraps=True), wide=True),
            Section("Overdue and at risk", sprint_status.risks(value["computed"]), wide=True),
            Section("Recorded", _recorded(recorded), wide=True),
        ],
    )


def _recorded(rows: list[Document]) -> Lines:
    return sprint_status.risks(rows)._replace(empty="No risk is recorded; `/risks add TEXT` records one.")


def costs(value: Document) -> Page:
    """List costs and budgets as they were recorded."""
    head: list[Line] = [[(f"{clean(value['project'])}  recorded costs and budgets", "title")]]
    if not value["rows"]:
        return Page(
            head,
            foot=[
                ["No cost and no budget is recorded, and none is estimated."],
                [
                    "Numbers named budget, cost, spent or tokens are shown here, such as those that these write:"
                ],
                [("/config set metadata.budget 1000 --json", "command")],
                [("/state set sprint.metrics.cost 250 --json", "command")],
            ],
        )
    totals = Table(
        ("OF", "NAME", "SUM", "RECORDS"),
        [
            (one["kind"], clean(one["name"]), layout.number(one["value"]), str(one["records"]))
            for one in value["totals"]
        ],
        "",
    )
    rows = Table(
        ("OF", "ID", "NAME", "VALUE"),
        [
            (one["kind"], clean(one["id"]), clean(one["name"]), layout.number(one["value"]))
            for one in value["rows"]
        ],
        "",
    )
    return Page(head, [Section("Sums", totals), Section("Records", rows)])


def agenda(value: Document) -> Page:
    """Show what to talk about, by topic, with the command that settles each."""
    sprint = f"  sprint {value['sprint']}" if value["sprint"] else ""
    head: list[Line] = [[(f"{clean(value['project'])}  agenda", "title"), f"{sprint}  {value['at'][:10]}"]]
    if not value["items"]:
        return Page(
            head, foot=[["There is nothing to decide, nothing is blocked, and nobody waits for an answer."]]
        )
    topics = dict.fromkeys(one["topic"] for one in value["items"])
    sections = []
    for number, topic in enumerate(topics, 1):
        lines: list[Line] = []
        for one in value["items"]:
            if one["topic"] == topic:
                lines += [[f"• {clean(one['text'])}"], ["    → ", (one["command"], "command")]]
        sections.append(Section(f"{number}. {topic}", Lines(lines, wraps=True), wide=True))
    return Page(head, sections)


def summary(value: Document) -> Page:
    """Show a project in a few lines."""
    sprint = value["sprint"]
    head: list[Line] = (
        [title(value["project"], sprint)]
        if sprint
        else [[(clean(value["project"]), "title"), "  no current sprint"]]
    )
    return Page(
        head,
        [
            Section("Where it stands", _standing(value), wide=True),
            Section(
                f"Risks ({value['risks']['total']})", sprint_status.risks(value["risks"]["first"]), wide=True
            ),
            Section(
                "Waiting for somebody",
                Lines(_waiting(value), "Nobody waits for a decision or an answer.", True),
            ),
        ],
    )


def _standing(value: Document) -> Details:
    points, goals, needs = value["points"] or {}, value["goals"], value["needs"]
    done = f"{layout.number(points.get('completed'))} of {layout.amount(points.get('total'), 'point')}"
    velocity, score = value["velocity"], value["health"]["score"]
    alerts = value["alerts"]
    kept = value["predictability"]
    rows = [
        ("done", done if points else missing(needs, "points")),
        (
            "goals",
            f"{goals['reached']} of {goals['total']} reached" if goals["total"] else "none written down",
        ),
        ("burndown", value["burndown_state"] or missing(needs, "burndown")),
        ("forecast", _forecast(value["forecast"]) or missing(needs, "forecast")),
        (
            "velocity",
            f"{layout.mean(velocity['mean'])} points a sprint" if velocity else missing(needs, "velocity"),
        ),
        ("predictability", layout.percent(kept) if kept is not None else missing(needs, "predictability")),
        ("health", f"{score:.0f} of 100" if score is not None else "n/a"),
        ("blocked", counted(value["blockers"], "open blocker")),
        ("alerts", f"{alerts['critical']} critical, {counted(alerts['warning'], 'warning')}"),
        ("epics", f"{value['epics']['open']} open, {value['epics']['completed']} completed"),
    ]
    return Details([(name, clean(said)) for name, said in rows])


def _forecast(found: Mapping[str, Any] | None) -> str | None:
    if not found:
        return None
    if found["dates"]:
        chance = found["probability"]
        said = f"; in time with {layout.percent(chance)}" if chance is not None else ""
        return f"by {found['dates']['p85'] or 'later than a year'} with 85 %{said}"
    return f"{found['date']} (low confidence)" if found["date"] else None


def _waiting(value: Document) -> list[Line]:
    lines: list[Line] = [
        [(one["id"], "id"), f" is open for votes: {clean(one['text'])}"]
        for one in value["decisions"]["voting"]
    ]
    return lines + [
        [
            (one["id"], "id"),
            f" {clean(one['from'])} → {clean(one['to'])} is {one['status'].replace('_', ' ')}",
        ]
        for one in value["handoffs"]
    ]


def consensus(rows: list[Document], *, project: str) -> Page:
    """Show for each decision how many agree, and what it would be if it were closed now."""
    bars = []
    for one in rows:
        found = one["tally"]
        votes = f"{found['yes']} yes, {found['no']} no, {found['abstain']} abstain"
        word = (
            one["status"]
            if one["status"] != "voting"
            else f"{found['outcome']} if closed now"
            if found["outcome"]
            else "open"
        )
        note = votes if found["consensus"] is not None else share(one)
        bars.append(Bar(f"{one['id']} {clean(one['text'])}", found["consensus"], word, note))
    return Page(
        [
            [
                (f"{clean(project)}  consensus", "title"),
                "  yes / (yes + no); 75 % approves, 50 % with conditions",
            ]
        ],
        [
            Section(
                "", Bars(bars, f"Project {project} has no decisions; `/propose TEXT` makes one."), wide=True
            )
        ],
    )


def messages(rows: list[Document], *, to: str | None = None) -> Table:
    """List messages, newest first."""
    return Table(
        ("WHEN", "FROM", "TO", "ABOUT", "TEXT"),
        [
            (
                moment(one["at"]),
                clean(one["source"]),
                clean(one["to"]),
                clean(text(one["about"])),
                clean(text(one["text"])),
            )
            for one in rows
        ],
        f"There are no messages{f' to {to}' if to else ''}.",
    )
