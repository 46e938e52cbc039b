"""How well what cannot be rebuilt is told from what can."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from tinystudio.core.data import Array, Samples
from tinystudio.core.measurement import Interval
from tinystudio.metrics.class_scores import check_labels
from tinystudio.metrics.metric import Bounds, Metric, Outputs, misfit
from tinystudio.metrics.ranking import ranked_values
from tinystudio.metrics.spreads import share_interval


class AnomalyAuc(Metric):
    """How often an abnormal sample is rebuilt worse than a normal one: 50 % is chance.

    For networks that put out what they are fed, trained on normal samples. A sample's score is the
    mean squared difference of output and input; labels are 0 for normal and 1 for abnormal. Area
    under the ROC curve, interval and differences by DeLong et al. (1988). A training learns from
    the normal samples alone, and aims at the inputs.
    """

    id: ClassVar[str] = "anomaly-auc"
    title: ClassVar[str] = "Anomaly detection (area under ROC)"
    unit: ClassVar[str] = "%"
    higher_is_better: ClassVar[bool] = True
    bounds: ClassVar[Bounds] = (0.0, 1.0)
    classifies: ClassVar[bool] = False
    needs: ClassVar[str] = "labels 0 (normal) and 1 (abnormal), and an output like the one input"
    undefined: ClassVar[str] = "All samples are normal, or all abnormal: there is no ROC curve."
    learned_by: ClassVar[str] = "mean-absolute-error"

    def truth(self, samples: Samples) -> Array | None:
        """Return labels and inputs together, (n, 1 + numbers) float32."""
        if samples.labels is None:
            return None
        if len(samples.inputs) != 1 or samples.labels.size != len(samples):
            raise misfit(
                f"There are {len(samples.inputs)} inputs, and labels of the shape "
                f"{samples.labels.shape}.",
                "Anomalies by reconstruction are of one input, with one label 0 or 1 per sample.",
            )
        check_labels(samples.labels.reshape(-1), 2)
        columns = (samples.labels.reshape(-1, 1), samples.inputs[0].reshape(len(samples), -1))
        return np.concatenate([item.astype(np.float32) for item in columns], axis=1)

    def per_sample(self, outputs: Outputs, truth: Array) -> Array:
        """Return the score plus each sample's influence on it, by DeLong's components."""
        answers, inputs = outputs[0].reshape(len(outputs[0]), -1), truth[:, 1:]
        if answers.shape != inputs.shape:
            raise misfit(
                f"The model's first output has the shape {outputs[0].shape}, that is "
                f"{answers.shape[1]} numbers per sample; its input has {inputs.shape[1]}.",
                "Use a model that puts out what it is fed, or choose another metric.",
            )
        errors = np.square(answers.astype(np.float64) - inputs).mean(axis=1)
        errors = np.where(np.isfinite(errors), errors, np.nan)
        return ranked_values(errors, truth[:, 0] > 0)

    def interval(self, outputs: Outputs, truth: Array) -> Interval:
        """Return DeLong's interval on the scale of logits."""
        values, above = self.per_sample(outputs, truth), int((truth[:, 0] > 0).sum())
        rarest = max(min(above, len(truth) - above), 1)
        return share_interval(values, float(values.mean()), rarest)

    def lessons(self, samples: Samples) -> Samples:
        """Return the normal samples, to be put out as they are fed."""
        if samples.labels is None or len(samples.inputs) != 1:
            return replace(samples, labels=None)
        normal = samples.take(np.flatnonzero(samples.labels.reshape(-1) == 0))
        return replace(normal, labels=normal.inputs[0])
