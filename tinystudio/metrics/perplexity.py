"""How many classes a network hesitates between."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.measurement import Interval
from tinystudio.metrics.class_scores import labelled_rows, log_shares, logits, slices
from tinystudio.metrics.metric import Bounds, Metric, Outputs
from tinystudio.metrics.spreads import mean_interval


class Perplexity(Metric):
    """Between how many next tokens, or classes, the network hesitates on average: 1 is perfect.

    The exponential of the mean negative log-likelihood of the right class (Jelinek et al. 1977).
    """

    id: ClassVar[str] = "perplexity"
    title: ClassVar[str] = "Perplexity"
    unit: ClassVar[str] = ""
    higher_is_better: ClassVar[bool] = False
    bounds: ClassVar[Bounds] = (1.0, math.inf)
    classifies: ClassVar[bool] = True
    needs: ClassVar[str] = "class numbers, and one score per class"

    def per_sample(self, outputs: Outputs, truth: Array) -> Array:
        """Return the score plus each sample's influence on it, by the delta method."""
        surprise = self._surprise(outputs, truth)
        mean = float(surprise.mean())
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(np.exp(mean) * (1 + surprise - mean))

    def interval(self, outputs: Outputs, truth: Array) -> Interval:
        """Return the exponentials of the mean log-likelihood's interval."""
        low, high = mean_interval(self._surprise(outputs, truth), (0.0, math.inf))
        with np.errstate(over="ignore"):
            return (float(np.exp(low)), float(np.exp(high)))

    def additive(self, outputs: Outputs) -> Array:
        """Return the logits."""
        return logits(outputs[0])

    def _surprise(self, outputs: Outputs, truth: Array) -> Array:
        """Return each sample's mean negative log-likelihood in nats, (n,)."""
        scores, labels = labelled_rows(outputs, truth)
        if not np.isfinite(scores).all():
            return np.full(len(labels), np.nan)
        own = [
            np.take_along_axis(log_shares(scores[part]), labels[part][..., None], axis=2)
            for part in slices(scores)
        ]
        return np.asarray(-np.concatenate(own)[..., 0].mean(axis=1))
