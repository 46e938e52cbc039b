"""How many bytes the file of a choice has, by arithmetic on what protobuf writes.

A file is its constants and the rest. The rest hardly changes; of every constant the dimensions
follow from the channels kept and the bytes from the precision, so that the length is known
without building anything: exactly for floats and few-bit weights, up to some bytes per layer for
INT8, whose conversions depend on their neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from pydantic import BaseModel, ConfigDict

from tinystudio.core.data import Array
from tinystudio.explorer.following import Following, Stays, by_share
from tinystudio.explorer.space import Choice, GroupAxis, Space
from tinystudio.exporters.stamping import RECIPE_KEY, compact_json
from tinystudio.graph.network import Network
from tinystudio.graph.segments import segments
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.solvers.layers import layers
from tinystudio.solvers.levels import scaled_axes, storable, stored_numbers
from tinystudio.solvers.precision import FILE_BITS, Precision
from tinystudio.solvers.stored_weights import StoredNames, decoding_bytes
from tinystudio.techniques.layer_levels import LayerLevels

FEW_BITS = 4  # at most so many: codes stand two to a byte
FLOAT_BITS = FILE_BITS["float"]
# What INT8 stores per output channel beyond a weight's scale: that of the bias, which a MatMul has
# none of. Zero points of weights are zeros, one row of them for all layers of so many channels.
INT8_ROW, INT8_ROW_OF_MATMUL = 4, 0
ZEROS_NAME = 3  # about what the name of such a row is long
BYTES_OF_CONSTANTS = frozenset({"Add", "Mul"})  # in INT8 these take constants of one byte
_Whole = NDArray[np.int64]


class Axis(Following):
    """One axis of a constant: `fixed` positions, and some that follow groups."""

    fixed: int


class Constant(BaseModel):
    """A constant of the graph. `layer`: whose precision it follows (an index, or -1).

    `converted`: the layer that makes one byte of each of its numbers where it is INT8, as of what
    is added behind a product; -1: none.
    """

    model_config = ConfigDict(frozen=True)

    name_bytes: int
    item_bytes: int
    axes: tuple[Axis, ...]
    layer: int = -1
    converted: int = -1
    scaled: tuple[int, ...] = ()  # the axes along which few-bit weights have scales
    stored_bytes: int = 0  # the two nodes that turn codes into weights
    short_bytes: int = 0  # the names of codes and of scales, each


class SizeModel(BaseModel):
    """Bytes of every choice's file.

    `original` is the original's file; `outside` the graph and `inside` it: what no choice
    changes; `small`: what 4-bit weights add for their operator set; `int8`: what each layer's
    conversions add; `neighbours`: layers that convert one tensor for all of them; `shared`: what
    each but the first of them saves where they are INT8.
    """

    model_config = ConfigDict(frozen=True)

    constants: tuple[Constant, ...]
    original: int
    outside: int
    inside: int
    small: int
    int8: tuple[int, ...]
    neighbours: tuple[tuple[int, ...], ...] = ()
    shared: int = 0
    once: int = 0  # what INT8 anywhere adds once

    def file_bytes(self, space: Space, choices: Array) -> _Whole:
        """Return the bytes of each choice's file (m, axes), its note of the recipe included."""
        choices = np.atleast_2d(choices)
        bits, int8 = _bits(space, choices), _is_int8(space, choices)
        graph = np.full(len(choices), self.inside, np.int64)
        for constant in self.constants:
            graph += _bytes_of(constant, choices, bits)
            if constant.converted >= 0:
                graph -= int8[:, constant.converted] * _saved_by_int8(constant, choices)
        rows = self._rows(choices)
        added = np.array(self.int8, np.int64) + _per_row(space) * rows
        graph += (int8 * added).sum(axis=1) + _zero_points(int8 * rows)
        graph += int8.any(axis=1) * self.once
        for together_in_int8 in self.neighbours:
            together = int8[:, list(together_in_int8)].astype(np.int64).sum(axis=1)
            graph -= np.maximum(together - 1, 0) * self.shared
        graph += (bits <= FEW_BITS).any(axis=1) * self.small
        whole = self.outside + _entry(graph) + _recipe_entry(recipe_bytes(space, choices))
        return np.asarray(np.where(choices.any(axis=1), whole, self.original))

    def passing_bytes(self, space: Space, choices: Array) -> _Whole:
        """Return what the constants take that follow no layer's precision, per choice."""
        bits = _bits(space, choices)
        rest = [_bytes_of(item, choices, bits) for item in self.constants if item.layer < 0]
        return np.asarray(sum(rest, np.zeros(len(choices), np.int64)))

    def _rows(self, choices: Array) -> _Whole:
        """Return how many output channels each layer has, (choices, layers)."""
        rows = np.zeros((len(choices), len(self.int8)), np.int64)
        for item in self.constants:
            if item.layer >= 0 and item.scaled:
                rows[:, item.layer] = _product([_dim(item.axes[at], choices) for at in item.scaled])
        return rows

    def layer_bytes(self, space: Space, layer: int) -> Array:
        """Return about what a layer's weights take, (levels read, levels made, precisions).

        For a search that adds up layers: by the first group that it reads and the one it makes,
        an axis of 1 where there is none; further groups are whole (see `beside_bytes`).
        """
        axis = space.layers[layer]
        reads, makes = space.axes_of(layer)
        levels = len(space.groups[reads].levels) if reads >= 0 else 1
        made = len(space.groups[makes].levels) if makes >= 0 else 1
        table = np.zeros((levels, made, len(axis.precisions)))
        for at in np.ndindex(*table.shape):
            choice = space.original
            if reads >= 0:
                choice[reads] = at[0]
            if makes >= 0:
                choice[makes] = at[1]
            table[at] = self._layer_bytes(space, layer, choice, at[2])
        return table

    def beside_bytes(self, space: Space, layer: int, group: int) -> Array:
        """Return about what a layer's weights take by one more group's level, (levels,).

        All precisions alike, the other groups half way down.
        """
        choice = np.array([size // 2 for size in space.sizes], np.int16)
        found = []
        for level in range(len(space.groups[group].levels)):
            choice[group] = level
            precisions = range(len(space.layers[layer].precisions))
            found.append(np.mean([self._layer_bytes(space, layer, choice, p) for p in precisions]))
        return np.array(found)

    def beside(self, space: Space, layer: int) -> tuple[int, ...]:
        """Return the further groups that a layer's weights follow, by index."""
        axes = [axis for item in self.constants if item.layer == layer for axis in item.axes]
        followed = {group for axis in axes for group in axis.groups}
        return tuple(sorted(followed - set(space.axes_of(layer))))

    def _layer_bytes(self, space: Space, layer: int, choice: Choice, precision: int) -> float:
        chosen = choice.copy()
        chosen[len(space.groups) + layer] = precision
        bits = _bits(space, chosen[None])
        total = sum(
            int(_bytes_of(item, chosen[None], bits)[0])
            for item in self.constants
            if item.layer == layer
        )
        if space.layers[layer].precisions[precision] == "w8a8":
            rows = self._rows(chosen[None])[:, layer]
            total += self.int8[layer] + int((_per_row(space)[layer] * rows)[0])
            total += int(_zero_points(rows[:, None])[0])
        return float(total)


def size_model(
    space: Space, reference: Network, choice: Choice, original: int, small: int, stays: Stays
) -> SizeModel:
    """Return the model of a network's files, without INT8.

    `reference` is the network of a choice of channels, as it is written (its constants and nodes
    are those of every other one), `original` the bytes of the original's file, `small` what the
    operator set of 4-bit weights adds, `stays` how many positions stay where at every level.
    """
    constants = tuple(_constants(space, reference, choice, stays))
    graph = reference.model.graph.ByteSize()
    inside = graph - sum(_entry(item.ByteSize()) for item in reference.model.graph.initializer)
    told = recipe_bytes(space, choice[None])
    return SizeModel(
        constants=constants,
        original=original,
        outside=len(reference.data) - int(_entry(graph)) - int(_recipe_entry(told)[0]),
        inside=inside,
        small=small,
        int8=(0,) * len(space.layers),
    )


def recipe_bytes(space: Space, choices: Array) -> _Whole:
    """Return the bytes of the recipe that each choice's file tells of (compact JSON)."""
    rows = {group.id: _keep_words(group) for group in space.groups}
    words: dict[str, list[tuple[int, tuple[int, ...]]]] = {
        name: [(space.group_index[name], texts)] for name, texts in rows.items()
    }
    for layer in space.layers:
        texts = tuple(0 if p == "float" else len(f'"bits":"{p}"') for p in layer.precisions)
        words.setdefault(layer.node, []).append((space.layer_index[layer.node], texts))
    total = np.full(len(choices), len(_compact(_EMPTY_RECIPE)), np.int64)
    named = np.zeros(len(choices), np.int64)
    for name, parts in words.items():
        lengths = [np.array(texts)[choices[:, axis]] for axis, texts in parts]
        given = sum((length > 0).astype(np.int64) for length in lengths)
        row = len(json.dumps(name, ensure_ascii=False).encode()) + len(":{}")
        total += np.where(given > 0, row + sum(lengths) + given - 1, 0)
        named += given > 0
    return np.asarray(total + np.maximum(named - 1, 0))


def _keep_words(group: GroupAxis) -> tuple[int, ...]:
    return tuple(len(f'"keep":{count}') if count < group.units else 0 for count in group.levels)


def _recipe_entry(text: _Whole) -> _Whole:
    """Return what the file's note of the recipe takes: a key and a value."""
    key = int(_entry(np.array(len(RECIPE_KEY))))
    return _entry(key + _entry(text))


_EMPTY_RECIPE = Recipe(steps=(Step.of(LayerLevels.id),))


def _compact(recipe: Recipe) -> str:
    return compact_json(json.loads(recipe.model_dump_json()))


def _constants(
    space: Space, reference: Network, choice: Choice, stays: Stays
) -> Iterator[Constant]:
    added, known = by_share(space, reference), layers(reference)
    # The reference is narrower: what the space has as a layer may be hardly worth storing there.
    few_bits = storable(reference, least=1).items()
    names = {name: node for node, group in few_bits for name in group}
    numbers = stored_numbers(reference)
    index = {layer.node: at for at, layer in enumerate(space.layers)}
    converted = _converted(reference, index)
    for item in reference.model.graph.initializer:
        node = names.get(item.name, "")
        layer = index.get(node, -1)
        few = layer >= 0
        yield Constant(
            name_bytes=len(item.name.encode()),
            item_bytes=reference.weights[item.name].dtype.itemsize,
            axes=_axes(added, item, choice, stays),
            layer=layer,
            converted=-1 if few else converted.get(item.name, -1),
            scaled=scaled_axes(known.get(node), len(item.dims)) if few else (),
            stored_bytes=decoding_bytes(item.name, StoredNames(numbers[item.name])) if few else 0,
            short_bytes=len(StoredNames(numbers[item.name]).codes) if few else 0,
        )


def _converted(network: Network, layers: Mapping[str, int]) -> dict[str, int]:
    """Return which layer, in INT8, makes bytes of the numbers of a constant, by its name.

    Those of elementwise operators that follow it; the biases of its own node become int32.
    """
    return {
        name: layers[segment.heavy or ""]
        for segment in segments(network)
        if segment.heavy in layers
        for node in map(network.node, segment.nodes)
        if node.op_type in BYTES_OF_CONSTANTS
        for name in node.input
        if name in network.weights and network.weights[name].dtype == np.float32
    }


def _axes(added: Stays, item: TensorProto, choice: Choice, stays: Stays) -> tuple[Axis, ...]:
    """Return how each axis follows the groups; `added` tells of constants that surgery added."""
    found = []
    for at, size in enumerate(item.dims):
        mine = stays.get((item.name, at)) or added.get((item.name, at)) or Following()
        held = int(mine.held(choice[None])[0])
        found.append(Axis(fixed=size - held, follows=mine.follows, crossings=mine.crossings))
    return tuple(found)


def _bytes_of(constant: Constant, choices: Array, bits: _Whole) -> _Whole:
    """Return what a constant takes among the graph's fields, per choice."""
    dims = [_dim(axis, choices) for axis in constant.axes]
    whole = _tensor(dims, constant.name_bytes, _product(dims) * constant.item_bytes)
    if constant.layer < 0:
        return whole
    mine = bits[:, constant.layer]
    size = np.where(mine <= FEW_BITS, -(-_product(dims) // 2), _product(dims))
    spans = [dim if at in constant.scaled else np.ones_like(dim) for at, dim in enumerate(dims)]
    scale = _tensor(spans, constant.short_bytes, _product(spans) * constant.item_bytes)
    codes = _tensor(dims, constant.short_bytes, size)
    return np.where(mine == FLOAT_BITS, whole, codes + scale + constant.stored_bytes)


def _per_row(space: Space) -> _Whole:
    """Return what INT8 stores per output channel of each layer."""
    found = [INT8_ROW_OF_MATMUL if layer.op == "MatMul" else INT8_ROW for layer in space.layers]
    return np.array(found, np.int64)


def _zero_points(rows: _Whole) -> _Whole:
    """Return what the zero points of weights take, per choice.

    `rows` (choices, layers): how many output channels each INT8 layer has, 0 for other layers.
    """
    ordered = np.sort(rows, axis=1)
    is_new = np.diff(ordered, axis=1, prepend=0) > 0
    return np.asarray((is_new * _tensor([ordered], ZEROS_NAME, ordered)).sum(axis=1))


def _saved_by_int8(constant: Constant, choices: Array) -> _Whole:
    """Return what a constant takes less with a byte for each of its numbers, per choice."""
    dims = [_dim(axis, choices) for axis in constant.axes]
    wide, narrow = (_product(dims) * size for size in (constant.item_bytes, 1))
    return _tensor(dims, constant.name_bytes, wide) - _tensor(dims, constant.name_bytes, narrow)


def _dim(axis: Axis, choices: Array) -> _Whole:
    return axis.fixed + axis.held(choices)


def _tensor(dims: Sequence[_Whole], name: int, raw: _Whole) -> _Whole:
    """Return the length of a TensorProto among a graph's fields: dims, type, name, raw data."""
    total = np.full_like(raw, 2)  # the type
    for dim in dims:
        total += 1 + _varint(dim)
    return _entry(total + _entry(np.full_like(raw, name)) + _entry(raw))


def _entry(length: _Whole | int) -> _Whole:
    """Return what a field of so many bytes takes with its tag and length."""
    length = np.asarray(length, np.int64)
    return np.asarray(1 + _varint(length) + length)


def _varint(number: _Whole) -> _Whole:
    """Return how many bytes protobuf writes a number in: seven bits to each."""
    return np.asarray(np.searchsorted(_SEVENS, number, side="right") + 1)


_SEVENS = np.array([128**power for power in range(1, 9)], np.int64)


def _product(dims: Sequence[_Whole]) -> _Whole:
    return np.asarray(np.prod(np.stack(dims), axis=0)) if dims else np.ones(1, np.int64)


def _bits(space: Space, choices: Array) -> _Whole:
    return _per_layer(space, choices, FILE_BITS)


def _is_int8(space: Space, choices: Array) -> _Whole:
    return _per_layer(space, choices, {"w8a8": 1})


def _per_layer(space: Space, choices: Array, values: Mapping[Precision, int]) -> _Whole:
    first = len(space.groups)
    columns = [
        np.array([values.get(precision, 0) for precision in layer.precisions])[
            choices[:, first + at]
        ]
        for at, layer in enumerate(space.layers)
    ]
    return np.stack(columns, axis=1) if columns else np.zeros((len(choices), 0), np.int64)
