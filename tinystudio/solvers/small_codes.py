"""INT8 networks whose weights are stored in 4 bits: half the file, the same integer kernels.

The codes stand two to a byte behind a Cast to 8 bits, which onnxruntime folds when it loads the
file, before it looks for layers to compute in integers: it then computes as if 8 bits had been
stored. (A 4-bit DequantizeLinear before a convolution has no integer kernel.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from onnx import NodeProto, TensorProto, helper

from tinystudio.core.data import Array
from tinystudio.graph.network import Network, attribute
from tinystudio.solvers.pretending import float_of
from tinystudio.solvers.stored_halves import free_name, names_in
from tinystudio.solvers.stored_weights import (
    SMALL_BITS,
    StoredWeight,
    decoded_by,
    integers,
)

UNSIGNED_ZERO = 8  # of codes from 0 to 15
WORTH = 64  # numbers below which the Cast takes what is saved


def with_small_codes(
    quantized: Network, floats: Network, weights: Mapping[str, StoredWeight]
) -> tuple[Network, tuple[str, ...]]:
    """Return a quantized network with these codes and scales, and the names of those it took.

    `quantized` was made of `floats`. Left as they are: weights that it does not have with one
    scale for each output channel, as of transposed convolutions. Biases are still in steps of the
    scales before, until a training is written back (`pretending.learned`).
    """
    changes, taken = dict[str, Array](), []
    for node in _decoding(quantized):
        name = float_of(quantized, floats, node.output[0])
        weight, codes = weights.get(name), quantized.weights[node.input[0]]
        axis, scale = int(attribute(node, "axis", 1)), quantized.weights[node.input[1]]
        if weight is None or not weight.scale.shape[axis] == weight.scale.size == scale.size:
            continue
        zero = UNSIGNED_ZERO if codes.dtype == np.uint8 else 0
        changes[node.input[0]] = (weight.codes.astype(np.int16) + zero).astype(codes.dtype)
        changes[node.input[1]] = weight.scale.reshape(scale.shape).astype(scale.dtype)
        changes[node.input[2]] = np.full_like(quantized.weights[node.input[2]], zero)
        taken.append(name)
    return quantized.with_weights(changes), tuple(taken)


def narrowed(network: Network) -> Network:
    """Return an INT8 network with the codes of all weights that fit into 4 bits stored so."""
    taken, tensors, casts = names_in(network), list[TensorProto](), list[NodeProto]()
    for node in _decoding(network):
        name = node.input[0]
        codes = network.weights[name]
        signed = codes.dtype == np.int8
        low, high = (-8, 7) if signed else (0, 15)
        is_done = any(cast.output[0] == name for cast in casts)  # two weights may be the same
        if is_done or codes.size < WORTH or codes.min() < low or codes.max() > high:
            continue
        small = free_name(f"~n{len(casts)}", taken)
        tensors.append(integers(small, codes, SMALL_BITS, signed=signed))
        kind = TensorProto.INT8 if signed else TensorProto.UINT8
        casts.append(helper.make_node("Cast", [small], [name], small, to=kind))
    names = [cast.output[0] for cast in casts]
    return decoded_by(network, names, tensors, casts, small=True) if names else network


def _decoding(network: Network) -> Iterator[NodeProto]:
    """Yield the nodes that turn 8-bit matrices and kernels into floats."""
    for node in network.nodes:
        codes = network.weights.get(node.input[0]) if node.op_type == "DequantizeLinear" else None
        if codes is not None and codes.ndim >= 2 and codes.dtype in (np.int8, np.uint8):
            yield node
