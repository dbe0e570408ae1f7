"""A project that was begun alone joins the team's store."""

import pytest
from synctools import Machine, git

from orchestration.domain.project import Project
from orchestration.errors import Refused
from orchestration.store import machine
from orchestration.sync import joining, remotes


@pytest.fixture
def begun_alone(tmp_path, bare):
    """A store of its own with project mine: TASK-1 to TASK-50, in one sprint and one epic, in a chain."""
    eve = Machine(tmp_path / "eve", str(bare), "eve")
    with eve.write() as tx:
        tx.save(("projects", "mine", "config"), {"project_id": "mine", "counters": {"TASK": 50}})
        tx.save(("projects", "mine", "sprints", "sprint-1"), {"id": "sprint-1", "name": "Mine"})
        for number in range(1, 51):
            chain = [f"TASK-{number - 1}"] if number > 1 else []
            task = {
                "id": f"TASK-{number}",
                "title": f"Mine {number}",
                "sprint_id": "sprint-1",
                "depends_on": chain,
            }
            tx.save(("projects", "mine", "tasks", f"TASK-{number}"), task)
        tx.save(("sessions", "abcd-1", "session"), {"id": "abcd-1", "project": "mine"})
        tx.describe("task_created", "mine begins")
    return eve


@pytest.fixture
def with_tasks(alone):
    """The team's store with project shop: TASK-1 to TASK-50."""
    with alone.write() as tx:
        tx.save(("projects", "shop", "config"), {"project_id": "shop", "counters": {"TASK": 50}})
        tx.save(("projects", "shop", "sprints", "sprint-1"), {"id": "sprint-1", "name": "Team"})
        for number in range(1, 51):
            tx.save(
                ("projects", "shop", "tasks", f"TASK-{number}"),
                {"id": f"TASK-{number}", "title": f"Team {number}"},
            )
        tx.describe("task_created", "the team begins")
    alone.sync()
    return alone


def join(machine, **options):
    return joining.join(machine.store, machine.url, "shop", transaction=machine.write, **options)


def test_all_hundred_tasks_are_there_and_references_follow(begun_alone, with_tasks):
    done = join(begun_alone)
    begun_alone.sync()
    with_tasks.sync()

    tasks = with_tasks.store.snapshot().load_all("projects", "shop", "tasks")
    here = next(iter(done["renames"]["tasks"].values())).removeprefix("TASK-1-")
    assert len(tasks) == 100
    assert tasks["TASK-7"]["title"] == "Team 7"
    mine = tasks[f"TASK-7-{here}"]
    assert mine == {
        "id": f"TASK-7-{here}",
        "title": "Mine 7",
        "sprint_id": f"sprint-1-{here}",
        "depends_on": [f"TASK-6-{here}"],
    }
    assert with_tasks.load("projects", "shop", "sprints", f"sprint-1-{here}")["id"] == f"sprint-1-{here}"
    assert with_tasks.load("sessions", "abcd-1", "session")["project"] == "shop"
    assert with_tasks.load("projects", "mine", "config") is None
    assert with_tasks.load("projects", "shop", "config")["aliases"]["TASK-7"] == [f"TASK-7-{here}"]
    assert with_tasks.tip == begun_alone.tip
    assert "mine begins" in with_tasks.git("log", "--format=%s")
    assert begun_alone.git("status", "--short") == ""


@pytest.mark.usefixtures("with_tasks")
def test_a_dry_run_lists_the_new_ids_and_changes_nothing(begun_alone):
    before = begun_alone.tip

    done = join(begun_alone, dry_run=True)

    assert len(done["renames"]["tasks"]) == 50
    assert (begun_alone.tip, begun_alone.git("tag"), remotes.every(begun_alone.store)) == (before, "", [])


@pytest.mark.usefixtures("with_tasks")
def test_a_store_with_other_projects_is_refused(begun_alone):
    begun_alone.save(("projects", "secret", "config"), {"project_id": "secret"})

    with pytest.raises(Refused) as refused:
        join(begun_alone, project="mine")

    assert (
        refused.value.hint == "`orchestration move-out mine DIR` gives it a store of its own; join from there"
    )


@pytest.mark.usefixtures("with_tasks")
def test_published_ids_never_change(begun_alone, tmp_path):
    place = tmp_path / "elsewhere.git"
    git("init", "--quiet", "--bare", "-b", "main", str(place), at=tmp_path)
    remotes.add(begun_alone.store, "other", str(place))
    begun_alone.sync()

    with pytest.raises(Refused, match="published"):
        join(begun_alone)


def test_new_tasks_of_both_get_ids_that_differ(begun_alone, with_tasks):
    join(begun_alone)

    assert machine.read(begun_alone.store.private).suffix is not None
    assert machine.read(with_tasks.store.private).suffix is None


@pytest.mark.usefixtures("with_tasks")
def test_a_project_without_a_configuration_knows_its_old_ids_as_well(tmp_path, bare):
    ida = Machine(tmp_path / "ida", str(bare), "ida")
    ida.save(("projects", "solo", "tasks", "TASK-1"), {"id": "TASK-1", "title": "Solo"})

    join(ida)

    here = machine.read(ida.store.private).name
    assert ida.load("projects", "shop", "config")["aliases"] == {"TASK-1": [f"TASK-1-{here}"]}


@pytest.mark.usefixtures("with_tasks")
def test_an_old_id_that_the_team_has_too_names_the_task_that_joined(begun_alone):
    join(begun_alone)
    here = machine.read(begun_alone.store.private).name
    board = Project(begun_alone.store.snapshot(), "shop", now="")

    assert board.task("TASK-7")["title"] == "Team 7"
    assert board.names_of("TASK-7") == {"joined_as": [f"TASK-7-{here}"]}
    assert board.names_of(f"TASK-7-{here}") == {"former_id": "TASK-7"}
    assert board.names_of("TASK-99") == {}

    begun_alone.delete("projects", "shop", "tasks", "TASK-7")
    board = Project(begun_alone.store.snapshot(), "shop", now="")
    assert board.task("TASK-7")["title"] == "Mine 7"


@pytest.mark.usefixtures("with_tasks")
def test_an_old_id_of_two_that_joined_is_refused_with_both(begun_alone):
    join(begun_alone)
    config = begun_alone.load("projects", "shop", "config")
    news = ["TASK-60-aaaa", "TASK-60-bbbb"]
    begun_alone.change(("projects", "shop", "config"), aliases={**config["aliases"], "TASK-60": news})
    board = Project(begun_alone.store.snapshot(), "shop", now="")

    assert board.task_key("TASK-60") is None
    assert board.no_task("TASK-60").hint == "it is TASK-60-aaaa or TASK-60-bbbb since their projects joined"
    assert board.no_task("TASK-61").hint == "see `state_manager task list`"


@pytest.mark.parametrize("written", ["text", ["TASK-7"], {"TASK-7": "x"}, {"TASK-7": [1, None]}])
def test_aliases_written_by_hand_are_not_believed(alone, written):
    alone.save(("projects", "shop", "config"), {"project_id": "shop", "aliases": written})
    board = Project(alone.store.snapshot(), "shop", now="")

    assert (board.task_key("TASK-7"), board.names_of("TASK-7")) == (None, {})
