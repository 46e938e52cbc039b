"""Folding batch normalization changes the graph, never the outputs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import pytest
from graph_building import GraphBuilder, run
from graph_light_models import light_model
from graph_random_networks import networks
from hypothesis import HealthCheck, given, settings

from tinystudio.graph.batchnorm import fold_batch_normalization
from tinystudio.graph.network import Network


def norms(network: Network) -> int:
    return sum(node.op_type == "BatchNormalization" for node in network.nodes)


def assert_equal_outputs(left: Network, right: Network) -> None:
    for one, other in zip(run(left), run(right), strict=True):
        scale = max(1.0, float(np.abs(other).max()))
        np.testing.assert_allclose(one / scale, other / scale, rtol=0, atol=1e-4)


LAYERS: dict[str, Callable[[GraphBuilder], str]] = {
    "convolution": lambda g: g.conv(g.input("batch", 4, 5), 4, 6, (3,)),
    "without bias": lambda g: g.node("Conv", g.input("batch", 4, 5), g.weight(6, 4, 3)),
    "grouped": lambda g: g.conv(g.input("batch", 4, 5), 4, 6, (3,), group=2),
    "transposed": lambda g: g.conv_transpose(g.input("batch", 4, 5), 4, 6, (3,)),
    "grouped transposed": lambda g: g.conv_transpose(g.input("batch", 4, 5), 4, 6, (3,), group=2),
    "gemm": lambda g: g.gemm(g.input("batch", 4), 4, 6),
    "turned gemm": lambda g: g.gemm(g.input("batch", 4), 4, 6, transB=1, alpha=0.5, beta=2.0),
    "gemm without bias": lambda g: g.node("Gemm", g.input("batch", 4), g.weight(4, 6)),
    "matmul": lambda g: g.node("MatMul", g.input("batch", 4), g.weight(4, 6)),
    "matmul and bias": lambda g: g.node(
        "Add", g.weight(6), g.node("MatMul", g.input("batch", 4), g.weight(4, 6))
    ),
}


@pytest.mark.parametrize("opset", [8, 9, 13, 17])
@pytest.mark.parametrize("case", LAYERS)
def test_when_a_layer_is_normalized_then_it_takes_the_normalization_in(
    case: str, opset: int
) -> None:
    if opset < 11 and case == "gemm without bias":
        pytest.skip("the bias of Gemm became optional with opset 11")
    g = GraphBuilder(opset=opset)
    network = g.network(g.node("Relu", g.batchnorm(LAYERS[case](g), 6)))
    folded = fold_batch_normalization(network)
    onnx.checker.check_model(folded.model, full_check=True)
    assert norms(folded) == 0
    assert_equal_outputs(folded, network)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks())
def test_when_any_network_is_folded_then_its_outputs_are_the_same(network: Network) -> None:
    folded = fold_batch_normalization(network)
    assert norms(folded) <= norms(network)
    assert_equal_outputs(folded, network)


def test_when_a_well_known_network_is_folded_then_its_outputs_are_the_same() -> None:
    network = Network.of(light_model("shufflenet"))
    folded = fold_batch_normalization(network)
    assert norms(folded) == 0
    assert_equal_outputs(folded, network)


def test_when_another_node_reads_the_layer_then_its_normalization_stays() -> None:
    g = GraphBuilder()
    y = g.conv(g.input("batch", 2, 4), 2, 3, (1,))
    network = g.network(g.node("Add", y, g.batchnorm(y, 3)))
    assert norms(fold_batch_normalization(network)) == 1


def test_when_the_layer_is_an_output_then_its_normalization_stays() -> None:
    g = GraphBuilder()
    y = g.conv(g.input("batch", 2, 4), 2, 3, (1,))
    network = g.network(y, g.batchnorm(y, 3))
    assert norms(fold_batch_normalization(network)) == 1


def test_when_tokens_are_normalized_along_another_axis_then_it_stays() -> None:
    g = GraphBuilder()
    y = g.node("MatMul", g.input("batch", 3, 4), g.weight(4, 6))
    assert norms(fold_batch_normalization(g.network(g.batchnorm(y, 3)))) == 1


def test_when_two_layers_share_a_weight_then_only_the_normalized_one_changes() -> None:
    g = GraphBuilder()
    x, weight = g.input("batch", 2, 4), g.weight(3, 2, 1)
    left = g.batchnorm(g.node("Conv", x, weight), 3)
    network = g.network(left, g.node("Conv", x, weight))
    folded = fold_batch_normalization(network)
    assert norms(folded) == 0
    assert_equal_outputs(folded, network)


def test_when_there_is_nothing_to_fold_then_the_network_itself_is_returned() -> None:
    g = GraphBuilder()
    network = g.network(g.conv(g.input("batch", 2, 4), 2, 3, (1,)))
    assert fold_batch_normalization(network) is network
