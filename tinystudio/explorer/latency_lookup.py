"""Adds up a latency table for many choices at once: indices into flat arrays, no loops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tinystudio.core.data import Array
from tinystudio.explorer.space import Space

if TYPE_CHECKING:
    from tinystudio.explorer.latency_table import JointTimes, SegmentTimes


class Lookup:
    """A table laid out for one space. Axes that do not exist point at an added axis of zeros."""

    def __init__(
        self, segments: Sequence[SegmentTimes], joints: Sequence[JointTimes], space: Space
    ) -> None:
        self._none = len(space.sizes)
        self._kinds = _Kinds(segments, space)
        self._cells = _Cells(segments, space)
        self._joints = _Joints(segments, joints, space)

    def sums_us(self, choices: Array) -> Array:
        """Return microseconds (n,) of choices (n, axes)."""
        levels = np.zeros((len(choices), self._none + 1), np.int64)
        levels[:, :-1] = choices
        kinds = self._kinds.of(levels)
        return np.asarray(self._cells.sums(levels, kinds) + self._joints.sums(levels, kinds))

    def parts(self, choices: Array) -> tuple[Array, Array, Array, Array]:
        """Return what the sums are made of, of choices (n, axes).

        Microseconds of every segment (n, segments) and whether it is INT8; microseconds of every
        joint (n, joints) and its state: 2 x which readers are INT8 + whether its producer is.
        """
        levels = np.zeros((len(choices), self._none + 1), np.int64)
        levels[:, :-1] = choices
        kinds = self._kinds.of(levels)
        cells = self._cells.of_segments(levels, kinds)
        return cells, kinds, *self._joints.parts(levels, kinds)


class _Kinds:
    """Whether each segment computes in INT8 (1) or float (0)."""

    def __init__(self, segments: Sequence[SegmentTimes], space: Space) -> None:
        known = {layer.node: layer for layer in space.layers}
        widest = max((len(layer.precisions) for layer in space.layers), default=1)
        self._axis = np.array([space.layer_index.get(s.node, len(space.sizes)) for s in segments])
        self._is_int8 = np.zeros((len(segments), widest), np.int64)
        for at, segment in enumerate(segments):
            layer = known.get(segment.node)
            if layer is not None and segment.int8:
                for index, precision in enumerate(layer.precisions):
                    self._is_int8[at, index] = precision == "w8a8"
        self._rows = np.arange(len(segments))

    def of(self, levels: Array) -> Array:
        """Return (n, segments)."""
        if not len(self._rows):
            return np.zeros((len(levels), 0), np.int64)
        return np.asarray(self._is_int8[self._rows, levels[:, self._axis]])


class _Cells:
    """Every segment's times in one flat array, and what is joined behind them."""

    def __init__(self, segments: Sequence[SegmentTimes], space: Space) -> None:
        tables: list[Array] = []
        places: list[tuple[int, int, int]] = []  # segment, axis of the rows, axis of the columns
        self._several: list[tuple[int, _Several]] = []
        none = len(space.sizes)
        for at, segment in enumerate(segments):
            table = np.array(segment.us)
            if len(segment.reads) > 1:
                self._several.append((at, _Several(segment, table, space)))
            else:
                tables.append(table)
                rows, columns = _axis(space, segment.reads, none), _makes(space, segment)
                places.append((at, rows, columns))
            for side in segment.sides:
                tables.append(np.array(side.us)[:, None])
                places.append((at, space.group_index[side.group], none))
        self._flat, self._start = _laid_out(tables)
        self._row = np.array([2 * table.shape[1] for table in tables], np.int64)
        found = np.array(places, np.int64).reshape(-1, 3)
        self._segment, self._rows, self._columns = found.T

    def sums(self, levels: Array, kinds: Array) -> Array:
        """Return microseconds (n,)."""
        total = self._cells(levels, kinds).sum(axis=1)
        for segment, several in self._several:
            total = total + several.us(levels, kinds[:, segment])
        return np.asarray(total)

    def of_segments(self, levels: Array, kinds: Array) -> Array:
        """Return microseconds (n, segments)."""
        found = np.zeros(kinds.shape)
        np.add.at(found.T, self._segment, self._cells(levels, kinds).T)
        for segment, several in self._several:
            found[:, segment] += several.us(levels, kinds[:, segment])
        return found

    def _cells(self, levels: Array, kinds: Array) -> Array:
        at = self._start + levels[:, self._rows] * self._row + levels[:, self._columns] * 2
        return np.asarray(self._flat[at + kinds[:, self._segment]])


