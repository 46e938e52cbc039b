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
from tinystudio.solvers.recurrences import Recurrence, shifted_biases
from tinystudio.solvers.scores import Scores, pairs_of, score_reader

Masks = Mapping[tuple[str, int], Array]
Scales = Mapping[tuple[str, int], Array]  # a factor per position that stays, by (weight, axis)


def order_by_obs(
    network: Network,
    group: ChannelGroup,
    known: Mapping[str, Layer],
    moments: Mapping[str, Moments],
    scores: Scores,
    reporter: Reporter,
) -> Order:
    """Return the order of a group's units by the losses of all that reads them.

    `known` has the matrices with `moments` of what they read, by the same names; `scores` what
    products of computed tensors read. A group that nothing of these reads goes by magnitude.
    """
    variances = _variances(network, known, moments, group)
    readers: list[Reader] = [
        item
        for name, variance in variances.items()
        for item in _readers(
            network, known[name], moments[name], group, 1 / _of_node(known, variances, name)
        )
    ]
    if group.products and scores:
        readers.append(score_reader(network, group, pairs_of(group, scores)))
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
    return by_magnitude(slices, group.channels, group.width)


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
    network: Network,
    made: LayerWeights,
    known: Mapping[str, Layer],
    masks: Masks,
    bits: Mapping[str, int],
) -> Rebuilt:
    """Return the weights of every layer that lost columns or is in `bits` (node -> bits)."""
    weights: dict[str, Array] = {}
    shifts: dict[str, Affine] = {}
    codes: dict[str, Array] = {}
    gates: dict[str, Array] = {}
    for name, layer in known.items():
        mask = masks.get((layer.weight, layer.axis))
        mask = None if mask is None or mask.all() else mask
        if mask is None and name not in bits:
            continue
        entry = made.entry(name, mask, bits.get(name))
        weights[layer.weight] = _cut(layer.weight_of(entry.matrices), layer, masks)
        if entry.codes is not None:
            codes[layer.weight] = _cut(layer.weight_of(entry.codes), layer, masks)
        if isinstance(layer, Recurrence):
            gates[name] = entry.shift
        elif layer.op != "ConvTranspose":  # there a row is one place of the kernel, not a channel
            stays = out_channels(layer, masks)
            shifts[name] = Affine(np.ones(int(stays.sum())), entry.shift.ravel()[stays])
    for bias, values in shifted_biases(network, known, gates).items():
        kept = masks.get((bias, 1))
        weights[bias] = values if kept is None else np.compress(kept, values, axis=1)
    return Rebuilt(weights, shifts, codes)


def scaled(weights: Mapping[str, Array], scales: Scales) -> dict[str, Array]:
    """Return the weights that are scaled, by name; `weights` are cut already."""
    changed: dict[str, Array] = {}
    for (name, axis), factors in scales.items():
        weight = changed.get(name, weights[name])
        shape = [-1 if at == axis else 1 for at in range(weight.ndim)]
        changed[name] = weight * factors.reshape(shape).astype(weight.dtype)
    return changed


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


def _variances(
    network: Network,
    known: Mapping[str, Layer],
    moments: Mapping[str, Moments],
    group: ChannelGroup,
) -> dict[str, float]:
    """Return the variance of what every matrix makes that reads units of the group, by name."""
    read = {(slot.weight, slot.axis) for slot in group.consumers}
    nodes = {item.node for item in known.values() if (item.weight, item.axis) in read}
    return {
        name: _variance(item.matrices(network.weights[item.weight]), moments[name])
        for name, item in known.items()
        if item.node in nodes and name in moments
    }


def _variance(matrices: Array, moments: Moments) -> float:
    return sum(
        output_variance(matrix, covariance, moments.variance[block])
        for block, (matrix, covariance) in enumerate(
            zip(matrices, _covariances(matrices, moments), strict=True)
        )
    )


def _covariances(matrices: Array, moments: Moments) -> list[Array | None]:
    if moments.covariance is None:
        return [None] * len(matrices)
    return list(moments.covariance)


def _of_node(known: Mapping[str, Layer], variances: Mapping[str, float], name: str) -> float:
    """Return the variance of a node's output: both matrices of a recurrent layer add to it."""
    return sum(value for n, value in variances.items() if known[n].node == known[name].node)


def _readers(
    network: Network, layer: Layer, moments: Moments, group: ChannelGroup, scale: float
) -> list[Reader]:
    """Return one reader per block that reads any unit; costs are shares of the layer's output."""
    matrices = layer.matrices(network.weights[layer.weight])
    per_unit = [_columns_of(layer, group.consumers, unit) for unit in range(group.channels)]
    found = []
    for block, covariance in enumerate(_covariances(matrices, moments)):
        columns = [item[block] for item in per_unit]
        if len(columns[0]) and len({len(item) for item in columns}) == 1:
            found.append(
                reader(
                    matrices[block],
                    covariance,
                    moments.variance[block],
                    np.stack(columns),
                    scale,
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
