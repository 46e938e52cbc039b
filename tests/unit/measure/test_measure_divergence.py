"""How far answers moved: nothing for the same ones, more for more."""

from __future__ import annotations

import numpy as np
import pytest

from tinystudio.measure.divergence import divergence


def test_the_same_answers_have_not_moved() -> None:
    scores = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    assert divergence(scores, scores, classifies=True) == 0
    assert divergence(scores, scores, classifies=False) == 0


def test_a_constant_added_to_all_classes_moves_no_probability() -> None:
    scores = np.random.default_rng(0).normal(size=(50, 4))
    assert divergence(scores, scores + 3, classifies=True) == pytest.approx(0, abs=1e-12)
    assert divergence(scores, scores + 3, classifies=False) > 1


def test_it_is_the_divergence_of_the_probabilities() -> None:
    before, after = np.log([[0.5, 0.5]]), np.log([[0.25, 0.75]])
    expected = 0.5 * np.log(2) + 0.5 * np.log(2 / 3)
    assert divergence(before, after, classifies=True) == pytest.approx(expected)


def test_of_numbers_it_is_the_share_of_their_variance() -> None:
    before = np.array([[-1.0], [1.0]])
    assert divergence(before, before + 0.5, classifies=False) == pytest.approx(0.25)


def test_a_single_score_is_compared_as_a_number() -> None:
    before = np.array([[-1.0], [1.0]])
    assert divergence(before, before + 0.5, classifies=True) == pytest.approx(0.25)


def test_what_is_no_number_is_as_far_as_can_be() -> None:
    assert divergence(np.zeros((2, 3)), np.full((2, 3), np.nan), classifies=True) == np.inf
