"""Which edges have to go so that no task waits for itself in the end."""

from graphlib import CycleError, TopologicalSorter

from hypothesis import given
from hypothesis import strategies as st

from orchestration.exchange.cycles import closing


def test_the_edge_that_closes_a_circle_goes():
    graph = {"A": ["B"], "B": ["C"], "C": ["A"]}

    assert closing(graph, [("C", "A")]) == [("C", "A")]


def test_only_new_edges_go_however_the_circle_is_met():
    graph = {"A": ["B"], "B": ["C"], "C": ["A", "D"], "D": []}

    assert closing(graph, [("A", "B"), ("C", "D")]) == [("A", "B")]


def test_a_graph_without_circles_keeps_its_edges():
    graph = {"A": ["B", "C"], "B": ["D"], "C": ["D"], "D": []}

    assert closing(graph, [("A", "B"), ("A", "C"), ("B", "D"), ("C", "D")]) == []


def test_a_long_chain_needs_no_deep_stack():
    graph = {str(n): [str((n + 1) % 5000)] for n in range(5000)}

    assert len(closing(graph, [(name, target) for name, (target,) in graph.items()])) == 1


@given(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=40), st.integers(0, 9))
def test_what_is_left_has_no_circle(edges, old):
    """Edges from a smaller to a larger number, up to `old`, stand for those that were there before."""
    named = {(str(a), str(b)) for a, b in edges if a != b}
    new = {(a, b) for a, b in named if not (a < b and int(b) <= old)}
    graph = {str(n): sorted(b for a, b in named if a == str(n)) for n in range(10)}

    gone = closing(graph, new)

    assert set(gone) <= new
    left = {name: [b for b in targets if (name, b) not in gone] for name, targets in graph.items()}
    assert list(TopologicalSorter(left).static_order())
    if not has_circle(graph):
        assert gone == []


def has_circle(graph):
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError:
        return True
    return False
