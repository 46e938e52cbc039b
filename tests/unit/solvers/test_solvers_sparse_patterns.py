"""Where zeros may be, and a sweep that knows of those before."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinystudio.core.data import Array
from tinystudio.solvers.moments import Moments
from tinystudio.solvers.sparse_patterns import Pattern, swept_share
from tinystudio.solvers.sparsity import make_up


def moments(seed: int, columns: int, blocks: int = 1) -> Moments:
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(blocks, columns, max(1, columns // 2)))
    covariance = mixing @ mixing.transpose(0, 2, 1) + 0.05 * np.eye(columns)
    variance = np.einsum("bii->bi", covariance).copy()
    return Moments(100, np.zeros((blocks, columns)), variance, covariance)


def error(weights: Array, stays: Array, known: Moments) -> float:
    change = make_up(weights, stays, known) - weights
    return float(((change @ known.covariance) * change).sum())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 4), st.integers(0, 8), st.integers(0, 3))
def test_of_every_run_the_highest_stay_and_what_is_left_over_stays(
    seed: int, keep: int, runs: int, over: int
) -> None:
    pattern = Pattern(keep, 4)
    scores = np.random.default_rng(seed).normal(size=(3, 4 * runs + over))
    stays = pattern.stays(scores)
    assert stays[:, 4 * runs :].all()
    for row, kept in zip(scores, stays, strict=True):
        for at in range(0, 4 * runs, 4):
            highest = np.sort(row[at : at + 4])[4 - keep :]
            assert np.array_equal(np.sort(row[at : at + 4][kept[at : at + 4]]), highest)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 2), st.integers(1, 150), st.floats(0, 1))
def test_a_sweep_leaves_as_many_as_asked(
    seed: int, blocks: int, columns: int, share: float
) -> None:
    weights = np.random.default_rng(seed).normal(size=(blocks, 5, columns))
    stays = swept_share(weights, moments(seed, columns, blocks), share)
    assert (~stays).sum() == pytest.approx(share * stays.size, abs=1)


def test_where_inputs_depend_on_one_another_a_sweep_chooses_better_than_size() -> None:
    better = 0
    for seed in range(5):
        weights, known = np.random.default_rng(seed).normal(size=(1, 16, 48)), moments(seed, 48)
        by_size = np.abs(weights) >= np.quantile(np.abs(weights), 0.6)
        better += error(weights, swept_share(weights, known, 0.6), known) < error(
            weights, by_size, known
        )
    assert better == 5


def test_without_a_covariance_there_is_no_sweep() -> None:
    bare = Moments(10, np.zeros((1, 4)), np.ones((1, 4)), None)
    with pytest.raises(ValueError, match="covariance"):
        swept_share(np.ones((1, 2, 4)), bare, 0.5)
