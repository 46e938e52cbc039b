"""How far numbers are off."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.measurement import Interval
from tinystudio.metrics.metric import Bounds, Metric, Outputs
from tinystudio.metrics.number_pairs import number_pairs
from tinystudio.metrics.spreads import mean_interval


class MeanAbsoluteError(Metric):
    """How far the numbers are off, on average, in the unit of the labels."""

    id: ClassVar[str] = "mean-absolute-error"
    title: ClassVar[str] = "Mean absolute error"
    unit: ClassVar[str] = ""
    higher_is_better: ClassVar[bool] = False
    bounds: ClassVar[Bounds] = (0.0, math.inf)
    classifies: ClassVar[bool] = False
    needs: ClassVar[str] = "labels that are numbers, of the outputs' shape"

    def per_sample(self, outputs: Outputs, truth: Array) -> Array:
        """Return how far each sample's numbers are off on average."""
        answers, wanted = number_pairs(outputs, truth)
        return np.asarray(np.abs(answers - wanted).mean(axis=1, dtype=np.float64))

    def interval(self, outputs: Outputs, truth: Array) -> Interval:
        """Return the interval of the mean."""
        return mean_interval(self.per_sample(outputs, truth), self.bounds)
