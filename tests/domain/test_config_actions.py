"""Changes of configuration, in a real store."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from orchestration import paths
from orchestration.domain import config_actions
from orchestration.domain.config_actions import Entry
from orchestration.errors import Conflict, InvalidData, NotFound, Refused
from orchestration.store.repo import Store

NOW = "2026-01-05T09:00:00Z"
MOMENT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ENG = Entry("app", "team", "eng")
QA = Entry(None, "team", "qa")


@pytest.fixture
def store(state_dir: Path) -> Store:
    return Store(state_dir)


def write(store: Store, of: Entry, record: Any, **options: Any) -> Any:
    with store.transaction(author="ada", now=MOMENT) as tx:
        return config_actions.write(tx, of, record, now=NOW, **options)


def set_value(store: Store, path: str, value: Any) -> dict[str, Any]:
    with store.transaction(author="ada", now=MOMENT) as tx:
        return config_actions.set_value(tx, "app", paths.parse(path), value, now=NOW)[1]


# -- entries


def test_an_entry_is_written_as_a_whole_and_in_its_place(store: Store) -> None:
    assert write(store, ENG, {"lead": "@ana", "members": "ana,bo"}) == (
        None,
        {"lead": "ana", "members": ["ana", "bo"]},
    )
    write(store, Entry("app", "team", "ops"), {"lead": "cy"})

    write(store, ENG, {"lead": "bo"})

    config = store.snapshot().load("projects", "app", "config")
    assert list(config["team"].items()) == [("eng", {"lead": "bo"}), ("ops", {"lead": "cy"})]


def test_what_changed_meanwhile_is_a_conflict(store: Store) -> None:
    write(store, ENG, {"lead": "ana"})

    with pytest.raises(Conflict, match="team 'eng' has changed meanwhile"):
        write(store, ENG, {"lead": "bo"}, expected={"lead": "cy"})
    with pytest.raises(Conflict):
        write(store, ENG, {"lead": "bo"}, expected=None)
    write(store, ENG, {"lead": "bo"}, expected={"lead": "ana"})


def test_an_entry_is_taken_out_where_it_is(store: Store) -> None:
    write(store, ENG, {"lead": "ana"})

    assert write(store, ENG, None) == ({"lead": "ana"}, None)
    with pytest.raises(NotFound, match="no team 'eng' of project 'app' itself"):
        write(store, ENG, None)
    with pytest.raises(NotFound) as caught:
        write(store, Entry("app", "team", "qa"), None)
    assert (
        caught.value.hint == "it is one of the defaults of the store: --shared takes it out for all projects"
    )
    write(store, QA, None)
    assert "qa" not in store.snapshot().load("config", "teams")


def test_names_that_name_no_entry(store: Store) -> None:
    with pytest.raises(Refused, match="'leads' cannot name a team"):
        write(store, ENG._replace(name="leads"), {})
    with pytest.raises(Refused, match="differs only by case"):
        write(store, QA._replace(name="QA"), {})
    with pytest.raises(InvalidData, match=r"workflows\.w\.steps is empty"):
        write(store, Entry("app", "workflows", "w"), {})


def test_the_first_write_of_a_store_changes_its_defaults(store: Store) -> None:
    write(store, QA, {"lead": "cleo"})

    teams = store.snapshot().load("config", "teams")
    assert list(teams) == ["engineering", "product", "qa", "devops"]
    assert teams["qa"] == {"lead": "cleo"}


# -- values


def test_known_values_take_their_form_and_unknown_ones_stay_text(store: Store) -> None:
    after = set_value(store, "settings.default_sprint_length", "10")
    after = set_value(store, "settings.mine", "10")
    after = set_value(store, 'environments.prod["base.url"]', "10")

    assert after["settings"] == {"default_sprint_length": 10, "mine": "10"}
    assert after["environments"] == {"prod": {"base.url": "10"}}
    assert set_value(store, "settings.mine", None)["settings"] == {"default_sprint_length": 10}


def test_an_item_of_a_list(store: Store) -> None:
    set_value(store, "team.eng.members", ["ana", "bo"])

    assert set_value(store, "team.eng.members[1]", "@cy")["team"]["eng"]["members"] == ["ana", "cy"]
    assert set_value(store, "team.eng.members[2]", "di")["team"]["eng"]["members"] == ["ana", "cy", "di"]
    assert set_value(store, "team.eng.members[0]", None)["team"]["eng"]["members"] == ["cy", "di"]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("settings.wip_limits.todo", "0", "settings.wip_limits.todo '0' is out of range"),
        ("settings", "x", "settings is not an object"),
        ("team.eng.capacity", -1, "team.eng.capacity -1 is out of range"),
        ("workflows.w.steps", ["a", "a"], "workflows.w.steps[1].name 'a' stands twice"),
    ],
)
def test_values_that_cannot_be(store: Store, path: str, value: Any, message: str) -> None:
    with pytest.raises(InvalidData) as caught:
        set_value(store, path, value)

    assert caught.value.message == message


def test_what_all_projects_share(store: Store) -> None:
    write(store, ENG, {})
    with store.transaction(author="ada", now=MOMENT) as tx:
        config_actions.set_shared(tx, ("settings", "lock_timeout"), "20")
        config_actions.set_shared(tx, ("teams", "qa", "skills"), "a,b")

    shared = config_actions.shared(store.snapshot())
    assert shared["settings"]["lock_timeout"] == 20
    assert shared["teams"]["qa"]["skills"] == ["a", "b"]
    with (
        pytest.raises(InvalidData, match="lock_timeout 0 is out of range"),
        store.transaction(author="ada", now=MOMENT) as tx,
    ):
        config_actions.set_shared(tx, ("settings", "lock_timeout"), 0)
    with (
        pytest.raises(Refused, match="no value that all projects share"),
        store.transaction(author="ada", now=MOMENT) as tx,
    ):
        config_actions.set_shared(tx, ("velocity",), 0)


# -- in and out


def test_a_file_of_either_kind_leaves_out_what_belongs_to_its_project() -> None:
    json = b'{"project_id": "x", "created_at": "t", "settings": {"timezone": "UTC"}, "a": "\\/"}'

    assert config_actions.importable(json, "f") == {"settings": {"timezone": "UTC"}, "a": "/"}
    assert config_actions.importable(b"project_id: x\nteam: {}\n", "f") == {"team": {}}
    for raw in (b"{", b"- a\n", b"a: [\n"):
        with pytest.raises(InvalidData, match="^f"):
            config_actions.importable(raw, "f")


def test_environment_variables() -> None:
    found = config_actions.as_environment(
        {"settings": {"days": ["Mon", "Tue"], "none": None, "on": True}, "team": {"a-b": {"1": [{"x": 1}]}}}
    )

    assert found == {
        "SETTINGS_DAYS": "Mon,Tue",
        "SETTINGS_NONE": "",
        "SETTINGS_ON": "true",
        "TEAM_A_B_1": '[{"x": 1}]',
    }
    with pytest.raises(Refused, match="team.a-b.x and team.a_b.x would both be TEAM_A_B_X"):
        config_actions.as_environment({"team": {"a-b": {"x": 1}, "a_b": {"x": 2}}})
