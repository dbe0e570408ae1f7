"""What one measurement is: two programs taking turns, and the ratio of their costs pair by pair.

Taking turns means that a slow minute of the machine hits both. The ratio is the median over the
pairs; its spread is the middle half of them, from the first quartile to the third.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

WARM_UPS = 3

Variant = Callable[[], float]
"""Does its thing once and returns what that cost; what it prepares or checks around it is not counted."""


class BenchmarkError(Exception):
    """A program that is measured failed, or did not do what it was measured for."""


class Cost(NamedTuple):
    """What a process cost, with those it waited for."""

    seconds: float
    mebibytes: float
    """The largest resident set of one of the processes."""


class Row(NamedTuple):
    """One line of the table; a row without a bar informs, one without figures has a note instead."""

    name: str
    ours: float | None = None
    theirs: float | None = None
    unit: str = "ms"
    ratios: Sequence[float] = ()
    bar: float | None = None
    """What the ratio may be at most, or, where there are no ratios, what `ours` may be."""
    at_least: bool = False
    """The bar is a lower one."""
    note: str = ""

    @property
    def measured(self) -> float | None:
        """What is held against the bar."""
        return statistics.median(self.ratios) if self.ratios else self.ours

    @property
    def missed(self) -> bool:
        """Whether there is a bar, and it is not reached; a row that could not be measured misses none."""
        if self.bar is None or self.measured is None:
            return False
        return self.measured < self.bar if self.at_least else self.measured > self.bar


def interleaved(variants: Mapping[str, Variant], rounds: int) -> dict[str, list[float]]:
    """Let the variants take turns, after some turns that do not count; returns their costs in order."""
    costs: dict[str, list[float]] = {name: [] for name in variants}
    for number in range(WARM_UPS + rounds):
        for name, variant in variants.items():
            cost = variant()
            if number >= WARM_UPS:
                costs[name].append(cost)
    return costs


def compared(
    name: str, ours: Sequence[float], theirs: Sequence[float], bar: float | None = None, *,
    at_least: bool = False, unit: str = "ms",
) -> Row:  # fmt: skip
    """Return the row for costs that were taken in turns; seconds are shown in ms."""
    factor = 1000 if unit == "ms" else 1
    return Row(
        name,
        statistics.median(ours) * factor,
        statistics.median(theirs) * factor,
        unit,
        [our / their for our, their in zip(ours, theirs, strict=True)],
        bar,
        at_least,
    )


def run(command: Sequence[str], env: Mapping[str, str], cwd: Path) -> Cost:
    """Run a program that must succeed; BenchmarkError with what it said otherwise."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    with process.stderr:
        said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise BenchmarkError(
            f"{' '.join(command)} exited {process.returncode}: {said.decode(errors='replace')}"
        )
    # Until exec a child shares this process's memory, which the kernel counts: this process stays small.
    kibibytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return Cost(seconds, kibibytes / 1024)


def output(command: Sequence[str], env: Mapping[str, str], cwd: Path, *, stdin: str = "") -> str:
    """Run a program that must succeed and return its stdout without the last line end."""
    done = subprocess.run(command, env=env, cwd=cwd, input=stdin, capture_output=True, text=True)
    if done.returncode:
        raise BenchmarkError(f"{' '.join(command)} exited {done.returncode}: {done.stderr}")
    return done.stdout.rstrip("\n")
