"""The share of answers that are right."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.intervals import wilson
from tinystudio.core.measurement import Interval
from tinystudio.metrics.class_scores import correct, logits
from tinystudio.metrics.metric import Bounds, Metric, Outputs
from tinystudio.metrics.spreads import mean_interval


class Accuracy(Metric):
    """The share of answers that are right: of samples, or of all steps of all sequences."""

    id: ClassVar[str] = "accuracy"
    title: ClassVar[str] = "Accuracy"
    unit: ClassVar[str] = "%"
    higher_is_better: ClassVar[bool] = True
    bounds: ClassVar[Bounds] = (0.0, 1.0)
    classifies: ClassVar[bool] = True
    counts_right: ClassVar[bool] = True
    needs: ClassVar[str] = "class numbers, and one score per class"

    def per_sample(self, outputs: Outputs, truth: Array) -> Array:
        """Return each sample's share of right answers: 0 or 1 where it has but one."""
        return np.asarray(correct(outputs, truth).mean(axis=1, dtype=np.float64))

    def interval(self, outputs: Outputs, truth: Array) -> Interval:
        """Return Wilson's interval; answers within one sequence are taken together."""
        hits = correct(outputs, truth)
        if hits.shape[1] == 1:
            return wilson(int(hits.sum()), len(hits))
        return mean_interval(hits.mean(axis=1, dtype=np.float64), self.bounds)

    def additive(self, outputs: Outputs) -> Array:
        """Return the logits."""
        return logits(outputs[0])
