"""Mean and deviation of every layer's output, and what brings them to a target.

One run tells them all: the graph is rewired so that it returns statistics instead of answers.
Given targets, each layer's output is corrected to its target on the spot before it flows on, so
that every layer is measured on repaired inputs.

The factor is (target + e) / (found + e), with e a small share of the layer's mean deviation:
channels that hardly move are left alone instead of being blown up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from tinystudio.core.data import Array
from tinystudio.graph.network import Network
from tinystudio.solvers.absorbing import Affine
from tinystudio.solvers.layers import Layer

SHRINKAGE = 1e-3  # of a layer's mean deviation
LARGEST_FACTOR = 10.0  # beyond it a channel is not the one it was, whatever its deviation
FIRST_OPSET_WITH_AXES_INPUT = 18


@dataclass(frozen=True)
class Statistics:
    """Of one layer's output, over samples and places: mean and deviation, both (channels,)."""

    mean: Array
    deviation: Array

    def take(self, channels: Array) -> Statistics:
        """Return those of the channels that stayed."""
        return Statistics(self.mean[channels], self.deviation[channels])

    def times(self, factor: Array | float) -> Statistics:
        """Return those of channels that are scaled, by one positive factor or one each."""
        return Statistics(self.mean * factor, self.deviation * factor)


def statistics_of(values: Iterable[Array], layer: Layer) -> Statistics:
    """Return the statistics of a layer's output that comes batch by batch."""
    count, total, squares = 0, np.zeros(layer.out_channels), np.zeros(layer.out_channels)
    for batch in values:
        rows = np.moveaxis(batch, layer.channel_axis, -1).reshape(-1, layer.out_channels)
        wide = rows.astype(np.float64)
        count += len(wide)
        total += wide.sum(axis=0)
        squares += np.square(wide).sum(axis=0)
    mean = total / count
    return Statistics(mean, np.sqrt(np.maximum(squares / count - mean**2, 0.0)))


def correction(found: Statistics, target: Statistics) -> Affine:
    """Return the factor and shift that bring `found` to `target`."""
    floor = SHRINKAGE * float(target.deviation.mean()) + 1e-12
    factor = (target.deviation + floor) / (found.deviation + floor)
    factor = np.clip(factor, 1 / LARGEST_FACTOR, LARGEST_FACTOR)
    return Affine(factor, target.mean - found.mean * factor)


def statistics_graph(
    network: Network, repaired: Sequence[Layer], targets: Mapping[str, Statistics] | None = None
) -> bytes:
    """Return a graph that tells mean and deviation of every layer's output over one batch.

    Two outputs per layer, in order: mean, deviation, as (1, channels, 1...). With `targets`
    each output is corrected to its target before it flows on.
    """
    rewriting = _Rewriting(network)
    nodes: list[NodeProto] = []
    by_node = {layer.node: layer for layer in repaired}
    for node in network.nodes:
        copy = NodeProto()
        copy.CopyFrom(node)
        copy.input[:] = [rewriting.renamed.get(name, name) for name in node.input]
        nodes.append(copy)
        if node.name in by_node:
            target = None if targets is None else targets[node.name]
            nodes.extend(rewriting.measuring(by_node[node.name], target))
    return rewriting.model(nodes).SerializeToString()  # type: ignore[no-any-return]  # onnx has no types


class _Rewriting:
    """A copy of the graph in the making."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._constants: list[TensorProto] = []
        self._outputs: list[str] = []
        self.renamed: dict[str, str] = {}

    def measuring(self, layer: Layer, target: Statistics | None) -> list[NodeProto]:
        """Return the nodes that measure a layer's output and, given a target, correct it."""
        out, rank = layer.output, len(self._network.shape(layer.output) or ())
        axes = [axis for axis in range(rank) if axis != layer.channel_axis % rank]
        mean, centred, deviation = f"{out}/mean", f"{out}/centred", f"{out}/deviation"
        wide = f"{out}/wide"
        nodes = [
            helper.make_node("Cast", [out], [wide], to=TensorProto.FLOAT),
            self._reduce(wide, axes, mean),
            helper.make_node("Sub", [wide, mean], [centred]),
            helper.make_node("Mul", [centred, centred], [f"{out}/squares"]),
            self._reduce(f"{out}/squares", axes, f"{out}/variance"),
            helper.make_node("Sqrt", [f"{out}/variance"], [deviation]),
        ]
        self._outputs += [mean, deviation]
        if target is not None:
            nodes += self._correcting(layer, target, rank)
        return nodes

    def model(self, nodes: Sequence[NodeProto]) -> ModelProto:
        """Return the graph with these nodes and what was added for them."""
        model = ModelProto()
        model.CopyFrom(self._network.model)
        del model.graph.node[:]
        del model.graph.output[:]
        model.graph.node.extend(nodes)
        model.graph.initializer.extend(self._constants)
        # onnxruntime infers the types of outputs that come without.
        model.graph.output.extend(helper.ValueInfoProto(name=name) for name in self._outputs)
        return model

    def _correcting(self, layer: Layer, target: Statistics, rank: int) -> list[NodeProto]:
        out = layer.output
        sizes = [1] * rank
        sizes[layer.channel_axis] = -1
        floor = SHRINKAGE * float(target.deviation.mean()) + 1e-12
        goal = self._constant(f"{out}/goal", (target.deviation + floor).reshape(sizes))
        centre = self._constant(f"{out}/centre", target.mean.reshape(sizes))
        small = self._constant(f"{out}/floor", np.array(floor))
        low = self._constant(f"{out}/low", np.array(1 / LARGEST_FACTOR))
        high = self._constant(f"{out}/high", np.array(LARGEST_FACTOR))
        self.renamed[out] = f"{out}/repaired"
        element = helper.np_dtype_to_tensor_dtype(self._network.weights[layer.weight].dtype)
        return [
            helper.make_node("Add", [f"{out}/deviation", small], [f"{out}/found"]),
            helper.make_node("Div", [goal, f"{out}/found"], [f"{out}/ratio"]),
            helper.make_node("Max", [f"{out}/ratio", low], [f"{out}/raised"]),
            helper.make_node("Min", [f"{out}/raised", high], [f"{out}/factor"]),
            helper.make_node("Mul", [f"{out}/centred", f"{out}/factor"], [f"{out}/scaled"]),
            helper.make_node("Add", [f"{out}/scaled", centre], [f"{out}/sum"]),
            helper.make_node("Cast", [f"{out}/sum"], [f"{out}/repaired"], to=element),
        ]

    def _reduce(self, tensor: str, axes: list[int], output: str) -> NodeProto:
        if self._network.opset < FIRST_OPSET_WITH_AXES_INPUT:
            return helper.make_node("ReduceMean", [tensor], [output], axes=axes, keepdims=1)
        name = f"{output}/axes"
        self._constants.append(numpy_helper.from_array(np.array(axes, np.int64), name))
        return helper.make_node("ReduceMean", [tensor, name], [output], keepdims=1)

    def _constant(self, name: str, values: Array) -> str:
        self._constants.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name


def read_statistics(outputs: Sequence[Array], repaired: Sequence[Layer]) -> dict[str, Statistics]:
    """Return what the graph of `statistics_graph` told, by node name."""
    flat = [np.asarray(array, np.float64).ravel() for array in outputs]
    pairs = zip(repaired, flat[::2], flat[1::2], strict=True)
    return {layer.node: Statistics(mean, deviation) for layer, mean, deviation in pairs}
