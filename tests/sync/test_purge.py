"""Removing a value from one store: nothing of it is left anywhere, and everything else is as it was."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from purgetools import MARK, SESSION, TASK, VALUE, fill, found, undo
from synctools import Machine, git

from orchestration.errors import Conflict, NotFound, Refused
from orchestration.history import backups
from orchestration.history import undo as undoing
from orchestration.store.index import Index
from orchestration.store.inspection import Inspection
from orchestration.sync import purges, purging

LOG = ("log", "--topo-order", "--format=%ad %cd %cn %ae %(trailers:key=Op,valueonly)")


@pytest.fixture
def full(alone: Machine) -> Machine:
    fill(alone)
    return alone


def purge(machine, value=VALUE, **options):
    return purging.purge(machine.store, value, transaction=machine.write, now=machine.now, **options)


def events(machine):
    index = Index(machine.store)
    index.catch_up(machine.store.snapshot())
    return [(event.at, event.author, event.op) for event in index.events()]


@pytest.mark.parametrize("packed", [False, True])
def test_nothing_is_left_and_all_else_is_as_it_was(full, packed):
    if packed:
        full.git("gc", "-q")
    assert found(full.store.root, "SELECT") == []
    assert len(found(full.store.root)) > 10
    before, happened = full.git(*LOG).splitlines(), events(full)

    done = purge(full, MARK)

    assert done["left"] == []
    assert found(full.store.root) == []
    assert full.git(*LOG).splitlines()[-len(before) :] == before
    assert events(full)[1:] == happened
    assert full.load(*TASK) == {"id": "TASK-1", "title": "Handed over", "column": "todo"}
    assert full.load(*SESSION)["metadata"] == {"token": VALUE.replace(MARK, "purged"), "kept": "yes"}
    assert full.git("status", "--short") == ""
    assert full.git("fsck", "--strict") == ""


def test_a_value_with_quotes_line_ends_and_unicode_goes_in_each_of_its_forms(alone):
    alone.save(SESSION, {"id": SESSION[1], "metadata": {"token": VALUE, "json": json.dumps({"k": VALUE})}})
    with alone.write() as tx:
        tx.save(TASK, {"id": "TASK-1", "title": VALUE, "column": "todo", VALUE: [VALUE]})
        tx.describe(
            "state_set", f"key {VALUE}", reason=f"it was {'x' * 60} {VALUE}" * 60, data=json.dumps(VALUE)
        )
    file = alone.store.root / "projects/shop/tasks/TASK-2.yaml"
    file.write_text(
        '# by hand\nid: TASK-2\n"title": "p@ss \\"\\x7aq9mark7zq\\"\\r\\n\\\\é\'… {x}: #1"\ncolumn: todo\n'
    )
    alone.git("add", "."), alone.git("commit", "--quiet", "-m", VALUE)

    done = purge(alone)

    assert done["left"] == []
    assert found(alone.store.root) == []
    assert found(alone.store.root, "q9mark7") == []
    assert alone.load(*TASK) == {
        "id": "TASK-1",
        "title": "[purged]",
        "column": "todo",
        "[purged]": ["[purged]"],
    }
    assert alone.load(*SESSION)["metadata"] == {"token": "[purged]", "json": '{"k": "[purged]"}'}
    assert alone.load("projects", "shop", "tasks", "TASK-2")["title"] == "[purged]"


def test_a_record_by_hand_keeps_its_comments(alone):
    file = alone.store.root / "projects/shop/tasks/TASK-2.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(f"# mine, {MARK}\nid:   TASK-2\ntitle: 'Log in {MARK}'  # later\ncolumn: todo\n")
    alone.git("add", "."), alone.git("commit", "--quiet", "-m", "by hand")

    purge(alone, MARK)

    assert (
        file.read_text()
        == "# mine, [purged]\nid:   TASK-2\ntitle: 'Log in [purged]'  # later\ncolumn: todo\n"
    )


def test_edits_by_hand_and_files_of_nobody_are_cleaned_and_stay_edits(full):
    task, other = full.store.root / "projects/shop/tasks/TASK-1.yaml", full.store.root / "shared" / "old.json"
    task.write_text(task.read_text() + f"mine: {MARK}\n")
    other.parent.mkdir()
    other.write_text(json.dumps({"secret": MARK, "kept": 1}))
    other.chmod(0o640)

    done = purge(full, MARK)

    assert found(full.store.root) == []
    assert done["files"] == ["projects/shop/tasks/TASK-1.yaml", "shared/old.json"]
    assert full.git("status", "--short") == " M projects/shop/tasks/TASK-1.yaml"
    assert task.read_text().endswith("mine: purged\n")
    assert json.loads(other.read_text()) == {"secret": "purged", "kept": 1}
    assert other.stat().st_mode & 0o777 == 0o640


def test_stashes_notes_and_what_only_logs_lead_to_are_kept_without_it(alone):
    alone.save(TASK, {"id": "TASK-1", "title": f"Log in {MARK}", "column": "todo"})
    file = alone.store.root / "projects/shop/tasks/TASK-1.yaml"
    for number in range(2):
        file.write_text(file.read_text().replace("todo", "review") + f"n: {number}\n")
        alone.git("stash", "--quiet")
    alone.git("notes", "add", "-m", f"about {MARK}", alone.tip)

    purge(alone, MARK)

    assert found(alone.store.root) == []
    assert len(alone.git("stash", "list").splitlines()) == 2
    assert alone.git("notes", "show", f"{alone.tip}~1") == "about [purged]"
    alone.git("stash", "pop", "--quiet", "stash@{1}")
    assert file.read_text().endswith("column: review\nn: 0\n")


def test_ids_of_records_and_branches_get_a_word_that_they_may_have(alone):
    name = f"ab-{MARK}"
    alone.save(("sessions", name, "session"), {"id": name})
    alone.save(("projects", "shop", "tasks", MARK), {"id": MARK, "title": "x", "column": "todo"})
    alone.git("branch", f"handoff/{MARK}")

    done = purge(alone, MARK)

    assert done["instead"] == "purged"
    assert (done["names"], done["refs"]) == (2, 1)
    assert found(alone.store.root) == []
    assert alone.load("sessions", "ab-purged", "session") == {"id": "ab-purged"}
    assert alone.store.snapshot().names("projects", "shop", "tasks") == ["purged"]
    assert alone.git("rev-parse", "handoff/purged") == alone.git("rev-parse", "HEAD~1")


def test_a_session_whose_id_begins_with_it_is_found_where_it_belongs(alone):
    alone.save(("sessions", f"{MARK}-1", "session"), {"id": f"{MARK}-1"})
    alone.save(("sessions", "purple", "session"), {"id": "purple"})

    purge(alone, MARK)

    assert alone.store.snapshot().names("sessions") == ["purged-1", "purple"]
    assert alone.load("sessions", "purged-1", "session") == {"id": "purged-1"}
    assert alone.git("status", "--short") == ""


def test_undo_and_redo_reach_behind_it(full):
    index = Index(full.store)
    index.catch_up(full.store.snapshot())
    (undone,) = [target for _, target in index.undos()]
    first = full.git("log", "--format=%H", "--grep=saves TASK-1", "--reverse").splitlines()[1]
    assert undone == full.git("rev-parse", "HEAD~1")

    purge(full, MARK)

    index = Index(full.store)
    index.catch_up(full.store.snapshot())
    (now,) = [target for _, target in index.undos()]
    assert now == full.git("rev-parse", "HEAD~2") != undone
    with pytest.raises(Refused, match="was undone already"):
        undoing.check(index, full.store.commit(now))
    with pytest.raises(Refused, match="tells of a purge"):
        undoing.check(index, full.store.commit(full.tip))
    with pytest.raises(Conflict):  # it is looked at, and later changes touched it
        undo(full, full.git("log", "--format=%H", "--grep=saves TASK-1", "--reverse").splitlines()[1])
    assert full.git("cat-file", "-t", full.tip) == "commit"
    assert first not in full.git("rev-list", "--all")


def test_backups_restore_and_the_record_of_the_purge_stays(full):
    purge(full, MARK)
    (backup,) = backups.every(full.store)
    assert backup.message == f"with {VALUE}".replace(MARK, "purged")

    with full.write() as tx:
        backups.restore(tx, backup, backups.Scope())
        tx.describe("restored", "back")

    assert full.load(*TASK)["title"] == "Sign in"
    assert len(purges.names(full.store.snapshot())) == 1


def test_the_bundle_holds_everything_and_only_its_owner_may_read_it(full, tmp_path):
    refs = full.git("for-each-ref")

    done = purge(full, MARK)

    bundle = Path(done["bundle"])
    assert bundle.parent == full.store.root.with_name("anna.purged")
    assert (bundle.stat().st_mode & 0o777, bundle.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    git("clone", "--quiet", "--mirror", str(bundle), str(tmp_path / "copy"), at=tmp_path)
    assert git("for-each-ref", at=tmp_path / "copy") == refs
    git("clone", "--quiet", str(bundle), str(tmp_path / "tree"), at=tmp_path)
    assert MARK in (tmp_path / "tree/sessions/5e/5e551000-aaaa/session.yaml").read_text()


def test_the_record_tells_who_when_and_why_and_never_the_value(full):
    before = full.tip

    done = purge(full, MARK, reason=f"{MARK} leaked")

    reader = full.store.snapshot()
    record = reader.load("purges", done["purge"])
    assert (record["by"], record["reason"], record["instead"]) == ("anna", "purged leaked", "purged")
    became = purges.former(reader, [done["purge"]])
    assert became[before] == full.git("rev-parse", "HEAD~1")
    assert record["objects"] == len(became) == done["commits"] + 1  # and a tag
    inspection = Inspection(full.store, now=full.now)
    inspection.run()
    assert [one for one in inspection.found if one.severity != "hint"] == []


def test_a_second_purge_takes_the_records_of_the_first_along(full):
    full.save(("tools", "x"), {"name": "x", "type": "agent", "other": "another-value"})
    oldest = full.tip
    purge(full, MARK)
    full.now = full.now.replace(minute=30)

    purge(full, "another-value")

    reader = full.store.snapshot()
    assert len(purges.names(reader)) == 2
    became = purges.former(reader, purges.names(reader))[oldest]
    assert full.git("rev-parse", "HEAD~2") == became
    assert found(full.store.root, "another-value") == []


def test_a_dry_run_counts_and_changes_nothing(full):
    before = (full.tip, full.git("for-each-ref"), full.git("count-objects", "-v"))

    done = purge(full, MARK, dry_run=True)

    assert (full.tip, full.git("for-each-ref"), full.git("count-objects", "-v")) == before
    assert MARK not in json.dumps(done)
    assert (done["commits"], done["records"], done["refs"]) == (8, 1, 1)
    assert not full.store.root.with_name("anna.purged").exists()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("abc", "a value of 3 characters stands in too many places"),
        ("1234567", "a value of 7 hexadecimal digits may be a part of any id"),
        ("column", "the store itself is made of it: it is a part of 'column'"),
        ("in_progress", "the store itself is made of it: it is a part of 'in_progress'"),
        ("orchestration", "the store itself is made of it"),
        ("2026-01-05T09", "the times at which things happened"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(full, value, message):
    before = full.tip

    with pytest.raises(Refused, match=message):
        purge(full, value)

    assert full.tip == before


def test_a_value_without_which_records_are_not_right_is_refused_by_place(alone):
    alone.save(TASK, {"id": "TASK-1", "title": "x", "column": "todo", "created_at": "2026-01-07T10:00:00Z"})

    with pytest.raises(
        Refused, match=r"would not be right any more: projects/shop/tasks/TASK-1.yaml: created_at"
    ):
        purge(alone, "-07T10:00:0")


def test_a_value_that_is_nowhere_is_said_to_be(full):
    with pytest.raises(NotFound, match="the value is nowhere in this store"):
        purge(full, "never-written")


def test_stores_that_are_more_than_their_own_are_refused(full, tmp_path):
    full.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "second"))
    with pytest.raises(Refused, match="further worktrees"):
        purge(full, MARK)
    full.git("worktree", "remove", str(tmp_path / "second"))

    (full.store.root / "README.md").write_text("staged")
    full.git("add", "README.md")
    with pytest.raises(Refused, match="staged changes"):
        purge(full, MARK)
    full.git("reset", "--quiet")

    with pytest.raises(Refused, match="inside the store"):
        purge(full, MARK, bundle=full.store.root / "x.bundle")


def test_no_program_of_the_configuration_is_run(full, tmp_path):
    mark, program = tmp_path / "was-run", tmp_path / "trap"
    program.write_text(f"#!/bin/sh\necho run >> {mark}\nexit 1\n")
    program.chmod(0o755)
    for hook in ("reference-transaction", "pre-auto-gc", "post-rewrite"):
        os.link(program, full.store.git_dir / hook)
    config = str(full.store.git_dir / "config")
    for name, value in {
        "core.hooksPath": str(full.store.git_dir), "core.fsmonitor": str(program), "gpg.program": str(program),
        "uploadpack.packObjectsHook": str(program), "diff.external": str(program),
    }.items():  # fmt: skip
        subprocess.run(["git", "config", "--file", config, name, value], check=True)

    purge(full, MARK)

    assert not mark.exists()
