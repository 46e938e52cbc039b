"""The mean of the classes' F1 scores."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.measurement import Interval
from tinystudio.metrics.class_scores import correct, logits, predicted
from tinystudio.metrics.metric import Bounds, Metric, Outputs
from tinystudio.metrics.spreads import share_interval


class MacroF1(Metric):
    """The mean over the classes of F1, which weighs what is missed and what is wrongly claimed.

    F1 of a class is twice the right answers over the samples that are of it plus those that are
    said to be (van Rijsbergen 1979). The mean is over the classes that occur in labels or answers.
    """

    id: ClassVar[str] = "macro-f1"
    title: ClassVar[str] = "Macro F1"
    unit: ClassVar[str] = "%"
    higher_is_better: ClassVar[bool] = True
    bounds: ClassVar[Bounds] = (0.0, 1.0)
    classifies: ClassVar[bool] = True
    needs: ClassVar[str] = "class numbers, and one score per class"

    def per_sample(self, outputs: Outputs, truth: Array) -> Array:
        """Return the score plus each sample's influence on it."""
        hits = correct(outputs, truth)
        labels = truth.reshape(hits.shape)
        answers = predicted(outputs)[0].reshape(hits.shape)
        # Answers that are no numbers are -1: wrong, and of no class.
        names = np.union1d(labels, answers[answers >= 0])
        values = np.zeros(len(hits))
        for name in names:
            right = (hits & (labels == name)).mean(axis=1)
            counted = (labels == name).mean(axis=1) + (answers == name).mean(axis=1)
            both, either = float(right.mean()), float(counted.mean())
            score = 2 * both / either
            values += score + (2 * right - score * counted) / either
        return values / len(names)

    def interval(self, outputs: Outputs, truth: Array) -> Interval:
        """Return the interval by the samples' influences, on the scale of logits."""
        values = self.per_sample(outputs, truth)
        return share_interval(values, float(values.mean()), len(values))

    def additive(self, outputs: Outputs) -> Array:
        """Return the logits."""
        return logits(outputs[0])
