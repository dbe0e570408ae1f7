"""The command line in this process, as in `tests/cli`, on a clock that a test moves."""

import importlib.util
from pathlib import Path

_FILE = Path(__file__).parent.parent / "cli" / "conftest.py"
_spec = importlib.util.spec_from_file_location("cli_conftest", _FILE)
assert _spec is not None and _spec.loader is not None
_cli = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_cli)

globals().update({name: value for name, value in vars(_cli).items() if not name.startswith("__")})
