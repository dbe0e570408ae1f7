"""`shared_state validate` and `fix`: each kind of harm is named, what can be mended is, and comes back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

Run = Callable[..., Any]
Git = Callable[..., str]
CONFIG = "projects/myapp/config.yaml"
TASK = "projects/myapp/tasks/TASK-1.yaml"
GUIDE = {
    "settings": {"default_sprint_length": 14, "velocity_target": 20, "team_capacity": 5},
    "team": {
        "leads": ["engineering-lead", "product-manager"],
        "members": ["engineering-fullstack", "engineering-ux", "qa-analyst"],
    },
}


@pytest.fixture
def board(run: Run, sprint: str, state_dir: Path) -> Path:  # noqa: ARG001 - makes the tasks
    """The state folder, with a project that is as it should be."""
    run("set-config", "myapp", "--data", json.dumps(GUIDE))
    assert run("validate", "myapp").stdout == "0 errors, 0 warnings\n"
    return state_dir


def edited(file: Path, **changes: str) -> None:
    """Write lines of a record anew, by hand."""
    lines = file.read_text().splitlines()
    file.write_text("".join(f"{changes.get(line.partition(':')[0], line)}\n" for line in lines))


def harm(board: Path) -> None:
    edited(board / TASK, priority='priority: "high"', epic_id="epic_id: gone", column="column: pending")
    (board / CONFIG).write_text((board / CONFIG).read_text() + "oops: [\n")


def findings(run: Run, *words: str) -> list[tuple[str, str, str]]:
    document = json.loads(run("validate", *words, "--json-output").stdout)
    return [(one["severity"], one["place"], one["problem"]) for one in document["findings"]]


# -- validate


def test_the_guide_s_configuration_is_valid(run: Run, board: Path) -> None:  # noqa: ARG001
    result = run("validate", "--verbose")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == snapshot("""\
