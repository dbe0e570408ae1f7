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
    _line("/move TASK-123 in_progress", "TASK-123 todo -> in_progress", "in_progress 2/5"),
    _line("/assign TASK-123 @engineering-fullstack", "TASK-123", "engineering-fullstack"),
    _line(
        '/block TASK-456 "Waiting for API documentation from vendor"',
        "TASK-456",
        "Waiting for API documentation from vendor",
    ),
    _line("/unblock TASK-456", "TASK-456", "in_progress"),
    _line("/estimate TASK-789 8", "TASK-789", "8"),
    _line("/autoassign", "TASK-789", "TASK-790", "/orchestrate apply "),
)
FIGURES = (
    _line("/metrics", "21", "3"),  # points of the sprint after TASK-789 was estimated, and those done
    _line("/burndown", "sprint-1", "18"),
    _line("/forecast", "needs"),
    _line("/velocity", "needs 3 finished sprints"),
)
ORCHESTRATE = (
    _line(
        "/orchestrate                    # Main orchestration menu", "sprint-1", "/orchestrate sprint status"
    ),
    _line("/orchestrate sprint start      # Start sprint with preview", "no planned sprint", "create-sprint myapp"),
    _line("/orchestrate sprint status     # Sprint progress tracking  ", "Authentication Sprint", "day 4"),
    _line("/orchestrate task delegate     # Delegate tasks to teams", "TEXT"),
    _line(
        '/orchestrate task delegate "Implement OAuth2 provider integration"',
        "Implement OAuth2 provider integration",
        "engineering",
        for_model=True,
    ),
    _line("/orchestrate team activate     # Activate team coordination", "engineering"),
    _line("/orchestrate team activate engineering", "engineering-lead", "/orchestrate apply "),
    _line(
        "/orchestrate team activate devops  # For infrastructure blockers", "devops", "/orchestrate apply "
    ),
    _line("/orchestrate team activate qa      # For testing issues", "qa-analyst", "/orchestrate apply "),
    _line("/orchestrate team activate product  ", "product-manager", "/orchestrate apply "),
    _line("/orchestrate epic plan         # Epic planning and breakdown", "NAME"),
    _line("/orchestrate epic plan user-dashboard", "User dashboard", for_model=True),
    _line("/orchestrate stop              # Stop all orchestration", "/orchestrate apply "),
)
STATE = (
    _line("/state                         # State overview and menu", "sprint-1", "/state get"),
    _line(
        "/state get sprint.current             # Query state with dot/JSONPath notation",
        "Authentication Sprint",
    ),
    _line("/state get $.sprint.tasks[?(@.status=='review')].id", "TASK-2"),
    _line(
        '/state set notes.today "plan *the* week"     # Update state values', "notes.today", "plan *the* week"
    ),
    _line("/state get notes.today", "plan *the* week"),
    _line("/state summary                # High-level state dashboard", "sprint-1"),
    _line("/state tasks --status in_progress # Filtered task views", "TASK-123", "TASK-456"),
    _line("/state reset                  # Safe state reset with backup", "/state reset RESET"),
)
MONITOR = (
    _line("/monitor                      # Main monitoring dashboard", "sprint-1"),
    _line("/monitor status", "engineering"),
    _line("/monitor live 5      # Live monitoring with refresh", "day 4", "TASK-123 todo -> in_progress", "--interval 5"),
    _line("/monitor agents engineering        # Team-specific monitoring", "engineering-ux"),
    _line("/monitor metrics performance      # Performance KPIs", "cycle time"),
    _line("/monitor events --follow      # Real-time event stream", "TASK-123 todo -> in_progress"),
)
TEAM = (
    _line("/team                         # Team management overview", "engineering", "qa"),
    _line("/team status                  # All teams status", "engineering"),
    _line("/team capacity engineering        # Capacity analysis", "engineering-ux"),
    _line("/team capacity qa", "qa-analyst"),
    _line("/team assign engineering-fullstack TASK-123", "TASK-123", "engineering-fullstack"),
    _line("/team assign qa-analyst TASK-456", "TASK-456", "qa-analyst"),
    _line(
        '/team handoff product engineering "Feature specifications ready for development"',
        "product",
        "engineering",
        "HO-1",
    ),
)
CONFIG = (
    _line("/config                       # Configuration overview", "myapp", "/settings"),
    _line("/config validate              # Validate all configurations", "0 errors"),
    _line("/config teams engineering edit     # Edit team configurations", "engineering-lead", "/config set"),
    _line("/config fix --dry-run        # Preview auto-fixes", "0 errors"),
    _line("/config fix", "0 errors"),
    _line("/config backup create         # Configuration backups", "backup/"),
)
DEBUG = (
    _line("/debug                        # System health check", "green"),
    _line("/debug state tasks     # Debug state management", "tasks"),
    _line("/debug state orchestrator", "orchestrator"),
    _line("/debug events --trace         # Event flow analysis", "TASK-123"),
    _line("/debug performance --profile  # Performance bottlenecks", "MEDIAN", " ms "),
    _line("/debug integration --test     # Component integration tests", "pass"),
)
STYLES = (
    _line("/output-style sprint_execution", "TASK-123", "/clear"),
    _line("/output-style leadership_chat", "redictability", "/clear"),
    _line("/output-style all-team_dashboard", "engineering", "/clear"),
    _line("/output-style config_manager", "myapp", "/clear"),
    _line("/output-style default", "default"),
)
END = (
    _line("/retro", "TASK-1"),
    _line("/archive", "sprint-1"),
)
GUIDE = (*TASKS, *FIGURES, *ORCHESTRATE, *STATE, *MONITOR, *TEAM, *CONFIG, *DEBUG, *STYLES, *END)
