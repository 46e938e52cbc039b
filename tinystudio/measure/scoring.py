"""How good a file's answers are, alone and against the original's on the same samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tinystudio.core.data import Array, Samples
from tinystudio.core.intervals import paired_difference, wilson
from tinystudio.core.measurement import ClassScore
from tinystudio.core.metrics import Metric, count_by_class, find_metric
from tinystudio.core.reporter import Reporter
from tinystudio.measure.running import outputs_of


@dataclass(frozen=True)
class Score:
    """The figures of one file on some samples, and what each sample adds: (n,)."""

    per_sample: Array
    figures: dict[str, Any]  # keys of `Measurement`


def score_file(
    data: bytes,
    samples: Samples,
    metric: str,
    classes: tuple[str, ...],
    reporter: Reporter,
    original: Array | None,
) -> Score | None:
    """Run the file on the samples and judge it; None where there are no labels to judge by.

    `original` is what each sample adds for the original: with it the paired change is told.
    Raises `UserError` where samples, labels and network do not fit.
    """
    judged = find_metric(metric)
    outputs = outputs_of(data, samples, reporter)
    if samples.labels is None:
        return None
    per_sample = judged.per_sample(outputs, samples.labels)
    score, interval = float(per_sample.mean()), judged.interval(outputs, samples.labels)
    figures: dict[str, Any] = {
        "score": score,
        "score_interval": interval,
        "score_status": "measured",
        "samples": len(samples),
    }
    if judged.classifies:
        figures["per_class"] = _by_class(outputs, samples.labels, classes)
    if judged.id == "accuracy":
        figures |= {
            "accuracy": score,
            "accuracy_interval": interval,
            "accuracy_status": "measured",
        }
    if original is not None:
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
    """Compare on the very same samples; a tie is an interval of the difference that holds 0."""
    mean, (low, high) = paired_difference(original, variant)
    return {
        "score_change": mean,
        "score_change_interval": (low, high),
        "score_tied": low <= 0 <= high,
    }
