"""Bringing in what other systems hold: what is kept, what happens the second time, and bad input."""

import json
import shutil

import pytest


def tasks(run, project="shop"):
    found = run("orchestration", "export", "json", "--project", project).json["tasks"]
    return {task["id"]: task for task in found}


def imported(run, *words, project="shop"):
    return run("orchestration", "import", *map(str, words), "--project", project, "--json-output").json


def counts(made=0, changed=0, same=0):
    return {"made": made, "changed": changed, "same": same}


# -- Backlog.md


def test_tasks_of_backlog_md_keep_what_they_say(run, samples):
    summary = imported(run, samples / "backlog")

    assert (summary["system"], summary["origin"]) == ("backlog", "Shop")
    assert (summary["tasks"], summary["epics"]) == (counts(made=5), counts(made=1))
    assert summary["unmapped"] == {
        "acceptance_checked": 1, "assignee": 1, "due_date": 1, "final_summary": 1, "implementation_notes": 1,
        "implementation_plan": 1, "ordinal": 4,
    }  # fmt: skip
    found = tasks(run)
    login = found["TASK-1"]
    assert login["title"] == "Log in with OAuth"
    assert login["description"] == "Sign in with a provider.\n\nKeep the token safe."
    assert login["acceptance"] == ["Login succeeds", "Logout clears the token"]
    assert login["metadata"]["acceptance_checked"] == ["Login succeeds"]
    assert login["metadata"]["implementation_plan"] == "1. Choose a library"
    assert login["metadata"]["assignee"] == ["@grace"]
    expected = {
        "column": "in_progress", "assignee": "ada", "priority": 2, "type": "feature", "epic_id": "launch",
        "labels": ["backend", "security"], "artifacts": ["docs/oauth.md"], "created_at": "2026-11-22T16:40:00Z",
    }  # fmt: skip
    assert {name: login[name] for name in expected} == expected
    assert found["TASK-1.1"]["parent"] == "TASK-1"
    assert found["TASK-1.1"]["column"] == "done"
    assert found["TASK-1.1"]["completed_at"] is None  # the file does not say when
    assert found["TASK-3"]["depends_on"] == ["TASK-1", "TASK-2"]
    assert found["TASK-2"]["title"] == "Fix [/api] & <script>alert(1)</script>"
    assert found["DRAFT-1"]["column"] == "backlog"


def test_the_second_import_changes_nothing(run, samples, unchanged):
    imported(run, samples / "backlog")
    git_log = run("event_stream", "latest", "20", "--json-output").json

    with unchanged():
        again = run("orchestration", "import", str(samples / "backlog"), "--project", "shop")

    assert again.exit_code == 0
    assert "Nothing to import: everything is here already." in again.stderr
    assert run("event_stream", "latest", "20", "--json-output").json == git_log


@pytest.mark.usefixtures("session")
def test_an_import_is_one_change_that_can_be_taken_back(run, samples):
    run("task", "add", "Mine", "--project", "myapp")
    before = tasks(run, "myapp")
    commit = run("orchestration", "import", str(samples / "backlog"), "--project", "myapp").commit
    assert len(tasks(run, "myapp")) == 6

    run("undo", commit)

    assert tasks(run, "myapp") == before


def test_the_source_wins_only_where_it_changed(run, samples):
    imported(run, samples / "backlog")
    run("update-task", "TASK-2", "in_progress", "--project", "shop", "--force", "test")
    run("task", "estimate", "TASK-2", "5", "--project", "shop")
    file = next((samples / "backlog/tasks").glob("task-2 *.md"))
    file.write_text(
        file.read_text()
        .replace("labels: []", "labels:\n  - api")
        .replace("assignee: []", "assignee: ['@ada']")
    )

    summary = imported(run, samples / "backlog")

    assert summary["tasks"] == counts(changed=1, same=4)
    task = tasks(run)["TASK-2"]
    assert (task["column"], task["points"]) == ("in_progress", 5)  # ours
    assert (task["labels"], task["assignee"]) == (["api"], "ada")  # the source's


def test_what_the_source_finishes_is_done_here_too(run, samples):
    imported(run, samples / "backlog")
    run("task", "block", "TASK-2", "Waiting", "--project", "shop")
    file = next((samples / "backlog/tasks").glob("task-2 *.md"))
    text = file.read_text().replace("status: To Do", "status: Done\nupdated_date: '2026-11-30 10:00'")
    file.write_text(text)

    imported(run, samples / "backlog")

    task = tasks(run)["TASK-2"]
    assert (task["column"], task["status"]) == ("done", "done")
    assert task["completed_at"] == "2026-11-30T10:00:00Z"
    assert task["blockers"][0]["resolution"] == "done in the source"


def test_an_id_that_is_taken_gets_a_number_of_ours(run, samples):
    run("task", "add", "Mine", "--project", "shop")

    summary = imported(run, samples / "backlog")

    assert summary["renamed"] == {"TASK-1": "TASK-4"}
    found = tasks(run)
    assert (found["TASK-1"]["title"], found["TASK-4"]["title"]) == ("Mine", "Log in with OAuth")
    assert found["TASK-2"]["depends_on"] == ["TASK-4"]
    assert found["TASK-1.1"]["parent"] == "TASK-4"


