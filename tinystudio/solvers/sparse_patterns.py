"""Which weights stay when their places follow a pattern: N of every M in a row.

The M weights are of neighbouring input channels at one place of the kernel, as sparse tensor cores
and other hardware for it want them (Mishra et al., "Accelerating sparse deep neural networks",
2021). Channels left over, where their number is no multiple of M, stay whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.solvers.layers import Layer
from tinystudio.solvers.moments import Moments
from tinystudio.solvers.rounding import sweep_factors
from tinystudio.solvers.sweeping import swept

# Columns of which the cheapest weights are picked together. SparseGPT takes 128 of thousands; of
# the few columns of small layers, wide blocks empty the first ones, counting on all that follow.
# Over 13 layers of two networks 8 lost least output, a fifth less than weight times input at 80 %.
PICKED_TOGETHER = 8


@dataclass(frozen=True)
class Pattern:
    """`keep` weights of every `of` stay."""

    keep: int
    of: int

    def fits(self, layer: Layer) -> bool:
        """Say whether a layer has input channels enough for one run."""
        return bool(channel_order(layer).shape[1] >= self.of)

    def stays(self, scores: Array) -> Array:
        """Return which of scores (..., channels) stay: the highest of every run; ties by place."""
        runs = scores.shape[-1] // self.of
        stays = np.ones(scores.shape, bool)
        taken = scores[..., : runs * self.of].reshape(*scores.shape[:-1], runs, self.of)
        order = np.argsort(taken, axis=-1, kind="stable")
        kept = np.ones(taken.shape, bool)
        np.put_along_axis(kept, order[..., : self.of - self.keep], False, axis=-1)
        stays[..., : runs * self.of] = kept.reshape(*scores.shape[:-1], runs * self.of)
        return stays


def patterned(layer: Layer, scores: Array, pattern: Pattern) -> Array:
    """Return which weights (blocks, rows, columns) stay under a pattern."""
    order = channel_order(layer)
    stays = np.ones(scores.shape, bool)
    for columns in order:
        stays[:, :, columns] = pattern.stays(scores[:, :, columns])
    return stays


def channel_order(layer: Layer) -> Array:
    """Return the columns of a layer's matrix as (places of the kernel, input channels)."""
    columns = np.arange(layer.width)
    return columns.reshape(-1, layer.kernel).T if layer.op == "Conv" else columns[None]


def swept_pattern(layer: Layer, matrices: Array, moments: Moments, pattern: Pattern) -> Array:
    """Return which weights stay under a pattern when each choice knows of those before it."""
    order = channel_order(layer)
    runs = {}
    for start in range(0, order.size, order.shape[1]):
        for at in range(start, start + order.shape[1] - pattern.of + 1, pattern.of):
            runs[at] = at + pattern.of

    def choose(scores: Array, _: int) -> Array:
        return pattern.stays(scores)

    return _swept(matrices, moments, order.ravel(), runs, choose)


def swept_share(matrices: Array, moments: Moments, share: float) -> Array:
    """Return which weights stay when `share` of them goes, as many from every few columns.

    These are ranked when the sweep gets there, over all rows (SparseGPT: Frantar and
    Alistarh, ICML 2023): by what they add to the loss after the weights before have changed them.
    """
    blocks, rows, columns = matrices.shape
    starts = range(0, columns, PICKED_TOGETHER)
    runs = {start: min(start + PICKED_TOGETHER, columns) for start in starts}

    def choose(scores: Array, start: int) -> Array:
        before = round(share * blocks * rows * start)
        gone = round(share * blocks * rows * (start + scores.shape[2])) - before
        stays = np.ones(scores.size, bool)
        stays[np.argsort(scores, axis=None, kind="stable")[:gone]] = False
        return stays.reshape(scores.shape)

    return _swept(matrices, moments, np.arange(columns), runs, choose)


def _swept(
    matrices: Array,
    moments: Moments,
    order: Array,
    runs: Mapping[int, int],
    choose: Callable[[Array, int], Array],
) -> Array:
    """Sweep over the columns in `order`; `choose` says what stays of a run when it begins.

    `runs` maps where a run begins to where it ends. It is given what each weight's zero would add
    to the loss, w^2 / [H^-1]_jj with H of the columns still to come (blocks, rows, columns).
    """
    if moments.covariance is None:
        raise ValueError("a sweep needs the covariance of the inputs")
    factors = sweep_factors(moments.covariance[:, order[:, None], order])
    power = np.square(np.einsum("bii->bi", factors))[:, None]
    stays = np.ones(matrices.shape, bool)

    def settle(left: Array, at: int) -> tuple[Array, Array]:
        if at in runs:
            run = slice(at, runs[at])
            stays[:, :, run] = choose(np.square(left[:, :, run]) / power[:, :, run], at)
        values = np.where(stays[:, :, at], left[:, :, at], 0.0)
        return values, values

    swept(matrices[:, :, order], factors, settle)
    back = np.empty_like(stays)
    back[:, :, order] = stays
    return back
