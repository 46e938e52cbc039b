"""Every layer is its matrix times its columns, whatever its padding, stride and groups."""

from __future__ import annotations

import numpy as np
import pytest
from example_networks import network, run
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from onnx import helper

from tinystudio.core.data import Array
from tinystudio.graph.network import Network
from tinystudio.solvers.layers import Layer, layers


def only_layer(tested: Network) -> Layer:
    (layer,) = layers(tested).values()
    return layer


def product(layer: Layer, tested: Network, values: Array, places: Array | None = None) -> Array:
    """Return matrix x columns as (n, places, channels)."""
    matrices = layer.matrices(tested.weights[layer.weight])
    made = np.einsum("brc,bnc->nbr", matrices, layer.unfold(values, places))
    return made.reshape(len(values), -1, layer.out_channels)


def channels_last(values: Array, layer: Layer) -> Array:
    last = np.moveaxis(values, layer.channel_axis, -1)
    return last.reshape(len(last), -1, last.shape[-1])


@st.composite
def convolutions(draw: st.DrawFn) -> tuple[Network, Array]:
    dims, groups = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    cin, cout = groups * draw(st.integers(1, 3)), groups * draw(st.integers(1, 3))
    kernel = [draw(st.integers(1, 3)) for _ in range(dims)]
    pad = draw(st.sampled_from(["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"]))
    moves = {
        "strides": [draw(st.integers(1, 3)) for _ in range(dims)],
        "dilations": [draw(st.integers(1, 2)) for _ in range(dims)],
    }
    assume(pad in ("NOTSET", "VALID") or max(moves["dilations"]) == 1)
    if pad == "NOTSET":
        moves["pads"] = [draw(st.integers(0, 2)) for _ in range(2 * dims)]
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    weight = rng.normal(size=(cout, cin // groups, *kernel)).astype("f4")
    node = helper.make_node("Conv", ["x", "w"], ["y"], "conv", group=groups, auto_pad=pad, **moves)
    sizes = [draw(st.integers(5, 7)) for _ in range(dims)]
    shape = {"x": ("n", cin, *sizes)}, {"y": ("n", cout, *[f"s{i}" for i in range(dims)])}
    return network([node], {"w": weight}, *shape), rng.normal(size=(2, cin, *sizes)).astype("f4")


@settings(max_examples=60, deadline=None)
@given(convolutions())
def test_a_convolution_is_its_matrix_times_its_columns(case: tuple[Network, Array]) -> None:
    tested, values = case
    layer = only_layer(tested)
    expected = channels_last(run(tested, (values,))[0], layer)
    assert layer.places(values) == expected.shape[1]
    np.testing.assert_allclose(product(layer, tested, values), expected, atol=1e-4)


@settings(max_examples=20, deadline=None)
@given(convolutions(), st.integers(0, 9))
def test_some_places_are_some_of_all_places(case: tuple[Network, Array], seed: int) -> None:
    tested, values = case
    layer = only_layer(tested)
    there = layer.places(values)
    chosen = np.sort(np.random.default_rng(seed).choice(there, (there + 1) // 2, replace=False))
    every = product(layer, tested, values)
    np.testing.assert_allclose(product(layer, tested, values, chosen), every[:, chosen])


@pytest.mark.parametrize("turned", [0, 1])
def test_a_gemm_is_its_matrix_times_its_columns(turned: int) -> None:
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(3, 5) if turned else (5, 3)).astype("f4")
    node = helper.make_node("Gemm", ["x", "w"], ["y"], "gemm", transB=turned)
    tested = network([node], {"w": weight}, {"x": ("n", 5)}, {"y": ("n", 3)})
    values = rng.normal(size=(4, 5)).astype("f4")
    layer = only_layer(tested)
    expected = channels_last(run(tested, (values,))[0], layer)
    np.testing.assert_allclose(product(layer, tested, values), expected, atol=1e-5)


def test_a_product_takes_columns_along_its_last_axis_whatever_stands_before() -> None:
    rng = np.random.default_rng(0)
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "product")
    weight = rng.normal(size=(5, 3)).astype("f4")
    tested = network([node], {"w": weight}, {"x": ("n", 2, 4, 5)}, {"y": ("n", 2, 4, 3)})
    values = rng.normal(size=(3, 2, 4, 5)).astype("f4")
    layer = only_layer(tested)
    expected = channels_last(run(tested, (values,))[0], layer)
    np.testing.assert_allclose(product(layer, tested, values), expected, atol=1e-5)


@pytest.mark.parametrize("groups", [1, 2])
def test_a_transposed_convolution_without_overlap_is_its_matrix_times_its_pixels(
    groups: int,
) -> None:
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(4, 3, 2, 2)).astype("f4")
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], "up", group=groups, strides=[2, 2])
    shapes = {"x": ("n", 4, 3, 3)}, {"y": ("n", 3 * groups, 6, 6)}
    tested = network([node], {"w": weight}, *shapes)
    values = rng.normal(size=(2, 4, 3, 3)).astype("f4")
    layer = only_layer(tested)
    spread = np.einsum("brc,bnc->nbr", layer.matrices(weight), layer.unfold(values))
    patches = spread.reshape(2, 3, 3, 3 * groups, 2, 2).transpose(0, 3, 1, 4, 2, 5)
    expected = run(tested, (values,))[0]
    np.testing.assert_allclose(patches.reshape(expected.shape), expected, atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(convolutions())
def test_matrices_go_back_to_the_weight_they_came_from(case: tuple[Network, Array]) -> None:
    tested, _ = case
    layer = only_layer(tested)
    weight = tested.weights[layer.weight]
    assert np.array_equal(layer.weight_of(layer.matrices(weight)), weight)


def test_a_shared_weight_and_a_left_factor_are_no_layers() -> None:
    weight = np.eye(4, dtype="f4")
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"], "first"),
        helper.make_node("MatMul", ["a", "w"], ["b"], "second"),
        helper.make_node("MatMul", ["v", "b"], ["y"], "left"),
    ]
    tested = network(nodes, {"w": weight, "v": weight}, {"x": (4, 4)}, {"y": (4, 4)})
    assert layers(tested) == {}
