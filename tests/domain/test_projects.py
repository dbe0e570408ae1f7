import pytest

from orchestration.domain import projects, teams, tools
from orchestration.errors import InvalidData, Refused

NOW = "2024-01-15T09:00:00Z"
GUIDE = {
    "settings": {"default_sprint_length": 14, "velocity_target": 20, "team_capacity": 5},
    "team": {
        "leads": ["engineering-lead", "product-manager"],
        "members": ["engineering-fullstack", "engineering-ux", "qa-analyst"],
    },
}
GUIDE_TEAM = {
    "team": {
        "engineering": {
            "lead": "engineering-lead",
            "members": ["engineering-fullstack", "engineering-ux"],
            "capacity": 3,
        }
    }
}
STORE_TEAMS = {
    "engineering": {"lead": "engineering-lead", "members": ["engineering-lead", "engineering-ux"]},
    "qa": {"lead": "qa-analyst", "members": ["qa-analyst"], "skills": ["automation"]},
}
STORE_AGENTS = {
    "engineering-lead": {"team": "engineering", "role": "Technical lead", "skills": ["planning"]},
    "engineering-ux": {"team": "engineering", "role": "UX engineer", "skills": [], "capacity": 2},
    "qa-analyst": {"team": "qa", "role": "QA analyst", "skills": ["automation"]},
}


def config(*changes):
    made = None
    for change in changes:
        made = projects.merge_config(made, "myapp", change, now=NOW)
    return made


def test_the_guides_configuration_in_the_order_it_is_stored():
    assert list(config(GUIDE).items()) == [
        ("project_id", "myapp"),
        ("settings", GUIDE["settings"]),
        ("team", GUIDE["team"]),
        ("environments", {}),
        ("metadata", {}),
        ("created_at", NOW),
    ]


def test_both_shapes_of_a_team_stand_side_by_side():
    assert config(GUIDE, GUIDE_TEAM)["team"] == GUIDE["team"] | GUIDE_TEAM["team"]


def test_null_deletes_and_unknown_keys_are_kept():
    before = config({"settings": {"velocity_target": 20, "colour": "red"}, "metadata": {"a": {"b": 1}}})

    after = projects.merge_config(
        before,
        "myapp",
        {"settings": {"velocity_target": None}, "metadata": {"a": {"c": 2}}, "x": 1},
        now="2025-01-01T00:00:00Z",
    )

    assert after["settings"] == {"colour": "red"}
    assert after["metadata"] == {"a": {"b": 1, "c": 2}}
    assert after["x"] == 1
    assert after["created_at"] == NOW
    assert before["settings"] == {"velocity_target": 20, "colour": "red"}


def test_the_patch_of_rfc_7396_section_3():
    """The worked example of the standard, under a free key."""
    original = {
        "title": "Goodbye!",
        "author": {"givenName": "John", "familyName": "Doe"},
        "tags": ["example", "sample"],
        "content": "This will be unchanged",
    }
    patch = {
        "title": "Hello!",
        "phoneNumber": "+01-123-456-7890",
        "author": {"familyName": None},
        "tags": ["example"],
    }

    assert config({"metadata": original}, {"metadata": patch})["metadata"] == {
        "title": "Hello!",
        "author": {"givenName": "John"},
        "tags": ["example"],
        "content": "This will be unchanged",
        "phoneNumber": "+01-123-456-7890",
    }


def test_null_for_one_limit_means_none():
    limited = config({"settings": {"wip_limits": {"todo": None, "qa": "2"}}})

    assert limited["settings"]["wip_limits"] == {"todo": None, "review": 2}
    assert projects.settings(limited)["wip_limits"] == {"todo": None, "in_progress": 5, "review": 2}
    assert (
        config({"settings": {"wip_limits": {"todo": 3}}}, {"settings": {"wip_limits": None}})["settings"]
        == {}
    )


