"""Checks of records: documents in, findings out, and what would be right."""

from typing import Any

import pytest

from orchestration.domain import checks, epics, projects, sessions, sprints, tasks, tools
from orchestration.store.findings import BY_REPAIR

NOW = "2026-01-05T09:00:00Z"
S = "11111111-1111-4111-8111-111111111111"


def records() -> dict[tuple[str, ...], dict[str, Any]]:
    """A small store in which everything is as it should be, made by the rules themselves."""
    config = projects.merge_config(
        None, "app", {"team": {"eng": {"lead": "ana", "members": ["bo"]}}}, now=NOW
    )
    task = tasks.new("TASK-1", {"assignee": "ana", "epic_id": "e1", "sprint_id": "s1", "points": 3}, now=NOW)
    return {
        ("config", "settings"): {"durability": "full", "lock_timeout": 10},
        ("config", "teams"): {"qa": {"lead": "cleo", "members": ["cleo"]}},
        ("tools", "lint"): tools.register(None, name="lint", type="command", now=NOW),
        ("projects", "app", "config"): config,
        ("projects", "app", "epics", "e1"): epics.new("e1", {}, now=NOW),
        ("projects", "app", "sprints", "s1"): sprints.new("s1", "One", {}, now=NOW, config=config),
        ("projects", "app", "tasks", "TASK-1"): task,
        ("projects", "app", "tasks", "TASK-2"): tasks.new("TASK-2", {"depends_on": ["TASK-1"]}, now=NOW),
        ("sessions", S, "session"): sessions.new(S, project="app", sprint_id="s1", created_by="ana", now=NOW),
        ("sessions", S, "notes"): {"anything": [1, {"at": "all"}]},
    }


TASK = ("projects", "app", "tasks", "TASK-1")
SPRINT = ("projects", "app", "sprints", "s1")
EPIC = ("projects", "app", "epics", "e1")
CONFIG = ("projects", "app", "config")
SESSION = ("sessions", S, "session")
SESSION_FILE = f"sessions/11/{S}/session.yaml"


def changed(key: tuple[str, ...], **fields: Any) -> dict[tuple[str, ...], dict[str, Any]]:
    """The small store with some fields of one record written by hand; `...` takes a field out."""
    found = records()
    record = {**found[key], **fields}
    return {**found, key: {name: value for name, value in record.items() if value is not ...}}


def lines(found: dict[tuple[str, ...], dict[str, Any]], **options: Any) -> list[tuple[str, str, str]]:
    return [(one.severity, one.place, one.problem) for one in checks.check(found, **options)]


def test_what_the_program_writes_is_as_it_should_be() -> None:
    assert checks.check(records()) == []
    assert checks.mended(records()) == {"structure": {}, "references": {}}


@pytest.mark.parametrize(
    ("key", "field", "written", "right"),
    [
        (TASK, "points", "5", 5),
        (TASK, "points", 3.0, 3.0),
        (TASK, "priority", "high", 2),
        (TASK, "column", "pending", "todo"),
        (TASK, "column", None, "backlog"),
        (TASK, "title", ..., "TASK-1"),
        (TASK, "labels", "a, b", ["a", "b"]),
        (TASK, "assignee", "@bo", "bo"),
        (TASK, "created_at", "2026-01-05T10:00:00+01:00", NOW),
        (TASK, "id", "TASK-9", "TASK-1"),
        (TASK, "id", ..., "TASK-1"),
        (SPRINT, "status", "Active", "active"),
        (SPRINT, "goals", ["ship"], [{"text": "ship", "done": False}]),
        (SPRINT, "archived", "yes", True),
        (EPIC, "tags", "a,b", ["a", "b"]),
        (("tools", "lint"), "name", "lynt", "lint"),
        (CONFIG, "project_id", "other", "app"),
        (("config", "settings"), "lock_timeout", "10", 10),
        (("config", "settings"), "durability", "FAST", "fast"),
        (SESSION, "id", "else", S),
    ],
)
def test_a_field_of_another_form_is_found_and_mended(
    key: tuple[str, ...], field: str, written: Any, right: Any
) -> None:
    store = changed(key, **{field: written})

    found = checks.check(store)

    if written == right:
        assert found == []
        return
    assert [(one.kind, one.fix) for one in found] == [("structure", BY_REPAIR)]
    assert found[0].place.endswith(f".yaml: {field}")
    mended = checks.mended(store)
    assert list(mended["structure"]) == [key]
    assert mended["structure"][key][field] == right
    assert checks.check({**store, **mended["structure"]}) == []


