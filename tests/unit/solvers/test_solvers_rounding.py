"""Few-bit weights that change a layer's output the least."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinystudio.core.data import Array
from tinystudio.solvers.rounding import Codes, code_range, rounded
from tinystudio.solvers.sweeping import BLOCK

BITS = st.sampled_from([2, 3, 4, 8])


def correlated(seed: int, columns: int, blocks: int = 1) -> Array:
    """Return covariances (blocks, columns, columns) of inputs that mix fewer sources."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(blocks, columns, max(1, columns // 2)))
    noise = 0.05 * np.eye(columns)
    return np.asarray(mixing @ mixing.transpose(0, 2, 1) + noise)


def matrices(seed: int, rows: int, columns: int, blocks: int = 1) -> Array:
    return np.random.default_rng(seed).normal(size=(blocks, rows, columns))


def errors(weights: Array, codes: Codes, covariance: Array) -> Array:
    """Return every row's squared error of the output: the diagonal of D C D^T."""
    change = codes.weights - weights
    return np.asarray(((change @ covariance) * change).sum(axis=2))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 90), BITS)
def test_no_row_is_worse_off_than_rounded_to_nearest(
    seed: int, rows: int, columns: int, bits: int
) -> None:
    weights, covariance = matrices(seed, rows, columns), correlated(seed, columns)
    made, nearest = rounded(weights, covariance, bits), rounded(weights, None, bits)
    bound = errors(weights, nearest, covariance)
    assert (errors(weights, made, covariance) <= bound * (1 + 1e-9) + 1e-12).all()


def test_on_correlated_inputs_most_of_the_error_goes() -> None:
    weights, covariance = matrices(0, 32, 96), correlated(0, 96)
    made, nearest = rounded(weights, covariance, 4), rounded(weights, None, 4)
    before = errors(weights, nearest, covariance).sum()
    assert errors(weights, made, covariance).sum() < before / 2


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 8), st.integers(1, BLOCK + 6), BITS, st.booleans())
def test_every_row_is_rounded_by_itself(
    seed: int, rows: int, columns: int, bits: int, known: bool
) -> None:
    weights = matrices(seed, rows, columns, blocks=2)
    covariance = correlated(seed, columns, blocks=2) if known else None
    some = np.flatnonzero(np.random.default_rng(seed).random(rows) < 0.5)
    whole, part = rounded(weights, covariance, bits), rounded(weights[:, some], covariance, bits)
    assert np.array_equal(whole.values[:, some], part.values)
    assert np.allclose(whole.scales[:, some], part.scales, rtol=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40), BITS, st.booleans())
def test_codes_stay_in_their_range(seed: int, columns: int, bits: int, known: bool) -> None:
    weights = matrices(seed, 3, columns) * 10.0 ** np.random.default_rng(seed).integers(-6, 6)
    codes = rounded(weights, correlated(seed, columns) if known else None, bits)
    low, high = code_range(bits)
    assert codes.values.dtype == np.int8
    assert low <= codes.values.min() <= codes.values.max() <= high
    assert (codes.scales > 0).all()


def test_four_bits_go_from_minus_eight_to_seven() -> None:
    assert code_range(4) == (-8, 7)


def test_without_a_covariance_every_weight_goes_to_the_nearest_code() -> None:
    weights = matrices(1, 4, 20)
    codes = rounded(weights, None, 4)
    grid = np.arange(-8, 8)[:, None, None, None] * codes.scales[None, :, :, None]
    nearest = np.abs(grid - weights[None]).min(axis=0)
    assert np.allclose(np.abs(codes.weights - weights), nearest)


def test_eight_bits_lose_little() -> None:
    weights = matrices(2, 8, 64)
    codes = rounded(weights, correlated(2, 64), 8)
    assert np.abs(codes.weights - weights).max() < 0.1 * np.abs(weights).max()


@pytest.mark.parametrize("bits", [3, 4, 8])
@pytest.mark.parametrize("known", [True, False])
def test_rows_of_zeros_stay_zeros(bits: int, known: bool) -> None:
    weights = matrices(3, 3, 10)
    weights[0, 1] = 0.0
    codes = rounded(weights, correlated(3, 10) if known else None, bits)
    assert not codes.values[0, 1].any()
    assert np.isfinite(codes.weights).all()


@pytest.mark.parametrize("bits", [3, 4, 8])
def test_constant_weights_are_kept_exactly(bits: int) -> None:
    weights = np.full((1, 2, 12), 0.3)
    weights[0, 1] *= -1
    assert np.allclose(rounded(weights, correlated(4, 12), bits).weights, weights)
    assert np.allclose(rounded(weights, None, bits).weights, weights)


@pytest.mark.parametrize("gone", [slice(None), slice(0, 5)], ids=["all inputs", "some inputs"])
def test_inputs_that_never_change_do_no_harm(gone: slice) -> None:
    covariance = correlated(5, 10)
    covariance[:, gone] = 0.0
    covariance[:, :, gone] = 0.0
    weights = matrices(5, 4, 10)
    codes = rounded(weights, covariance, 4)
    assert np.isfinite(codes.weights).all()
    assert np.abs(codes.weights - weights).max() <= np.abs(weights).max()


def test_copies_of_one_input_are_rounded_as_one() -> None:
    covariance = np.ones((1, 6, 6))
    weights = np.full((1, 1, 6), 0.37)
    weights[0, 0, 0] = 1.0
    made = rounded(weights, covariance, 3)
    assert abs(made.weights.sum() - weights.sum()) < made.scales[0, 0]


def test_blocks_do_not_see_one_another() -> None:
    weights, covariance = matrices(6, 3, 9, blocks=3), correlated(6, 9, blocks=3)
    whole = rounded(weights, covariance, 4)
    alone = [rounded(weights[b : b + 1], covariance[b : b + 1], 4).values for b in range(3)]
    assert np.array_equal(whole.values, np.concatenate(alone))


def test_the_weights_that_are_given_are_left_as_they_are() -> None:
    weights, covariance = matrices(7, 3, 9), correlated(7, 9)
    before = weights.copy(), covariance.copy()
    rounded(weights, covariance, 4)
    assert np.array_equal(weights, before[0])
    assert np.array_equal(covariance, before[1])
