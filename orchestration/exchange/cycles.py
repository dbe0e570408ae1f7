"""Circles in a graph of dependencies, and the edges without which there are none."""

from collections.abc import Iterable, Mapping

Edge = tuple[str, str]
"""From what waits to what it waits for."""


def closing(graph: Mapping[str, Iterable[str]], new: Iterable[Edge]) -> list[Edge]:
    """Return those `new` edges that have to go so that `graph`, which holds them, has no circle.

    Without the new edges there has to be none. A walk in depth meets each circle; the last new edge on it
    goes, and the walk resumes where that edge began.
    """
    added, gone = set(new), set[Edge]()
    done: set[str] = set()
    for start in graph:
        path = [] if start in done else [start]
        on_path = set(path)
        branches = [iter(graph[node]) for node in path]
        while branches:
            target = next(branches[-1], None)
            if target is None:
                branches.pop()
                on_path.discard(path[-1])
                done.add(path.pop())
            elif target in on_path and (path[-1], target) not in gone:
                walked = [*path[path.index(target) :], target]
                edge = next(
                    one for one in reversed(list(zip(walked, walked[1:], strict=False))) if one in added
                )
                gone.add(edge)
                while path[-1] != edge[0]:
                    on_path.discard(path.pop())
                    branches.pop()
            elif target not in done and target not in on_path and (path[-1], target) not in gone:
                path.append(target)
                on_path.add(target)
                branches.append(iter(graph.get(target, ())))
    return sorted(gone)
