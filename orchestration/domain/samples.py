"""Descriptive statistics of a few samples, without the cost of importing the standard module."""

from collections.abc import Sequence
from math import ceil

from orchestration.domain.records import Document

PERCENTILES_NEED = 5


def mean(samples: Sequence[float]) -> float:
    """Return the arithmetic mean of at least one sample."""
    return sum(samples) / len(samples)


def median(samples: Sequence[float]) -> float:
    """Return the middle sample, or the mean of the two in the middle."""
    ordered = sorted(samples)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def nearest_rank(samples: Sequence[float], percent: int) -> float:
    """Return the smallest sample that at least `percent` (1 to 100) of all samples do not exceed.

    The nearest-rank definition of a percentile: the sample of rank ceil(percent / 100 x N).
    """
    # Whole numbers: 0.95 x 20 as floats may lie above 19.
    return sorted(samples)[ceil(percent * len(samples) / 100) - 1]


def summary(samples: Sequence[float]) -> Document:
    """Return mean, median, p85, p95 and the number of samples; percentiles need 5, else they are null."""
    enough = len(samples) >= PERCENTILES_NEED
    return {
        "mean": tidy(mean(samples)) if samples else None,
        "median": tidy(median(samples)) if samples else None,
        "p85": tidy(nearest_rank(samples, 85)) if enough else None,
        "p95": tidy(nearest_rank(samples, 95)) if enough else None,
        "samples": len(samples),
    }


def tidy(value: float) -> int | float:
    """Round to four places, and to an int where nothing is lost by it."""
    rounded = round(value, 4)
    return int(rounded) if rounded == int(rounded) else rounded


def ranks(samples: Sequence[float]) -> list[float]:
    """Return the rank of each sample, 1 for the smallest; equal ones share the mean of their ranks."""
    order = sorted(range(len(samples)), key=samples.__getitem__)
    result = [0.0] * len(samples)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and samples[order[end]] == samples[order[start]]:
            end += 1
        for place in order[start:end]:
            result[place] = (start + 1 + end) / 2
        start = end
    return result


def spearman(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Return Spearman's rank correlation, -1 to 1, of as many xs as ys; None when one of them never varies.

    Pearson's correlation of the ranks, which with ties is the definition; without ties it equals
    1 - 6 x sum(d^2) / (n x (n^2 - 1)).
    """
    a, b = ranks(xs), ranks(ys)
    middle = (len(a) + 1) / 2
    both = sum((x - middle) * (y - middle) for x, y in zip(a, b, strict=True))
    spread = sum((x - middle) ** 2 for x in a) * sum((y - middle) ** 2 for y in b)
    return both / spread**0.5 if spread else None
