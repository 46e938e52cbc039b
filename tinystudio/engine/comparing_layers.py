"""Layers of several variants side by side: what each takes in time and bytes, and how it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from onnx import NodeProto

from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Part, Reporter
from tinystudio.graph.facts import LayerFacts, facts
from tinystudio.graph.network import Network, attribute
from tinystudio.jobs.comparison import OTHERS, OTHERS_OP, LayerCell, LayerRow, RuntimeNode
from tinystudio.measure.feeding import one_call
from tinystudio.measure.runtime_nodes import CORES, RunNode, runtime_nodes

SEED = 0  # of the numbers that are fed where there is no data
_INTEGER = ("QLinear", "QGemm", "Integer", "DynamicQuantize", "MatMulNBits", "QAttention")
_RECURRENT = frozenset({"LSTM", "GRU", "RNN"})


def layer_rows(
    original: Network, networks: Sequence[Network], samples: Samples | None, reporter: Reporter
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the parts of a `Comparison` that are about layers, and why some are not known."""
    sides, why = [], ""
    for at, network in enumerate((original, *networks)):
        part = Part(reporter, at / (len(networks) + 1), (at + 1) / (len(networks) + 1))
        part.progress(0, 1, "Timing layers")
        found, why = _runtime(network, samples, part, why)
        sides.append(_Side(network, found))
    rows = rows_of(sides[0])
    told = [side.cells(rows) for side in sides[1:]]
    names = list(dict.fromkeys((*rows, *(name for cells in told for name in cells))))
    if OTHERS in names:
        names.remove(OTHERS)
        names.append(OTHERS)
    found_rows = tuple(
        LayerRow(
            name=name, op=_op(name, sides), members=rows.get(name, ()),
            cells=tuple(cells.get(name) for cells in told),
        )
        for name in names
    )  # fmt: skip
    parts: dict[str, Any] = {"layers": found_rows, "totals_us": tuple(s.total for s in sides[1:])}
    return parts, ({"layers": why} if why else {})


def _runtime(
    network: Network, samples: Samples | None, reporter: Reporter, why: str
) -> tuple[list[RunNode], str]:
    """Return what the runtime makes of a network, or why that is not known."""
    try:
        return runtime_nodes(network, one_call(network.data, samples, SEED), reporter), why
    except UserError as error:
        return [], f"The layers were not timed: {error.detail}"


def rows_of(side: _Side) -> dict[str, tuple[str, ...]]:
    """Return the original's nodes as its runtime groups them, by the node that computes."""
    groups = [node.nodes for node in side.runtime if node.nodes]
    if not groups:
        groups = [(node.name,) for node in side.network.nodes]
    return {side.core(group).name: group for group in groups}


@dataclass(frozen=True)
class _Side:
    """One network and what its runtime makes of it."""

    network: Network
    runtime: list[RunNode]

    @property
    def total(self) -> float | None:
        """Return the time of one call, in microseconds."""
        return sum(node.time_us for node in self.runtime) if self.runtime else None

    def core(self, names: Sequence[str]) -> NodeProto:
        """Return which of these nodes computes: the first known to, or the last with weights."""
        nodes = [self.network.node(name) for name in names]
        for node in nodes:
            if node.op_type in CORES:
                return node
        weighted = [node for node in nodes if self._facts[node.name].parameters]
        plain = [node for node in nodes if "~" not in node.name]
        return (weighted or plain or nodes)[0]

    @cached_property
    def _facts(self) -> Mapping[str, LayerFacts]:
        return {layer.name: layer for layer in facts(self.network).layers}

    def cells(self, rows: Mapping[str, tuple[str, ...]]) -> dict[str, LayerCell]:
        """Return this network's layers by the row they belong to, or by a name of their own."""
        row_of = {node: row for row, members in rows.items() for node in members}
        runs: dict[str, list[RunNode]] = {}
        nodes: dict[str, list[str]] = {}
        for item in self.runtime or self._one_by_one():
            row = self._row(item, row_of)
            runs.setdefault(row, []).append(item)
            nodes.setdefault(row, []).extend(item.nodes)
        return {row: self._cell(row, found, nodes[row]) for row, found in runs.items()}

    def _one_by_one(self) -> list[RunNode]:
        return [RunNode(node.name, node.op_type, 0.0, (node.name,)) for node in self.network.nodes]

    def _row(self, item: RunNode, row_of: Mapping[str, str]) -> str:
        if not item.nodes:
            return OTHERS
        core = self.core(item.nodes)
        for name in (core.name, *item.nodes):
            row = counterpart(name, row_of)
            if row is not None:
                return row
        return core.name if self._facts[core.name].parameters else OTHERS

    def _cell(self, row: str, runs: list[RunNode], nodes: list[str]) -> LayerCell:
        known = self._facts
        size = sum(known[name].weight_bytes for name in nodes)
        is_there = row != OTHERS and bool(nodes)
        core = self.core([row] if row in known else nodes) if is_there else None
        return LayerCell(
            time_us=sum(item.time_us for item in runs) if self.runtime else None,
            size_bytes=size,
            precision="" if core is None else self._precision(core, nodes, runs),
            channels=None if core is None else self._channels(core),
            nodes=tuple(nodes),
            runtime=tuple(
                RuntimeNode(name=i.name, op=i.op, time_us=i.time_us, nodes=i.nodes) for i in runs
            ) if self.runtime else (),
        )  # fmt: skip

    def _channels(self, core: NodeProto) -> int | None:
        if not self._facts[core.name].parameters:
            return None
        if core.op_type in _RECURRENT:
            return int(attribute(core, "hidden_size", 0)) or None
        shape = self.network.size(core.output[0])
        if shape is None or len(shape) < 2:
            return None
        return shape[1 if core.op_type.startswith("Conv") else -1]

    def _precision(self, core: NodeProto, nodes: list[str], runs: list[RunNode]) -> str:
        if any(word in item.op for item in runs for word in _INTEGER):
            return "INT8"
        stored = self._stored(core, nodes)
        if not stored:
            return ""
        widest = max(stored, key=lambda array: array.size).dtype
        if widest.kind == "f":
            return widest.name
        bits = 4 if "4" in widest.name else widest.itemsize * 8
        return f"{bits}-bit weights"

    def _stored(self, core: NodeProto, nodes: list[str]) -> list[Array]:
        """Return the constants that a layer's nodes read, but for plans and single numbers."""
        names = {name for node in nodes for name in self.network.node(node).input}
        return [
            array for name in names
            if name in self.network.weights and (array := self.network.weights[name]).size > 1
            and array.dtype != np.int64
        ]  # fmt: skip


def counterpart(name: str, row_of: Mapping[str, str]) -> str | None:
    """Return the row of the original's node that a variant's node comes from, by its name."""
    if name in row_of:
        return row_of[name]
    for sign in ("/", "_"):
        parts = name.split(sign)
        for count in range(len(parts) - 1, 0, -1):
            if (base := sign.join(parts[:count])) in row_of:
                return row_of[base]
    return None


def _op(name: str, sides: Sequence[_Side]) -> str:
    if name == OTHERS:
        return OTHERS_OP
    for side in sides:
        if any(node.name == name for node in side.network.nodes):
            return str(side.network.node(name).op_type)
    return ""
