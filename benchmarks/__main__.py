"""Measure everything, or one group, and print the table."""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import _table, cli, client, history, hooks, simulation, store, sync, views
from benchmarks._lab import Lab
from benchmarks._timing import BenchmarkError, Row

GROUPS: dict[str, Callable[[Lab], list[Row]]] = {
    "process": cli.process,
    "flat": cli.flat,
    "list": cli.listing,
    "memory": cli.memory,
    "write": store.write,
    "parallel": store.parallel,
    "history": history.history,
    "hooks": hooks.hooks,
    "client": client.client,
    "views": views.views,
    "sync": sync.sync,
    "simulation": simulation.simulation,
}
RUNS = 3
"""How often a group is measured before a bar counts as missed: the machine has bad moments too."""


def main() -> int:
    """Run as a program; 1 when a bar was missed or could not be measured, which --quick does not judge."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="5 pairs, 1000 sessions for many, 5000 commits, one run"
    )
    parser.add_argument(
        "--only", action="append", choices=GROUPS, metavar="NAME", help=f"of {', '.join(GROUPS)}"
    )
    options = parser.parse_args()
    rounds, many, writes, batch, runs = (5, 1000, 4, 50, 1) if options.quick else (30, 10_000, 20, 1, RUNS)
    commits, operations = (5_000, 200) if options.quick else (100_000, 10_000)
    rows: list[tuple[Row, str]] = []
    with tempfile.TemporaryDirectory(prefix="benchmarks-", ignore_cleanup_errors=True) as folder:
        lab = Lab(
            Path(folder),
            rounds=rounds,
            many=many,
            writes=writes,
            batch=batch,
            commits=commits,
            operations=operations,
        )
        for name in options.only or GROUPS:
            print(f"measuring {name} ...", file=sys.stderr, flush=True)
            rows += measured(name, lab, runs)
    print(
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors,"
        f" Python {platform.python_version()}; medians of {rounds} pairs\n"
    )
    print(_table.text(rows))
    return int(any(verdict.startswith(("missed", "failed")) for _, verdict in rows) and not options.quick)


def measured(name: str, lab: Lab, runs: int) -> list[tuple[Row, str]]:
    """Return the rows of a group with their verdicts; a row that missed its bar is measured again."""
    done: dict[str, tuple[Row, str]] = {}
    for number in range(1, runs + 1):
        try:
            rows = GROUPS[name](lab)
        except BenchmarkError as error:
            print(f"{name}: {error}", file=sys.stderr)
            return [*done.values(), (Row(name), "failed")]
        for row in rows:
            if row.name not in done or done[row.name][0].missed:
                done[row.name] = row, verdict(row, number)
        if not any(row.missed for row, _ in done.values()):
            break
    return list(done.values())


def verdict(row: Row, number: int) -> str:
    if row.bar is None or row.measured is None:
        return ""
    if row.missed:
        return "missed" if number == 1 else f"missed in {number} runs"
    return "ok" if number == 1 else f"ok in run {number}"


if __name__ == "__main__":
    sys.exit(main())
