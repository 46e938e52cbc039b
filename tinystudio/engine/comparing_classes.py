"""How each class fares in several variants, and which classes are taken for one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.intervals import paired_difference
from tinystudio.jobs.comparison import ClassRow, Confusion
from tinystudio.measure.answers import WHOLE_MATRIX, Answers, confusion_matrix, top_confusions

MOST_CLASSES = 200  # told one by one, the worst first
MOST_COUNTED = 1500  # classes whose confusions are counted: a larger table takes too much memory
ONE_CLASS = "All samples are of one class, so there is nothing to confuse."
TOO_MANY = f"There are more than {MOST_COUNTED:,} classes: confusions were not counted."
NO_CONFUSION = "No variant took one class for another."


def class_parts(
    answers: Sequence[Answers], labels: Array, names: tuple[str, ...], why: dict[str, str]
) -> dict[str, Any]:
    """Return the parts of a `Comparison` that are about classes; `why` takes what is left out."""
    known = np.unique(labels.reshape(-1)).astype(int)
    highest = max(int(known.max()), *(int(item.said.max()) for item in answers), len(names) - 1)
    titles = tuple(names[at] if at < len(names) else str(at) for at in range(highest + 1))
    rows = [_row(answers, labels.reshape(-1) == label, titles[label]) for label in known.tolist()]
    rows.sort(key=lambda row: min((item for item in row.changes if item is not None), default=0.0))
    found: dict[str, Any] = {"class_rows": tuple(rows[:MOST_CLASSES])}
    if len(known) < 2:
        why["confusions"] = ONE_CLASS
    elif highest >= MOST_COUNTED:
        why["confusions"] = TOO_MANY
    else:
        found |= _confused(answers, labels, titles, why)
    return found


def _row(answers: Sequence[Answers], chosen: Array, name: str) -> ClassRow:
    hits = [item.right.reshape(-1)[chosen].astype(np.float64) for item in answers]
    apart = [paired_difference(hits[0], item) for item in hits[1:]]
    return ClassRow(
        name=name,
        samples=int(chosen.sum()),
        right=tuple(int(item.sum()) for item in hits),
        changes=(None, *(change for change, _ in apart)),
        intervals=(None, *(interval for _, interval in apart)),
        tied=(None, *(low <= 0 <= high for _, (low, high) in apart)),
    )


def _confused(
    answers: Sequence[Answers], labels: Array, titles: tuple[str, ...], why: dict[str, str]
) -> dict[str, Any]:
    matrices = [confusion_matrix(item, labels, len(titles)) for item in answers]
    top = tuple(
        Confusion(
            truth=titles[truth], said=titles[said],
            counts=tuple(int(matrix[truth, said]) for matrix in matrices),
        )
        for truth, said in top_confusions(matrices)
    )  # fmt: skip
    if not top:
        why["confusions"] = NO_CONFUSION
    found: dict[str, Any] = {"confusions": top}
    if len(titles) <= WHOLE_MATRIX:
        found["class_names"] = titles
        found["matrices"] = tuple(
            tuple(tuple(int(count) for count in row) for row in matrix) for matrix in matrices
        )
    return found
