# /// script
# requires-python = ">=3.8"
# dependencies = []
# ///
"""Start `orchestration {{script}}` of the installed program."""

import os
import shutil
import sys
from pathlib import Path

words = ["{{script}}", *sys.argv[1:]]
note = Path(__file__).resolve().parent.parent / "orchestration.local"
try:
    python = note.read_text(encoding="utf-8").splitlines()[0].strip()
except (OSError, IndexError):
    python = ""
if python and os.access(python, os.X_OK):
    os.execv(python, [python, "-P", "-m", "orchestration", *words])
tools = os.pathsep.join([os.environ.get("PATH", os.defpath), str(Path("~/.local/bin").expanduser())])
program = shutil.which("orchestration", path=tools)
if program:
    os.execv(program, [program, *words])
sys.exit("Error: claude-orchestration is not installed here: `uv tool install claude-orchestration`")
