"""Multiplications with additions that a node does for one sample."""

from __future__ import annotations

import math
from collections.abc import Callable

from onnx import NodeProto

from tinystudio.graph.network import Network, attribute
from tinystudio.graph.sorting import subgraphs


def macs(network: Network, node: NodeProto) -> int | None:
    """Return the multiply-accumulates of `node` with an open batch of 1; None: not known.

    Layers are counted densely, whatever their weights hold; borders count as if the padding
    were data, a transposed convolution as if nothing were cropped. Arithmetic by position,
    pooling and normalization count 0, as is usual.
    """
    if any(True for _ in subgraphs(node)):
        return None
    rule = _RULES.get(node.op_type)
    if rule is not None:
        return rule(network, node)
    foreign = node.domain not in ("", "ai.onnx", "ai.onnx.ml")
    return None if foreign or node.op_type in _UNCOUNTED else 0


def samples_per_run(network: Network) -> int:
    """Return how many samples one run takes: a batch that the graph fixes, else 1.

    A fixed leading size above 1 that all inputs and outputs share is taken for the batch, unless
    another size is open.
    """
    if any(not isinstance(size, int) for port in network.inputs for size in port.shape):
        return 1
    sizes = {port.shape[0] if port.shape else None for port in (*network.inputs, *network.outputs)}
    size = sizes.pop() if len(sizes) == 1 else None
    ranks = [len(port.shape) for port in network.inputs]
    return size if isinstance(size, int) and size > 1 and min(ranks, default=0) > 1 else 1


def _convolution(weight: int) -> Callable[[Network, NodeProto], int | None]:
    """out (n, c_out, ...) x w (c_out, c_in / groups, ...): each output reads one filter."""

    def count(network: Network, node: NodeProto) -> int | None:
        filters = _dims(network, node, weight)
        out = _known(network.size(node.output[0]))
        return None if filters is None or out is None else math.prod(out) * math.prod(filters[1:])

    return count


def _transposed(network: Network, node: NodeProto) -> int | None:
    """x (n, c_in, ...) x w (c_in, c_out / groups, ...): each input writes one filter."""
    data, filters = _dims(network, node, 0), _dims(network, node, 1)
    return None if filters is None or data is None else math.prod(data) * math.prod(filters[1:])


def _gemm(network: Network, node: NodeProto) -> int | None:
    data, out = _dims(network, node, 0), _known(network.size(node.output[0]))
    if data is None or out is None or len(data) != 2:
        return None
    return math.prod(out) * data[0 if attribute(node, "transA", 0) else 1]


def _matmul() -> Callable[[Network, NodeProto], int | None]:
    """(..., m, k) x (..., k, n): k for every element of the result."""

    def count(network: Network, node: NodeProto) -> int | None:
        data, out = _dims(network, node, 0), _known(network.size(node.output[0]))
        if not data or out is None:
            return None
        return math.prod(out) * data[-2 if attribute(node, "transA", 0) else -1]

    return count


def _nbits(network: Network, node: NodeProto) -> int | None:
    data = _dims(network, node, 0)
    return None if data is None else math.prod(data) * int(attribute(node, "N", 0))


def _recurrent(network: Network, node: NodeProto) -> int | None:
    """x (steps, n, features), w (directions, gates x hidden, features), r likewise."""
    data, reads, feeds = (_dims(network, node, index) for index in range(3))
    if data is None or reads is None or feeds is None or len(data) != 3:
        return None
    return data[0] * data[1] * (math.prod(reads) + math.prod(feeds))


def _dims(network: Network, node: NodeProto, index: int) -> tuple[int, ...] | None:
    return _known(network.size(node.input[index])) if len(node.input) > index else None


def _known(shape: tuple[int | None, ...] | None) -> tuple[int, ...] | None:
    if shape is None:
        return None
    known = tuple(size for size in shape if size is not None)
    return known if len(known) == len(shape) else None


_RULES: dict[str, Callable[[Network, NodeProto], int | None]] = {
    "Conv": _convolution(1),
    "FusedConv": _convolution(1),
    "ConvInteger": _convolution(1),
    "QLinearConv": _convolution(3),
    "ConvTranspose": _transposed,
    "Gemm": _gemm,
    "FusedGemm": _gemm,
    "MatMul": _matmul(),
    "FusedMatMul": _matmul(),
    "MatMulInteger": _matmul(),
    "MatMulIntegerToFloat": _matmul(),
    "DynamicQuantizeMatMul": _matmul(),
    "QLinearMatMul": _matmul(),
    "MatMulNBits": _nbits,
    "LSTM": _recurrent,
    "GRU": _recurrent,
    "RNN": _recurrent,
}
# They do multiply, but by rules that are not written here.
_UNCOUNTED = frozenset({"Einsum", "Attention", "DeformConv", "DFT", "STFT", "Det", "If", "Loop"})
