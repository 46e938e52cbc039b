"""The weights that make up best for columns that are gone."""

from __future__ import annotations

import numpy as np

from tinystudio.core.data import Array
from tinystudio.solvers.obs import damped


def solve_again(matrix: Array, covariance: Array, kept: Array) -> Array:
    """Return weights (rows, columns), zero outside `kept`, nearest to the original's output.

    Minimizes  trace(D C D^T) + damping |D|^2  over the change D of the weights, where the
    columns outside `kept` must become zero: D_k = W_r C_rk (C_kk + damping)^-1. With damping the
    solution leans to the original weights, so keeping every column changes nothing. `matrix`
    (rows, columns), `covariance` (columns, columns) centred; `kept` sorted column numbers.
    """
    gone = np.setdiff1d(np.arange(matrix.shape[1]), kept)
    solved = np.zeros_like(matrix)
    solved[:, kept] = matrix[:, kept]
    if len(gone) and len(kept):
        inner = damped(covariance)[np.ix_(kept, kept)]
        missing = matrix[:, gone] @ covariance[np.ix_(gone, kept)]
        solved[:, kept] += np.linalg.solve(inner, missing.T).T
    return solved
