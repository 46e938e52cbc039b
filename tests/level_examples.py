"""Small networks of every kind that has levels, with calibration samples and ready studies."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from tinystudio.core.cache import Cache
from tinystudio.core.data import Array, Samples
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.measure.probing import calibration_of
from tinystudio.solvers.channel_study import ChannelStudy
from tinystudio.solvers.levels import Levels, base_network

sys.path.insert(0, str(Path(__file__).parent / "unit" / "graph"))
from graph_attention import TOKENS, WIDTH, attention, encoder, recurrent, side_by_side
from graph_building import GraphBuilder

COUNT = 96


@dataclass(frozen=True)
class Case:
    """A network, and samples that fit it."""

    network: Network
    samples: Samples

    def levels(self, calibrated: bool = True, small: bool = True) -> Levels:
        """Return the network's levels, with a cache of their own."""
        return levels_of(self.network, self.samples if calibrated else None, small)


def levels_of(network: Network, samples: Samples | None, small: bool = True) -> Levels:
    """Return the levels of a network."""
    base, kept = base_network(network), Cache()
    calibration = calibration_of(base, samples, "test", 512, 0, Silent(), kept)
    study = ChannelStudy(base, calibration, kept, Silent(), 0)
    return Levels(study, base_network(network, small=True) if small else None)


def plain() -> Case:
    g = GraphBuilder(1)
    x = g.node("Relu", g.batchnorm(g.conv(g.input("n", 3, 6, 6), 3, 12, (3, 3)), 12))
    x = g.node("Relu", g.conv(x, 12, 8, (3, 3)))
    return _case(g, g.gemm(_pooled(g, x), 8, 4, transB=1))


def residual() -> Case:
    g = GraphBuilder(2)
    x = g.node("Relu", g.conv(g.input("n", 3, 6, 6), 3, 12, (3, 3)))
    y = g.node("Relu", g.conv(x, 12, 10, (3, 3)))
    x = g.node("Relu", g.node("Add", x, g.conv(y, 10, 12, (3, 3))))
    return _case(g, g.gemm(_pooled(g, x), 12, 4, transB=1))


def depthwise() -> Case:
    g = GraphBuilder(3)
    x = g.node("Relu", g.conv(g.input("n", 3, 6, 6), 3, 16, (3, 3)))
    x = g.node("Relu", g.conv(x, 16, 16, (3, 3), group=16))
    x = g.node("Relu", g.conv(x, 16, 8, (1, 1)))
    return _case(g, g.gemm(_pooled(g, x), 8, 4, transB=1))


def grouped() -> Case:
    g = GraphBuilder(4)
    x = g.node("Relu", g.conv(g.input("n", 3, 6, 6), 3, 12, (3, 3)))
    x = g.node("Relu", g.conv(x, 12, 16, (3, 3), group=2))
    return _case(g, g.gemm(_pooled(g, x), 16, 4, transB=1))


def one_dimensional() -> Case:
    g = GraphBuilder(5)
    x = g.node("Relu", g.conv(g.input("n", 2, 24), 2, 12, (5,), strides=[2]))
    x = g.node("Relu", g.conv(x, 12, 10, (3,)))
    return _case(g, g.gemm(_pooled(g, x, 1), 10, 3, transB=1))


def transposed() -> Case:
    g = GraphBuilder(6)
    x = g.node("Relu", g.conv(g.input("n", 2, 5, 5), 2, 12, (3, 3)))
    x = g.node("Relu", g.conv_transpose(x, 12, 10, (3, 3), strides=[2, 2]))
    return _case(g, g.conv(x, 10, 7, (3, 3)))


def linear() -> Case:
    g = GraphBuilder(7)
    x = g.node("Relu", g.gemm(g.input("n", 10), 10, 24))
    x = g.node("Add", g.node("MatMul", x, g.weight(24, 18)), g.weight(18))
    return _case(g, g.gemm(g.node("Tanh", x), 18, 5, transB=1))


def concatenated() -> Case:
    g = GraphBuilder(8)
    x = g.input("n", 3, 6, 6)
    a, b = g.conv(x, 3, 10, (3, 3)), g.conv(x, 3, 8, (1, 1))
    x = g.node("Relu", g.node("Concat", a, b, axis=1))
    x = g.node("Relu", g.conv(x, 18, 8, (3, 3)))
    return _case(g, g.gemm(_pooled(g, x), 8, 4, transB=1))


def flattened() -> Case:
    g = GraphBuilder(9)
    x = g.node("Relu", g.conv(g.input("n", 2, 4, 4), 2, 8, (3, 3)))
    return _case(g, g.gemm(g.node("Flatten", x), 8 * 16, 5, transB=1))


def two_heads() -> Case:
    g = GraphBuilder(11)
    x = g.node("Relu", g.conv(g.input("n", 2, 5, 5), 2, 12, (3, 3)))
    x = _pooled(g, g.node("Relu", g.conv(x, 12, 16, (3, 3))))
    return Case(g.network(g.gemm(x, 16, 5), g.gemm(x, 16, 6)), noise((2, 5, 5)))


