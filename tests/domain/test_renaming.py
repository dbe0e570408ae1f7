"""Which ids of a project that joins another get new ones."""

from orchestration.domain import renaming


def test_ids_that_are_taken_in_any_case_get_the_name_of_the_machine() -> None:
    found = renaming.clashes(
        {"sprints": ["Sprint-1", "sprint-2"], "epics": ["login"]},
        {"sprints": ["sprint-1"], "epics": ["Login", "login-k7q2"]},
        "k7q2",
    )

    assert found == {"sprints": {"Sprint-1": "Sprint-1-k7q2"}, "epics": {"login": "login-2-k7q2"}}


def test_a_plain_number_gets_it_too_for_the_other_store_will_count_there() -> None:
    found = renaming.clashes(
        {"tasks": ["TASK-1", "TASK-7", "TASK-7-a1b2", "import-3"], "decisions": ["DEC-2"]},
        {"tasks": ["TASK-1"]},
        "k7q2",
    )

    assert found == {
        "tasks": {"TASK-1": "TASK-1-k7q2", "TASK-7": "TASK-7-k7q2"},
        "decisions": {"DEC-2": "DEC-2-k7q2"},
    }
