"""What a look inside shows: health, one part of the store, the flow of events, measurements, and the trial run."""

from collections.abc import Mapping
from typing import Any

from orchestration.domain.records import Document
from orchestration.english import counted
from orchestration.views import layout
from orchestration.views.layout import Line, Lines, Page, Section, clean
from orchestration.views.tables import Details, Table, moment

_STATE = {"green": "done", "amber": "warning", "red": "error"}
_FINDINGS_SHOWN = 20


def health(rows: list[Document], *, worst: str) -> Page:
    """Show the state of each part, in words, with the way to mend what is not green."""
    wide = max((len(one["name"]) for one in rows), default=0)
    lines: list[Line] = []
    for one in rows:
        lines.append(
            [(f"{one['state']:<5}", _STATE[one["state"]]), f"  {one['name']:<{wide}}  {clean(one['text'])}"]
        )
        if one["fix"]:
            lines.append([" " * (wide + 9), (f"fix: {clean(one['fix'])}", "command")])
    said = {
        "green": "Everything is as it should be.",
        "amber": "It works; something wants a look.",
        "red": "Something is wrong.",
    }
    return Page(
        [[("Health", "title"), f"  {said[worst]}"]], [Section("", Lines(lines, wraps=True), wide=True)]
    )


# -- state


def survey(value: Document) -> Page:
    """Show a part of the store: files, last change, findings, what lost its place, and the repair."""
    change = value["last_change"]
    last = (
        f"{moment(change['at'])} by {clean(change['author'])}: {clean(change['subject'])}"
        if change
        else "never"
    )
    head: list[Line] = [
        [(f"State of {clean(value['component'])}", "title")],
        [f"{counted(value['files'], 'file')} in {', '.join(value['places'])}"],
        [f"last change {last}"],
    ]
    return Page(head, _found(value), _repair(value))


def _found(value: Mapping[str, Any]) -> list[Section]:
    return [
        Section(
            "Findings", _findings(value["findings"], "Every record has the form it should have."), wide=True
        ),
        Section("Orphans", _findings(value["orphans"], "Everything that is named is there."), wide=True),
    ]


def _findings(rows: list[Document], empty: str) -> Lines:
    lines: list[Line] = []
    for one in rows[:_FINDINGS_SHOWN]:
        severity = one.get("severity")
        mark: list[Any] = [(f"{severity}: ", severity)] if severity else []
        lines += [[*mark, f"{clean(one['place'])}: {clean(one['problem'])}"], [f"  fix: {clean(one['fix'])}"]]
    if len(rows) > _FINDINGS_SHOWN:
        lines.append([f"and {len(rows) - _FINDINGS_SHOWN} more"])
    return Lines(lines, empty, wraps=True)


def _repair(value: Mapping[str, Any]) -> list[Line]:
    return [["To see what would be mended: ", (value["repair"], "command")]] if value["repair"] else []


def orchestrator(value: Document) -> Page:
    """Show what is under way: active teams, running workflows, claims and plans."""
    teams: list[Line] = [
        [f"{clean(one['team'])}: {counted(len(one['sessions']), 'session')}"] for one in value["active_teams"]
    ]
    runs: list[Line] = [
        [(one["id"], "id"), f" {clean(one['name'])} {one['status']}: {clean(one['current_step'] or '-')}"]
        for one in value["runs"]
    ]
    claims: list[Line] = [
        [(one["task"], "id"), f" by {clean(one.get('agent') or '-')} since {moment(one.get('at'))}",
         (f"  orphaned: {clean(one['orphaned'])}" if one["orphaned"] else "", "warning")]
        for one in value["claims"]
    ]  # fmt: skip
    return Page(
        [
            [(f"{clean(value['project'])}  orchestrator", "title")],
            [f"{counted(value['plans'], 'preview')} waiting to be applied"],
        ],
        [
            Section("Active teams", Lines(teams, "No team is active.")),
            Section("Workflows", Lines(runs, "No workflow is running.")),
            Section("Claims", Lines(claims, "No task is claimed.")),
            *_found(value)[1:],
        ],
    )


def locks(value: Document) -> Page:
    """Show who is writing, and what a crash left behind."""
    held = "held: somebody is writing now" if value["held"] else "free"
    lines: list[Line] = [
        [f"store.lock  {held}"],
        [f"last writer  process {value['process']}" if value["process"] else "last writer  not noted"],
        [
            "cut off      "
            + (
                f"files stand for commit {value['interrupted'][:12]}; the next write finishes it"
                if value["interrupted"]
                else "nothing"
            )
        ],
    ]
    left: list[Line] = [[clean(name)] for name in value["leftovers"]]
    return Page(
        [[("State of locks", "title")]],
        [Section("Lock", Lines(lines)), Section("Left by killed processes", Lines(left, "Nothing."))],
        [["`uv run .claude/scripts/state_manager.py gc` sweeps them up"]] if left else [],
    )


