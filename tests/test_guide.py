"""The script lines of the user guide, in its order, in a real bash, each through `uv run`.

The guide stands in a folder that has `.claude/scripts`; here most lines run in a repository of their
own, `myapp`, and name the scripts of the checkout by absolute path, some in the checkout as printed.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from orchestration.domain import session_actions
from orchestration.store.repo import Store

ROOT = Path(__file__).parent.parent
UUID4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
OF_THE_RUN = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "UV_NO_SYNC", "UV_PROJECT_ENVIRONMENT")
"""Variables that belong to the run of the tests: a person who follows the guide has not set them."""
LONG_AGO = "01d5e551-0000-4000-8000-000000000000"


class Output(NamedTuple):
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def remarks(self) -> str:
        """What stderr holds besides the commit ids."""
        return re.sub(r"^commit [0-9a-f]{12}\n", "", self.stderr, flags=re.MULTILINE)


class Shell:
    """A bash that keeps its variables and its folder from one line to the next."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.commits: list[str] = []
        """The ids that writes told on stderr, in order."""
        self._line, self._out, self._err = (folder / name for name in ("line.sh", "out", "err"))
        self.process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, line: str, *, code: int = 0) -> Output:
        """Run a line as it is and return what it printed; its exit code has to be `code`."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self._line.write_text(line + "\n")
        self.process.stdin.write(f". {self._line} </dev/null >{self._out} 2>{self._err}; echo $?\n")
        self.process.stdin.flush()
        exit_code = int(self.process.stdout.readline())
        output = Output(self._out.read_text(), self._err.read_text())
        assert exit_code == code, (line, output)
        self.commits += re.findall(r"^commit ([0-9a-f]{12})$", output.stderr, re.MULTILINE)
        return output

    def guide(self, line: str, *, code: int = 0) -> Output:
        """Run a line of the guide from anywhere, with the checkout's scripts."""
        return self.run(line.replace(".claude/scripts/", f"'{ROOT}'/.claude/scripts/"), code=code)

    def variable(self, name: str) -> str:
        return self.run(f'printf %s "${name}"').stdout


