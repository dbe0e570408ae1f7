"""Durable, shared, versioned memory for teams of Claude Code agents."""
