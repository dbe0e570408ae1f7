"""All slash commands: from this one table come the answers, the command files, the help and their tests."""

from orchestration.claude import table_overview
from orchestration.claude.forms import Command, Family
from orchestration.claude.forms import one as _one

__all__ = ["FAMILIES", "Command", "Family"]

FAMILIES: dict[str, Family] = {
    # -- orchestration and state
    "orchestrate": Family(
        "Sprints, delegation, teams and epics at a glance",
        "[sprint|task|team|epic|agents|stop]",
        {
            "": Command("Show where everything stands, and what is next", "", "orchestrate:front"),
            "sprint start": Command(
                "Start a sprint, by default the next planned one",
                "[SPRINT] [--days N] [--team A,B] [--force REASON...] [--yes] [--dry-run]",
                "sprints:start",
            ),
            "sprint status": Command(
                "Show how a sprint stands", "[SPRINT] [--format detailed|summary|json]", "sprints:show"
            ),
            "sprint stop": Command(
                "End a sprint, its open tasks carried over",
                "[SPRINT] [--carry-to SPRINT] [--force] [--yes] [--dry-run]",
                "sprints:stop",
            ),
            "task delegate": Command(
                "Hand work to the agent that fits",
                "TEXT... [--team NAME] [--agent AGENT] [--type TYPE] [--priority P] [--points N] [--epic ID]"
                " [--labels A,B] [--queue] [--force REASON...] [--no-run] [--yes] [--dry-run]",
                "delegation:delegate",
                for_model=True,
            ),
            "team activate": Command(
                "Put a team to work for this session",
                "[TEAM] [--capacity 1-100] [--focus TEXT...] [--change] [--yes] [--dry-run]",
                "orchestrate:activate",
            ),
            "team deactivate": Command("Release a team", "TEAM", "orchestrate:deactivate"),
            "epic plan": Command(
                "Lay an epic into sprints",
                "NAME... [--duration WEEKS] [--teams A,B] [--yes] [--dry-run]",
                "delegation:plan_epic",
                for_model=True,
            ),
            "agents status": Command(
                "Show what every agent does", "[--team NAME] [--format table|json]", "orchestrate:agents"
            ),
            "stop": Command(
                "Release teams, cancel workflows, pause this session",
                "[--force] [--yes] [--dry-run]",
                "orchestrate:stop",
            ),
            "apply": Command("Do what a preview has shown", "PLAN", "plans:apply", for_model=True),
        },
    ),
    "state": Family(
        "Read, write, compare and reset the state",
        "[get|set|summary|tasks|agents|sprints|history|diff|blame|conflicts|monitor|reset|restore]",
        {
            "": Command("Show the parts of the state and the last changes", "", "state:front"),
            "get": Command(
                "Print the value at a path", "[PATH...] [--format json|table] [--at MOMENT...]", "state:get"
            ),
            "set": Command("Write the value at a path", "PATH VALUE... [--merge] [--json]", "state:set_"),
            "summary": Command("Show health, counts, attention and trends", "", "state:summary"),
            "tasks": Command(
                "Show tasks by status, with what wants a look",
                "[--status STATUS] [--assigned-to AGENT] [--sprint ID] [--unassigned] [--blocked] [--age DAYS]"
                " [--priority P]",
                "state:tasks",
            ),
            "agents": Command(
                "Show what every agent does", "[--team NAME] [--format table|json]", "orchestrate:agents"
            ),
            "sprints": Command("List sprints", "[--status STATUS] [--archived]", "state:sprints_"),
            "history": Command(
                "List changes, or show the state of a moment",
                "[PLACE=PATH] [--path PATH] [--since MOMENT...] [--until MOMENT...] [--limit N] [--replay MOMENT...]",
                "history:history",
            ),
            "diff": Command("Show what differs between two moments", "MOMENT [UNTIL=MOMENT]", "history:diff"),
            "blame": Command("Show who set each value", "[PATH]", "history:blame"),
            "conflicts": Command(
                "List what two machines changed to different values", "[--all]", "conflicts:listing"
            ),
            "resolve": Command(
                "Decide a conflict",
                "CONFLICT=ID|PATH [--ours] [--theirs] [--value V...] [--json]",
                "conflicts:resolve",
            ),
            "monitor": Command("Show what /monitor shows", "", "state:monitor"),
            "reset": Command(
                "Put this session back to how it began",
                "[RESET] [--project] [--partial A,B] [--preserve A,B] [--force] [--yes] [--dry-run]",
                "reset:reset",
            ),
            "restore": Command(
                "List backups, or restore from one",
                "[NAME] [--all] [--path PATH] [--yes] [--dry-run]",
                "restoring:restore",
            ),
        },
    ),
    # -- the board
    "board": _one("Show the kanban board", "[SPRINT] [FILTER+] [--backlog]", "boards:board"),
    "filter": _one("Show only some tasks on /board", "[CRITERIA+]", "boards:filter_"),
    "move": _one(
        "Move a task to another column", "TASK COLUMN [--force REASON...] [--reopen REASON...]", "moves:move"
    ),
    "assign": _one("Assign a task to an agent, @none for nobody", "TASK AGENT=@AGENT", "moves:assign"),
    "block": _one(
        "Say what a task waits for",
        "TASK REASON... [--severity low|medium|high|critical] [--on TASK]",
        "moves:block",
    ),
    "unblock": _one("Close the blockers of a task", "TASK [NOTE...]", "moves:unblock"),
    "estimate": _one("Estimate a task in story points", "TASK POINTS", "moves:estimate"),
    "split": _one("Split a task into parts", "TASK TITLES... [--force REASON...]", "moves:split"),
    "wip": _one("Limit the tasks of a column", "COLUMN LIMIT=N|off", "moves:wip"),
    "autoassign": _one("Give waiting tasks to free agents", "[--yes] [--dry-run]", "assigning:autoassign"),
    "task": Family(
        "List, show, add and claim tasks",
        "[list|show|ready|next|add|claim]",
        {
            "": Command("List tasks", "", "tasks:front"),
            "list": Command(
                "List tasks",
                "[FILTER+] [--status STATUS] [--assignee AGENT] [--sprint ID] [--blocked]",
                "tasks:list_",
            ),
            "show": Command("Show one task", "TASK", "tasks:show"),
            "ready": Command("List what can be taken now", "[--as AGENT] [--limit N]", "tasks:ready"),
            "next": Command(
                "Take the first task that is ready",
                "[--as AGENT] [--start] [--more] [--dry-run]",
                "tasks:next_",
            ),
            "add": Command(
                "Add a task to the backlog",
                "TITLE... [--points N] [--priority P] [--epic ID] [--sprint ID] [--team NAME] [--assignee AGENT]"
                " [--type TYPE] [--depends A,B] [--labels A,B]",
                "tasks:add",
            ),
            "claim": Command("Take a task", "TASK [--as AGENT]", "tasks:claim"),
        },
    ),
    "undo": _one("Take back a change", "[COMMIT] [--last N] [--any] [--force] [--dry-run]", "undo:undo"),
    "redo": _one("Bring back what was undone", "[COMMIT] [--any] [--force] [--dry-run]", "undo:redo"),
    # -- figures and the end of a sprint
    "metrics": _one("Show all figures of a sprint", "[SPRINT]", "figures:metrics"),
    "velocity": _one("Show the points done in the last sprints", "", "figures:velocity"),
    "burndown": _one("Show what remains of a sprint day by day", "[SPRINT]", "figures:burndown"),
    "forecast": _one("Show when the sprint will be done", "[SPRINT]", "figures:forecast"),
    "retro": Family(
        "Look back at a sprint",
        "[SPRINT] [--discuss]",
        {"": Command("Look back at a sprint", "[SPRINT] [--discuss]", "review:retro", for_model=True)},
    ),
    "save-retro": _one("Write down a retrospective", "[TEXT...] [--sprint SPRINT]", "review:save"),
    "archive": _one(
        "Archive a completed sprint",
        "[SPRINT] [--carry-to SPRINT] [--force] [--yes] [--dry-run]",
        "sprints:archive",
    ),
    "next-sprint": _one(
        "Start the next planned sprint",
        "[SPRINT] [--days N] [--team A,B] [--force REASON...] [--yes] [--dry-run]",
        "sprints:start",
    ),
    "sprint-export": _one(
        "Write the tasks of a sprint to a file", "[FORM=json|csv|md] [SPRINT]", "exporting:export"
    ),
    **table_overview.FAMILIES,
    # -- the client itself
    "output-style": Family(
        "Set the output style and show its view",
        "[sprint_execution|leadership_chat|all-team_dashboard|config_manager|default]",
        {"": Command("Set the output style and show its view", "[NAME]", "styles:output_style")},
    ),
}
