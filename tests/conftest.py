"""Each test has a home, a state folder and a working directory of its own.

Nothing the suite does may depend on, or reach, the state of the person who runs it: the variables that
steer the program and git are removed, and the default store location raises.
"""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from orchestration.store import location

ROOT = Path(__file__).parent.parent
REAL_HOME = Path.home()
STEERING = ("CLAUDE", "GIT_", "ORCHESTRATION_")
# The last three belong to the run itself; to a uv that a test starts they would name the wrong environment.
OTHERS = ("XDG_CONFIG_HOME", "NO_COLOR", "FORCE_COLOR", "VIRTUAL_ENV", "UV_NO_SYNC", "UV_PROJECT_ENVIRONMENT")

settings.register_profile(
    "suite", deadline=None, max_examples=60, database=None, derandomize=bool(os.environ.get("CI"))
)
settings.register_profile("thorough", settings.get_profile("suite"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # As in the background of a shell; the programs that the suite interrupts would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _default_root(home: Path) -> Path:
    """Stand in for `orchestration.store.location.default_root`."""
    raise AssertionError(f"the suite must not open the default store of {home}: pass a root")


@pytest.fixture(scope="session", autouse=True)
def _real_state() -> Iterator[None]:
    """Fail the run when it has created the state folder of the person who runs it."""
    state = REAL_HOME / ".claude" / "state"
    existed = state.exists()
    yield
    assert existed or not state.exists(), f"the run created {state}"


@pytest.fixture(autouse=True)
def _surroundings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test, and the programs it starts, surroundings that hold nothing of this machine."""
    base = tmp_path_factory.mktemp("surroundings")
    for name in ("home", "work"):
        (base / name).mkdir()
    for variable in list(os.environ):
        if variable.startswith(STEERING) or variable in OTHERS:
            monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(base / "home"))
    monkeypatch.setenv("ORCHESTRATION_STATE_DIR", str(base / "state"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "80")
    if search := os.environ.get("PYTHONPATH"):
        # Entries such as "." mean the checkout, also for a program started from the test's directory.
        absolute = os.pathsep.join(str((ROOT / entry).resolve()) for entry in search.split(os.pathsep))
        monkeypatch.setenv("PYTHONPATH", absolute)
    monkeypatch.chdir(base / "work")
    # In its module, where callers look it up; its own tests import the function itself, beforehand.
    monkeypatch.setattr(location, "default_root", _default_root)


@pytest.fixture
def state_dir(_surroundings: None) -> Path:
    """The state folder of this test; it does not exist before the first write."""
    return Path(os.environ["ORCHESTRATION_STATE_DIR"])
