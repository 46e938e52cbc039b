"""Networks whose gradients are tested: recurrent, a transformer, with normalization."""

from __future__ import annotations

from typing import Any

import numpy as np
from graph_building import GraphBuilder

from tinystudio.graph.network import Network


def convolutional(seed: int = 0) -> Network:
    """Return conv - batch normalization - relu, twice, pooled into a linear layer."""
    g = GraphBuilder(seed)
    x = g.input("batch", 3, 8, 8)
    x = g.node("Relu", g.batchnorm(g.conv(x, 3, 8, (3, 3)), 8))
    x = g.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = g.node("Relu", g.batchnorm(g.conv(x, 8, 8, (3, 3)), 8))
    x = g.node("Flatten", g.node("GlobalAveragePool", x))
    return g.network(g.gemm(x, 8, 4, transB=1))


def recurrent(operator: str, direction: str = "forward", **attributes: Any) -> Network:
    """Return an LSTM, GRU or RNN over (time, batch, 5), its last state into a linear layer."""
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[operator]
    ways = 2 if direction == "bidirectional" else 1
    g = GraphBuilder(1)
    x = g.input(6, "batch", 5)
    weights = [
        g.weight(ways, gates * 7, 5), g.weight(ways, gates * 7, 7), g.weight(ways, 2 * gates * 7),
    ]  # fmt: skip
    y = g.node(operator, x, *weights, hidden_size=7, direction=direction, **attributes)
    last = g.node("Gather", y, g.constant(np.array(-1)), axis=0)
    joined = g.node("Reshape", g.node("Transpose", last, perm=[1, 0, 2]), g.ints(0, -1))
    return g.network(g.gemm(joined, ways * 7, 3, transB=1))


def transformer() -> Network:
    """Return one encoder: two heads, GELU, layer normalization, shapes worked out in the graph."""
    width, heads = 8, 2
    g = GraphBuilder(2)
    x = g.input("batch", 5, width)
    y = _normalized(g, x, width)
    q, k, v = (_heads(g, g.node("MatMul", y, g.weight(width, width)), heads) for _ in range(3))
    scores = g.node("MatMul", q, g.node("Transpose", k, perm=[0, 1, 3, 2]))
    scores = g.node("Div", scores, g.constant(np.array(2, np.float32)))
    mixed = g.node("MatMul", g.node("Softmax", scores, axis=-1), v)
    mixed = g.node("Transpose", mixed, perm=[0, 2, 1, 3])
    batch = g.node("Gather", g.node("Shape", x), g.ints(0))
    sizes = g.node("Concat", batch, g.ints(-1, width), axis=0)
    mixed = g.node("Reshape", mixed, sizes)
    x = g.node(
        "Add", x, g.node("Add", g.node("MatMul", mixed, g.weight(width, width)), g.weight(width))
    )
    y = g.node("MatMul", _normalized(g, x, width), g.weight(width, 16))
    y = g.node(
        "Mul", y, g.node("Sigmoid", g.node("Mul", y, g.constant(np.array(1.702, np.float32))))
    )
    x = g.node("Add", x, g.node("MatMul", y, g.weight(16, width)))
    return g.network(g.gemm(g.node("ReduceMean", x, axes=[1], keepdims=0), width, 3))


def _normalized(g: GraphBuilder, x: str, width: int) -> str:
    return g.node("LayerNormalization", x, g.weight(width, low=0.5), g.weight(width), axis=-1)


def _heads(g: GraphBuilder, x: str, heads: int) -> str:
    return g.node("Transpose", g.node("Reshape", x, g.ints(0, 0, heads, -1)), perm=[0, 2, 1, 3])
