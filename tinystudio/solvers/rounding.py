"""Weights on a grid of few bits, chosen so that the layer's output changes the least.

GPTQ (Frantar, Ashkboos, Hoefler, Alistarh, ICLR 2023): columns are rounded one after another, and
what each rounding spoils is made up for by the columns that are still to come, as the inverse
covariance H^-1 of the inputs tells (see `sweeping`).

The sweep is greedy and now and then, with few columns or few bits, ends worse than rounding each
weight to the nearest code; a row for which it does keeps its nearest codes.

Every row has a scale of its own and is rounded by itself, so leaving rows out later is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.solvers.obs import damped
from tinystudio.solvers.sweeping import swept

SHRINKS = np.linspace(0.4, 1.0, 16)  # of the largest weight: the range tried for a row's grid


@dataclass(frozen=True)
class Codes:
    """Weights as whole numbers times a scale per row.

    `values` (blocks, rows, columns) int8, `scales` (blocks, rows) float64.
    """

    values: Array
    scales: Array

    @property
    def weights(self) -> Array:
        """Return the weights that the codes stand for, (blocks, rows, columns) float64."""
        return self.values * self.scales[:, :, None]


def code_range(bits: int) -> tuple[int, int]:
    """Return the lowest and highest code: -8 to 7 for 4 bits."""
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def rounded(
    matrices: Array, covariance: Array | None, bits: int, factors: Array | None = None
) -> Codes:
    """Return `matrices` (blocks, rows, columns) rounded to `bits`, with a scale per row.

    `covariance` (blocks, columns, columns) of the columns' inputs; None rounds to nearest.
    `factors` are `sweep_factors(covariance)` where they are known already, which serve any bits.
    Time: O(columns^2 (rows + columns)) per block.
    """
    low, high = code_range(bits)
    wide = matrices.astype(np.float64)
    nearest = _nearest(wide, fitted_scales(wide, None, low, high), low, high)
    if covariance is None:
        return nearest
    scales = fitted_scales(wide, np.einsum("bii->bi", covariance), low, high)
    factors = sweep_factors(covariance) if factors is None else factors

    def to_nearest(left: Array, at: int) -> tuple[Array, Array]:
        code = np.clip(np.rint(left[:, :, at] / scales), low, high)
        return code, code * scales

    codes = swept(wide, factors, to_nearest)
    return _better(wide, covariance, Codes(codes.astype(np.int8), scales), nearest)


def _nearest(matrices: Array, scales: Array, low: int, high: int) -> Codes:
    codes = np.clip(np.rint(matrices / scales[:, :, None]), low, high)
    return Codes(codes.astype(np.int8), scales)


def _better(matrices: Array, covariance: Array, swept: Codes, nearest: Codes) -> Codes:
    """Return, row by row, the codes that change the output less; of equals, the swept ones."""
    stays = loses_no_more(matrices, covariance, swept.weights, nearest.weights)
    return Codes(
        np.where(stays[:, :, None], swept.values, nearest.values),
        np.where(stays, swept.scales, nearest.scales),
    )


def loses_no_more(matrices: Array, covariance: Array, one: Array, other: Array) -> Array:
    """Say, row by row (blocks, rows), whether `one` changes the output no more than `other`."""
    lost = [
        ((change @ covariance) * change).sum(axis=2)
        for change in (weights - matrices for weights in (one, other))
    ]
    return np.asarray(lost[0] <= lost[1])


def fitted_scales(matrices: Array, power: Array | None, low: int, high: int) -> Array:
    """Return per row the scale whose rounding loses the least, weighed by the inputs' power."""
    # Single precision is plenty for choosing, and half the work of it.
    matrices = matrices.astype(np.float32)
    largest = np.maximum(np.abs(matrices).max(axis=2), 1e-12).astype(np.float64)
    best, chosen = np.full(largest.shape, np.inf), largest / high
    weigh = None if power is None else power[:, None, :].astype(np.float32)
    for shrink in SHRINKS:
        scales = shrink * largest / high
        grid = scales[:, :, None].astype(np.float32)
        codes = np.clip(np.rint(matrices / grid), low, high)
        lost = np.square(codes * grid - matrices)
        loss = (lost if weigh is None else lost * weigh).sum(axis=2)
        better = loss < best
        best, chosen = np.where(better, loss, best), np.where(better, scales, chosen)
    return np.asarray(chosen)


def sweep_factors(covariance: Array) -> Array:
    """Return U with U^T U = H^-1, (blocks, columns, columns) upper triangular."""
    inverse = np.linalg.inv(np.stack([damped(block) for block in covariance]))
    return np.linalg.cholesky((inverse + inverse.transpose(0, 2, 1)) / 2).transpose(0, 2, 1)
