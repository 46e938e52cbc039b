"""Learns for every weight whether to round up or down, so that the layer's output changes least.

A weight between two codes gets h in 0..1, and tr(D C D^T) is minimized over all h at once, D being
the change of the weights and C the covariance of the layer's inputs: the mean square change of
its output, without running the layer. A penalty 1 - |2h - 1|^b, with b falling, drives every h to
0 or 1 (Nagel, Amjad, van Baalen, Louizos and Blankevoort, "Up or Down? Adaptive Rounding for
Post-Training Quantization", ICML 2020).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from tinystudio.core.data import Array

STEPS = 500
RATE = 0.03
PENALTY = 10.0  # against the loss of rounding to nearest, per weight
WARM = 0.2  # of the steps go without penalty
SHARPEST, BLUNTEST = 2.0, 20.0  # exponents of the penalty, the latter first
STRETCH = 0.1  # the sigmoid reaches 0 and 1 this far before its ends
CHECKED = 25  # steps between two questions whether to stop


def up_or_down(
    matrices: Array,
    covariance: Array,
    scales: Array,
    zeros: Array,
    ends: tuple[int, int],
    check: Callable[[], None],
) -> Array:
    """Return codes of `matrices`: weight = (code - zero) x scale, within `ends`.

    All arrays but `covariance` (blocks, columns, columns) are (blocks, rows, columns); the codes
    are int16. `check` is called now and then. The same every time.
    """
    torch.set_num_threads(1)  # two threads may add in another order
    weights, scale, zero, loss = (
        torch.from_numpy(np.asarray(array, np.float32))
        for array in (matrices, scales, zeros, covariance)
    )
    place = weights / scale + zero
    below = torch.floor(place)

    def lost(rounded: Tensor) -> Tensor:
        change = (rounded.clamp(*ends) - zero) * scale - weights
        return (change @ loss * change).sum()

    unit = lost(place.round()) / weights.numel() + 1e-30
    logits = _logits(place - below).requires_grad_(True)
    optimizer = torch.optim.Adam([logits], lr=RATE)
    for step in range(STEPS):
        if step % CHECKED == 0:
            check()
        share = _share(logits)
        total = lost(below + share) / unit + PENALTY * _penalty(share, step / STEPS)
        optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]  # torch has no types for it
        optimizer.step()
    up = (_share(logits.detach()) >= 0.5).numpy().astype(np.int16)
    return np.asarray(np.clip(below.numpy() + up, *ends), np.int16)


def _share(logits: Tensor) -> Tensor:
    return (torch.sigmoid(logits) * (1 + 2 * STRETCH) - STRETCH).clamp(0.0, 1.0)


def _logits(share: Tensor) -> Tensor:
    """Return what `_share` turns into `share`; its very ends have no slope and are left out."""
    inner = share.clamp(0.01, 0.99)
    return torch.log((inner + STRETCH) / (1 + STRETCH - inner))


def _penalty(share: Tensor, done: float) -> Tensor:
    if done < WARM:
        return torch.zeros(())
    exponent = BLUNTEST + (SHARPEST - BLUNTEST) * (done - WARM) / (1 - WARM)
    return (1 - (2 * share - 1).abs().pow(exponent)).sum()
