# /// script
# requires-python = ">=3.11"
# dependencies = ["claude-orchestration"]
#
# [tool.uv.sources]
# claude-orchestration = { path = "../..", editable = true }
# ///
from orchestration.cli.observability import main

main()
