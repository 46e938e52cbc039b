"""The samples that variants do not answer alike, as a person can look at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinystudio.core.data import Array, Dataset, Samples
from tinystudio.core.data_preview import write_preview
from tinystudio.core.sample_shots import picture_preview, samples_preview
from tinystudio.jobs.comparison import ChangedSample, Said
from tinystudio.measure.answers import Answers
from tinystudio.measure.changed_samples import Changed, changed_answers, changed_scores
from tinystudio.metrics.metric import Metric, Outputs

MOST = 48  # samples
MOST_PICTURED = 16  # samples where every variant's output is a picture as well
FEW_NUMBERS = 3  # of an output: told one by one
SAME = "All variants answer every sample alike."


def sample_parts(
    dataset: Dataset, samples: Samples, outputs: Sequence[Outputs], scores: Sequence[Array],
    answers: Sequence[Answers] | None, metric: Metric, why: dict[str, str],
) -> dict[str, Any]:  # fmt: skip
    """Return the parts of a `Comparison` that are about samples; `why` takes why there are none."""
    is_pictured = answers is None and _is_pictured(samples, outputs[0][0])
    most = MOST_PICTURED if is_pictured else MOST
    if answers is not None:
        found = changed_answers(answers, most)
    else:
        found = changed_scores(scores, metric.higher_is_better, most)
    if not len(found.places):
        why["samples"] = SAME
        return {}
    some = samples.take(found.places)
    teller = _Teller(dataset, found, some, outputs, scores, answers)
    parts: dict[str, Any] = {
        "changed": tuple(teller.sample(row) for row in range(len(found.places))),
        "changed_in_all": found.in_all,
        "pictures": write_preview(samples_preview(dataset, some)),
    }
    if is_pictured and some.labels is not None:
        done = dataset.preprocessing
        given = picture_preview(some.inputs[0], some.labels, some.ids, done)
        parts["pictures"] = write_preview(given)
        parts["truths"] = write_preview(picture_preview(some.labels, some.labels, some.ids, done))
        parts["outputs"] = tuple(
            write_preview(picture_preview(item[0][found.places], some.labels, some.ids, done))
            for item in outputs
        )
    return parts


def _is_pictured(samples: Samples, output: Array) -> bool:
    """Say whether what comes out is a picture of the kind that goes in."""
    labels, shape = samples.labels, samples.inputs[0].shape
    return (
        labels is not None and output.shape == shape == labels.shape
        and len(shape) == 4 and shape[1] in (1, 3)
    )  # fmt: skip


class _Teller:
    """Tells in words what each variant made of a sample."""

    def __init__(
        self, dataset: Dataset, found: Changed, some: Samples, outputs: Sequence[Outputs],
        scores: Sequence[Array], answers: Sequence[Answers] | None,
    ) -> None:  # fmt: skip
        self._names = dataset.classes
        self._found, self._some = found, some
        self._outputs, self._scores, self._answers = outputs, scores, answers

    def sample(self, row: int) -> ChangedSample:
        """Return the sample of that row."""
        place = int(self._found.places[row])
        labels = self._some.labels
        assert labels is not None  # without them nothing changes
        return ChangedSample(
            number=int(self._some.ids[row]),
            truth=self._words(labels[row : row + 1]),
            kind=self._found.kinds[row],
            said=tuple(self._said(at, place) for at in range(len(self._outputs))),
        )

    def _said(self, at: int, place: int) -> Said:
        value = float(self._scores[at][place])
        score = value if np.isfinite(value) else None
        if self._answers is None:
            words = self._words(self._outputs[at][0][place : place + 1])
            return Said(words=words, score=score)
        answers = self._answers[at]
        said, right = answers.said[place], answers.right[place]
        sure = None if answers.sure is None else float(answers.sure[place].mean())
        if len(said) > 1:
            words = f"{int(right.sum())} of {len(said)} right"
            return Said(words=words, sure=sure, is_right=bool(right.all()), score=score)
        words = "no answer" if said[0] < 0 else self._name(int(said[0]))
        return Said(words=words, sure=sure, is_right=bool(right[0]), score=score)

    def _words(self, values: Array) -> str:
        """Return a label, or an output, of one sample in words; "" where it is more than that."""
        flat = values.reshape(-1)
        if self._answers is not None:
            return self._name(int(flat[0])) if len(flat) == 1 else ""
        if len(flat) > FEW_NUMBERS:
            return ""
        return ", ".join(f"{value:.4g}" for value in flat.tolist())

    def _name(self, label: int) -> str:
        return self._names[label] if label < len(self._names) else str(label)
