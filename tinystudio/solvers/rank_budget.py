"""Which rank each layer gets under a budget: where a little error saves much.

Every layer offers options of cost and error. On the lower convex hull of a layer's options each
step down costs some error for each unit saved; taking all layers' steps in the order of that price
(water-filling) is the best choice for every budget it meets exactly (Shoham, Gersho 1988).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Option:
    """One way to compute a layer: what it `cost`s, and the share of its output that it `lost`.

    `split` and `rank` say which; split -1: the layer as it is.
    """

    cost: float
    lost: float
    split: int
    rank: int


def chosen(options: Mapping[str, Sequence[Option]], budget: float) -> dict[str, Option]:
    """Return one option for each layer, their costs together within `budget`.

    Every layer has one that is whole (lost 0). Where the budget cannot be met, each layer gets its
    cheapest.
    """
    hulls = {name: _hull(items) for name, items in options.items()}
    now = {name: hull[0] for name, hull in hulls.items()}
    steps = sorted(
        ((_price(a, b), name, b) for name, hull in hulls.items() for a, b in pairwise(hull)),
        key=lambda step: (step[0], step[1], step[2].lost),
    )
    total = sum(option.cost for option in now.values())
    for _, name, option in steps:
        if total <= budget:
            break
        rest = total - now[name].cost
        last = rest + option.cost <= budget
        now[name] = _gentlest(options[name], budget - rest) if last else option
        total = rest + now[name].cost
    return now


def _hull(options: Sequence[Option]) -> list[Option]:
    """Return the lower convex hull from the whole layer down to the cheapest option."""
    hull: list[Option] = []
    for option in sorted(options, key=lambda item: (-item.cost, item.lost)):
        if hull and option.cost == hull[-1].cost:
            continue
        while hull and option.lost <= hull[-1].lost and hull[-1].split != -1:
            hull.pop()
        while len(hull) > 1 and _price(hull[-2], hull[-1]) >= _price(hull[-1], option):
            hull.pop()
        hull.append(option)
    return hull


def _price(before: Option, after: Option) -> float:
    return (after.lost - before.lost) / (before.cost - after.cost)


def _gentlest(options: Sequence[Option], budget: float) -> Option:
    """Return, of the options within `budget`, the one that loses least."""
    return min((item for item in options if item.cost <= budget), key=lambda item: item.lost)
