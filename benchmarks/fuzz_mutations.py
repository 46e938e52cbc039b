"""Changes whole files so that they are not whole any more: bits, cuts, splices, wild numbers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import numpy as np
from onnx import ModelProto

MOST_FLIPS = 8
WILD = (0, 1, -1, 2**31 - 1, 2**31, 2**40, 2**62, -(2**63))  # sizes, versions, axes


def mutated(seeds: Sequence[bytes], rng: np.random.Generator) -> bytes:
    """Return one of `seeds` changed in one to three ways."""
    data = bytes(seeds[rng.integers(len(seeds))])
    for _ in range(_times(rng)):
        other = seeds[rng.integers(len(seeds))]
        data = _MUTATIONS[rng.integers(len(_MUTATIONS))](data, other, rng)
    return data


def mutated_network(seeds: Sequence[bytes], rng: np.random.Generator) -> bytes:
    """Return a network with structures changed or taken from another; half the time, bytes too."""
    model, other = (ModelProto.FromString(seeds[rng.integers(len(seeds))]) for _ in range(2))
    for _ in range(_times(rng)):
        _STRUCTURES[rng.integers(len(_STRUCTURES))](model, other, rng)
    data = bytes(model.SerializeToString())
    return data if rng.random() < 0.5 else mutated([data], rng)


def mutated_archive(seeds: Sequence[bytes], rng: np.random.Generator) -> bytes:
    """Return an archive that is whole, with what it holds changed or taken from another."""
    held, other = (_unpacked(seeds[rng.integers(len(seeds))]) for _ in range(2))
    name = list(held)[rng.integers(len(held))]
    held[name] = mutated([held[name], *other.values()], rng)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for title, data in held.items():
            archive.writestr(title, data)
    return file.getvalue()


def _unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _times(rng: np.random.Generator) -> int:
    """Return how many changes to make: mostly one, since one that is found ends it."""
    return int(min(rng.geometric(0.6), 4))


# Of bytes


def _flip(data: bytes, _: bytes, rng: np.random.Generator) -> bytes:
    if not data:
        return data
    changed = bytearray(data)
    for _at in range(rng.integers(1, MOST_FLIPS + 1)):
        # Most of a file is weights; what tells of them stands at its ends.
        span = len(data) if rng.random() < 0.5 else min(len(data), 2000)
        at = int(rng.integers(span))
        at = at if rng.random() < 0.5 else len(data) - 1 - at
        changed[at] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def _cut(data: bytes, _: bytes, rng: np.random.Generator) -> bytes:
    return data[: int(rng.integers(len(data) + 1))]


def _cut_out(data: bytes, _: bytes, rng: np.random.Generator) -> bytes:
    begin, end = sorted(int(at) for at in rng.integers(0, len(data) + 1, 2))
    return data[:begin] + data[min(end, begin + 4096) :]


def _splice(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    at, begin = int(rng.integers(len(data) + 1)), int(rng.integers(len(other) + 1))
    piece = other[begin : begin + int(rng.integers(1, 4096))]
    return data[:at] + piece + data[at + (len(piece) if rng.random() < 0.5 else 0) :]


def _wild_number(data: bytes, _: bytes, rng: np.random.Generator) -> bytes:
    number = WILD[rng.integers(len(WILD))] % 2**64
    piece = number.to_bytes(8, "little")[: int(rng.choice([2, 4, 8]))]
    at = int(rng.integers(len(data) + 1))
    return data[:at] + piece + data[at + len(piece) :]


_MUTATIONS = (_flip, _flip, _flip, _cut, _cut_out, _splice, _wild_number)


# Of networks


def _take_node(model: ModelProto, other: ModelProto, rng: np.random.Generator) -> None:
    if model.graph.node and other.graph.node:
        at = rng.integers(len(model.graph.node))
        model.graph.node[at].CopyFrom(other.graph.node[rng.integers(len(other.graph.node))])


def _drop_node(model: ModelProto, _: ModelProto, rng: np.random.Generator) -> None:
    if model.graph.node:
        del model.graph.node[rng.integers(len(model.graph.node))]


def _rename_operator(model: ModelProto, other: ModelProto, rng: np.random.Generator) -> None:
    if model.graph.node and other.graph.node:
        node = model.graph.node[rng.integers(len(model.graph.node))]
        node.op_type = other.graph.node[rng.integers(len(other.graph.node))].op_type


def _rewire(model: ModelProto, _: ModelProto, rng: np.random.Generator) -> None:
    names = [name for node in model.graph.node for name in (*node.input, *node.output)]
    nodes = [node for node in model.graph.node if node.input]
    if nodes and names:
        node = nodes[rng.integers(len(nodes))]
        node.input[rng.integers(len(node.input))] = names[rng.integers(len(names))]


def _change_attribute(model: ModelProto, _: ModelProto, rng: np.random.Generator) -> None:
    items = [item for node in model.graph.node for item in node.attribute]
    if items:
        item = items[rng.integers(len(items))]
        wild = WILD[rng.integers(len(WILD))] % 2**63
        if item.ints:
            item.ints[rng.integers(len(item.ints))] = wild
        else:
            item.i = wild


def _resize_weight(model: ModelProto, _: ModelProto, rng: np.random.Generator) -> None:
    weights = [item for item in model.graph.initializer if item.dims]
    if weights:
        item = weights[rng.integers(len(weights))]
        item.dims[rng.integers(len(item.dims))] = WILD[rng.integers(len(WILD))] % 2**63


def _retype_weight(model: ModelProto, _: ModelProto, rng: np.random.Generator) -> None:
    if model.graph.initializer:
        item = model.graph.initializer[rng.integers(len(model.graph.initializer))]
        item.data_type = int(rng.integers(0, 30))


def _resize_input(model: ModelProto, _: ModelProto, rng: np.random.Generator) -> None:
    sizes = [size for item in model.graph.input for size in item.type.tensor_type.shape.dim]
    if sizes:
        sizes[rng.integers(len(sizes))].dim_value = WILD[rng.integers(len(WILD))] % 2**63


def _change_version(model: ModelProto, _: ModelProto, rng: np.random.Generator) -> None:
    if model.opset_import:
        model.opset_import[0].version = int(rng.integers(-2, 40))


def _nest(model: ModelProto, other: ModelProto, rng: np.random.Generator) -> None:
    if model.graph.node:
        node = model.graph.node[rng.integers(len(model.graph.node))]
        item = node.attribute.add(name="then_branch", type=5)
        item.g.CopyFrom(other.graph)


_STRUCTURES = (
    _take_node, _drop_node, _rename_operator, _rewire, _change_attribute, _change_attribute,
    _resize_weight, _retype_weight, _resize_input, _change_version, _nest,
)  # fmt: skip
