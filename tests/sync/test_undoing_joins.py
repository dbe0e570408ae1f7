"""A join is taken back in one change: the team's project is as it was, and a redo brings it again."""

import contextlib

import pytest
from click.testing import CliRunner
from synctools import Machine

from orchestration.claude import dispatch
from orchestration.claude.client import Client
from orchestration.cli import state_manager
from orchestration.domain import references
from orchestration.errors import Conflict, Refused
from orchestration.history import joins, undo
from orchestration.store import machine
from orchestration.store.index import Index
from orchestration.sync import joining

CONFIG = ("projects", "shop", "config")
SESSION = ("sessions", "abcd-1", "session")
OTHER = ("sessions", "abcd-2", "session")


def task(name, project="shop"):
    return ("projects", project, "tasks", name)


@pytest.fixture
def apart(alone, tmp_path, bare):
    """The team's store, and one of project mine; TASK-1 to TASK-50 in both."""
    eve = Machine(tmp_path / "eve", str(bare), "eve")
    for one, project in ((alone, "shop"), (eve, "mine")):
        with one.write() as tx:
            tx.save(("projects", project, "config"), {"project_id": project})
            for number in range(1, 51):
                needs = [f"TASK-{number - 1}"] if number > 1 else []
                record = {"id": f"TASK-{number}", "title": f"{project} {number}", "depends_on": needs}
                tx.save(task(f"TASK-{number}", project), record)
            tx.describe("task_created", "it begins")
    eve.save(SESSION, {"id": "abcd-1", "project": "mine"})
    eve.save(OTHER, {"id": "abcd-2", "project": "mine"})
    alone.sync()
    return alone, eve


@pytest.fixture
def joined(apart):
    """The team's machine and the one that joined, before it synced."""
    team, eve = apart
    eve.team_tree = tree(team)
    joining.join(eve.store, eve.url, "shop", transaction=eve.write, session="abcd-1")
    eve.joined_tree = tree(eve)
    return team, eve


def tree(one):
    return one.git("rev-parse", "HEAD:projects")


def index_of(one):
    index = Index(one.store)
    index.catch_up(one.store.snapshot())
    return contextlib.closing(index)


def take_back(one, commits, *, session=None, redo=False, force=False):
    """Undo as the commands do."""
    with one.write() as tx:
        undo.take_back(tx, commits, session=session, force=force, redo=redo)
        files = [file for file, _, _ in tx.changes()]
        before = joins.before(commits[-1])
        if broken := references.broken_by(tx, files, then=lambda: one.store.snapshot(before)):
            raise Conflict(f"named by {broken}")
    return one.store.commit(one.tip)


def newest(one, session="abcd-1"):
    with index_of(one) as index:
        return undo.newest(one.store, index, session=session, last=1)


def test_the_team_has_its_project_as_it_was_and_redo_brings_all_hundred(joined):
    team, eve = joined

    found = newest(eve)
    undone = take_back(eve, found)

    assert [joins.of(one) is not None for one in found] == [True]
    assert tree(eve) == eve.team_tree
    assert "aliases" not in eve.load(*CONFIG)
    assert undone.parents == (found[0].oid,)
    eve.sync(), team.sync()
    assert (team.tip, tree(team)) == (eve.tip, eve.team_tree)

    take_back(eve, [undone], redo=True)
    assert tree(eve) == eve.joined_tree
    assert eve.load(*OTHER) == {"id": "abcd-2", "project": "shop"}
    eve.sync(), team.sync()
    assert len(team.store.snapshot().names("projects", "shop", "tasks")) == 100
    assert eve.git("fsck", "--strict", "--no-dangling") == ""


def test_after_it_was_shared_the_others_get_the_undo(joined):
    team, eve = joined
    eve.sync(), team.sync()
    team.save(task("TASK-51"), {"id": "TASK-51", "title": "new"})
    team.change(task("TASK-3"), points=8)
    team.sync(), eve.sync()

    take_back(eve, newest(eve))
    eve.sync(), team.sync()

    names = team.store.snapshot().names("projects", "shop", "tasks")
    assert names == sorted(f"TASK-{number}" for number in range(1, 52))
    assert team.load(*task("TASK-3"))["points"] == 8


