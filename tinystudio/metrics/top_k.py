"""Whether the right class is among the first few."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.intervals import wilson
from tinystudio.core.measurement import Interval
from tinystudio.metrics.class_scores import labelled_rows, logits, slices
from tinystudio.metrics.metric import Bounds, Metric, Outputs, misfit
from tinystudio.metrics.spreads import mean_interval


class Top3(Metric):
    """The share of answers whose right class is among the three that score highest.

    Of sequences, every step is an answer: a keyboard that offers three words.
    """

    id: ClassVar[str] = "top-3-accuracy"
    title: ClassVar[str] = "Top-3 accuracy"
    unit: ClassVar[str] = "%"
    higher_is_better: ClassVar[bool] = True
    bounds: ClassVar[Bounds] = (0.0, 1.0)
    classifies: ClassVar[bool] = True
    needs: ClassVar[str] = "class numbers, and scores of more than 3 classes"
    k: ClassVar[int] = 3

    def per_sample(self, outputs: Outputs, truth: Array) -> Array:
        """Return each sample's share of answers that have the right class among the first."""
        return np.asarray(self._among(outputs, truth).mean(axis=1, dtype=np.float64))

    def interval(self, outputs: Outputs, truth: Array) -> Interval:
        """Return Wilson's interval; answers within one sequence are taken together."""
        hits = self._among(outputs, truth)
        if hits.shape[1] == 1:
            return wilson(int(hits.sum()), len(hits))
        return mean_interval(hits.mean(axis=1, dtype=np.float64), self.bounds)

    def additive(self, outputs: Outputs) -> Array:
        """Return the logits."""
        return logits(outputs[0])

    def _among(self, outputs: Outputs, truth: Array) -> Array:
        """Return (n, positions) bool. Of equal scores the class of lower number comes first."""
        scores, labels = labelled_rows(outputs, truth)
        if scores.shape[2] <= self.k:
            raise misfit(
                f"The model tells {scores.shape[2]} classes apart; the right one is always among "
                f"the first {self.k}.",
                "Choose the metric accuracy.",
            )
        return np.concatenate(
            [_places(scores[part], labels[part]) < self.k for part in slices(scores)]
        )


class Top5(Top3):
    """The share of answers whose right class is among the five that score highest."""

    id: ClassVar[str] = "top-5-accuracy"
    title: ClassVar[str] = "Top-5 accuracy"
    needs: ClassVar[str] = "class numbers, and scores of more than 5 classes"
    k: ClassVar[int] = 5


def _places(scores: Array, labels: Array) -> Array:
    """Return how many classes come before the right one; all where a score is not finite."""
    own = np.take_along_axis(scores, labels[..., None], axis=2)
    numbers = np.arange(scores.shape[2])
    before = (scores > own) | ((scores == own) & (numbers < labels[..., None]))
    finite = np.isfinite(scores).all(axis=2)
    return np.asarray(np.where(finite, before.sum(axis=2), scores.shape[2]))
