"""The key figures of a project; see `domain.kpis` for the document."""

from typing import Any

from orchestration.domain.records import Document
from orchestration.views import layout
from orchestration.views.layout import Page, Section, clean
from orchestration.views.tables import Table

_PARTS = {
    "completion": "completion / time gone",
    "velocity": "velocity / target",
    "blocker_age": "age of blockers",
    "load_balance": "load balance",
    "handoffs": "handoffs answered in time",
}


def kpis(value: Document) -> Page:
    """Show the key figures, the parts of the health score, and when the top epics will be done."""
    sprint = value["sprint"]
    head: Any = [(f"{clean(value['project'])}  key figures", "title")]
    if sprint:
        head.append(f"  with sprint {sprint['id']} ({sprint['status']})")
    score = value["health"]["score"]
    health = f"Health {score} of 100" if score is not None else "Health"
    return Page(
        [head],
        [
            Section("Key figures", _figures(value)),
            Section(health, _health(value["health"]["parts"])),
            Section("Epics", _epics(value), wide=True),
        ],
    )


def missing(needs: dict[str, str], *names: str) -> str:
    """Return what stands for a figure that has too few samples: n/a, and what it needs."""
    need = next((needs[name] for name in names if name in needs), None)
    return f"n/a ({need})" if need else "n/a"


def _figures(value: Document) -> Table:
    velocity, cycle, blocked = value["velocity"], value["cycle_time"], value["blocked"]
    throughput, flow = value["throughput"] or {}, value["flow_efficiency"] or {}
    kept, weekly = value["predictability"], throughput.get("per_week")
    median, active = (cycle or {}).get("median"), flow.get("ratio")
    waiting = (blocked or {}).get("ratio")
    said = {
        "predictability": None if kept is None else f"{layout.percent(kept)} of committed points done",
        "velocity": velocity and f"{_range(velocity)} points a sprint",
        "throughput": None if weekly is None else f"{weekly:.1f} tasks a week{_trend(throughput)}",
        "cycle_time": None if median is None else f"{layout.age(median)} median, from start to done",
        "flow_efficiency": None if active is None else f"{layout.percent(active)} of elapsed time active",
        "blocked": None if waiting is None else f"{layout.percent(waiting)} of the open tasks",
    }
    rows: list[tuple[str, ...]] = [
        (name.replace("_", " "), text or missing(value["needs"], name, f"{name}.per_week", f"{name}.ratio"))
        for name, text in said.items()
    ]
    return Table(("FIGURE", "VALUE"), rows, "")


def _range(velocity: Document) -> str:
    mean, low, high = (layout.number(round(velocity[name], 1)) for name in ("mean", "min", "max"))
    return f"{mean} ({low} to {high})"


def _trend(throughput: Document) -> str:
    trend = throughput.get("trend")
    return "" if trend is None else f", {trend * 100:+.0f} % in the last 7 days"


def _health(parts: list[Document]) -> Table:
    rows: list[tuple[str, ...]] = [
        (
            _PARTS[part["name"]],
            layout.percent(part["weight"]),
            f"n/a ({part['needs']})" if part["value"] is None else layout.percent(part["value"]),
        )
        for part in parts
    ]
    return Table(("PART", "WEIGHT", "VALUE"), rows, "")


def _epics(value: Document) -> Table:
    rows: list[tuple[str, ...]] = []
    for one in value["epics"]:
        dates = one["forecast"]["dates"] if one["forecast"] else None
        by = missing(value["needs"], f"epics.{one['id']}")
        if dates:
            by = f"{dates['p50'] or 'later'}, 85 %: {dates['p85'] or 'later'}"
        points = f"{layout.number(one['points_done'])}/{layout.number(one['points_total'])}"
        rows.append(
            (one["id"], f"P{one['priority']}", points, f"{one['tasks_open']:,}", by, clean(one["title"]))
        )
    return Table(("EPIC", "PRIORITY", "POINTS", "OPEN", "DONE BY", "TITLE"), rows, "There are no open epics.")
