"""Moments are those of all columns, however the samples come in."""

from __future__ import annotations

import numpy as np
import pytest
from example_networks import network
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from tinystudio.core.data import Array
from tinystudio.solvers import moments as module
from tinystudio.solvers.layers import Layer, layers
from tinystudio.solvers.moments import gather_moments


def convolution(groups: int = 1) -> Layer:
    weight = np.ones((4, 4 // groups, 3), "f4")
    node = helper.make_node("Conv", ["x", "w"], ["y"], "conv", group=groups, pads=[1, 1])
    tested = network([node], {"w": weight}, {"x": ("n", 4, 6)}, {"y": ("n", 4, 6)})
    return layers(tested)["conv"]


def batches(values: Array, cuts: list[int]) -> list[dict[str, Array]]:
    return [{"x": piece} for piece in np.split(values, cuts) if len(piece)]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 20), max_size=4).map(sorted), st.sampled_from([1, 2, 4]))
def test_any_batches_give_the_moments_of_the_whole(cuts: list[int], groups: int) -> None:
    # A large mean beside a small deviation: what naive sums of squares get wrong.
    values = (np.random.default_rng(0).normal(size=(20, 4, 6)) + 100).astype("f4")
    layer = convolution(groups)
    found = gather_moments({"conv": layer}, batches(values, cuts), 20, 0)["conv"]
    columns = layer.unfold(values).astype(np.float64)
    np.testing.assert_allclose(found.mean, columns.mean(axis=1), rtol=1e-5)
    assert found.covariance is not None
    for block, rows in enumerate(columns):
        expected = np.cov(rows.T, bias=True)
        np.testing.assert_allclose(
            found.covariance[block], expected, rtol=1e-3, atol=1e-3 * np.trace(expected)
        )


def test_when_a_layer_is_too_large_only_variances_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = np.random.default_rng(0).normal(size=(20, 4, 6)).astype("f4")
    layer = convolution()
    full = gather_moments({"conv": layer}, batches(values, [7]), 20, 0)["conv"]
    monkeypatch.setattr(module, "MOST_COLUMNS", 5)
    small = gather_moments({"conv": layer}, batches(values, [7]), 20, 0)["conv"]
    assert small.covariance is None
    assert small.size < full.size
    np.testing.assert_allclose(small.variance, full.variance, rtol=1e-4)


def test_when_there_are_many_places_some_are_drawn_and_the_same_by_the_same_seed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = np.random.default_rng(0).normal(size=(20, 4, 6)).astype("f4")
    monkeypatch.setattr(module, "MOST_ROWS", 60)
    layer = convolution()
    first, again = (
        gather_moments({"conv": layer}, batches(values, [7]), 20, 3)["conv"] for _ in range(2)
    )
    assert first.count == 60
    assert np.array_equal(first.mean, again.mean)
    assert np.allclose(first.variance, layer.unfold(values).var(axis=1), rtol=0.6)


def test_pieces_of_any_size_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).normal(size=(20, 4, 6)).astype("f4")
    layer = convolution()
    whole = gather_moments({"conv": layer}, batches(values, []), 20, 0)["conv"]
    monkeypatch.setattr(module, "PIECE", 1)
    pieces = gather_moments({"conv": layer}, batches(values, []), 20, 0)["conv"]
    np.testing.assert_allclose(pieces.mean, whole.mean, atol=1e-6)
    np.testing.assert_allclose(pieces.variance, whole.variance, rtol=1e-5)


def test_moments_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="no samples"):
        gather_moments({"conv": convolution()}, [], 20, 0)
