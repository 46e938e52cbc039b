"""Lays out what can be chosen in a network, from its groups, its layers and the hardware's step."""

from __future__ import annotations

import math

from tinystudio.explorer.space import GroupAxis, LayerAxis, Space
from tinystudio.graph.coupling import ChannelGroup, Coupling
from tinystudio.solvers.allocation import Rounding
from tinystudio.solvers.levels import Levels, storable
from tinystudio.solvers.precision import Precision
from tinystudio.solvers.quantizable import LINEAR

# Shares of a group's channels; what a layer can spare differs by far more than evenly spaced
# levels would show, hence the close ones at the lower end.
SHARES = (1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.1875, 0.125, 0.0625, 0.03125)
# Transposed convolutions have no integer kernel in onnxruntime.
INT8_LAYERS = LINEAR | {"Conv"}
FEWEST = 2  # units that a group keeps at least
FINEST = 4  # channels: below the hardware's step only the file becomes smaller


def space_of(levels: Levels, step: int) -> Space:
    """Return the space of a network; `step` is how many channels the processor takes at once."""
    study = levels.study
    network, coupling = study.network, study.coupling
    groups = tuple(
        GroupAxis(id=group.id, title=group.title, levels=group_levels(group, step))
        for group in study.groups
    )
    few = storable(network)
    int8 = study.calibration is not None
    axes = tuple(
        LayerAxis(
            node=node.name,
            op=node.op_type,
            reads=_of(coupling, node.name, "consumers"),
            makes=next(iter(_of(coupling, node.name, "producers", "passers")), None),
            precisions=_precisions(node.op_type, levels.small is not None, int8),
        )
        for node in network.nodes
        if node.name in few
    )
    return Space(groups=groups, layers=axes)


def group_levels(group: ChannelGroup, step: int) -> tuple[int, ...]:
    """Return how many units may stay, descending: multiples of the step's half, finer low down.

    Half a step runs no faster than a whole one but makes a smaller file.
    """
    units = group.channels
    step //= math.gcd(step, group.block)  # heads are whole steps each
    fewest = max(FEWEST, len({tuple(part.tolist()) for part in group.parts}))  # one of each part
    coarse = Rounding(max(step // 2, 1), FEWEST)
    fine = Rounding(min(FINEST, max(step // 2, 1)), FEWEST)
    found = {
        (coarse if share * units >= step else fine).nearest(units, share * units)
        for share in SHARES
    }
    return tuple(sorted((count for count in found if count >= fewest), reverse=True)) or (units,)


def _of(coupling: Coupling, node: str, *roles: str) -> tuple[str, ...]:
    """Return the removable groups in which a node has one of these roles."""
    return tuple(
        group.id
        for group in coupling.groups
        if group.removable
        and any(slot.node == node for role in roles for slot in getattr(group, role))
    )


def _precisions(op: str, small: bool, int8: bool) -> tuple[Precision, ...]:
    found: list[Precision] = ["float", "w8"]
    if small:
        found += ["w4", "w3"]
    if int8 and op in INT8_LAYERS:
        found.append("w8a8")
    return tuple(found)
