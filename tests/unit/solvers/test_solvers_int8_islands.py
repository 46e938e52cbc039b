"""Some layers in INT8, the others untouched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from example_networks import network as network_of
from example_networks import run
from onnx import helper

from tinystudio.core.data import Array
from tinystudio.graph.network import Network
from tinystudio.solvers.int8_islands import left_out, partly_quantized
from tinystudio.solvers.quantizing import INT8_OPERATORS, activations

CHANNELS, SIZE = 16, 8
NAMES = ("a", "b", "c")


def chain(pooled: bool = False, rectified: bool = True) -> Network:
    """Return a network of convolutions a, b, c, each followed by what is asked for."""
    rng = np.random.default_rng(0)
    nodes, weights, x = [], dict[str, Array](), "x"
    for name in NAMES:
        shape = (CHANNELS, CHANNELS, 3, 3)
        weights[f"{name}.w"] = rng.standard_normal(shape).astype(np.float32) / 12
        weights[f"{name}.b"] = rng.standard_normal(CHANNELS).astype(np.float32)
        inputs = [x, f"{name}.w", f"{name}.b"]
        nodes.append(helper.make_node("Conv", inputs, [f"{name}.y"], name, pads=[1, 1, 1, 1]))
        x = f"{name}.y"
        if rectified:
            nodes.append(helper.make_node("Relu", [x], [f"{name}.r"], f"{name}.relu"))
            x = f"{name}.r"
        if pooled:
            pool = helper.make_node(
                "MaxPool", [x], [f"{name}.p"], f"{name}.pool", kernel_shape=[2, 2]
            )
            nodes.append(pool)
            x = f"{name}.p"
    ends = ("n", CHANNELS, "h", "w")
    return network_of(nodes, weights, {"x": ("n", CHANNELS, SIZE, SIZE)}, {x: ends})


def residual() -> Network:
    """Return a, then b of a, then an addition of both."""
    made = chain(rectified=False)
    add = helper.make_node("Add", ["b.y", "a.y"], ["sum"], "add")
    nodes = [*made.nodes[:2], add]
    ends = ("n", CHANNELS, SIZE, SIZE)
    return network_of(nodes, dict(made.weights), {"x": ends}, {"sum": ends})


def quantized(network: Network, *layers: str) -> Network:
    names = activations(network, INT8_OPERATORS)
    ranges = {name: (0.0 if name.endswith((".r", ".p")) else -4.0, 4.0) for name in names}
    return partly_quantized(network, ranges, layers)


def fed() -> Array:
    shape = (1, CHANNELS, SIZE, SIZE)
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


def test_what_follows_a_layer_computes_as_the_layer_does() -> None:
    network = chain(pooled=True)
    assert left_out(network, {"a", "c"}) == {"b", "b.relu", "b.pool"}
    assert left_out(residual(), {"b"}) == {"a"}


def test_a_transposed_convolution_stays_in_float() -> None:
    node = helper.make_node("ConvTranspose", ["x", "a.w", "a.b"], ["y"], "up")
    ends = ("n", CHANNELS, SIZE, SIZE)
    weights = dict(chain().weights)
    network = network_of([node], weights, {"x": ends}, {"y": ("n", CHANNELS, "h", "w")})
    assert left_out(network, {"up"}) == {"up"}
    assert quantized(network, "up") is network


def test_without_int8_layers_the_network_stays_as_it_is() -> None:
    network = chain()
    assert quantized(network) is network


@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize("rectified", [False, True])
def test_a_float_layer_between_int8_layers_keeps_its_weights(
    pooled: bool, rectified: bool, tmp_path: Path
) -> None:
    made = quantized(chain(pooled, rectified), "a", "c")
    optimized = optimized_by_onnxruntime(made, tmp_path)
    stored = {item.name for item in optimized.graph.initializer}
    unpacked = [
        node.name
        for node in optimized.graph.node
        if node.op_type == "DequantizeLinear" and node.input[0] in stored
    ]
    assert not unpacked
    assert sum(node.op_type == "QLinearConv" for node in optimized.graph.node) == 2


def test_the_shields_change_no_value() -> None:
    for network in (chain(), chain(rectified=False), chain(pooled=True)):
        made = quantized(network, "a", "c")
        bare = made.with_nodes([plain(node) for node in made.nodes], made.weights)
        np.testing.assert_allclose(as_written(made), as_written(bare), atol=1e-5)


def test_a_float_layer_reads_unrounded_what_a_float_layer_made() -> None:
    network = residual()
    third = helper.make_node("Conv", ["a.y", "c.w", "c.b"], ["c.y"], "c", pads=[1, 1, 1, 1])
    ends = ("n", CHANNELS, SIZE, SIZE)
    weights = dict(chain().weights)
    both = network_of([*network.nodes, third], weights, {"x": ends}, {"sum": ends, "c.y": ends})
    made = quantized(both, "b")
    assert made.node("c").input[0] == "a.y"
    expected, seen = run(both, [fed()]), run(made, [fed()])
    np.testing.assert_allclose(seen[1], expected[1], rtol=1e-4, atol=1e-4)
    assert not np.allclose(seen[0], expected[0], rtol=1e-4, atol=1e-4)


def test_all_layers_in_int8_stay_close_to_the_network() -> None:
    network = chain()
    expected, seen = run(network, [fed()])[0], run(quantized(network, *NAMES), [fed()])[0]
    assert np.abs(seen - expected).mean() < 0.1 * np.abs(expected).mean()


def as_written(network: Network) -> Array:
    """Run a network without onnxruntime's rewriting."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(network.data, options, ["CPUExecutionProvider"])
    result: Array = session.run(None, {"x": fed()})[0]
    return result


def plain(node: onnx.NodeProto) -> onnx.NodeProto:
    """Return a shield as what it stands for."""
    if node.op_type != "LeakyRelu":
        return node
    op = "Identity" if node.name.endswith("/shield") else "Relu"
    return helper.make_node(op, list(node.input), list(node.output), node.name)


def optimized_by_onnxruntime(network: Network, folder: Path) -> onnx.ModelProto:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.optimized_model_filepath = str(folder / "optimized.onnx")
    onnxruntime.InferenceSession(network.data, options, ["CPUExecutionProvider"])
    return onnx.load(folder / "optimized.onnx")
