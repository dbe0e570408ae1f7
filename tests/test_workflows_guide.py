"""The guide's "Common Workflows", line by line in a real bash; for a slash command its terminal command.

Script lines stand as printed and run through `uv run`. `orchestration` is the command as it is installed
beside the scripts. What has no terminal command is answered by `orchestration slash`, as in the chat.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_guide import ROOT, UUID4, Shell, git, shell, state, uv  # noqa: F401 - fixtures

from orchestration.claude.command_files import END

SCRIPTS = "uv run .claude/scripts"
WORK = {
    "TASK-123": ("OAuth2 provider", 5, "todo", None),
    "TASK-456": ("Vendor API", 3, "in_progress", "engineering-lead"),
    "TASK-789": ("Login page", 3, "todo", None),
}


@pytest.fixture
def project(shell: Shell) -> Iterator[Shell]:  # noqa: F811
    """A terminal in myapp as the guide's setup left it: configured, with an epic and a running sprint."""
    shell.run(f"BIN=$(dirname \"$(uv python find --script '{ROOT}/.claude/scripts/state_manager.py')\")")
    shell.run('orchestration() { "$BIN/orchestration" "$@"; }')
    shell.guide(
        f"{SCRIPTS}/shared_state.py set-config myapp --data '"
        '{"settings": {"default_sprint_length": 14, "velocity_target": 20, "team_capacity": 5},'
        ' "team": {"leads": ["engineering-lead", "product-manager"],'
        ' "members": ["engineering-fullstack", "engineering-ux", "qa-analyst"]}}\''
    )
    shell.guide(
        f'{SCRIPTS}/shared_state.py update-epic myapp user-auth --title "User Authentication" --priority 1'
    )
    shell.guide(
        f"{SCRIPTS}/shared_state.py create-sprint myapp sprint-1 'Authentication Sprint' --epic-id user-auth"
        """ --data '{"goals": ["OAuth2 integration"]}'"""
    )
    yield shell


def started(shell: Shell, mode: str) -> str:  # noqa: F811
    """Make the session that a workflow begins with, and the work of the guide's examples; start the sprint."""
    shell.guide(f"SESSION=$({SCRIPTS}/session_manager.py create --mode {mode} --project myapp)")
    session = shell.variable("SESSION")
    assert re.fullmatch(UUID4, session)
    shell.run("export CLAUDE_SESSION_ID=$SESSION")
    for task, (title, points, status, assignee) in WORK.items():
        record = {
            "title": title,
            "points": points,
            "status": status,
            "assignee": assignee,
            "sprint_id": "sprint-1",
        }
        shell.guide(f"{SCRIPTS}/state_manager.py merge $SESSION tasks.{task} --data '{json.dumps(record)}'")
    shell.guide(f"{SCRIPTS}/shared_state.py start-sprint myapp sprint-1")
    return session


def slash(shell: Shell, family: str, words: str = "") -> str:  # noqa: F811
    """Answer a slash command as its command file does."""
    return shell.run(f"orchestration slash {family} <<'EOF'\n{words}\n{END}\nEOF").stdout


def test_development(project: Shell, state: Path) -> None:  # noqa: F811
    started(project, "development")

    sprint = project.guide(f'{SCRIPTS}/state_manager.py get $SESSION "sprint.current"').json
    assert (sprint["id"], sprint["status"], sprint["committed_points"]) == ("sprint-1", "active", 11)
    board = project.run("orchestration board").stdout  # /output-style sprint_execution
    assert re.search(r"^TODO 2/10$", board, re.MULTILINE) and re.search(
        r"^IN PROGRESS 1/5$", board, re.MULTILINE
    )

    task = "Implement OAuth2 provider integration"
    done = project.guide(f'{SCRIPTS}/state_manager.py task delegate "{task}" --yes --json-output').json
    assert (done["task"]["title"], done["task"]["sprint_id"]) == (task, "sprint-1")
    new = done["task"]["id"]
    assert git(state, "log", "-1", "--format=%(trailers:key=Op,valueonly)").strip() == "task_delegated"

    # Task management in the sprint view
    manage = f"{SCRIPTS}/state_manager.py task"
    project.guide(f"{manage} move TASK-123 in_progress")
    project.guide(f"{manage} assign TASK-123 @engineering-fullstack")
    project.guide(f'{manage} block TASK-456 "Waiting for API documentation from vendor"')
    blocked = project.guide(f"{manage} show TASK-456 --json-output").json
    assert (blocked["status"], blocked["column"]) == ("blocked", "in_progress")
    project.guide(f"{manage} unblock TASK-456")
    assert project.guide(f"{manage} show TASK-456 --json-output").json["status"] == "in_progress"
    project.guide(f"{manage} estimate TASK-789 8")
    project.guide(f"{SCRIPTS}/state_manager.py autoassign --yes")
    rows = {row["id"]: row for row in project.guide(f"{manage} list --json-output").json}
    assert (rows["TASK-123"]["status"], rows["TASK-123"]["assignee"]) == (
        "in_progress",
        "engineering-fullstack",
    )
    assert rows["TASK-789"]["points"] == 8
    assert all(row["assignee"] for row in rows.values()), rows
    assert sorted(rows) == sorted([*WORK, new])

    metrics = project.run("orchestration metrics --json-output").json
    assert (metrics["tasks"]["total"], metrics["tasks"]["in_progress"]) == (4, 2)
    assert metrics["points"]["committed"] == 11
    changes = [(one["task"], one["kind"], one["points"]) for one in metrics["scope"]["changes"]]
    assert ("TASK-789", "estimated", 5) in changes
    burndown = project.run("orchestration burndown --json-output").json
    assert (burndown["committed"], burndown["rows"][0]["ideal"]) == (11, 11)
    forecast = project.run("orchestration forecast --json-output").json
    assert (
        forecast["forecast"] is None and forecast["needs"]["forecast"] == "needs 1 finished task with points"
    )


