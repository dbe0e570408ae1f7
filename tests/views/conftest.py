"""A project with a running sprint, made by the commands, and what its views show at a width."""

import importlib
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestration.views import terminal

_FILE = Path(__file__).parent.parent / "cli" / "conftest.py"
_spec = importlib.util.spec_from_file_location("cli_conftest", _FILE)
assert _spec is not None and _spec.loader is not None
_cli = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_cli)

globals().update({name: value for name, value in vars(_cli).items() if not name.startswith("__")})

VIEWS = {
    "board": "board.board",
    "sprint": "sprint_status.status",
    "teams": "team_load.teams",
    "dashboard": "dashboard.dashboard",
    "kpis": "kpis.kpis",
    "timeline": "timeline.timeline",
}
TASKS = (
    # title, points, priority, assignee
    ("Pay with a saved card", "5", "1", "ana"),
    ("Show the delivery date in the cart before paying", "3", "2", "bo"),
    ("fix [/api] timeouts", "8", "1", "ana"),
    ("日本語の住所フォームを検証する", "5", "2", "cy"),
    ("🎉 Party mode for the order page", "2", "4", None),
    ("\x1b[31mred\x1b[0m alert", "1", "3", "quinn"),
    ("تسجيل الدخول", "3", "3", "rae"),
    ("Refund\nin two steps", "5", "3", None),
    ("Retry webhooks", "3", "3", "bo"),
    ("Log payment errors", "2", "2", "quinn"),
    ("Estimate shipping", None, "5", None),
)


@pytest.fixture
def shop(
    run: Any, clock: Any, once: Callable[[str, Callable[[], str]], str], monkeypatch: pytest.MonkeyPatch
) -> str:
    """Project shop on the fourth day of its sprint: tasks blocked, done, claimed by a session that is gone."""
    monkeypatch.setenv("ORCHESTRATION_ACTOR", "dana")

    def build() -> str:
        def ok(*words: str, env: dict[str, str] | None = None) -> str:
            result = run(*words, env=env)
            assert result.exit_code == 0, (words, result.stderr)
            return str(result.stdout).strip()

        team = {
            "engineering": {"lead": "ana", "members": ["bo", "cy"], "capacity": 4},
            "qa": {"lead": "quinn", "members": ["rae"]},
        }
        limits = {"todo": 6, "in_progress": 3, "review": 2}
        ok("set-config", "shop", "--data", json.dumps({"team": team, "settings": {"wip_limits": limits}}))
        session = ok("create", "--project", "shop", "--mode", "config")
        epic = ("--title", "Checkout", "--priority", "high", "--status", "in_progress")
        ok("update-epic", "shop", "checkout", *epic)
        goals = ["Pay in two clicks", "No failed payments"]
        data = {"start_date": "2026-01-05", "capacity": 30, "goals": goals}
        ok("create-sprint", "shop", "sprint-7", "Faster checkout", "--epic-id", "checkout", "--data",
           json.dumps(data))  # fmt: skip
        for title, points, priority, agent in TASKS:
            words = [
                "--sprint",
                "sprint-7",
                "--epic",
                "checkout",
                "--priority",
                priority,
                "--project",
                "shop",
            ]
            words += ["--points", points] if points else []
            words += ["--assignee", agent] if agent else []
            ok("task", "add", title, *words)
        ok("start-sprint", "shop", "sprint-7")
        ok("merge", session, "tasks.TASK-9", "--data", '{"depends_on": ["TASK-3"], "labels": ["webhooks"]}')
        ok("task", "claim", "TASK-1", "--as", "ana", "--session", session)

        def move(task: str, column: str, by: str) -> None:
            ok("update-task", task, column, "--project", "shop", env={"ORCHESTRATION_ACTOR": by})

        clock.forward(hours=3)
        for task in ("TASK-1", "TASK-2", "TASK-3"):
            move(task, "in_progress", "ana")
        clock.forward(hours=20)
        move("TASK-1", "review", "ana")
        move("TASK-4", "in_progress", "cy")
        move("TASK-10", "done", "quinn")
        ok("task", "block", "TASK-3", "the gateway is down", "--severity", "high", "--project", "shop")
        clock.forward(hours=30)
        move("TASK-2", "done", "bo")
        ok("task", "block", "TASK-7", "no [test] device", "--project", "shop")
        ok("task", "add", "Gift cards", "--project", "shop")
        clock.forward(hours=20)
        return "shop"

    return once("shop", build)


@pytest.fixture
def document(run: Any, shop: str) -> Callable[..., Any]:
    """Return the document of a command."""
    return lambda *words: run("orchestration", *words, "--project", shop, "--json-output").json


@pytest.fixture
def drawn(document: Callable[..., Any]) -> Callable[..., str]:
    """Return what a command shows at a terminal of a width, without its colours."""

    def drawn(width: int, *words: str, view: str | None = None, ascii_only: bool = False) -> str:
        module, _, name = (view or VIEWS[words[0]]).partition(".")
        page = getattr(importlib.import_module(f"orchestration.views.{module}"), name)(document(*words))
        return terminal.text(page, width, ascii=ascii_only) + "\n"

    return drawn


@pytest.fixture
def piped(run: Any, shop: str) -> Callable[..., str]:
    """Return what a command prints into a pipe."""

    def piped(*words: str) -> str:
        result = run("orchestration", *words, "--project", shop)
        assert result.exit_code == 0, result.stderr
        return str(result.stdout)

    return piped
