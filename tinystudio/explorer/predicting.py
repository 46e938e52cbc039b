"""What a choice will score, before anything is run: effects added up, drawn to what is known.

Every level's own effect on the outputs is added to the original's outputs. Where several levels
bite at once their effects are not quite additive; what is missing is known at the choices that
were measured, and is carried over to those near them (inverse distance weighting, Shepard 1968,
of the outputs that the sum missed). So the prediction is anchored: at a measured choice it is
exact, one step of a slider away it is nearly so. Answers that hang in the balance count in part.

The interval is conformal (Vovk, Gammerman, Shafer 2005): each measured choice is predicted from
the others, and the error at the 90 % quantile, in units of how many answers hang in the balance,
holds for the next.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.measurement import CONFIDENCE, Interval
from tinystudio.explorer.changes import Changes, first_rows
from tinystudio.explorer.margins import margins, right_shares, worth
from tinystudio.explorer.space import Choice, Space
from tinystudio.metrics.class_scores import class_rows
from tinystudio.metrics.metric import Metric

NEIGHBOURS = 4  # measured choices that a prediction is drawn to
# Of the spread of the original's margins: how far an answer may be from flipping and still count
# only in part, where choices are compared. What only just came out right on these samples is
# chance; counting it in full chooses the lucky.
VALUE_NOISE = 0.4
NOISE = 0.5  # of the distance to the nearest of them: how far outputs may still be off
NEAREST = 1e-6  # distances below it are no distance
FEWEST_KNOWN = 8  # measured choices before errors tell a quantile
MOST_CALIBRATED = 64  # of them that the quantile is taken of
LEAST_BALANCE = 1e-9  # of a score: keeps errors in its unit finite
UNCALIBRATED = 3.0  # until then: wide


@dataclass(frozen=True)
class Known:
    """Choices that were measured: `choices` (m, axes), what the sum of effects missed in their
    outputs `missed` (m, samples x outputs) float32, and their true `scores` (m,)."""

    choices: Array
    missed: Array
    scores: Array

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True)
class Prediction:
    """A predicted score with its 90 % interval, in the metric's unit; `distance` to the nearest
    measured choice in the outputs' unit (0: it was measured); `value` to compare choices by."""

    score: float
    interval: Interval
    distance: float
    value: float


