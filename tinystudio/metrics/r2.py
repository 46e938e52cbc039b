"""The share of the labels' variance that is explained."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.measurement import Interval
from tinystudio.metrics.explaining import explained
from tinystudio.metrics.metric import Bounds, Metric, Outputs
from tinystudio.metrics.number_pairs import number_pairs
from tinystudio.metrics.spreads import mean_interval


class R2(Metric):
    """The share of the labels' variance that is explained: 1 is all, 0 no more than their mean is.

    Coefficient of determination, 1 - squared errors / squared distances from the mean; of several
    outputs the plain mean of each one's. Outputs whose labels never change are left out.
    """

    id: ClassVar[str] = "r2"
    title: ClassVar[str] = "R²"
    unit: ClassVar[str] = ""
    higher_is_better: ClassVar[bool] = True
    bounds: ClassVar[Bounds] = (-math.inf, 1.0)
    classifies: ClassVar[bool] = False
    needs: ClassVar[str] = "labels that are numbers, of the outputs' shape"
    undefined: ClassVar[str] = "The labels of these samples are all the same, so there is no R²."

    def per_sample(self, outputs: Outputs, truth: Array) -> Array:
        """Return the score plus each sample's influence on it."""
        answers, wanted = number_pairs(outputs, truth)
        centred = wanted - wanted.mean(axis=0, dtype=np.float64)
        varies = np.ptp(wanted, axis=0) > 0
        if not varies.any():
            return np.full(len(wanted), np.nan)
        errors, away = (np.square(item[:, varies]) for item in (answers - wanted, centred))
        return np.asarray(explained(errors, away).mean(axis=1))

    def interval(self, outputs: Outputs, truth: Array) -> Interval:
        """Return the interval by the samples' influences."""
        return mean_interval(self.per_sample(outputs, truth), self.bounds)
