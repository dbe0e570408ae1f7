"""Every figure of a project and one of its sprints, as one JSON document.

`figures(project, lives(index, project, sprint), sprint)` computes them all; `lives` are the tasks' steps out
of the commits. The sprint may be None: what belongs to a sprint is then null.
A figure whose samples do not suffice is null too, and `needs` has an entry under its name, such as
`{"cycle_time.p85": "needs 5 finished tasks"}`. Shares and ratios are 0 to 1, times are UTC, durations
are hours of elapsed time (nights and weekends included) and their names end in `_hours`.

    project, at, revision   what was looked at: id, moment, commit
    sprint            {id, name, status, start_date, end_date} or null
    tasks             {total, backlog, todo, in_progress, review, done, cancelled, blocked, unestimated}
    points            {committed, completed, remaining, total}
    scope             {change, added: [ids], removed: [ids], changes: [{at, task, kind, points}]} where
                      kind is added, removed or estimated and points the signed difference
    completion, task_completion   share of points, of tasks, that is done
    time              {unit: working_days | hours, elapsed, total}
    velocity          {mean, min, max, sprints} of the last 3 to 5 finished sprints
    finished_sprints  the last 5: [{id, name, completed_at, committed, completed, kept}], oldest first
    predictability    share
    burn_rate         points per `time.unit`
    throughput        {per_working_day, per_week, per_hour, peak_day: {date, tasks}, last_7_days,
                      previous_7_days, trend} where trend is the relative change of the last two
    cycle_time, lead_time   hours: {mean, median, p85, p95, samples}
    wip               {tasks, blocked, threshold_hours, flagged, items: [{id, title, column, assignee,
                      started_at, age_hours, blocked, flagged}]} oldest first; flagged: older than the threshold
    flow_efficiency   {ratio, active_hours, elapsed_hours, samples}
    blocked           {open, tasks, ratio, hours, mean_hours_to_unblock, oldest_hours}
    burndown          {state: on track | at risk | behind | finished, ratio, ideal, actual}
    forecast          {method: monte_carlo | simple, confidence: low | normal, measure: points | tasks,
                      remaining, days, hours, date, dates: {p50, p70, p85, p95}, probability, by_end, ...}
    capacity          {slots, used, free, sprint_points, committed_points}; per team and agent: `load.load`
    utilisation       {now, period, from, to}
    distribution      [{team, points, tasks, share}], largest first
    estimate_quality  {rho, samples}: Spearman's rank correlation of points and cycle time
    littles_law       {mean_wip, throughput_per_day, mean_cycle_days, expected_wip, deviation, stable, note}
    adherence         {column: share of time at or under its limit} of the columns with a limit
    health            {score: 0 to 100, parts: [{name, weight, value, needs}]}
    needs             {figure: what it waits for}
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from orchestration.domain import (
    burndown,
    cycle,
    flow,
    health,
    load,
    metrics,
    outlook,
    sprints,
    throughput,
)
from orchestration.domain.facts import Facts, period
from orchestration.domain.facts import finished_work as finished_work
from orchestration.domain.flow import Lives
from orchestration.domain.project import Project
from orchestration.domain.records import CLOSED_COLUMNS, Document
from orchestration.domain.values import parse_time

if TYPE_CHECKING:
    from orchestration.store.index import Index

_OF_SPRINTS = (
    "tasks", "points", "scope", "completion", "task_completion", "time", "burn_rate", "throughput",
    "cycle_time", "lead_time", "forecast",
)  # fmt: skip
_NO_SPRINT = "needs a sprint"


def lives(index: "Index", project: Project, sprint: Document | None) -> Lives:
    """Return the lives that the figures of a sprint look at: of its tasks, open ones, and what changed since.

    Without a sprint these are all there are.
    """
    project.index = index
    if "tasks" not in project.__dict__:
        project.take_tasks(index)
    if sprint is None or sprint.get("archived"):
        return flow.lives(index, project.id)
    since, _ = period(sprint, parse_time(project.now))
    wanted = [
        name
        for name, task in project.tasks.items()
        if task.get("sprint_id") == sprint["id"] or task["column"] not in CLOSED_COLUMNS
    ]
    return flow.lives(index, project.id, since=since, also=wanted)


def figures(project: Project, lives: Lives, sprint: Document | None, *, outcomes: bool = False) -> Document:
    """Return all figures; `outcomes` adds the distribution of its runs to a Monte Carlo forecast.

    They are those of the moment `project.now` and of the commit it is read from, which seeds the forecast.
    """
    facts = Facts(project, lives, sprint)
    needs: dict[str, str] = {}
    finished = project.finished(before=sprint["id"] if sprint else None)
    found = _of_sprint(facts, finished, needs)
    trend = throughput.trend(facts.finished, facts.cal, now=facts.now, needs=needs)
    if sprint is not None:
        found["forecast"] = outlook.outlook(facts, found["forecast"], needs, outcomes=outcomes)
    everywhere = load.load(project)
    tip = project.reader.tip
    result = {
        "project": project.id,
        "at": project.now,
        "revision": tip.oid if tip else None,
        "sprint": _named(sprint),
        **found,
        "throughput": (found["throughput"] or dict.fromkeys(_RATES)) | trend,
        "finished_sprints": metrics.finished_rows(finished),
        "wip": cycle.wip(facts.mine, facts.finished, now=facts.now, needs=needs),
        "flow_efficiency": cycle.flow_efficiency(
            facts.done, lives, active=project.settings["active_columns"], needs=needs
        ),
        "blocked": cycle.blocked(facts.mine, now=facts.now, needs=needs),
        "burndown": _burndown(facts, needs),
        "capacity": _capacity(facts, everywhere),
        "utilisation": _utilisation(facts, everywhere, needs),
        "distribution": load.distribution(facts.mine.values(), project.agents),
        "estimate_quality": cycle.estimate_quality(facts.finished, needs=needs),
        "littles_law": throughput.littles_law(
            facts.finished, lives, start=facts.since, end=facts.until, needs=needs
        ),
        "adherence": throughput.adherence(
            lives,
            sprints.wip_limits(sprint, project.config),
            sprint=sprint["id"] if sprint else None,
            start=facts.since,
            end=facts.until,
        ),
    }
    if found["scope"] is not None and sprint is not None:
        changes = burndown.scope_changes(sprint, lives)
        result["scope"] = found["scope"] | {"changes": [burndown.shown(one) for one in changes]}
    result["health"] = _health(facts, result, everywhere)
    needs.update(
        {f"health.{part['name']}": part["needs"] for part in result["health"]["parts"] if part["needs"]}
    )
    return result | {"needs": needs}


_RATES = ("per_working_day", "per_week", "per_hour", "peak_day")


def _named(sprint: Document | None) -> Document | None:
    fields = ("id", "name", "status", "start_date", "end_date", "started_at", "completed_at")
    return None if sprint is None else {field: sprint.get(field) for field in fields}


def _of_sprint(
    facts: Facts, finished: list[tuple[Document, Mapping[str, Any]]], needs: dict[str, str]
) -> Document:
    """Return the figures that the tasks of the sprint tell; without a sprint, those of all the board."""
    if facts.sprint is not None:
        found = metrics.sprint_metrics(
            facts.sprint,
            facts.all_mine,
            config=facts.project.config,
            finished=finished,
            now=facts.project.now,
        )
        needs.update(found.pop("needs"))
        return found
    found = dict.fromkeys(_OF_SPRINTS)
    needs.update(dict.fromkeys(("points", "completion", "burn_rate", "throughput", "forecast"), _NO_SPRINT))
    done = facts.finished
    return found | {
        "tasks": metrics.counts(facts.mine),
        "velocity": metrics.velocity(finished, needs),
        "predictability": metrics.predictability(finished, needs),
        "cycle_time": cycle.statistics(done, "cycle_time", cycle.cycle_hours, needs),
        "lead_time": cycle.statistics(done, "lead_time", cycle.lead_hours, needs),
    }


def _burndown(facts: Facts, needs: dict[str, str]) -> Document:
    rows = []
    if facts.sprint is not None:
        rows = burndown.burndown(
            facts.sprint, facts.mine, config=facts.project.config, now=facts.project.now, lives=facts.lives
        )
    found = burndown.summary(rows)
    if found["state"] is None:
        needs["burndown"] = (
            "needs a started sprint with dates and committed points" if facts.sprint else _NO_SPRINT
        )
    return found


def _capacity(facts: Facts, everywhere: Document) -> Document:
    sprint = facts.sprint
    return {
        **{name: everywhere[name] for name in ("slots", "used", "free")},
        "sprint_points": sprints.capacity(sprint) if sprint else None,
        "committed_points": sprint.get("committed_points") if sprint else None,
    }


def _utilisation(facts: Facts, everywhere: Document, needs: dict[str, str]) -> Document:
    period = load.utilisation(facts.lives, everywhere["slots"], facts.cal, start=facts.since, end=facts.until)
    if not everywhere["slots"]:
        needs["utilisation"] = "needs 1 agent"
    elif period is None:
        needs["utilisation.period"] = "needs working time"
    return {
        "now": everywhere["utilisation"],
        "period": period,
        "from": _written(facts.since),
        "to": _written(facts.until),
    }


def _written(moment: datetime) -> str:
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _health(facts: Facts, found: Document, everywhere: Document) -> Document:
    time = found["time"] or {"elapsed": None, "total": None}
    velocity = found["velocity"]
    target = sprints.velocity_target(facts.sprint, facts.project.config) if facts.sprint else None
    if facts.sprint is None:
        target = facts.project.settings["velocity_target"]
    waiting = found["blocked"]
    answered = health.handoffs(
        facts.project.reader.load_all("projects", facts.project.id, "handoffs").values(), now=facts.now
    )
    return health.health(
        {
            "completion": (
                health.completion(found["completion"], time["elapsed"], time["total"]),
                "needs a started sprint with an end and estimated tasks",
            ),
            "velocity": (
                health.velocity(velocity and velocity["mean"], target),
                "needs 3 finished sprints and a velocity target",
            ),
            "blocker_age": (
                health.blocker_age(waiting["oldest_hours"]) if waiting["open"] else None,
                "needs 1 open task",
            ),
            "load_balance": (
                load.balance(everywhere["agents"]), "needs 2 agents and assigned tasks",
            ),
            "handoffs": (answered, "needs 1 answered handoff"),
        }
    )  # fmt: skip
