"""The facts of a sprint for its retrospective, and the sections that people write; see `domain.retros`."""

from collections.abc import Sequence

from orchestration.domain.records import Document
from orchestration.domain.retros import FORM
from orchestration.english import counted, noun
from orchestration.views import layout
from orchestration.views.board import title
from orchestration.views.layout import Line, Lines, Page, Section, clean
from orchestration.views.sprint_plans import tasks
from orchestration.views.sprint_status import goals

_SECTIONS = (("well", "Went well"), ("not_well", "Did not go well"), ("actions", "Actions"))
_BLOCKERS = 8


def retro(value: Document) -> Page:
    """Show a retrospective."""
    carried = value["carried"]
    left = [Section("Not finished", tasks(value["open"], _nothing_left(carried)), wide=True)]
    return Page(
        [title(value["project"], value["sprint"])],
        [
            Section("Facts", Lines(_facts(value), wraps=True), wide=True),
            Section("Goals", goals(value["goals"])),
            Section("Blockers", _blockers(value["blockers"])),
            *left,
            *(Section(name, _items(value["retro"][part])) for part, name in _SECTIONS),
        ],
        [
            ["Write with ", (f"/save-retro {FORM}", "command")],
            ["Talk it over with ", ("/retro --discuss", "command")],
        ],
    )


def _nothing_left(carried: Sequence[str]) -> str:
    return f"Carried over at its end: {', '.join(carried)}." if carried else "Everything was finished."


def _facts(value: Document) -> list[Line]:
    counts, points, cycle = value["tasks"], value["points"], value["cycle_time"]
    flow, blocked, scope = value["flow_efficiency"], value["blocked"], value["scope"]
    lines: list[Line] = [[f"{counts['done']} of {counted(counts['total'], 'task')} done"]]
    if points is not None:
        of = f" of {layout.number(points['committed'])} committed" if points["committed"] is not None else ""
        share = layout.percent(value["completion"])
        lines.append([f"{layout.amount(points['completed'], 'point')} completed{of} ({share} of all)"])
    if scope is not None:
        lines.append(
            [
                f"scope {scope['change']:+g} {noun(abs(scope['change']), 'point')}:"
                f" {len(scope['added'])} added, {len(scope['removed'])} removed"
            ]
        )
    known = cycle and cycle["median"]
    lines.append(
        [f"cycle time: {_need(value, 'cycle_time') if known is None else layout.age(known) + ' (median)'}"]
    )
    lines.append(
        [f"flow efficiency: {layout.percent(flow['ratio']) if flow else _need(value, 'flow_efficiency')}"]
    )
    unblock = blocked["mean_hours_to_unblock"]
    mean = f", {layout.age(unblock)} to unblock on average" if unblock is not None else ""
    lines.append([f"blocked: {layout.age(blocked['hours'])} in all{mean}"])
    for one in value["finished_sprints"][-3:]:
        kept = f", {layout.percent(one['kept'])} of the commitment" if one["kept"] is not None else ""
        lines.append(
            [
                (
                    f"before: {one['id']} completed {layout.amount(one['completed'], 'point')}{kept}",
                    "muted",
                )
            ]
        )
    return lines


def _need(value: Document, name: str) -> str:
    why = next((said for key, said in value["needs"].items() if key.partition(".")[0] == name), None)
    return f"n/a ({why})" if why else "n/a"


def _blockers(rows: Sequence[Document]) -> Lines:
    lines: list[Line] = [
        [
            (one["task"], "id"),
            f" {layout.age(one['hours'])}{' (still open)' if one['open'] else ''}: {clean(one['reason'])}"
            + (f" → {clean(one['resolution'])}" if one["resolution"] else ""),
        ]
        for one in rows[:_BLOCKERS]
    ]
    if len(rows) > _BLOCKERS:
        lines.append([(f"and {len(rows) - _BLOCKERS} more", "muted")])
    return Lines(lines, "Nothing was blocked.", wraps=True)


def _items(rows: Sequence[object]) -> Lines:
    return Lines([[f"• {clean(_said(one))}"] for one in rows], "Nothing is written down yet.", wraps=True)


def _said(item: object) -> str:
    if isinstance(item, dict):
        return ", ".join(str(part) for part in item.values() if part)
    return str(item)
