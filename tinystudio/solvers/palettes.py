"""Weights that share few values: a table of values, and for every weight an index into it.

The values are k-means in one dimension, each weight counting as much as the inputs it multiplies
vary: the diagonal of the layer's Hessian (Han, Mao, Dally, "Deep Compression", ICLR 2016; Kim et
al., "SqueezeLLM", ICML 2024). The indices are then found column by column, those still to come
making up for what the choice before spoilt, with the table as the grid (van Baalen et al.,
"GPTVQ", 2024). The sweep is greedy: a row that it leaves worse keeps its nearest values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.solvers.rounding import sweep_factors
from tinystudio.solvers.sweeping import swept

ROUNDS = 100  # of Lloyd's; it stands still long before
# Where the first values lie: as dense as the weights to this power. The cube root is the optimum
# for many values (Panter, Dite 1951); even spacing and quantiles are now and then better for few.
DENSITIES = (1 / 3, 0.0, 1.0)
BINS = 512
# From this share of exact zeros on a layer was pruned, and a value of its table stays zero.
PRUNED = 0.05


@dataclass(frozen=True)
class Palette:
    """`codes` (rows, columns) uint8; `tables` (groups, entries) float64, sorted.

    Consecutive rows, as many for each, share a table.
    """

    codes: Array
    tables: Array

    @property
    def weights(self) -> Array:
        """Return the weights that the codes stand for, (rows, columns) float64."""
        return np.asarray(np.take_along_axis(self.tables, self.grouped, axis=1)).reshape(
            self.codes.shape
        )

    @property
    def grouped(self) -> Array:
        """Return the codes as (groups, rows of a group x columns)."""
        return self.codes.reshape(len(self.tables), -1).astype(np.int64)


def clustered(
    matrices: Array, entries: int, groups: int, variance: Array | None, covariance: Array | None
) -> Palette:
    """Return matrices (blocks, rows, columns) with `entries` values per table.

    `groups` divides blocks x rows. `variance` (blocks, columns) of the inputs: what a weight
    counts; None: all count the same. `covariance` (blocks, columns, columns): the columns make
    up for one another; None: every weight takes its nearest value. Rows of the result are those
    of all blocks in a row. Zeros of a pruned layer stay zeros.
    """
    blocks, rows, columns = matrices.shape
    flat = matrices.reshape(blocks * rows, columns)
    counts = np.ones_like(flat)
    if variance is not None:
        counts = np.repeat(variance + 0.01 * variance.mean() + 1e-12, rows, axis=0)
    zeros = flat == 0 if float((flat == 0).mean()) >= PRUNED else np.zeros(flat.shape, bool)
    tables = _tables(flat, counts, zeros, entries, groups)
    nearest = Palette(_nearest(flat, tables, zeros), tables)
    if covariance is None:
        return nearest

    def settle(left: Array, at: int) -> tuple[Array, Array]:
        column = left[:, :, at].reshape(-1, 1)
        made = Palette(_nearest(column, tables, zeros[:, at : at + 1]), tables)
        return made.codes.reshape(blocks, rows), made.weights.reshape(blocks, rows)

    codes = swept(matrices, sweep_factors(covariance), settle).reshape(flat.shape)
    return _better(matrices, covariance, Palette(codes.astype(np.uint8), tables), nearest)


def fitted_table(values: Array, counts: Array, entries: int) -> Array:
    """Return the sorted values (entries,) of which the nearest to each is, on average, closest.

    Minimizes sum(counts (value - nearest)^2) by Lloyd's rounds (1982) over sorted numbers, each
    O(entries log values) by sums over stretches; the best of three starts. Where there are fewer
    distinct values than entries the last is repeated.
    """
    distinct = np.unique(values)
    if len(distinct) <= entries:
        return np.pad(distinct, (0, entries - len(distinct)), mode="edge")
    order = np.argsort(values, kind="stable")
    sorted_values, weights = values[order], counts[order]
    mass = np.concatenate([[0.0], np.cumsum(weights)])
    moment = np.concatenate([[0.0], np.cumsum(weights * sorted_values)])
    tried = [
        _lloyd(_spread(sorted_values, weights, entries, power), sorted_values, mass, moment)
        for power in DENSITIES
    ]
    return min(tried, key=lambda table: _loss(table, sorted_values, mass, moment))


def _tables(flat: Array, counts: Array, zeros: Array, entries: int, groups: int) -> Array:
    """Return a table for each group of rows; where weights were pruned one value is zero."""
    tables = []
    parts = (np.split(array, groups) for array in (flat, counts, zeros))
    for values, weights, gone in zip(*parts, strict=True):
        stays = ~gone
        if zeros.any():
            table = np.zeros(entries)
            if stays.any():
                table[1:] = fitted_table(values[stays], weights[stays], entries - 1)
            tables.append(np.sort(table))
        else:
            tables.append(fitted_table(values.ravel(), weights.ravel(), entries))
    return np.stack(tables)


def _nearest(flat: Array, tables: Array, zeros: Array) -> Array:
    """Return the code of the nearest value, (rows, columns) uint8; at `zeros` that of zero."""
    codes = np.empty(flat.shape, np.uint8)
    parts = (np.split(array, len(tables)) for array in (codes, flat, zeros))
    for table, code, values, gone in zip(tables, *parts, strict=True):
        code[:] = np.searchsorted((table[1:] + table[:-1]) / 2, values)
        code[gone] = np.searchsorted(table, 0.0)
    return codes


def _better(matrices: Array, covariance: Array, made: Palette, nearest: Palette) -> Palette:
    """Return, row by row, the codes that change the layer's output less."""
    lost = []
    for palette in (made, nearest):
        change = palette.weights.reshape(matrices.shape) - matrices
        lost.append(((change @ covariance) * change).sum(axis=2).reshape(-1, 1))
    return Palette(np.where(lost[0] <= lost[1], made.codes, nearest.codes), made.tables)


def _spread(values: Array, weights: Array, entries: int, power: float) -> Array:
    """Return first values, as dense as the weights to `power`."""
    density, edges = np.histogram(values, BINS, weights=weights)
    share = np.cumsum((density / density.max()) ** power)
    wanted = (np.arange(entries) + 0.5) / entries * share[-1]
    return np.interp(wanted, np.concatenate([[0.0], share]), edges)


def _lloyd(table: Array, values: Array, mass: Array, moment: Array) -> Array:
    for _ in range(ROUNDS):
        cut = _cuts(table, values)
        held = np.diff(mass[cut])
        centres = np.divide(np.diff(moment[cut]), held, out=table.copy(), where=held > 0)
        if np.array_equal(centres, table):
            break
        table = centres
    return table


def _loss(table: Array, values: Array, mass: Array, moment: Array) -> float:
    """Return the loss but for what does not depend on the table."""
    cut = _cuts(table, values)
    return float((table**2 * np.diff(mass[cut]) - 2 * table * np.diff(moment[cut])).sum())


def _cuts(table: Array, values: Array) -> Array:
    """Return where among the sorted values each entry's stretch begins, and the end."""
    inner = np.searchsorted(values, (table[1:] + table[:-1]) / 2)
    return np.concatenate([[0], inner, [len(values)]])
