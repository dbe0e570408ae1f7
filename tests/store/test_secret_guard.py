"""What a transaction adds is looked through for secrets; what is moved, copied or recalled is not."""

from datetime import timedelta
from pathlib import Path

import pytest
from storetools import NOW, contents, git, read, save

from orchestration.errors import LikelySecret
from orchestration.store import guard
from orchestration.store.repo import Store

TOKEN = "ghp" + "_" + "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5"
AWS = "wJalrXUtnFEMI" + "K7MDENGbPxRfiCYabcdefghi123"
HINT = "leave it out, for the state is meant to be pushed; --allow-secret writes it all the same"


def test_a_value_is_refused_by_its_place_and_kind_and_never_shown(store: Store) -> None:
    before = contents(store.root)

    with pytest.raises(LikelySecret) as caught:
        save(store, "first", {"count": 1, "notes": {"a": ["x", f"use {TOKEN}"]}})

    assert caught.value.message == "tools.first.notes.a[1] holds what looks like a GitHub token (ghp_…)"
    assert (caught.value.hint, caught.value.exit_code, caught.value.code) == (HINT, 1, "likely_secret")
    assert contents(store.root) == before


def test_a_new_store_is_not_even_made(fresh: Store) -> None:
    with pytest.raises(LikelySecret):
        save(fresh, "first", {"token": TOKEN})

    assert not fresh.root.exists()


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({TOKEN: 1}, "tools.first.ghp_…"),
        ({"a": {f"b.{TOKEN}": {"c": 1}}}, 'tools.first.a["b.ghp_…"]'),
        ({"aws_secret_access_key": AWS}, "tools.first.aws_secret_access_key"),
        ({"text": f"line\n{TOKEN}\tx \n"}, "tools.first.text"),
        ({"text": f"\u2028\x07 {TOKEN}"}, "tools.first.text"),
        ({"text": "\\n" + '"' + TOKEN + "'"}, "tools.first.text"),
    ],
)
def test_keys_and_texts_of_all_kinds_are_looked_at(store: Store, record: object, place: str) -> None:
    with pytest.raises(LikelySecret) as caught:
        save(store, "first", record)

    assert caught.value.message.startswith(f"{place} holds what looks like a")
    assert TOKEN not in caught.value.message


def test_a_name_of_a_record_is_looked_at(store: Store) -> None:
    with pytest.raises(LikelySecret) as caught:
        save(store, TOKEN, {"a": 1}, subject="tool: new")

    assert caught.value.message == "tools.ghp_… holds what looks like a GitHub token (ghp_…)"


def test_several_are_named_ten_at_most(store: Store) -> None:
    with pytest.raises(LikelySecret) as caught, store.transaction(author="ada", now=NOW) as tx:
        for number in range(12):
            tx.save(("tools", f"t{number:02}"), {"key": f"{TOKEN[:-2]}{number:02}"})
        tx.describe("tool_updated", "tools")

    message = caught.value.message
    assert message.startswith(
        "12 values look like secrets: tools.t00.key (a GitHub token, ghp_…), tools.t01.key"
    )
    assert message.endswith("tools.t09.key (a GitHub token, ghp_…), and 2 more")


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ({"reason": f"because {TOKEN}"}, "the reason of the change"),
        ({"data": f'{{"text": "a\\n{TOKEN}"}}'}, "the data of the change"),
        ({"task": TOKEN}, "the task of the change"),
    ],
)
def test_the_message_is_looked_at(store: Store, facts: dict[str, str], what: str) -> None:
    with pytest.raises(LikelySecret) as caught, store.transaction(author="ada", now=NOW) as tx:
        tx.emit("state_set", "event", **facts)

    assert caught.value.message == f"{what} holds what looks like a GitHub token (ghp_…)"


def test_the_subject_and_the_author_are_looked_at(store: Store) -> None:
    for said in ({"subject": f"tool: {TOKEN}"}, {"author": TOKEN}):
        with pytest.raises(LikelySecret):
            save(store, "first", {"count": 2}, **said)
    assert read(store, "first") == {"count": 1}


