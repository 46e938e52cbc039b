"""A function of the user's as a metric."""

from __future__ import annotations

import math
from collections import OrderedDict

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.files import sha256
from tinystudio.core.measurement import Interval
from tinystudio.metrics.class_scores import logits
from tinystudio.metrics.metric import Metric, Outputs
from tinystudio.metrics.own.asking import Told, ask
from tinystudio.metrics.own.named import Named
from tinystudio.metrics.spreads import mean_interval

KEPT = 8  # answers; one measurement asks several times about the same


class OwnMetric(Metric):
    """A function of your own: it takes (outputs, labels) and returns one number per sample, or one.

    `outputs` is the network's first output, `labels` those of the same samples, both NumPy arrays.
    It runs in a process of its own, with a time limit, and only after you have trusted its file.
    One number gets its interval by a bootstrap, and its differences by a jackknife over blocks.
    """

    unit = ""
    needs = "labels and outputs that your function takes"
    undefined = "Your function returned no finite number."
    is_predicted = False

    def __init__(self, named: Named) -> None:
        self._named = named
        self._told: OrderedDict[str, Told] = OrderedDict()
        # Of every other metric these are of the class; here they are of the function.
        self.id = named.text  # type: ignore[misc]
        self.title = named.title  # type: ignore[misc]
        self.higher_is_better = not named.is_lower  # type: ignore[misc]
        self.classifies = named.classifies  # type: ignore[misc]
        # A training must not wait for a process at every epoch.
        self.learned_by = "accuracy" if named.classifies else "mean-absolute-error"  # type: ignore[misc]

    def settled(self, classifies: bool) -> str:
        """Return the id with the file's content; raises `UserError` where that is not trusted."""
        settled = self._named.settled(classifies)
        settled.trusted_source()
        return settled.text

    def per_sample(self, outputs: Outputs, truth: Array) -> Array:
        """Return what each sample adds; raises `UserError` where the function fails."""
        return self._ask(outputs, truth).values

    def interval(self, outputs: Outputs, truth: Array) -> Interval:
        """Return the interval of the score."""
        told = self._ask(outputs, truth)
        if told.interval is None:
            return mean_interval(told.values, self.bounds)
        score = float(told.values.mean())
        low, high = told.interval
        if not (math.isfinite(low) and math.isfinite(high)):
            return (score, score)
        return (min(low, score), max(high, score))

    def additive(self, outputs: Outputs) -> Array:
        """Return the logits of classes, else the numbers."""
        return logits(outputs[0]) if self.classifies else outputs[0]

    def _ask(self, outputs: Outputs, truth: Array) -> Told:
        first, labels = np.ascontiguousarray(outputs[0]), np.ascontiguousarray(truth)
        key = sha256(first.tobytes()) + sha256(labels.tobytes())
        if key not in self._told:
            self._told[key] = ask(self._named, first, labels)
            while len(self._told) > KEPT:
                self._told.popitem(last=False)
        return self._told[key]
