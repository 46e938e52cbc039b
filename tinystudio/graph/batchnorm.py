"""Folding batch normalization into the layer before it: the same function, fewer nodes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper

from tinystudio.core.data import Array
from tinystudio.graph.network import Network, attribute

Vector = NDArray[np.float64]
FOLDABLE = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul"})


def fold_batch_normalization(network: Network) -> Network:
    """Return `network` with every normalization folded that can be; the outputs are equal.

    y = (x - mean) / sqrt(variance + epsilon) * scale + shift is one factor and one offset per
    channel (Ioffe and Szegedy 2015), which a Conv, ConvTranspose, Gemm or MatMul before it can
    take into its weights and bias. Left alone where another node reads the layer's result too,
    or where parameters are computed.
    """
    work = _Work(network, dict(network.weights))
    for node in network.nodes:
        if node.op_type == "BatchNormalization":
            _fold(work, node)
    if not work.replaced:
        return network
    nodes = [work.replaced.get(node.name, node) for node in network.nodes]
    return network.with_nodes([node for node in nodes if node is not None], work.weights)


@dataclass
class _Work:
    """The graph being folded; `replaced` maps node names to their new node, None: gone."""

    network: Network
    weights: dict[str, Array]
    replaced: dict[str, NodeProto | None] = field(default_factory=dict)

    def own(self, name: str, near: NodeProto) -> str:
        """Return `name` if only `near` reads that weight, else a new name for a copy."""
        if len(self.network.consumers(name)) == 1 and list(near.input).count(name) == 1:
            return name
        return self.unused(f"{near.name}/{name}")

    def unused(self, name: str) -> str:
        """Return `name`, or a variation of it that no tensor has."""
        while name in self.weights or self.network.producer(name) is not None:
            name += "_"
        return name


def _fold(work: _Work, norm: NodeProto) -> None:
    change = _change(work.network, norm)
    layer = _layer_before(work.network, norm)
    if change is None or layer is None or layer.name in work.replaced:
        return
    node, addition = layer, None
    if layer.op_type == "Add":
        addition = layer
        found = _matmul_before(work.network, layer)
        if found is None:
            return
        node = found
    folded = _into(work, node, addition, *change)
    if folded is None:
        return
    folded.output[0] = norm.output[0]
    work.replaced[node.name] = folded
    work.replaced[norm.name] = None
    if addition is not None:
        work.replaced[addition.name] = None


def _change(network: Network, norm: NodeProto) -> tuple[Vector, Vector] | None:
    """Return the factor and the offset per channel; None where they are not constant."""
    names = norm.input[1:5]
    several = any(norm.output[1:]) or attribute(norm, "training_mode", 0)
    if several or not attribute(norm, "spatial", 1) or any(n not in network.weights for n in names):
        return None
    scale, shift, mean, variance = (network.weights[n].astype(np.float64) for n in names)
    factor = scale / np.sqrt(variance + attribute(norm, "epsilon", 1e-5))
    return factor, shift - mean * factor


def _layer_before(network: Network, norm: NodeProto) -> NodeProto | None:
    node = network.producer(norm.input[0])
    if node is None or node.domain not in ("", "ai.onnx"):
        return None
    foldable = node.op_type in FOLDABLE or node.op_type == "Add"
    return node if foldable and _only_reader(network, node) else None


def _matmul_before(network: Network, addition: NodeProto) -> NodeProto | None:
    """Return the MatMul to which `addition` adds a constant; None where it does not."""
    if addition.input[1] not in network.weights and addition.input[0] not in network.weights:
        return None
    data = addition.input[0 if addition.input[1] in network.weights else 1]
    node = network.producer(data)
    if node is None or node.op_type != "MatMul" or not _only_reader(network, node):
        return None
    return node


def _only_reader(network: Network, node: NodeProto) -> bool:
    name = node.output[0]
    is_output = any(port.name == name for port in network.outputs)
    return len(network.consumers(name)) == 1 and not is_output


def _into(
    work: _Work, node: NodeProto, addition: NodeProto | None, factor: Vector, offset: Vector
) -> NodeProto | None:
    """Return `node` with factor and offset taken in; None where it cannot."""
    if len(node.input) < 2 or node.input[1] not in work.network.weights:
        return None
    if _outputs(work, node) != len(factor):
        return None  # they do not fit, which onnxruntime will say
    new = NodeProto()
    new.CopyFrom(node)
    match node.op_type:
        case "Conv" | "ConvTranspose":
            return _convolution(work, new, factor, offset)
        case "Gemm":
            return _gemm(work, new, factor, offset)
        case _:
            return _matmul(work, new, addition, factor, offset)


def _outputs(work: _Work, node: NodeProto) -> int:
    shape = work.network.weights[node.input[1]].shape
    match node.op_type:
        case "Conv":
            return int(shape[0])
        case "ConvTranspose":
            return int(shape[1] * attribute(node, "group", 1))
        case "Gemm":
            return int(shape[0 if attribute(node, "transB", 0) else 1])
        case _:
            return int(shape[-1])


def _convolution(work: _Work, node: NodeProto, factor: Vector, offset: Vector) -> NodeProto | None:
    weight = work.network.weights[node.input[1]]
    rest = (1,) * (weight.ndim - 2)
    if node.op_type == "Conv":
        scaled = weight * factor.reshape(-1, 1, *rest)
    else:
        # (c_in, c_out / groups, ...): each group of inputs has output channels of its own.
        groups = attribute(node, "group", 1)
        split = weight.reshape(groups, -1, *weight.shape[1:])
        scaled = (split * factor.reshape(groups, 1, -1, *rest)).reshape(weight.shape)
    before = np.zeros(1)
    if len(node.input) > 2 and node.input[2]:
        if node.input[2] not in work.network.weights:
            return None
        before = work.network.weights[node.input[2]].astype(np.float64)
    _set_weight(work, node, 1, scaled.astype(weight.dtype))
    _set_weight(work, node, 2, (before * factor + offset).astype(weight.dtype))
    return node


def _gemm(work: _Work, node: NodeProto, factor: Vector, offset: Vector) -> NodeProto | None:
    weight = work.network.weights[node.input[1]]
    beta = float(attribute(node, "beta", 1.0))
    before = np.zeros(1)
    if len(node.input) > 2 and node.input[2]:
        if node.input[2] not in work.network.weights:
            return None
        before = work.network.weights[node.input[2]].astype(np.float64) * beta
    per_row = attribute(node, "transB", 0)
    scaled = weight * (factor[:, None] if per_row else factor)
    others = [item for item in node.attribute if item.name != "beta"]
    del node.attribute[:]
    node.attribute.extend(others)
    _set_weight(work, node, 1, scaled.astype(weight.dtype))
    _set_weight(work, node, 2, (before * factor + offset).astype(weight.dtype))
    return node


def _matmul(
    work: _Work, node: NodeProto, addition: NodeProto | None, factor: Vector, offset: Vector
) -> NodeProto | None:
    """A MatMul of rows (n, k) x (k, channels) becomes a Gemm, which has a bias."""
    weight = work.network.weights[node.input[1]]
    rank = work.network.size(node.input[0])
    if weight.ndim != 2 or rank is None or len(rank) != 2:
        return None
    before = np.zeros(1)
    if addition is not None:
        constants = [name for name in addition.input if name in work.network.weights]
        before = work.network.weights[constants[0]].astype(np.float64)
    if before.ndim > 2:
        return None
    gemm = helper.make_node("Gemm", list(node.input), list(node.output), name=node.name)
    _set_weight(work, gemm, 1, (weight * factor).astype(weight.dtype))
    _set_weight(work, gemm, 2, (before * factor + offset).astype(weight.dtype))
    return gemm


def _set_weight(work: _Work, node: NodeProto, index: int, array: Array) -> None:
    """Give `node` this array as its input `index`, under its old name where that is free."""
    if len(node.input) > index and node.input[index]:
        name = work.own(node.input[index], node)
        node.input[index] = name
    else:
        name = work.unused(f"{node.name}/bias")
        del node.input[index:]
        node.input.append(name)
    work.weights[name] = array