def test_code_review(project: Shell) -> None:
    create = f"{SCRIPTS}/session_manager.py create --mode development --project myapp"
    project.guide(f"DEV_SESSION=$({create})")
    project.guide(f"REVIEW_SESSION=$({create})")
    project.guide(
        f"{SCRIPTS}/session_manager.py handoff $DEV_SESSION $REVIEW_SESSION"
        """ --data '{"review_type": "code", "files": ["auth.py", "login.js"]}'"""
    )
    project.run("export CLAUDE_SESSION_ID=$REVIEW_SESSION")
    project.run("orchestration team activate engineering --yes")

    teams = project.guide(f"{SCRIPTS}/state_manager.py get $REVIEW_SESSION execution.teams").json
    assert list(teams) == ["engineering"]
    given = project.guide(f"{SCRIPTS}/state_manager.py get $REVIEW_SESSION execution.inherited_context").json
    assert given["handoff_data"]["files"] == ["auth.py", "login.js"]


def test_sprint_management(project: Shell) -> None:
    started(project, "sprint")

    # Planning
    assert project.run("orchestration kpis").stdout.startswith(
        "myapp  key figures"
    )  # /output-style leadership_chat
    project.guide(
        f'{SCRIPTS}/shared_state.py create-sprint myapp sprint-2 "Feature Development Sprint" --data \''
        '{"goals": ["Complete user dashboard", "API optimization", "Testing automation"],'
        ' "capacity": 40, "velocity_target": 25}\''
    )
    draft = (
        '{"features": [{"title": "Widgets", "tasks": [{"title": "Chart", "points": 5}, {"title": "Table"}]}]}'
    )
    shown = project.run(f"orchestration epic plan user-dashboard --tasks - <<<'{draft}'")
    assert (
        "state_manager apply " in shown.stderr and shown.remarks == shown.stderr
    )  # nothing is made before that

    # Execution
    assert project.run("orchestration metrics --json-output").json["sprint"]["id"] == "sprint-1"
    assert project.run("orchestration velocity").stdout.splitlines()[2] == "No sprint is finished yet."
    assert project.run("orchestration burndown --json-output").json["state"] == "on track"
    for team in ("devops", "qa"):
        project.run(f"orchestration team activate {team} --yes")
    assert sorted(project.guide(f"{SCRIPTS}/state_manager.py get $SESSION execution.teams").json) == [
        "devops",
        "qa",
    ]

    # Review
    for task in ("TASK-123", "TASK-456"):
        project.guide(f"{SCRIPTS}/state_manager.py update-task {task} done")
    assert "2 of 3 tasks done\n" in slash(project, "retro")
    metrics = project.guide(f'{SCRIPTS}/state_manager.py get $SESSION "sprint.metrics"').json
    assert metrics["points"] == {"committed": 11, "completed": 8, "remaining": 3, "total": 11}
    project.guide(f'{SCRIPTS}/shared_state.py create-sprint myapp sprint-3 "Deployment Sprint"')
    project.run(f"orchestration epic plan user-dashboard --tasks - --yes <<<'{draft}'")
    epic = project.guide(f"{SCRIPTS}/shared_state.py get-epic myapp user-dashboard --json-output").json
    assert (epic["status"], epic["points_total"], epic["sprints"]) == ("planned", 5, ["sprint-4"])

    # /archive: the open task goes on in the next sprint, the others leave the board
    project.guide(f"{SCRIPTS}/shared_state.py complete-sprint myapp sprint-1 --carry-to sprint-3")
    shown = slash(project, "archive")
    plan = re.search(r"/orchestrate apply (\S+)", shown)
    assert plan is not None, shown
    project.guide(f"{SCRIPTS}/state_manager.py apply {plan[1]}")
    ended = project.guide(f"{SCRIPTS}/shared_state.py get-sprint myapp sprint-1 --json-output").json
    assert (ended["status"], ended["archived"]) == ("completed", True)
    rows = project.guide(f"{SCRIPTS}/state_manager.py task list --json-output").json
    assert {row["id"]: row["sprint_id"] for row in rows if row["id"] in WORK} == {"TASK-789": "sprint-3"}
    assert (
        project.guide(f"{SCRIPTS}/state_manager.py task show TASK-123 --json-output").json["status"] == "done"
    )


