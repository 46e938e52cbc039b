"""How far embeddings point the same way."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.measurement import Interval
from tinystudio.metrics.metric import Bounds, Metric, Outputs, misfit
from tinystudio.metrics.number_pairs import number_pairs
from tinystudio.metrics.spreads import mean_interval


class Cosine(Metric):
    """How far each embedding points the way of the given one: the mean cosine of their angle.

    1 is the same direction, 0 is none in common. An embedding of length zero counts 0.
    """

    id: ClassVar[str] = "cosine"
    title: ClassVar[str] = "Cosine similarity"
    unit: ClassVar[str] = ""
    higher_is_better: ClassVar[bool] = True
    bounds: ClassVar[Bounds] = (-1.0, 1.0)
    classifies: ClassVar[bool] = False
    needs: ClassVar[str] = "given embeddings of at least two numbers, of the outputs' shape"

    def per_sample(self, outputs: Outputs, truth: Array) -> Array:
        """Return the cosine between each sample's output and its given embedding."""
        answers, wanted = (item.astype(np.float64) for item in number_pairs(outputs, truth))
        if answers.shape[1] < 2:
            raise misfit(
                "The labels are one number per sample, which has no direction.",
                "Choose the metric mean-absolute-error or r2.",
            )
        lengths = np.linalg.norm(answers, axis=1) * np.linalg.norm(wanted, axis=1)
        products = (answers * wanted).sum(axis=1)
        cosines = np.where(lengths == 0, 0.0, products / np.where(lengths == 0, 1.0, lengths))
        return np.asarray(np.clip(cosines, -1.0, 1.0))

    def interval(self, outputs: Outputs, truth: Array) -> Interval:
        """Return the interval of the mean."""
        return mean_interval(self.per_sample(outputs, truth), self.bounds)
