"""One transaction is one commit, or none."""

import json
from datetime import timedelta

import pytest
from storetools import NOW, assert_sound, blob_of, contents, git, read, save, settle, status, subjects

from orchestration.errors import BadUsage, Conflict, InvalidData, NotFound, Refused, StoreError
from orchestration.store import refs
from orchestration.store.commits import Author, Commit, message, one_line, parse, serialise
from orchestration.store.repo import Store

LATER = NOW + timedelta(hours=1)


def last(store: Store, form: str) -> str:
    return git(store.root, "log", "-1", f"--format={form}")


def count(store: Store) -> int:
    return int(git(store.root, "rev-list", "--count", "HEAD"))


def test_the_first_write_creates_the_store(fresh: Store) -> None:
    assert fresh.snapshot().load("tools", "first") is None
    assert not fresh.root.exists()

    save(fresh, "first", {"count": 1})

    assert subjects(fresh.root) == ["tool: first", "store: create"]
    assert read(fresh, "first") == {"count": 1}
    assert_sound(fresh.root)


def test_a_commit_says_who_what_and_when(store: Store) -> None:
    parent = last(store, "%H")

    with store.transaction(author="ada", now=LATER) as tx:
        tx.save(("projects", "app", "tasks", "TASK-1"), {"title": "x"})
        tx.describe(
            "task_created", "task: create TASK-1", session="0a1b", project="app", task="TASK-1",
            reason="asked for", retired=["TASK-0", "TASK-00"], severity=None, data=None,
        )  # fmt: skip

    machine = tx.machine.name
    assert last(store, "%an <%ae>, %cn <%ce>") == (
        f"ada <ada@{machine}>, orchestration <orchestration@{machine}>"
    )
    assert last(store, "%P") == parent
    assert (last(store, "%aI"), last(store, "%cI")) == ("2026-01-02T04:04:05+00:00",) * 2
    assert last(store, "%B") == (
        "task: create TASK-1\n\nOp: task_created\nSession: 0a1b\nProject: app\nTask: TASK-1\n"
        "Reason: asked for\nRetired: TASK-0\nRetired: TASK-00\nAt: 2026-01-02T04:04:05Z"
    )
    assert git(store.root, "show", "--format=", "--name-status") == "A\tprojects/app/tasks/TASK-1.yaml"


def test_what_is_read_back_from_a_commit(store: Store) -> None:
    tip = store.snapshot().tip
    assert tip is not None

    assert (tip.subject, tip.author, tip.at) == ("tool: first", "ada", NOW)
    assert tip.trailers() == {"Op": ["tool_updated"], "At": ["2026-01-02T03:04:05Z"]}


def test_several_records_are_one_commit(store: Store) -> None:
    with store.transaction(author="ada", now=NOW) as tx:
        tx.save(("tools", "a"), {"count": 1})
        tx.save(("tools", "b"), {"count": 2})
        tx.delete("tools", "first")

    assert count(store) == 3
    changed = git(store.root, "show", "--no-renames", "--format=", "--name-status")
    assert changed.splitlines() == ["A\ttools/a.yaml", "A\ttools/b.yaml", "D\ttools/first.yaml"]
    assert_sound(store.root)


def test_no_change_is_no_commit(store: Store) -> None:
    before = last(store, "%H")

    save(store, "first", {"count": 1})
    with store.transaction(author="ada", now=NOW) as tx:
        tx.save(("tools", "passing"), {"count": 1})
        tx.delete("tools", "passing")
        tx.delete("tools", "never")
        tx.describe("tool_updated", "tool: nothing")
    with store.transaction(author="ada", now=NOW):
        pass

    assert last(store, "%H") == before
    assert status(store.root) == ""


def test_a_transaction_sees_its_own_changes(store: Store) -> None:
    with store.transaction(author="ada", now=NOW) as tx:
        tx.save(("tools", "second"), {"count": 2})
        assert tx.load("tools", "second") == {"count": 2}
        assert tx.names("tools") == ["first", "second"]
        assert tx.exists("tools", "second")
        tx.delete("tools", "first")
        assert tx.load("tools", "first") is None
        assert tx.names("tools") == ["second"]
        assert not tx.exists("tools", "first")
        tx.save(("sessions", "0a1b", "session"), {"mode": "solo"})
        assert tx.load_all("tools") == {"second": {"count": 2}}


def test_an_exception_changes_nothing(store: Store) -> None:
    before = contents(store.root)

    with pytest.raises(ZeroDivisionError), store.transaction(author="ada", now=NOW) as tx:
        tx.save(("tools", "first"), {"count": 2})
        tx.save(("tools", "second"), {"count": 2})
        tx.delete("config", "teams")
        1 / 0  # noqa: B018

    after = contents(store.root)
    assert after == before | {".git/orchestration/store.lock": after[".git/orchestration/store.lock"]}
    assert status(store.root) == ""


