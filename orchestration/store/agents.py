"""Which sub-agents are running in clients of this machine: a small file for each, outside history.

They lie in `.git/orchestration/agents/<host>/<agent id>` and hold the agent's name; `presence.agents` reads them.
"""

import os

FOLDER = "agents"


def start(private: str, host: str, agent_id: str, name: str, now: float) -> None:
    """Note that a sub-agent is at work."""
    folder = f"{private}/{FOLDER}/{host}"
    try:
        os.makedirs(folder, exist_ok=True)
        fd = os.open(f"{folder}/{agent_id}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(fd, name.encode("utf-8", "replace"))
        finally:
            os.close(fd)
        os.utime(f"{folder}/{agent_id}", (now, now))
    except OSError:
        return


def sign(private: str, host: str, agent_id: str, now: float) -> None:
    """Note that a sub-agent is still at work."""
    try:
        os.utime(f"{private}/{FOLDER}/{host}/{agent_id}", (now, now))
    except OSError:
        return


def stop(private: str, host: str, agent_id: str | None = None) -> None:
    """Note that a sub-agent, or all of a host, are not at work any more."""
    folder = f"{private}/{FOLDER}/{host}"
    try:
        for name in [agent_id] if agent_id else os.listdir(folder):
            os.unlink(f"{folder}/{name}")
        os.rmdir(folder)
    except OSError:
        return  # others are still there, or nothing was
