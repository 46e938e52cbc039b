"""Weights stored as few-bit integers and a scale, computed with as floats.

A weight w becomes  w = Cast(codes) x scale,  both constants of the graph: runtimes fold the two
nodes when they load the file, so it is small on disk and as fast as before. (A DequantizeLinear
in their place is not folded by onnxruntime and costs time at every call: 2.1 times on a chain of
four convolutions.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from tinystudio.core.data import Array
from tinystudio.graph.network import Network

INT4_OPSET = 21
INT4_IR = 10
SMALL_BITS = 4


@dataclass(frozen=True)
class StoredWeight:
    """`codes` in the weight's shape; `scale` spreads over it; `bits` of the values."""

    codes: Array
    scale: Array
    bits: int


@dataclass(frozen=True)
class StoredNames:
    """What the tensors and nodes of one stored weight are called: short, since a tiny network's
    file is half names otherwise. `mark` keeps them apart from the network's own.
    """

    number: int
    mark: str = ""

    @property
    def codes(self) -> str:
        """Return the name of the integers."""
        return f"~q{self.number}{self.mark}"

    @property
    def scale(self) -> str:
        """Return the name of the scales."""
        return f"~s{self.number}{self.mark}"

    @property
    def wide(self) -> str:
        """Return the name of the integers as floats, and of the node that makes them."""
        return f"~f{self.number}{self.mark}"

    @property
    def product(self) -> str:
        """Return the name of the node that makes the weight."""
        return f"~w{self.number}{self.mark}"

    @property
    def table(self) -> str:
        """Return the name of the values that codes choose from."""
        return f"~t{self.number}{self.mark}"

    @property
    def picked(self) -> str:
        """Return the name of the values chosen, and of the node that looks them up."""
        return f"~p{self.number}{self.mark}"

    @property
    def shape(self) -> str:
        """Return the name of the shape that looked up values are brought into."""
        return f"~d{self.number}{self.mark}"

    @property
    def all(self) -> frozenset[str]:
        """Return every name."""
        found = (self.codes, self.scale, self.wide, self.product)
        return frozenset((*found, self.table, self.picked, self.shape))


def stored(
    network: Network,
    weights: Mapping[str, StoredWeight],
    numbers: Mapping[str, int] | None = None,
) -> Network:
    """Return `network` with these weights stored as codes and scales; names of tensors stay.

    `numbers` tells the weights apart in the names of what is added (default: their order here).
    Codes of up to 4 bits stand two to a byte, which needs operator set 21.
    """
    if not weights:
        return network
    tensors: list[TensorProto] = []
    nodes: list[NodeProto] = []
    given = {name: at for at, name in enumerate(weights)} if numbers is None else numbers
    mark = free_mark(network, given.values())
    for name, weight in weights.items():
        names = StoredNames(given[name], mark)
        element = helper.np_dtype_to_tensor_dtype(network.weights[name].dtype)
        scale = weight.scale.astype(network.weights[name].dtype)
        tensors.append(integers(names.codes, weight.codes, weight.bits, signed=True))
        tensors.append(numpy_helper.from_array(scale, names.scale))
        nodes += _decoding(name, names, element)
    small = any(weight.bits <= SMALL_BITS for weight in weights.values())
    return decoded_by(network, weights.keys(), tensors, nodes, small=small)


def decoded_by(
    network: Network,
    weights: Collection[str],
    tensors: Iterable[TensorProto],
    nodes: Iterable[NodeProto],
    *,
    small: bool,
) -> Network:
    """Return `network` whose `weights` are made by `nodes`, of `tensors` that are new.

    `small`: there are 4-bit numbers among them.
    """
    model = ModelProto()
    model.CopyFrom(network.model)
    kept = [item for item in model.graph.initializer if item.name not in weights]
    del model.graph.initializer[:]
    model.graph.initializer.extend([*kept, *tensors])
    rest = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*nodes, *rest])
    if small:
        model.ir_version = max(model.ir_version, INT4_IR)
    return Network.of(model)


def codes_of(weight: Array, codes: Array, axes: tuple[int, ...]) -> Array:
    """Return the scale, spread over `weight`, with which `codes` come nearest to `weight`.

    `weight` is codes times one number per slice along the other axes than `axes` (a repair may
    have multiplied it since), so the fit is exact up to rounding.
    """
    wide = codes.astype(np.float64)
    power = np.square(wide).sum(axis=axes, keepdims=True)
    scale = (weight * wide).sum(axis=axes, keepdims=True) / np.where(power > 0, power, 1.0)
    return np.asarray(np.where(power > 0, scale, 1.0))


def integers(name: str, values: Array, bits: int, *, signed: bool) -> TensorProto:
    """Return whole numbers of up to 8 bits as a tensor; up to 4 bits go two to a byte."""
    kind = np.int8 if signed else np.uint8
    if bits > SMALL_BITS:
        return numpy_helper.from_array(np.ascontiguousarray(values, kind), name)
    flat = np.ascontiguousarray(values, kind).ravel()
    if len(flat) % 2:
        flat = np.append(flat, kind(0))
    pairs = (flat & 0xF).astype(np.uint8).reshape(-1, 2)
    packed = (pairs[:, 0] | (pairs[:, 1] << 4)).tobytes()
    element = TensorProto.INT4 if signed else TensorProto.UINT4
    return helper.make_tensor(name, element, values.shape, packed, raw=True)


def decoding_bytes(name: str, names: StoredNames, element: int = TensorProto.FLOAT) -> int:
    """Return the bytes that the two nodes of a stored weight take in a file."""
    return sum(2 + node.ByteSize() for node in _decoding(name, names, element))


def _decoding(name: str, names: StoredNames, element: int) -> list[NodeProto]:
    wide = names.wide
    return [
        helper.make_node("Cast", [names.codes], [wide], wide, to=element),
        helper.make_node("Mul", [wide, names.scale], [name], names.product),
    ]


def free_mark(network: Network, numbers: Iterable[int]) -> str:
    """Return what has to stand behind `StoredNames` so that none is one of the network's own."""
    taken = set(network.weights) | {port.name for port in network.inputs}
    for node in network.nodes:
        taken.update((node.name, *node.output))
    wanted, mark = list(numbers), ""
    while any(not taken.isdisjoint(StoredNames(number, mark).all) for number in wanted):
        mark += "_"
    return mark