def test_settings_are_coerced():
    given = {
        "default_sprint_length": "10",
        "working_days": ["Sunday", "mon"],
        "active_columns": "active,review",
        "point_scale": "[1, 2, 3]",
        "timezone": "utc",
    }

    assert config({"settings": given})["settings"] == {
        "default_sprint_length": 10,
        "working_days": ["Mon", "Sun"],
        "active_columns": ["in_progress", "review"],
        "point_scale": [1, 2, 3],
        "timezone": "UTC",
    }


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"settings": {"default_sprint_length": 0}}, r"settings\.default_sprint_length"),
        ({"settings": {"velocity_target": "fast"}}, r"settings\.velocity_target"),
        ({"settings": {"team_capacity": -1}}, r"settings\.team_capacity"),
        ({"settings": {"max_active_sprints": 0}}, r"settings\.max_active_sprints"),
        ({"settings": {"claim_timeout": 0}}, r"settings\.claim_timeout"),
        ({"settings": {"claim_timeout": "1h"}}, r"settings\.claim_timeout"),
        ({"settings": {"wip_limits": {"todo": 0}}}, r"settings\.wip_limits\.todo"),
        ({"settings": {"wip_limits": 5}}, r"settings\.wip_limits"),
        ({"settings": {"working_days": ["Someday"]}}, r"settings\.working_days"),
        ({"settings": {"working_days": []}}, r"settings\.working_days"),
        ({"settings": {"point_scale": [3, 2]}}, r"settings\.point_scale"),
        ({"settings": {"active_columns": ["limbo"]}}, r"settings\.active_columns"),
        ({"settings": {"timezone": "Europe/Atlantis"}}, r"settings\.timezone"),
        ({"settings": {"timezone": "Europe"}}, r"settings\.timezone"),
        ({"settings": {"timezone": "../../etc/passwd"}}, r"settings\.timezone"),
        ({"settings": "fast"}, "settings is not an object"),
        ({"team": ["a"]}, "team is not an object"),
        ({"team": {"engineering": ["a"]}}, r"team\.engineering is not an object"),
        ({"team": {"members": {"a": 1}}}, r"team\.members"),
        ({"team": {"engineering": {"members": [{"a": 1}]}}}, r"team\.engineering\.members"),
        ({"team": {"engineering": {"members": ["no spaces"]}}}, r"team\.engineering\.members"),
        ({"team": {"engineering": {"capacity": "many"}}}, r"team\.engineering\.capacity"),
        ({"team": {"engineering": {"settings": {"max_parallel": 0}}}}, r"settings\.max_parallel"),
        ({"team": {"a/b": {}}}, "team name"),
        ({"agents": {"ann": {"capacity": "x"}}}, r"agents\.ann\.capacity"),
        ({"environments": 3}, "environments"),
    ],
)  # fmt: skip
def test_values_a_configuration_cannot_hold(change, place):
    with pytest.raises(InvalidData, match=place):
        config(change)


@pytest.mark.parametrize("field", ["project_id", "created_at"])
def test_system_fields(field):
    with pytest.raises(Refused, match=field):
        config({field: "other"})
    assert config({"project_id": "myapp"})["project_id"] == "myapp"


def test_a_known_timezone():
    assert config({"settings": {"timezone": "Europe/Berlin"}})["settings"]["timezone"] == "Europe/Berlin"


def test_defaults_are_filled_in_and_named():
    stored = config({"settings": {"velocity_target": 20, "wip_limits": {"todo": 4}}})

    shown = projects.with_defaults(stored)

    assert shown["settings"] == {
        "timezone": "UTC",
        "default_sprint_length": 14,
        "velocity_target": 20,
        "team_capacity": None,
        "wip_limits": {"todo": 4, "in_progress": 5, "review": 3},
        "working_days": ["Mon", "Tue", "Wed", "Thu", "Fri"],
        "point_scale": [1, 2, 3, 5, 8, 13],
        "active_columns": ["in_progress"],
        "max_active_sprints": 1,
        "claim_timeout": 60,
        "commit_moves": False,
    }
    assert projects.defaulted(stored) == [
        "settings.timezone",
        "settings.default_sprint_length",
        "settings.team_capacity",
        "settings.wip_limits.in_progress",
        "settings.wip_limits.review",
        "settings.working_days",
        "settings.point_scale",
        "settings.active_columns",
        "settings.max_active_sprints",
        "settings.claim_timeout",
        "settings.commit_moves",
    ]


def test_filled_in_defaults_are_nobody_elses():
    projects.settings(None)["working_days"].clear()
    projects.settings(None)["wip_limits"].clear()

    assert projects.settings(None)["working_days"][0] == "Mon"
    assert projects.settings(None)["wip_limits"]["todo"] == 10


def test_events():
    made = config(GUIDE)
    changed = config(GUIDE, GUIDE_TEAM, {"settings": {"velocity_target": 30}})

    assert projects.event_of(None, made) == ("config_changed", "config: create myapp")
    assert projects.event_of(made, changed) == (
        "config_changed",
        "config: myapp set settings.velocity_target, team.engineering",
    )