@pytest.mark.parametrize(
    ("key", "field", "written", "problem"),
    [
        (TASK, "points", "many", "points 'many' is not a number"),
        (TASK, "points", -1, "points -1 is out of range"),
        (TASK, "column", "somewhere", "column 'somewhere' is not one of"),
        (TASK, "blockers", {"a": 1}, "blockers is not a list of objects"),
        (TASK, "created_at", "soon", "created_at 'soon' is not an ISO 8601 date"),
        (SPRINT, "status", "half", "status 'half' is not one of planned"),
        (SPRINT, "wip_limits", {"todo": 0}, "wip_limits.todo 0 is out of range"),
        (EPIC, "priority", 9, "priority 9 is out of range"),
        (("tools", "lint"), "type", "spoon", "type 'spoon' is not one of agent"),
        (("config", "settings"), "pack_limit", -5, "pack_limit -5 is out of range"),
        (SESSION, "mode", "lazy", "mode 'lazy' is not one of"),
    ],
)
def test_a_value_the_field_cannot_hold_is_named_and_left(
    key: tuple[str, ...], field: str, written: Any, problem: str
) -> None:
    store = changed(key, **{field: written})

    found = checks.check(store)[0 if key != SESSION else -1]

    assert (found.severity, found.kind) == ("error", "structure")
    assert found.place.endswith(f": {field}")
    assert found.problem.startswith(problem)
    assert found.fix
    assert checks.mended(store) == {"structure": {}, "references": {}}


def test_a_missing_field_that_cannot_be_guessed() -> None:
    store = changed(("tools", "lint"), type=...)

    assert lines(store) == [("error", "tools/lint.yaml: type", "is missing")]
    assert checks.mended(store)["structure"] == {}


def test_a_session_without_a_life() -> None:
    assert lines(changed(SESSION, lifecycle={"status": "active"})) == [
        ("error", SESSION_FILE, "lifecycle.heartbeat None is not an ISO 8601 date or date-time")
    ]
    assert lines(changed(SESSION, lifecycle=...)) == [("error", SESSION_FILE, "it has no lifecycle")]


def test_a_counter_is_a_number() -> None:
    assert lines(changed(TASK, points={"$count": {"k7q2": 3}})) == []


def test_unknown_fields_are_nobodys_business() -> None:
    assert lines(changed(TASK, mine={"free": True}, note=None)) == []


# -- configuration


def test_each_setting_team_and_agent_has_a_place_of_its_own() -> None:
    store = changed(
        CONFIG,
        settings={"timezone": "Mars/Base", "default_sprint_length": "10", "own": 1},
        team={"eng": {"capacity": -1}, "leads": "ana,bo"},
        agents={"bo": {"skills": "a,b"}},
        metadata=[],
    )

    found = {one.place.partition(": ")[2]: one for one in checks.check(store)}

    assert {place: one.severity for place, one in found.items() if one.kind == "structure"} == {
        "settings.timezone": "error",
        "settings.default_sprint_length": "warning",
        "team.eng": "error",
        "team.leads": "warning",
        "agents.bo": "warning",
        "metadata": "error",
    }
    right = checks.mended(store)["structure"][CONFIG]
    assert right["settings"] == {"timezone": "Mars/Base", "default_sprint_length": 10, "own": 1}
    assert right["team"] == {"eng": {"capacity": -1}, "leads": ["ana", "bo"]}
    assert right["agents"] == {"bo": {"skills": ["a", "b"]}}


