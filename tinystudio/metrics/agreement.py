"""How often the answer is the original's, where there are no labels."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from tinystudio.core.data import Array, Samples
from tinystudio.core.intervals import wilson
from tinystudio.core.measurement import Interval
from tinystudio.metrics.class_scores import correct, logits, predicted
from tinystudio.metrics.metric import Bounds, Metric, Outputs
from tinystudio.metrics.spreads import mean_interval


class Agreement(Metric):
    """How often the answer is the one that the original gives.

    No labels are needed and none are looked at: the original has 100 % by definition, and nothing
    is said of whether its answers are right.
    """

    id: ClassVar[str] = "agreement"
    title: ClassVar[str] = "Same answers as the original"
    unit: ClassVar[str] = "%"
    higher_is_better: ClassVar[bool] = True
    bounds: ClassVar[Bounds] = (0.0, 1.0)
    classifies: ClassVar[bool] = True
    counts_right: ClassVar[bool] = True
    of_original: ClassVar[bool] = True
    needs: ClassVar[str] = "no labels; one score per class"

    def per_sample(self, outputs: Outputs, truth: Array) -> Array:
        """Return each sample's share of answers that are the original's."""
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

    def answers(self, outputs: Outputs) -> Array:
        """Return the classes that the original names; one without a number counts as class 0."""
        return np.maximum(predicted(outputs)[0], 0)

    def lessons(self, samples: Samples) -> Samples:
        """Return the samples without labels: the original's answers are what is aimed at."""
        return replace(samples, labels=None)
