"""Scores of classes, and labels, as rows of positions: one per sample, or one per place in it.

The classes stand along the second axis, as in (n, classes) or (n, classes, height, width), but for
outputs of three axes, where they come last: (n, steps, classes), as sequence networks put out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.errors import UserError
from tinystudio.metrics.metric import Outputs, misfit

AT_ONCE = 4_000_000  # scores


def class_axis(shape: tuple[int, ...]) -> int:
    """Return along which axis of an output of that shape its classes are: 1 or -1."""
    return -1 if len(shape) == 3 and shape[2] > 1 else 1


def class_rows(scores: Array) -> Array:
    """Return scores (n, ...) as (n x positions, classes); a copy only where axes must move."""
    if scores.ndim < 2:
        return scores.reshape(-1, 1)
    last = np.moveaxis(scores, class_axis(scores.shape), -1)
    return np.asarray(last.reshape(-1, last.shape[-1]))


@dataclass(frozen=True)
class ClassCount:
    """How many answers of one class there are, and how many of them came out right."""

    label: int
    right: int
    samples: int


def labelled_rows(outputs: Outputs, labels: Array) -> tuple[Array, Array]:
    """Return scores (n, positions, classes) and labels (n, positions) int64, checked.

    One score per sample, a yes above zero, is taken for classes 0 and 1. Raises `UserError`.
    """
    first, flat = outputs[0], labels.reshape(len(labels), -1)
    _check_count(first, flat)
    scores = _two_sided(class_rows(first))
    if len(scores) != flat.size:
        raise _other_shape(first, labels)
    check_labels(flat.reshape(-1), scores.shape[1])
    return scores.reshape(len(flat), flat.shape[1], -1), flat.astype(np.int64)


def correct(outputs: Outputs, labels: Array) -> Array:
    """Return which answers come out right, (n, positions) bool; not finite is wrong."""
    flat = labels.reshape(len(labels), -1)
    _check_count(outputs[0], flat)
    answers, classes = predicted(outputs)
    if answers.size != flat.size:
        raise _other_shape(outputs[0], labels)
    check_labels(flat.reshape(-1), classes)
    return np.asarray(answers.reshape(flat.shape) == flat)


def predicted(outputs: Outputs) -> tuple[Array, int | None]:
    """Return the classes that the first output names, and how many there are.

    They are (n,) where each sample has one answer, else (n, ...) without the axis of classes. A
    score for a yes, (n,) or (n, 1), is above 0.5 where all are within 0..1, above 0 otherwise.
    Class numbers are taken as they are. An answer with a score that is not finite is -1.
    """
    first = outputs[0]
    if np.issubdtype(first.dtype, np.integer):
        return first.reshape(len(first), -1).squeeze(1) if first.size == len(first) else first, None
    scores = class_rows(first)
    finite = np.asarray(np.isfinite(scores).all(axis=1))
    if scores.shape[1] == 1:
        known = scores[finite]
        within = bool(known.size) and float(known.min()) >= 0.0 and float(known.max()) <= 1.0
        named = (scores[:, 0] > (0.5 if within else 0.0)).astype(np.int64)
    else:
        named = np.argmax(np.where(finite[:, None], scores, 0), axis=1)
    answers = np.where(finite, named, -1)
    shaped = answers if len(answers) == len(first) else answers.reshape(_places(first))
    return shaped, max(scores.shape[1], 2)


def count_by_class(outputs: Outputs, labels: Array) -> tuple[ClassCount, ...]:
    """Return the counts of every class that has answers, by label."""
    hits = correct(outputs, labels).reshape(-1)
    found, which, counts = np.unique(labels.reshape(-1), return_inverse=True, return_counts=True)
    right = np.bincount(which.reshape(-1), weights=hits, minlength=len(found))
    return tuple(
        ClassCount(int(label), int(hit), int(count))
        for label, hit, count in zip(found, right, counts, strict=True)
    )


def logits(scores: Array) -> Array:
    """Return scores as logits: probabilities of classes, or of a yes, as their logarithms."""
    if scores.dtype.kind != "f" or not scores.size or scores.min() < 0 or scores.max() > 1:
        return scores
    floor = np.finfo(np.float32).tiny
    rows = class_rows(scores)
    if rows.shape[1] == 1:
        return np.asarray(np.log(np.maximum(scores, floor)) - np.log(np.maximum(1 - scores, floor)))
    sums_to_one = np.allclose(rows.sum(axis=1), 1.0, atol=1e-3)
    return np.asarray(np.log(np.maximum(scores, floor))) if sums_to_one else scores


def log_shares(scores: Array) -> Array:
    """Return the logarithm of each class's probability, (..., classes) float64, of logits."""
    values = scores.astype(np.float64)
    shifted = values - values.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def slices(scores: Array) -> Iterator[slice]:
    """Yield parts of scores (n, ...) of which a few copies are no burden, in their order."""
    at_once = max(1, AT_ONCE * len(scores) // max(scores.size, 1))
    for start in range(0, len(scores), at_once):
        yield slice(start, start + at_once)


def check_labels(labels: Array, classes: int | None) -> None:
    """Raise `UserError` where labels (n,) are no whole numbers from 0 to `classes` - 1."""
    if not np.issubdtype(labels.dtype, np.number) and labels.dtype != np.bool_:
        raise misfit(
            f"The labels are of type {labels.dtype}, not numbers.",
            "Use numbers; classes are numbered from 0.",
        )
    if not (np.isfinite(labels) & (labels == np.floor(labels))).all():
        raise misfit(
            "Some labels are not whole numbers.",
            "Number the classes from 0, or choose the metric mean-absolute-error.",
        )
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or (classes is not None and high >= classes):
        outside = low if low < 0 else high
        known = (
            "" if classes is None else f" The model knows {classes} classes: 0 to {classes - 1}."
        )
        raise misfit(
            f"The label {outside} is outside the classes.{known}",
            "Correct the labels, or open the model that belongs to this data.",
        )


def _places(first: Array) -> tuple[int, ...]:
    axis = class_axis(first.shape) % first.ndim
    return tuple(size for at, size in enumerate(first.shape) if at != axis)


def _two_sided(scores: Array) -> Array:
    """Return scores (rows, classes) as logits; one score for a yes as those of no and yes."""
    values = logits(scores)
    if values.shape[1] > 1:
        return values
    return np.concatenate([np.zeros_like(values), values], axis=1)


def _check_count(first: Array, flat: Array) -> None:
    if len(first) != len(flat):
        raise misfit(
            f"There are {len(flat)} labels for {len(first)} answers of the model.",
            "Give one label per sample.",
        )


def _other_shape(first: Array, labels: Array) -> UserError:
    count = labels.size // max(len(labels), 1)
    if class_rows(first).shape[0] == len(first):
        return misfit(
            f"There are {count} labels per sample; one class number is expected.",
            "Give the class of each sample as one whole number, counted from 0.",
        )
    return UserError(
        "The score was not measured",
        f"The model's first output has the shape {first.shape}; the labels have the shape "
        f"{labels.shape}, which is not one class per position of it.",
        "Use a model whose first output is (samples, classes), (samples, steps, classes) or "
        "(samples, classes, height, width), and one label for each position.",
    )
