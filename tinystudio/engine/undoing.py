"""What of a step can be left undone, layer by layer: the ways a diagnosis tries.

A step that treats every layer alike is first written as `layer-levels`, which does the same to
each layer by itself; so that one can be left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tinystudio.core.errors import UserError
from tinystudio.graph.coupling import couple
from tinystudio.graph.network import Network
from tinystudio.jobs.recipe import Step
from tinystudio.solvers.int8_islands import int8_able
from tinystudio.solvers.levels import base_network, storable
from tinystudio.techniques.layer_levels import LayerLevels, LayerLevelsParams, Level

Rows = Mapping[str, Level]
INT8_STEPS = frozenset({"static-quantization"})
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
    if step.technique in NARROWING_STEPS:
        left = {group.id: group.channels for group in couple(after).groups}
        groups = (group for group in couple(before).groups if group.removable)
        return {
            group.id: Level(keep=left[group.id])
            for group in groups
            if left.get(group.id, group.channels) < group.channels
        }
    return None


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
