"""The front end inside Claude Code: slash commands, hooks, and what is installed into a project."""
