"""Which option each layer takes so that together they lose least within a budget.

The multiple-choice knapsack, by the list of undominated states (Nemhauser and Ullmann 1969): layer
after layer, a partial choice is dropped where another one costs no more and loses no more. That is
exact, for costs of any size. Only where more than `MOST_STATES` partial choices are left is one
kept of each of so many equal stretches of the budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array

MOST_STATES = 20_000  # a hundred layers of four options take a second


@dataclass(frozen=True)
class Option:
    """What a way to store one layer costs of the budget, and what it loses."""

    cost: int
    lost: float


@dataclass(frozen=True)
class _States:
    """Partial choices by rising cost and falling loss; `before` and `pick` lead back."""

    costs: Array
    losses: Array
    before: Array
    pick: Array


def least_lost(layers: Sequence[Sequence[Option]], budget: int) -> list[int]:
    """Return the index of one option for each layer, their costs together within `budget`.

    Raises ValueError where even the cheapest options exceed it.
    """
    left = np.cumsum([min(item.cost for item in options) for options in layers][::-1])[::-1]
    if len(left) and left[0] > budget:
        raise ValueError(f"the cheapest options cost {left[0]}, the budget is {budget}")
    rest = [*left[1:].tolist(), 0]
    states = _States(np.zeros(1, np.int64), np.zeros(1), np.zeros(1, int), np.zeros(1, int))
    steps = []
    for options, needed in zip(layers, rest, strict=True):
        states = _extended(states, options, budget - needed)
        steps.append(states)
    chosen, at = [], len(states.costs) - 1  # the dearest loses least
    for step in reversed(steps):
        chosen.append(int(step.pick[at]))
        at = int(step.before[at])
    return chosen[::-1]


def _extended(states: _States, options: Sequence[Option], most: int) -> _States:
    """Add a layer's options to every state, and keep those that no other one beats."""
    costs = (states.costs[:, None] + [item.cost for item in options]).ravel()
    losses = (states.losses[:, None] + [item.lost for item in options]).ravel()
    order = np.lexsort((losses, costs))
    order = order[costs[order] <= most]
    lowest = np.minimum.accumulate(losses[order])
    order = order[np.append(True, lowest[1:] < lowest[:-1])]
    if len(order) > MOST_STATES:
        stretch = costs[order] * MOST_STATES // (most + 1)
        order = order[np.append(stretch[1:] != stretch[:-1], True)]
    return _States(costs[order], losses[order], order // len(options), order % len(options))
