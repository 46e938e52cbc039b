"""What of a network can be quantized, and why not the rest."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from onnx import NodeProto, version_converter

from tinystudio.core.errors import UserError
from tinystudio.graph.batchnorm import fold_batch_normalization
from tinystudio.graph.decoded_weights import constant_tensors
from tinystudio.graph.network import Network
from tinystudio.solvers.widening import OTHER_FLOATS, can_widen, needs_widening, widened

LINEAR = frozenset({"Gemm", "MatMul"})
CONVOLUTIONS = frozenset({"Conv", "ConvTranspose"})
RECURRENT = frozenset({"LSTM", "GRU", "RNN"})
QUANTIZED = frozenset({
    "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "QLinearConv", "QLinearMatMul",
    "ConvInteger", "MatMulInteger", "MatMulNBits", "QGemm", "DynamicQuantizeMatMul",
})  # fmt: skip

FLOATS = (np.float32, *OTHER_FLOATS)
PER_CHANNEL_OPSET = 13  # DequantizeLinear has an axis since


def weighted(network: Network, operators: Iterable[str]) -> tuple[NodeProto, ...]:
    """Return the nodes of these operators that have float weights of two axes or more."""
    wanted = frozenset(operators)
    return tuple(n for n in network.nodes if n.op_type in wanted and _has_weights(n, network))


def refusal(
    network: Network, operators: Iterable[str] = LINEAR | CONVOLUTIONS
) -> tuple[str, str] | None:
    """Say why no node of these operators can be quantized, and what would help; or None."""
    done = already_quantized(network)
    if done is not None:
        return done
    wanted = frozenset(operators)
    layers = [node for node in network.nodes if node.op_type in wanted]
    if not layers:
        return (
            f"It has no layer that 8 bits would make smaller ({', '.join(sorted(wanted))}).",
            "Choose another technique.",
        )
    if not any(_has_weights(n, network) for n in layers):
        kinds = sorted({str(network.weights[x].dtype) for n in layers for x in _stored(n, network)})
        if kinds:
            return (
                f"Its weights are {', '.join(kinds)}; the quantizer takes floats.",
                "Save the network with float32 weights and open it again.",
            )
        constant = constant_tensors(network)
        if any(name in constant for node in layers for name in node.input):
            return (
                "Its weights are stored in fewer bits already, and turned into floats when loaded.",
                "Start from the network as it was before that.",
            )
        return "The weights of its layers are computed while it runs, not stored in the file.", ""
    return _not_widened(network)


def already_quantized(network: Network) -> tuple[str, str] | None:
    """Say what is quantized in a network, and what would help; None where nothing is."""
    done = sorted({node.op_type for node in network.nodes} & QUANTIZED)
    if not done:
        return None
    return (
        f"It is quantized already: it contains {', '.join(done)}.",
        "Start from the network as it was before quantization.",
    )


def not_in_floats(network: Network) -> tuple[str, str] | None:
    """Say why `in_floats` cannot be had, or would not help: quantized, or not to be rewritten."""
    return already_quantized(network) or _not_widened(network)


def in_floats(network: Network) -> Network:
    """Return `network` in 32-bit floats with batch normalization folded."""
    return fold_batch_normalization(widened(network))


def _not_widened(network: Network) -> tuple[str, str] | None:
    if needs_widening(network) and not can_widen(network):
        return (
            "It is not in 32-bit floats, and has inner graphs (If, Loop) that are not rewritten.",
            "Save the network with float32 weights and open it again.",
        )
    return None


def prepared(network: Network, opset: int = PER_CHANNEL_OPSET) -> Network:
    """Return `network` in 32-bit floats, batch normalization folded, in `opset` or newer.

    Raises `UserError` where the operators cannot be rewritten to the newer set.
    """
    folded = in_floats(network)
    if folded.opset >= opset:
        return folded
    try:
        return Network.of(version_converter.convert_version(folded.model, opset))
    except (version_converter.ConvertError, RuntimeError) as error:
        bits = 8 if opset <= PER_CHANNEL_OPSET else 4
        raise UserError(
            "The network was not quantized",
            f"It is written in operator set {folded.opset}, {bits} bits need {opset}, and it could "
            f"not be rewritten: {str(error).strip().splitlines()[0][:200]}.",
            f"Export the network from its framework again with opset_version={opset} or newer.",
        ) from error


def _has_weights(node: NodeProto, network: Network) -> bool:
    return any(network.weights[name].dtype in FLOATS for name in _stored(node, network))


def _stored(node: NodeProto, network: Network) -> tuple[str, ...]:
    """Return the node's stored matrices and kernels; biases and vectors are none."""
    return tuple(x for x in node.input if x in network.weights and network.weights[x].ndim >= 2)