def test_an_exception_in_the_first_transaction(fresh: Store) -> None:
    with pytest.raises(ZeroDivisionError), fresh.transaction(author="ada", now=NOW) as tx:
        tx.save(("tools", "first"), {"count": 2})
        1 / 0  # noqa: B018

    assert not fresh.root.exists()
    save(fresh, "first", {"count": 3})
    assert read(fresh, "first") == {"count": 3}
    assert_sound(fresh.root)


def test_data_that_yaml_cannot_hold_is_refused(store: Store) -> None:
    with pytest.raises(InvalidData), store.transaction(author="ada", now=NOW) as tx:
        tx.save(("tools", "first"), {"count": float("nan")})

    assert read(store, "first") == {"count": 1}


def test_changing_data_after_saving_it_changes_nothing(store: Store) -> None:
    record = {"count": 2}
    with store.transaction(author="ada", now=NOW) as tx:
        tx.save(("tools", "first"), record)
        record["count"] = 3
        assert tx.load("tools", "first") == {"count": 2}
        tx.load("tools", "first")["count"] = 4

    assert read(store, "first") == {"count": 2}
    assert read(Store(store.root), "first") == {"count": 2}


def test_an_event_keeps_the_tree(store: Store) -> None:
    tree = last(store, "%T")

    with store.transaction(author="ada", now=NOW) as tx:
        tx.emit("deploy", "event: deploy", severity="info", data='{"to": "prod"}')

    assert last(store, "%T") == tree
    assert subjects(store.root)[:2] == ["event: deploy", "tool: first"]
    assert 'Severity: info\nData: {"to": "prod"}\n' in last(store, "%B")
    assert_sound(store.root)


def test_times_never_run_backwards(store: Store) -> None:
    save(store, "first", {"count": 2}, now=LATER)

    save(store, "first", {"count": 3}, now=NOW)

    assert last(store, "%cI") == "2026-01-02T04:04:05+00:00"
    tip = store.snapshot().tip
    assert tip is not None
    assert tip.at == NOW


@pytest.mark.parametrize(
    "author",
    ["", "<>", "Eve <eve@example.org>", "a\nb", "a\0b", "  .x.  ", "\udce9", "a\u2028b", "<" * 300, "Ünal"],
)
@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "x\n\nOp: forged", "a\0b\x1b[31m", "\u2028At: 1", "\udce9", "x" * 5000, "tree 123", "> <"],
)
def test_no_text_breaks_a_commit(author: str, text: str) -> None:
    body = message(text, {"Op": "x", "Reason": text, "Retired": [text]})
    raw = serialise("4" * 40, ["5" * 40], Author(author, author), 7, "k7q2", body)

    commit = parse("6" * 40, raw)
    head = raw.partition(b"\n\n")[0].split(b"\n")
    assert [line.split(b" ")[0] for line in head] == [b"tree", b"parent", b"author", b"committer"]
    assert b"\0" not in raw
    assert (commit.tree, commit.parents, commit.time) == ("4" * 40, ("5" * 40,), 7)
    assert commit.trailers()["Op"] == ["x"]
    assert commit.subject == (one_line(text, 120) or "change")


def test_git_agrees_that_no_text_breaks_a_commit(store: Store) -> None:
    for author in ("", "<>", "Eve <eve@x> 1 +0000\nparent 0", "a\0b", "\udce9", "Ünal Ö."):
        with store.transaction(author=author, now=NOW) as tx:
            tx.emit("x", f"a\n\nOp: forged {author}", reason="b\nOp: forged\r\x0bOp: forged\u2029")

    assert_sound(store.root)
    assert set(git(store.root, "log", "-6", "--format=%(trailers:key=Op,valueonly,separator=|)").split()) == {
        "x"
    }
    assert last(store, "%an") == "Ünal Ö"


def test_the_journal_names_the_author_as_the_commit_does(store: Store) -> None:
    save(store, "first", {"count": 2}, author="Eve <eve@x>")

    oid, parent, time, author, text, files = json.loads(
        (store.private / "journal").read_text().splitlines()[-1]
    )

    assert [oid, parent] == last(store, "%H %P").split()
    assert (time, author) == (int(NOW.timestamp()), last(store, "%an"))
    assert text.rstrip("\n") == last(store, "%B")
    assert files == {"tools/first.yaml": blob_of(store, "first")}


def test_a_trailer_written_by_hand_is_no_error() -> None:
    commit = Commit("1" * 40, "2" * 40, (), "Grace", 1_767_323_045, "fix\n\nAt: yesterday\nnonsense\n")

    assert commit.at == NOW
    assert commit.trailers() == {"At": ["yesterday"]}
    assert commit._replace(message="fix").trailers() == {}


