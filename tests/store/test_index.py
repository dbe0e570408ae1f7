"""The derived index answers as the commits do, from whatever it learned it."""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from storetools import git

from orchestration.errors import InvalidData
from orchestration.store import catchup, commits, database, layout, trees
from orchestration.store.index import Index
from orchestration.store.objects import object_id
from orchestration.store.queries import Event
from orchestration.store.repo import Store

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TOOL = "tools/build.yaml"


def tick(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def write(
    store: Store, second: int, key: layout.Key, data: Any = None, *, op: str = "state_set", **facts: Any
) -> str:
    """Save a record, or delete it without data, in a commit of its own; returns the commit."""
    with store.transaction(author=facts.pop("author", "ada"), now=tick(second)) as tx:
        if data is None:
            tx.delete(*key)
        else:
            tx.save(key, data)
        tx.describe(op, facts.pop("subject", f"{op} {'.'.join(key)}"), **facts)
    assert tx.tip is not None
    return tx.tip.oid


def emit(store: Store, second: int, op: str, **facts: Any) -> str:
    """Record an event that changes no file; returns its commit."""
    with store.transaction(author="ada", now=tick(second)) as tx:
        tx.emit(op, op, **facts)
    assert tx.tip is not None
    return tx.tip.oid


def plain(
    store: Store, second: int, parents: list[str], files: Mapping[str, bytes | None], text: str = "by git"
) -> str:
    """Make a commit as another program would, out of the journal's sight; the branch stays."""
    blobs = {path: None if data is None else object_id(b"blob", data) for path, data in files.items()}
    base = store.commit(parents[0]).tree if parents else None
    tree, made = trees.apply(store.snapshot().read_tree, base, blobs)
    author = commits.Author("Grace", "grace@example.org")
    when = int(tick(second).timestamp())
    raw = commits.serialise(tree, parents, author, when, "k7q2", text)
    oid = object_id(b"commit", raw)
    kept = [(object_id(b"blob", data), b"blob", data) for data in files.values() if data is not None]
    store.objects.write([*kept, *made, (oid, b"commit", raw)], durable=False)
    return oid


def move(store: Store, oid: str) -> None:
    """Let the branch name another commit, whatever it named."""
    (store.git_dir / "refs/heads/main").write_text(oid + "\n")


def tip(store: Store) -> str:
    head = store.refs.head().commit
    assert head is not None
    return head


def file(store: Store) -> Path:
    return store.private / "index.sqlite"


@contextmanager
def caught_up(store: Store, *, shared: bool = True) -> Iterator[Index]:
    with closing(Index(store, shared=shared)) as index:
        index.catch_up(store.snapshot())
        yield index


def everything(store: Store, *, shared: bool = True) -> dict[str, Any]:
    """All that the index knows, to be compared."""
    with caught_up(store, shared=shared) as index:
        events = index.events()
        return {
            "events": events,
            "touched": {event.oid: index.touched(event.oid) for event in events},
            "updated": index.updated(""),
            "documents": index.documents(""),
            "last_activity": index.last_activity(),
            "retired": index.retired(),
        }


def from_git(store: Store) -> dict[str, Any]:
    """The same, learned from the commits alone."""
    aside = store.private / "aside"
    aside.mkdir()
    present = [path for path in (store.private / "journal", store.private / "journal.old") if path.exists()]
    for path in present:
        path.rename(aside / path.name)
    known = everything(store, shared=False)
    for path in present:
        (aside / path.name).rename(path)
    aside.rmdir()
    return known


@pytest.fixture
def store(state_dir: Path) -> Store:
    """A store with a few records, written by commits of its own one second apart."""
    store = Store(state_dir)
    write(store, 0, ("tools", "build"), {"version": 1}, op="tool_registered")
    write(store, 1, ("sessions", "ab12", "session"), {"mode": "sprint"}, op="session_created", session="ab12")
    write(store, 2, ("sessions", "cd34", "session"), {"mode": "config"}, op="session_created", session="cd34")
    emit(store, 3, "heartbeat", session="ab12", project="app", severity="info", data='{"load":1}')
    write(store, 4, ("projects", "app", "tasks", "TASK-1"), {"column": "todo"}, op="task_created",
          session="ab12", project="app", task="TASK-1", reason="asked for", author="ben")  # fmt: skip
    return store


# -- answers


def test_an_empty_store_has_no_history(tmp_path: Path) -> None:
    with caught_up(Store(tmp_path / "none")) as index:
        assert index.events() == []
        assert index.documents("sessions") == {}
        assert index.last_activity() == {}

    assert not (tmp_path / "none").exists()


def test_an_event_says_what_its_commit_says(store: Store) -> None:
    with caught_up(store) as index:
        newest, heartbeat, *_ = index.events()

        assert newest == Event(
            tip(store), "2026-01-02T03:04:09Z", "ben", "task_created", "ab12", "app", "TASK-1", "asked for",
            None, None, "task_created projects.app.tasks.TASK-1", (),
        )  # fmt: skip
        assert (heartbeat.severity, heartbeat.data) == ("info", '{"load":1}')
        assert index.touched(heartbeat.oid) == {}
        assert index.touched(newest.oid) == {
            "projects/app/tasks/TASK-1.yaml": store.snapshot().blob_id("projects/app/tasks/TASK-1.yaml")
        }


def ops(index: Index, **wanted: Any) -> list[str | None]:
    return [event.op for event in index.events(**wanted)]


def test_events_are_chosen(store: Store) -> None:
    with caught_up(store) as index:
        assert ops(index, session="ab12") == ["task_created", "heartbeat", "session_created"]
        assert ops(index, session="ab12", newest_first=False, limit=1) == ["session_created"]
        assert ops(index, project="app") == ["task_created", "heartbeat"]
        assert ops(index, author="ben") == ["task_created"]
        assert ops(index, op="store_created") == ["store_created"]
        assert ops(index, since=tick(2), until=tick(4)) == ["heartbeat", "session_created"]
        assert ops(index, path_prefix="sessions/ab") == ["session_created"]
        assert ops(index, path_prefix=TOOL) == ["tool_registered"]
        assert ops(index, path_prefix="tool") == []
        assert len(ops(index, path_prefix="")) == 6


def test_records_and_when_they_were_touched(store: Store) -> None:
    write(store, 60, ("tools", "build"), {"version": 2})
    write(store, 61, ("sessions", "cd34", "notes"), {"text": "x"})

    with caught_up(store) as index:
        assert index.updated_at(TOOL) == "2026-01-02T03:05:05Z"
        assert index.updated_at("tools/none.yaml") is None
        assert index.updated("projects") == {"projects/app/tasks/TASK-1.yaml": "2026-01-02T03:04:09Z"}
        assert index.documents("tools") == {TOOL: {"version": 2}}
        assert index.documents("sessions") == {
            "sessions/ab/ab12/session.yaml": {"mode": "sprint"},
            "sessions/cd/cd34/notes.yaml": {"text": "x"},
            "sessions/cd/cd34/session.yaml": {"mode": "config"},
        }
        assert list(index.documents("sessions", name="session.yaml")) == [
            "sessions/ab/ab12/session.yaml",
            "sessions/cd/cd34/session.yaml",
        ]


def test_documents_follow_the_tip(store: Store) -> None:
    with caught_up(store) as index:
        assert index.documents("tools") == {TOOL: {"version": 1}}
        write(store, 60, ("tools", "build"), {"version": 2})
        write(store, 61, ("tools", "a"), {"version": 3})
        index.catch_up(store.snapshot())

        assert list(index.documents("tools").items()) == [
            ("tools/a.yaml", {"version": 3}),
            (TOOL, {"version": 2}),
        ]

        write(store, 62, ("tools", "build"))
        index.catch_up(store.snapshot())

        assert index.documents("tools") == {"tools/a.yaml": {"version": 3}}
        assert index.updated_at(TOOL) is None


def test_a_broken_record_is_told_and_the_others_are_there(store: Store) -> None:
    move(store, plain(store, 60, [tip(store)], {"tools/a.yaml": b"a: [", "tools/b.yaml": b"- 1\n"}))
    problems: list[InvalidData] = []

    with caught_up(store) as index:
        assert index.documents("tools", problems=problems) == {TOOL: {"version": 1}}
        with pytest.raises(InvalidData, match=r"tools/a\.yaml"):
            index.documents("tools")

    assert ["a.yaml" in str(problems[0]), str(problems[1])] == [True, "tools/b.yaml does not hold a mapping"]


def test_sessions(store: Store) -> None:
    emit(store, 60, "heartbeat", session="ab12")
    emit(store, 61, "heartbeat", session="cd34")

    with caught_up(store) as index:
        assert index.count(session="ab12", op="heartbeat") == 2
        assert index.count(session="none", op="heartbeat") == 0
        assert index.counts("heartbeat") == {"ab12": 2, "cd34": 1}
        assert index.last_activity() == {"ab12": "2026-01-02T03:05:05Z", "cd34": "2026-01-02T03:05:06Z"}


def test_retired_sessions(store: Store) -> None:
    before = tip(store)
    with store.transaction(author="ada", now=tick(60)) as tx:
        for name in ("ab12", "cd34"):
            tx.delete("sessions", name, "session")
        tx.describe("session_expired", "sessions: retire 2", retired=["ab12", "cd34", "../etc"])
    cleanup = tip(store)

    with caught_up(store) as index:
        assert index.retired() == dict.fromkeys(("ab12", "cd34"), (cleanup, before, "2026-01-02T03:05:05Z"))
        assert index.events(limit=1)[0].retired == ("ab12", "cd34", "../etc")

        write(store, 61, ("sessions", "cd34", "session"), {"mode": "config"}, op="session_recovered")
        index.catch_up(store.snapshot())

        assert list(index.retired()) == ["ab12"]


def test_times_of_all_kinds_are_ordered(store: Store) -> None:
    for second, at in (
        (60, "2026-01-02T04:05:05.500000+01:00"),
        (61, "2026-01-02T03:05:05"),
        (2**45, "soon"),
    ):
        text = f"event\n\nOp: note\nSession: ab12\nAt: {at}\n"
        when = str(min(int(START.timestamp()) + second, 2**45))
        oid = plain(store, 60, [tip(store)], {}, text)
        raw = store.objects.read(oid, b"commit").replace(
            str(int(tick(60).timestamp())).encode(), when.encode()
        )
        oid = object_id(b"commit", raw)
        store.objects.write([(oid, b"commit", raw)], durable=False)
        move(store, oid)

    with caught_up(store) as index:
        assert [event.at for event in index.events(op="note")] == [
            "9999-12-31T23:59:59Z",
            "2026-01-02T03:05:05Z",
            "2026-01-02T03:05:05.500000Z",
        ]
        assert index.last_activity()["ab12"] == "9999-12-31T23:59:59Z"


# -- catching up


def test_journal_and_git_tell_the_same(store: Store) -> None:
    write(store, 60, ("tools", "build"))
    write(store, 61, ("tools", "build"), {"version": 4}, author="Zoë Å.")
    (store.root / "tools/build.yaml").write_text("version: 5\n")
    write(store, 62, ("tools", "build"), {"version": 6})

    known = everything(store)

    assert len(known["events"]) == 10
    assert known == from_git(store)


def test_the_journal_is_read_on_from_where_it_was_left(store: Store) -> None:
    with caught_up(store) as index:
        place = catchup.Place(*index._db.execute("SELECT inode, offset FROM state").fetchone())

    assert place.offset == (store.private / "journal").stat().st_size

    second = write(store, 60, ("tools", "build"), {"version": 2})
    assert list(catchup.read_journal(store.private, place)) == [second]

    (store.private / "journal").rename(store.private / "journal.old")
    third = write(store, 61, ("tools", "build"), {"version": 3})
    assert list(catchup.read_journal(store.private, place)) == [second, third]
    assert everything(store) == from_git(store)


def test_lines_beyond_the_snapshot_are_left_for_the_next_time(store: Store) -> None:
    early = store.snapshot()
    write(store, 60, ("tools", "build"), {"version": 2})

    with closing(Index(store)) as index:
        index.catch_up(early)
        assert index.documents("tools") == {TOOL: {"version": 1}}
        place = catchup.Place(*index._db.execute("SELECT inode, offset FROM state").fetchone())

    assert list(catchup.read_journal(store.private, place)) == [tip(store)]
    assert everything(store) == from_git(store)


@pytest.mark.parametrize("damage", ["torn", "cut", "gone", "nonsense"])
def test_a_damaged_journal_costs_nothing_but_time(store: Store, damage: str) -> None:
    path = store.private / "journal"
    lines = path.read_bytes().splitlines(keepends=True)
    if damage == "gone":
        path.unlink()
    else:
        middle = {
            "torn": lines[2][:40] + lines[2],
            "cut": b"",
            "nonsense": b'7\n[1,2]\n["a","b",1,"c","d",[]]\n\xff\n',
        }
        path.write_bytes(b"".join([*lines[:2], middle[damage], *lines[3:], b'["cut off'[: len(damage)]]))

    known = everything(store)
    write(store, 60, ("tools", "build"), {"version": 2})

    assert known["documents"][TOOL] == {"version": 1}
    assert len(known["events"]) == 6
    assert everything(store) == from_git(store)


def test_commits_of_plain_git_are_walked(store: Store) -> None:
    with caught_up(store):
        pass
    move(store, plain(store, 60, [tip(store)], {TOOL: b"version: 7\n", "notes.txt": b"x"}))
    git(store.root, "reset", "--hard", "-q")
    write(store, 61, ("tools", "other"), {"version": 8})

    known = everything(store)

    assert [event.author for event in known["events"][:3]] == ["ada", "Grace", "ben"]
    assert known["documents"][TOOL] == {"version": 7}
    assert known["updated"]["notes.txt"] == "2026-01-02T03:05:05Z"
    assert known == from_git(store)


def test_links_and_strange_names_do_no_harm(store: Store) -> None:
    (store.root / "tools/link.yaml").symlink_to("build.yaml")
    Path(os.fsdecode(bytes(store.root / "tools") + b"/\xff.yaml")).write_text("a: 1\n")
    git(store.root, "add", "--all")
    git(store.root, "commit", "-q", "-m", "strange")

    with caught_up(store) as index:
        assert index.documents("tools") == {TOOL: {"version": 1}}
        assert index.touched(tip(store)) == {"tools/link.yaml": None}


def test_a_file_becomes_a_folder_and_a_file_again(store: Store) -> None:
    file_blob = object_id(b"blob", b"a: 1\n")
    first = plain(store, 60, [tip(store)], {"tools/a": b"a: 1\n"})
    second = plain(
        store, 61, [first], {"tools/a": None, "tools/a/b.yaml": b"a: 1\n", "tools/a/c.yaml": b"a: 1\n"}
    )
    move(store, second)
    git(store.root, "reset", "--hard", "-q")
    shutil.rmtree(store.root / "tools/a")
    (store.root / "tools/a").write_text("a: 1\n")
    git(store.root, "add", "--all")
    git(store.root, "commit", "-q", "-m", "a file again")

    with caught_up(store) as index:
        assert index.touched(first) == {"tools/a": file_blob}
        assert index.touched(second) == {
            "tools/a": None,
            "tools/a/b.yaml": file_blob,
            "tools/a/c.yaml": file_blob,
        }
        assert index.touched(tip(store)) == {
            "tools/a": file_blob,
            "tools/a/b.yaml": None,
            "tools/a/c.yaml": None,
        }
        assert index.documents("tools") == {TOOL: {"version": 1}}


def test_a_merge_touches_what_it_made_itself(store: Store) -> None:
    base = tip(store)
    ours = plain(store, 70, [base], {"tools/ours.yaml": b"a: 1\n", TOOL: b"version: 2\n"})
    theirs = plain(store, 65, [base], {"tools/theirs.yaml": b"a: 2\n", TOOL: b"version: 3\n"})
    later = plain(store, 80, [theirs], {"tools/later.yaml": b"a: 3\n"})
    merged = {TOOL: b"version: 4\n", "tools/theirs.yaml": b"a: 2\n", "tools/later.yaml": b"a: 3\n"}
    move(store, plain(store, 90, [ours, later], merged))

    with caught_up(store) as index:
        assert [event.oid for event in index.events(limit=4)] == [tip(store), later, ours, theirs]
        assert list(index.touched(tip(store))) == [TOOL]
        assert index.updated("tools") == {
            TOOL: "2026-01-02T03:05:35Z",
            "tools/later.yaml": "2026-01-02T03:05:25Z",
            "tools/ours.yaml": "2026-01-02T03:05:15Z",
            "tools/theirs.yaml": "2026-01-02T03:05:10Z",
        }
        assert index.documents("tools")[TOOL] == {"version": 4}


@pytest.mark.parametrize("indexed", ["nothing", "base", "ours", "theirs"])
def test_a_merge_that_keeps_one_side(store: Store, indexed: str) -> None:
    """Whichever side was indexed before, records and times come out as of the merge."""
    base = tip(store)
    ours = plain(store, 70, [base], {TOOL: b"version: 2\n"})
    theirs = plain(store, 65, [base], {TOOL: b"version: 3\n", "tools/theirs.yaml": b"a: 2\n"})
    if indexed != "nothing":
        move(store, {"base": base, "ours": ours, "theirs": theirs}[indexed])
        everything(store)
    move(store, plain(store, 90, [ours, theirs], {"tools/theirs.yaml": b"a: 2\n"}))

    known = everything(store)

    assert known["documents"][TOOL] == {"version": 2}
    assert known["updated"][TOOL] == "2026-01-02T03:05:15Z"
    assert known["updated"]["tools/theirs.yaml"] == "2026-01-02T03:05:10Z"
    assert [event.oid for event in known["events"][1:3]] == [ours, theirs]


def test_a_child_is_never_older_than_its_parent(store: Store) -> None:
    """A machine with a slow clock commits on top of one with a fast clock."""
    child = plain(store, -500, [plain(store, 500, [tip(store)], {})], {})
    move(store, child)

    with caught_up(store) as index:
        assert index.events(limit=1)[0].oid == child


def test_a_rewritten_branch_is_indexed_anew(store: Store) -> None:
    base = tip(store)
    write(store, 60, ("tools", "build"), {"version": 2})
    everything(store)
    move(store, plain(store, 61, [base], {"tools/other.yaml": b"a: 1\n"}))

    known = everything(store)

    assert known["documents"][TOOL] == {"version": 1}
    assert len(known["events"]) == 7
    assert known == from_git(store)


def test_a_branch_that_was_moved_back_is_indexed_anew(store: Store) -> None:
    base = tip(store)
    write(store, 60, ("tools", "build"), {"version": 2})
    everything(store)
    move(store, base)

    assert everything(store)["documents"][TOOL] == {"version": 1}


def test_a_slower_reader_gets_the_newer_answer(store: Store) -> None:
    early = store.snapshot()
    write(store, 60, ("tools", "build"), {"version": 2})

    with closing(Index(store)) as slow, caught_up(store):
        slow.catch_up(early)

        assert slow.documents("tools") == {TOOL: {"version": 2}}


def test_another_time_is_looked_at_aside(store: Store) -> None:
    early = store.snapshot()
    write(store, 60, ("tools", "build"), {"version": 2})
    everything(store)

    with closing(Index(store, shared=False)) as index:
        index.catch_up(early)
        assert index.documents("tools") == {TOOL: {"version": 1}}
        index.catch_up(store.snapshot())
        index.catch_up(early)
        assert index.documents("tools") == {TOOL: {"version": 1}}

    with closing(Index(store)) as index:
        assert index.documents("tools") == {TOOL: {"version": 2}}


def test_two_readers_catch_up_at_once(store: Store) -> None:
    """Both have worked out what is new; the second finds that the first was there before it."""
    with closing(Index(store)) as first, closing(Index(store)) as second:
        snapshot = store.snapshot()
        news = catchup.collect_all(store, snapshot, None)

        assert database.add(first._db, news, tip=None, base=None)
        assert not database.add(second._db, news, tip=None, base=None)

        second.catch_up(snapshot)
        assert len(second.events()) == 6


def test_a_clone_is_indexed_from_its_commits(store: Store, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(store.root), "clone")
    clone = Store(tmp_path / "clone")

    assert everything(clone) == everything(store)
    assert file(clone).exists()


def test_a_shallow_clone_begins_where_it_was_cut(store: Store, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{store.root}", "clone")

    known = everything(Store(tmp_path / "clone"))

    assert [event.op for event in known["events"]] == ["task_created"]
    assert known["documents"] == everything(store)["documents"]


def test_progress_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("catchup", "index"):
        monkeypatch.setattr(f"orchestration.store.{module}.EVERY", 2)
    told: list[tuple[int, int]] = []

    with closing(Index(store)) as index:
        index.catch_up(store.snapshot(), lambda done, total: told.append((done, total)))
        assert told == [(0, 2), (0, 4), (0, 6), (0, 6), (2, 6), (4, 6), (6, 6)]

        told.clear()
        index.documents("sessions")
        assert told == [(0, 2), (2, 2)]


# -- the file


@pytest.mark.parametrize("content", [b"", b"no database at all", b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_that_is_no_index_is_replaced(store: Store, content: bytes) -> None:
    known = everything(store)
    file(store).write_bytes(content)

    assert everything(store) == known
    with closing(sqlite3.connect(file(store))) as db:
        assert db.execute("SELECT COUNT(*) FROM commits").fetchone() == (6,)


def test_a_file_of_another_version_is_replaced(store: Store) -> None:
    known = everything(store)
    with closing(sqlite3.connect(file(store))) as db:
        db.execute("DROP TABLE touched")
        db.execute("PRAGMA user_version = 99")

    assert everything(store) == known


def test_damage_within_the_file_is_survived(store: Store) -> None:
    known = everything(store)
    whole = file(store).read_bytes()
    file(store).write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))

    assert everything(store) == known
    assert not file(store).exists()
    assert everything(store) == known
    assert file(store).exists()


def test_damage_after_catching_up_is_survived(store: Store) -> None:
    with caught_up(store):
        pass
    whole = file(store).read_bytes()
    with closing(Index(store)) as index:
        index.catch_up(store.snapshot())
        file(store).write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
        index._db.execute("PRAGMA shrink_memory")

        assert index.count(session="ab12", op="heartbeat") == 1


def test_a_locked_file_is_not_waited_for_long(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.01)
    known = everything(store)
    write(store, 60, ("tools", "build"), {"version": 2})
    with closing(sqlite3.connect(file(store), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        meanwhile = everything(store)

    assert meanwhile["documents"][TOOL] == {"version": 2}
    assert len(meanwhile["events"]) == len(known["events"]) + 1
    with closing(Index(store)) as index:
        assert len(index.events()) == len(known["events"])


def test_where_no_file_can_be_written_memory_serves(store: Store) -> None:
    known = everything(store)
    database.remove(str(file(store)))
    file(store).mkdir()

    assert everything(store) == known