def test_a_heading_inside_a_description_is_part_of_it(run, samples):
    file = next((samples / "backlog/tasks").glob("task-1 *.md"))
    file.write_text(file.read_text().replace("Keep the token safe.", "## Acceptance Criteria\nSafe."))

    imported(run, samples / "backlog")

    assert tasks(run)["TASK-1"]["description"] == "Sign in with a provider.\n\n## Acceptance Criteria\nSafe."


# -- beads


def test_issues_of_beads_keep_what_they_say(run, samples):
    summary = imported(run, samples / "issues.jsonl")

    assert (summary["tasks"], summary["epics"]) == (counts(made=3), counts(made=1))
    assert summary["notes"] == [
        "1 left out: tombstone",
        "shop-c3: its waiting for shop-b2 would close a circle; left out",
        "shop-b2: waits for shop-zz, which is not in the source",
    ]
    found = tasks(run)
    cart = found["shop-a1.1"]
    assert (cart["column"], cart["priority"], cart["epic_id"]) == ("done", 1, "shop-a1")
    assert (cart["assignee"], cart["metadata"]["assignee_name"]) == ("Ada-Lovelace", "Ada Lovelace")
    assert cart["created_at"] == "2025-12-14T17:40:14.872875Z"
    assert cart["completed_at"] == "2025-12-16T17:40:14Z"
    assert cart["metadata"]["estimated_minutes"] == 90
    pay = found["shop-b2"]
    assert (pay["column"], pay["status"], pay["type"]) == ("todo", "blocked", "bug")
    assert pay["depends_on"] == ["shop-a1.1", "shop-c3"]
    assert pay["metadata"]["dependencies"] == [{"id": "shop-c3", "type": "related"}]
    assert found["shop-c3"]["depends_on"] == []
    assert found["shop-c3"]["started_at"] == "2025-12-15T08:00:00Z"


def test_a_circle_left_out_once_is_left_out_again_without_a_change(run, samples, unchanged):
    imported(run, samples / "issues.jsonl")

    with unchanged():
        summary = imported(run, samples / "issues.jsonl")

    assert summary["changed"] is False
    assert "shop-c3: its waiting for shop-b2 would close a circle; left out" in summary["notes"]


def test_a_blocker_of_the_source_ends_with_it(run, samples):
    imported(run, samples / "issues.jsonl")
    file = samples / "issues.jsonl"
    file.write_text(file.read_text().replace('"status":"blocked"', '"status":"open"'))

    imported(run, file)

    (blocker,) = tasks(run)["shop-b2"]["blockers"]
    assert (blocker["reason"], blocker["resolution"]) == ("blocked in beads", "not blocked in the source")


# -- GitHub


def test_issues_of_github_keep_what_they_say(run, samples):
    summary = imported(run, samples / "github.json")

    assert (summary["origin"], summary["tasks"]) == ("acme/shop", counts(made=3))
    found = tasks(run)
    wrong = found["GH-12"]
    expected = {
        "title": "Total is wrong [/cart] <script>alert(1)</script>", "description": "Steps:\n1. Pay\n2. Look",
        "column": "backlog", "type": "bug", "priority": 2, "assignee": "ada", "epic_id": "version-2",
        "labels": ["bug", "priority: high"], "created_at": "2025-12-01T09:30:00Z",
    }  # fmt: skip
    assert {name: wrong[name] for name in expected} == expected
    assert wrong["source"]["url"] == "https://github.com/acme/shop/issues/12"
    assert (found["GH-13"]["column"], found["GH-13"]["completed_at"]) == ("done", "2025-12-05T10:00:00Z")
    assert (found["GH-14"]["column"], found["GH-14"]["completed_at"]) == ("cancelled", None)


def test_the_same_numbers_of_another_repository_are_other_tasks(run, samples):
    imported(run, samples / "github.json")
    other = samples / "other.json"
    other.write_text((samples / "github.json").read_text().replace("acme/shop", "acme/web"))

    summary = imported(run, other)

    assert summary["tasks"] == counts(made=3)
    assert summary["renamed"]["12"] == "TASK-1"
    assert len(tasks(run)) == 6


def test_issues_come_through_a_pipe(run, samples):
    text = (samples / "github.json").read_text()

    result = run("orchestration", "import", "-", "--project", "shop", input=text)

    assert "tasks:               3 made" in result.stdout


def test_no_issues_are_nothing_to_import(run):
    result = run("orchestration", "import", "-", "--project", "shop", input="[]")

    assert (result.exit_code, "Nothing to import" in result.stderr) == (0, True)


# -- the earlier JSON implementation


