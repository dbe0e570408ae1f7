"""When a sprint may be done, in three scenarios, and what was reported of its quality."""

from orchestration.domain.records import Document
from orchestration.views import layout
from orchestration.views.kpis import missing
from orchestration.views.layout import Line, Lines, Page, Section, clean
from orchestration.views.tables import Table, flat

_SCENARIOS = (
    ("hopeful", "p50", "1 in 2 runs"),
    ("likely", "p85", "17 in 20 runs"),
    ("careful", "p95", "19 in 20 runs"),
)


def outlook(value: Document) -> Page:
    """Show by when the sprint is done in half, in most and in nearly all of the runs."""
    found, needs = value["forecast"], value["needs"]
    head: list[Line] = [[("Outlook", "heading")]]
    if found is None:
        return Page([*head, [missing(needs, "forecast")]])
    if found["dates"] is None:
        day = found["date"] or "not in sight"
        return Page([*head, [f"{day}, from the burn rate alone: little confidence, the past is too short"]])
    rows: list[tuple[str, ...]] = [
        (name, found["dates"][key] or "later than a year", said) for name, key, said in _SCENARIOS
    ]
    chance = found["probability"]
    foot: list[Line] = [[f"In time with {layout.percent(chance)}."]] if chance is not None else []
    return Page(head, [Section("", Table(("SCENARIO", "DONE BY", "TRUE IN"), rows, ""))], foot)


def quality(value: Document) -> Page:
    """Show figures of quality that somebody reported; none is computed."""
    sprint = f"  sprint {value['sprint']}" if value["sprint"] else "  no current sprint"
    lines: list[Line] = [[f"{clean(name)}: {clean(said)}"] for name, said in flat(value["reported"])]
    foot: list[Line] = []
    if not lines:
        said = " reports one: coverage, defects and the like come from outside."
        foot = [[("`/state set sprint.metrics.test_coverage 81`", "command"), said]]
    return Page(
        [[(f"{clean(value['project'])}  quality", "title"), sprint]],
        [Section("", Lines(lines, "No figures of quality were reported."))],
        foot,
    )
