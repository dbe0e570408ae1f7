"""How an agent's fit is scored, by hand-computed examples, and what the choices made with it are."""

from datetime import UTC, datetime

import pytest

from orchestration.domain import allocation, autoassign, suitability, tasks
from orchestration.domain.project import Project
from orchestration.domain.suitability import Staff
from orchestration.store.repo import Store

NOW = "2026-01-05T09:00:00Z"
AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
AGENTS = {
    "ada": {"skills": ["oauth", "api"], "capacity": 2},
    "bob": {"role": "Frontend developer"},
    "cy": {"skills": []},
}
TEAMS = {
    "core": {"members": ["ada", "bob"], "skills": ["python"]},
    "ops": {"members": ["cy"]},
}


def task(task_id, title, *, column="todo", done_at=None, **given):
    made = tasks.new(task_id, {"title": title, "column": "backlog", **given}, now=NOW)
    made = tasks.move(made, column, now=NOW)
    return made | ({"completed_at": done_at} if done_at else {})


def project(state_dir, *board, agents=AGENTS, teams=TEAMS):
    """A project of the given tasks whose only agents are those given."""
    store = Store(state_dir)
    with store.transaction(author="ada", now=AT) as tx:
        for name in ("teams", "agents"):
            tx.save(("config", name), {})
        tx.save(("projects", "p", "config"), {"project_id": "p", "team": teams, "agents": agents})
        for one in board:
            tx.save(("projects", "p", "tasks", one["id"]), one)
    return Project(store.snapshot(), "p", now=NOW)


def rows(found, *names):
    return [tuple(row[name] for name in names) for row in found]


# -- words, types, skills


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Fix OAuth2 in the APIs", ("fix", "oauth", "in", "the", "api")),
        ("C++ & C#, node.js on Redis", ("c++", "c#", "node", "js", "on", "redi")),
        ("Testing / QA / tests", ("test", "test", "test")),
        ("[/api] \x1b[31mrot\x1b[0m 用户 שלום", ("api", "31mrot", "0m", "用户", "שלום")),
        ("s3 v2 e2e", ("s3", "v2", "e2e")),
        ("  ", ()),
    ],
)
def test_words_in_a_form_to_compare(text, words):
    assert suitability.words(text) == words


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Implement OAuth2", ("feature", None)),
        ("Fix the tests", ("bug", "Fix")),
        ("Tests for the fix", ("test", "Tests")),
        ("Documentation of the API", ("docs", "Documentation")),
        ("Deployments", ("infra", "Deployments")),
        ("Refactor login", ("chore", "Refactor")),
        ("UX of the form", ("design", "UX")),
    ],
)
def test_the_first_telling_word_gives_the_type(title, found):
    assert suitability.guess_type(title) == found


def fitting(title, agent, team=None, **given):
    asked = suitability.traits(task("TASK-1", title, **given)).asked
    return [tuple(skill) for skill in suitability.skills(asked, agent, team)]


def test_a_skill_fits_when_all_its_words_are_asked_for():
    agent = {"id": "x", "skills": ["code review", "oauth", "go"]}

    assert fitting("Review the code of OAuth2", agent) == [("code review", "own"), ("oauth", "own")]
    assert fitting("Code", agent) == []


def test_labels_and_type_ask_too():
    agent = {"id": "x", "skills": ["python", "qa"]}

    assert fitting("Log in", agent, labels=["Python"], type="test") == [("python", "own"), ("qa", "own")]


def test_a_word_of_the_task_counts_once():
    agent = {"id": "x", "skills": ["qa", "testing"], "role": "Test engineer"}

    assert fitting("Test it", agent, {"skills": ["tests"]}) == [("qa", "own")]


def test_role_name_and_team():
    assert fitting("Frontend of login", {"id": "x", "role": "Frontend developer"}) == [
        ("Frontend developer", "role")
    ]
    assert fitting("Test of login", {"id": "qa-analyst"}) == [("test", "name")]
    assert fitting("Test of login", {"id": "qa-analyst", "skills": ["api"]}) == []
    found = fitting("Python login", {"id": "x"}, {"skills": ["python"]})
    assert found == [("python", "team")]