def test_a_snapshot_does_not_change(store: Store) -> None:
    save(store, "second", {"count": 1})
    before = store.snapshot()
    untouched = store.snapshot()
    assert before.load("tools", "first") == {"count": 1}

    save(store, "first", {"count": 2})
    save(store, "third", {"count": 3})
    with store.transaction(author="ada", now=NOW) as tx:
        tx.delete("tools", "second")

    for snapshot in (before, untouched):
        assert snapshot.names("tools") == ["first", "second"]
        assert snapshot.load_all("tools") == {"first": {"count": 1}, "second": {"count": 1}}
    assert store.snapshot().load_all("tools") == {"first": {"count": 2}, "third": {"count": 3}}


def test_a_record_that_was_read_is_a_copy(store: Store) -> None:
    snapshot = store.snapshot()

    snapshot.load("tools", "first")["count"] = 9

    assert snapshot.load("tools", "first") == {"count": 1}


def test_reading_an_older_commit(store: Store) -> None:
    revision = last(store, "%h")
    save(store, "first", {"count": 2})

    assert store.snapshot(revision[:7]).load("tools", "first") == {"count": 1}
    with pytest.raises(NotFound, match="commit 'abcdef0' is not in the store"):
        store.snapshot("abcdef0")
    for text in ("HEAD", "abc", "-x", "ABCDEF0", "g" * 7, "0" * 41):
        with pytest.raises(BadUsage, match="is no commit id"):
            store.snapshot(text)


def test_expecting_a_revision(store: Store) -> None:
    old = last(store, "%H")
    save(store, "second", {"count": 2})
    with store.transaction(author="ada", now=NOW) as tx:
        tx.expect(old, "tools", "first")
        tx.save(("tools", "first"), {"count": 2})

    with (
        pytest.raises(Conflict, match=f"tools/first.yaml has changed since {old[:8]}"),
        store.transaction(author="ada", now=NOW) as tx,
    ):
        tx.expect(old[:8], "tools", "first")


def test_a_file_whose_name_is_no_id_is_passed_over(store: Store) -> None:
    """A person may commit anything; lists go on without it."""
    for name in ("my tool.yaml", "-x.yaml", "note.txt"):
        (store.root / "tools" / name).write_text("count: 7\n")
    git(store.root, "add", ".")
    git(store.root, "commit", "-qm", "more tools")

    assert store.snapshot().load_all("tools") == {"first": {"count": 1}}


def test_a_broken_settings_file_can_be_mended_by_a_write(store: Store) -> None:
    (store.root / "config" / "settings.yaml").write_text("lock_timeout: [\n")
    git(store.root, "commit", "-qam", "break")

    with pytest.raises(InvalidData, match="config/settings.yaml"):
        store.snapshot().load("config", "settings")
    with store.transaction(author="ada", now=NOW) as tx:
        tx.save(("config", "settings"), {"lock_timeout": 3})

    assert store.snapshot().load("config", "settings") == {"lock_timeout": 3}


@pytest.mark.parametrize("durability", ["full", "fast"])
def test_both_durabilities_write_the_same(store: Store, durability: str) -> None:
    settle(store, durability=durability)

    tx = save(store, "second", {"count": 2})

    assert tx.durable is (durability == "full")
    assert_sound(store.root)


def test_a_foreign_lock_on_the_branch_is_named_and_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refs, "_LOCK_WAIT", 0.02)
    lock = store.git_dir / "refs" / "heads" / "main.lock"
    lock.write_text("")

    with pytest.raises(Conflict) as caught:
        save(store, "first", {"count": 2})

    assert caught.value.message == f"another git process holds {lock}"
    assert caught.value.exit_code == 5
    assert lock.exists()
    assert read(store, "first") == {"count": 1}
    assert status(store.root) == ""
    lock.unlink()
    save(store, "first", {"count": 2})
    assert_sound(store.root)


def test_a_damaged_branch_is_reported(store: Store) -> None:
    branch = store.git_dir / "refs" / "heads" / "main"
    branch.write_text("")

    with pytest.raises(StoreError, match="refs/heads/main of the store at .* is damaged") as caught:
        store.snapshot()
    assert caught.value.hint == "`state_manager verify` says how to mend it"


def test_the_reflog_keeps_what_the_branch_was(store: Store) -> None:
    save(store, "first", {"count": 2})

    assert git(store.root, "reflog", "--format=%gs").splitlines() == [
        "tool: first",
        "tool: first",
        "store: create",
    ]
    assert git(store.root, "rev-parse", "main@{1}") == git(store.root, "rev-parse", "main~1")


def test_a_key_that_is_no_file_is_refused(store: Store) -> None:
    with pytest.raises(Refused, match="names no file"), store.transaction(author="ada", now=NOW) as tx:
        tx.save(("projects", "app", "tasks"), {})