def test_agents_nobody_placed_join_the_team_of_their_name():
    found, people = teams.roster(config(GUIDE), STORE_TEAMS, {}, {})

    assert {name: team["members"] for name, team in found.items()} == {
        "engineering": ["engineering-lead", "engineering-ux", "engineering-fullstack"],
        "qa": ["qa-analyst"],
        "default": ["product-manager"],
    }
    assert found["engineering"]["lead"] == "engineering-lead"
    assert found["default"]["lead"] == "product-manager"
    assert people["engineering-fullstack"]["team"] == "engineering"
    assert people["product-manager"]["team"] == "default"


def test_a_teams_capacity_is_given_or_the_sum_of_its_members():
    by_members, _ = teams.roster(None, STORE_TEAMS, STORE_AGENTS, {})
    given, _ = teams.roster(config(GUIDE_TEAM), STORE_TEAMS, STORE_AGENTS, {})

    assert {name: team["capacity"] for name, team in by_members.items()} == {"engineering": 3, "qa": 1}
    assert given["engineering"]["capacity"] == 3
    assert given["engineering"]["members"] == ["engineering-lead", "engineering-fullstack", "engineering-ux"]


def test_the_projects_word_goes_before_the_stores():
    moved = config({"team": {"design": {"members": ["@engineering-ux"]}}})

    found, people = teams.roster(moved, STORE_TEAMS, STORE_AGENTS, {})

    assert found["engineering"]["members"] == ["engineering-lead"]
    assert found["design"]["members"] == ["engineering-ux"]
    assert people["engineering-ux"]["team"] == "design"
    assert found["design"]["capacity"] == 2


def test_the_record_of_an_agent_and_of_a_team():
    found, people = teams.roster(None, STORE_TEAMS, STORE_AGENTS, {})

    assert list(people["engineering-ux"].items()) == [
        ("id", "engineering-ux"),
        ("team", "engineering"),
        ("role", "UX engineer"),
        ("skills", []),
        ("capacity", 2),
        ("model", None),
        ("source", "config"),
    ]
    assert list(found["qa"].items()) == [
        ("name", "qa"),
        ("lead", "qa-analyst"),
        ("leads", []),
        ("members", ["qa-analyst"]),
        ("capacity", 1),
        ("skills", ["automation"]),
        ("settings", {}),
        ("status", "inactive"),
        ("activated_at", None),
        ("focus", None),
        ("reserved", None),
    ]


def test_registered_agents_are_people_too():
    tool = tools.register(None, name="qa-robot", type="agent", config={"skills": ["load"]}, now=NOW)
    hook = tools.register(None, name="guard", type="hook", now=NOW)

    found, people = teams.roster(None, STORE_TEAMS, {}, {"qa-robot": tool, "guard": hook})

    assert people["qa-robot"]["source"] == "tool"
    assert people["qa-robot"]["skills"] == ["load"]
    assert "qa-robot" in found["qa"]["members"]
    assert "guard" not in people


def test_the_longest_team_name_that_fits_wins():
    store = {"data": {}, "data-eng": {}}

    found, _ = teams.roster(config({"team": {"members": ["data-eng-1", "database"]}}), store, {}, {})

    assert found["data-eng"]["members"] == ["data-eng-1"]
    assert found["default"]["members"] == ["database"]


def test_registering_a_tool_twice():
    first = tools.register(None, name="lint", type="command", dependencies='["ruff", "ruff"]', now=NOW)
    second = tools.register(
        first, name="lint", version="2.0", config={"fix": True}, now="2025-01-01T00:00:00Z"
    )

    assert list(first.items()) == [
        ("name", "lint"),
        ("type", "command"),
        ("version", "1.0.0"),
        ("description", None),
        ("path", None),
        ("dependencies", ["ruff"]),
        ("config", {}),
        ("registered_at", NOW),
    ]
    assert second == first | {"version": "2.0", "config": {"fix": True}}
    assert tools.event_of(None, first) == ("tool_registered", "tool: register lint (command)")


@pytest.mark.parametrize(
    "given", [{}, {"type": "toy"}, {"type": "agent", "config": "[1]"}, {"type": "agent", "dependencies": 3}]
)
def test_tools_that_cannot_be_registered(given):
    with pytest.raises(InvalidData):
        tools.register(None, name="lint", now=NOW, **given)
