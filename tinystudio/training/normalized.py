"""Batch normalization for the time of a training: put in so that nothing changes, then folded.

A network whose normalization was folded trains worse than one that still has it. Behind every
convolution that lost it a normalization is put whose stored mean and variance are read from
samples, and whose scale and shift undo them: the function stays the same, the training is eased
(Ioffe and Szegedy 2015). `graph.batchnorm.fold_batch_normalization` takes it out again.
"""

from __future__ import annotations

import torch
from onnx import NodeProto, helper
from torch import Tensor

from tinystudio.core.data import Array
from tinystudio.graph.gradients.element_types import as_array
from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.network import Network

EPSILON = 1e-5
PARTS = ("scale", "shift", "mean", "variance")


def with_normalization(network: Network, inputs: tuple[Tensor, ...], batch: int) -> Network:
    """Return `network` with a normalization behind every convolution that has none.

    Statistics are read from `inputs`, one tensor of (n, ...) per input, `batch` samples at once.
    """
    bare = _bare(network)
    if not bare:
        return network
    weights, nodes = dict(network.weights), list[NodeProto]()
    statistics = _statistics(network, bare, inputs, batch)
    for node in network.nodes:
        found = statistics.get(node.output[0])
        if found is None:
            nodes.append(node)
            continue
        made = NodeProto()
        made.CopyFrom(node)
        made.output[0] = _unused(network, f"{node.name}/raw")
        names = [_unused(network, f"{node.name}/{part}") for part in PARTS]
        mean, variance = found
        kind = network.weights[node.input[1]].dtype
        values = ((variance + EPSILON).sqrt(), mean, mean, variance)
        weights |= {name: as_array(v, kind) for name, v in zip(names, values, strict=True)}
        norm = helper.make_node(
            "BatchNormalization", [made.output[0], *names], [node.output[0]],
            name=_unused(network, f"{node.name}/normalized"), epsilon=EPSILON,
        )  # fmt: skip
        nodes += [made, norm]
    return network.with_nodes(nodes, weights)


def _bare(network: Network) -> list[str]:
    """Return what convolutions put out that have weights of their own and no normalization."""
    ends = {port.name for port in network.outputs}
    return [
        node.output[0]
        for node in network.nodes
        if node.op_type == "Conv"
        and node.domain in ("", "ai.onnx")
        and node.output[0] not in ends
        and all(name in network.weights for name in node.input[1:] if name)
        # Folded again, a weight that several layers share would be one for each of them.
        and len(network.consumers(node.input[1])) == 1
        and not any(
            reader.op_type == "BatchNormalization" for reader in network.consumers(node.output[0])
        )
    ]


def _statistics(
    network: Network, tensors: list[str], inputs: tuple[Tensor, ...], batch: int
) -> dict[str, tuple[Tensor, Tensor]]:
    """Return mean and variance of every channel of these tensors, over whole batches.

    Batch by batch, for all activations of all samples at once may not fit into memory.
    """
    module, count = GraphModule(network, trainable=(), outputs=tensors), len(inputs[0])
    places = torch.arange(max(batch, count // batch * batch)).clamp(max=count - 1)
    found: list[list[tuple[Tensor, Tensor]]] = [[] for _ in tensors]
    for some in torch.split(places, batch):
        with torch.no_grad():
            outputs = module(*(item[some] for item in inputs))
        for parts, values in zip(found, outputs, strict=True):
            axes = [axis for axis in range(values.dim()) if axis != 1]
            parts.append((values.mean(axes), values.var(axes, correction=0)))
    return {name: _joined(parts) for name, parts in zip(tensors, found, strict=True)}


def _joined(parts: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """Return mean and variance over batches of one size from those of each."""
    means, variances = (torch.stack(items) for items in zip(*parts, strict=True))
    return means.mean(0), variances.mean(0) + means.var(0, correction=0)


def _unused(network: Network, name: str) -> str:
    taken: dict[str, Array] = dict(network.weights)
    while name in taken or network.producer(name) is not None:
        name += "_"
    return name