def lstm() -> Case:
    return _recurrent("LSTM", 4)


def gru() -> Case:
    return _recurrent("GRU", 3)


def feed_forward() -> Case:
    """Return tokens looked up in a table, a feed-forward block with a residual, a linear head."""
    g = GraphBuilder(12)
    x = g.node("Gather", g.weight(20, 16), "x")
    y = g.node("Add", g.node("MatMul", x, g.weight(16, 32)), g.weight(32))
    y = g.node("MatMul", g.node("Relu", y), g.weight(32, 16))
    x = g.node("Add", x, y)
    x = g.node("ReduceMean", x, axes=[1], keepdims=0)
    g.input("n", 7)
    tested = _with_integer_input(g, g.gemm(x, 16, 4, transB=1))
    tokens = np.random.default_rng(0).integers(0, 20, (COUNT, 7))
    return Case(tested, Samples((tokens,), None, np.arange(COUNT)))


def attention_alone(form: str) -> Network:
    """Return attention in one of the forms of `graph_attention`, and nothing else."""
    g = GraphBuilder(1)
    return g.network(attention(g, g.input("n", TOKENS, WIDTH), form))


def attending() -> Case:
    """Return an encoder whose heads, places and hidden units can go, and a linear head."""
    g = GraphBuilder(13)
    x = encoder(g, g.input("n", TOKENS, WIDTH), "separate")
    return _case(g, g.gemm(g.node("ReduceMean", x, axes=[1], keepdims=0), WIDTH, 4, transB=1))


def attending_computed() -> Case:
    """Return the same with queries, keys and values in one weight, and shapes computed."""
    g = GraphBuilder(14)
    x = encoder(g, encoder(g, g.input("n", TOKENS, WIDTH), "computed"), "split", "second ")
    return _case(g, g.gemm(g.node("ReduceMean", x, axes=[1], keepdims=0), WIDTH, 4, transB=1))


def both_directions() -> Case:
    """Return two recurrent layers, the first in both directions."""
    g = GraphBuilder(15)
    x = g.node("Transpose", g.input("n", 9, 4), perm=[1, 0, 2])
    states, _ = recurrent(g, x, "GRU", 4, 8, "first", directions=2)
    _, last = recurrent(g, side_by_side(g, states, 8, 2), "LSTM", 16, 8, "second")
    for name in ("w0", "w4"):
        g.weights[name] *= 3  # so that states differ from sample to sample
    return _case(g, g.gemm(g.node("Squeeze", last, g.ints(0)), 8, 12, transB=1))


CASES: Mapping[str, Callable[[], Case]] = {
    made.__name__: made
    for made in (
        plain, residual, depthwise, grouped, one_dimensional, transposed, linear, concatenated,
        flattened, two_heads, lstm, gru, feed_forward, attending, attending_computed,
        both_directions,
    )
}  # fmt: skip


@cache
def case(name: str) -> Case:
    """Return a case, made once."""
    return CASES[name]()


def _case(g: GraphBuilder, output: str) -> Case:
    (shape,) = g.inputs.values()
    sizes = [size for size in shape if isinstance(size, int)]
    return Case(g.network(output), noise(tuple(sizes)))


def noise(shape: tuple[int, ...], count: int = COUNT, seed: int = 0) -> Samples:
    """Return samples whose numbers depend on one another."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(count, *(1 for _ in shape)))
    inputs: Array = (0.5 * common + rng.normal(size=(count, *shape))).astype(np.float32)
    return Samples((inputs,), None, np.arange(count))


def _pooled(g: GraphBuilder, x: str, dims: int = 2) -> str:
    return g.node("ReduceMean", x, axes=list(range(2, 2 + dims)), keepdims=0)


def _recurrent(op: str, gates: int) -> Case:
    g, hidden = GraphBuilder(10), 6
    x = g.node("Transpose", g.input("n", 9, 4), perm=[1, 0, 2])
    w, r = g.weight(1, gates * hidden, 4), g.weight(1, gates * hidden, hidden)
    y = g.node(op, x, w, r, g.weight(1, 2 * gates * hidden), hidden_size=hidden)
    last = g.node("Gather", y, g.constant(np.array(-1, np.int64)), axis=0)
    last = g.node("Squeeze", last, g.ints(0))
    return _case(g, g.gemm(last, hidden, 12, transB=1))


def _with_integer_input(g: GraphBuilder, output: str) -> Network:
    from onnx import TensorProto, helper, numpy_helper

    graph = helper.make_graph(
        g.nodes, "tokens",
        [helper.make_tensor_value_info("x", TensorProto.INT64, ["n", 7])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", 4])],
        [numpy_helper.from_array(array, name) for name, array in g.weights.items()],
    )  # fmt: skip
    opset = [helper.make_opsetid("", 17)]
    return Network.of(helper.make_model(graph, opset_imports=opset, ir_version=8))
