"""The slash commands of the user guide, as they are printed there, and what each has to say here.

They are typed one after the other in the project of the fixture `project`.
"""

from typing import NamedTuple


class Line(NamedTuple):
    """What is typed, words that the answer has to hold, and whether the model is to work on it."""

    typed: str
    says: tuple[str, ...]
    for_model: bool = False


def _line(typed: str, *says: str, for_model: bool = False) -> Line:
    return Line(typed, says, for_model)


TASKS = (
    _line("/move TASK-123 in_progress", "✓ TASK-123 todo -> in_progress", "in_progress 2/5"),
    _line("/assign TASK-123 @engineering-fullstack", "✓ TASK-123 is assigned to engineering-fullstack"),
    _line(
        '/block TASK-456 "Waiting for API documentation from vendor"',
        "✓ TASK-456 is blocked by BLK-1 (medium): Waiting for API documentation from vendor\n",
    ),
    _line("/unblock TASK-456", "✓ TASK-456 is back in in_progress; BLK-1 closed"),
    _line(
        "/estimate TASK-789 8",
        "✓ TASK-789 is estimated at 8",
        "scope of sprint-1: 18 -> 26 points, 18 committed",
    ),
    _line("/autoassign", "TASK-789 -> engineering-lead", "TASK-790 -> ", "/orchestrate apply "),
)
FIGURES = (
    _line(
        "/metrics",
        "1 done of 6, 0 blocked",
        "3 done, 23 remaining",
        "18 points",
        "median 1d 12h",
        "18 committed of 40",
    ),
    _line("/burndown", "behind: 23 points remain", "Scope +8 points in 1 change", "TASK-789"),
    _line(
        "/forecast",
        "23 points remain in 5 tasks",
        "low confidence (needs 5 working days and 5 finished tasks)",
    ),
    _line("/velocity", "No sprint is finished yet.", "needs 3 finished sprints"),
)
ORCHESTRATE = (
    _line(
        "/orchestrate                    # Main orchestration menu",
        "sprint-1: Authentication Sprint  active",
        "/orchestrate sprint start|status|stop",
    ),
    _line(
        "/orchestrate sprint start      # Start sprint with preview",
        "Error: project 'myapp' has no planned sprint",
        "create-sprint myapp",
    ),
    _line(
        "/orchestrate sprint status     # Sprint progress tracking  ",
        "day 4 of 14",
        "3 of 26 points done (18 committed), 1 of 6 tasks; capacity 40",
        "Social login",
    ),
    _line(
        "/orchestrate task delegate     # Delegate tasks to teams", "Hint: /orchestrate task delegate TEXT"
    ),
    _line(
        '/orchestrate task delegate "Implement OAuth2 provider integration"',
        "| title:    Implement OAuth2 provider integration\n",
        "| assignee: engineering-lead",
        "/orchestrate apply ",
        'Use the Agent tool with subagent_type "engineering-lead"',
        for_model=True,
    ),
    _line(
        "/orchestrate team activate     # Activate team coordination", "engineering (lead @engineering-lead)"
    ),
    _line(
        "/orchestrate team activate engineering",
        "Members:\n  engineering-lead: Technical lead",
        "slots:      3 of 3 used",
        "/orchestrate apply ",
    ),
    _line(
        "/orchestrate team activate devops  # For infrastructure blockers",
        "team:       devops",
        "/orchestrate apply ",
    ),
    _line(
        "/orchestrate team activate qa      # For testing issues",
        "lead:       qa-analyst",
        "/orchestrate apply ",
    ),
    _line("/orchestrate team activate product  ", "lead:       product-manager", "/orchestrate apply "),
    _line("/orchestrate epic plan         # Epic planning and breakdown", "/orchestrate epic plan "),
    _line(
        "/orchestrate epic plan user-dashboard",
        "| epic:     user-dashboard  User dashboard (planned)",
        for_model=True,
    ),
    _line(
        "/orchestrate stop              # Stop all orchestration",
        "Nothing was changed yet.",
        "/orchestrate apply ",
    ),
)
STATE = (
    _line(
        "/state                         # State overview and menu",
        "sprint-1 (active)",
        "6 on the board",
        "Last changes",
    ),
    _line(
        "/state get sprint.current.name     # Query state with dot/JSONPath notation", "Authentication Sprint"
    ),
    _line("/state get $.sprint.tasks[?(@.status=='review')].id", '"TASK-2"'),
    _line('/state set notes.today "plan *the* week"', "✓ Set notes.today", "plan *the* week", "/undo "),
    _line("/state get notes.today", "plan *the* week"),
    _line(
        "/state summary                # High-level state dashboard",
        "3 of 26 points completed, 23 remain",
        "Health ",
    ),
    _line(
        "/state tasks --status in_progress # Filtered task views", "myapp  2 tasks", "TASK-123", "TASK-456"
    ),
    _line(
        "/state reset                  # Safe state reset with backup",
        "Nothing was changed yet.",
        "/state reset RESET",
    ),
)
MONITOR = (
    _line(
        "/monitor                      # Main monitoring dashboard",
        "3 of 26 points and 1 of 6 tasks done",
        "Alerts",
    ),
    _line("/monitor status", "todo 2/10  in_progress 2/5  review 1/3  done 1  blocked 0", "Last events"),
    _line(
        "/monitor live 5      # Live monitoring with refresh", "3 of 26 points done (12 %)", "--interval 5"
    ),
    _line(
        "/monitor agents engineering        # Team-specific monitoring",
        "@engineering-ux",
        "TASK-123",
        "Stalled",
    ),
    _line("/monitor metrics performance      # Performance KPIs", "cycle time", "median 1d 12h"),
    _line(
        "/monitor events --follow      # Real-time event stream", "task_moved", "TASK-123 todo -> in_progress"
    ),
)
TEAM = (
    _line(
        "/team                         # Team management overview",
        "3 of 6 slots used, 3 open tasks, 0 blocked",
    ),
    _line(
        "/team status                  # All teams status", "engineering (not active; 3/3 slots, 0 blocked"
    ),
    _line("/team capacity engineering        # Capacity analysis", "3/3 slots, 0 free, 100 % utilised"),
    _line("/team capacity qa", "qa  0/1 slots, 1 free"),
    _line("/team assign engineering-fullstack TASK-123", "✓ TASK-123 is assigned to engineering-fullstack"),
    _line("/team assign qa-analyst TASK-456", "✓ TASK-456 is assigned to qa-analyst"),
    _line(
        '/team handoff product engineering "Feature specifications ready for development"',
        "✓ Requested HO-1: product → engineering",
        "/team accept-handoff HO-1",
    ),
)
CONFIG = (
    _line("/config                       # Configuration overview", "project:      myapp", "/settings"),
    _line("/config validate              # Validate all configurations", "0 errors, 0 warnings"),
    _line(
        "/config teams engineering edit     # Edit team configurations",
        "lead: engineering-lead",
        "/config set ",
    ),
    _line("/config fix --dry-run        # Preview auto-fixes", "0 errors, 0 warnings"),
    _line("/config fix", "0 errors, 0 warnings", "Nothing was changed."),
    _line("/config backup create         # Configuration backups", "✓ Created backup/"),
)
DEBUG = (
    _line("/debug                        # System health check", "green  store", "0 errors, 0 warnings"),
    _line("/debug state tasks     # Debug state management", "6 files in projects/myapp/tasks"),
    _line("/debug state orchestrator", "previews waiting to be applied"),
    _line(
        "/debug events --trace         # Event flow analysis",
        "task_moved",
        "wrote projects/myapp/tasks/TASK-123.yaml",
    ),
    _line("/debug performance --profile  # Performance bottlenecks", "MEDIAN", "start-up", "CALLS  FUNCTION"),
    _line("/debug integration --test     # Component integration tests", "11 of 11 steps passed"),
)
STYLES = (
    _line("/output-style sprint_execution", "✓ Output style: sprint_execution", "/clear", "TODO 2/10"),
    _line("/output-style leadership_chat", "✓ Output style: leadership_chat", "/clear", "predictability"),
    _line("/output-style all-team_dashboard", "✓ Output style: all-team_dashboard", "/clear", "HO-1"),
    _line("/output-style config_manager", "✓ Output style: config_manager", "/clear", "project:      myapp"),
    _line("/output-style default", "✓ Output style: default"),
)
END = (
    _line("/retro", "sprint-1", "TASK-1"),
    _line("/archive", "Error: project 'myapp' has no completed sprint to archive"),
)
GUIDE = (*TASKS, *FIGURES, *ORCHESTRATE, *STATE, *MONITOR, *TEAM, *CONFIG, *DEBUG, *STYLES, *END)
SLOW = ("/monitor events --follow", "/debug performance", "/debug integration")
"""How those lines begin whose answers take seconds: they wait, or measure."""