def test_a_sprint_that_ends_before_it_begins() -> None:
    store = changed(SPRINT, start_date="2026-01-15", end_date="2026-01-01")

    assert lines(store) == [
        ("warning", "projects/app/sprints/s1.yaml: end_date", "2026-01-01 is not after the start 2026-01-15")
    ]


def test_names_that_differ_only_by_case() -> None:
    store = records() | {("tools", "LINT"): tools.register(None, name="LINT", type="command", now=NOW)}

    assert lines(store) == [("error", "tools/lint.yaml", "differs only by case from tools/LINT.yaml")]


# -- references


@pytest.mark.parametrize(
    ("key", "field", "written", "problem", "right"),
    [
        (TASK, "sprint_id", "s9", "there is no sprint 's9'", None),
        (TASK, "epic_id", "e9", "there is no epic 'e9'", None),
        (TASK, "parent", "TASK-9", "there is no task 'TASK-9'", None),
        (TASK, "depends_on", ["TASK-8", "TASK-9"], "there is no task 'TASK-8', 'TASK-9'", []),
        (SPRINT, "epic_id", "e9", "there is no epic 'e9'", None),
        (SESSION, "sprint_id", "s9", "project 'app' has no sprint 's9'", None),
        (SESSION, "parent_session", "gone", "no session 'gone' was ever here", None),
    ],
)
def test_a_reference_to_nothing_is_found_and_dropped(
    key: tuple[str, ...], field: str, written: Any, problem: str, right: Any
) -> None:
    store = changed(key, **{field: written})

    (found,) = checks.check(store)

    assert (found.kind, found.severity, found.fix) == ("references", "warning", BY_REPAIR)
    assert (found.place.partition(": ")[2], found.problem) == (field, problem)
    mended = checks.mended(store)
    assert mended["structure"] == {}
    assert mended["references"] == {key: {**store[key], field: right}}
    assert checks.check({**store, **mended["references"]}) == []


def test_references_that_lead_somewhere() -> None:
    archived = ("projects", "app", "archive", "s1", "TASK-7")
    store = changed(TASK, depends_on=["TASK-7"], parent="TASK-2")
    store[("projects", "app", "tasks", "TASK-2")]["depends_on"] = []
    store[archived] = tasks.new("TASK-7", {"column": "done"}, now=NOW)
    store[SESSION]["parent_session"] = "retired-1"

    assert checks.check(store, retired=["retired-1"]) == []


def test_tasks_that_wait_for_each_other() -> None:
    assert lines(changed(TASK, depends_on=["TASK-2"])) == [
        (
            "error",
            "projects/app/tasks/TASK-1.yaml: depends_on",
            "goes in a circle: TASK-1 -> TASK-2 -> TASK-1",
        )
    ]
    assert lines(changed(TASK, depends_on=["TASK-1"]))[0][2] == "goes in a circle: TASK-1 -> TASK-1"


def test_who_nobody_knows_is_a_hint() -> None:
    assert lines(changed(TASK, assignee="zoe")) == [
        ("hint", "projects/app/tasks/TASK-1.yaml: assignee", "no team has an agent 'zoe'")
    ]
    assert lines(changed(TASK, assignee="cleo")) == []
    assert lines(changed(TASK, assignee="zoe", column="done")) == []
    assert lines(changed(SESSION, project="elsewhere", sprint_id=None)) == [
        ("hint", f"{SESSION_FILE}: project", "nothing is in the store of project 'elsewhere'")
    ]


def test_mending_does_both_at_once_and_changes_nothing_given() -> None:
    store = changed(TASK, points="5", epic_id="e9")
    before = repr(store)

    mended = checks.mended(store)

    assert mended["structure"][TASK] == {**store[TASK], "points": 5}
    assert mended["references"][TASK] == {**store[TASK], "points": 5, "epic_id": None}
    assert repr(store) == before
