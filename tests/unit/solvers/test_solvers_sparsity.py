"""Zeros: as many as asked, where they hurt least, made up for by the others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinystudio.core.data import Array
from tinystudio.solvers.least_squares import solve_again
from tinystudio.solvers.moments import Moments
from tinystudio.solvers.obs import damped
from tinystudio.solvers.sparsity import (
    activation_scores,
    lowest,
    magnitude_scores,
    make_up,
)


def problem(seed: int, columns: int, blocks: int = 2) -> tuple[Array, Moments]:
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(blocks, columns, columns))
    covariance = mixing @ mixing.transpose(0, 2, 1) / columns
    variance = np.einsum("bii->bi", covariance)
    moments = Moments(1000, np.zeros((blocks, columns)), variance, covariance)
    return rng.normal(size=(blocks, 3, columns)), moments


def error(change: Array, moments: Moments) -> float:
    assert moments.covariance is not None
    full = np.stack([damped(block) for block in moments.covariance])
    return float(((change @ full) * change).sum())


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999), st.sampled_from([3, 8, 60]))
def test_making_up_keeps_the_zeros_and_beats_only_zeroing(seed: int, columns: int) -> None:
    matrices, moments = problem(seed, columns)
    stays = np.random.default_rng(seed).random(matrices.shape) < 0.5
    stays[:, :, :2] = [False, True]  # something goes, and something is left to make up
    made = make_up(matrices, stays, moments)
    assert not made[~stays].any()
    zeroed = np.where(stays, matrices, 0.0)
    assert error(made - matrices, moments) < error(zeroed - matrices, moments)


def test_in_small_layers_the_result_is_the_best_there_is() -> None:
    matrices, moments = problem(0, 6, blocks=1)
    assert moments.covariance is not None
    stays = np.ones(matrices.shape, bool)
    stays[:, :, [0, 3]] = False
    best = solve_again(matrices[0], moments.covariance[0], np.array([1, 2, 4, 5]))
    np.testing.assert_allclose(make_up(matrices, stays, moments)[0], best, atol=1e-8)


def test_nothing_is_made_up_where_nothing_goes_or_nothing_is_known() -> None:
    matrices, moments = problem(0, 6)
    assert np.array_equal(make_up(matrices, np.ones(matrices.shape, bool), moments), matrices)
    stays = matrices > 0
    blind = Moments(1, moments.mean, moments.variance, None)
    assert np.array_equal(make_up(matrices, stays, blind), np.where(stays, matrices, 0.0))


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abc"), st.integers(4, 300), min_size=1),
    st.floats(0, 0.99),
    st.booleans(),
)
def test_as_many_weights_go_as_asked(
    sizes: dict[str, int], sparsity: float, together: bool
) -> None:
    rng = np.random.default_rng(0)
    scores = {name: rng.random((1, 1, size)) for name, size in sizes.items()}
    stays = lowest(scores, sparsity, together=together)
    total, left = sum(sizes.values()), sum(int(item.sum()) for item in stays.values())
    assert abs((total - left) - sparsity * total) <= (1 if together else len(sizes))
    for name, item in stays.items():
        assert item.shape == scores[name].shape


def test_ranked_together_the_lowest_of_all_go_but_no_layer_is_emptied() -> None:
    scores = {"low": np.full((1, 1, 100), 0.01), "high": np.full((1, 1, 100), 1.0)}
    stays = lowest(scores, 0.5, together=True)
    assert stays["low"].sum() == 10
    assert stays["high"].sum() == 90


def test_scores_follow_the_weight_and_its_input() -> None:
    matrices = np.array([[[1.0, 2.0, 1.0]]])
    moments = Moments(9, np.zeros((1, 3)), np.array([[1.0, 1.0, 9.0]]), None)
    assert magnitude_scores(matrices)[0, 0].argmax() == 1
    assert activation_scores(matrices, moments)[0, 0].argmax() == 2
    assert activation_scores(matrices, moments).sum() == pytest.approx(1.0)
