"""Weights that share few values: a table of values, and for every weight an index into it.

A row (output channel) may have a scale of its own, so that one table serves rows of any size. The
values are k-means in one dimension, each weight counting as much as the inputs it multiplies vary:
the diagonal of the layer's Hessian (Han, Mao, Dally, "Deep Compression", ICLR 2016; Kim et al.,
"SqueezeLLM", ICML 2024). The indices are then found column by column, those still to come making
up for what the choice before spoilt, with the table as the grid (van Baalen et al., "GPTVQ",
2024). The sweep is greedy: a row that it leaves worse keeps its nearest values.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tinystudio.core.data import Array
from tinystudio.solvers.obs import damped
from tinystudio.solvers.rounding import sweep_factors
from tinystudio.solvers.sweeping import swept

ROUNDS = 100  # of Lloyd's; it stands still long before
# Up to so many values Lloyd's rounds start from the best stretches of this many the weights are cut
# into, found exactly; more values start as dense as the cube root of the weights' density, which
# is the optimum for many (Panter, Dite 1951), or evenly, which is better for few weights.
FEW = 64
STRETCHES = 256
BINS = 512
# From this share of exact zeros on a layer was pruned, and a value of its table stays zero.
PRUNED = 0.05


@dataclass(frozen=True)
class Palette:
    """`codes` (rows, columns) uint8; `tables` (groups, entries) float64, sorted; `scales` (rows,).

    Consecutive rows, as many for each, share a table. A weight is its value times its row's scale.
    """

    codes: Array
    tables: Array
    scales: Array

    @property
    def weights(self) -> Array:
        """Return the weights that the codes stand for, (rows, columns) float64."""
        grouped = self.codes.reshape(len(self.tables), -1).astype(np.int64)
        values = np.take_along_axis(self.tables, grouped, axis=1).reshape(self.codes.shape)
        return np.asarray(values * self.scales[:, None])


@dataclass(frozen=True)
class Moved:
    """How a layer's inputs move: `variance` (blocks, columns), what a weight counts; `covariance`
    (blocks, columns, columns), by which columns make up for one another. None: not known."""

    variance: Array | None = None
    covariance: Array | None = None


def clustered(
    matrices: Array, entries: int, *, groups: int = 1, scaled: bool = False, inputs: Moved = Moved()
) -> Palette:
    """Return matrices (blocks, rows, columns) with `entries` values per table.

    `groups` divides blocks x rows; `scaled`: every row has a scale. Rows of the result are those
    of all blocks in a row. Zeros of a pruned layer stay zeros.
    """
    flat = matrices.reshape(-1, matrices.shape[2])
    scales = _scales(flat) if scaled else np.ones(len(flat))
    zeros = flat == 0 if float((flat == 0).mean()) >= PRUNED else np.zeros(flat.shape, bool)
    counts = _counts(matrices, inputs.variance) * scales[:, None] ** 2
    tables = _tables(flat / scales[:, None], counts, zeros, entries, groups)
    nearest = Palette(_nearest(flat / scales[:, None], tables, zeros), tables, scales)
    if inputs.covariance is None:
        return nearest
    made = _made_up(matrices, inputs.covariance, nearest, zeros)
    if scaled:
        made, nearest = (_rescaled(matrices, inputs.covariance, item) for item in (made, nearest))
    return _better(matrices, inputs.covariance, made, nearest)


def _scales(flat: Array) -> Array:
    """Return the rows' root mean squares; 1 for rows of zeros."""
    size = np.sqrt(np.square(flat).mean(axis=1))
    return np.where(size > 0, size, 1.0)


def _counts(matrices: Array, variance: Array | None) -> Array:
    """Return what each weight counts, (blocks x rows, columns)."""
    blocks, rows, columns = matrices.shape
    if variance is None:
        return np.ones((blocks * rows, columns))
    return np.repeat(variance + 0.01 * variance.mean() + 1e-12, rows, axis=0)


def _made_up(matrices: Array, covariance: Array, start: Palette, zeros: Array) -> Palette:
    """Return the palette with codes chosen column after column."""
    blocks, rows, _ = matrices.shape
    scales = start.scales.reshape(blocks, rows)

    def settle(left: Array, at: int) -> tuple[Array, Array]:
        column = (left[:, :, at] / scales).reshape(-1, 1)
        codes = _nearest(column, start.tables, zeros[:, at : at + 1])
        values = Palette(codes, start.tables, start.scales).weights
        return codes.reshape(blocks, rows), values.reshape(blocks, rows)

    codes = swept(matrices, sweep_factors(covariance), settle)
    return replace(start, codes=codes.reshape(start.codes.shape).astype(np.uint8))


