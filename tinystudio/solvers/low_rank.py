"""A layer's weights as a product of two: the pair that changes its output the least.

Weights W (outputs O, inputs I, second S, first F), the kernel's places split into those that the
first of two layers looks at (F) and those that the second does (S; both 1 for a linear layer):

    W[o, i, s, f]  ~  sum over r of  A[o, r, s] B[r, i, f]

With the covariance C of what W sees, what counts is the output's error  trace(D C D^T), D the
change of W, not the weights' (SVD-LLM: Wang et al., ICLR 2025; for convolutions Zhang, Zou, He,
Sun, "Accelerating very deep convolutional networks", 2016). M being W as a matrix (O S, I F), and
C' the covariance of (I, F), the mean over S, let U be the leading eigenvectors of M C' M^T: the
directions in which outputs vary most. Then B = U^T M, and A = U is the best there is where S is 1;
else A is the least-squares solution for that B under the whole of C. Ranks are nested: B of rank r
are the first r rows of any larger one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.solvers.obs import damped

# Least squares for the second layer solve for so many unknowns per output at most: seconds.
MOST_UNKNOWNS = 1_024


@dataclass(frozen=True)
class Factored:
    """A layer's weights factored, at every rank up to `ranks`.

    `first` (ranks, I, F); `plain` (O, ranks, S): the second layer before least squares, and what
    each rank adds to the output's variance, `gains` (ranks,); `inner` (ranks, S, ranks, S) and
    `outer` (O, ranks, S), of the features' covariance, where least squares are solved; `total`,
    the output's variance.
    """

    first: Array
    plain: Array
    gains: Array
    inner: Array | None
    outer: Array | None
    total: float

    @property
    def ranks(self) -> int:
        """Return the largest rank."""
        return len(self.first)

    @property
    def size(self) -> int:
        """Return the bytes held."""
        held = (self.first, self.plain, self.gains, self.inner, self.outer)
        return sum(array.nbytes for array in held if array is not None)

    def lost(self, rank: int) -> float:
        """Return the output's error at a rank as a share of its variance, 0..1."""
        if self.outer is None:
            kept = float(self.gains[:rank].sum())
        else:
            kept = float((self.second(rank) * self.outer[:, :rank]).sum())
        return max(0.0, 1 - kept / self.total)

    def second(self, rank: int) -> Array:
        """Return the second layer's weights (O, rank, S)."""
        if self.inner is None or self.outer is None:
            return self.plain[:, :rank]
        size = rank * self.plain.shape[2]
        inner = self.inner[:rank, :, :rank].reshape(size, size)
        ridge = 1e-10 * float(np.trace(inner)) / size + 1e-30
        outer = self.outer[:, :rank].reshape(-1, size)
        solved = np.linalg.solve(inner + ridge * np.eye(size), outer.T).T
        return np.asarray(solved.reshape(self.plain.shape[0], rank, -1))


def factored(weights: Array, metric: Array | None) -> Factored:
    """Return weights (O, I, S, F) factored. `metric`: what (I, S, F) sees.

    Its covariance (I S F, I S F), or only variances (I S F,); None: all count the same (plain SVD
    of the weights, Eckart, Young 1936).
    """
    outputs, inputs, second, first = weights.shape
    matrix = weights.transpose(0, 2, 1, 3).reshape(outputs * second, inputs * first)
    full = None if metric is None or metric.ndim == 1 else damped(metric)
    left, gains = _directions(matrix, _mean(full if full is not None else metric, weights.shape))
    rows = left.T @ matrix
    plain = left.reshape(outputs, second, -1).transpose(0, 2, 1)
    tiny = float(np.finfo(np.float64).tiny)
    if full is None or len(rows) * second > MOST_UNKNOWNS:
        total = max(float(gains.sum()), tiny)
        return Factored(rows.reshape(-1, inputs, first), plain, gains, None, None, total)
    inner, outer, total = _least_squares(weights, full, rows)
    return Factored(rows.reshape(-1, inputs, first), plain, gains, inner, outer, max(total, tiny))


def _mean(metric: Array | None, shape: tuple[int, ...]) -> Array | None:
    """Return the covariance of (I, F), or its variances: the mean over the second's places."""
    _, inputs, second, first = shape
    if metric is None:
        return None
    if metric.ndim == 1:
        variance = metric.reshape(inputs, second, first).mean(axis=1).ravel()
        return np.asarray(variance + 0.01 * variance.mean() + 1e-12)
    split = metric.reshape(inputs, second, first, inputs, second, first)
    size = inputs * first
    return np.asarray(np.einsum("isfjsg->ifjg", split).reshape(size, size) / second)


def _directions(matrix: Array, mean: Array | None) -> tuple[Array, Array]:
    """Return the orthonormal directions (rows, n) in which outputs vary most, and how much each.

    Outputs are matrix x inputs of covariance (or variances) `mean`. The smaller of the two ways:
    the outputs' covariance, or the singular values of matrix x root of `mean`.
    """
    if len(matrix) <= matrix.shape[1]:
        right = (
            matrix.T
            if mean is None
            else (mean[:, None] * matrix.T if mean.ndim == 1 else mean @ matrix.T)
        )
        values, vectors = np.linalg.eigh(matrix @ right)
        return vectors[:, ::-1], np.maximum(values[::-1], 0.0)
    if mean is None:
        seen = matrix
    else:
        seen = matrix * np.sqrt(mean) if mean.ndim == 1 else matrix @ np.linalg.cholesky(mean)
    left, sizes, _ = np.linalg.svd(seen, full_matrices=False)
    return left, np.square(sizes)


def _least_squares(weights: Array, metric: Array, rows: Array) -> tuple[Array, Array, float]:
    """Return the features' covariance, theirs with the outputs, and the outputs' variance."""
    outputs, inputs, second, first = weights.shape
    size, rank = inputs * first, len(rows)
    split = metric.reshape(inputs, second, first, inputs, second, first)
    # (S, I F, S, I F): a matrix for each pair of the second layer's places.
    pairs = split.transpose(1, 0, 2, 4, 3, 5).reshape(second, size, second, size)
    wide = weights.transpose(0, 2, 1, 3).reshape(outputs, second * size)
    seen = (wide @ pairs.reshape(second * size, -1)).reshape(outputs, second, size)
    inner = np.empty((rank, second, rank, second))
    for at in range(second):
        for other in range(second):
            inner[:, at, :, other] = rows @ pairs[at, :, other] @ rows.T
    outer = (seen @ rows.T).transpose(0, 2, 1)
    total = float((wide * seen.reshape(outputs, -1)).sum())
    return inner, outer, total
