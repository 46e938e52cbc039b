"""A network that computes in half precision; its inputs and outputs keep their types.

What an operator's definition wants as a 32-bit float stays one, with conversions around it, and
so does every node that touches a number beyond 65504, which in half precision is infinite.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from onnx import AttributeProto, NodeProto, TensorProto, defs, helper, numpy_helper

from tinystudio.core.data import Array
from tinystudio.graph.network import Network
from tinystudio.solvers.stored_halves import free_name, names_in, too_large_for_half

_HALF, _FLOAT = TensorProto.FLOAT16, TensorProto.FLOAT
_FIXED = "tensor(float)"  # a place whose type an operator's definition does not leave open
_TYPE_ATTRIBUTES = ("to", "dtype")


def halved(network: Network, overflowing: Collection[str] = ()) -> Network:
    """Return `network` computing in half precision wherever its operators are defined for it.

    `overflowing` names tensors that half precision cannot hold: nodes that touch one stay in
    32-bit floats. Raises ValueError where the type of a tensor is not known (see
    `unknown_types`). The graph has no inner graphs (`widening.can_widen`).
    """
    unknown = unknown_types(network)
    if unknown:
        raise ValueError(f"tensors of unknown type: {', '.join(unknown)}")
    work = _Work(network, frozenset(computing_in_half(network, overflowing)))
    for node in network.nodes:
        work.take(node)
    return network.with_nodes(work.finished(), work.weights)


def computing_in_half(network: Network, overflowing: Collection[str] = ()) -> tuple[str, ...]:
    """Return the nodes that `halved` lets compute in half precision."""
    barred = frozenset(overflowing) | set(too_large_for_half(network))
    return tuple(node.name for node in network.nodes if _can_be_half(network, node, barred))


def unknown_types(network: Network) -> tuple[str, ...]:
    """Return the tensors whose number type is not known."""
    made = (name for node in network.nodes for name in node.output if name)
    return tuple(name for name in made if network.dtype(name) is None)


@dataclass
class _Work:
    """The graph being rewritten; a float tensor has two forms, each made when first asked for.

    `half` names the nodes that compute in half precision. `_native` says which form of a tensor
    its maker gives, and under what name.
    """

    network: Network
    half: frozenset[str]
    nodes: list[NodeProto] = field(default_factory=list)
    weights: dict[str, Array] = field(default_factory=dict)
    _native: dict[str, tuple[int, str]] = field(default_factory=dict)
    _forms: dict[tuple[str, int], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._taken = names_in(self.network)
        self._ends = {port.name for port in self.network.outputs}
        for port in self.network.inputs:
            self._native[port.name] = (_FLOAT, port.name)

    def take(self, node: NodeProto) -> None:
        """Rewrite one node, all that it reads being there."""
        made = NodeProto()
        made.CopyFrom(node)
        halves = self._places_in_half(node)
        for at, name in enumerate(node.input):
            if _is_float(self.network, name):
                made.input[at] = self._form(name, _HALF if ("in", at) in halves else _FLOAT)
        for at, name in enumerate(node.output):
            if ("out", at) in halves and _is_float(self.network, name):
                made.output[at] = self._free(f"{name}/half") if name in self._ends else name
                self._native[name] = (_HALF, made.output[at])
            else:
                self._native[name] = (_FLOAT, name)
        if node.name in self.half:
            _halve_attributes(made)
        self.nodes.append(made)

    def finished(self) -> list[NodeProto]:
        """Return all nodes; outputs come in the types that they had."""
        for name in self._ends:
            if _is_float(self.network, name):
                self._form(name, _FLOAT)
        others = (name for name in self.network.weights if not _is_float(self.network, name))
        self.weights |= {name: self.network.weights[name] for name in others}
        return self.nodes

    def _places_in_half(self, node: NodeProto) -> set[tuple[str, int]]:
        if node.name not in self.half:
            return set()
        return {
            (side, at)
            for side, kinds in _types(_schema(self.network, node), node)
            for at, kind in enumerate(kinds)
            if kind != _FIXED
        }

    def _form(self, name: str, wanted: int) -> str:
        """Return the name of a float tensor in this form."""
        if (name, wanted) not in self._forms:
            of_weight = name in self.network.weights
            made = self._weight(name, wanted) if of_weight else self._cast(name, wanted)
            self._forms[name, wanted] = made
        return self._forms[name, wanted]

    def _weight(self, name: str, wanted: int) -> str:
        values = self.network.weights[name]
        if wanted == _FLOAT:
            self.weights[name] = values
            return name
        own = self._free(f"{name}/half") if self._is_read_as_float(name) else name
        self.weights[own] = values.astype(np.float16)
        return own

    def _cast(self, name: str, wanted: int) -> str:
        kind, given = self._native[name]
        if kind == wanted:
            return given
        word = "half" if wanted == _HALF else "float32"
        is_end = wanted == _FLOAT and name in self._ends
        made = name if is_end else self._free(f"{name}/{word}")
        self.nodes.append(helper.make_node("Cast", [given], [made], made, to=wanted))
        return made

    def _is_read_as_float(self, name: str) -> bool:
        return name in self._ends or any(
            item == name and ("in", at) not in self._places_in_half(node)
            for node in self.network.consumers(name)
            for at, item in enumerate(node.input)
        )

    def _free(self, name: str) -> str:
        return free_name(name, self._taken)


def _can_be_half(network: Network, node: NodeProto, barred: frozenset[str]) -> bool:
    """Say whether every float that a node computes with may be a half instead."""
    if node.domain not in ("", "ai.onnx"):
        return False
    schema = _schema(network, node)
    if any(name in barred for name in (*node.input, *node.output)):
        return False
    names = {"in": node.input, "out": node.output}
    open_types = [
        kind
        for side, kinds in _types(schema, node)
        for name, kind in zip(names[side], kinds, strict=True)
        if kind != _FIXED and _is_float(network, name)
    ]
    allowed = {item.type_param_str: item.allowed_type_strs for item in schema.type_constraints}
    halves = ["tensor(float16)" in allowed.get(kind, ()) for kind in open_types]
    return bool(halves) and all(halves)


def _types(schema: defs.OpSchema, node: NodeProto) -> Iterator[tuple[str, list[str]]]:
    """Yield, for what goes in and what comes out, the type that the definition gives each."""
    for side, places, names in (
        ("in", schema.inputs, node.input),
        ("out", schema.outputs, node.output),
    ):
        yield side, [_place(places, at).type_str for at in range(len(names))]


def _place(
    places: Sequence[defs.OpSchema.FormalParameter], at: int
) -> defs.OpSchema.FormalParameter:
    return places[min(at, len(places) - 1)]  # the last may stand for any number


def _schema(network: Network, node: NodeProto) -> defs.OpSchema:
    return defs.get_schema(node.op_type, network.opset, "")


def _is_float(network: Network, name: str) -> bool:
    if name in network.weights:
        return bool(network.weights[name].dtype == np.float32)
    return bool(name) and network.dtype(name) == np.float32


def _halve_attributes(node: NodeProto) -> None:
    for item in node.attribute:
        if item.name in _TYPE_ATTRIBUTES and item.i == _FLOAT:
            item.i = _HALF
        if item.type == AttributeProto.TENSOR and item.t.data_type == _FLOAT:
            values = numpy_helper.to_array(item.t).astype(np.float16)
            item.t.CopyFrom(numpy_helper.from_array(values))
