"""What peers do by hand: channels by L1 norm, round to nearest, torch modules to ONNX and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from torch import nn

from tinystudio.core.data import Array
from tinystudio.graph.coupling import ChannelGroup
from tinystudio.graph.network import Network
from tinystudio.solvers.layers import layers
from tinystudio.solvers.levels import scaled_axes, storable
from tinystudio.solvers.rounding import code_range, rounded
from tinystudio.solvers.stored_weights import StoredWeight, stored

Scale = Literal["largest", "least squares"]  # the largest weight is the last code; or best fit


def by_l1(network: Network, group: ChannelGroup) -> Array:
    """Return a group's units by the L1 norm of the weights that make them, the largest first."""
    norms = np.zeros(group.channels)
    for slot in group.producers or group.consumers:
        weight = np.moveaxis(network.weights[slot.weight], slot.axis, 0)
        rows = np.abs(weight.reshape(len(weight), -1)).sum(axis=1)
        norms += [float(rows[slot.positions(unit)].sum()) for unit in range(group.channels)]
    return np.argsort(-norms, kind="stable")


def widths(
    network: Network, groups: tuple[ChannelGroup, ...], shares: Mapping[str, float]
) -> dict[str, Array]:
    """Return the units that stay, sorted, when each group keeps a share by L1 norm."""
    kept = {}
    for group in groups:
        count = max(1, round(group.channels * shares[group.id]))
        units = group.complete(np.sort(by_l1(network, group)[:count]))
        if len(units) < group.channels:
            kept[group.id] = units
    return kept


def to_nearest(network: Network, bits: Mapping[str, int], scale: Scale) -> Network:
    """Return `network` with these nodes' weights rounded to nearest, a scale per output channel.

    They are stored as TinyStudio stores them, so that bytes can be compared.
    """
    known, found = layers(network), dict[str, StoredWeight]()
    for node, names in storable(network).items():
        for name in names if bits.get(node, 32) < 32 else ():
            weight = network.weights[name]
            spans = scaled_axes(known.get(node), weight.ndim)
            found[name] = _nearest(weight, spans, bits[node], scale)
    return stored(network, found)


def _nearest(weight: Array, spans: tuple[int, ...], bits: int, scale: Scale) -> StoredWeight:
    axes = tuple(axis for axis in range(weight.ndim) if axis not in spans)
    if scale == "largest":
        low, high = code_range(bits)
        step = np.maximum(np.abs(weight).max(axis=axes, keepdims=True), 1e-12) / high
        codes = np.clip(np.rint(weight / step), low, high)
        return StoredWeight(codes.astype(np.int8), step, bits)
    moved = weight.transpose(*spans, *axes)
    rows = moved.reshape(int(np.prod(moved.shape[: len(spans)])), -1)
    done = rounded(rows[None], None, bits)
    back = np.argsort((*spans, *axes))
    codes = done.values.reshape(moved.shape).transpose(*back)
    steps = done.scales.reshape(*moved.shape[: len(spans)], *(1,) * len(axes)).transpose(*back)
    return StoredWeight(codes, steps, bits)


def fitted(module: nn.Module, network: Network) -> nn.Module:
    """Return `module` with the weights of an ONNX network by name, whatever their shapes are."""
    for name, old in [*module.named_parameters(), *module.named_buffers()]:
        if name.endswith("num_batches_tracked"):
            continue
        owner_name, _, own = name.rpartition(".")
        owner = module.get_submodule(owner_name)
        new = torch.from_numpy(_weight(network, name).copy())
        if isinstance(old, nn.Parameter):
            setattr(owner, own, nn.Parameter(new))
        else:
            owner.register_buffer(own, new)
        if isinstance(owner, nn.modules.conv._ConvNd) and own == "weight":
            owner.out_channels = new.shape[0]
            owner.groups = new.shape[0] if owner.groups > 1 else 1
            owner.in_channels = new.shape[1] * owner.groups
    return module.eval()


def written(module: nn.Module, network: Network) -> Network:
    """Return an ONNX network of the same shapes with the weights of `module`."""
    state = {name: value.detach().numpy() for name, value in module.state_dict().items()}
    found = {}
    for name in network.weights:
        if name in state:
            found[name] = state[name]
        elif _torch_name(name) in state:
            found[name] = np.ascontiguousarray(state[_torch_name(name)].T)
    return network.with_weights(found)


def _weight(network: Network, name: str) -> Array:
    """Return a weight by its torch name; where the writer transposed it, turned back."""
    if name in network.weights:
        return network.weights[name]
    return np.ascontiguousarray(network.weights[name.removesuffix("weight") + "out"].T)


def _torch_name(name: str) -> str:
    return name.removesuffix("out") + "weight" if name.endswith(".out") else ""
