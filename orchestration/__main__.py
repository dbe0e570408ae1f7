"""`python -m orchestration` is the `orchestration` command."""

from orchestration.cli.main import main

main()
