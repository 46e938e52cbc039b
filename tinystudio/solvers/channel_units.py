"""Between groups of channels and the matrices of the layers that read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.reporter import Reporter
from tinystudio.graph.coupling import ChannelGroup, Coupling, Slot
from tinystudio.graph.network import Network
from tinystudio.solvers.absorbing import Affine
from tinystudio.solvers.importance import by_magnitude
from tinystudio.solvers.layer_weights import LayerWeights
from tinystudio.solvers.layers import Layer
from tinystudio.solvers.moments import Moments
from tinystudio.solvers.obs import Order, Reader, output_variance, reader, removal_order

Masks = Mapping[tuple[str, int], Array]


def order_by_obs(
    network: Network,
    group: ChannelGroup,
    known: Mapping[str, Layer],
    moments: Mapping[str, Moments],
    reporter: Reporter,
) -> Order:
    """Return the order of a group's units by the losses of all layers that read them.

    A group that only layers without a matrix read (a recurrent layer, say) goes by magnitude.
    """
    readers = [
        item
        for node, slots in _by_node(group.consumers).items()
        if node in moments
        for item in _readers(network, known[node], moments[node], slots, group.channels)
    ]
    if not readers:
        return order_by_magnitude(network, group)
    return removal_order(readers, group.channels, reporter)


def order_by_magnitude(network: Network, group: ChannelGroup) -> Order:
    """Return the order of a group's units by the norm of the weights that make them."""
    made = group.producers or group.consumers
    slices = [
        (network.weights[slot.weight], slot.axis, positions_of(slot, group.channels))
        for slot in made
    ]
    return by_magnitude(slices, group.channels)


def positions_of(slot: Slot, units: int) -> list[Array]:
    """Return every unit's positions along the slot's axis."""
    return [slot.positions(unit) for unit in range(units)]


def surviving(coupling: Coupling, kept: Mapping[str, Array]) -> dict[tuple[str, int], Array]:
    """Return, per (weight, axis) that is cut, which positions stay."""
    masks: dict[tuple[str, int], Array] = {}
    for group in coupling.groups:
        for slot in group.slots if group.id in kept else ():
            stays = (slot.unit_of < 0) | np.isin(slot.unit_of, kept[group.id])
            key = (slot.weight, slot.axis)
            masks[key] = masks[key] & stays if key in masks else stays
    return masks


@dataclass(frozen=True)
class Rebuilt:
    """Layers whose weights are new, already cut: by weight name, and by node name the shifts
    that keep each layer's mean output. `codes` has the integers of those that are few-bit.
    """

    weights: Mapping[str, Array]
    shifts: Mapping[str, Affine]
    codes: Mapping[str, Array]


def rebuilt(
    made: LayerWeights, known: Mapping[str, Layer], masks: Masks, bits: Mapping[str, int]
) -> Rebuilt:
    """Return the weights of every layer that lost columns or is in `bits` (node -> bits)."""
    weights: dict[str, Array] = {}
    shifts: dict[str, Affine] = {}
    codes: dict[str, Array] = {}
    for name, layer in known.items():
        mask = masks.get((layer.weight, layer.axis))
        mask = None if mask is None or mask.all() else mask
        if mask is None and name not in bits:
            continue
        entry = made.entry(name, mask, bits.get(name))
        weights[layer.weight] = _cut(layer.weight_of(entry.matrices), layer, masks)
        if entry.codes is not None:
            codes[layer.weight] = _cut(layer.weight_of(entry.codes), layer, masks)
        if layer.op != "ConvTranspose":  # there a row is one place of the kernel, not a channel
            stays = out_channels(layer, masks)
            shifts[name] = Affine(np.ones(int(stays.sum())), entry.shift.ravel()[stays])
    return Rebuilt(weights, shifts, codes)


def out_channels(layer: Layer, masks: Masks) -> Array:
    """Return which of a layer's output channels stay, (channels,) bool."""
    rows = masks.get((layer.weight, layer.out_axis), np.ones(layer.shape[layer.out_axis], bool))
    if layer.op != "ConvTranspose":
        return rows
    # Its weight has the outputs of one block only; a depthwise one loses whole blocks.
    inputs = masks.get((layer.weight, layer.axis), np.ones(layer.shape[layer.axis], bool))
    blocks = inputs.reshape(layer.blocks, -1).any(axis=1)
    return np.logical_and.outer(blocks, rows).ravel()


def _cut(weight: Array, layer: Layer, masks: Masks) -> Array:
    for axis in (layer.axis, layer.out_axis):
        if (layer.weight, axis) in masks:
            weight = np.compress(masks[layer.weight, axis], weight, axis=axis)
    return weight


def _by_node(slots: Sequence[Slot]) -> dict[str, list[Slot]]:
    found: dict[str, list[Slot]] = {}
    for slot in slots:
        found.setdefault(slot.node, []).append(slot)
    return found


def _readers(
    network: Network, layer: Layer, moments: Moments, slots: Sequence[Slot], units: int
) -> list[Reader]:
    """Return one reader per block that reads any unit; costs are shares of the layer's output."""
    matrices = layer.matrices(network.weights[layer.weight])
    covariances = [
        None if moments.covariance is None else moments.covariance[i] for i in _count(matrices)
    ]
    total = sum(
        output_variance(matrices[i], covariances[i], moments.variance[i]) for i in _count(matrices)
    )
    per_unit = [_columns_of(layer, slots, unit) for unit in range(units)]
    found = []
    for block in _count(matrices):
        columns = [item[block] for item in per_unit]
        if len(columns[0]) and len({len(item) for item in columns}) == 1:
            found.append(
                reader(
                    matrices[block],
                    covariances[block],
                    moments.variance[block],
                    np.stack(columns),
                    1 / total,
                )
            )
    return found


def _columns_of(layer: Layer, slots: Sequence[Slot], unit: int) -> tuple[Array, ...]:
    mine = [
        slot.positions(unit)
        for slot in slots
        if slot.weight == layer.weight and slot.axis == layer.axis
    ]
    return (
        layer.columns(np.sort(np.concatenate(mine))) if mine else (np.zeros(0, int),) * layer.blocks
    )


def _count(matrices: Array) -> range:
    return range(len(matrices))
