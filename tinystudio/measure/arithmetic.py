"""How much of a network's arithmetic runs on 8-bit numbers, and how many bytes it moves."""

from __future__ import annotations

from onnx import NodeProto

from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network

_INTEGER = frozenset(
    {
        "QLinearConv",
        "QLinearMatMul",
        "QGemm",
        "ConvInteger",
        "MatMulInteger",
        "MatMulIntegerToFloat",
        "DynamicQuantizeMatMul",
        "DynamicQuantizeLSTM",
    }
)


def int8_share(network: Network) -> float:
    """Return the share of multiply-accumulates on 8-bit numbers, 0..1.

    Counted are integer operators, and layers both of whose factors come from DequantizeLinear,
    which the runtime fuses. Weights stored in 8 bits before a float layer do not count: it
    computes in float.
    """
    found = facts(network).layers
    total = sum(layer.macs or 0 for layer in found)
    whole = sum(
        layer.macs or 0 for layer in found if _is_integer(network, network.node(layer.name))
    )
    return whole / total if total else 0.0


def moved_bytes(network: Network) -> int:
    """Return the bytes that one sample moves at least: weights once, activations out and in."""
    found = facts(network)
    activations = sum(layer.activation_bytes or 0 for layer in found.layers)
    return found.weight_bytes + 2 * activations


def _is_integer(network: Network, node: NodeProto) -> bool:
    if node.op_type in _INTEGER:
        return True
    makers = [network.producer(name) for name in node.input[:2]]
    return len(makers) == 2 and all(
        maker is not None and maker.op_type == "DequantizeLinear" for maker in makers
    )
