"""Metrics say what outputs are worth, and in words where labels and outputs do not fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinystudio.core.errors import UserError
from tinystudio.metrics import find_metric, metrics
from tinystudio.metrics.class_scores import correct, count_by_class, predicted

ACCURACY, BALANCED, ERROR = (
    find_metric(name) for name in ("accuracy", "balanced-accuracy", "mean-absolute-error")
)
LABELS = st.lists(st.integers(0, 4), min_size=1, max_size=60).map(np.array)


def scores_of(answers: np.ndarray, classes: int = 5) -> tuple[np.ndarray, ...]:
    """Return scores (n, classes) whose largest is the answer's."""
    return (np.eye(classes, dtype=np.float32)[answers],)


@given(LABELS, st.integers(0, 2**32 - 1))
def test_accuracy_is_the_share_of_samples_that_are_right(labels: np.ndarray, seed: int) -> None:
    answers = np.random.default_rng(seed).integers(0, 5, len(labels))
    outputs = scores_of(answers)
    assert ACCURACY.score(outputs, labels) == pytest.approx((answers == labels).mean())
    low, high = ACCURACY.interval(outputs, labels)
    assert low <= ACCURACY.score(outputs, labels) <= high


@given(LABELS, st.integers(0, 2**32 - 1))
def test_balanced_accuracy_is_the_mean_over_the_classes(labels: np.ndarray, seed: int) -> None:
    answers = np.random.default_rng(seed).integers(0, 5, len(labels))
    outputs = scores_of(answers)
    recalls = [(answers[labels == name] == name).mean() for name in np.unique(labels)]
    assert BALANCED.score(outputs, labels) == pytest.approx(np.mean(recalls))
    low, high = BALANCED.interval(outputs, labels)
    assert 0 <= low <= np.mean(recalls) + 1e-9
    assert np.mean(recalls) - 1e-9 <= high <= 1


@given(LABELS, st.integers(0, 2**32 - 1))
def test_the_counts_by_class_add_up(labels: np.ndarray, seed: int) -> None:
    outputs = scores_of(np.random.default_rng(seed).integers(0, 5, len(labels)))
    counts = count_by_class(outputs, labels)
    assert sum(item.samples for item in counts) == len(labels)
    assert sum(item.right for item in counts) == correct(outputs, labels).sum()
    assert [item.label for item in counts] == sorted(set(labels.tolist()))


def test_answering_the_common_class_always_is_worth_little_in_balance() -> None:
    labels = np.array([0] * 90 + [1] * 10)
    outputs = scores_of(np.zeros(100, np.int64))
    assert ACCURACY.score(outputs, labels) == pytest.approx(0.9)
    assert BALANCED.score(outputs, labels) == pytest.approx(0.5)


def test_no_error_at_all_does_not_make_the_balanced_interval_vanish() -> None:
    labels = np.arange(20) % 2
    low, high = BALANCED.interval(scores_of(labels), labels)
    assert (low < 0.95, high) == (True, 1.0)


def test_the_error_is_the_mean_distance_in_the_labels_unit() -> None:
    outputs, labels = (np.array([[1.0], [2.0], [4.0]], np.float32),), np.array([1.5, 2.0, 3.0])
    assert ERROR.per_sample(outputs, labels) == pytest.approx([0.5, 0.0, 1.0])
    low, high = ERROR.interval(outputs, labels)
    assert 0 <= low < 0.5 < high
    assert not ERROR.higher_is_better


@pytest.mark.parametrize(
    ("scores", "answers"),
    [
        ([[0.2, 0.8], [0.9, 0.1]], [1, 0]),
        ([[[[0.2]], [[0.8]]], [[[0.9]], [[0.1]]]], [1, 0]),  # (n, classes, 1, 1)
        ([[0.7], [0.3]], [1, 0]),  # a probability of yes
        ([[3.0], [-3.0]], [1, 0]),  # a logit of yes
        ([0.4, -2.0], [1, 0]),  # (n,): one is outside 0..1, so they are logits
        ([[np.nan, 1.0], [0.0, 1.0]], [-1, 1]),
    ],
)
def test_answers_are_read_from_every_common_form_of_scores(
    scores: list[object], answers: list[int]
) -> None:
    assert predicted((np.array(scores, np.float32),))[0].tolist() == answers


def test_class_numbers_are_taken_as_they_are() -> None:
    answers, classes = predicted((np.array([7, 0, 3]),))
    assert (answers.tolist(), classes) == ([7, 0, 3], None)


def test_outputs_that_are_not_finite_are_wrong() -> None:
    outputs = (np.array([[np.nan, 0.0], [np.inf, 0.0], [1.0, 0.0]], np.float32),)
    assert correct(outputs, np.array([0, 0, 0])).tolist() == [[False], [False], [True]]


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (np.array([0, 5]), "label 5 is outside the classes. The model knows 5 classes: 0 to 4"),
        (np.array([-1, 2]), "label -1 is outside"),
        (np.array([0.5, 1.0]), "not whole numbers"),
        (np.array([np.nan, 1.0]), "not whole numbers"),
        (np.array([np.inf, 1.0]), "not whole numbers"),
        (np.array(["cat", "dog"]), "not numbers"),
        (np.array([[0, 1], [1, 0]]), "2 labels per sample"),
        (np.array([0, 1, 2]), "3 labels for 2 answers"),
    ],
)
def test_labels_that_do_not_fit_are_told_in_words(labels: np.ndarray, said: str) -> None:
    with pytest.raises(UserError, match="do not fit the model") as caught:
        ACCURACY.score(scores_of(np.array([0, 1])), labels)
    assert said in caught.value.detail
    assert caught.value.hint


def test_an_output_that_is_a_picture_has_no_accuracy() -> None:
    with pytest.raises(UserError, match=r"\(2, 3, 4, 4\)"):
        ACCURACY.score((np.zeros((2, 3, 4, 4), np.float32),), np.array([0, 1]))


def test_an_error_of_other_shapes_names_both() -> None:
    with pytest.raises(UserError) as caught:
        ERROR.score((np.zeros((3, 2), np.float32),), np.zeros(3))
    assert "(3,)" in caught.value.detail
    assert "(3, 2)" in caught.value.detail


def test_an_error_against_words_is_told_in_words() -> None:
    with pytest.raises(UserError, match="not numbers"):
        ERROR.score((np.zeros((2, 1), np.float32),), np.array(["cat", "dog"]))


def test_an_unknown_metric_is_answered_with_those_there_are() -> None:
    with pytest.raises(UserError) as caught:
        find_metric("beauty")
    assert "beauty" in caught.value.detail
    assert all(metric.id in caught.value.hint for metric in metrics())
