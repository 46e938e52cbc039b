"""What a network's outputs on some samples are compared with: labels, or the original's answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tinystudio.core.data import Array, Samples
from tinystudio.metrics.metric import Metric


def with_truth(
    samples: Samples, metric: Metric, original: Callable[[], tuple[Array, ...]]
) -> Samples:
    """Return the samples with what `metric` compares outputs with as their labels.

    `original` gives the original's outputs for these samples; it is asked only where they are
    needed. Labels are None where there is nothing to compare with.
    """
    if metric.of_original:
        return replace(samples, labels=metric.answers(original()))
    return replace(samples, labels=metric.truth(samples))
