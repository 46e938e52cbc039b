"""How much of the original's outputs is kept, where there are no labels."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import ClassVar

import numpy as np

from tinystudio.core.data import Array, Samples
from tinystudio.core.measurement import Interval
from tinystudio.metrics.explaining import explained
from tinystudio.metrics.metric import Bounds, Metric, Outputs
from tinystudio.metrics.number_pairs import number_pairs
from tinystudio.metrics.spreads import mean_interval


class OutputAgreement(Metric):
    """How much of what the original puts out is kept: R² against its outputs, 100 % is all of it.

    No labels are needed and none are looked at: the original has 100 % by definition, and nothing
    is said of whether it is right. 1 - squared changes / squared distances of the original's
    outputs from their mean over the samples, all outputs taken together.
    """

    id: ClassVar[str] = "output-agreement"
    title: ClassVar[str] = "R² against the original"
    unit: ClassVar[str] = "%"
    higher_is_better: ClassVar[bool] = True
    bounds: ClassVar[Bounds] = (-math.inf, 1.0)
    classifies: ClassVar[bool] = False
    of_original: ClassVar[bool] = True
    needs: ClassVar[str] = "no labels; any outputs that are numbers"
    undefined: ClassVar[str] = "The original puts out the same for all of these samples."

    def per_sample(self, outputs: Outputs, truth: Array) -> Array:
        """Return the score plus each sample's influence on it."""
        answers, wanted = number_pairs(outputs, truth)
        errors = np.square(answers - wanted).mean(axis=1, dtype=np.float64)
        middle = wanted.mean(axis=0, dtype=np.float64).astype(wanted.dtype)
        away = np.square(wanted - middle).mean(axis=1, dtype=np.float64)
        if not np.ptp(wanted, axis=0).any():
            return np.full(len(wanted), np.nan)
        return explained(errors, away)

    def interval(self, outputs: Outputs, truth: Array) -> Interval:
        """Return the interval by the samples' influences."""
        return mean_interval(self.per_sample(outputs, truth), self.bounds)

    def lessons(self, samples: Samples) -> Samples:
        """Return the samples without labels: the original's answers are what is aimed at."""
        return replace(samples, labels=None)
