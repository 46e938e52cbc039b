"""What classifiers answered, how surely, and which classes they take for one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.metrics.class_scores import correct, labelled_rows, log_shares, predicted, slices
from tinystudio.metrics.metric import Outputs

WHOLE_MATRIX = 24  # classes: a larger matrix cannot be read; the largest entries are told anyway
TOP = 60  # confusions that are told one by one


@dataclass(frozen=True)
class Answers:
    """One file's answers: classes, whether they are right, how sure; each (n, positions).

    `said` is -1 where a score was not finite; `sure` is the share of the answer, 0..1, and None
    where the outputs are class numbers without scores.
    """

    said: Array
    right: Array
    sure: Array | None


def answers_of(outputs: Outputs, labels: Array) -> Answers:
    """Return the answers in the outputs; raises `UserError` where labels and shapes misfit."""
    right = correct(outputs, labels)
    said = np.asarray(predicted(outputs)[0]).reshape(right.shape).astype(np.int64)
    return Answers(said, right, _sureness(outputs, labels, said))


def _sureness(outputs: Outputs, labels: Array, said: Array) -> Array | None:
    if np.issubdtype(outputs[0].dtype, np.integer):
        return None
    scores, _ = labelled_rows(outputs, labels)
    sure = np.zeros(said.shape)
    for part in slices(scores):
        shares = np.exp(log_shares(scores[part]))
        chosen = np.maximum(said[part], 0)[..., None]
        sure[part] = np.take_along_axis(shares, chosen, axis=-1)[..., 0]
    return np.where(said >= 0, sure, 0.0)


def confusion_matrix(answers: Answers, labels: Array, classes: int) -> Array:
    """Return how often each class (row) was taken for each (column), (classes, classes).

    Answers that are no class are left out.
    """
    truth, said = labels.reshape(-1).astype(np.int64), answers.said.reshape(-1)
    known = (said >= 0) & (said < classes)
    counts = np.bincount(truth[known] * classes + said[known], minlength=classes * classes)
    return np.asarray(counts.reshape(classes, classes))


def top_confusions(matrices: Sequence[Array], most: int = TOP) -> list[tuple[int, int]]:
    """Return the (truth, said) pairs that differ most between variants, then the frequent ones."""
    stack = np.stack(matrices)
    apart = stack.max(axis=0) - stack.min(axis=0)
    frequent = stack.max(axis=0)
    for matrix in (apart, frequent):
        np.fill_diagonal(matrix, 0)
    truth, said = np.nonzero(frequent)
    order = np.lexsort((-frequent[truth, said], -apart[truth, said]))[:most]
    return [(int(truth[at]), int(said[at])) for at in order]
