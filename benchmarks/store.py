"""The store inside one process, against git and libgit2; and several processes at once."""

import importlib.util
from collections.abc import Iterable
from pathlib import Path

from benchmarks._lab import SOME, Lab
from benchmarks._timing import WARM_UPS, BenchmarkError, Row, compared, output

PROCESSES = 8


def write(lab: Lab) -> list[Row]:
    """Compare a write of one field with the commit of one file by git and by libgit2."""
    some, other = lab.store(SOME), lab.copy(lab.store(SOME), "git")
    rows = [_against_git(lab, SOME, 0.7, some, other)]
    counts = lab.child("fsyncs", some, other)
    output(["git", "-C", str(other), "config", "--unset", "core.fsync"], lab.base, lab.work)
    rows.append(_against_git(lab, SOME, None, some, other, ", git's default durability"))
    lab.drop(other)
    rows += [
        Row("fsyncs per write, durability full / git", counts["full"], counts["git"], "fsyncs"),
        Row("fsyncs per write, durability fast", counts["fast"], None, "fsyncs"),
        _against_pygit2(lab, some),
    ]
    many = lab.store(lab.many)
    other = lab.copy(many, "git")
    rows.append(_against_git(lab, lab.many, 0.25, many, other))
    lab.drop(other)
    return rows


def _against_git(
    lab: Lab, sessions: int, bar: float | None, store: Path, other: Path, remark: str = ""
) -> Row:
    pairs = lab.child("writes_and_git", store, other, lab.rounds)
    return compared(f"write / git commit -qam, {sessions} sessions{remark}", *_columns(pairs), bar)


def _against_pygit2(lab: Lab, store: Path) -> Row:
    name = f"write, durability fast / pygit2 without index and files, {SOME} sessions"
    if importlib.util.find_spec("pygit2") is None:
        return Row(name, note="needs pygit2: `uv run --group bench python -m benchmarks`")
    other = lab.copy(store, "pygit2")
    pairs = lab.child("writes_and_pygit2", store, other, lab.rounds)
    lab.drop(other)
    return compared(name, *_columns(pairs), 3)


def _columns(pairs: Iterable[tuple[float, float]]) -> tuple[list[float], list[float]]:
    ours, theirs = zip(*pairs, strict=True)
    return list(ours), list(theirs)


def parallel(lab: Lab) -> list[Row]:
    """Let several processes add to one number at once, and compare with one that does it alone."""
    store = lab.store(SOME, "parallel")
    together, alone = [], []
    for number in range(WARM_UPS + lab.rounds):
        rates = _rate(lab, store, PROCESSES, lab.writes), _rate(lab, store, 1, PROCESSES * lab.writes)
        if number >= WARM_UPS:
            together.append(rates[0])
            alone.append(rates[1])
    if left := output(["git", "-C", str(store), "status", "--porcelain"], lab.base, lab.work):
        raise BenchmarkError(f"files and commits differ after parallel writes:\n{left}")
    name = f"writes by {PROCESSES} processes at once / by one, nothing lost"
    return [compared(name, together, alone, 0.6, at_least=True, unit="/s")]


def _rate(lab: Lab, store: Path, processes: int, writes: int) -> float:
    """Return the writes per second of some processes; BenchmarkError when one write got lost."""
    before = _state(lab, store)
    children = [lab.start("increments", store, writes) for _ in range(processes)]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    spans = [lab.result(child) for child in children]
    expected = [count + processes * writes for count in before]
    if (after := _state(lab, store)) != expected:
        raise BenchmarkError(f"number and commits are {after} after parallel writes, not {expected}")
    seconds: float = max(end for _, end in spans) - min(began for began, _ in spans)
    return processes * writes / seconds


def _state(lab: Lab, store: Path) -> list[int]:
    """Return the number that is added to, and the number of commits."""
    commits = output(["git", "-C", str(store), "rev-list", "--count", "HEAD"], lab.base, lab.work)
    return [lab.child("counted", store), int(commits)]
