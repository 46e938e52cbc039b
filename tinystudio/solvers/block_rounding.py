"""Weights rounded to few bits with a scale for every block of neighbours in a row.

weight = (code - zero) x scale. Symmetric blocks have codes around zero; others use all codes for
the span from the smallest to the largest weight, of which zero is always one, so that weights
which pruning has set to zero stay zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.solvers.rounding import (
    SHRINKS,
    code_range,
    fitted_scales,
    loses_no_more,
    sweep_factors,
)
from tinystudio.solvers.sweeping import swept


@dataclass(frozen=True)
class BlockCodes:
    """Weights (blocks, rows, columns) as whole numbers, all three arrays of that shape.

    Along a row `scales` and `zeros` change every so many columns. Codes are signed and `zeros` 0
    where the grid `is_symmetric`, else codes and zeros are unsigned.
    """

    values: Array
    scales: Array
    zeros: Array
    is_symmetric: bool

    @property
    def weights(self) -> Array:
        """Return the weights that the codes stand for, float64."""
        return (self.values - self.zeros) * self.scales

    def range_of(self, bits: int) -> tuple[int, int]:
        """Return the lowest and highest code of so many bits."""
        return code_range(bits) if self.is_symmetric else (0, 2**bits - 1)

    def or_where_better(self, other: BlockCodes, matrices: Array, covariance: Array) -> BlockCodes:
        """Return these codes, or in rows where they change the output less, the other's."""
        stays = loses_no_more(matrices, covariance, self.weights, other.weights)[:, :, None]
        return BlockCodes(
            np.where(stays, self.values, other.values),
            np.where(stays, self.scales, other.scales),
            np.where(stays, self.zeros, other.zeros),
            self.is_symmetric,
        )


def rounded_in_blocks(
    matrices: Array, covariance: Array | None, bits: int, length: int, symmetric: bool
) -> BlockCodes:
    """Return `matrices` (blocks, rows, columns) in `bits`, a grid for every `length` columns.

    The last stretch of a row may be shorter. `covariance` (blocks, columns, columns) of the
    columns' inputs rounds by GPTQ (see `rounding`), None to nearest. Time: as `rounding.rounded`.
    """
    wide = matrices.astype(np.float64)
    low, high = code_range(bits) if symmetric else (0, 2**bits - 1)
    nearest = _to_nearest(wide, *_grid(wide, None, low, high, length), low, high)
    if covariance is None:
        return nearest
    scales, zeros = _grid(wide, np.einsum("bii->bi", covariance), low, high, length)

    def settle(left: Array, at: int) -> tuple[Array, Array]:
        scale, zero = scales[:, :, at], zeros[:, :, at]
        code = np.clip(np.rint(left[:, :, at] / scale + zero), low, high)
        return code, (code - zero) * scale

    codes = swept(wide, sweep_factors(covariance), settle)
    made = BlockCodes(codes.astype(np.int16), scales, zeros, symmetric)
    return made.or_where_better(nearest, wide, covariance)


def _to_nearest(matrices: Array, scales: Array, zeros: Array, low: int, high: int) -> BlockCodes:
    codes = np.clip(np.rint(matrices / scales + zeros), low, high)
    return BlockCodes(codes.astype(np.int16), scales, zeros, low < 0)


def _grid(
    matrices: Array, power: Array | None, low: int, high: int, length: int
) -> tuple[Array, Array]:
    """Return scales and zeros of every weight, chosen block by block to lose the least."""
    scales, zeros = np.empty_like(matrices), np.zeros_like(matrices)
    for start in range(0, matrices.shape[2], length):
        part = matrices[:, :, start : start + length]
        weigh = None if power is None else power[:, start : start + length]
        at = np.s_[:, :, start : start + length]
        if low < 0:
            scales[at] = fitted_scales(part, weigh, low, high)[:, :, None]
        else:
            scale, zero = _fitted_span(part, weigh, high)
            scales[at], zeros[at] = scale[:, :, None], zero[:, :, None]
    return scales, zeros


def _fitted_span(matrices: Array, power: Array | None, high: int) -> tuple[Array, Array]:
    """Return scale and zero per row whose rounding loses the least, weighed by inputs' power."""
    largest = np.maximum(matrices.max(axis=2), 0.0)
    smallest = np.minimum(matrices.min(axis=2), 0.0)
    span = np.maximum(largest - smallest, 1e-12)
    weigh = 1.0 if power is None else power[:, None, :]
    best, chosen, zeros = np.full(span.shape, np.inf), span / high, np.zeros(span.shape)
    for shrink in SHRINKS:
        scale = shrink * span / high
        zero = np.clip(np.rint(-smallest * shrink / scale), 0, high)
        codes = np.clip(np.rint(matrices / scale[:, :, None] + zero[:, :, None]), 0, high)
        lost = np.square((codes - zero[:, :, None]) * scale[:, :, None] - matrices)
        loss = (lost * weigh).sum(axis=2)
        better = loss < best
        best, chosen = np.where(better, loss, best), np.where(better, scale, chosen)
        zeros = np.where(better, zero, zeros)
    return chosen, zeros
