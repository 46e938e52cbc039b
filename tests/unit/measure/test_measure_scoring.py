"""A file's answers are judged alone, by class, and against the original's."""

from __future__ import annotations

import numpy as np
import pytest
from example_networks import mlp, network
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.measure.scoring import Score, describe_metric, score_file
from tinystudio.metrics import find_metric

CLASSES = 4
# A network that answers what it is fed, so that every answer can be chosen.
ECHO = network(
    [helper.make_node("Identity", ["x"], ["y"], "same")],
    {},
    {"x": ("n", CLASSES)},
    {"y": ("n", CLASSES)},
)
ANSWERS = st.lists(st.integers(0, CLASSES - 1), min_size=8, max_size=60).map(np.array)


def score(
    answers: Array,
    labels: Array,
    metric: str = "accuracy",
    classes: tuple[str, ...] = (),
    original: Array | None = None,
) -> Score:
    samples = Samples((np.eye(CLASSES, dtype=np.float32)[answers],), labels, np.arange(len(labels)))
    found = score_file(ECHO.data, samples, metric, classes, Silent(), original)
    assert found is not None
    return found


@settings(max_examples=25, deadline=None)
@given(ANSWERS, st.integers(0, 2**32 - 1))
def test_the_classes_explain_the_whole(answers: Array, seed: int) -> None:
    labels = np.random.default_rng(seed).integers(0, CLASSES, len(answers))
    figures = score(answers, labels).figures
    right = sum(item.accuracy * item.samples for item in figures["per_class"])
    assert right / len(labels) == pytest.approx(figures["accuracy"])
    assert figures["accuracy"] == figures["score"] == pytest.approx((answers == labels).mean())
    for item in figures["per_class"]:
        assert item.interval[0] <= item.accuracy <= item.interval[1]


def test_classes_have_their_names_and_else_their_numbers() -> None:
    labels = np.array([0, 1, 3])
    named = score(labels, labels, classes=("cat", "dog")).figures["per_class"]
    assert [item.name for item in named] == ["cat", "dog", "3"]


@settings(max_examples=25, deadline=None)
@given(ANSWERS, st.integers(0, 2**32 - 1))
def test_the_change_is_the_difference_of_the_two_scores(answers: Array, seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels, others = (rng.integers(0, CLASSES, len(answers)) for _ in range(2))
    before, after = (
        score(others, labels),
        score(answers, labels, original=score(others, labels).per_sample),
    )
    change = after.figures["score_change"]
    assert change == pytest.approx(after.figures["score"] - before.figures["score"])
    low, high = after.figures["score_change_interval"]
    assert low <= change <= high
    assert after.figures["score_tied"] == (low <= 0 <= high)


def test_the_same_answers_are_a_tie_and_many_lost_ones_are_not() -> None:
    labels = np.arange(200) % CLASSES
    before = score(labels, labels)
    assert score(labels, labels, original=before.per_sample).figures["score_tied"]
    worse = np.where(np.arange(200) < 40, (labels + 1) % CLASSES, labels)
    figures = score(worse, labels, original=before.per_sample).figures
    assert figures["score_change"] == pytest.approx(-0.2)
    assert not figures["score_tied"]


def test_balanced_accuracy_is_not_called_accuracy() -> None:
    figures = score(np.array([0, 0, 1]), np.array([0, 0, 0]), "balanced-accuracy").figures
    assert "accuracy" not in figures
    assert figures["score_status"] == "measured"


def test_a_network_of_numbers_has_no_classes() -> None:
    labels = np.array([[0.0, 1, 0, 0], [1, 0, 0, 0]])
    samples = Samples((labels.astype(np.float32) + 0.5,), labels, np.arange(2))
    found = score_file(ECHO.data, samples, "mean-absolute-error", (), Silent(), None)
    assert found is not None
    assert found.figures["score"] == pytest.approx(0.5)
    assert "per_class" not in found.figures
    assert describe_metric(find_metric("mean-absolute-error"))["higher_is_better"] is False


def test_without_labels_there_is_no_score() -> None:
    test = mlp().test
    unlabelled = Samples(test.inputs, None, test.ids)
    assert score_file(mlp().network.data, unlabelled, "accuracy", (), Silent(), None) is None


def test_labels_that_do_not_fit_are_told() -> None:
    with pytest.raises(UserError, match="label 4 is outside"):
        score(np.array([0, 1]), np.array([0, CLASSES]))
