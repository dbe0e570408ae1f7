"""What one machine was allowed to write comes to the others, is merged and resolved: it is history by then."""

import pytest

from orchestration.domain import resolving, tasks
from orchestration.errors import LikelySecret

TASK = ("projects", "shop", "tasks", "TASK-1")
TOKEN = "npm" + "_" + "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5"


def allow(one, **values):
    with one.write() as tx:
        tx.allow_secrets = True
        tx.save(TASK, {**tx.edit(*TASK), **values})
        tx.describe("state_set", "task: TASK-1 changed", task="TASK-1")


def test_it_is_merged_and_resolved_but_not_written_anew(pair):
    anna, ben = pair
    anna.save(TASK, tasks.new("TASK-1", {"title": "Deploy"}, now="2026-01-05T09:00:00Z"))
    anna.sync(), ben.sync()
    allow(anna, description=TOKEN)
    ben.now = anna.now
    ben.change(TASK, description="Ask Cleo", points=3)
    anna.sync(), ben.sync(), anna.sync()

    for one in pair:
        side = "theirs" if one is ben else "ours"
        with one.write() as tx:
            resolving.resolve(
                tx,
                "projects.shop.tasks.TASK-1.description",
                side=side,
                session=None,
                now="2026-01-05T10:00:00Z",
            )
        assert one.load(*TASK)["description"] == TOKEN
    assert one.load(*TASK)["points"] == 3
    with pytest.raises(LikelySecret), ben.write() as tx:
        tx.save(TASK, {**tx.edit(*TASK), "title": f"Deploy with {TOKEN}"})
        tx.describe("state_set", "task: TASK-1 changed")


def test_a_hand_edit_that_a_merge_would_commit_is_looked_at(pair):
    anna, ben = pair
    anna.save(TASK, tasks.new("TASK-1", {"title": "Deploy"}, now="2026-01-05T09:00:00Z"))
    anna.sync(), ben.sync()
    anna.change(TASK, points=5)
    anna.sync()
    file = ben.store.root / "projects/shop/tasks/TASK-1.yaml"
    clean = file.read_text()
    file.write_text(f"{clean}note: {TOKEN}\n")
    before = ben.tip

    with pytest.raises(LikelySecret) as caught:
        ben.sync()

    assert (
        caught.value.message == "projects.shop.tasks.TASK-1.note holds what looks like an npm token (npm_…)"
    )
    assert ben.tip == before
    file.write_text(clean)
    ben.sync()
    assert ben.load(*TASK)["points"] == 5