def test_team_coordination(project: Shell) -> None:
    started(project, "leadership")

    assert "Handoffs\n" in project.run("orchestration dashboard").stdout  # /output-style all-team_dashboard
    for team in ("engineering", "product", "qa"):
        project.run(f"orchestration team activate {team} --yes")
    shown = project.run("orchestration teams --json-output").json
    assert {one["name"]: one["status"] for one in shown["teams"]} == {
        "engineering": "active", "product": "active", "qa": "active", "devops": "inactive",
    }  # fmt: skip
    text = "Feature specifications ready for development"
    handoff = project.guide(
        f'{SCRIPTS}/shared_state.py team-handoff product engineering "{text}"'
    ).stdout.strip()
    rows = project.guide(f"{SCRIPTS}/shared_state.py list-handoffs --json-output").json
    assert [(row["id"], row["from"], row["to"], row["status"]) for row in rows] == [
        (handoff, "product", "engineering", "pending_acceptance")
    ]

    # Resources
    for team, slots in (("engineering", 3), ("qa", 1)):
        assert project.run(f"orchestration teams {team} --json-output").json["teams"][0]["slots"] == slots
    project.guide(f"{SCRIPTS}/state_manager.py task assign TASK-123 engineering-fullstack")
    project.guide(f"{SCRIPTS}/state_manager.py task assign TASK-456 qa-analyst")
    qa = project.run("orchestration teams qa --json-output").json["teams"][0]
    assert (qa["used"], qa["open"]) == (1, 1)
    status = project.guide(f"{SCRIPTS}/observability.py status engineering --json-output").json
    assert {row["id"]: row["team"] for row in status["agents"]["rows"]}[
        "engineering-fullstack"
    ] == "engineering"
    assert project.guide(f"{SCRIPTS}/observability.py metrics --json-output").json["wip"]["tasks"] == 1


def test_configuration(project: Shell, state: Path) -> None:  # noqa: F811
    started(project, "config")

    assert "0 errors" in project.run("orchestration config").stdout  # /output-style config_manager
    assert "0 errors" in project.guide(f"{SCRIPTS}/shared_state.py validate").stdout
    team = "name: engineering\nlead: engineering-lead\nmembers: [engineering-ux]\nskills: [oauth]\n"
    project.run(f"orchestration config teams edit engineering --file - <<'EOF'\n{team}EOF")
    edited = project.guide(f"{SCRIPTS}/state_manager.py get $SESSION team.engineering").json
    assert (edited["lead"], edited["skills"]) == ("engineering-lead", ["oauth"])

    # something to fix: a hand that wrote a word for a number and named an epic that is not there
    file = state / "projects" / "myapp" / "tasks" / "TASK-789.yaml"
    text = (
        file.read_text()
        .replace("priority: 3\n", "priority: high\n")
        .replace("epic_id: null", "epic_id: gone")
    )
    file.write_text(text)
    before = git(state, "rev-parse", "HEAD")
    dry = project.guide(f"{SCRIPTS}/shared_state.py fix --dry-run --json-output").json
    assert git(state, "rev-parse", "HEAD") == before
    assert (
        project.guide(f"{SCRIPTS}/shared_state.py fix --json-output").json["changes"] == dry["changes"] != []
    )
    fixed = project.guide(f"{SCRIPTS}/state_manager.py task show TASK-789 --json-output").json
    assert (fixed["priority"], fixed["epic_id"]) == (2, None)
    backup = project.guide(f"{SCRIPTS}/shared_state.py backup create").stdout.strip()
    assert backup in git(state, "tag", "--list", "backup/*")

    project.guide(
        f'{SCRIPTS}/shared_state.py register-tool --name "security-scanner" --type agent'
        ' --description "Automated security vulnerability scanning"'
        """ --dependencies '["bandit", "safety", "semgrep"]'"""
        """ --config '{"scan_level": "strict", "fail_on": "medium"}'"""
    )
    tools = project.guide(f"{SCRIPTS}/shared_state.py list-tools --type agent --json-output").json
    assert [tool["name"] for tool in tools] == ["security-scanner"]
    assert git(state, "status", "--porcelain", "--untracked-files=all") == ""
