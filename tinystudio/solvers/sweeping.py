"""Settles a layer's weights column after column; those still to come make up for each.

With U the upper Cholesky factor of the inverse covariance of the inputs, column j's error
e = (w_j - v_j) / U_jj, v_j being what the column was settled to, changes the rest by
W_k -= e U_jk (Frantar, Ashkboos, Hoefler, Alistarh, "GPTQ", ICLR 2023; for zeros instead of
rounding: Frantar and Alistarh, "SparseGPT", ICML 2023).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from tinystudio.core.data import Array

BLOCK = 64  # columns after which the rest is brought up to date in one product


class Settle(Protocol):
    """Says what becomes of a column."""

    def __call__(self, left: Array, at: int) -> tuple[Array, Array]:
        """Return what is kept of column `at` of `left` and the weights it stands for.

        `left` (blocks, rows, columns): the weights as the columns before have changed them, up to
        date at least until the end of the sweep's block. Both answers are (blocks, rows).
        """


def swept(matrices: Array, factors: Array, settle: Settle, block: int = BLOCK) -> Array:
    """Return what `settle` kept of every column, (blocks, rows, columns) float64.

    `factors` (blocks, columns, columns) are those of `rounding.sweep_factors`. Time:
    O(columns^2 rows) per block of the matrix.
    """
    left, kept = matrices.copy(), np.empty_like(matrices)
    columns = matrices.shape[2]
    for start in range(0, columns, block):
        end = min(start + block, columns)
        errors = np.empty((*matrices.shape[:2], end - start))
        for at in range(start, end):
            column = left[:, :, at]
            kept[:, :, at], values = settle(left, at)
            error = (column - values) / factors[:, None, at, at]
            left[:, :, at + 1 : end] -= error[:, :, None] * factors[:, None, at, at + 1 : end]
            errors[:, :, at - start] = error
        left[:, :, end:] -= errors @ factors[:, start:end, end:]
    return kept
