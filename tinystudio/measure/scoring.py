"""How good a file's answers are, alone and against the original's on the same samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tinystudio.core.data import Array, Samples
from tinystudio.core.intervals import paired_difference, wilson
from tinystudio.core.measurement import ClassScore
from tinystudio.core.reporter import Reporter
from tinystudio.measure.running import outputs_of
from tinystudio.metrics import find_metric
from tinystudio.metrics.class_scores import count_by_class
from tinystudio.metrics.metric import Metric

MOST_CLASSES = 1000  # told one by one; a vocabulary is not
NOT_FINITE = "Some of the model's answers are not finite numbers, so it has no score."


@dataclass(frozen=True)
class Score:
    """The figures of one file on some samples, and what each sample adds: (n,).

    `missing` says why there is no score among the figures, where there is none.
    """

    per_sample: Array
    figures: dict[str, Any]  # keys of `Measurement`
    missing: str = ""


def score_file(
    data: bytes,
    samples: Samples,
    metric: str,
    classes: tuple[str, ...],
    reporter: Reporter,
    original: Array | None,
) -> Score | None:
    """Run the file on the samples and judge it; None where there are no labels to judge by.

    The labels of `samples` are what `metric` compares with: see `with_truth`.
    `original` is what each sample adds for the original: with it the paired change is told.
    Raises `UserError` where samples, labels and network do not fit.
    """
    judged = find_metric(metric)
    outputs = outputs_of(data, samples, reporter)
    if samples.labels is None:
        return None
    score = judge_outputs(judged, outputs, samples.labels, original)
    if judged.classifies and len(np.unique(samples.labels)) <= MOST_CLASSES:
        score.figures["per_class"] = _by_class(outputs, samples.labels, classes)
    return score


def judge_outputs(
    metric: Metric, outputs: tuple[Array, ...], labels: Array, original: Array | None
) -> Score:
    """Judge outputs; with what each sample adds for the `original`, the change as well.

    Answers that are not finite can make an error that is not either, and some scores are not
    defined on any samples: then the figures hold none, and it is said why.
    """
    per_sample = metric.per_sample(outputs, labels)
    figures: dict[str, Any] = {"samples": len(per_sample)}
    if not np.isfinite(per_sample).all():
        are_finite = bool(np.isfinite(outputs[0]).all())
        return Score(per_sample, figures, (are_finite and metric.undefined) or NOT_FINITE)
    score, interval = float(per_sample.mean()), metric.interval(outputs, labels)
    figures |= {"score": score, "score_interval": interval, "score_status": "measured"}
    if metric.id == "accuracy":
        figures |= {
            "accuracy": score,
            "accuracy_interval": interval,
            "accuracy_status": "measured",
        }
    if original is not None and np.isfinite(original).all():
        figures |= _change(original, per_sample)
    return Score(per_sample, figures)


def describe_metric(metric: Metric) -> dict[str, Any]:
    """Return what a measurement says of its metric."""
    return {"metric": metric.id, "higher_is_better": metric.higher_is_better}


def _by_class(
    outputs: tuple[Array, ...], labels: Array, classes: tuple[str, ...]
) -> tuple[ClassScore, ...]:
    return tuple(
        ClassScore(
            name=classes[item.label] if item.label < len(classes) else str(item.label),
            accuracy=item.right / item.samples,
            interval=wilson(item.right, item.samples),
            samples=item.samples,
        )
        for item in count_by_class(outputs, labels)
    )


def _change(original: Array, variant: Array) -> dict[str, Any]:
    """Compare on the very same samples; a tie is an interval of the difference that holds 0.

    One sample's difference has no interval, and a change without one would claim too much.
    """
    mean, (low, high) = paired_difference(original, variant)
    if not np.isfinite((low, high)).all():
        return {}
    return {
        "score_change": mean,
        "score_change_interval": (low, high),
        "score_tied": low <= 0 <= high,
    }