class _Several:
    """A segment that reads several groups: interpolated over their channels together."""

    def __init__(self, segment: SegmentTimes, table: Array, space: Space) -> None:
        self._table = table
        self._axes = [space.group_index[name] for name in segment.reads]
        self._counts = [np.array(space.groups[axis].levels) for axis in self._axes]
        self._makes = _makes(space, segment)
        self._channels = np.array(segment.channels, float)

    def us(self, levels: Array, kinds: Array) -> Array:
        pairs = zip(self._counts, self._axes, strict=True)
        channels = sum(counts[levels[:, axis]] for counts, axis in pairs)
        rows = np.arange(len(self._channels))
        place = np.interp(-np.asarray(channels, float), -self._channels, rows)
        low = np.minimum(place.astype(np.int64), max(0, len(rows) - 2))
        high, made = np.minimum(low + 1, len(rows) - 1), levels[:, self._makes]
        share = place - low
        below, above = self._table[low, made, kinds], self._table[high, made, kinds]
        return np.asarray(below * (1 - share) + above * share)


class _Joints:
    """Every joint's costs in one flat array: level, kind of the producer, kinds of the readers."""

    def __init__(
        self, segments: Sequence[SegmentTimes], joints: Sequence[JointTimes], space: Space
    ) -> None:
        place = {segment.node: at for at, segment in enumerate(segments)}
        tables = [np.array(joint.us) for joint in joints]
        none = len(space.sizes)
        groups = [(joint.group,) if joint.group else () for joint in joints]
        self._flat, self._start = _laid_out(tables)
        self._axis = np.array([_axis(space, group, none) for group in groups], np.int64)
        self._producer = np.array([place[joint.producer] for joint in joints], np.int64)
        self._kinds = np.array([table.shape[2] for table in tables], np.int64)
        self._bits = np.zeros((len(segments), len(joints)), np.int64)
        for at, joint in enumerate(joints):
            for bit, name in enumerate(joint.consumers):
                self._bits[place[name], at] = 1 << bit

    def sums(self, levels: Array, kinds: Array) -> Array:
        """Return microseconds (n,)."""
        return np.asarray(self.parts(levels, kinds)[0].sum(axis=1))

    def parts(self, levels: Array, kinds: Array) -> tuple[Array, Array]:
        """Return microseconds (n, joints) and the joints' states, as `Lookup.parts`."""
        producers, readers = kinds[:, self._producer], kinds @ self._bits
        cell = levels[:, self._axis] * 2 + producers
        us = self._flat[self._start + cell * self._kinds + readers]
        return np.asarray(us), np.asarray(2 * readers + producers)


def _laid_out(tables: Sequence[Array]) -> tuple[Array, Array]:
    """Return all tables in one flat array, and where each begins."""
    starts = np.cumsum([0, *(table.size for table in tables)])[:-1]
    flat = np.concatenate([np.zeros(0), *(table.ravel() for table in tables)])
    return flat, starts.astype(np.int64)


def _makes(space: Space, segment: SegmentTimes) -> int:
    return _axis(space, (segment.makes,) if segment.makes else (), len(space.sizes))


def _axis(space: Space, names: Sequence[str], none: int) -> int:
    return space.group_index[names[0]] if names else none
