"""Two machines that contradict each other: what both have after syncing, and how it is decided."""

from datetime import timedelta

from orchestration.claude import dispatch
from orchestration.claude.client import Client
from orchestration.domain import conflicts, resolving, sprints, tasks
from orchestration.store import machine

NINE, TEN, ELEVEN = (f"2026-01-05T{hour:02}:00:00Z" for hour in (9, 10, 11))
TASK = ("projects", "shop", "tasks", "TASK-1")
ARCHIVED = ("projects", "shop", "archive", "s1", "TASK-1")


def sprint(name):
    return ("projects", "shop", "sprints", name)


def listing(one):
    return conflicts.listing(one.store.snapshot(), machine=machine.known(one.store.private))


def shared(pair, records):
    first, second = pair
    for key, record in records.items():
        first.save(key, record)
    first.sync(), second.sync()


def synced(pair):
    first, second = pair
    first.sync(), second.sync(), first.sync()
    assert first.tip == second.tip
    assert first.git("fsck", "--strict", "--no-dangling") == ""


def test_both_values_are_kept_until_somebody_decides(pair):
    anna, ben = pair
    shared(pair, {TASK: tasks.new("TASK-1", {"points": 3}, now=NINE)})
    anna.change(TASK, points=5)
    ben.now = anna.now
    ben.change(TASK, points=8)
    synced(pair)

    (mine,), (yours,) = listing(anna), listing(ben)
    assert mine["path"] == "projects.shop.tasks.TASK-1.points"
    assert [(mine[side]["value"], mine[side]["by"]) for side in ("ours", "theirs")] == [
        (5, "anna"),
        (8, "m1"),
    ]
    assert [(yours[side]["value"], yours[side]["by"]) for side in ("ours", "theirs")] == [
        (8, "m1"),
        (5, "anna"),
    ]
    assert (mine["stands"], yours["stands"]) == ("theirs", "ours")

    with anna.write() as tx:
        resolving.resolve(tx, mine["path"], side="ours", session=None, now=TEN)
    synced(pair)
    assert (listing(anna), listing(ben)) == ([], [])
    assert ben.load(*TASK)["points"] == 5


def test_each_sync_names_the_conflicts_that_are_new_here(pair):
    anna, ben = pair
    shared(pair, {TASK: tasks.new("TASK-1", {"points": 3}, now=NINE)})
    anna.change(TASK, points=5)
    ben.change(TASK, points=8)
    anna.sync()
    path = ["projects.shop.tasks.TASK-1.points"]

    assert [ben.sync(dry_run=True)["conflicts"], ben.sync()["conflicts"]] == [path, path]
    assert [anna.sync(dry_run=True)["conflicts"], anna.sync()["conflicts"]] == [path, path]
    assert [one.sync()["conflicts"] for one in pair] == [[], []]


def test_in_the_chat(pair, tmp_path):
    anna, ben = pair
    shared(pair, {TASK: tasks.new("TASK-1", {"points": 3}, now=NINE)})
    anna.change(TASK, points=5)
    ben.now = anna.now
    ben.change(TASK, points=8)
    synced(pair)

    def say(raw):
        env = {
            "HOME": str(tmp_path),
            "ORCHESTRATION_STATE_DIR": str(anna.store.root),
            "CLAUDE_PROJECT_ID": "shop",
        }
        return dispatch.answer(Client(env, host="h", folder=str(tmp_path)), "state", raw).text

    shown = say("conflicts")
    assert "projects.shop.tasks.TASK-1.points" in shown
    assert "/state resolve ID" in shown
    assert "exclude each other" in say("resolve projects.shop.tasks.TASK-1.points --ours --theirs")
    assert say("resolve projects.shop.tasks.TASK-1.points --ours").startswith(
        "✓ Resolved projects.shop.tasks.TASK-1.points: 8 -> 5"
    )
    assert anna.load(*TASK)["points"] == 5
    assert say("conflicts").startswith("Project shop has no conflicts.")


