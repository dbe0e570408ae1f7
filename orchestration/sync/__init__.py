"""Many machines: fetch, merge by meaning, push; clone, join, and a project's own store.

A remote is any git server, and the git command carries the data (`transport.py`). What came is merged
record by record (`trees.py`, over `orchestration.merge`) into one commit that depends on the two heads
alone (`round.py`): machines that merge the same heads make the very same commit, so nobody has to agree
with anybody about who merges.
"""
