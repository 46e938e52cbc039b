"""Pretended quantization: codes as in the runtime, gradients straight through."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from example_networks import run
from graph_building import GraphBuilder
from torch import Tensor

from tinystudio.core.data import Array
from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.network import Network

STEP = 0.1


def pretended(
    scale: Array, zero: Array | None = None, axis: int = 1, opset: int = 17
) -> tuple[Network, str]:
    """Return x -> quantized -> dequantized, and the scale's name."""
    g = GraphBuilder(opset=opset)
    scaled = g.constant(scale, "scale")
    more = [] if zero is None else [g.constant(zero, "zero")]
    x = g.input("batch", 3)
    codes = g.node("QuantizeLinear", x, scaled, *more, axis=axis)
    return g.network(g.node("DequantizeLinear", codes, scaled, *more, axis=axis)), scaled


def scalar(value: float) -> Array:
    return np.array(value, np.float32)


X = torch.tensor([[0.23, -0.31, 0.04], [40.0, -40.0, 5.05]])


@pytest.mark.parametrize("zero", [None, np.array(128, np.uint8), np.array(-3, np.int8)])
def test_outputs_are_those_of_the_runtime(zero: Array | None) -> None:
    network, _ = pretended(scalar(STEP), zero)
    np.testing.assert_array_equal(GraphModule(network)(X)[0], run(network, [X.numpy()])[0])


def test_a_scale_per_channel_gives_what_the_runtime_gives() -> None:
    steps = np.array([0.1, 0.5, 0.02], np.float32)
    network, _ = pretended(steps, np.zeros(3, np.int8))
    np.testing.assert_array_equal(GraphModule(network)(X)[0], run(network, [X.numpy()])[0])


def gradients(network: Network, x: Tensor) -> tuple[Tensor, Tensor]:
    module = GraphModule(network, trainable=["scale"])
    given = x.clone().requires_grad_()
    module(given)[0].sum().backward()
    found = module.weights["scale"].grad
    assert given.grad is not None
    assert found is not None
    return given.grad, found


def test_the_gradient_passes_inside_the_range_and_ends_outside() -> None:
    network, _ = pretended(scalar(STEP), np.array(0, np.int8))
    passed, _ = gradients(network, X)
    torch.testing.assert_close(passed, torch.tensor([[1.0, 1.0, 1.0], [0.0, 0.0, 1.0]]))


def test_the_scale_learns_as_a_learned_step_size() -> None:
    network, _ = pretended(scalar(STEP), np.array(0, np.int8))
    _, of_scale = gradients(network, X)
    # Esser et al. 2020, equation 3: round(x / s) - x / s inside the range, else the bound.
    inside = X[(X.abs() < 12.7)] / STEP
    wanted = (inside.round() - inside).sum() + 127 - 128
    torch.testing.assert_close(of_scale, wanted)


def test_codes_that_are_read_as_integers_are_integers() -> None:
    g = GraphBuilder()
    scale, zero = g.constant(scalar(STEP)), g.constant(np.array(0, np.int8))
    network = g.network(g.node("QuantizeLinear", g.input("batch", 3), scale, zero))
    (codes,) = GraphModule(network)(X.clone().requires_grad_())
    assert codes.dtype == torch.int8
    np.testing.assert_array_equal(codes, run(network, [X.numpy()])[0])


def test_a_network_quantized_in_pretence_trains() -> None:
    g = GraphBuilder()
    weight = g.weight(3, 2)
    scale, zero = g.constant(scalar(0.05), "scale"), g.constant(np.array(0, np.int8), "zero")
    codes = g.node("QuantizeLinear", weight, scale, zero)
    weight_back = g.node("DequantizeLinear", codes, scale, zero)
    network = g.network(g.node("MatMul", g.input("batch", 3), weight_back))
    module = GraphModule(network, trainable=[weight, "scale"]).train()
    optimizer = torch.optim.SGD(module.parameters(), 0.3)
    x, wanted = torch.eye(3), torch.tensor([[0.3, -0.4], [0.1, 0.9], [-0.6, 0.2]])
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        loss = ((module(x)[0] - wanted) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 20
    with torch.no_grad():
        np.testing.assert_allclose(
            run(module.network(), [x.numpy()])[0], module.eval()(x)[0], atol=1e-5
        )


def test_gradients_pass_between_floating_types() -> None:
    g = GraphBuilder()
    halved = g.node("Cast", g.input("batch", 3), to=10)
    network = g.network(g.node("CastLike", halved, g.constant(scalar(0))))
    x = X.clone().requires_grad_()
    GraphModule(network)(x)[0].sum().backward()
    torch.testing.assert_close(x.grad, torch.ones_like(X))
