"""What a network's outputs are worth: each metric's value per sample, its score, its interval."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.errors import UserError
from tinystudio.core.intervals import Z90, bootstrap, wilson
from tinystudio.core.measurement import Interval

BOOTSTRAP_SEED = 0  # intervals of one file are the same whenever they are asked for


class Metric(ABC):
    """One way to judge outputs against labels.

    `outputs` are the network's outputs, each (n, ...); `labels` is (n, ...). `per_sample` returns
    (n,) float64 whose mean is the score, so that two networks can be compared sample by sample.
    Raises `UserError` where outputs and labels do not fit.
    """

    id: str
    title: str
    unit: str
    higher_is_better: bool
    classifies: bool

    @abstractmethod
    def per_sample(self, outputs: tuple[Array, ...], labels: Array) -> Array:
        """Return what each sample adds: (n,) float64, its mean is the score."""

    @abstractmethod
    def interval(self, outputs: tuple[Array, ...], labels: Array) -> Interval:
        """Return the 90 % interval of the score."""

    def score(self, outputs: tuple[Array, ...], labels: Array) -> float:
        """Return the score in the metric's unit."""
        return float(self.per_sample(outputs, labels).mean())

    def additive(self, outputs: tuple[Array, ...]) -> Array:
        """Return what the effects of several changes add up in, (n, ...): judged as outputs are.

        For classes these are the logits: probabilities are brought back to their logarithms.
        """
        return _logits(outputs[0]) if self.classifies else outputs[0]


class Accuracy(Metric):
    """The share of samples whose class is right."""

    id, title, unit = "accuracy", "Accuracy", "%"
    higher_is_better, classifies = True, True

    def per_sample(self, outputs: tuple[Array, ...], labels: Array) -> Array:
        return correct(outputs, labels).astype(np.float64)

    def interval(self, outputs: tuple[Array, ...], labels: Array) -> Interval:
        hits = correct(outputs, labels)
        return wilson(int(hits.sum()), len(hits))


class BalancedAccuracy(Metric):
    """The mean over the classes of the share that is right, so that rare classes count as much."""

    id, title, unit = "balanced-accuracy", "Balanced accuracy", "%"
    higher_is_better, classifies = True, True

    def per_sample(self, outputs: tuple[Array, ...], labels: Array) -> Array:
        hits = correct(outputs, labels)
        _, which, counts = np.unique(labels.reshape(-1), return_inverse=True, return_counts=True)
        return hits * (len(hits) / (len(counts) * counts[which]))

    def interval(self, outputs: tuple[Array, ...], labels: Array) -> Interval:
        """Combine the classes' Wilson intervals by variance recovery (Zou and Donner 2008).

        Unlike a bootstrap it does not shrink to nothing where a class has no error.
        """
        hits, flat = correct(outputs, labels), labels.reshape(-1)
        shares, below, above = [], 0.0, 0.0
        for name in np.unique(flat):
            mine = hits[flat == name]
            share = float(mine.mean())
            low, high = wilson(int(mine.sum()), len(mine))
            shares.append(share)
            below += (share - low) ** 2
            above += (high - share) ** 2
        centre, classes = float(np.mean(shares)), len(shares)
        return (
            max(0.0, centre - float(np.sqrt(below)) / classes),
            min(1.0, centre + float(np.sqrt(above)) / classes),
        )


class MeanAbsoluteError(Metric):
    """How far the numbers are off, on average, in the unit of the labels."""

    id, title, unit = "mean-absolute-error", "Mean absolute error", ""
    higher_is_better, classifies = False, False

    def per_sample(self, outputs: tuple[Array, ...], labels: Array) -> Array:
        answers = outputs[0]
        count = len(labels)
        if answers.size != labels.size:
            raise UserError(
                "The data does not fit the model",
                f"The labels have the shape {labels.shape}; "
                f"the model's first output has the shape {answers.shape}.",
                "Use labels of the shape that the model puts out.",
            )
        _check_numbers(labels)
        difference = answers.reshape(count, -1).astype(np.float64) - labels.reshape(count, -1)
        return np.asarray(np.abs(difference).mean(axis=1))

    def interval(self, outputs: tuple[Array, ...], labels: Array) -> Interval:
        values = self.per_sample(outputs, labels)
        if not np.isfinite(values).all():
            mean = float(values.mean())
            return (mean, mean)
        # A bootstrap of the mean is too narrow for few samples by about sqrt(n / (n - 1)).
        low, high = bootstrap(values, BOOTSTRAP_SEED)
        if len(values) > 1:
            spread = Z90 * float(values.std(ddof=1)) / np.sqrt(len(values))
            low, high = min(low, values.mean() - spread), max(high, values.mean() + spread)
        return (max(0.0, float(low)), float(high))