def events(value: Document) -> Page:
    """Show rates, types and quiet times of events, and with traces what each came from."""
    rates = value["rates"]
    of = f" of type {clean(value['type'])}" if value["type"] else ""
    head: list[Line] = [[(f"{clean(value['project'] or 'all projects')}  events{of}", "title")]]
    if not rates["total"]:
        return Page(head, foot=[["There are no such events."]])
    pace = f"{rates['per_day']:.1f} a day" if rates["per_day"] is not None else "less than a day of history"
    last = [
        f"{rates[name]:,} in the last {name.removeprefix('last_')}"
        for name in ("last_hour", "last_day", "last_week")
    ]
    head.append([f"{rates['total']:,} since {moment(rates['first'])}, {pace}; {', '.join(last)}"])
    gaps: list[Line] = [
        [f"{layout.age(one['hours'])} from {moment(one['from'])} to {moment(one['to'])}"]
        for one in rates["gaps"]
    ]
    sections = [
        Section("By type", _tally(rates["by_type"])),
        Section("By whom", _tally(rates["by_source"])),
        Section("Longest gaps", Lines(gaps, "None longer than an hour.")),
    ]
    if value["traces"] is not None:
        lines = [line for one in value["traces"] for line in _trace(one)]
        sections.append(
            Section("Command → change → event, newest first", Lines(lines, wraps=True), wide=True)
        )
    return Page(head, sections)


def _tally(found: Mapping[str, int]) -> Table:
    return Table(
        ("", "EVENTS"), [(clean(name), f"{number:,}") for name, number in list(found.items())[:12]], "None."
    )


def _trace(one: Mapping[str, Any]) -> list[Line]:
    session = f" in session {one['session'][:8]}" if one["session"] else ""
    changes = one["changes"] or ["changed no file"]
    more = [f"and {len(changes) - 4} more files"] if len(changes) > 4 else []
    back = [[f"    taken back by {one['undone_by'][:12]}"]] if one["undone_by"] else []
    reason = [[f"    because {clean(one['reason'])}"]] if one["reason"] else []
    return [
        [(moment(one["at"]), "muted"), f"  {clean(one['source'])}{session}"],
        *([f"  → {clean(change)}"] for change in [*changes[:4], *more]),
        [f"    → {one['type']} ", (one["commit"][:12], "id"), f" {clean(one['subject'])}"],
        *reason,
        *back,
    ]


# -- measurements


def performance(value: Document) -> Page:
    """Show what was measured: median and 95th percentile of each step, and the size of the store."""
    rows: list[tuple[str, ...]] = [
        (one["name"], _ms(one["median"]), _ms(one["p95"]), str(one["runs"]), clean(one["note"]))
        for one in value["steps"]
    ]
    size = value["store"]
    facts = [
        ("records", f"{size['records']:,}"),
        ("commits", f"{size['commits']:,}"),
        ("objects", f"{size['loose']:,} loose, {size['packs']:,} packs, {_bytes(size['bytes'])}"),
        ("index", _bytes(size["index"])),
        ("cache", _bytes(size["cache"])),
    ]
    sections = [
        Section(
            "Measured now, on a copy that is gone again",
            Table(("STEP", "MEDIAN", "95 %", "RUNS", ""), rows, ""),
            wide=True,
        ),
        Section("Store", Details(facts)),
    ]
    if value["profile"] is not None:
        lines = Table(
            ("MS", "CALLS", "FUNCTION"),
            [(f"{one['ms']:.1f}", f"{one['calls']:,}", clean(one["function"])) for one in value["profile"]],
            "",
        )
        sections.append(
            Section(
                "Where `/board` spends its time, from its start (own time of each function)", lines, wide=True
            )
        )
    return Page([[("Performance", "title")]], sections)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _bytes(size: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"


def trial(value: Document) -> Page:
    """Show each step of a trial run, passed or failed, and what is wrong with the installed files."""
    lines: list[Line] = []
    for one in value["steps"]:
        word = "pass" if one["passed"] else "fail"
        lines.append(
            [
                (word, "done" if one["passed"] else "failed"),
                f"  {one['name']}  ",
                (f"{one['ms']:.0f} ms", "muted"),
            ]
        )
        if not one["passed"]:
            lines.append([f"        {clean(one['problem'])}"])
    failed = sum(not one["passed"] for one in value["steps"])
    sections = []
    if value["steps"]:
        done = f"{len(value['steps']) - failed} of {counted(len(value['steps']), 'step')} passed"
        sections.append(
            Section(f"Trial run in a folder of its own: {done}", Lines(lines, wraps=True), wide=True)
        )
    found = _findings(value["installed"], "What is installed in this checkout is as it should be.")
    if not value["checkout"]:
        found = Lines([["This folder has no .claude of a project: nothing is installed here."]])
    sections.append(Section(f"Installed files ({value['looked_at']} looked at)", found, wide=True))
    foot: list[Line] = (
        []
        if value["steps"]
        else [["`/debug integration --test` runs everything once in a folder of its own."]]
    )
    return Page([[("Integration", "title")]], sections, foot)


def log(rows: list[str], *, place: str, level: str | None) -> Page:
    """Show the last lines of the program's log."""
    lines: list[Line] = [[clean(row)] for row in rows]
    of = f" of level {level} and above" if level else ""
    return Page(
        [[("Log", "title"), f"  {place}"]],
        [Section("", Lines(lines, f"It has no lines{of}.", wraps=True), wide=True)],
    )
