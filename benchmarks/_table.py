"""The table, in Markdown, so that it reads the same at a terminal and in the README."""

import statistics
from collections.abc import Sequence

from benchmarks._timing import Row

HEADINGS = ("what", "ours", "theirs", "ratio", "middle half", "bar", "")


def text(rows: Sequence[tuple[Row, str]]) -> str:
    """Return the table of rows, each with its verdict."""
    lines = [HEADINGS, *(_cells(row, verdict) for row, verdict in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def _cells(row: Row, verdict: str) -> tuple[str, ...]:
    spread = ""
    if len(row.ratios) > 1:
        low, _, high = statistics.quantiles(row.ratios, n=4, method="inclusive")
        spread = f"{low:.2f} to {high:.2f}"
    sign = ">=" if row.at_least else "<="
    unit = "" if row.ratios else f" {row.unit}"
    return (
        row.name,
        _amount(row.ours, row.unit),
        _amount(row.theirs, row.unit),
        f"{statistics.median(row.ratios):.2f}" if row.ratios else "",
        spread,
        "" if row.bar is None else f"{sign} {row.bar:g}{unit}",
        row.note or verdict,
    )


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 0 if unit in ("fsyncs", "rounds", "pushes") or value >= 1000 else 1
    return f"{value:.{digits}f} {unit}"
