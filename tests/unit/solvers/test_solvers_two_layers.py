"""One layer as two: the same outputs where nothing is left out, whatever the layer's form."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from example_networks import network, run
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from tinystudio.core.data import Array
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.solvers.factoring import factorable
from tinystudio.solvers.layers import layers
from tinystudio.solvers.low_rank import factored
from tinystudio.solvers.two_layers import Pair, Split, saving_ratio, splits, with_pairs

sys.path.insert(0, str(Path(__file__).parents[1] / "graph"))
from graph_random_networks import networks


def whole(tested: Network, split: Split, rank: int | None = None) -> Pair:
    """Return a layer as two of full rank, or of `rank`."""
    matrix = split.layer.matrices(tested.weights[split.layer.weight])[0]
    made = factored(split.weights(matrix), None)
    rank = made.ranks if rank is None else rank
    return Pair(split, made.first[:rank], made.second(rank))


def one(op: str, weight: Array, shape: tuple[Any, ...], opset: int = 17, **given: Any) -> Network:
    """Return a network of one layer with a bias."""
    outputs = weight.shape[1] if op == "ConvTranspose" else weight.shape[0]
    bias = np.linspace(-1, 1, outputs).astype("f4")
    node = helper.make_node(op, ["x", "w", "b"], ["y"], "layer", **given)
    sizes = (shape[0], outputs, *["s"] * (len(shape) - 2))
    return network([node], {"w": weight, "b": bias}, {"x": shape}, {"y": sizes}, opset=opset)


def same(tested: Network, changed: Network, inputs: Array) -> None:
    onnx.checker.check_model(changed.model, full_check=True)
    before, after = run(tested, [inputs])[0], run(changed, [inputs])[0]
    np.testing.assert_allclose(after, before, atol=2e-4 * max(1.0, float(np.abs(before).max())))


@settings(max_examples=25, deadline=None)
@given(networks(), st.randoms(use_true_random=False))
def test_any_network_answers_the_same_with_its_layers_as_two_of_full_rank(
    tested: Network, draw: Any
) -> None:
    pairs = {
        name: whole(tested, draw.choice(splits(layer)))
        for name, layer in factorable(tested).items()
    }
    shape = [size for size in tested.inputs[0].shape if isinstance(size, int)]
    inputs = np.random.default_rng(0).normal(size=(2, *shape)).astype("f4")
    same(tested, with_pairs(tested, pairs), inputs)


@pytest.mark.parametrize(
    "window",
    [
        {"pads": [1, 1, 1, 1]},
        {"pads": [0, 2, 1, 0], "strides": [2, 1]},
        {"strides": [1, 2], "dilations": [2, 1], "pads": [2, 1, 2, 1]},
        {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
        {"auto_pad": "SAME_LOWER"},
        {"auto_pad": "VALID"},
        {"kernel_shape": [3, 2]},
    ],
)
def test_every_window_is_shared_out_right(window: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(6, 4, 3, 2)).astype("f4")
    tested = one("Conv", weight, ("n", 4, 9, 8), **window)
    found = splits(layers(tested)["layer"])
    assert len(found) == 4
    for split in found:
        made = with_pairs(tested, {"layer": whole(tested, split)})
        same(tested, made, rng.normal(size=(2, 4, 9, 8)).astype("f4"))


@pytest.mark.parametrize("per_row", [0, 1])
def test_a_gemm_keeps_its_factors_and_bias(per_row: int) -> None:
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(5, 5)).astype("f4")
    tested = one("Gemm", weight, ("n", 5), transB=per_row, alpha=0.5, beta=2.0)
    made = with_pairs(tested, {"layer": whole(tested, Split(layers(tested)["layer"]))})
    assert [node.op_type for node in made.nodes] == ["MatMul", "Gemm"]
    same(tested, made, rng.normal(size=(3, 5)).astype("f4"))


def test_a_transposed_convolution_keeps_its_own_window() -> None:
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(4, 6, 3, 3)).astype("f4")
    tested = one("ConvTranspose", weight, ("n", 4, 5, 5), strides=[2, 2], pads=[1, 1, 1, 1],
                 output_padding=[1, 1])  # fmt: skip
    made = with_pairs(tested, {"layer": whole(tested, Split(layers(tested)["layer"]))})
    same(tested, made, rng.normal(size=(2, 4, 5, 5)).astype("f4"))


@pytest.mark.parametrize("strides", [[1, 1], [2, 2], [1, 3]])
def test_the_saving_it_tells_is_what_the_graph_then_multiplies(strides: list[int]) -> None:
    weight = np.random.default_rng(0).normal(size=(12, 8, 3, 3)).astype("f4")
    tested = one("Conv", weight, ("n", 8, 16, 12), strides=strides, pads=[1, 1, 1, 1])
    before = facts(tested).macs
    assert before is not None
    for split in splits(layers(tested)["layer"]):
        share = saving_ratio(tested, split)
        made = facts(with_pairs(tested, {"layer": whole(tested, split, 3)}))
        assert made.macs == pytest.approx(3 * share[1] * before)
        assert made.parameters - 12 == pytest.approx(3 * share[0] * weight.size)


def test_new_names_stay_clear_of_those_that_are_there() -> None:
    weight = np.eye(4, dtype="f4")
    nodes = [
        helper.make_node("Relu", ["x"], ["layer/first"], "layer/first"),
        helper.make_node("MatMul", ["layer/first", "w"], ["y"], "layer"),
    ]
    tested = network(nodes, {"w": weight}, {"x": ("n", 4)}, {"y": ("n", 4)})
    made = with_pairs(tested, {"layer": whole(tested, Split(layers(tested)["layer"]))})
    same(tested, made, np.random.default_rng(0).normal(size=(3, 4)).astype("f4"))
