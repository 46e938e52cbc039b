"""Random networks of many forms, for properties that must hold for all of them."""

from __future__ import annotations

from collections.abc import Callable

from graph_building import GraphBuilder
from hypothesis import strategies as st

from tinystudio.graph.network import Network

Block = Callable[[GraphBuilder, str, int, int, int], tuple[str, int]]


def plain(g: GraphBuilder, x: str, c: int, width: int, dims: int) -> tuple[str, int]:
    y = g.conv(x, c, width, (3,) * dims)
    return g.node("Relu", g.batchnorm(y, width)), width


def with_prelu(g: GraphBuilder, x: str, c: int, width: int, dims: int) -> tuple[str, int]:
    return g.prelu(g.conv(x, c, width, (3,) * dims), width, dims), width


def residual(g: GraphBuilder, x: str, c: int, width: int, dims: int) -> tuple[str, int]:
    y = g.node("Relu", g.conv(x, c, width, (3,) * dims))
    y = g.batchnorm(g.conv(y, width, c, (3,) * dims), c)
    return g.node("Relu", g.node("Add", x, y)), c


def depthwise(g: GraphBuilder, x: str, c: int, width: int, dims: int) -> tuple[str, int]:
    times = 1 + width % 2
    y = g.conv(x, c, c * times, (3,) * dims, group=c)
    y = g.node("HardSwish", g.batchnorm(y, c * times))
    return g.conv(y, c * times, width, (1,) * dims), width


def grouped(g: GraphBuilder, x: str, c: int, width: int, dims: int) -> tuple[str, int]:
    groups = 2
    y, even = g.conv(x, c, 2 * width, (1,) * dims), 2 * width
    y = g.conv(y, even, even, (3,) * dims, group=groups)
    return g.node("Sigmoid", y), even


def transposed(g: GraphBuilder, x: str, c: int, width: int, dims: int) -> tuple[str, int]:
    y = g.conv_transpose(x, c, 2 * width, (3,) * dims)
    y = g.conv_transpose(y, 2 * width, 2 * width, (3,) * dims, group=2)
    return g.conv_transpose(y, 2 * width, 2 * width, (3,) * dims, group=2 * width), 2 * width


def branches(g: GraphBuilder, x: str, c: int, width: int, dims: int) -> tuple[str, int]:
    a, b = g.conv(x, c, width, (1,) * dims), g.conv(x, c, width + 1, (3,) * dims)
    y = g.node("Concat", a, x, b, axis=1)
    return g.batchnorm(y, 2 * width + 1 + c), 2 * width + 1 + c


def dense(g: GraphBuilder, x: str, c: int, width: int, dims: int) -> tuple[str, int]:
    y = g.node("Concat", x, g.conv(x, c, width, (3,) * dims), axis=1)
    z = g.node("Add", y, g.conv(y, c + width, c + width, (1,) * dims))
    return z, c + width


def excited(g: GraphBuilder, x: str, c: int, width: int, dims: int) -> tuple[str, int]:
    s = g.node("GlobalAveragePool", x)
    s = g.node("Relu", g.conv(s, c, width, (1,) * dims))
    s = g.node("Sigmoid", g.conv(s, width, c, (1,) * dims))
    return g.node("Mul", x, s), c


def shuffled(g: GraphBuilder, x: str, c: int, width: int, dims: int) -> tuple[str, int]:
    y = g.conv(x, c, 2 * width, (1,) * dims)
    y = g.node("Reshape", y, g.ints(0, 2, width, *SPATIAL[:dims]))
    y = g.node("Transpose", y, perm=[0, 2, 1, *range(3, 3 + dims)])
    return g.node("Reshape", y, g.ints(0, 2 * width, *SPATIAL[:dims])), 2 * width


SPATIAL = (4, 3, 2)
BLOCKS: tuple[Block, ...] = (
    plain, with_prelu, residual, depthwise, grouped, transposed, branches, dense, excited, shuffled,
)  # fmt: skip


def head(g: GraphBuilder, x: str, c: int, dims: int, kind: str) -> str:
    area = 1
    for size in SPATIAL[:dims]:
        area *= size
    match kind:
        case "pooled":
            y = g.node("ReduceMean", x, axes=list(range(2, 2 + dims)), keepdims=0)
            return g.gemm(y, c, 5)
        case "flat":
            return g.gemm(g.node("Flatten", x), c * area, 5, transB=1)
        case "reshaped":
            y = g.node("Reshape", x, g.ints(-1, c * area))
            y = g.node("MatMul", y, g.weight(c * area, 6))
            y = g.node("Relu", g.node("Add", y, g.weight(6)))
            return g.gemm(y, 6, 5, transB=1)
        case _:
            y = g.node("Transpose", x, perm=[0, *range(2, 2 + dims), 1])
            y = g.node("Add", g.node("MatMul", y, g.weight(c, 7)), g.weight(1, 7))
            return g.node("MatMul", g.node("Erf", y), g.weight(7, 3))


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Draw a network of one to four blocks over one, two or three axes of space."""
    g = GraphBuilder(draw(st.integers(0, 1000)))
    dims = draw(st.integers(1, 3))
    x, c = g.input("batch", 2, *SPATIAL[:dims]), 2
    width = draw(st.integers(2, 5))
    x, c = plain(g, x, c, width, dims)
    for block in draw(st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=4)):
        x, c = block(g, x, c, draw(st.integers(2, 4)), dims)
    kind = draw(st.sampled_from(["pooled", "flat", "reshaped", "tokens"]))
    return g.network(head(g, x, c, dims, kind))
