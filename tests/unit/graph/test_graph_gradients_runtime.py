"""The torch module and onnxruntime give the same outputs, for whole networks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from example_networks import run
from gradient_networks import recurrent, transformer
from graph_building import GraphBuilder
from graph_light_models import light_model
from graph_random_networks import networks
from hypothesis import HealthCheck, given, settings
from onnx import helper

from tinystudio.core.data import Array
from tinystudio.gallery import find_task, gallery
from tinystudio.graph.gradients.claims import unclaimed
from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.network import Network
from tinystudio.graph.opening import open_network
from tinystudio.solvers.stored_weights import StoredWeight, stored

TOLERANCE = 1e-4


def samples(network: Network, count: int = 3) -> list[Array]:
    """Return random numbers for every input; open sizes are `count`."""
    rng = np.random.default_rng(0)
    shapes = [[s if isinstance(s, int) else count for s in p.shape] for p in network.inputs]
    return [
        rng.standard_normal(shape).astype(port.dtype)
        for shape, port in zip(shapes, network.inputs, strict=True)
    ]


def assert_same(network: Network, inputs: list[Array], tolerance: float = TOLERANCE) -> None:
    """Compare every output; relative to the largest number where that is above one."""
    with torch.no_grad():
        made = GraphModule(network)(*map(torch.from_numpy, inputs))
    for got, wanted in zip(made, run(network, inputs), strict=True):
        assert got.shape == wanted.shape
        scale = max(1.0, float(np.abs(wanted.astype(np.float64)).max()))
        np.testing.assert_allclose(got.numpy(), wanted, rtol=0, atol=tolerance * scale)


@pytest.mark.parametrize("task", gallery())
def test_gallery_networks_give_what_the_runtime_gives(task: str) -> None:
    found = find_task(task)
    network = open_network(found.network_path)
    assert_same(network, [found.dataset().validation.inputs[0][:64]])


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(networks())
def test_any_network_gives_what_the_runtime_gives(network: Network) -> None:
    assert not unclaimed(network)
    assert_same(network, samples(network))


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("operator", ["LSTM", "GRU", "RNN"])
def test_recurrent_networks_give_what_the_runtime_gives(operator: str, direction: str) -> None:
    network = recurrent(operator, direction)
    assert_same(network, samples(network))


def test_a_gru_that_resets_after_the_product_gives_what_the_runtime_gives() -> None:
    network = recurrent("GRU", "bidirectional", linear_before_reset=1)
    assert_same(network, samples(network))


@pytest.mark.parametrize("operator", ["LSTM", "GRU", "RNN"])
def test_clipped_gates_give_what_the_runtime_gives(operator: str) -> None:
    network = recurrent(operator, "bidirectional", clip=0.3)
    assert_same(network, samples(network))


def test_other_gate_functions_give_what_the_runtime_gives() -> None:
    network = recurrent(
        "LSTM", activations=["HardSigmoid", "LeakyRelu", "Softsign"],
        activation_alpha=[0.3, 0.1], activation_beta=[0.4],
    )  # fmt: skip
    assert_same(network, samples(network))


def test_sequences_of_different_lengths_give_what_the_runtime_gives() -> None:
    g = GraphBuilder()
    x = g.input(6, 3, 5)
    lengths = g.constant(np.array([6, 2, 4], np.int32))
    weights = [g.weight(2, 28, 5), g.weight(2, 28, 7), g.weight(2, 56)]
    y = g.node("LSTM", x, *weights, lengths, hidden_size=7, direction="bidirectional")
    network = g.network(y)
    assert_same(network, samples(network))


def test_a_transformer_gives_what_the_runtime_gives_for_any_batch() -> None:
    network = transformer()
    assert_same(network, samples(network, 1))
    assert_same(network, samples(network, 4))


@pytest.mark.parametrize("name", ["squeezenet", "shufflenet"])
def test_well_known_networks_give_what_the_runtime_gives(name: str) -> None:
    network = Network.of(light_model(name))
    assert_same(network, samples(network))


@pytest.mark.parametrize("sides", [[0, 1, 1, 0], [2, 1, 0, 2]])
def test_uneven_padding_gives_what_the_runtime_gives(sides: list[int]) -> None:
    g = GraphBuilder()
    x = g.input("batch", 3, 7, 8)
    x = g.node("Conv", x, g.weight(4, 3, 3, 3), g.weight(4), pads=sides, dilations=[2, 1])
    x = g.node("MaxPool", x, kernel_shape=[3, 3], pads=sides, strides=[2, 2], ceil_mode=1)
    x = g.node("AveragePool", x, kernel_shape=[3, 2], pads=[1, 0, 1, 1], count_include_pad=1)
    x = g.node("ConvTranspose", x, g.weight(4, 2, 3, 3), g.weight(2), pads=sides, strides=[2, 3])
    network = g.network(x)
    assert_same(network, samples(network))


@pytest.mark.parametrize("padding", ["SAME_UPPER", "SAME_LOWER", "VALID"])
def test_automatic_padding_gives_what_the_runtime_gives(padding: str) -> None:
    g = GraphBuilder()
    x = g.input("batch", 3, 7, 8)
    x = g.node("Conv", x, g.weight(4, 3, 3, 2), g.weight(4), auto_pad=padding, strides=[2, 1])
    x = g.node("MaxPool", x, kernel_shape=[2, 2], auto_pad=padding)
    x = g.node("ConvTranspose", x, g.weight(4, 2, 3, 3), auto_pad=padding, strides=[2, 2])
    network = g.network(x)
    assert_same(network, samples(network))


Build = Callable[[GraphBuilder, str], str]

# Operators that changed between operator sets, in their older form: (opset, how it is built).
OLDER: dict[str, tuple[int, Build]] = {
    "axes as attributes": (
        11, lambda g, x: g.node("Squeeze", g.node("Unsqueeze", x, axes=[1, 4]), axes=[1]),
    ),
    "softmax over all axes that follow": (11, lambda g, x: g.node("Softmax", x, axis=1)),
    "softmax over the last axes": (11, lambda g, x: g.node("LogSoftmax", x, axis=-2)),
    "sums over axes as attributes": (11, lambda g, x: g.node("ReduceSum", x, axes=[1, -1])),
    "ranges as attributes": (
        9, lambda g, x: g.node("Slice", x, starts=[1, -2], ends=[9, 4], axes=[1, 2]),
    ),
    "bounds as attributes": (10, lambda g, x: g.node("Clip", x, min=-0.5, max=0.25)),
    "one bound": (10, lambda g, x: g.node("Clip", x, min=-0.5)),
    "padding as an attribute": (
        10, lambda g, x: g.node("Pad", x, pads=[0, 0, 1, 2, 0, 1, 0, 1], value=0.5),
    ),
    "reflection": (10, lambda g, x: g.node("Pad", x, pads=[0, 0, 1, 2] * 2, mode="reflect")),
    "pieces as an attribute": (
        11, lambda g, x: g.node("Concat", *pieces(g, x, split=[1, 3]), axis=2),
    ),
    "dropout with its share as an attribute": (10, lambda g, x: g.node("Dropout", x, ratio=0.4)),
    "the k largest": (10, lambda g, x: largest(g, x, 2)),
    "enlarging by attributes": (8, lambda g, x: g.node("Upsample", x, scales=[1.0, 1.0, 2.0, 3.0])),
    "enlarging linearly": (
        9, lambda g, x: g.node("Upsample", x, scaling(g, 2, 2), mode="linear"),
    ),
    "resizing by scales": (10, lambda g, x: g.node("Resize", x, scaling(g, 3, 2))),
    "resizing linearly": (
        10, lambda g, x: g.node("Resize", x, scaling(g, 2, 2), mode="linear"),
    ),
    "means over axes as attributes": (17, lambda g, x: g.node("ReduceMean", x, axes=[-1])),
    "groups with scales of their own": (18, lambda g, x: grouped(g, x, 2)),
}  # fmt: skip


def pieces(g: GraphBuilder, x: str, split: list[int]) -> list[str]:
    names = [f"piece{index}" for index in range(len(split))]
    g.nodes.append(helper.make_node("Split", [x], names, "split", axis=2, split=split))
    return names[::-1]


def largest(g: GraphBuilder, x: str, count: int) -> str:
    node = helper.make_node("TopK", [x, g.ints(count)], ["values", "places"], "topk", axis=2)
    g.nodes.append(node)
    return "values"


def scaling(g: GraphBuilder, *scales: float) -> str:
    return g.constant(np.array([1, 1, *scales], np.float32))


def grouped(g: GraphBuilder, x: str, groups: int) -> str:
    weights = g.weight(groups, low=0.5), g.weight(groups)
    return g.node("GroupNormalization", x, *weights, num_groups=groups)


@pytest.mark.parametrize("form", OLDER)
def test_older_forms_of_operators_give_what_the_runtime_gives(form: str) -> None:
    opset, build = OLDER[form]
    g = GraphBuilder(opset=opset)
    network = g.network(build(g, g.input("batch", 4, 4, 3)))
    assert_same(network, samples(network))


@pytest.mark.parametrize("bits", [4, 8])
def test_weights_stored_in_few_bits_give_what_the_runtime_gives(bits: int) -> None:
    g = GraphBuilder(opset=21)
    network = g.network(g.gemm(g.node("Relu", g.gemm(g.input("batch", 6), 6, 8)), 8, 3))
    weight = network.weights["w0"]
    steps = np.full((1, 8), 0.1, np.float32)
    codes = np.clip(np.rint(weight / steps), -7, 7).astype(np.int8)
    few_bits = stored(network, {"w0": StoredWeight(codes, steps, bits)})
    assert any(node.op_type == "Cast" for node in few_bits.nodes)
    assert_same(few_bits, samples(few_bits))


def test_half_precision_gives_what_the_runtime_gives() -> None:
    g = GraphBuilder()
    x = g.node("Cast", g.input("batch", 3, 6), to=10)
    half = g.constant(g.rng.standard_normal((4, 3, 3)).astype(np.float16) / 3)
    x = g.node("Relu", g.node("Conv", x, half, pads=[1, 1]))
    network = g.network(x)
    assert_same(network, samples(network), tolerance=2e-3)
