"""What can be chosen in a network: channels per coupled group, precision per layer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from tinystudio.solvers.precision import Precision

Choice = NDArray[np.int16]  # (axes,): the chosen level of every group, then of every layer


class GroupAxis(BaseModel):
    """A coupled group: how many of its units may stay; `levels` descend from all of them."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    levels: tuple[int, ...]

    @property
    def units(self) -> int:
        """Return how many units there are."""
        return self.levels[0]


class LayerAxis(BaseModel):
    """A layer with weights: in which precision it may be; `precisions[0]` is "float".

    `reads` names the groups whose channels come in, `makes` the group whose channels go out;
    groups whose channels stay are in neither.
    """

    model_config = ConfigDict(frozen=True)

    node: str
    op: str
    reads: tuple[str, ...]
    makes: str | None
    precisions: tuple[Precision, ...]


class Space(BaseModel):
    """Every recipe of a network that the layer database answers for.

    A choice is one level index per group followed by one precision index per layer; all zeros
    is the original.
    """

    model_config = ConfigDict(frozen=True)

    groups: tuple[GroupAxis, ...]
    layers: tuple[LayerAxis, ...]

    @property
    def original(self) -> Choice:
        """Return the choice that leaves everything as it is."""
        return np.zeros(len(self.groups) + len(self.layers), np.int16)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Return how many levels each axis has."""
        groups = (len(group.levels) for group in self.groups)
        return (*groups, *(len(layer.precisions) for layer in self.layers))

    def axes_of(self, layer: int) -> tuple[int, int]:
        """Return the axes of the first group that a layer reads and the one it makes, or -1.

        One axis serves for both where they are the same.
        """
        axis = self.layers[layer]
        reads = self.group_index[axis.reads[0]] if axis.reads else -1
        makes = self.group_index[axis.makes] if axis.makes is not None else -1
        return reads, -1 if makes == reads else makes

    @cached_property
    def group_index(self) -> Mapping[str, int]:
        """Return the axis of each group."""
        return {group.id: index for index, group in enumerate(self.groups)}

    @cached_property
    def layer_index(self) -> Mapping[str, int]:
        """Return the axis of each layer."""
        first = len(self.groups)
        return {layer.node: first + index for index, layer in enumerate(self.layers)}

    def kept(self, choice: Choice) -> dict[str, int]:
        """Return how many units each group keeps."""
        return {
            group.id: group.levels[int(level)]
            for group, level in zip(self.groups, choice, strict=False)
        }

    def precisions(self, choice: Choice) -> dict[str, Precision]:
        """Return each layer's precision."""
        rest = choice[len(self.groups) :]
        return {
            layer.node: layer.precisions[int(index)]
            for layer, index in zip(self.layers, rest, strict=True)
        }

    def with_bits(self, choice: Choice, *wanted: Precision) -> Choice:
        """Return a choice with every layer in the first of these precisions that it can have.

        What can have none of them gets floats.
        """
        found = choice.copy()
        for at, layer in enumerate(self.layers, len(self.groups)):
            known = (layer.precisions.index(bits) for bits in wanted if bits in layer.precisions)
            found[at] = next(known, 0)
        return found

    def choice(self, kept: Mapping[str, int], precisions: Mapping[str, Precision]) -> Choice | None:
        """Return the choice that keeps so many units in these precisions; what is not named stays.

        None where a count or precision is not one of the levels.
        """
        found = self.original
        for name, count in kept.items():
            at = self.group_index.get(name)
            if at is None or count not in self.groups[at].levels:
                return None
            found[at] = self.groups[at].levels.index(count)
        for node, precision in precisions.items():
            at = self.layer_index.get(node)
            if at is None or precision not in self.layers[at - len(self.groups)].precisions:
                return None
            found[at] = self.layers[at - len(self.groups)].precisions.index(precision)
        return found