class Predictor:
    """Predicts any choice of a space in well under a millisecond. Knows no onnxruntime."""

    def __init__(
        self,
        space: Space,
        changes: Changes,
        metric: Metric,
        labels: Array | None,
        known: Known | None = None,
        spread: float | None = None,
    ) -> None:
        """`labels` None: the score is how far outputs agree with the original's answers.

        `spread` None: the intervals are calibrated on what is known.
        """
        self._space = space
        self._changes = changes
        self._metric = metric
        self._labels = _answers(changes, metric) if labels is None else labels
        self._first = first_rows(space)
        self._worth, self._scale = np.ones(0), 0.0
        if metric.counts_right:
            scores = class_rows(changes.original.reshape(changes.shape))
            self._worth = worth(metric, self._labels, scores.shape[1])
            self._scale = float(margins(scores, self._labels).std())
        original = space.original[None]
        score = np.array([self.score_of(changes.original.ravel())])
        start = Known(original, np.zeros((1, changes.rows.shape[1]), np.float32), score)
        self._known = start if known is None else joined(start, known)
        self._places = self._embedded(self._known.choices)
        self._spread = self._calibrated() if spread is None else spread

    @property
    def space(self) -> Space:
        """Return what is predicted."""
        return self._space

    @property
    def classifies(self) -> bool:
        """Say whether the outputs name classes."""
        return self._metric.classifies

    @property
    def width(self) -> int:
        """Return how many numbers the outputs of all samples are."""
        return int(self._changes.rows.shape[1])

    @property
    def known(self) -> Known:
        """Return what was measured, the original first."""
        return self._known

    @property
    def measured(self) -> Known:
        """Return what was measured, without the original."""
        return Known(*(part[1:] for part in _parts(self._known)))

    def with_known(self, choice: Choice, outputs: Array, calibrate: bool = True) -> Predictor:
        """Return a predictor that knows one more measured choice by its outputs (samples, ...).

        Calibrating takes a prediction for every known choice; without it the intervals stay.
        """
        missed = self.missed_by(choice, outputs)
        more = Known(choice[None], missed[None], np.array([self.score_of(outputs.ravel())]))
        return Predictor(
            self._space, self._changes, self._metric, self._labels, joined(self.measured, more),
            None if calibrate else self._spread,
        )  # fmt: skip

    def missed_by(self, choice: Choice, outputs: Array) -> Array:
        """Return what the sum of effects misses in a choice's true outputs, flattened."""
        flat = outputs.astype(np.float32).ravel()
        return np.asarray(
            flat - self._changes.original.ravel() - self._changes.added(self._space, choice)
        )

    def predict(self, choice: Choice) -> Prediction:
        """Return what `choice` will score."""
        place = self._embedded(np.asarray(choice)[None])[0]
        distances = np.sqrt(np.square(self._places - place).sum(axis=1))
        return self._predict(choice, distances, np.arange(len(self._known)))

    def score(self, choice: Choice) -> float:
        """Return the predicted score alone."""
        return self.predict(choice).score

    def value(self, choice: Choice) -> float:
        """Return what to compare a choice by."""
        return self.value_of(self.outputs(choice))

    def outputs(self, choice: Choice) -> Array:
        """Return the predicted outputs, flattened."""
        place = self._embedded(np.asarray(choice)[None])[0]
        distances = np.sqrt(np.square(self._places - place).sum(axis=1))
        return self._outputs(choice, distances, np.arange(len(self._known)))

    def score_of(self, flat: Array) -> float:
        """Return the score of flattened outputs."""
        return self._metric.score((flat.reshape(self._changes.shape),), self._labels)

    def value_of(self, flat: Array) -> float:
        """Return what to compare choices by: the score, with close answers counted in part."""
        return self._expected(flat, VALUE_NOISE * self._scale)

    def _expected(self, flat: Array, noise: float) -> float:
        """Return the score to be expected if outputs are off by normal noise."""
        if not self._metric.counts_right:
            return self.score_of(flat)
        margin = self._margins(flat)
        return float((self._worth * right_shares(margin, max(noise, 1e-12))).mean())

    def _predict(self, choice: Choice, distances: Array, among: Array) -> Prediction:
        flat = self._outputs(choice, distances, among)
        value = self.value_of(flat)
        if (self._known.choices[among] == choice).all(axis=1).any():
            score = self.score_of(flat)
            return Prediction(score, (score, score), 0.0, value)
        # A level that changes nothing lies where another was measured, and is none all the same.
        nearest = max(float(distances[among].min()), NEAREST)
        score = self._expected(flat, NOISE * nearest)
        half = self._spread * self._balance(flat, nearest)
        least, most = self._metric.bounds
        interval = (max(score - half, least), min(score + half, most))
        return Prediction(score, interval, nearest, value)

    def _outputs(self, choice: Choice, distances: Array, among: Array) -> Array:
        near = among[np.argsort(distances[among], kind="stable")[:NEIGHBOURS]]
        weights = 1.0 / np.square(np.square(distances[near] + NEAREST))
        weights /= weights.sum()
        missed = weights.astype(np.float32) @ self._known.missed[near]
        total = self._changes.original.ravel() + self._changes.added(self._space, choice)
        return np.asarray(total + missed)

    def _balance(self, flat: Array, distance: float) -> float:
        """Return how much of the score hangs in the balance if outputs are off by that much.

        For counted answers the expected share that flips, plus one of them. Else what the score
        changes if the outputs go on by so much the way they have changed already, and for shares
        of answers as much as one sample at least, since they move by steps.
        """
        noise = NOISE * distance
        if self._metric.counts_right:
            margin = np.abs(self._margins(flat))
            return float((1.0 - right_shares(margin, noise + 1e-12)).mean() + 1 / len(margin))
        way = flat - self._changes.original.ravel()
        length = float(np.sqrt(np.square(way, dtype=np.float64).mean()))
        is_share = self._metric.classifies and self._metric.bounds == (0.0, 1.0)
        least = 1 / len(self._labels) if is_share else LEAST_BALANCE
        if length == 0.0:
            return least
        further = self.score_of(flat + np.float32(noise / length) * way)
        return max(abs(further - self.score_of(flat)), least)

    def _margins(self, flat: Array) -> Array:
        return margins(class_rows(flat.reshape(self._changes.shape)), self._labels)

    def _calibrated(self) -> float:
        """Return the interval's half-width in units of `_balance`: conformal, leave-one-out."""
        count = len(self._known)
        if count < FEWEST_KNOWN:
            return UNCALIBRATED
        # The original is left out: it is known exactly, and near nothing.
        some = np.unique(np.linspace(1, count - 1, min(count - 1, MOST_CALIBRATED)).astype(int))
        errors, everything = np.zeros(len(some)), np.arange(count)
        for number, at in enumerate(some):
            others = everything[everything != at]
            distances = np.sqrt(np.square(self._places - self._places[at]).sum(axis=1))
            flat = self._outputs(self._known.choices[at], distances, others)
            nearest = max(float(distances[others].min()), NEAREST)
            off = abs(self._expected(flat, NOISE * nearest) - self._known.scores[at])
            errors[number] = off / self._balance(flat, nearest)
        rank = math.ceil((len(errors) + 1) * CONFIDENCE)
        return float(np.sort(errors)[min(rank, len(errors)) - 1])

    def _embedded(self, choices: Array) -> Array:
        return np.asarray(self._changes.embedding[self._first + choices].sum(axis=1))


def _answers(changes: Changes, metric: Metric) -> Array:
    outputs = changes.original.reshape(changes.shape)
    if not metric.classifies:
        return outputs
    rows = class_rows(outputs)
    named = (rows[:, 0] > 0) if rows.shape[1] == 1 else rows.argmax(axis=1)
    return np.asarray(named, np.int64).reshape(len(outputs), -1)


def _parts(known: Known) -> tuple[Array, Array, Array]:
    return known.choices, known.missed, known.scores


def joined(first: Known, second: Known) -> Known:
    """Return both, in this order."""
    return Known(
        *(np.concatenate(pair) for pair in zip(_parts(first), _parts(second), strict=True))
    )
