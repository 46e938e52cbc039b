"""Products of two that come nearest to a layer's output."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinystudio.core.data import Array
from tinystudio.solvers.low_rank import factored

SHAPES = st.tuples(st.integers(1, 6), st.integers(1, 5), st.integers(1, 3), st.integers(1, 3))


def layer(seed: int, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Return weights (O, I, S, F), and the covariance of inputs that mix few sources."""
    rng = np.random.default_rng(seed)
    columns = int(np.prod(shape[1:]))
    mixing = rng.normal(size=(columns, columns)) * rng.exponential(size=columns)
    return rng.normal(size=shape), mixing @ mixing.T + 0.01 * np.eye(columns)


def error(weights: Array, first: Array, second: Array, covariance: Array) -> float:
    change = (weights - np.einsum("ors,rif->oisf", second, first)).reshape(len(weights), -1)
    return float(np.trace(change @ covariance @ change.T))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), SHAPES, st.sampled_from(["full", "variance", "none"]))
def test_at_full_rank_the_product_is_the_weights(
    seed: int, shape: tuple[int, ...], known: str
) -> None:
    weights, covariance = layer(seed, shape)
    metric = {"full": covariance, "variance": np.diag(covariance), "none": None}[known]
    made = factored(weights, metric)
    back = np.einsum("ors,rif->oisf", made.second(made.ranks), made.first)
    np.testing.assert_allclose(back, weights, atol=1e-6 * np.abs(weights).max())
    assert made.lost(made.ranks) == pytest.approx(0.0, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), SHAPES)
def test_the_error_it_tells_is_the_outputs_and_falls_with_the_rank(
    seed: int, shape: tuple[int, ...]
) -> None:
    weights, covariance = layer(seed, shape)
    made = factored(weights, covariance)
    lost = [made.lost(rank) for rank in range(1, made.ranks + 1)]
    assert lost == sorted(lost, reverse=True) or np.allclose(np.diff(lost).clip(0), 0, atol=1e-7)
    whole = float(np.trace(flat(weights) @ covariance @ flat(weights).T))
    told = error(weights, made.first[:1], made.second(1), covariance) / whole
    # What it tells has damping in it: a hundredth of the mean variance.
    assert told <= made.lost(1) * 1.1 + 0.02


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(2, 8))
def test_knowing_the_inputs_loses_no_more_output_than_the_weights_alone(
    seed: int, outputs: int, inputs: int
) -> None:
    weights, covariance = layer(seed, (outputs, inputs, 1, 1))
    damped = covariance + 0.01 * np.trace(covariance) / inputs * np.eye(inputs)
    aware, plain = factored(weights, covariance), factored(weights, None)
    for rank in range(1, aware.ranks + 1):
        kept = error(weights, aware.first[:rank], aware.second(rank), damped)
        other = error(weights, plain.first[:rank], plain.second(rank), damped)
        assert kept <= other * (1 + 1e-6) + 1e-9


def test_without_the_inputs_it_is_the_singular_values() -> None:
    weights, _ = layer(3, (5, 4, 1, 1))
    sizes = np.linalg.svd(flat(weights), compute_uv=False) ** 2
    made = factored(weights, None)
    for rank in range(1, 5):
        assert made.lost(rank) == pytest.approx(sizes[rank:].sum() / sizes.sum(), abs=1e-9)


def flat(weights: Array) -> Array:
    return weights.reshape(len(weights), -1)
