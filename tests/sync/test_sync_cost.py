"""What a sync costs does not grow with how much was changed on both sides."""

import os
import shutil
import stat

import pytest

from orchestration.domain import conflicts


@pytest.fixture
def started(tmp_path, monkeypatch):
    """The commands of git that were started, as a list that grows."""
    folder, log = tmp_path / "bin", tmp_path / "git.log"
    folder.mkdir()
    script = folder / "git"
    script.write_text(f'#!/bin/sh\nprintf "%s\\\\n" "$*" >>{log}\nexec {shutil.which("git")} "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def commands():
        lines = log.read_text().splitlines() if log.exists() else []
        log.write_text("")
        return lines

    return commands


def change_the_same(pair, records):
    for one in pair:
        with one.write() as tx:
            for number in range(records):
                tx.save(("projects", "shop", "tasks", f"TASK-{number}"), {"owner": one.name})
            tx.describe("state_set", f"{one.name} takes {records} tasks")


def test_git_is_not_asked_more_often_for_more_conflicts(pair, started):
    anna, ben = pair
    counts = []
    for records in (1, 30):
        change_the_same(pair, records)
        anna.sync()
        started()
        ben.sync()
        counts.append(len(started()))
        anna.sync()
        for one in ben.store.snapshot().names("projects", "shop", "conflicts"):
            ben.delete("projects", "shop", "conflicts", one)
        ben.sync(), anna.sync()

    assert counts[0] == counts[1] <= 12


def test_what_only_one_side_changed_is_not_parsed(pair):
    anna, ben = pair
    for number in range(3):
        anna.save(("projects", "shop", "tasks", f"TASK-{number}"), {"owner": "anna"})
    anna.sync()
    ben.save(("projects", "shop", "tasks", "TASK-9"), {"owner": "ben"})

    ben.sync()

    cached = {one.name for one in (ben.store.private / "cache").rglob("*") if one.is_file()}
    blobs = {ben.store.snapshot().blob_id(f"projects/shop/tasks/TASK-{number}.yaml") for number in range(3)}
    assert not {blob[2:] for blob in blobs} & cached
    assert conflicts.listing(ben.store.snapshot()) == []
