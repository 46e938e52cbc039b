"""Which constants of a graph are parameters, and which layer each belongs to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from onnx import NodeProto

from tinystudio.core.data import Array
from tinystudio.graph.decoded_weights import constant_tensors, decoded_weights
from tinystudio.graph.network import Network

# Inputs that hold scales, zero points or plans, by operator; None: all from this one on.
_NO_PARAMETERS: Mapping[str, tuple[int, ...]] = {
    "QuantizeLinear": (1, 2),
    "DequantizeLinear": (1, 2),
    "QLinearConv": (1, 2, 4, 5, 6, 7),
    "QLinearMatMul": (1, 2, 4, 5, 6, 7),
    "ConvInteger": (2, 3),
    "MatMulInteger": (2, 3),
    "DynamicQuantizeMatMul": (2, 3),
    "MatMulIntegerToFloat": (2, 3, 4, 5),
    "MatMulNBits": (2, 3, 4),
    "Resize": (1, 2, 3),
    "Upsample": (1,),
    "Pad": (1, 2, 3),
}
# Operators whose integer inputs are quantized weights.
_QUANTIZED = frozenset(_NO_PARAMETERS) - {"Resize", "Upsample", "Pad", "QuantizeLinear"}
# Operators that carry a weight on to the layer that uses it.
_WRAPPERS = frozenset({"DequantizeLinear", "Cast", "Transpose", "Reshape", "Identity"})
# Layers, whose parameters count even where there is only one number.
_LAYERS = frozenset(
    {
        "Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization", "InstanceNormalization",
        "LayerNormalization", "GroupNormalization", "PRelu", "LSTM", "GRU", "RNN",
    }
)  # fmt: skip


def parameters(network: Network) -> Mapping[str, Array]:
    """Return the weights that count as parameters, by name.

    The rule: floating-point constants and the quantized integers of layers, batch
    normalization's stored mean and variance included. Not counted: scales and zero points,
    shapes, axes, indices and other plans, and single numbers in arithmetic (a division by 8).
    """
    stored = decoded_weights(network)
    codes = {item.codes for item in stored}
    scales = {name for item in stored for name in item.floats}
    return {
        name: network.weights[name]
        for name in network.weights
        if name in codes or (name not in scales and _is_parameter(network, name))
    }


def owner(network: Network, weight: str) -> str | None:
    """Return the node a weight belongs to: its first reader, behind dequantizing and casts."""
    readers = network.consumers(weight)
    decoding = constant_tensors(network)
    while readers and (readers[0].op_type in _WRAPPERS or readers[0].output[0] in decoding):
        behind = network.consumers(readers[0].output[0])
        if not behind:
            break
        readers = behind
    return readers[0].name if readers else None


def stored_bytes(array: Array) -> int:
    """Return the bytes an initializer takes in the file; 4-bit numbers go two to a byte."""
    bits = 4 if "4" in array.dtype.name.removeprefix("u")[:6] and _is_narrow(array) else 0
    return -(-array.size * bits // 8) if bits else int(array.nbytes)


def _is_narrow(array: Array) -> bool:
    return array.dtype.name in ("int4", "uint4", "float4_e2m1fn")


def _reads_codes(network: Network, node: NodeProto) -> bool:
    """Say whether a node takes quantized weights, maybe behind a Cast that widens them."""
    if node.op_type == "Cast":
        return all(reader.op_type in _QUANTIZED for reader in network.consumers(node.output[0]))
    return node.op_type in _QUANTIZED


def _is_parameter(network: Network, name: str) -> bool:
    array = network.weights[name]
    floating = array.dtype.kind == "f" or "float" in array.dtype.name
    for node in network.consumers(name):
        apart = _NO_PARAMETERS.get(node.op_type, ())
        places = [index for index, item in enumerate(node.input) if item == name]
        if not places:  # it is read inside a branch or loop
            return floating and array.size > 1
        if not any(index not in apart for index in places):
            continue
        if floating and (array.size > 1 or node.op_type in _LAYERS):
            return True
        if not floating and node.op_type in _QUANTIZED and np.issubdtype(array.dtype, np.number):
            return True
        if _is_narrow(array) and _reads_codes(network, node):
            return True
    return False
