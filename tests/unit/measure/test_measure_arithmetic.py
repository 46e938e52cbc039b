"""Which share of the arithmetic runs on 8 bits, and how many bytes move."""

from __future__ import annotations

import numpy as np
import pytest
from example_networks import mlp, network
from hypothesis import given
from hypothesis import strategies as st
from onnx import NodeProto, helper

from tinystudio.graph.network import Network
from tinystudio.measure.arithmetic import int8_share, moved_bytes

SIZE = 8
SCALES: dict[str, np.ndarray] = {"s": np.array(0.1, np.float32), "z": np.array(0, np.int8)}


def layers(activations: list[bool], weights: list[bool]) -> Network:
    """Return square layers in a row; the lists say which factors come from 8 bits."""
    nodes: list[NodeProto] = []
    held: dict[str, np.ndarray] = dict(SCALES)
    given_to = "x"
    for at, (low_in, low_weight) in enumerate(zip(activations, weights, strict=True)):
        if low_in:
            nodes += [
                helper.make_node("QuantizeLinear", [given_to, "s", "z"], [f"q{at}"], f"q{at}"),
                helper.make_node("DequantizeLinear", [f"q{at}", "s", "z"], [f"d{at}"], f"d{at}"),
            ]
            given_to = f"d{at}"
        weight = f"w{at}"
        held[weight] = np.ones((SIZE, SIZE), np.int8 if low_weight else np.float32)
        if low_weight:
            nodes.append(
                helper.make_node("DequantizeLinear", [weight, "s", "z"], [f"f{at}"], f"f{at}")
            )
            weight = f"f{at}"
        nodes.append(helper.make_node("MatMul", [given_to, weight], [f"y{at}"], f"layer{at}"))
        given_to = f"y{at}"
    return network(nodes, held, {"x": ("n", SIZE)}, {given_to: ("n", SIZE)})


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=4))
def test_only_layers_both_of_whose_factors_have_8_bits_count(
    kinds: list[tuple[bool, bool]],
) -> None:
    tested = layers([low for low, _ in kinds], [low for _, low in kinds])
    assert int8_share(tested) == pytest.approx(sum(all(kind) for kind in kinds) / len(kinds))


def test_a_network_that_computes_in_float_has_no_share() -> None:
    assert int8_share(mlp().network) == 0


def test_an_integer_operator_counts_whole() -> None:
    nodes = [
        helper.make_node("Cast", ["x"], ["q"], "cast", to=2),  # UINT8
        helper.make_node("MatMulInteger", ["q", "w"], ["i"], "layer"),
        helper.make_node("Cast", ["i"], ["y"], "back", to=1),  # FLOAT
    ]
    weights = {"w": np.ones((3, 2), np.int8)}
    assert int8_share(network(nodes, weights, {"x": ("n", 3)}, {"y": ("n", 2)})) == 1


def test_a_network_without_arithmetic_has_no_share() -> None:
    node = helper.make_node("Relu", ["x"], ["y"], "relu")
    assert int8_share(network([node], {}, {"x": ("n", 3)}, {"y": ("n", 3)})) == 0


def test_weights_move_once_and_activations_out_and_in() -> None:
    weights = 24 * 32 + 32 + 32 * 4 + 4
    assert moved_bytes(mlp().network) == 4 * weights + 2 * 4 * (3 * 32 + 4)
