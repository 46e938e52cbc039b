"""How many bytes a download of a file costs, and how many of its weights are not zero."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from onnx import NodeProto

from tinystudio.core.data import Array
from tinystudio.graph.decoded_weights import decoded_weights
from tinystudio.graph.network import Network, attribute
from tinystudio.graph.parameters import parameters

# Files up to so many bytes -> zstd level. Level 19 is what a release would be packed with, but it
# takes seconds from a few megabytes on; on weights the lower levels end within a few percent.
_LEVELS = ((4 << 20, 19), (64 << 20, 9))
_LOWEST_LEVEL = 3

# Operators with quantized weights: where the weight and its zero point stand, and the axis of a
# zero point per channel.
_ZERO_POINTS: Mapping[str, tuple[int, int, int]] = {
    "DequantizeLinear": (0, 2, 1),
    "QLinearConv": (3, 5, 0),
    "QLinearMatMul": (3, 5, -1),
    "QGemm": (3, 5, -1),
    "ConvInteger": (1, 3, 0),
    "MatMulInteger": (1, 3, -1),
    "MatMulIntegerToFloat": (1, 5, -1),
    "DynamicQuantizeMatMul": (1, 3, -1),
}


def download_bytes(data: bytes) -> int:
    """Return the bytes of a file after zstd: level 19 up to 4 MiB, 9 up to 64 MiB, then 3.

    Here zeros and repeated values count, which they do not in the file itself.
    """
    import zstandard

    return len(zstandard.ZstdCompressor(level=zstd_level(len(data))).compress(data))


def zstd_level(size_bytes: int) -> int:
    """Return the zstd level that a file of this size is packed with."""
    return next((level for limit, level in _LEVELS if size_bytes <= limit), _LOWEST_LEVEL)


def nonzero_parameters(network: Network) -> int:
    """Return how many parameters are not zero; a quantized one is zero at its zero point."""
    tables = {item.codes: item.table for item in decoded_weights(network) if item.table}
    return sum(
        _looked_up(array, network.weights[tables[name]])
        if name in tables
        else _nonzeros(network, name, array)
        for name, array in parameters(network).items()
    )


def _looked_up(codes: Array, table: Array) -> int:
    """Count the codes, (groups, n) or any shape, whose value in the table is not zero."""
    values = np.atleast_2d(table != 0)
    places = codes.astype(np.int64).reshape(len(values), -1)
    return int(np.count_nonzero(np.take_along_axis(values, places, axis=1)))


def _nonzeros(network: Network, name: str, array: Array) -> int:
    return int(np.count_nonzero(np.asarray(array != zero_of(network, name), dtype=bool)))


def zero_of(network: Network, name: str) -> Array:
    """Return the stored number that stands for zero in a weight, in a shape that spreads over it.

    0, or where the weight is quantized with zero points that are constants, those.
    """
    array = network.weights[name]
    for node in network.consumers(name):
        place, zero, axis = _ZERO_POINTS.get(node.op_type, (0, 0, 0))
        has_zero = 0 < zero < len(node.input) and node.input[place] == name
        if has_zero and node.input[zero] in network.weights:
            return _spread(network.weights[node.input[zero]], array.shape, node, axis)
    return np.zeros((), array.dtype)


def _spread(zeros: Array, shape: tuple[int, ...], node: NodeProto, axis: int) -> Array:
    """Bring zero points of the whole weight, of channels or of blocks to its number of axes."""
    if zeros.size == 1:
        return zeros.reshape(())
    axis = attribute(node, "axis", axis) if node.op_type == "DequantizeLinear" else axis
    block = attribute(node, "block_size", 0)
    if block:
        axis %= len(shape)
        return np.repeat(zeros, block, axis=axis).take(np.arange(shape[axis]), axis=axis)
    if zeros.ndim == 1:
        sizes = [1] * len(shape)
        sizes[axis] = zeros.size
        return zeros.reshape(sizes)
    return zeros
