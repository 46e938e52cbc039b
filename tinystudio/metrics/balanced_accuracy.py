"""Accuracy with every class counted alike."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.intervals import wilson
from tinystudio.core.measurement import Interval
from tinystudio.metrics.class_scores import correct, logits
from tinystudio.metrics.metric import Bounds, Metric, Outputs
from tinystudio.metrics.spreads import mean_interval


class BalancedAccuracy(Metric):
    """The mean over the classes of the share that is right, so that rare classes count as much."""

    id: ClassVar[str] = "balanced-accuracy"
    title: ClassVar[str] = "Balanced accuracy"
    unit: ClassVar[str] = "%"
    higher_is_better: ClassVar[bool] = True
    bounds: ClassVar[Bounds] = (0.0, 1.0)
    classifies: ClassVar[bool] = True
    counts_right: ClassVar[bool] = True
    needs: ClassVar[str] = "class numbers, and one score per class"

    def per_sample(self, outputs: Outputs, truth: Array) -> Array:
        """Return what each sample's right answers are worth, the rarer their class the more."""
        hits = correct(outputs, truth)
        _, which, counts = np.unique(truth.reshape(-1), return_inverse=True, return_counts=True)
        worth = (hits.size / (len(counts) * counts[which])).reshape(hits.shape)
        return np.asarray((hits * worth).mean(axis=1))

    def interval(self, outputs: Outputs, truth: Array) -> Interval:
        """Combine the classes' Wilson intervals by variance recovery (Zou and Donner 2008).

        Unlike a bootstrap it does not shrink to nothing where a class has no error.
        """
        hits, flat = correct(outputs, truth), truth.reshape(-1)
        if hits.shape[1] > 1:  # answers within one sequence are not independent
            return mean_interval(self.per_sample(outputs, truth), self.bounds)
        shares, below, above = [], 0.0, 0.0
        for name in np.unique(flat):
            mine = hits[flat == name]
            share = float(mine.mean())
            low, high = wilson(int(mine.sum()), len(mine))
            shares.append(share)
            below += (share - low) ** 2
            above += (high - share) ** 2
        centre, classes = float(np.mean(shares)), len(shares)
        return (
            max(0.0, centre - float(np.sqrt(below)) / classes),
            min(1.0, centre + float(np.sqrt(above)) / classes),
        )

    def additive(self, outputs: Outputs) -> Array:
        """Return the logits."""
        return logits(outputs[0])
