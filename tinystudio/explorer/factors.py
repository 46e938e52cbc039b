"""The search's view of a space: costs and weights of every layer, each by a few levels.

A layer's bytes and microseconds depend on the levels of the groups it reads and makes and on its
own precision; its cost depends on its precision, a group's on its level. All of them add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.explorer.changes import first_rows
from tinystudio.explorer.latency_table import LatencyTable
from tinystudio.explorer.sizing import SizeModel
from tinystudio.explorer.space import Space


@dataclass(frozen=True)
class LayerFactor:
    """One layer: the axes of the groups it reads and makes (-1: none), `costs` (precisions,),
    `size` and `time` (levels read, levels made, precisions) in bytes and microseconds."""

    reads: int
    makes: int
    costs: Array
    size: Array
    time: Array


@dataclass(frozen=True)
class Factors:
    """All layers in order, and the groups' own `costs`, `size`, `time`, each (levels,)."""

    layers: tuple[LayerFactor, ...]
    costs: tuple[Array, ...]
    size: tuple[Array, ...]
    time: tuple[Array, ...]


def factors_of(
    space: Space, costs: Array, sizes: SizeModel, latency: LatencyTable | None
) -> Factors:
    """Return the factors; without a latency table all times are zero."""
    starts, count = first_rows(space), len(space.groups)
    layers = tuple(
        _layer(space, at, costs[starts[count + at] :][: space.sizes[count + at]], sizes, latency)
        for at in range(len(space.layers))
    )
    own = tuple(costs[starts[at] :][: len(group.levels)] for at, group in enumerate(space.groups))
    none = tuple(np.zeros(len(group.levels)) for group in space.groups)
    time = none if latency is None else _joints(space, latency)
    return Factors(layers, own, _passing_bytes(space, sizes), time)


def _layer(
    space: Space, at: int, costs: Array, sizes: SizeModel, latency: LatencyTable | None
) -> LayerFactor:
    axis = space.layers[at]
    reads, makes = space.axes_of(at)
    size = sizes.layer_bytes(space, at)
    shape = (
        len(space.groups[reads].levels) if reads >= 0 else 1,
        len(space.groups[makes].levels) if makes >= 0 else 1,
        len(axis.precisions),
    )
    time = np.zeros(shape) if latency is None else _layer_us(space, at, latency, shape)
    return LayerFactor(reads, makes, costs, np.broadcast_to(size, shape), time)


def _layer_us(space: Space, at: int, latency: LatencyTable, shape: tuple[int, int, int]) -> Array:
    """Return a layer's times by its precisions; what the table does not know takes none."""
    axis = space.layers[at]
    try:
        known = latency.layer_us(axis.node)
        segment = latency.segment(axis.node)
    except KeyError:
        return np.zeros(shape)
    kinds = known[..., [int(precision == "w8a8") for precision in axis.precisions]]
    if not segment.reads and segment.makes is not None and segment.makes in axis.reads:
        kinds = kinds.transpose(1, 0, 2)  # it reads what it makes: one axis for both
    if len(segment.reads) > 1:
        rows = np.linspace(0, kinds.shape[0] - 1, shape[0]).round().astype(int)
        kinds = kinds[rows]
    return np.asarray(np.broadcast_to(kinds, shape))


def _joints(space: Space, latency: LatencyTable) -> tuple[Array, ...]:
    """Return what handing over in float costs, by the level of the group that is handed over."""
    time = [np.zeros(len(group.levels)) for group in space.groups]
    for layer in space.layers:
        joint = latency.joint(layer.node)
        at = None if joint is None else space.group_index.get(joint.group or "")
        if at is not None:
            time[at] += latency.joint_us(layer.node)[:, 0, 0]
    return tuple(time)


def _passing_bytes(space: Space, sizes: SizeModel) -> tuple[Array, ...]:
    """Return what each group's level takes beside the layers' own tables.

    Biases and other constants of no layer's precision, and weights of layers that follow the
    group besides those that they read and make (heads, say).
    """
    found = []
    for at, group in enumerate(space.groups):
        choices = np.repeat(space.original[None], len(group.levels), axis=0)
        choices[:, at] = np.arange(len(group.levels))
        found.append(sizes.passing_bytes(space, choices).astype(np.float64))
    for layer in range(len(space.layers)):
        for at in sizes.beside(space, layer):
            found[at] += sizes.beside_bytes(space, layer, at)
    return tuple(values - values.min() for values in found)
