"""How large steps are: over the course of a training, and the largest that still helps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from tinystudio.core.data import Array

WARM = 0.1  # of the steps over which the rate rises
WARM_STEPS = 8  # at least: the first steps of AdamW are as large as the rate, whatever the slope
MOST_WARM = 0.5  # of the steps, where there are only some
LEAST_SHARE = 0.02  # of the rate, where it begins to rise
TRIALS = 60  # steps of a range test
LOWEST, HIGHEST = 1e-5, 0.3  # rates it goes through
MEMORY = 0.85  # of the losses before, in the smoothed one
RISEN = 3.0  # times the least loss (or 1): the test has seen enough
SAFETY = 5.0  # below the rate at which the loss was least
FALLBACK = 0.002  # where no rate lowers the loss


def share(done: float, steps: int) -> float:
    """Return the share of the rate after a share of all steps: up in a line, down in a cosine.

    Loshchilov and Hutter, "SGDR", ICLR 2017, without restarts.
    """
    warm = max(WARM, min(WARM_STEPS / steps, MOST_WARM))
    if done < warm:
        return max(done / warm, LEAST_SHARE)
    return 0.5 * (1 + math.cos(math.pi * (done - warm) / (1 - warm)))


def trial_rates() -> Iterator[float]:
    """Yield the rates of a range test, each the same factor above the one before."""
    yield from np.geomspace(LOWEST, HIGHEST, TRIALS).tolist()


def range_test(loss_at: Callable[[float], float | None]) -> float:
    """Return the largest rate that is safe (Smith, "Cyclical learning rates", WACV 2017).

    `loss_at` takes a step at a rate and returns the loss before it, None where that is no number.
    The rate rises until the loss has risen well above its least; chosen is the one where the
    smoothed loss was least, divided by `SAFETY`, for there it already hardly fell any more.
    """
    rates, losses = list[float](), list[float]()
    for rate in trial_rates():
        loss = loss_at(rate)
        if loss is None:
            break
        rates.append(rate)
        losses.append(loss)
        if _smooth(losses)[-1] > RISEN * max(float(_smooth(losses).min()), 1.0):
            break
    smooth = _smooth(losses)
    if len(losses) < 2 or int(smooth.argmin()) == 0:
        return FALLBACK if len(losses) > TRIALS // 2 else LOWEST
    return float(f"{rates[int(smooth.argmin())] / SAFETY:.2g}")


def _smooth(losses: list[float]) -> Array:
    """Return the losses as running means, none of them leaning to the first."""
    found, mean = list[float](), 0.0
    for number, loss in enumerate(losses, start=1):
        mean = MEMORY * mean + (1 - MEMORY) * loss
        found.append(mean / (1 - MEMORY**number))
    return np.array(found, np.float64)
