"""What a network costs, checked against figures worked out by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from graph_building import GraphBuilder
from graph_light_models import light_model
from onnx import helper

from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network


def quantized_convolution(g: GraphBuilder) -> str:
    scale, zero = g.constant(np.array(0.1, np.float32)), g.constant(np.array(0, np.uint8))
    x = g.node("QuantizeLinear", g.input("batch", 2, 8), scale, zero)
    weight = g.constant(np.ones((4, 2, 3), np.uint8))
    return g.node("QLinearConv", x, scale, zero, weight, scale, zero, scale, zero)


def recurrent(op: str, gates: int) -> Callable[[GraphBuilder], str]:
    def build(g: GraphBuilder) -> str:
        weights = g.weight(1, gates * 5, 3), g.weight(1, gates * 5, 5)
        return g.node(op, g.input(7, "batch", 3), *weights, hidden_size=5)

    return build


MACS: dict[str, tuple[Callable[[GraphBuilder], str], int]] = {
    "1-D convolution": (lambda g: g.conv(g.input("n", 2, 8), 2, 4, (3,)), 8 * 4 * 2 * 3),
    "2-D convolution": (
        lambda g: g.conv(g.input("n", 3, 6, 5), 3, 4, (3, 3)),
        6 * 5 * 4 * 3 * 9,
    ),
    "3-D convolution": (
        lambda g: g.conv(g.input("n", 2, 4, 3, 2), 2, 5, (1, 1, 1)),
        24 * 5 * 2,
    ),
    "convolution with a stride": (
        lambda g: g.conv(g.input("n", 2, 8), 2, 4, (3,), strides=[2]),
        4 * 4 * 2 * 3,
    ),
    "grouped convolution": (
        lambda g: g.conv(g.input("n", 4, 8), 4, 6, (3,), group=2),
        8 * 6 * 2 * 3,
    ),
    "depthwise convolution": (
        lambda g: g.conv(g.input("n", 4, 8), 4, 4, (3,), group=4),
        8 * 4 * 3,
    ),
    "transposed convolution": (
        lambda g: g.node("ConvTranspose", g.input("n", 2, 8), g.weight(2, 4, 3), strides=[2]),
        8 * 2 * 4 * 3,
    ),
    "gemm": (lambda g: g.gemm(g.input("n", 6), 6, 4, transB=1), 24),
    "matmul of tokens": (
        lambda g: g.node("MatMul", g.input("n", 5, 6), g.weight(6, 4)),
        5 * 6 * 4,
    ),
    "matmul of activations": (
        lambda g: g.node("MatMul", g.input("n", 3, 5, 6), g.input("n", 3, 6, 2, name="z")),
        3 * 5 * 6 * 2,
    ),
    "lstm": (recurrent("LSTM", 4), 7 * 4 * 5 * (3 + 5)),
    "gru": (recurrent("GRU", 3), 7 * 3 * 5 * (3 + 5)),
    "rnn": (recurrent("RNN", 1), 7 * 5 * (3 + 5)),
    "quantized convolution": (quantized_convolution, 6 * 4 * 2 * 3),
    "arithmetic": (lambda g: g.node("Mul", g.input("n", 6), g.weight(6)), 0),
}


@pytest.mark.parametrize("case", MACS)
def test_when_a_layer_is_counted_then_its_macs_are_those_worked_out_by_hand(case: str) -> None:
    make, expected = MACS[case]
    g = GraphBuilder()
    assert facts(g.network(make(g))).macs == expected


def test_when_the_batch_is_fixed_then_figures_are_per_sample() -> None:
    def build(batch: int | str) -> Network:
        g = GraphBuilder()
        return g.network(g.conv(g.input(batch, 2, 8), 2, 4, (3,)))

    fixed, opened = facts(build(16)), facts(build("batch"))
    assert fixed.macs == opened.macs
    assert fixed.peak_activation_bytes == opened.peak_activation_bytes


def test_when_an_operator_cannot_be_counted_then_macs_are_not_known() -> None:
    g = GraphBuilder()
    y = g.node("Einsum", g.input("n", 4), g.weight(4, 3), equation="ij,jk->ik", name="e")
    found = facts(g.network(g.gemm(y, 3, 2, name="last")))
    assert found.macs is None
    assert [layer.macs for layer in found.layers] == [None, 6]


def test_when_sizes_in_space_are_open_then_macs_are_not_known() -> None:
    g = GraphBuilder()
    found = facts(g.network(g.conv(g.input("n", 2, "time"), 2, 4, (3,))))
    assert found.macs is None
    assert found.peak_activation_bytes is None
    assert found.parameters == 28


def test_when_parameters_are_counted_then_shapes_scales_and_factors_are_not() -> None:
    g = GraphBuilder()
    y = g.batchnorm(g.conv(g.input("n", 2, 3), 2, 4, (1,), name="conv"), 4)
    y = g.node("Div", y, g.constant(np.array(8, np.float32)))
    y = g.node("Reshape", y, g.ints(0, 12))
    found = facts(g.network(g.gemm(y, 12, 2, name="last")))
    assert found.parameters == (4 * 2 + 4) + 4 * 4 + (12 * 2 + 2)
    by_name = {layer.name: layer.parameters for layer in found.layers}
    assert (by_name["conv"], by_name["last"]) == (12, 26)


def test_when_weights_are_dequantized_then_they_count_at_the_layer_that_uses_them() -> None:
    g = GraphBuilder()
    weight = g.constant(np.ones((4, 3), np.int8))
    scale, zero = g.constant(np.array(0.1, np.float32)), g.constant(np.array(0, np.int8))
    y = g.node("DequantizeLinear", weight, scale, zero)
    found = facts(g.network(g.node("MatMul", g.input("n", 4), y, name="layer")))
    assert found.parameters == 12
    assert found.weight_bytes == 12 + 4 + 1
    assert found.layers[-1].parameters == 12
    assert found.macs == 12


def test_when_two_layers_share_a_weight_then_it_counts_once() -> None:
    g = GraphBuilder()
    x, weight = g.input("n", 4), g.weight(4, 4)
    y = g.node("MatMul", g.node("MatMul", x, weight), weight)
    assert facts(g.network(y)).parameters == 16


def test_when_layers_follow_each_other_then_two_neighbours_are_alive_at_once() -> None:
    g = GraphBuilder()
    y = g.gemm(g.input("n", 10), 10, 100)
    y = g.gemm(g.node("Relu", y), 100, 4)
    assert facts(g.network(y)).peak_activation_bytes == (100 + 100) * 4


def test_when_a_shortcut_is_open_then_it_is_alive_all_along() -> None:
    g = GraphBuilder()
    x = g.input("n", 10)
    y = g.gemm(g.gemm(x, 10, 50), 50, 10)
    assert facts(g.network(g.node("Add", x, y))).peak_activation_bytes == (10 + 50 + 10) * 4


def test_when_layers_are_listed_then_open_sizes_are_none() -> None:
    g = GraphBuilder()
    (layer,) = facts(g.network(g.conv(g.input("n", 2, 8), 2, 4, (3,), name="conv"))).layers
    assert (layer.name, layer.op, layer.output_shape) == ("conv", "Conv", (None, 4, 8))
    assert layer.activation_bytes == 4 * 8 * 4
    assert layer.weight_bytes == (4 * 2 * 3 + 4) * 4


def test_when_well_known_networks_are_counted_then_the_figures_are_the_published_ones() -> None:
    # SqueezeNet 1.0: 1.25 M parameters; ResNet-50: 25.6 M and 4.1 GMACs (its papers' tables).
    squeezenet = facts(Network.of(light_model("squeezenet")))
    assert 1.23e6 < squeezenet.parameters < 1.25e6
    resnet = facts(Network.of(light_model("resnet50")))
    assert 25.5e6 < resnet.parameters < 25.7e6
    assert resnet.macs is not None
    assert 3.8e9 < resnet.macs < 4.2e9


def test_when_a_node_holds_a_graph_then_its_macs_are_not_known() -> None:
    g = GraphBuilder()
    x = g.input("n", 3)
    inner = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["r"])], "inner", [],
        [helper.make_tensor_value_info("r", 1, ["n", 3])],
    )  # fmt: skip
    flag = g.constant(np.array(True))
    y = g.node("If", flag, then_branch=inner, else_branch=inner)
    assert facts(g.network(g.node("Add", x, y))).macs is None
