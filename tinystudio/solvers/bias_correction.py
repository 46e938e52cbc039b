"""Biases that take back what rounding the weights does to a layer's mean output.

Rounded weights W + D change a layer's output by D x, on average D E[x]: taken off the bias, the
mean of every channel is what it was (Banner, Nahshan and Soudry, NeurIPS 2019; Nagel, van Baalen,
Blankevoort and Welling, ICCV 2019). The inputs are those of the float network, so that every
layer is corrected for its own weights alone and no correction is made twice.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from onnx import NodeProto

from tinystudio.core.data import Array
from tinystudio.graph.network import Network
from tinystudio.solvers.absorbing import Affine, absorb
from tinystudio.solvers.calibration import Probe
from tinystudio.solvers.layers import Layer, layers
from tinystudio.solvers.statistics import statistics_of


def weight_changes(network: Network, rounded: Network) -> dict[str, Array]:
    """Return, by node name, rounded weights minus weights of every layer that has a bias to take
    the correction; `rounded` reads its weights through DequantizeLinear."""
    found = {}
    for node, layer in layers(network).items():
        weight = _dequantized(rounded, node)
        if weight is None or not _has_place(network, layer):
            continue
        change = weight - network.weights[layer.weight]
        if change.any():
            found[node] = change.astype(np.float32)
    return found


def mean_shifts(network: Network, changes: Mapping[str, Array], probe: Probe) -> dict[str, Affine]:
    """Return what to add to each layer's output so that its mean stays; costs one run."""
    known = layers(network)
    if not changes:
        return {}
    outputs = {node: f"~corrects/{node}" for node in changes}
    beside = _with_changes_beside(network, changes, outputs)
    sums = {node: _Mean(known[node], name) for node, name in outputs.items()}
    for batch in probe.stream(beside, list(outputs.values())):
        for total in sums.values():
            total.add(batch)
    return {node: Affine(np.ones(len(total.mean)), -total.mean) for node, total in sums.items()}


def corrected(network: Network, shifts: Mapping[str, Affine]) -> Network:
    """Return `network` with the shifts in its biases."""
    return absorb(network, shifts, layers(network))


class _Mean:
    """The mean of a tensor per channel, batch by batch."""

    def __init__(self, layer: Layer, tensor: str) -> None:
        self._layer, self._tensor = layer, tensor
        self._count, self._total = 0, np.zeros(layer.out_channels)

    def add(self, batch: Mapping[str, Array]) -> None:
        """Take in one batch."""
        values = batch[self._tensor]
        self._count += len(values)
        self._total += len(values) * statistics_of([values], self._layer).mean

    @property
    def mean(self) -> Array:
        """Return the mean so far."""
        return self._total / max(self._count, 1)


def _with_changes_beside(
    network: Network, changes: Mapping[str, Array], outputs: Mapping[str, str]
) -> Network:
    """Return the network with one more node per layer: the change of its weights, without bias."""
    nodes, weights = list(network.nodes), dict(network.weights)
    for name, change in changes.items():
        node = NodeProto()
        node.CopyFrom(network.node(name))
        weights[f"{outputs[name]}/weight"] = change
        node.input[1] = f"{outputs[name]}/weight"
        del node.input[2:]
        node.output[:] = [outputs[name]]
        node.name = outputs[name]
        nodes.append(node)
    return network.with_nodes(nodes, weights)


def _dequantized(rounded: Network, node: str) -> Array | None:
    """Return the weights a layer of the rounded network computes with; None: it is not rounded."""
    reader = rounded.producer(rounded.node(node).input[1])
    if reader is None or reader.op_type != "DequantizeLinear":
        return None
    constants = [rounded.weights.get(name) for name in reader.input]
    if any(item is None for item in constants):
        return None
    codes, scale, zero = (np.asarray(item) for item in constants)
    shape = [1] * codes.ndim
    if scale.ndim:
        axis = next((item.i for item in reader.attribute if item.name == "axis"), 1)
        shape[axis] = -1
    wide = codes.astype(np.float64) - zero.astype(np.float64).reshape(shape)
    return np.asarray(wide * scale.astype(np.float64).reshape(shape))


def _has_place(network: Network, layer: Layer) -> bool:
    """Say whether a shift fits into a bias, without a node more that would need a range."""
    if layer.op != "MatMul":
        return True
    nothing = Affine(np.ones(layer.out_channels), np.zeros(layer.out_channels))
    made = absorb(network, {layer.node: nothing}, {layer.node: layer})
    return len(made.nodes) == len(network.nodes)
