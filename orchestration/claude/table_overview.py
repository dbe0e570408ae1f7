"""The slash commands that look at the whole: monitor, teams, leading, configuration, and a look inside."""

from orchestration.claude.forms import Command, Family, one

_SEVERITIES = "low|medium|high|critical"
_TOOLS = "agent|command|hook|workflow|library"
_HANDOFFS = "[TEAM] [--status open|pending_acceptance|deferred|accepted|in_progress|completed|rejected]"
_PERFORMANCE = "[TEAM] [--period 7d|30d|all] [--metric velocity|quality|efficiency]"
_ACTIVATE = "[TEAM] [--capacity 1-100] [--focus TEXT...] [--change] [--yes] [--dry-run]"
_VALIDATE = "[--verbose] [--json] [--all]"
_FIX = "[--dry-run] [--category syntax|references|structure|all] [--all]"
_RESTORE = "[--path PATH] [--all] [--yes] [--dry-run]"
_ENTRY = " [--shared] [--yes] [--dry-run]"

FAMILIES: dict[str, Family] = {
    # -- watching
    "monitor": Family(
        "Watch the project: sprint, teams, agents, alerts, events",
        "[status|live|agents|teams|sprint|metrics|events]",
        {
            "": Command("Show the dashboard", "", "monitor:front"),
            "status": Command("Show health, agents, work and alerts", "[NAME] [--json]", "monitor:show"),
            "live": Command(
                "Show the situation, and what keeps it on a terminal", "[PANELS+]", "monitor:live"
            ),
            "agents": Command("Show what agents do, all or those of a team", "[TEAM]", "monitor:agents"),
            "teams": Command("Show load, dependencies and handoffs of teams", "[TEAM]", "monitor:teams"),
            "sprint": Command("Show a sprint's numbers, burndown and outlook", "[SPRINT]", "monitor:sprint"),
            "metrics": Command(
                "Show figures of flow, quality or output",
                "[KIND=performance|quality|productivity]",
                "monitor:metrics",
            ),
            "events": Command(
                "Show what happened, and with --follow what happens now",
                "[FILTER+] [--follow] [--since TIME...] [--type TYPE] [--task ID] [--limit N] [--wait SECONDS]",
                "monitor:list_events",
            ),
        },
    ),
    # -- teams
    "team": Family(
        "Teams: who there is, load, capacity, handoffs",
        "[status|capacity|assign|handoff|handoffs|performance|activate]",
        {
            "": Command("List teams with load", "", "team:listing"),
            "list": Command("List teams", "[--team TEAM] [--format tree|table|json]", "team:listed"),
            "status": Command("Show what teams do now", "[TEAM]", "team:status"),
            "capacity": Command(
                "Show slots, pace and full roles", "[TEAM] [--forecast DAYS]", "team:capacity"
            ),
            "assign": Command(
                "Assign a task, or a new one, to an agent",
                "AGENT TASK... [--force REASON...] [--yes] [--dry-run]",
                "team:assign",
            ),
            "handoff": Command(
                "Ask another team to take work over",
                "FROM TO [TEXT...] [--task IDS] [--artifacts PATHS] [--criteria TEXT...]",
                "team:hand_off",
            ),
            "accept-handoff": Command("Accept a handoff with its tasks", "ID", "team:accept"),
            "defer-handoff": Command("Put off the answer to a handoff", "ID REASON...", "team:defer"),
            "reject-handoff": Command("Reject a handoff", "ID REASON...", "team:reject"),
            "resume-handoff": Command("Ask again about a deferred handoff", "ID", "team:resume"),
            "start-handoff": Command("Begin the work of a handoff", "ID", "team:start"),
            "complete-handoff": Command("End the work of a handoff", "ID", "team:complete"),
            "handoffs": Command("List handoffs between teams", _HANDOFFS, "team:handoffs"),
            "activate": Command("Put a team to work for this session", _ACTIVATE, "orchestrate:activate"),
            "deactivate": Command("Release a team", "TEAM", "orchestrate:deactivate"),
            "performance": Command("Show what teams and agents got done", _PERFORMANCE, "team:measured"),
        },
    ),
    "teams": one("List teams with load", "[TEAM] [--format tree|table|json]", "team:listing"),
    "capacity": one("Show slots, pace and full roles of teams", "[TEAM] [--forecast DAYS]", "team:capacity"),
    "dependencies": one("Show which teams wait for which", "[TEAM]", "team:dependencies"),
    "handoffs": one("List handoffs between teams", _HANDOFFS, "team:handoffs"),
    "performance": one("Show what teams and agents got done", _PERFORMANCE, "team:measured"),
    "allocation": one("Move work from full agents to free ones", "[--yes] [--dry-run]", "team:allocation"),
    "resources": one("Show load against capacity by team", "", "team:resources"),
    # -- leading
    "kpis": one("Show the key figures of the project", "", "leadership:kpis"),
    "summary": one("Show the project in a few lines", "", "leadership:summary"),
    "agenda": one("Show what there is to talk about", "", "leadership:meeting"),
    "goals": Family(
        "Show the goals of the sprint, mark one as reached",
        "[done N|add TEXT|reopen N]",
        {
            "": Command("Show the goals of a sprint", "[SPRINT]", "leadership:list_goals"),
            "done": Command("Mark a goal as reached", "N [--sprint SPRINT]", "leadership:reach_goal"),
            "reopen": Command("Mark a goal as open again", "N [--sprint SPRINT]", "leadership:reopen_goal"),
            "add": Command("Write down a goal", "TEXT... [--sprint SPRINT]", "leadership:add_goal"),
        },
    ),
    "risks": Family(
        "Show what endangers the project, record a risk",
        "[add TEXT|close ID]",
        {
            "": Command(
                "Show blockers, what is late, and recorded risks", "[--all]", "leadership:list_risks"
            ),
            "add": Command(
                "Record a risk",
                f"TEXT... [--severity {_SEVERITIES}] [--sprint SPRINT]",
                "leadership:add_risk",
            ),
            "close": Command("Close a recorded risk", "ID [REASON...]", "leadership:close_risk"),
        },
    ),
    "budget": one("Show recorded costs and budgets", "", "leadership:budget"),
    "timeline": one("Show epics and sprints on a time line", "", "leadership:timeline"),
    "propose": one("Propose a decision", "TEXT... [--deadline TIME] [--as NAME]", "deciding:propose"),
    "vote": one("Vote on a decision", "ID VOTE=yes|no|abstain [--as NAME]", "deciding:vote"),
    "consensus": Family(
        "Show how many agree, close a decision by its votes",
        "[ID|close ID]",
        {
            "": Command("Show how many agree", "[ID]", "deciding:consensus"),
            "close": Command("Close a decision by its votes", "ID", "deciding:close"),
        },
    ),
    "decisions": one("List decisions", "[STATUS=voting|approved|conditional|rejected]", "deciding:listing"),
    # -- configuration
    "config": Family(
        "Configuration of the project; the client's own settings are at /settings",
        "[validate|fix|teams|agents|workflows|backup|get|set|history|export|import|reload|environments]",
        {
            "": Command("Show what is configured and whether it is valid", "[SETTING+]", "config:front"),
            "validate": Command("Check all configuration", _VALIDATE, "config:validate"),
            "fix": Command("Mend what can be mended without guessing", _FIX, "config:fix"),
            "teams": Command(
                "Show, edit, add or remove teams",
                "[WORDS+] [--lead AGENT] [--members A,B] [--capacity N] [--skills A,B] [--data JSON...]"
                + _ENTRY,
                "config_records:teams",
            ),
            "agents": Command("List, show or check agents", "[WORDS+]", "config_records:agents"),
            "workflows": Command(
                "Show, edit, add, remove or test workflows",
                "[WORDS+] [--data JSON...]" + _ENTRY,
                "config_records:workflows",
            ),
            "backup create": Command("Back up the present state", "[NAME]", "backing_up:create"),
            "backup list": Command("List backups", "", "backing_up:listing"),
            "backup restore": Command("Go back to a backup", "NAME " + _RESTORE, "backing_up:restore"),
            "backup diff": Command("Show what differs from a backup", "OLD [NEW]", "backing_up:diff"),
            "backup clean": Command(
                "Remove old backups", "[--keep N] [--yes] [--dry-run]", "backing_up:clean"
            ),
            "reload": Command("Check and commit what was edited by hand", "", "config:reload"),
            "get": Command("Print a value", "[PATH] [--shared]", "config:get"),
            "set": Command("Set a value", "PATH VALUE... [--json] [--json-value] [--shared]", "config:set_"),
            "history": Command(
                "List changes of the configuration", "[--limit N] [--shared]", "config:history"
            ),
            "export": Command("Print the configuration", "[FORM=json|yaml|env]", "config:export"),
            "import": Command(
                "Lay a file over the configuration", "FILE [--yes] [--dry-run]", "backing_up:import_"
            ),
            "environments": Command("List environments, or show one", "[NAME]", "config:environments"),
        },
    ),
    "validate": one("Check all configuration", _VALIDATE, "config:validate"),
    "backup": one("Back up the present state", "[NAME]", "backing_up:create"),
    "restore": one("List backups, or go back to one", "[NAME] " + _RESTORE, "backing_up:restore"),
    "environments": one("List environments, or show one", "[NAME]", "config:environments"),
    "tools": one("List registered tools, or show one", f"[NAME] [--type {_TOOLS}]", "config:registry"),
    # -- looking inside
    "debug": Family(
        "Health of the installation, and a look inside",
        "[state|events|performance|integration|logs|agents|messages]",
        {
            "": Command("Show the health of each part", "", "debug:front"),
            "state": Command("Look closely at one part of the store", "[COMPONENT] [--deep]", "debug:state"),
            "events": Command("Show how events flow", "[TYPE] [--trace] [--limit N]", "debug:events"),
            "performance": Command(
                "Measure it, in a copy", "[--profile] [--benchmark]", "measuring:performance"
            ),
            "integration": Command(
                "Check what is installed, and try everything once", "[--test]", "trial:integration"
            ),
            "logs": Command(
                "Show the program's log", "[--level debug|info|warning|error] [--tail N]", "debug:logs"
            ),
            "agents": Command("List agents and their files", "[--validate]", "debug:agents"),
            "messages": Command("List messages to agents", "[AGENT]", "debug:list_messages"),
        },
    ),
    "health": one("Show the health of the installation", "", "debug:front"),
}
