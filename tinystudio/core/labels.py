"""Labels from words or numbers: what becomes a class, and which number it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinystudio.core.class_order import class_order
from tinystudio.core.data import Array, Sizes, Wanted


@dataclass(frozen=True)
class Labels:
    """Labels (n,) or (n, ...); classes are empty for amounts."""

    values: Array
    classes: tuple[str, ...]

    @property
    def strata(self) -> Array:
        """Return what is spread evenly over the splits, (n,)."""
        is_one_class = bool(self.classes) and self.values.ndim == 1
        return self.values if is_one_class else np.zeros(len(self.values), np.int64)


def class_labels(
    words: Sequence[str], numbers: Sequence[float | None], given: str, wanted: Wanted, title: str
) -> Labels:
    """Return classes from their words; `numbers` are what the words are as numbers, or None.

    Numbers are classes in their order, counted as the network counts where it counts so far; words
    are ordered as `class_order` says. Raises `UserError`, titled so, where `given` lacks one.
    """
    whole = [int(number) for number in numbers if number is not None and number.is_integer()]
    found = _named(words)
    if len(whole) == len(words):
        found = _numbered(whole, outputs_of(wanted.outputs))
    order = class_order(found.classes, given, wanted.classes, title)
    return Labels(order.relabelled(found.values), order.classes)


def outputs_of(outputs: Sequence[Sizes]) -> int | None:
    """Return how many numbers a network puts out per sample, where that is known."""
    last = outputs[0][-1] if outputs and len(outputs[0]) > 1 else None
    return last if isinstance(last, int) else None


def _named(words: Sequence[str]) -> Labels:
    """Return words as classes, in the order of their names."""
    names, labels = np.unique(np.array(words), return_inverse=True)
    return Labels(labels.astype(np.int64), tuple(str(name) for name in names))


def _numbered(numbers: Sequence[int], outputs: int | None) -> Labels:
    """Return whole numbers as classes: as they are where the network counts so far."""
    distinct = sorted(set(numbers))
    if outputs is not None and distinct[0] >= 0 and distinct[-1] < outputs:
        distinct = list(range(outputs))
    place = {number: at for at, number in enumerate(distinct)}
    labels = np.array([place[number] for number in numbers], np.int64)
    return Labels(labels, tuple(str(number) for number in distinct))
