"""In which order units of channels go: each time the one whose loss hurts the least.

Structured Optimal Brain Surgeon (Hassibi, Stork 1993; units of columns as in ZipLM, Kurtic,
Frantar, Alistarh 2023). For a layer with weights W (rows, columns) and input covariance C, let
H = C + damping. Taking away unit u's columns and letting all others make up for it adds

    loss(u) = trace( W_u  [ (H^-1)_uu ]^-1  W_u^T )

to the squared error of the layer's outputs. After each removal W and H^-1 are brought up to date,
so later choices know of earlier ones, and the order is nested: one order serves every level.
A unit read by several layers costs the sum of its losses, each as a share of its layer's output
variance. Time: O(columns^3) per layer for the whole order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.reporter import Reporter

# Share of the mean variance added to every variance: keeps the inverse tame where inputs are
# copies of one another, and pulls solutions towards the original weights.
DAMPING = 0.01
# Above this many columns the order comes from one look at every unit (energies), not from a
# removal at a time: 2,000 columns take seconds, 4,000 would take a minute.
MOST_EXACT_COLUMNS = 2_048


@dataclass(frozen=True)
class Order:
    """Units in the order they go, and what each removal adds to the loss (a share, 0..)."""

    units: Array  # (units,) int
    costs: Array  # (units,) float64; the last unit never goes alone: its cost is infinite


class Reader(Protocol):
    """A layer that reads the units: tells what each one's removal costs now."""

    def costs(self) -> Array:
        """Return the added loss per unit, (units,); of removed units: anything."""

    def remove(self, unit: int) -> None:
        """Take the unit away and let the others make up for it."""


def damped(covariance: Array) -> Array:
    """Return the covariance with damping on its diagonal."""
    diagonal = float(np.trace(covariance)) / max(len(covariance), 1)
    return covariance + (DAMPING * diagonal + 1e-12) * np.eye(len(covariance))


def output_variance(matrix: Array, covariance: Array | None, variance: Array) -> float:
    """Return the variance of a layer's outputs, summed over its rows; never quite zero.

    `matrix` (rows, columns), `covariance` (columns, columns) or None, `variance` (columns,).
    """
    if covariance is None:
        total = float((np.square(matrix) * variance).sum())
    else:
        total = float(((matrix @ covariance) * matrix).sum())
    return max(total, float(np.finfo(np.float64).tiny))


def reader(
    matrix: Array, covariance: Array | None, variance: Array, units: Array, scale: float
) -> Reader:
    """Return how a layer reads the units; costs are losses times `scale`.

    `matrix` (rows, columns), `covariance` (columns, columns) or None, `variance` (columns,),
    `units` (units, m): the columns of each unit.
    """
    if covariance is None or len(variance) > MOST_EXACT_COLUMNS:
        return Energies(matrix, covariance, variance, units, scale)
    return Surgeon(matrix, covariance, units, scale)


class Surgeon:
    """Exact: W and H^-1 follow every removal."""

    def __init__(self, matrix: Array, covariance: Array, units: Array, scale: float = 1.0) -> None:
        self._matrix = matrix.astype(np.float64)
        self._inverse = np.linalg.inv(damped(covariance))
        self._units = units
        self._alive = np.ones(len(units), bool)
        self._scale = scale

    @property
    def matrix(self) -> Array:
        """Return the weights as they are after the removals."""
        return self._matrix

    def costs(self) -> Array:
        alive = np.flatnonzero(self._alive)
        columns = self._units[alive]
        inner = np.linalg.inv(self._inverse[columns[:, :, None], columns[:, None, :]])
        weights = self._matrix[:, columns].transpose(1, 0, 2)
        costs: Array = np.full(len(self._units), np.inf)
        costs[alive] = ((weights @ inner) * weights).sum(axis=(1, 2)) * self._scale
        return costs

    def remove(self, unit: int) -> None:
        columns = self._units[unit]
        rows = self._inverse[columns].copy()
        step = np.linalg.solve(rows[:, columns], rows)
        self._matrix -= self._matrix[:, columns] @ step
        self._inverse -= rows.T @ step
        self._matrix[:, columns] = 0.0
        self._inverse[columns] = 0.0
        self._inverse[:, columns] = 0.0
        self._alive[unit] = False


class Energies:
    """For large layers: a unit costs the output variance it alone makes, once and for all."""

    def __init__(
        self,
        matrix: Array,
        covariance: Array | None,
        variance: Array,
        units: Array,
        scale: float = 1.0,
    ) -> None:
        weights = matrix[:, units].transpose(1, 0, 2)
        if covariance is None:
            energies = np.square(weights) * variance[units][:, None, :]
        else:
            inner = covariance[units[:, :, None], units[:, None, :]]
            energies = (weights @ inner) * weights
        self._costs: Array = energies.sum(axis=(1, 2)) * scale

    def costs(self) -> Array:
        return self._costs

    def remove(self, unit: int) -> None:
        """Nothing follows: the costs stand."""


def removal_order(readers: Sequence[Reader], units: int, reporter: Reporter) -> Order:
    """Return all units in the order they go, the cheapest first; ties go by number."""
    alive = np.ones(units, bool)
    order, costs = np.zeros(units, np.int64), np.full(units, np.inf)
    for step in range(units - 1):
        reporter.check()
        total = np.where(alive, sum(item.costs() for item in readers), np.inf)
        unit = int(np.argmin(total))
        order[step], costs[step], alive[unit] = unit, max(float(total[unit]), 0.0), False
        for item in readers:
            item.remove(unit)
        reporter.progress(step + 1, units, "choosing channels")
    order[-1:] = np.flatnonzero(alive)
    return Order(order, costs)
