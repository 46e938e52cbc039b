"""What is known about the channels of every tensor while the graph is walked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from onnx import NodeProto

from tinystudio.core.data import Array
from tinystudio.graph.channels.atoms import STAYS, Atoms, Labels
from tinystudio.graph.network import Network
from tinystudio.graph.shapes import Shape

Axes = tuple[Labels | None, ...]  # per axis its channels; None: no channels to follow there
Values = dict[tuple[str, int], Array | None]
Role = Literal["producer", "passer", "consumer"]

OUTPUTS_STAY = "These are the network's outputs, which stay as they are."


@dataclass(frozen=True, eq=False)
class Tie:
    """One axis of a weight that follows channels."""

    node: NodeProto
    weight: str
    axis: int
    labels: Labels
    role: Role


@dataclass(frozen=True, eq=False)
class Count:
    """A number in the graph that says how many channels there are.

    `entry` None: the node's attribute of that name; else that entry of its second or later input
    `input`, a shape or sizes constant. `shape` is the whole new shape (with -1 for the open
    size) where the old one was computed in the graph or left out.
    """

    node: NodeProto
    labels: Labels
    entry: int | None = None
    input: int = 1
    shape: tuple[int, ...] | None = None
    attribute: str = "group"


@dataclass(frozen=True, eq=False)
class Source:
    """A node that makes channels, or one that sums over them."""

    node: NodeProto
    labels: Labels


@dataclass(frozen=True, eq=False)
class Split:
    """A Reshape that splits an axis of channels among several."""

    axes: int
    kept: Labels  # along the new axis that keeps the channels


class Trace:
    """The record of one walk; the rules for operators write into it.

    A position whose channel cannot be removed carries the atom `STAYS`. An axis without any
    channel to follow is None.
    """

    def __init__(
        self,
        network: Network,
        places: Mapping[str, int] | None = None,
        values: Values | None = None,
    ) -> None:
        """Begin a walk. `places`: which new axis keeps the channels that a Reshape splits.

        By node name, counted from the end; all others keep them along the last. `values`: what
        another walk over the same network worked out.
        """
        self.network = network
        self.splits: dict[str, Split] = {}  # by the name of the Reshape
        self.products_met = False  # of two computed tensors
        self.products: list[Labels] = []  # axes that tell the matrices of such products apart
        self.contracted: list[Source] = []  # such products, with the axis that they sum over
        self.averaged: list[Source] = []  # layer normalizations, with the axis they average over
        self.spans: list[Labels] = []  # axes of which some channel must stay
        self.settled: dict[str, Array] = {}  # tensors computed from counts that stay as they are
        self.picked: dict[str, NodeProto] = {}  # what Concats make, of which places are picked
        self.picks: dict[
            str, tuple[str, int]
        ] = {}  # by Gather the piece of it, and its place there
        self.blanks: list[tuple[str, int]] = []  # inputs (node, index) that are but zeros
        # Numbers that the graph computes, by tensor and batch; None: not from shapes alone.
        self.values: Values = {} if values is None else values
        self._places = places or {}
        self.atoms = Atoms()
        self.sources: list[Source] = []
        self.ties: list[Tie] = []
        self.counts: list[Count] = []
        self.walls: dict[str, str] = {}
        self.shape_channels: dict[str, Axes] = {}  # tensors computed from channel counts
        self._axes: dict[str, Axes] = {}

    def axes(self, tensor: str) -> Axes:
        """Return the channels along each axis of a tensor that a node makes."""
        known = self._axes.get(tensor)
        if known is None:
            return (None,) * len(self.size(tensor) or ())
        return known

    def size(self, tensor: str) -> Shape | None:
        """Return a tensor's shape for one sample."""
        return self.network.size(tensor)

    def is_weight(self, tensor: str) -> bool:
        """Say whether a tensor is a constant of the graph."""
        return tensor in self.network.weights

    def constant(self, node: NodeProto, index: int) -> Array | None:
        """Return the constant that is a node's input `index`; None where it is not one."""
        if len(node.input) <= index or not self.is_weight(node.input[index]):
            return None
        return self.network.weights[node.input[index]]

    def follow(self, tensor: str, axes: Axes) -> None:
        """Record the channels of a tensor; of axes with one position there is none to remove."""
        self._axes[tensor] = tuple(
            None if labels is None or len(labels) < 2 or not labels.any() else labels
            for labels in axes
        )

    def has_channels(self, tensor: str) -> bool:
        """Say whether any axis of a tensor is followed."""
        return any(labels is not None for labels in self.axes(tensor))

    def new_channels(self, node: NodeProto, count: int) -> Labels:
        """Return fresh channels that `node` makes."""
        labels = self.atoms.new(count)
        self.sources.append(Source(node, labels))
        return labels

    def join(self, node: NodeProto, left: Labels | None, right: Labels | None) -> Labels | None:
        """Let two axes go together; one without channels, or of another length, makes them stay."""
        if left is None or right is None:
            self.stop(node, left if right is None else right, "it meets channels that stay")
            return None
        if len(left) != len(right):
            for labels in (left, right):
                self.stop(node, labels, "the sizes of what meets there do not fit")
            return None
        self.atoms.join(left, right, _at(node, "it meets channels that stay"))
        return left if left.any() else right

    def stop(self, node: NodeProto, labels: Labels | None, because: str) -> None:
        """Make channels stay at a node: a wall, if there were channels."""
        if labels is not None and labels.any():
            self.atoms.freeze(labels, _at(node, because))
            self.walls.setdefault(node.name, _at(node, because))

    def stop_all(self, node: NodeProto, tensor: str, because: str) -> None:
        """Make every channel of a tensor stay."""
        for labels in self.axes(tensor):
            self.stop(node, labels, because)

    def averages(self, node: NodeProto, labels: Labels | None) -> None:
        """Note that `node` normalizes by the mean of these channels, whichever they are."""
        if labels is not None:
            self.averaged.append(Source(node, labels))

    def tie(self, node: NodeProto, weight: str, axis: int, labels: Labels, role: Role) -> None:
        """Let an axis of a weight follow channels."""
        rank = len(self.network.size(weight) or ())
        self.ties.append(Tie(node, weight, axis % rank, labels, role))

    def columns(self, labels: Labels, groups: int) -> Labels:
        """Let the n-th channels of all `groups` go together, so that groups stay equally wide."""
        return self.rows(labels.reshape(groups, -1), 1, "A channel of its convolution group stays.")

    def rows(self, table: Labels, axis: int, reason: str) -> Labels:
        """Let all channels of a table that have the same place along `axis` go together."""
        lines = np.moveaxis(table, axis, 0).reshape(table.shape[axis], -1).T
        for line in lines[1:]:
            self.atoms.join(lines[0], line, reason)
        return np.where((lines == STAYS).any(axis=0), STAYS, lines[0])

    def split(self, node: NodeProto, table: Labels) -> tuple[int, Labels]:
        """Return which axis of `table`, among which `node` splits channels, keeps them, and how.

        They go in whole rows along the others.
        """
        place = max(table.ndim - self._places.get(node.name, 1), 0)
        kept = self.rows(table, place, "A channel of its row or column stays.")
        self.splits[node.name] = Split(table.ndim, kept)
        return place, kept


def _at(node: NodeProto, because: str) -> str:
    return f"Channels stay at '{node.name}' ({node.op_type}): {because}."