checked: 4 configuration files
checked: 1 project configuration
checked: 1 session
checked: 1 sprint
checked: 2 tasks
checked: 0 installed files
0 errors, 0 warnings
""")


def test_without_a_store_nothing_is_wrong(run: Run, fails: Run, unchanged: Any) -> None:
    with unchanged():
        assert run("validate").value == "0 errors, 0 warnings"
    assert fails(1, "fix") == "there is no store yet: nothing to fix"
    assert fails(1, "validate", "nope") == "no project 'nope'"


def test_findings_have_place_problem_and_fix_and_count(run: Run, board: Path, unchanged: Any) -> None:
    harm(board)
    with unchanged():
        result = run("validate", "myapp")

    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert lines[0].startswith(f"error: {CONFIG}: line ")
    assert lines[1].startswith("  fix: mend it, or run `shared_state fix`: back to commit ")
    assert lines[2:] == snapshot(
        [
            "warning: projects/myapp/tasks/TASK-1.yaml: column: is 'pending', and is stored as 'todo'",
            "  fix: run `shared_state fix`",
            "warning: projects/myapp/tasks/TASK-1.yaml: epic_id: there is no epic 'gone'",
            "  fix: run `shared_state fix`",
            "warning: projects/myapp/tasks/TASK-1.yaml: priority: is 'high', and is stored as 2",
            "  fix: run `shared_state fix`",
            "hint: projects/myapp/tasks/TASK-1.yaml: was edited by hand and is not committed yet",
            "  fix: `orchestration config reload` commits it, else the next write to it does",
            "1 error, 3 warnings",
        ]
    )


@pytest.mark.parametrize(
    ("data", "place", "problem"),
    [
        ({"team": {"eng": {"lead": "a", "leads": ["b"]}}}, "team.eng.leads", "team 'eng' has 2 leads: a, b"),
        (
            {"workflows": {"w": {"steps": [{"name": "x", "assignee": "zoe"}]}}},
            "workflows.w.steps[0].assignee",
            "nobody knows the agent 'zoe'",
        ),
    ],
)
def test_what_types_cannot_tell(run: Run, board: Path, data: Any, place: str, problem: str) -> None:  # noqa: ARG001
    run("set-config", "myapp", "--data", json.dumps(data))

    assert findings(run)[0] == ("error", f"{CONFIG}: {place}", problem)
    assert findings(run, "myapp") == findings(run, "--project", "myapp")


def test_one_project_is_checked_by_itself(run: Run, board: Path) -> None:
    run("set-config", "other", "--data", "{}")
    edited(board / TASK, priority='priority: "high"')

    assert findings(run, "other") == []
    assert len(findings(run, "myapp")) == len(findings(run)) == 2


def test_a_look_at_the_past_does_not_see_the_files_of_today(run: Run, board: Path) -> None:
    harm(board)

    assert run("validate", "myapp", "--at", "1 second ago").value == "0 errors, 0 warnings"


def test_files_of_the_checkout_are_checked_and_agents_come_from_them(run: Run, board: Path) -> None:  # noqa: ARG001
    steps = '{"workflows": {"w": {"steps": [{"name": "x", "assignee": "zoe"}]}}}'
    run("set-config", "myapp", "--data", steps)
    claude = Path.cwd() / ".claude"
    (claude / "agents").mkdir(parents=True)
    (claude / "agents" / "z.md").write_text("---\nname: zoe\ndescription: Tests\n---\n")
    assert findings(run) == []

    (claude / "settings.json").write_text("{")
    assert [one[:2] for one in findings(run)] == [("error", ".claude/settings.json")]


# -- fix


def test_a_dry_run_shows_exactly_what_is_done_and_changes_nothing(
    run: Run, board: Path, unchanged: Any
) -> None:
    harm(board)
    with unchanged():
        shown = run("fix", "myapp", "--dry-run")
        document = json.loads(run("fix", "myapp", "--dry-run", "--json-output").stdout)

    done = run("fix", "myapp")

    assert (shown.exit_code, done.exit_code) == (0, 0)
    assert shown.stdout == done.stdout
    assert done.stdout.splitlines()[1:] == snapshot(
        [
            '~ projects.myapp.tasks.TASK-1.column: "pending" -> "todo"',
            '~ projects.myapp.tasks.TASK-1.priority: "high" -> 2',
            '~ projects.myapp.tasks.TASK-1.epic_id: "gone" -> null',
            "left: 0 errors, 0 warnings",
        ]
    )
    assert [row["file"] for row in document["restored"]] == [CONFIG]
    assert document["left"]["findings"] == []
    assert run("validate").stdout == "0 errors, 0 warnings\n"


def test_the_state_is_backed_up_and_one_undo_takes_it_back(run: Run, board: Path, git: Git) -> None:
    edited(board / TASK, priority='priority: "high"', epic_id="epic_id: gone")
    (board / CONFIG).write_text("oops: [\n")
    git("commit", "-qam", "by hand")
    before = git("rev-parse", "HEAD")

    result = run("fix")

    assert git("log", "--format=%s", f"{before}..") == "config: fix 2 records, 1 from history"
    assert git("rev-parse", f"{git('tag', '--list', 'backup/*-before-fix')}^{{commit}}") == before
    assert "oops" not in (board / CONFIG).read_text()
    assert run("undo", result.commit).exit_code == 0
    assert git("rev-parse", "HEAD^{tree}") == git("rev-parse", f"{before}^{{tree}}")
    assert git("status", "--porcelain") == ""


def test_it_is_done_once(run: Run, board: Path, git: Git) -> None:
    harm(board)
    run("fix")
    head, tags = git("rev-parse", "HEAD"), git("tag")

    again = run("fix")

    assert again.stdout == "There is nothing that can be fixed.\nleft: 0 errors, 0 warnings\n"
    assert again.stderr == "Nothing was changed.\n"
    assert (git("rev-parse", "HEAD"), git("tag")) == (head, tags)


@pytest.mark.parametrize(
    ("category", "mended"),
    [
        ("syntax", {CONFIG}),
        ("structure", {"projects.myapp.tasks.TASK-1.column", "projects.myapp.tasks.TASK-1.priority"}),
        ("references", {"projects.myapp.tasks.TASK-1.epic_id"}),
    ],
)
def test_a_category_alone(run: Run, board: Path, category: str, mended: set[str]) -> None:
    harm(board)

    document = json.loads(run("fix", "--category", category, "--json-output").stdout)

    done = {row["file"] for row in document["restored"]} | {row["path"] for row in document["changes"]}
    assert done == mended
    left = {one["place"].replace(": ", ".").removesuffix(".") for one in document["left"]["findings"]}
    assert len(left - {TASK}) == 4 - len(mended)


def test_the_text_that_could_not_be_read_is_kept(run: Run, board: Path) -> None:
    good = (board / CONFIG).read_text()
    (board / CONFIG).write_text("mine: [\n")

    result = run("fix")

    assert (board / CONFIG).read_text() == good
    kept = result.stderr.partition("is kept in ")[2].splitlines()[0]
    assert Path(kept).read_text() == "mine: [\n"


def test_what_cannot_be_explained_is_left(run: Run, board: Path) -> None:
    stray = board / "projects" / "myapp" / "tasks" / "TASK-9.yaml"
    stray.write_text("title: [\n")
    edited(board / TASK, points="points: plenty")

    result = run("fix")

    assert result.exit_code == 1
    assert stray.read_text() == "title: [\n"
    assert "points: plenty" in (board / TASK).read_text()
    assert [line for line in result.stdout.splitlines() if line.startswith("error")] == [
        f"error: {TASK}: points: points 'plenty' is not a number",
        "error: projects/myapp/tasks/TASK-9.yaml: line 2, column 1: did not find expected node content",
    ]