def test_both_decide_the_same_conflict(pair):
    anna, ben = pair
    shared(pair, {TASK: tasks.new("TASK-1", {"points": 3}, now=NINE)})
    anna.change(TASK, points=5)
    ben.change(TASK, points=8)
    synced(pair)
    for one, value in ((anna, 5), (ben, 13)):
        with one.write() as tx:
            resolving.resolve(tx, "projects.shop.tasks.TASK-1.points", value=value, session=None, now=TEN)
    synced(pair)

    found = listing(anna)
    assert {one[side]["value"] for one in found for side in ("ours", "theirs")} <= {5, 13}
    assert anna.load(*TASK)["points"] in (5, 13)


def test_a_task_done_here_and_claimed_there(pair):
    anna, ben = pair
    shared(pair, {TASK: tasks.move(tasks.new("TASK-1", {}, now=NINE), "todo", now=NINE)})
    anna.save(TASK, tasks.move(anna.load(*TASK), "done", now=TEN))
    ben.save(TASK, tasks.claim(ben.load(*TASK), agent="ben", session="s", now=ELEVEN))
    synced(pair)

    assert (ben.load(*TASK)["column"], ben.load(*TASK)["claim"]) == ("done", None)
    assert listing(ben) == []


def test_claims_of_one_second_go_to_who_wrote_first(pair):
    anna, ben = pair
    shared(pair, {TASK: tasks.move(tasks.new("TASK-1", {}, now=NINE), "todo", now=NINE)})
    ben.now = anna.now + timedelta(microseconds=-1)
    for one, agent in ((anna, "alice"), (ben, "zoe")):
        one.save(TASK, tasks.claim(one.load(*TASK), agent=agent, session=agent, now=TEN))
    synced(pair)

    task = anna.load(*TASK)
    assert (task["claim"]["agent"], task["assignee"]) == ("zoe", "zoe")
    (row,) = listing(anna)
    assert (row["path"], row["ours"]["value"]["agent"]) == ("projects.shop.tasks.TASK-1.claim", "alice")


def test_two_sprints_started_at_once(pair):
    anna, ben = pair
    made = {sprint(name): sprints.new(name, name, {}, now=NINE, config=None) for name in ("s1", "s2")}
    shared(pair, made)
    for one, name, at in ((anna, "s1", ELEVEN), (ben, "s2", TEN)):
        one.save(sprint(name), sprints.start(one.load(*sprint(name)), {}, now=at, config=None, active=[]))
    synced(pair)

    assert [anna.load(*sprint(name))["status"] for name in ("s1", "s2")] == ["planned", "active"]
    assert [one["path"] for one in listing(anna)] == ["projects.shop.sprints.s1.status"]


def test_a_task_archived_here_and_described_there(pair):
    anna, ben = pair
    shared(pair, {TASK: tasks.move(tasks.new("TASK-1", {}, now=NINE), "done", now=NINE)})
    with anna.write() as tx:
        tx.save(ARCHIVED, tx.load(*TASK))
        tx.delete(*TASK)
        tx.describe("sprint_archived", "sprint: archive s1")
    ben.change(TASK, description="how")
    synced(pair)

    assert anna.load(*TASK) is None
    assert anna.load(*ARCHIVED)["description"] == "how"
    assert listing(anna) == []


def test_a_task_deleted_here_and_changed_there_can_be_deleted_after_all(pair):
    anna, ben = pair
    shared(pair, {TASK: tasks.new("TASK-1", {}, now=NINE)})
    anna.delete(*TASK)
    ben.change(TASK, points=8)
    synced(pair)

    (row,) = listing(anna)
    assert (row["ours"]["deleted"], row["stands"], anna.load(*TASK)["points"]) == (True, "theirs", 8)
    with anna.write() as tx:
        resolving.resolve(tx, row["id"], side="ours", session=None, now=TEN)
    assert anna.load(*TASK) is None
