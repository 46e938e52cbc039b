"""What of a step can be left undone, layer by layer: the ways a diagnosis tries.

A step that treats every layer alike is first written as `layer-levels`, which does the same to
each layer by itself; so that one can be left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.errors import UserError
from tinystudio.graph.coupling import couple
from tinystudio.graph.decoded_weights import decoded_weights
from tinystudio.graph.network import Network
from tinystudio.jobs.recipe import Step
from tinystudio.solvers.int8_islands import int8_able
from tinystudio.solvers.levels import base_network, storable
from tinystudio.solvers.precision import VALUE_BITS, Precision
from tinystudio.solvers.rounding import code_range
from tinystudio.techniques.layer_levels import LayerLevels, LayerLevelsParams, Level

Rows = Mapping[str, Level]
INT8_STEPS = frozenset({"static-quantization"})
LAYERWISE_STEPS = frozenset({"mixed-precision"})
NARROWING_STEPS = frozenset({"channel-pruning"})


@dataclass(frozen=True)
class Undoing:
    """One row of the levels left as it was: all of it, or its activations alone."""

    layer: str
    rows: Rows
    has_bits: bool
    is_int8: bool


def rows_of(step: Step, before: Network, after: Network) -> Rows | None:
    """Return a step as levels of single layers and groups; None where it has no such form."""
    if isinstance(step.params, LayerLevelsParams):
        return step.params.levels
    if step.technique in INT8_STEPS:
        try:
            base = base_network(before)
        except UserError:
            return None
        names = int8_able(base) & storable(base, least=1).keys()
        return {name: Level(bits="w8a8") for name in sorted(names)}
    if step.technique in LAYERWISE_STEPS:
        return _as_stored(base_network(before), after)
    if step.technique in NARROWING_STEPS:
        left = {group.id: group.channels for group in couple(after).groups}
        groups = (group for group in couple(before).groups if group.removable)
        return {
            group.id: Level(keep=left[group.id])
            for group in groups
            if left.get(group.id, group.channels) < group.channels
        }
    return None


def _as_stored(base: Network, after: Network) -> Rows:
    """Return the precision of every layer as it stands in the file."""
    codes = {item.weight: after.weights[item.codes] for item in decoded_weights(after)}
    rows = {}
    for node, names in storable(base).items():
        found = [codes[name] for name in names if name in codes]
        source = None if found else after.producer(after.node(node).input[1])
        if found:
            rows[node] = Level(bits=_precision(found))
        elif source is not None and source.op_type == "DequantizeLinear":
            rows[node] = Level(bits="w8a8")
    return rows


def _precision(codes: Sequence[Array]) -> Precision:
    """Return in how many bits these whole numbers are: 3 bits stand in 4."""
    if any(array.dtype == np.int8 for array in codes):
        return "w8"
    low, high = code_range(VALUE_BITS["w3"])
    wide = np.concatenate([array.astype(np.int64).ravel() for array in codes])
    return "w3" if low <= wide.min() and wide.max() <= high else "w4"


def undoings(rows: Rows) -> tuple[Undoing, ...]:
    """Return every row left undone by itself, bits and channels each."""
    found = []
    for name, row in rows.items():
        rest = {other: item for other, item in rows.items() if other != name}
        if row.bits not in (None, "float"):
            kept = rest | ({name: Level(keep=row.keep)} if row.keep is not None else {})
            found.append(Undoing(name, kept, True, row.bits == "w8a8"))
        if row.keep is not None:
            kept = rest | ({name: Level(bits=row.bits)} if row.bits is not None else {})
            found.append(Undoing(name, kept, False, False))
    return tuple(found)


def without_activations(rows: Rows, layer: str) -> Rows:
    """Return the rows with a layer's activations in float, its weights in 8 bits all the same."""
    return {**rows, layer: Level(keep=rows[layer].keep, bits="w8")}


def step_of(rows: Rows) -> Step:
    """Return the step that makes these levels."""
    plain = {name: row.model_dump() for name, row in rows.items()}
    return Step.of(LayerLevels.id, levels=plain)
