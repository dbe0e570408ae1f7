"""The command line in this process, as in `tests/cli`, and the samples of other systems' files.

`samples/backlog` was written by Backlog.md 1.52 itself; the others have the shape that the systems document.
"""

import importlib.util
import shutil
from pathlib import Path

import pytest

_FILE = Path(__file__).parent.parent / "cli" / "conftest.py"
_spec = importlib.util.spec_from_file_location("cli_conftest", _FILE)
assert _spec is not None and _spec.loader is not None
_cli = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_cli)

globals().update({name: value for name, value in vars(_cli).items() if not name.startswith("__")})


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """A copy of the samples that a test may change."""
    return Path(shutil.copytree(Path(__file__).parent / "samples", tmp_path / "samples"))