def test_what_was_built_on_it_keeps_it(joined):
    team, eve = joined
    here = machine.read(eve.store.private).name
    eve.change(task(f"TASK-7-{here}"), points=5)
    found = newest(eve)
    with pytest.raises(Conflict, match=f"later changes touched projects.shop.tasks.TASK-7-{here}"):
        take_back(eve, found)

    take_back(eve, [eve.store.commit(eve.tip)])
    eve.change(task("TASK-9"), depends_on=[f"TASK-7-{here}"])
    with pytest.raises(Conflict, match="TASK-9"):
        take_back(eve, found)
    assert eve.load(*task(f"TASK-7-{here}")) is not None


def test_both_commits_of_a_join_mean_the_join(joined):
    _, eve = joined
    (merge,) = newest(eve)
    join = joins.of(merge)
    assert join is not None

    with index_of(eve) as index:
        assert joins.whole(eve.store, index, eve.store.commit(join.fitted)) == merge
        take_back(eve, [merge])
    with index_of(eve) as index:
        assert undo.newest(eve.store, index, session="abcd-1", last=9) == []
        with pytest.raises(Refused, match="undone already"):
            undo.check(index, merge)


@pytest.mark.parametrize(("acting", "left"), [(None, ["abcd-1"]), ("abcd-2", ["abcd-1", "abcd-2"])])
def test_sessions_in_which_somebody_is_at_work_stay(joined, acting, left):
    _, eve = joined

    take_back(eve, newest(eve), session=acting)

    assert eve.store.snapshot().names("sessions") == left
    assert tree(eve) == eve.team_tree


def test_a_session_that_went_on_stays(joined):
    _, eve = joined
    eve.change(OTHER, mode="review")

    take_back(eve, newest(eve))

    assert eve.store.snapshot().names("sessions") == ["abcd-1", "abcd-2"]


def test_the_backup_of_before_is_named(joined):
    _, eve = joined
    join = joins.of(newest(eve)[0])
    assert join is not None

    name = joins.backup(eve.store, join)

    assert name is not None
    assert name.endswith("-before-join")
    then = eve.store.snapshot(eve.git("rev-parse", f"{name}^{{commit}}"))
    assert then.load(*task("TASK-7", "mine"))["title"] == "mine 7"


def test_a_merge_of_two_machines_work_is_refused(pair):
    anna, ben = pair
    anna.save(task("TASK-1"), {"id": "TASK-1"})
    ben.save(task("TASK-2"), {"id": "TASK-2"})
    anna.sync(), ben.sync()

    with index_of(ben) as index, pytest.raises(Refused, match="is a merge; it cannot be undone") as refused:
        undo.check(index, ben.store.commit(ben.tip))

    assert refused.value.hint == "undo the single change that is not wanted: `state_manager history` names it"


def test_in_the_chat_and_at_the_terminal(joined, tmp_path, monkeypatch):
    _, eve = joined
    (merge,) = newest(eve)
    env = {"HOME": str(tmp_path), "ORCHESTRATION_STATE_DIR": str(eve.store.root), "CLAUDE_PROJECT_ID": "shop"}
    for name, value in env.items():
        monkeypatch.setenv(name, value)

    def say(family, raw):
        return dispatch.answer(Client(env, host="h", folder=str(tmp_path)), family, raw).text

    undone = say("undo", merge.oid[:12])
    assert "✓ Undid: join: merge project shop into the team's store" in undone
    assert "As it was before it joined: backup/" in undone
    assert tree(eve) == eve.team_tree
    assert "✓ Redid: join: merge project shop" in say("redo", eve.tip[:12])
    assert tree(eve) == eve.joined_tree

    join = joins.of(merge)
    assert join is not None
    done = CliRunner().invoke(state_manager.cli, ["undo", join.fitted])
    assert done.exit_code == 0, done.output
    assert tree(eve) == eve.team_tree
