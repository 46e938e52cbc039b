"""Orders of channels that need no data: by the size of their weights, or drawn at random."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tinystudio.core.data import Array
from tinystudio.solvers.obs import Order


def by_magnitude(
    slices: Iterable[tuple[Array, int, list[Array]]], units: int, width: int = 1
) -> Order:
    """Return units by the L2 norm of the weights that make them, the smallest first.

    Each slice is (weight, axis, positions per unit along the axis). Costs are squared norms as
    a share of the mean squared norm, so that groups of different layers can be ranked together
    (the normalization of Torch-Pruning), times `width`: a unit of so many channels costs as they
    do.
    """
    squares = np.zeros(units)
    for weight, axis, positions in slices:
        rows = np.moveaxis(weight, axis, 0).astype(np.float64).reshape(weight.shape[axis], -1)
        energy = np.square(rows).sum(axis=1)
        squares += [float(energy[chosen].sum()) for chosen in positions]
    shares = squares / max(float(squares.mean()), np.finfo(np.float64).tiny)
    order = np.argsort(shares, kind="stable")
    return _order(order, width * shares[order])


def at_random(units: int, seed: int, name: str, width: int = 1) -> Order:
    """Return units in an order drawn by seed; `name` tells groups of one network apart.

    A unit of `width` channels costs as much as they do.
    """
    draw = np.random.default_rng([seed, *name.encode()])
    return _order(draw.permutation(units), width * np.sort(draw.random(units)))


def _order(units: Array, costs: Array) -> Order:
    last = costs.astype(np.float64).copy()
    last[-1:] = np.inf
    return Order(units.astype(np.int64), last)
