"""The area under the ROC curve, and what each sample has to do with it (DeLong et al. 1988)."""

from __future__ import annotations

import numpy as np

from tinystudio.core.data import Array


def ranked_values(scores: Array, positive: Array) -> Array:
    """Return (n,) float64 whose mean is the area under the ROC curve of `scores` (n,).

    It is how often a positive sample scores above a negative one, ties counted half. Each value
    is the area plus the sample's structural component (DeLong 1988), weighted by its class's
    share; their variance over n is DeLong's. By mid-ranks (Sun and Xu 2014), n log n. NaN where
    there is but one class, or a score is no number.
    """
    count, above = len(scores), int(positive.sum())
    below = count - above
    if above == 0 or below == 0 or np.isnan(scores).any():
        return np.full(count, np.nan)
    ranks = _mid_ranks(scores)
    parts = np.empty(count)
    parts[positive] = (ranks[positive] - _mid_ranks(scores[positive])) / below
    parts[~positive] = 1 - (ranks[~positive] - _mid_ranks(scores[~positive])) / above
    area = float(parts[positive].mean())
    weights = np.where(positive, count / above, count / below)
    return area + weights * (parts - area)


def _mid_ranks(values: Array) -> Array:
    """Return each value's rank from 1; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[inverse])