def _rescaled(matrices: Array, covariance: Array, palette: Palette) -> Palette:
    """Return the palette with the scale of every row that changes its output least."""
    values = palette.weights.reshape(matrices.shape)
    moved = values @ np.stack([damped(block) for block in covariance])
    power, wanted = (moved * values).sum(axis=2).ravel(), (moved * matrices).sum(axis=2).ravel()
    fit = np.where(power > 0, wanted / np.where(power > 0, power, 1.0), 1.0)
    return replace(palette, scales=palette.scales * fit)


def fitted_table(values: Array, counts: Array, entries: int) -> Array:
    """Return the sorted values (entries,) of which the nearest to each is, on average, closest.

    Minimizes sum(counts (value - nearest)^2) by Lloyd's rounds (1982) over sorted numbers, each
    O(entries log values) by sums over stretches. Of up to 64 entries for up to 256 values it is the
    least there is. Where there are fewer distinct values than entries the last is repeated.
    """
    distinct = np.unique(values)
    if len(distinct) <= entries:
        return np.pad(distinct, (0, entries - len(distinct)), mode="edge")
    order = np.argsort(values, kind="stable")
    sorted_values, weights = values[order], counts[order]
    mass = np.concatenate([[0.0], np.cumsum(weights)])
    moment = np.concatenate([[0.0], np.cumsum(weights * sorted_values)])
    if entries <= FEW:
        starts = [_best_stretches(len(sorted_values), mass, moment, entries)]
    else:
        even = np.linspace(sorted_values[0], sorted_values[-1], entries)
        starts = [_companded(sorted_values, weights, entries), even]
    tables = [_lloyd(start, sorted_values, mass, moment) for start in starts]
    return min(tables, key=lambda table: _loss(table, sorted_values, mass, moment))


def _tables(flat: Array, counts: Array, zeros: Array, entries: int, groups: int) -> Array:
    """Return a table for each group of rows; where weights were pruned one value is zero."""
    tables = []
    parts = (np.split(array, groups) for array in (flat, counts, zeros))
    for values, weights, gone in zip(*parts, strict=True):
        if zeros.any():
            stays = ~gone
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
    """Return, row by row, what changes the layer's output less."""
    lost = []
    for palette in (made, nearest):
        change = palette.weights.reshape(matrices.shape) - matrices
        lost.append(((change @ covariance) * change).sum(axis=2).ravel())
    stays = lost[0] <= lost[1]
    codes = np.where(stays[:, None], made.codes, nearest.codes)
    return Palette(codes, made.tables, np.where(stays, made.scales, nearest.scales))


def _best_stretches(count: int, mass: Array, moment: Array, entries: int) -> Array:
    """Return the means of the stretches of sorted values that vary least inside themselves.

    By dynamic programming (Wang, Song, "Ckmeans.1d.dp", 2011) over cuts between `STRETCHES` pieces
    of equally many values: O(entries STRETCHES^2).
    """
    cuts = np.unique(np.linspace(0, count, min(count, STRETCHES) + 1).astype(np.int64))
    held = mass[cuts] - mass[cuts][:, None]
    sums = moment[cuts] - moment[cuts][:, None]
    # What a stretch from cut i to cut j takes off the sum of squares; none is empty.
    gain = np.where(held > 0, sums**2 / np.where(held > 0, held, 1.0), -np.inf)
    best, before = gain[0], []
    for _ in range(entries - 1):
        total = best[:, None] + gain
        before.append(total.argmax(axis=0))
        best = total.max(axis=0)
    at = [len(cuts) - 1]
    for back in reversed(before):
        at.append(int(back[at[-1]]))
    ends = cuts[[0, *reversed(at)]]
    return np.asarray(np.diff(moment[ends]) / np.diff(mass[ends]))


def _companded(values: Array, weights: Array, entries: int) -> Array:
    """Return values as dense as the cube root of the weights' density."""
    density, edges = np.histogram(values, BINS, weights=weights)
    share = np.cumsum(np.cbrt(density))
    wanted = (np.arange(entries) + 0.5) / entries * share[-1]
    return np.asarray(np.interp(wanted, np.concatenate([[0.0], share]), edges))


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
