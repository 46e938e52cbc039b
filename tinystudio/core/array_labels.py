"""What an array of labels is: class numbers, one or one for every place, or amounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tinystudio.core.data import Array, Sizes
from tinystudio.core.errors import UserError

CLASSES_LIMIT = 100_000  # more than any classifier has; larger labels are not class numbers
TWO = 2  # different numbers that one output tells apart by a yes and a no

Task = Literal["classes", "amounts"]


@dataclass(frozen=True)
class ArrayLabels:
    """How labels are read for a network whose judged output has the shape `output`; () unknown."""

    title: str
    output: Sizes
    task: Literal["guess", "classes", "amounts"]

    def settled(self, name: str, labels: Array) -> Task:
        """Return what `labels` (n, ...) are, as set or as they and the output look."""
        self._check(name, labels)
        if self.task != "guess":
            return self.task
        if _is_one_hot(labels):
            raise self._error(
                f"{name} has the shape {labels.shape}, with a single 1 in every row; one label "
                "per sample is needed.",
                "Save class numbers, not one column per class: y.argmax(axis=1).",
            )
        is_whole = labels.dtype.kind != "f"
        if labels[:1].size == 1:
            return self._of_single(labels, is_whole)
        if is_whole and len(self.output) == labels.ndim + 1:
            return "classes"  # a number for every place, a score for every class there
        if not is_whole or len(self.output) == labels.ndim:
            return "amounts"
        raise self._error(
            f"{name} has the shape {labels.shape}; one label per sample is needed, or one for "
            "every place of the output.",
            "Save class numbers, not one column per class: y.argmax(axis=1).",
        )

    def _of_single(self, labels: Array, is_whole: bool) -> Task:
        """Return what single numbers are: where the network has one output they are amounts."""
        scores = self.output[-1] if len(self.output) > 1 else None
        distinct = np.unique(labels)
        if is_whole:
            is_yes = len(distinct) <= TWO and set(distinct.tolist()) <= {0, 1}
            return "amounts" if scores == 1 and not is_yes else "classes"
        is_counted = bool((distinct == np.floor(distinct)).all()) and distinct[0] >= 0
        has_scores = isinstance(scores, int) and scores > 1 and distinct[-1] < scores
        return "classes" if is_counted and has_scores else "amounts"

    def classes(self, name: str, labels: Array) -> Array:
        """Return class numbers as int64, (n,) or (n, ...); raises `UserError` for others."""
        if labels[:1].size == 1:
            labels = labels.reshape(len(labels))
        if labels.dtype.kind == "f" and (labels != np.floor(labels)).any():
            raise self._error(
                f"{name} has fractions, which are no class numbers.", "Set task=amounts."
            )
        low, high = int(labels.min()), int(labels.max())
        if low < 0 or high >= CLASSES_LIMIT:
            raise self._error(
                f"{name} has labels from {low} to {high}; classes are numbered from 0, "
                f"and there can be at most {CLASSES_LIMIT:,}.",
                "Number the classes 0, 1, 2 and so on, or set task=amounts.",
            )
        return labels.astype(np.int64)

    def amounts(self, name: str, labels: Array) -> Array:
        """Return amounts as float32 in the shape of the output; raises `UserError` for others."""
        with np.errstate(over="ignore"):
            values = labels.astype(np.float32)
        bad = ~np.isfinite(values).reshape(len(values), -1).all(axis=1)
        if bad.any():
            raise self._error(
                f"{name} has {int(bad.sum())} samples with NaN or infinite numbers (float32), "
                f"the first is number {int(np.argmax(bad))}.",
                "Leave those samples out, or replace the numbers.",
            )
        wanted = self.output[1:]
        if wanted and not _fits(values.shape[1:], wanted):
            shown = " x ".join("any" if not isinstance(size, int) else str(size) for size in wanted)
            raise self._error(
                f"{name} has the shape {values.shape[1:] or (1,)} per sample; the model's output "
                f"has {shown}.",
                "Save labels of the shape of the output, or name another one: output=NAME.",
            )
        if all(isinstance(size, int) for size in wanted) and wanted:
            return values.reshape(len(values), *(int(str(size)) for size in wanted))
        return values

    def _check(self, name: str, labels: Array) -> None:
        if labels.ndim == 0 or not labels.size:
            raise self._error(
                f"{name} has the shape {labels.shape}; one label per sample is needed.",
                "Save a label for every sample.",
            )
        if labels.dtype.kind not in "biuf":
            raise self._error(
                f"{name} holds {labels.dtype}; labels are whole numbers, one per class, "
                "or amounts.",
                "Number the classes from 0, and name them in an array `classes`.",
            )

    def _error(self, detail: str, hint: str) -> UserError:
        return UserError(self.title, detail, hint)


def _is_one_hot(labels: Array) -> bool:
    if labels.ndim != 2 or labels.shape[1] < 2:
        return False
    is_marked = bool(((labels == 0) | (labels == 1)).all())
    return is_marked and bool((labels.sum(axis=1) == 1).all())


def _fits(shape: tuple[int, ...], wanted: Sizes) -> bool:
    """Say whether labels have as many numbers as an output, axes of size 1 apart."""
    mine = [size for size in shape if size != 1]
    theirs = [size for size in wanted if size != 1]
    if len(mine) != len(theirs):
        return any(not isinstance(size, int) for size in theirs) and len(shape) == len(wanted)
    pairs = zip(mine, theirs, strict=True)
    return all(not isinstance(size, int) or size == own for own, size in pairs)