METRICS: tuple[Metric, ...] = (Accuracy(), BalancedAccuracy(), MeanAbsoluteError())


def find_metric(metric: str) -> Metric:
    """Return the metric of that id; raises `UserError` naming those there are."""
    for item in METRICS:
        if item.id == metric:
            return item
    known = ", ".join(item.id for item in METRICS)
    raise UserError(
        "The data was not understood", f"There is no metric {metric!r}.", f"Choose one of: {known}."
    )


@dataclass(frozen=True)
class ClassCount:
    """How many samples of one class there are, and how many of them came out right."""

    label: int
    right: int
    samples: int


def count_by_class(outputs: tuple[Array, ...], labels: Array) -> tuple[ClassCount, ...]:
    """Return the counts of every class that has samples, by label."""
    hits, flat = correct(outputs, labels), labels.reshape(-1)
    return tuple(
        ClassCount(int(label), int(hits[flat == label].sum()), int((flat == label).sum()))
        for label in np.unique(flat)
    )


def correct(outputs: tuple[Array, ...], labels: Array) -> Array:
    """Return which samples come out right: (n,) bool. Outputs that are not finite are wrong."""
    flat = labels.reshape(len(labels), -1)
    if flat.shape[1] != 1:
        raise _labels_error(
            f"There are {flat.shape[1]} labels per sample; one class number is expected.",
            "Give the class of each sample as one whole number, counted from 0.",
        )
    answers, classes = predicted(outputs)
    if len(answers) != len(flat):
        raise _labels_error(
            f"There are {len(flat)} labels for {len(answers)} answers of the model.",
            "Give one label per sample.",
        )
    _check_labels(flat[:, 0], classes)
    return np.asarray(answers == flat[:, 0])


def predicted(outputs: tuple[Array, ...]) -> tuple[Array, int | None]:
    """Return the class that the first output names for each sample, and how many there are.

    Understood are scores (n, classes) with or without trailing sizes of 1, class numbers (n,),
    and one score for a yes (n,) or (n, 1): above 0.5 where all are within 0..1, above 0 otherwise.
    A sample with a score that is not finite gets -1.
    """
    first = outputs[0]
    scores = first.reshape(len(first), -1)
    if scores.size != first.shape[0] * (first.shape[1] if first.ndim > 1 else 1):
        raise UserError(
            "The accuracy was not measured",
            f"The model's first output has the shape {first.shape}, not one score per class.",
            "Use a model whose first output is (samples, classes).",
        )
    if np.issubdtype(first.dtype, np.integer) and scores.shape[1] == 1:
        return scores[:, 0], None
    finite = np.asarray(np.isfinite(scores).all(axis=1))
    if scores.shape[1] == 1:
        known = scores[finite]
        within = bool(known.size) and float(known.min()) >= 0.0 and float(known.max()) <= 1.0
        answers = (scores[:, 0] > (0.5 if within else 0.0)).astype(np.int64)
        return np.where(finite, answers, -1), 2
    answers = np.argmax(np.where(finite[:, None], scores, 0), axis=1)
    return np.where(finite, answers, -1), scores.shape[1]


def _logits(scores: Array) -> Array:
    """Return scores as logits: probabilities of classes, or of a yes, as their logarithms."""
    flat = scores.reshape(len(scores), -1)
    if scores.dtype.kind != "f" or not len(flat) or flat.min() < 0 or flat.max() > 1:
        return scores
    floor = np.finfo(np.float32).tiny
    if flat.shape[1] == 1:
        return np.asarray(np.log(np.maximum(scores, floor)) - np.log(np.maximum(1 - scores, floor)))
    sums_to_one = np.allclose(flat.sum(axis=1), 1.0, atol=1e-3)
    return np.asarray(np.log(np.maximum(scores, floor))) if sums_to_one else scores


def _check_numbers(labels: Array) -> None:
    if not np.issubdtype(labels.dtype, np.number) and labels.dtype != np.bool_:
        raise _labels_error(
            f"The labels are of type {labels.dtype}, not numbers.",
            "Use numbers; classes are numbered from 0.",
        )


def _check_labels(labels: Array, classes: int | None) -> None:
    _check_numbers(labels)
    if not (np.isfinite(labels) & (labels == np.floor(labels))).all():
        raise _labels_error(
            "Some labels are not whole numbers.",
            "Number the classes from 0, or choose the metric mean-absolute-error.",
        )
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or (classes is not None and high >= classes):
        outside = low if low < 0 else high
        count = (
            "" if classes is None else f" The model knows {classes} classes: 0 to {classes - 1}."
        )
        raise _labels_error(
            f"The label {outside} is outside the classes.{count}",
            "Correct the labels, or open the model that belongs to this data.",
        )


def _labels_error(detail: str, hint: str) -> UserError:
    return UserError("The labels do not fit the model", detail, hint)
