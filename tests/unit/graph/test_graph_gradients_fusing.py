"""Nodes that are one layer run as one, with the same outputs and gradients."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from example_networks import run
from graph_building import GraphBuilder
from torch.nn import functional

from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.network import Network

X = torch.linspace(-3, 3, 24).reshape(2, 3, 4)


def number(g: GraphBuilder, value: float) -> str:
    return g.constant(np.array(value, np.float32))


def half_last(g: GraphBuilder, x: str) -> str:
    y = g.node("Erf", g.node("Div", x, number(g, math.sqrt(2))))
    y = g.node("Mul", x, g.node("Add", y, number(g, 1)))
    return g.node("Mul", y, number(g, 0.5))


def half_first(g: GraphBuilder, x: str) -> str:
    y = g.node("Erf", g.node("Mul", x, number(g, math.sqrt(0.5))))
    y = g.node("Add", number(g, 1), y)
    return g.node("Mul", g.node("Mul", number(g, 0.5), x), y)


def steps(network: Network) -> int:
    return len(GraphModule(network)._program.steps)


@pytest.mark.parametrize("write", [half_last, half_first])
def test_gelu_in_five_nodes_is_one_step(write: Callable[[GraphBuilder, str], str]) -> None:
    g = GraphBuilder()
    network = g.network(write(g, g.input("batch", 3, 4)))
    assert steps(network) == 1
    given, wanted = X.clone().requires_grad_(), X.clone().requires_grad_()
    (made,) = GraphModule(network)(given)
    torch.testing.assert_close(made, functional.gelu(wanted))
    made.sum().backward()
    functional.gelu(wanted).sum().backward()
    torch.testing.assert_close(given.grad, wanted.grad)
    np.testing.assert_allclose(made.detach(), run(network, [X.numpy()])[0], atol=1e-6)


def test_what_only_looks_like_gelu_stays_as_it_is() -> None:
    g = GraphBuilder()
    x = g.input("batch", 3, 4)
    y = g.node("Erf", g.node("Div", x, number(g, 1.5)))
    y = g.node("Mul", x, g.node("Add", y, number(g, 1)))
    network = g.network(g.node("Mul", y, number(g, 0.5)))
    assert steps(network) == 5
    np.testing.assert_allclose(GraphModule(network)(X)[0], run(network, [X.numpy()])[0], atol=1e-6)


def test_a_division_of_the_root_by_x_is_no_gelu() -> None:
    g = GraphBuilder()
    x = g.input("batch", 3, 4)
    y = g.node("Erf", g.node("Div", number(g, math.sqrt(2)), x))
    y = g.node("Mul", x, g.node("Add", y, number(g, 1)))
    network = g.network(g.node("Mul", y, number(g, 0.5)))
    np.testing.assert_allclose(GraphModule(network)(X)[0], run(network, [X.numpy()])[0], atol=1e-6)


def test_a_matrix_product_and_its_bias_are_one_step() -> None:
    g = GraphBuilder()
    y = g.node("MatMul", g.input("batch", 3, 4), g.weight(4, 5))
    network = g.network(g.node("Add", g.weight(5), y))
    assert steps(network) == 1
    module = GraphModule(network)
    np.testing.assert_allclose(module(X)[0].detach(), run(network, [X.numpy()])[0], atol=1e-6)
    module(X)[0].sum().backward()
    matrix, bias = (module.weights[name] for name in ("w0", "w1"))
    torch.testing.assert_close(bias.grad, torch.full((5,), 6.0))
    torch.testing.assert_close(matrix.grad, X.sum((0, 1))[:, None].expand(4, 5))


def test_hidden_tensors_that_are_asked_for_are_still_made() -> None:
    g = GraphBuilder()
    hidden = g.node("MatMul", g.input("batch", 3, 4), g.weight(4, 5))
    network = g.network(g.node("Add", g.weight(5), hidden))
    before, after = GraphModule(network, outputs=[hidden, network.outputs[0].name])(X)
    assert before.shape == after.shape == (2, 3, 5)
    assert not torch.equal(before, after)


def test_a_product_that_two_nodes_read_is_made() -> None:
    g = GraphBuilder()
    product = g.node("MatMul", g.input("batch", 3, 4), g.weight(4, 5))
    y = g.node("Add", g.weight(5), product)
    network = g.network(g.node("Mul", y, product))
    assert steps(network) == 3
    with torch.no_grad():
        made = GraphModule(network)(X)[0]
    np.testing.assert_allclose(made, run(network, [X.numpy()])[0], atol=1e-5)