def test_a_team_s_skill_counts_half():
    asked = suitability.traits(task("TASK-1", "OAuth API in python")).asked
    found = suitability.skills(asked, {"id": "ada", **AGENTS["ada"]}, TEAMS["core"])

    assert suitability.skill_match(found) == 2.5


# -- the score


def test_the_score_by_hand(state_dir):
    """ada: 10 x (1 own + 1/2 team) + 2 similar - 2 x 1 open = 15; bob: 10 x 1/2 + 1 similar - 0 = 6; cy: 0."""
    board = project(
        state_dir,
        task("TASK-1", "OAuth login", column="done", assignee="ada", done_at="2026-01-02T09:00:00Z"),
        task("TASK-2", "Login form", column="done", assignee="ada", done_at="2026-01-03T09:00:00Z"),
        task("TASK-3", "Old login", column="done", assignee="bob", done_at="2026-01-01T09:00:00Z"),
        task("TASK-4", "Pay bills", column="done", assignee="bob"),
        task("TASK-5", "Login bug", column="done", assignee="bob", type="bug"),
        task("TASK-6", "Something", column="review", assignee="ada"),
        task("TASK-7", "Something", column="backlog", assignee="ada"),
    )
    staff = Staff(board)
    wanted = task("TASK-9", "Python OAuth login")

    assert rows(
        staff.rank(wanted), "agent", "score", "skill_match", "similar_done", "open_tasks", "free"
    ) == [
        ("ada", 15, 1.5, 2, 1, 1),
        ("bob", 6, 0.5, 1, 0, 1),
        ("cy", 0, 0, 0, 0, 1),
    ]
    assert [one.task["id"] for one in staff.similar(wanted)] == ["TASK-1", "TASK-2", "TASK-3"]


def test_an_epic_or_a_label_makes_tasks_similar_whatever_their_type(state_dir):
    board = project(
        state_dir,
        task("TASK-1", "One", column="done", epic_id="e1", type="bug"),
        task("TASK-2", "Two", column="done", labels=["UI"], type="docs"),
        task("TASK-3", "Three", column="done", type="feature"),
        task("TASK-4", "The one", column="todo", epic_id="e1"),
    )
    found = Staff(board).similar(task("TASK-9", "New", epic_id="e1", labels=["ui"]))

    assert [one.task["id"] for one in found] == ["TASK-2", "TASK-1"]  # a shared label is a word in common


def test_archived_work_counts(state_dir):
    board = project(state_dir)
    with Store(state_dir).transaction(author="ada", now=AT) as tx:
        done = task("TASK-1", "OAuth login", column="done", assignee="bob")
        tx.save(("projects", "p", "archive", "s1", "TASK-1"), done)
    board = Project(Store(state_dir).snapshot(), "p", now=NOW)

    assert [one.task["id"] for one in Staff(board).similar(task("TASK-9", "Login"))] == ["TASK-1"]


# -- autoassign


def test_by_priority_then_age_and_never_above_free_slots(state_dir):
    board = project(
        state_dir,
        task("TASK-1", "OAuth one", created_at="2026-01-02T00:00:00Z"),
        task("TASK-2", "OAuth two", created_at="2026-01-01T00:00:00Z"),
        task("TASK-3", "OAuth three", priority=1),
        task("TASK-4", "OAuth four", created_at="2026-01-03T00:00:00Z"),
        task("TASK-5", "OAuth five", created_at="2026-01-04T00:00:00Z"),
    )
    found = autoassign.propose(board)

    assert rows(found["assigned"], "task", "agent", "score") == [
        ("TASK-3", "ada", 10),
        ("TASK-2", "ada", 8),
        ("TASK-1", "bob", 0),
        ("TASK-4", "cy", 0),
    ]
    assert found["assigned"][0]["runner_up"] == {"agent": "bob", "score": 0}
    assert found["assigned"][0]["reason"] == "fits: oauth; 0 similar done; 0 open of 2"
    assert found["assigned"][2]["passed_over"] == [{"agent": "ada", "score": 6}]
    assert found["assigned"][3]["runner_up"] is None
    assert rows(found["left"], "task", "reason") == [("TASK-5", "no agent has a free slot")]
    assert rows(found["agents"], "agent", "open_before", "open_after", "slots") == [
        ("ada", 0, 2, 2),
        ("bob", 0, 1, 1),
        ("cy", 0, 1, 1),
    ]


