# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
"""Print the active sessions of a folder of JSON files, reading each: the least a script can do."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

now = datetime.now(UTC).isoformat()
for path in sorted(Path(sys.argv[1]).glob("*.json")):
    with path.open() as file:
        session = json.load(file)["session"]
    lifecycle = session["lifecycle"]
    if lifecycle["status"] == "active" and lifecycle["expiry"] > now:
        print(session["id"], session["mode"], session["project"], lifecycle["heartbeat"])
