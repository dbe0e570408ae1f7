"""Checks of teams, agents, tools and workflows among the records of a store."""

from typing import Any

import pytest

from orchestration.domain import checks, projects, tasks, tools, workflows

NOW = "2026-01-05T09:00:00Z"
CONFIG = ("projects", "app", "config")
PLACE = "projects/app/config.yaml: "
Store = dict[tuple[str, ...], dict[str, Any]]


def store(**sections: Any) -> Store:
    config = projects.merge_config(None, "app", {}, now=NOW)
    return {
        ("config", "teams"): {"qa": {"lead": "cleo", "members": ["cleo"]}},
        ("config", "agents"): {"cleo": {"team": "qa"}, "ana": {}, "bo": {}},
        CONFIG: {**config, **sections},
    }


def lines(found: Store, files: Any = ()) -> list[tuple[str, str, str]]:
    return [(one.severity, one.place, one.problem) for one in checks.check(found, files=files)]


def test_a_team_with_one_lead_whom_somebody_knows_is_fine() -> None:
    assert lines(store(team={"eng": {"lead": "ana", "members": ["bo"]}})) == []
    assert lines(store(team={"eng": {"leads": ["ana"], "lead": "ana"}})) == []
    assert lines(store(team={"eng": {"lead": "zoe"}}), files=["zoe"]) == []


def test_a_team_has_one_lead() -> None:
    two = store(team={"eng": {"lead": "ana", "leads": ["bo"], "members": ["ana", "bo"]}})
    none = store(team={"eng": {"members": ["ana"]}})

    assert lines(two) == [("error", f"{PLACE}team.eng.leads", "team 'eng' has 2 leads: ana, bo")]
    assert lines(none) == [("hint", f"{PLACE}team.eng.lead", "team 'eng' has no lead")]
    assert lines(none, files=None) == []  # `verify` is about what hurts


def test_the_list_of_all_leads_gives_a_team_no_second_one() -> None:
    wide = store(team={"leads": ["ana", "bo"], "eng": {"members": ["ana", "bo"], "lead": "ana"}})

    assert lines(wide) == [("error", f"{PLACE}team.leads", "team 'eng' has 2 leads: ana, bo")]
    assert lines(store(team={"leads": ["ana", "bo"]})) == []  # nobody has said which teams they lead


def test_an_agent_is_in_one_team() -> None:
    found = store(team={"a": {"lead": "ana"}, "b": {"lead": "bo", "members": ["ana"]}})

    assert lines(found) == [
        ("warning", f"{PLACE}team.b.members", "ana is in team 'a' as well, and counts there")
    ]


def test_a_name_that_nothing_describes_is_a_hint_with_the_nearest() -> None:
    (found,) = checks.check(store(team={"eng": {"lead": "cleoo"}}), files=())

    assert (found.severity, found.problem) == ("hint", "nothing describes the agent 'cleoo'")
    assert found.fix.startswith("did you mean 'cleo'?")


@pytest.mark.parametrize(
    ("sections", "place", "problem"),
    [
        (
            {"team": {"eng": {"lead": "ana", "capacity": -1}}},
            "team.eng",
            "team.eng.capacity -1 is out of range",
        ),
        (
            {"settings": {"wip_limits": {"todo": 0}}},
            "settings.wip_limits",
            "settings.wip_limits.todo 0 is out of",
        ),
        (
            {"workflows": {"w": {"steps": ["a", "a"]}}},
            "workflows.w",
            "workflows.w.steps[1].name 'a' stands twice",
        ),
        ({"workflows": []}, "workflows", "is not an object"),
    ],
)
def test_values_that_cannot_be(sections: Any, place: str, problem: str) -> None:
    ((severity, where, said),) = lines(store(**sections))

    assert (severity, where) == ("error", PLACE + place)
    assert said.startswith(problem)


def test_who_does_the_steps_of_a_workflow_is_known() -> None:
    found = store(
        workflows={"w": {"steps": [{"name": "a", "assignee": "zoe"}, {"name": "b", "assignee": "bo"}]}}
    )
    place, problem = f"{PLACE}workflows.w.steps[0].assignee", "nobody knows the agent 'zoe'"

    assert lines(found) == [("error", place, problem)]
    assert lines(found, files=["zoe"]) == []
    assert lines(found, files=None) == [("hint", place, problem)]


def test_a_run_that_goes_on_has_its_step_and_its_people() -> None:
    run = workflows.start({"steps": [{"name": "a", "assignee": "zoe"}]}, "w", "w-1", session=None, now=NOW)
    found = store() | {("projects", "app", "workflows", "w-1"): {**run, "current_step": "x"}}
    ended = {**workflows.end(run, "failed", now=NOW), "current_step": "x"}

    assert [(one[0], one[1].partition(": ")[2]) for one in lines(found)] == [
        ("error", "current_step"),
        ("error", "steps[0].assignee"),
    ]
    assert lines({**found, ("projects", "app", "workflows", "w-1"): ended}) == []


def test_tools_that_need_each_other() -> None:
    def tool(name: str, *needs: str) -> Store:
        made = tools.register(None, name=name, type="command", dependencies=list(needs), now=NOW)
        return {("tools", name): made}

    assert lines(store() | tool("lint", "format") | tool("format", "bandit")) == []
    assert lines(store() | tool("lint", "format") | tool("format", "lint")) == [
        ("error", "tools/format.yaml: dependencies", "goes in a circle: format -> lint -> format")
    ]


def test_a_task_that_ended_before_it_began() -> None:
    task = tasks.new("TASK-1", {"assignee": "ana"}, now=NOW)
    wrong = {**task, "started_at": "2026-01-07T09:00:00Z", "completed_at": "2026-01-06T09:00:00Z"}

    assert lines(store() | {("projects", "app", "tasks", "TASK-1"): wrong}) == [
        (
            "warning",
            "projects/app/tasks/TASK-1.yaml: completed_at",
            "2026-01-06T09:00:00Z is before the start 2026-01-07T09:00:00Z",
        )
    ]


def test_an_assignee_whom_nobody_knows_is_a_warning_once_somebody_looked() -> None:
    task = tasks.new("TASK-1", {"assignee": "zoe"}, now=NOW)
    found = store() | {("projects", "app", "tasks", "TASK-1"): task}

    assert [one[0] for one in lines(found)] == ["warning"]
    assert lines(found, files=["zoe"]) == []
