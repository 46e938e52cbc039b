"""Whether a classifier is any better than guessing, and what may have been mixed up if not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.intervals import wilson

TITLE = "The model is no better than guessing on this data"
FEW_SAMPLES = 20  # fewer say nothing sure
CLEARLY = 0.5  # right with the classes in another order: then that is what is wrong
NAMED = 6  # classes in a sentence
CHECK = (
    "Check what the model is fed: the scale of its numbers (0 to 1, 0 to 255, mean and deviation), "
    "the order of columns or colours, and the order of the classes."
)


@dataclass(frozen=True)
class Doubt:
    """What is wrong, what to do, and the order of the classes that the model seems to mean.

    `order` names them all; it is empty where no order, or not all of one, is known.
    """

    detail: str
    hint: str
    order: tuple[str, ...] = ()


def guessing_doubt(outputs: Array, labels: Array, classes: Sequence[str]) -> Doubt | None:
    """Say what is wrong and what to do where answers are no better than guessing, else None.

    `outputs` (n, classes), `labels` (n,) of class numbers, `classes` their names, if known.
    """
    if outputs.ndim != 2 or outputs.shape[1] < 2 or len(labels) < FEW_SAMPLES:
        return None
    truth, answers = labels.reshape(-1).astype(np.int64), outputs.argmax(axis=1)
    hits, count = int((answers == truth).sum()), len(truth)
    common, most = _most_common(truth)
    if wilson(hits, count)[0] > most / count:
        return None
    detail = (
        f"It is right for {hits} of {count} samples; whoever always says "
        f"{_name(common, classes)} is right for {most}."
    )
    order = _other_order(answers, truth, max(outputs.shape[1], int(truth.max()) + 1))
    if order is None:
        return Doubt(detail, CHECK)
    meant = [f"{at} is {_name(label, classes)}" for at, label in sorted(order.items())[:NAMED]]
    more = ", …" if len(order) > NAMED else ""
    right = int(sum(((answers == at) & (truth == label)).sum() for at, label in order.items()))
    return Doubt(
        f"{detail} With the classes in another order it would be right for {right}.",
        f"The model seems to mean: {', '.join(meant)}{more}. Number the classes of the data so.",
        _named(order, classes, outputs.shape[1]),
    )


def _named(order: dict[int, int], classes: Sequence[str], outputs: int) -> tuple[str, ...]:
    """Return the classes by answer; those never answered take the places left, in their order."""
    if len(classes) != outputs or len(set(classes)) != outputs:
        return ()
    left = iter([label for label in range(outputs) if label not in order.values()])
    return tuple(classes[order[at] if at in order else next(left)] for at in range(outputs))


def _most_common(truth: Array) -> tuple[int, int]:
    names, counts = np.unique(truth, return_counts=True)
    return int(names[counts.argmax()]), int(counts.max())


def _other_order(answers: Array, truth: Array, classes: int) -> dict[int, int] | None:
    """Return which label each answer stands for, one to one, where that is clearly right.

    The pairs met most often come first; an answer that stands for no label of its own is left out.
    """
    table = np.zeros((classes, classes), np.int64)
    np.add.at(table, (answers, truth), 1)
    order: dict[int, int] = {}
    for place in np.argsort(-table, axis=None, kind="stable")[: np.count_nonzero(table)]:
        answer, label = divmod(int(place), classes)
        if answer not in order and label not in order.values():
            order[answer] = label
    right = sum(int(table[answer, label]) for answer, label in order.items())
    return order if wilson(right, len(truth))[0] >= CLEARLY else None


def _name(label: int, classes: Sequence[str]) -> str:
    return f"'{classes[label]}'" if label < len(classes) else f"class {label}"
