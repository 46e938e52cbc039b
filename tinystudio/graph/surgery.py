"""Removing channels of coupled groups everywhere at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper

from tinystudio.core.data import Array
from tinystudio.graph.coupling import ChannelCount, Coupling, couple
from tinystudio.graph.network import Network
from tinystudio.graph.sorting import reads

Kept = Mapping[str, NDArray[np.int64]]


def keep_channels(network: Network, kept: Kept) -> Network:
    """Return `network` with only the units `kept` names of each group, in their order.

    `kept` maps group ids to sorted units; groups that it does not name stay whole. Outputs are
    exactly those of the whole network with the removed units zeroed in their consumers, up to
    rounding; where layers are normalized over a group's channels, only near them. Names of
    tensors stay, and of nodes, but that numbers of channels which the graph computes are stated
    and the nodes for it go. Raises ValueError for an unknown or unremovable group, for units that
    are none, unsorted or empty, and where a layer would be left without any
    (`ChannelGroup.complete` adds what is missing).
    """
    coupling = couple(network)
    kept = {name: np.asarray(units, dtype=np.int64) for name, units in kept.items()}
    _check(coupling, kept)
    return _written(network, coupling, kept) if kept else network


def with_plain_counts(network: Network) -> Network:
    """Return `network` with numbers of channels stated, not computed, as cutting writes them.

    Then graphs of all cuts have the same nodes and constants. What it computes stays the same.
    """
    coupling = couple(network)
    computed = any(count.shape is not None for count in coupling.counts)
    if not (computed or coupling.settled or coupling.blanks or coupling.picks):
        return network
    return _written(network, coupling, {})


def _written(network: Network, coupling: Coupling, kept: Kept) -> Network:
    """Return the network cut, with every number of channels that it computes with stated."""
    weights = _cut_weights(network, coupling, kept)
    nodes = {node.name: _copy(node) for node in network.nodes}
    for count in coupling.counts:
        if count.shape is not None or any(item.group in kept for item in count.maps):
            _write_count(count, _remaining(count, kept), nodes[count.node], weights, network)
    for tensor, value in coupling.settled.items():
        maker = network.producer(tensor)
        if maker is not None:
            del nodes[maker.name]  # it makes nothing else
        weights[tensor] = value
    for name, (piece, place) in coupling.picks.items():
        known = network.weights[nodes[name].input[1]]
        nodes[name].input[:] = [piece, f"{name}/place"]
        weights[f"{name}/place"] = np.full(known.shape, place, known.dtype)
    for name, index in coupling.blanks:
        nodes[name].input[index] = ""
    return network.with_nodes(_alive(list(nodes.values()), network), weights)


def _copy(node: NodeProto) -> NodeProto:
    copy = NodeProto()
    copy.CopyFrom(node)
    return copy


def _alive(nodes: list[NodeProto], network: Network) -> list[NodeProto]:
    """Return the nodes without those that only made what is stated now."""
    idle = {n.name for n in network.nodes if not any(network.consumers(o) for o in n.output)}
    outputs = {port.name for port in network.outputs}
    while True:
        read = outputs | {name for node in nodes for name in reads(node)}
        left = [n for n in nodes if n.name in idle or not read.isdisjoint(n.output)]
        if len(left) == len(nodes):
            return nodes
        nodes = left


def _check(coupling: Coupling, kept: Kept) -> None:
    known = {group.id: group for group in coupling.groups}
    for name, units in kept.items():
        if name not in known:
            raise ValueError(f"there is no group '{name}'")
        group = known[name]
        if not group.removable:
            raise ValueError(f"the channels of '{name}' stay: {group.reason}")
        inside = len(units) > 0 and units[0] >= 0 and units[-1] < group.channels
        if not inside or (np.diff(units) <= 0).any():
            raise ValueError(f"'{name}' has units 0..{group.channels - 1}; keep some, in order")
        if len(group.complete(units)) > len(units):
            raise ValueError(f"a layer of '{name}' would lose all its channels; keep one of each")


def _cut_weights(network: Network, coupling: Coupling, kept: Kept) -> dict[str, Array]:
    stays: dict[tuple[str, int], NDArray[np.bool_]] = {}
    for name, units in kept.items():
        for slot in coupling.group(name).slots:
            mask = (slot.unit_of < 0) | np.isin(slot.unit_of, units)
            key = (slot.weight, slot.axis)
            stays[key] = stays[key] & mask if key in stays else mask
    weights = dict(network.weights)
    for (weight, axis), mask in stays.items():
        weights[weight] = np.compress(mask, weights[weight], axis=axis)
    return weights


def _remaining(count: ChannelCount, kept: Kept) -> int:
    mask = np.ones(len(count.maps[0].unit_of), dtype=np.bool_)
    for item in count.maps:
        if item.group in kept:
            mask &= item.kept(kept[item.group])
    return int(mask.sum())


def _write_count(
    count: ChannelCount, number: int, node: NodeProto, weights: dict[str, Array], network: Network
) -> None:
    """Write a number of channels where the graph states it: an attribute or a shape's entry."""
    if count.entry is None:
        _write_attribute(node, count.attribute, number)
        return
    if len(node.input) <= count.input:
        _drop_attribute(node, "num_outputs")  # a Split that states no sizes
        node.input.extend([""] * (count.input + 1 - len(node.input)))
    name = node.input[count.input]
    own = f"{node.name}/shape"
    if name == own and own in weights:
        shape = weights[own].copy()
    elif count.shape is not None:
        shape = np.array(count.shape, dtype=np.int64)
    else:
        shape = weights[name].copy()
    if shape[count.entry] > 0:  # else the entry is open, and finds its size by itself
        shape[count.entry] = number
    if name not in weights or len(network.consumers(name)) > 1:
        name = own
    node.input[count.input] = name
    weights[name] = shape


def _write_attribute(node: NodeProto, name: str, number: int) -> None:
    _drop_attribute(node, name)
    node.attribute.append(helper.make_attribute(name, number))


def _drop_attribute(node: NodeProto, name: str) -> None:
    others = [item for item in node.attribute if item.name != name]
    del node.attribute[:]
    node.attribute.extend(others)
