"""Few-bit codes improved one column at a time, until no code alone can be better.

With D the change of the weights and C the covariance of the inputs, the output changes by
tr(D C D^T). For column j, all others as they are, the best change is  D_j - (D C)_j / C_jj; its
nearest code is taken, so that no step makes a row worse (coordinate descent, as in Nair and
Suggala, "CDQuant", 2024, cyclic). GPTQ rounds each column once and only looks ahead; this looks
back as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tinystudio.core.data import Array
from tinystudio.solvers.block_rounding import BlockCodes
from tinystudio.solvers.obs import damped

SWEEPS = 8  # most of the gain comes with the first three


def descended(
    matrices: Array, covariance: Array, codes: BlockCodes, bits: int, check: Callable[[], None]
) -> BlockCodes:
    """Return codes that change the output of `matrices` (blocks, rows, columns) no more.

    `covariance` (blocks, columns, columns). `check` is called between sweeps. Time of a sweep:
    O(rows columns^2) per block.
    """
    low, high = codes.range_of(bits)
    loss = np.stack([damped(block) for block in covariance])
    power = np.einsum("bii->bi", loss)
    values = codes.values.astype(np.float64)
    change = codes.weights - matrices
    gradient = change @ loss
    for _ in range(SWEEPS):
        check()
        moved = False
        for at in range(matrices.shape[2]):
            scale, zero = codes.scales[:, :, at], codes.zeros[:, :, at]
            best = matrices[:, :, at] + change[:, :, at] - gradient[:, :, at] / power[:, None, at]
            code = np.clip(np.rint(best / scale + zero), low, high)
            step = (code - values[:, :, at]) * scale
            if step.any():
                moved = True
                gradient += step[:, :, None] * loss[:, None, at, :]
                change[:, :, at] += step
                values[:, :, at] = code
        if not moved:
            break
    return replace(codes, values=values.astype(np.int16))