def allowed(store: Store, name: str, data: object) -> None:
    with store.transaction(author="ada", now=NOW) as tx:
        tx.allow_secrets = True
        tx.save(("tools", name), data)
        tx.describe("tool_updated", f"tool: {name}")


def test_what_is_allowed_is_written_exactly_and_for_once(store: Store) -> None:
    allowed(store, "first", {"token": TOKEN})

    assert read(store, "first") == {"token": TOKEN}
    with pytest.raises(LikelySecret) as caught:
        save(store, "first", {"token": TOKEN, "again": TOKEN})
    assert caught.value.message == "tools.first.again holds what looks like a GitHub token (ghp_…)"
    with pytest.raises(LikelySecret):
        save(store, "second", {"token": TOKEN})


def test_beside_one_that_stands_there_everything_else_can_be_changed(store: Store) -> None:
    allowed(store, "first", {"list": [TOKEN, "b"], "x": {"token": TOKEN}})

    save(
        store, "first", {"list": ["b", TOKEN], "x": {"token": TOKEN, "n": 1}}, subject=f"tool: {TOKEN} moved"
    )
    save(store, "first", {"y": {"token": TOKEN}, "list": [TOKEN]})

    assert read(store, "first") == {"y": {"token": TOKEN}, "list": [TOKEN]}


def test_moving_a_record_adds_nothing(store: Store) -> None:
    allowed(store, "first", {"token": TOKEN})

    with store.transaction(author="ada", now=NOW) as tx:
        tx.save(("tools", "second"), tx.edit("tools", "first"))
        tx.delete("tools", "first")
        tx.describe("tool_updated", "tool: move")

    assert read(store, "second") == {"token": TOKEN}


def test_what_comes_out_of_history_is_written_again(store: Store) -> None:
    allowed(store, "first", {"token": TOKEN})
    old = store.snapshot().content("tools/first.yaml")
    save(store, "first", {"count": 1})

    with store.transaction(author="ada", now=NOW) as tx:
        tx.put("tools/first.yaml", old)
        tx.save(("tools", "second"), {"token": TOKEN}, recalled=True)
        tx.recall({"text": [TOKEN]})
        tx.save(("tools", "third"), {"copy": TOKEN})
        tx.describe("tool_updated", "tool: back")

    assert [read(store, name) for name in ("first", "second", "third")] == [
        {"token": TOKEN}, {"token": TOKEN}, {"copy": TOKEN},
    ]  # fmt: skip


def test_a_hand_edit_is_looked_at_before_it_is_committed(store: Store) -> None:
    file = Path(store.root, "tools/first.yaml")
    file.write_text(f"count: 1\ntoken: {TOKEN}\n")
    head = git(store.root, "rev-parse", "HEAD")

    with pytest.raises(LikelySecret) as caught:
        save(store, "first", {"count": 2})

    assert caught.value.message == "tools.first.token holds what looks like a GitHub token (ghp_…)"
    assert git(store.root, "rev-parse", "HEAD") == head
    assert file.read_text() == f"count: 1\ntoken: {TOKEN}\n"
    allowed(store, "first", {"count": 2})
    assert git(store.root, "log", "-2", "--format=%s").splitlines()[1] == "edit: tools/first.yaml by hand"


def test_a_file_that_is_no_record_is_looked_at_when_it_is_put_there(store: Store) -> None:
    with store.transaction(author="ada", now=NOW + timedelta(seconds=1)) as tx:
        tx.put("README.md", f"# {TOKEN}\n".encode())
        tx.describe("state_set", "readme")  # what is put is of history

    file = Path(store.root, "README.md")
    file.write_text(f"# {TOKEN}\n{TOKEN[:-1]}6\n")
    with pytest.raises(LikelySecret), store.transaction(author="ada", now=NOW) as tx:
        tx.adopt("README.md")


def test_a_document_that_is_kept_outside_of_the_history_is_looked_at() -> None:
    guard.check_values("`team activate`", {"focus": ["Log in", TOKEN[4:]]})

    with pytest.raises(LikelySecret) as caught:
        guard.check_values("`team activate`", {"focus": f"{TOKEN} {TOKEN}x", "more": TOKEN})
    assert caught.value.message == "`team activate` holds what looks like a GitHub token (ghp_…)"
