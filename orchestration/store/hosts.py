"""What this machine knows of each session of a client (a host), outside history.

The files lie in `.git/orchestration`, named by the host's own id of the session:

    hosts/<host>    which of our sessions it works in: `session`, `project`, and `made` once that has a record
    seen/<host>     the newest `commit` its model has seen, and the session's lease as of that commit
    own/<host>      commits that its model made itself, a line each
    typed/<host>    slash commands that were answered without the model, and the last answer
    clients/<name>  the host that a process, or a folder, had last

They are lines of `name value`, so that a hook with nothing to do reads them without loading anything. None
is flushed to disk, and all may be deleted: then a client begins a session anew. Where one cannot be written,
nothing is noted.
"""

import os

Facts = dict[str, str]
LIMIT = 64 * 1024
"""Bytes of a file after which its older half is forgotten."""
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def fits(name: object) -> bool:
    """Say whether a name from outside may be that of a file."""
    return isinstance(name, str) and 0 < len(name) <= 80 and name[0] not in ".-" and _PLAIN.issuperset(name)


def binding(private: str, host: str) -> Facts:
    """Return which session a host works in, {} when it is not known."""
    return _facts(private, "hosts", host)


def bind(private: str, host: str, facts: Facts) -> bool:
    """Note which session a host works in; False where that cannot be noted."""
    return _write(private, "hosts", host, facts)


def seen(private: str, host: str) -> Facts:
    """Return what the model of a host has seen, {} when nothing is known."""
    return _facts(private, "seen", host)


def mark(private: str, host: str, facts: Facts) -> None:
    """Note what the model of a host has seen."""
    _write(private, "seen", host, facts)


def former(private: str, name: str) -> str | None:
    """Return the host that a process or a folder had last."""
    return _facts(private, "clients", name).get("host")


def keep(private: str, name: str, host: str | None) -> None:
    """Note which host a process or a folder has, None for none any more."""
    if host is None:
        _remove(private, "clients", name)
    else:
        _write(private, "clients", name, {"host": host})


def own(private: str, host: str) -> set[str]:
    """Return the commits that the model of a host made."""
    return set(_read(private, "own", host).split())


def add_own(private: str, host: str, commit: str) -> None:
    """Note a commit that the model of a host made."""
    _append(private, "own", host, f"{commit}\n")


def typed(private: str, host: str) -> tuple[list[str], str]:
    """Return the slash commands that were answered since the model last looked, and the last answer."""
    commands, answer = [], ""
    for line in _read(private, "typed", host).split("\n"):
        kind, _, text = line.partition(" ")
        if kind == "command":
            commands.append(_unfolded(text))
        elif kind == "answer":
            answer = _unfolded(text)
    return commands, answer


def add_typed(private: str, host: str, command: str, answer: str) -> None:
    """Note a slash command and what was answered."""
    _append(private, "typed", host, f"command {_folded(command)}\nanswer {_folded(answer)}\n")


def has_typed(private: str, host: str) -> bool:
    """Say whether a slash command was answered since the model last looked."""
    return os.path.exists(f"{private}/typed/{host}")


def forget_typed(private: str, host: str) -> None:
    """Forget the slash commands: the model knows of them."""
    _remove(private, "typed", host)


def inherit(private: str, before: str, host: str) -> None:
    """Let the model of a host know what that of another knew: it goes on from there."""
    mark(private, host, seen(private, before))
    for commit in own(private, before):
        add_own(private, host, commit)


def tidy(private: str) -> None:
    """Forget the processes that are gone."""
    try:
        names = os.listdir(f"{private}/clients")
    except OSError:
        return
    for name in names:
        kind, _, number = name.partition("-")
        if kind == "process" and number.isdigit():
            try:
                os.kill(int(number), 0)
            except ProcessLookupError:
                _remove(private, "clients", name)
            except OSError:
                continue  # somebody else's


def forget(private: str, host: str) -> None:
    """Forget all about a host."""
    for folder in ("hosts", "seen", "own", "typed"):
        _remove(private, folder, host)


def _folded(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\r", " ").replace("\n", "\\n")


def _unfolded(text: str) -> str:
    return "\\".join(part.replace("\\n", "\n") for part in text.split("\\\\"))


def _facts(private: str, folder: str, name: str) -> Facts:
    lines = (line.partition(" ") for line in _read(private, folder, name).split("\n"))
    return {key: value for key, _, value in lines if key}


def _read(private: str, folder: str, name: str) -> str:
    try:
        fd = os.open(f"{private}/{folder}/{name}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        data = b""
        while more := os.read(fd, 1 << 20):
            data += more
        return data.decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(fd)


def _write(private: str, folder: str, name: str, facts: Facts) -> bool:
    text = "".join(f"{key} {_folded(value)}\n" for key, value in facts.items())
    draft = f"{private}/{folder}/.{name}.{os.getpid()}"
    try:
        fd = _opened(draft, private, folder, os.O_TRUNC)
        try:
            os.write(fd, text.encode("utf-8", "replace"))
        finally:
            os.close(fd)
        os.rename(draft, f"{private}/{folder}/{name}")
    except OSError:
        return False
    return True


def _append(private: str, folder: str, name: str, text: str) -> None:
    try:
        fd = _opened(f"{private}/{folder}/{name}", private, folder, os.O_APPEND)
        try:
            os.write(fd, text.encode("utf-8", "replace"))
            full = os.fstat(fd).st_size > LIMIT
        finally:
            os.close(fd)
        if full:
            lines = _read(private, folder, name).split("\n")
            with open(f"{private}/{folder}/{name}", "w", encoding="utf-8", errors="replace") as file:
                file.write("\n".join(lines[len(lines) // 2 :]))
    except OSError:
        return


def _opened(path: str, private: str, folder: str, how: int) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | how
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        os.makedirs(f"{private}/{folder}", exist_ok=True)
        return os.open(path, flags, 0o600)


def _remove(private: str, folder: str, name: str) -> None:
    try:
        os.unlink(f"{private}/{folder}/{name}")
    except OSError:
        return