def test_what_nobody_could_begin_stays(state_dir):
    waiting = task("TASK-1", "Wait", depends_on=["TASK-2"])
    parent = task("TASK-5", "Parent") | {"split_into": ["TASK-2"]}
    blocked = tasks.block(task("TASK-3", "B"), blocker_id="BLK-1", reason="r", reported_by="x", now=NOW)
    claimed = task("TASK-4", "C") | {"claim": {"agent": "ada", "session": "s", "at": NOW}}
    other = task("TASK-6", "For ops", team="gone")
    board = project(
        state_dir, waiting, task("TASK-2", "Two", column="backlog"), blocked, claimed, parent, other
    )
    found = autoassign.propose(board)

    assert found["assigned"] == []
    assert rows(found["left"], "task", "reason") == [
        ("TASK-1", "waits for TASK-2"),
        ("TASK-3", "blocked by BLK-1"),
        ("TASK-4", "claimed by ada"),
        ("TASK-5", "it is done by its parts"),
        ("TASK-6", "there is no agent of team gone"),
    ]


def test_a_task_stays_in_its_team(state_dir):
    found = autoassign.propose(project(state_dir, task("TASK-1", "OAuth", team="ops")))

    assert rows(found["assigned"], "task", "agent") == [("TASK-1", "cy")]


def test_half_a_slot_is_none(state_dir):
    agents = {"ada": {"capacity": 0.5}, "bob": {"capacity": 1.5}}
    board = project(state_dir, task("TASK-1", "A"), task("TASK-2", "B"), agents=agents, teams={})
    found = autoassign.propose(board)

    assert autoassign.outcome(found) == {"TASK-1": "bob"}
    assert rows(found["left"], "task", "reason") == [("TASK-2", "no agent has a free slot")]


def test_no_agents_and_no_tasks_are_sentences(state_dir):
    nobody = project(state_dir, task("TASK-1", "A"), agents={}, teams={})
    assert autoassign.propose(nobody)["note"].startswith("Project p has no agents yet: ")
    assert allocation.propose(nobody)["note"].startswith("Project p has no agents yet: ")

    nothing = project(state_dir, task("TASK-1", "A", assignee="ada"))
    assert autoassign.propose(nothing)["note"] == autoassign.NO_TASKS


# -- allocation


def test_the_last_task_of_a_full_agent_goes_to_who_fits(state_dir):
    board = project(
        state_dir,
        task("TASK-1", "Begun", column="in_progress", assignee="bob"),
        task("TASK-2", "Urgent", priority=1, assignee="bob"),
        task("TASK-3", "OAuth", priority=4, assignee="bob"),
        task("TASK-4", "For ops", priority=5, assignee="bob", team="core"),
    )
    found = allocation.propose(board)

    assert rows(found["moves"], "task", "source", "agent") == [
        ("TASK-4", "bob", "ada"),
        ("TASK-3", "bob", "ada"),
        ("TASK-2", "bob", "cy"),
    ]
    assert rows(found["agents"], "agent", "load_before", "load_after") == [
        ("ada", 0, 1),
        ("bob", 4, 1),
        ("cy", 0, 1),
    ]


def test_nothing_moves_where_it_would_not_help(state_dir):
    found = allocation.propose(project(state_dir, task("TASK-1", "A", assignee="bob")))

    assert found["moves"] == []
    assert found["note"] == allocation.BALANCED