def test_the_earlier_state_comes_over_as_a_whole(run, samples):
    summary = run("orchestration", "import", str(samples / "earlier"), "--json-output").json

    assert {kind: summary[kind]["made"] for kind in ("tasks", "epics", "sprints", "sessions", "configs", "tools")} == {
        "tasks": 2, "epics": 1, "sprints": 1, "sessions": 1, "configs": 1, "tools": 1,
    }  # fmt: skip
    assert summary["unmapped"] == {"cost_center": 1, "points": 1, "settings.working_days": 1}
    found = tasks(run)
    done = found["TASK-7"]
    expected = {
        "column": "done", "assignee": "engineering-fullstack", "points": 5, "priority": 2, "sprint_id": "sprint-1",
        "started_at": "2025-11-03T09:00:00Z", "completed_at": "2025-11-04T15:30:00Z",
    }  # fmt: skip
    assert {name: done[name] for name in expected} == expected
    waiting = found["TASK-9"]
    assert (waiting["status"], waiting["blocker"]["reason"]) == ("blocked", "Waiting for the bank")
    assert (waiting["depends_on"], waiting["metadata"]) == (["TASK-7"], {"points": "many"})
    session = run("info", "3f1c2a", "--allow-inactive", "--json-output").json
    assert (session["mode"], session["project"], session["sprint"]) == ("sprint", "shop", "sprint-1")
    assert run("get", "3f1c2a", "notes.today").stdout == "ask the bank\n"
    assert run("get-tool", "security-scanner", "--json-output").json["config"] == {"scan_level": "strict"}
    assert run("get-sprint", "shop", "sprint-1", "--json-output").json["started_at"] == "2025-11-03"
    config = run("get-config", "shop", "--json-output").json
    assert (config["settings"]["velocity_target"], config["metadata"]) == (
        20,
        {"settings.working_days": "sometimes"},
    )
    assert run("verify").exit_code == 0


def test_the_earlier_state_comes_over_once(run, samples, unchanged):
    run("orchestration", "import", str(samples / "earlier"))

    with unchanged():
        again = run("orchestration", "import", str(samples / "earlier"), "--json-output").json

    assert again["sessions"] == counts(same=1)
    assert again["changed"] is False


def test_the_earlier_state_is_imported_where_it_lies(run, samples, state_dir):
    shutil.copytree(samples / "earlier", state_dir)

    run("orchestration", "import", str(state_dir))

    assert set(tasks(run)) == {"TASK-7", "TASK-9"}


# -- previews and bad input


def test_a_preview_changes_nothing(run, samples, unchanged):
    with unchanged():
        shown = imported(run, samples / "backlog", "--dry-run")

    assert (shown["tasks"], shown["dry_run"]) == (counts(made=5), True)
    done = imported(run, samples / "backlog")
    assert {**shown, "dry_run": False} == done


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.jsonl", '{"id": "a", "title": "A"}\n{"id": "b"', "a.jsonl, line 2, column 11"),
        ("a.jsonl", '{"id": "a", "title": "A"}\n\n{"id": "b"}', "a.jsonl, line 3: issue b has no title"),
        (
            "a.jsonl",
            '{"id": "a", "title": "A"}\n{"id": "a", "title": "A"}',
            "a.jsonl, line 2: issue a stands twice",
        ),
        ("a.json", '[\n{"number": 1, "title": "x"},\n{"number": 2}]', "a.json, line 3: issue 2 has no title"),
        ("a.json", '[{"number": 1, "title": "x"},\n]', "a.json, line 2, column 1"),
        ("task.md", "---\nid: TASK-1\ntitle: [x\n---\n", "task.md, line 4"),
        ("task.md", "---\nid: TASK-1\ntitle: x\n", "task.md, line 4: no `---` closes"),
        ("task.md", "---\nid: TASK-1\n---\n", "task.md, line 2: the task has no title"),
    ],
)
def test_bad_input_names_its_place_and_imports_nothing(fails, tmp_path, name, text, message):
    (tmp_path / name).write_text(text)

    assert fails(1, "orchestration", "import", str(tmp_path / name), "--project", "shop").startswith(message)


def test_bad_utf_8_names_its_line(fails, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b'{"id": "a", "title": "A"}\n{"id": "b", "title": "\xff"}\n')

    message = fails(1, "orchestration", "import", str(tmp_path / "a.jsonl"), "--project", "shop")

    assert message == "a.jsonl, line 2: this is not UTF-8"


@pytest.mark.parametrize(
    ("exit_code", "content"), [(2, {"a.txt": "hello"}), (2, {"a.json": '{"x": 1}'}), (2, {}), (1, None)]
)
def test_a_source_that_nobody_knows(fails, tmp_path, exit_code, content):
    place = tmp_path / "source"
    if content is not None:
        place.mkdir()
        for name, text in content.items():
            (place / name).write_text(text)

    fails(exit_code, "orchestration", "import", str(place), "--project", "shop")


def test_many_circles_are_opened_in_one_walk(run, tmp_path):
    rows = []
    for n in range(1000):
        edge = {"issue_id": f"x-{n}", "depends_on_id": f"x-{n ^ 1}", "type": "blocks"}
        rows.append(json.dumps({"id": f"x-{n}", "title": f"Task {n}", "priority": 2, "dependencies": [edge]}))
    (tmp_path / "x.jsonl").write_text("\n".join(rows))

    summary = imported(run, tmp_path / "x.jsonl")

    assert summary["tasks"] == counts(made=1000)
    assert sum("would close a circle" in note for note in summary["notes"]) == 500
