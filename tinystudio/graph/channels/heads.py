"""Whole heads of attention: a second look at the graph, in which splits keep their heads.

A Reshape splits channels into heads and places within a head. One walk follows one of the two:
the first walk the places (one place of every head is a unit), this one the heads. Which of the
new axes counts heads is found by trying: an axis along which the graph takes some by number
(queries, keys and values stacked in one weight) is none.
"""

from __future__ import annotations

from collections.abc import Callable

from tinystudio.graph.channels.trace import Trace

SECOND_LAST = 2  # most often places within a head are last, heads before them


def walk_of_heads(first: Trace, walk: Callable[[Trace], None]) -> Trace | None:
    """Return a walk that follows heads; None where the first has met no attention.

    `walk` follows a fresh trace to its end.
    """
    if not first.products_met:
        return None
    places = dict.fromkeys(first.splits, SECOND_LAST)
    while places:
        trace = Trace(first.network, places, first.values)
        walk(trace)
        stopped = [name for name in places if _is_stopped(trace, name)]
        if not stopped:
            return trace
        for name in stopped:
            places[name] += 1
            if places[name] > trace.splits[name].axes:
                del places[name]
    return None


def head_roots(trace: Trace) -> set[int]:
    """Return what stands for heads: rows of a split by which matrices are told apart."""
    atoms = trace.atoms
    split = {int(r) for item in trace.splits.values() for r in atoms.roots(item.kept)}
    told = {int(root) for labels in trace.products for root in atoms.roots(labels)}
    return split & told


def _is_stopped(trace: Trace, name: str) -> bool:
    if name not in trace.splits:
        return False
    roots = trace.atoms.roots(trace.splits[name].kept).tolist()
    return all(root == 0 or trace.atoms.reason(root) is not None for root in roots)
