"""Do a layer's weights have the sizes and settings that its operator takes.

ONNX's own inference lets some of it pass, and onnxruntime finds out only when it runs.
"""

from __future__ import annotations

from collections.abc import Callable

from onnx import NodeProto

from tinystudio.core.errors import UserError
from tinystudio.graph.network import Network, attribute

AGAIN = "Export the model again, or choose another file."


def check_layers(network: Network, title: str) -> None:
    """Raise `UserError`, naming the node, where a weight does not fit its operator."""
    for node in network.nodes:
        rule = _RULES.get(node.op_type) if node.domain in ("", "ai.onnx") else None
        wrong = rule(network, node) if rule is not None else None
        if wrong is not None:
            raise UserError(title, f"Node '{node.name}' ({node.op_type}): {wrong}.", AGAIN)


def _convolution(network: Network, node: NodeProto) -> str | None:
    shape = _constant(network, node, 1)
    if shape is None:
        return None
    groups = attribute(node, "group", 1)
    if len(shape) < 3 or 0 in shape:
        return f"a weight of the sizes {_words(shape)} is none of a convolution"
    if not 1 <= groups <= shape[0] or shape[0] % groups:
        return f"{shape[0]} channels cannot be parted into {groups} groups"
    inputs = shape[0] if node.op_type == "ConvTranspose" else shape[1] * groups
    outputs = shape[1] * groups if node.op_type == "ConvTranspose" else shape[0]
    given = network.size(node.input[0])
    if given is not None and (len(given) != len(shape) or given[1] not in (None, inputs)):
        return f"a weight of the sizes {_words(shape)} does not fit its input"
    bias = _constant(network, node, 2)
    fits = bias in (None, (outputs,))
    return None if fits else f"a bias of the sizes {_words(bias or ())} for {outputs} channels"


def _product(network: Network, node: NodeProto) -> str | None:
    shape = _constant(network, node, 1)
    if any(attribute(node, name, 0) not in (0, 1) for name in ("transA", "transB")):
        return "it is neither transposed nor not"
    if shape is None:
        return None
    if len(shape) != 2:
        return f"a weight of the sizes {_words(shape)} is no matrix"
    outputs = shape[0 if attribute(node, "transB", 0) else 1]
    bias = _constant(network, node, 2)
    fits = not bias or (len(bias) <= 2 and bias[-1] in (1, outputs))
    return None if fits else f"a bias of the sizes {_words(bias or ())} for {outputs} outputs"


def _normalization(network: Network, node: NodeProto) -> str | None:
    given = network.size(node.input[0])
    channels = given[1] if given is not None and len(given) > 1 else None
    for index in range(1, 5):
        shape = _constant(network, node, index)
        if shape is None:
            continue
        channels = shape[0] if channels is None and len(shape) == 1 else channels
        if shape != (channels,):
            return f"parameters of the sizes {_words(shape)} for {channels} channels"
    return None


def _constant(network: Network, node: NodeProto, index: int) -> tuple[int, ...] | None:
    """Return the sizes of an input that is a weight, and None for one that is computed."""
    name = node.input[index] if index < len(node.input) else ""
    return tuple(network.weights[name].shape) if name in network.weights else None


def _words(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "a single number"


_RULES: dict[str, Callable[[Network, NodeProto], str | None]] = {
    "Conv": _convolution,
    "ConvTranspose": _convolution,
    "Gemm": _product,
    "BatchNormalization": _normalization,
}
