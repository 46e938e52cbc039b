"""Samples kept out of a training, to see by them when to stop."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array, Samples
from tinystudio.core.splitting import grouped, stratified
from tinystudio.metrics.metric import Metric

FEWEST = 8  # held out: fewer tell nothing
FEWEST_LEFT = 8  # to learn from


@dataclass(frozen=True)
class HeldOut:
    """Which of the training samples are learned from and which are only asked, (n,) positions.

    `patience`: how many epochs in a row may be no better than the best before it is enough; 0:
    the training goes on to its end, and its best weights are kept all the same.
    """

    learned: Array
    asked: Array
    metric: Metric
    patience: int

    def score(self, answers: Array, labels: Array) -> float | None:
        """Return the metric's value of answers (m, ...) to the samples that are asked.

        None where it has none, as the AUC of samples that are all of one class.
        """
        score = self.metric.score((answers,), labels[self.asked])
        return score if math.isfinite(score) else None

    def rank(self, score: float | None, loss: float) -> tuple[float, float]:
        """Return what grows as weights get better: the score first, then the loss."""
        sign = 1.0 if self.metric.higher_is_better else -1.0
        return (0.0 if score is None else sign * score, -loss)


def hold_out(
    samples: Samples, share: float, metric: Metric, patience: int, seed: int
) -> HeldOut | None:
    """Keep a share of the training samples out, of every class alike; whole groups at a time.

    Where samples have groups (of one person, of one recording) those held out are of others than
    those learned from: else a training that learns people by heart would be called good. The
    validation samples, which variants are ranked on, are not touched. None where the share is 0
    or either part would be too small.
    """
    count, labels = len(samples), samples.labels
    if round(count * share) < FEWEST or count - round(count * share) < FEWEST_LEFT:
        return None
    classes = np.zeros(count, np.int64)
    if metric.classifies and labels is not None and labels.size == count:
        classes = labels.reshape(-1)
    shares = (1 - share, share)
    if samples.groups is None:
        learned, asked = stratified(classes, shares, seed)
    else:
        learned, asked = grouped(classes, samples.groups, shares, seed)
        if len(asked) < FEWEST or len(learned) < FEWEST_LEFT:
            return None
    return HeldOut(np.sort(learned), np.sort(asked), metric, patience)