@pytest.fixture(scope="session")
def uv() -> dict[str, str]:
    """What lets uv in another home find the cache, the interpreters and the settings it has in this one."""
    program = shutil.which("uv")
    if program is None:
        pytest.fail("uv is not on the PATH; the guide's lines start with it: https://docs.astral.sh/uv/")

    def said(*words: str) -> str:
        done = subprocess.run([program, *words], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    found = {"UV_CACHE_DIR": said("cache", "dir"), "UV_PYTHON_INSTALL_DIR": said("python", "dir")}
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config", "uv", "uv.toml")
    if settings.exists():
        found["UV_CONFIG_FILE"] = str(settings)
    # The first run of a script makes its environment and says so; the tests are about the runs after it.
    env = {name: value for name, value in os.environ.items() if name not in OF_THE_RUN} | found
    for script in sorted(ROOT.glob(".claude/scripts/*.py")):
        subprocess.run([program, "run", script, "--help"], check=True, capture_output=True, env=env)
    return found


@pytest.fixture
def shell(tmp_path: Path, uv: dict[str, str]) -> Iterator[Shell]:
    """A terminal in the repository `myapp` of a person who has set nothing: state lies in the home."""
    unset = (*OF_THE_RUN, "ORCHESTRATION_STATE_DIR")
    env = {name: value for name, value in os.environ.items() if name not in unset}
    one = Shell(tmp_path, env | uv)
    one.run("git init -q -b main myapp && cd myapp")
    yield one
    assert one.process.stdin is not None and one.process.stdout is not None
    one.process.stdin.close()
    one.process.stdout.close()
    one.process.wait()


@pytest.fixture
def state() -> Path:
    """The default place of the store."""
    return Path(os.environ["HOME"], ".claude", "state")


def git(store: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(store), *words], check=True, capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout


def test_the_guide_from_first_session_to_last_page(shell: Shell, state: Path) -> None:
    an_expired_session(state)
    names = {LONG_AGO: "LONG_AGO"}

    def created(name: str, variable: str) -> None:
        """Give a session's id, as the shell holds it, a name for the assertions below."""
        session_id = shell.variable(variable)
        assert re.fullmatch(UUID4, session_id)
        names[session_id] = name

    step_by_step_setup(shell)
    created("first", "SESSION_ID")
    created("daily", "SESSION")
    code_review(shell)
    created("second", "DEV_SESSION")
    created("review", "REVIEW_SESSION")
    sprint_management(shell)
    created("sprint", "SESSION")
    team_coordination(shell)
    created("leadership", "SESSION")
    tool_registration(shell)
    command_reference_of_sessions(shell)
    command_reference_of_state(shell)
    command_reference_of_shared_state(shell)
    best_practices_with_sessions(shell)
    created("old", "OLD_SESSION")
    best_practices_with_state(shell)
    best_practices_with_errors(shell)
    session_issues(shell)
    created("third", "SESSION_ID")
    state_issues(shell)
    performance_issues(shell, state)
    created("last", "SESSION_ID")

    def named(text: str) -> str:
        for session_id, name in names.items():
            text = text.replace(session_id[:8], f"<{name}>")
        return text

    assert named(git(state, "log", "--reverse", "--format=%s")).splitlines() == STORY
    assert git(state, "log", "--reverse", "--abbrev=12", "--format=%h").split()[2:] == shell.commits
    assert git(state, "status", "--porcelain", "--untracked-files=all") == ""
    assert git(state, "fsck", "--strict", "--no-progress", "--no-dangling") == ""
    assert shell.run("git status --porcelain").stdout == "?? debug.log\n?? session-backup.json\n"


STORY = """\
store: create
session: create <LONG_AGO> (config for myapp)
session: create <first> (development for myapp)
config: create myapp
epic: create user-auth User Authentication System
sprint: create sprint-1 Authentication Sprint
session: create <daily> (development for myapp)
session: create <second> (development for myapp)
session: create <review> (development for myapp)
session: hand off <second> to <review>
session: create <sprint> (sprint for myapp)
sprint: create sprint-2 Feature Development Sprint
sprint: create sprint-3 Deployment Sprint
session: create <leadership> (leadership for myapp)
tool: register security-scanner (agent)
session: heartbeat <first>
session: recover <second> (was completed)
session: hand off <second> to <review>
state: set notes.today
state: set notes
state: delete notes.today
session: retire <LONG_AGO>
config: myapp set settings.velocity_target
epic: user-auth planned -> in_progress
sprint: create sprint-4 Hardening
tool: register linter (command)
session: heartbeat <first>
session: create <old> (development for myapp)
session: hand off <old> to <first>
task: create TASK-456 Vendor API
task: TASK-456 blocked: Waiting for API documentation from vendor
task: create TASK-123
config: myapp set team.engineering
session: create <third> (development for myapp)
session: <third> active -> paused
session: recover <third> (was paused)
session: heartbeat <third>
state: set test.nested
session: create <last> (development for myapp)
""".splitlines()


def an_expired_session(state: Path) -> None:
    """Make the session that the guide's weekly cleanup finds: it ended long before the test."""
    then = datetime(2024, 1, 15, 10, 30, tzinfo=UTC)
    with Store(state).transaction(author="alice", now=then) as tx:
        session_actions.create(
            tx, LONG_AGO, mode="config", project="myapp", by="alice", now="2024-01-15T10:30:00Z"
        )


def step_by_step_setup(shell: Shell) -> None:
    output = shell.guide("""\
uv run .claude/scripts/session_manager.py create \\
  --mode development \\
  --project myapp \\
  --metadata '{"team": "engineering", "priority": "high"}'
""")
    first = output.stdout.rstrip("\n")
    assert output.stdout == f"{first}\n"
    assert output.remarks == f"✓ Created session: {first}\n  Mode: development\n  Project: myapp\n"
    shell.run(f"SESSION_ID={first}")

    output = shell.guide("uv run .claude/scripts/session_manager.py list --active")
    head, row = output.stdout.splitlines()
    assert head.split()[:5] == ["ID", "MODE", "PROJECT", "STATUS", "LAST"]
    assert row.split()[:4] == [first, "development", "myapp", "active"]

    session = shell.guide('uv run .claude/scripts/state_manager.py get $SESSION_ID "session"').json
    assert session["id"] == first
    assert session["metadata"] == {"team": "engineering", "priority": "high"}
    lifetime = parsed(session["lifecycle"]["expiry"]) - parsed(session["created_at"])
    assert lifetime.total_seconds() == 24 * 3600

    shell.guide("""\
uv run .claude/scripts/shared_state.py set-config myapp --data '{
  "settings": {
    "default_sprint_length": 14,
    "velocity_target": 20,
    "team_capacity": 5
  },
  "team": {
    "leads": ["engineering-lead", "product-manager"],
    "members": ["engineering-fullstack", "engineering-ux", "qa-analyst"]
  }
}'
""")
    config = shell.guide("uv run .claude/scripts/shared_state.py get-config myapp --json-output").json
    assert config["settings"]["velocity_target"] == 20
    assert config["settings"]["team_capacity"] == 5
    assert config["team"]["members"] == ["engineering-fullstack", "engineering-ux", "qa-analyst"]

    output = shell.guide("""\
uv run .claude/scripts/shared_state.py update-epic myapp user-auth \\
  --title "User Authentication System" \\
  --description "Complete OAuth2 authentication with social login" \\
  --priority 1
""")
    assert output.stdout == ""
    assert output.remarks == "✓ Created epic: user-auth\n"
    shell.guide("""\
uv run .claude/scripts/shared_state.py create-sprint myapp sprint-1 \\
  "Authentication Sprint" \\
  --epic-id user-auth \\
  --data '{
    "start_date": "2024-01-15",
    "end_date": "2024-01-29",
    "goals": ["OAuth2 integration", "Social login", "User management"]
  }'
""")
    shell.guide(
        "SESSION=$(uv run .claude/scripts/session_manager.py create --mode development --project myapp)"
    )
    output = shell.guide('uv run .claude/scripts/state_manager.py get $SESSION "sprint.current"')
    sprint = output.json
    assert (sprint["id"], sprint["status"], sprint["epic_id"]) == ("sprint-1", "planned", "user-auth")
    assert (sprint["start_date"], sprint["end_date"]) == ("2024-01-15", "2024-01-29")
    assert [goal["text"] for goal in sprint["goals"]] == [
        "OAuth2 integration",
        "Social login",
        "User management",
    ]
    assert output.stderr == (
        "warning: no sprint is active; sprint-1 is planned next: `shared_state start-sprint`\n"
    )


def code_review(shell: Shell) -> None:
    create = "uv run .claude/scripts/session_manager.py create --mode development --project myapp"
    shell.guide(f"DEV_SESSION=$({create})")
    shell.guide(f"REVIEW_SESSION=$({create})")
    shell.guide("""\
uv run .claude/scripts/session_manager.py handoff $DEV_SESSION $REVIEW_SESSION \\
  --data '{"review_type": "code", "files": ["auth.py", "login.js"]}'
""")
    got = shell.guide(
        'uv run .claude/scripts/state_manager.py get $REVIEW_SESSION "execution.inherited_context"'
    ).json
    assert got["from_session"] == shell.variable("DEV_SESSION")
    assert got["handoff_data"] == {"review_type": "code", "files": ["auth.py", "login.js"]}
    assert got["sprint"]["id"] == "sprint-1"
    giver = 'uv run .claude/scripts/state_manager.py get $DEV_SESSION "session.lifecycle.status"'
    assert shell.guide(giver).stdout == "completed\n"


def sprint_management(shell: Shell) -> None:
    shell.guide("SESSION=$(uv run .claude/scripts/session_manager.py create --mode sprint --project myapp)")
    shell.guide("""\
uv run .claude/scripts/shared_state.py create-sprint myapp sprint-2 \\
  "Feature Development Sprint" \\
  --data '{
    "goals": ["Complete user dashboard", "API optimization", "Testing automation"],
    "capacity": 40,
    "velocity_target": 25
  }'
""")
    metrics = shell.guide('uv run .claude/scripts/state_manager.py get $SESSION "sprint.metrics"').json
    assert metrics["tasks"]["total"] == 0
    assert metrics["velocity"] is None
    assert metrics["needs"]["velocity"] == "needs 3 finished sprints"
    shell.guide('uv run .claude/scripts/shared_state.py create-sprint myapp sprint-3 "Deployment Sprint"')
    sprint = shell.guide("uv run .claude/scripts/state_manager.py get $SESSION sprints.sprint-2").json
    assert (sprint["capacity"], sprint["velocity_target"]) == (40, 25)


def team_coordination(shell: Shell) -> None:
    shell.guide(
        "SESSION=$(uv run .claude/scripts/session_manager.py create --mode leadership --project myapp)"
    )
    mode = shell.guide("uv run .claude/scripts/state_manager.py get $SESSION session.mode")
    assert mode.stdout == "leadership\n"


def tool_registration(shell: Shell) -> None:
    output = shell.guide("""\
uv run .claude/scripts/shared_state.py register-tool \\
  --name "security-scanner" \\
  --type agent \\
  --description "Automated security vulnerability scanning" \\
  --dependencies '["bandit", "safety", "semgrep"]' \\
  --config '{"scan_level": "strict", "fail_on": "medium"}'
""")
    assert output.remarks == "✓ Registered agent: security-scanner\n"
    assert (
        shell.guide("uv run .claude/scripts/shared_state.py list-tools --type agent").stdout
        == """\
NAME              TYPE   VERSION  DESCRIPTION
security-scanner  agent  1.0.0    Automated security vulnerability scanning
"""
    )


def command_reference_of_sessions(shell: Shell) -> None:
    beat = shell.guide("uv run .claude/scripts/session_manager.py heartbeat $SESSION_ID")
    assert re.fullmatch(r"Expires: 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ\n", beat.stdout)
    output = shell.guide("uv run .claude/scripts/session_manager.py recover $DEV_SESSION")
    second = shell.variable("DEV_SESSION")
    assert output.remarks == f"✓ Recovered session: {second} (was completed)\n"
    output = shell.guide("uv run .claude/scripts/session_manager.py handoff $DEV_SESSION $REVIEW_SESSION")
    review = shell.variable("REVIEW_SESSION")
    assert output.remarks.startswith(f"✓ Handed off {second} to {review}\n")

    rows = shell.guide(
        "uv run .claude/scripts/session_manager.py list --active --project myapp --json-output"
    ).json
    assert [row["mode"] for row in rows] == [
        "development",  # received the handoff just now
        "development",  # sent the heartbeat
        "leadership",
        "sprint",
        "development",
    ]
    assert rows[0]["id"] == review
    assert all(row["status"] == "active" and not row["expired"] for row in rows)
    info = shell.guide("uv run .claude/scripts/session_manager.py info $REVIEW_SESSION")
    assert re.match(rf"inherited from_session: +{second}\n", info.stdout)
    assert re.search(r"^time_left: +23h 5\dm$", info.stdout, re.MULTILINE)
    assert info.stderr == ""


def command_reference_of_state(shell: Shell) -> None:
    listed = shell.guide("uv run .claude/scripts/state_manager.py list-sessions").stdout.splitlines()
    assert len(listed) == 8  # six of the guide, the expired one, and the column names
    assert sum(" expired " in row for row in listed) == 1
    assert sum(" completed " in row for row in listed) == 1

    shell.guide('uv run .claude/scripts/state_manager.py set $SESSION notes.today "plan *the* week"')
    shell.guide("uv run .claude/scripts/state_manager.py merge $SESSION notes --data '{\"rooms\": [1, 2]}'")
    got = shell.guide("uv run .claude/scripts/state_manager.py get $SESSION notes.today")
    assert got.stdout == "plan *the* week\n"
    assert shell.guide("uv run .claude/scripts/state_manager.py delete $SESSION notes.today").remarks == ""
    got = shell.guide("uv run .claude/scripts/state_manager.py get $SESSION notes")
    assert got.json == {"rooms": [1, 2]}

    cleaned = shell.guide("uv run .claude/scripts/state_manager.py cleanup-expired")
    assert cleaned.stdout.splitlines()[1].split()[:3] == [LONG_AGO, "2024-01-15", "11:30"]
    assert cleaned.remarks == "Retired 1; their tasks stay in the project.\n"
    shell.guide(f"uv run .claude/scripts/session_manager.py info {LONG_AGO}", code=4)


def command_reference_of_shared_state(shell: Shell) -> None:
    shell.guide(
        "uv run .claude/scripts/shared_state.py set-config myapp "
        """--data '{"settings": {"velocity_target": 25}}'"""
    )
    config = shell.guide("uv run .claude/scripts/shared_state.py get-config myapp").stdout
    assert re.search(r"^settings\.velocity_target: +25$", config, re.MULTILINE)
    assert re.search(r"^settings\.team_capacity: +5$", config, re.MULTILINE)
    assert re.search(r"^settings\.timezone: +UTC  \(default\)$", config, re.MULTILINE)

    shell.guide("uv run .claude/scripts/shared_state.py update-epic myapp user-auth --status in_progress")
    epics = shell.guide("uv run .claude/scripts/shared_state.py list-epics myapp --status in_progress")
    assert (
        epics.stdout
        == """\
ID         STATUS       PRIORITY  POINTS  TITLE
user-auth  in_progress  1         0/0     User Authentication System
"""
    )
    shell.guide("uv run .claude/scripts/shared_state.py create-sprint myapp sprint-4 Hardening")
    sprints = shell.guide("uv run .claude/scripts/shared_state.py list-sprints myapp --status planned")
    assert [row.split()[0] for row in sprints.stdout.splitlines()[1:]] == [
        "sprint-4",
        "sprint-3",
        "sprint-2",
        "sprint-1",
    ]
    shell.guide("uv run .claude/scripts/shared_state.py register-tool --name linter --type command")
    tools = shell.guide("uv run .claude/scripts/shared_state.py list-tools --type command --json-output")
    assert [tool["name"] for tool in tools.json] == ["linter"]
    tool = shell.guide("uv run .claude/scripts/shared_state.py get-tool security-scanner --json-output").json
    assert tool["dependencies"] == ["bandit", "safety", "semgrep"]
    assert tool["config"] == {"scan_level": "strict", "fail_on": "medium"}


def best_practices_with_sessions(shell: Shell) -> None:
    beat = shell.guide("uv run .claude/scripts/session_manager.py heartbeat $SESSION_ID")
    assert beat.remarks == f"✓ Heartbeat: {shell.variable('SESSION_ID')}\n"
    shell.guide(
        "OLD_SESSION=$(uv run .claude/scripts/session_manager.py create --mode development --project myapp)"
    )
    shell.run("NEW_SESSION=$SESSION_ID")
    shell.guide("""\
uv run .claude/scripts/session_manager.py handoff $OLD_SESSION $NEW_SESSION \\
  --data '{"work_completed": "Authentication module", "next_steps": "Testing"}'
""")
    given = "execution.inherited_context.handoff_data.next_steps"
    got = shell.guide(f"uv run .claude/scripts/state_manager.py get $NEW_SESSION {given}")
    assert got.stdout == "Testing\n"


def best_practices_with_state(shell: Shell) -> None:
    shell.guide("""\
uv run .claude/scripts/state_manager.py merge $SESSION sprint.tasks.TASK-456 \\
  --data '{"title": "Vendor API", "assignee": "engineering-lead", "status": "todo"}'
""")
    shell.guide(
        "uv run .claude/scripts/state_manager.py update-task $SESSION TASK-456 blocked "
        '--reason "Waiting for API documentation from vendor"'
    )
    blocked = shell.guide(
        "uv run .claude/scripts/state_manager.py get $SESSION "
        """"$.sprint.tasks[?(@.status=='blocked')]\""""
    ).json
    assert [task["id"] for task in blocked] == ["TASK-456"]
    assert blocked[0]["blocker"]["reason"] == "Waiting for API documentation from vendor"
    mine = shell.guide(
        "uv run .claude/scripts/state_manager.py get $SESSION "
        """"$.sprint.tasks[?(@.assignee=='engineering-lead')]\""""
    ).json
    assert [task["id"] for task in mine] == ["TASK-456"]

    shell.guide("""\
uv run .claude/scripts/state_manager.py merge $SESSION "task.TASK-123" --data '{
     "status": "in_progress",
     "assignee": "engineering-fullstack",
     "updated_at": "2024-01-15T10:30:00Z"
   }'
""")
    task = shell.guide("uv run .claude/scripts/state_manager.py get $SESSION task.TASK-123").json
    assert (task["status"], task["assignee"]) == ("in_progress", "engineering-fullstack")
    assert task["updated_at"] == "2024-01-15T10:30:00Z"
    assert task["started_at"] is not None

    cleaned = shell.guide("uv run .claude/scripts/state_manager.py cleanup-expired")
    assert (cleaned.stdout, cleaned.stderr) == ("No session has expired.\n", "")
    shell.guide("""\
uv run .claude/scripts/shared_state.py set-config myapp --data '{
     "team": {
       "engineering": {
         "lead": "engineering-lead",
         "members": ["engineering-fullstack", "engineering-ux"],
         "capacity": 3
       }
     }
   }'
""")
    team = shell.guide("uv run .claude/scripts/state_manager.py get $SESSION team.engineering").json
    assert (team["lead"], team["capacity"]) == ("engineering-lead", 3)
    assert team["members"] == ["engineering-lead", "engineering-fullstack", "engineering-ux"]


def best_practices_with_errors(shell: Shell) -> None:
    check = """\
if uv run .claude/scripts/session_manager.py info $SESSION_ID >/dev/null 2>&1; then
     echo "Session is active"
   else
     echo "Session not found or expired"
   fi
"""
    assert shell.guide(check).stdout == "Session is active\n"
    assert shell.guide(check.replace("$SESSION_ID", LONG_AGO)).stdout == "Session not found or expired\n"
    assert shell.guide(check.replace("$SESSION_ID", "nope")).stdout == "Session not found or expired\n"

    preview = shell.guide("uv run .claude/scripts/state_manager.py cleanup-expired --dry-run")
    assert preview.stdout == "No session has expired.\n"
    backup = 'uv run .claude/scripts/state_manager.py get $SESSION "" --json-output'
    assert shell.guide(f"{backup} > session-backup.json") == Output("", "")
    kept = json.loads(shell.run("cat session-backup.json").stdout)
    assert kept["session"]["id"] == shell.variable("SESSION")
    assert kept["notes"] == {"rooms": [1, 2]}
    assert sorted(kept["tasks"]) == ["TASK-123", "TASK-456"]
    assert sorted(kept["sprints"]) == ["sprint-1", "sprint-2", "sprint-3", "sprint-4"]


def session_issues(shell: Shell) -> None:
    row = shell.guide(
        "uv run .claude/scripts/session_manager.py list --json-output "
        """| jq '.[] | select(.id=="'$SESSION_ID'")'"""
    ).json
    assert (row["mode"], row["project"], row["status"]) == ("development", "myapp", "active")
    assert row["metrics"]["heartbeat_count"] == 2

    shell.guide(
        "SESSION_ID=$(uv run .claude/scripts/session_manager.py create --mode development --project myapp)"
    )
    shell.guide("uv run .claude/scripts/session_manager.py pause $SESSION_ID")
    output = shell.guide("uv run .claude/scripts/session_manager.py recover $SESSION_ID")
    third = shell.variable("SESSION_ID")
    assert output.remarks == f"✓ Recovered session: {third} (was paused)\n"
    output = shell.guide("uv run .claude/scripts/session_manager.py heartbeat $SESSION_ID")
    assert output.remarks == f"✓ Heartbeat: {third}\n"


def state_issues(shell: Shell) -> None:
    read = 'uv run .claude/scripts/state_manager.py get $SESSION_ID "session" --json-output | jq .'
    assert shell.guide(read).json["lifecycle"]["status"] == "active"
    output = shell.guide('uv run .claude/scripts/state_manager.py delete $SESSION_ID "corrupted.path"')
    assert output == Output("", "Nothing at corrupted.path.\n")

    output = shell.guide(
        """echo '{"test": {"nested": "value"}}' | """
        "uv run .claude/scripts/state_manager.py query '$.test.nested'"
    )
    assert output == Output("value\n", "")
    shell.guide("uv run .claude/scripts/state_manager.py set $SESSION_ID test.nested value")
    output = shell.guide('uv run .claude/scripts/state_manager.py get $SESSION_ID "test.nested"')
    assert output == Output("value\n", "")

    # debug mode, in a shell of its own because the variables would stay
    output = shell.guide("""\
(
export CLAUDE_ORCHESTRATION_DEBUG=1
export CLAUDE_LOG_LEVEL=DEBUG
uv run .claude/scripts/state_manager.py get $SESSION_ID "sprint" 2>&1 | tee debug.log
)
""")
    assert f"debug: session {shell.variable('SESSION_ID')}\n" in output.stdout
    assert '"name": "Authentication Sprint"' in output.stdout
    assert shell.run("cat debug.log").stdout == output.stdout


def performance_issues(shell: Shell, state: Path) -> None:
    sizes = shell.run("du -sh ~/.claude/state/sessions/*").stdout.splitlines()
    assert len(sizes) == len(list((state / "sessions").iterdir())) >= 1
    cleaned = shell.guide("uv run .claude/scripts/state_manager.py cleanup-expired")
    assert cleaned == Output("No session has expired.\n", "")
    locks = shell.run("cd ~/.claude/state && find . -name '*.lock'")
    assert locks.stdout == "./.git/orchestration/store.lock\n"
    shell.run('cd "$OLDPWD"')
    shell.guide(
        "SESSION_ID=$(uv run .claude/scripts/session_manager.py create --mode development --project myapp)"
    )


def test_the_scripts_by_relative_path_in_the_checkout(shell: Shell) -> None:
    shell.run(f"cd '{ROOT}'")

    assert shell.run("uv --version").stdout.startswith("uv ")
    scripts = shell.run("ls -la .claude/scripts/").stdout
    for name in ("session_manager", "state_manager", "shared_state"):
        assert f" {name}.py\n" in scripts
        help_ = shell.run(f"uv run .claude/scripts/{name}.py --help").stdout
        assert help_.startswith(f"Usage: {name} [OPTIONS] COMMAND [ARGS]...\n")
    shell.run("SESSION=$(uv run .claude/scripts/session_manager.py create --mode config --project myapp)")
    output = shell.run("uv run .claude/scripts/state_manager.py get $SESSION session.project")
    assert output == Output("myapp\n", "")


def test_a_second_run_needs_no_network(shell: Shell) -> None:
    create = "uv run .claude/scripts/session_manager.py create"
    shell.guide(f"SESSION=$({create})")
    shell.run("export UV_OFFLINE=1")

    output = shell.guide(f"{create} --quiet")

    assert re.fullmatch(UUID4 + "\n", output.stdout)
    assert output.remarks == ""


def parsed(time: str) -> datetime:
    return datetime.fromisoformat(time)
