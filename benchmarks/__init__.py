"""Measurements against other programs, printed as one table by `python -m benchmarks`."""
