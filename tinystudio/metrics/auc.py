"""The area under the ROC curve."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.measurement import Interval
from tinystudio.metrics.class_scores import labelled_rows, log_shares, logits
from tinystudio.metrics.metric import Bounds, Metric, Outputs, misfit
from tinystudio.metrics.ranking import ranked_values
from tinystudio.metrics.spreads import share_interval


class Auc(Metric):
    """How often a sample of a class scores higher for it than one of another: 50 % is chance.

    Area under the ROC curve. Of several classes each against the rest by its probability, and
    the plain mean over the classes that occur. Interval and differences by DeLong et al. (1988).
    """

    id: ClassVar[str] = "auc"
    title: ClassVar[str] = "Area under ROC"
    unit: ClassVar[str] = "%"
    higher_is_better: ClassVar[bool] = True
    bounds: ClassVar[Bounds] = (0.0, 1.0)
    classifies: ClassVar[bool] = True
    needs: ClassVar[str] = "one class number per sample, and one score per class"
    undefined: ClassVar[str] = "All samples are of one class, so there is no ROC curve."

    def per_sample(self, outputs: Outputs, truth: Array) -> Array:
        """Return the score plus each sample's influence on it, by DeLong's components."""
        scores, labels = labelled_rows(outputs, truth)
        if labels.shape[1] != 1:
            raise misfit(
                f"There are {labels.shape[1]} labels per sample; the area under the ROC curve is "
                "of one answer per sample.",
                "Choose the metric accuracy, top-3-accuracy or perplexity.",
            )
        if not np.isfinite(scores).all():
            return np.full(len(labels), np.nan)
        shares, own = log_shares(scores[:, 0]), labels[:, 0]
        names = np.unique(own)
        if shares.shape[1] == 2:
            names = names[-1:]  # the two curves mirror one another
            shares = np.stack([-shares[:, 1] + shares[:, 0], shares[:, 1] - shares[:, 0]], axis=1)
        curves = [ranked_values(shares[:, name], own == name) for name in names]
        return np.asarray(np.mean(curves, axis=0))

    def interval(self, outputs: Outputs, truth: Array) -> Interval:
        """Return DeLong's interval on the scale of logits (Qin and Hotilovac 2008)."""
        values = self.per_sample(outputs, truth)
        rarest = int(np.unique(truth.reshape(-1), return_counts=True)[1].min())
        return share_interval(values, float(values.mean()), rarest)

    def additive(self, outputs: Outputs) -> Array:
        """Return the logits."""
        return logits(outputs[0])
