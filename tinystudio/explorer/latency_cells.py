"""Which levels of a segment are timed, and how the others follow from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.explorer.latency_plan import LIGHT, Levels, Plan
from tinystudio.explorer.latency_table import JointTimes, SegmentTimes, SideTimes
from tinystudio.graph.segments import Segment

FLOAT, INT8 = 0, 1
SIDE_LEVELS = 3
MOST_TIMED_APART = 3  # readers of a joint whose kinds are timed in every combination
MOST_TOLD_APART = 6  # further ones count as the kind they were timed in, which is float


@dataclass(frozen=True)
class SideCells:
    """The timed cells of a group whose channels are joined behind a layer."""

    group: str
    counts: Array
    at: tuple[int, ...]
    places: dict[tuple[int, int], int]

    def times(self, us: Array, kinds: tuple[int, int]) -> SideTimes:
        """Return what its levels add."""
        found = []
        for kind in kinds:
            timed = [us[self.places[kind, level]] for level in self.at]
            added = _between(self.counts, self.at, timed)
            found.append(added - added[0])
        return SideTimes(group=self.group, us=_pairs(np.stack(found, axis=-1)))


@dataclass(frozen=True)
class SegmentCells:
    """The timed cells of one segment: the border of its table of levels.

    All made levels at the most and the fewest channels read, and all read levels at the most
    channels made. `places` maps (kind, read level, made level) to the networks timed; `sides`,
    by group whose channels are joined behind the layer, (kind, level) to the same at the border's
    first cell.
    """

    segment: Segment
    reads: tuple[str, ...]
    makes: str | None
    counts: tuple[Array, Array]  # channels of every read and made level, falling
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    places: dict[tuple[int, int, int], int]
    sides: tuple[SideCells, ...]

    def times(self, us: Array) -> SegmentTimes:
        """Fill the table from the microseconds of all networks timed."""
        int8 = any(kind == INT8 for kind, _, _ in self.places)
        kinds = (FLOAT, INT8) if int8 else (FLOAT, FLOAT)
        table = np.stack([self._filled(us, kind) for kind in kinds], axis=-1)
        return SegmentTimes(
            node=self.segment.heavy or "",
            reads=self.reads,
            makes=self.makes,
            channels=tuple(self.counts[0].tolist()) if len(self.reads) > 1 else (),
            int8=int8,
            us=tuple(_pairs(row) for row in table),
            sides=tuple(side.times(us, kinds) for side in self.sides),
        )

    def _filled(self, us: Array, kind: int) -> Array:
        """Return microseconds (read levels, made levels)."""

        def row(at: int) -> Array:
            timed = [us[self.places[kind, at, column]] for column in self.columns]
            return _between(self.counts[1], self.columns, timed)

        most, fewest = row(0), row(self.rows[-1])
        column = [us[self.places[kind, at, 0]] for at in self.rows]
        left = _between(self.counts[0], self.rows, column)
        # The share of the way from fewest to most, which is no straight line but a staircase.
        span = most[0] - fewest[0]
        straight = _share(self.counts[0])
        share = (left - fewest[0]) / span if span > 0.05 * abs(most[0]) else straight
        share = np.clip(share, 0.0, 1.2)[:, None]
        return np.asarray(fewest + share * (most - fewest))


def segment_cells(plan: Plan, segment: Segment, int8: bool, cap: int) -> SegmentCells:
    """Add a segment's cells to the plan; `cap`: at most so many levels of each axis."""
    reads, makes, beside = _axes(plan, segment)
    counts = (_counts(plan, reads), _counts(plan, (makes,) if makes else ()))
    rows, columns = (_chosen(len(axis), cap) for axis in counts)
    border = {(row, column) for row in (0, rows[-1]) for column in columns}
    border |= {(row, 0) for row in rows}
    kinds = (FLOAT, INT8) if int8 else (FLOAT,)

    def add(kind: int, levels: Levels) -> int:
        return plan.add((segment,), {segment.heavy or ""} if kind else (), levels)

    places = {
        (kind, row, column): add(kind, _levels(reads, makes, row, column))
        for kind in kinds
        for row, column in sorted(border)
    }
    sides = []
    for group in beside:
        along = _counts(plan, (group,))
        at = _chosen(len(along), SIDE_LEVELS)
        cells = {(kind, level): add(kind, {group: level}) for kind in kinds for level in at}
        sides.append(SideCells(group, along, at, cells))
    return SegmentCells(segment, reads, makes, counts, rows, columns, places, tuple(sides))


def _axes(plan: Plan, segment: Segment) -> tuple[tuple[str, ...], str | None, tuple[str, ...]]:
    """Return the groups that a segment's layer reads, the one it makes, and those joined behind."""
    follows = plan.follows(segment)
    layer = next((item for item in plan.space.layers if item.node == segment.heavy), None)
    if layer is None:
        return follows, None, ()
    makes = layer.makes if layer.makes in follows else None
    reads = tuple(name for name in follows if name in layer.reads and name != makes)
    return reads, makes, tuple(name for name in follows if name not in (*reads, makes))


def _counts(plan: Plan, groups: tuple[str, ...]) -> Array:
    """Return the channels of every level; several groups go down together."""
    if not groups:
        return np.zeros(1, np.int64)
    levels = [plan.space.groups[plan.space.group_index[name]].levels for name in groups]
    most = max(len(each) for each in levels)
    together = [[each[min(at, len(each) - 1)] for at in range(most)] for each in levels]
    return np.asarray(np.sum(together, axis=0))


def _levels(reads: tuple[str, ...], makes: str | None, row: int, column: int) -> Levels:
    return dict.fromkeys(reads, row) | ({makes: column} if makes else {})


def _chosen(count: int, cap: int) -> tuple[int, ...]:
    """Return at most `cap` levels, evenly spaced, the first and the last among them."""
    return tuple(np.unique(np.linspace(0, count - 1, min(cap, count)).round().astype(int)).tolist())


def _between(counts: Array, at: tuple[int, ...], timed: list[float]) -> Array:
    """Return what was timed at some levels for all, in a straight line over the channels."""
    return np.asarray(np.interp(-counts, -counts[list(at)], timed))


def _pairs(rows: Array) -> tuple[tuple[float, float], ...]:
    return tuple((float(a), float(b)) for a, b in rows)


def _share(counts: Array) -> Array:
    span = counts[0] - counts[-1]
    return np.ones(1) if span == 0 else np.asarray((counts - counts[-1]) / span)


@dataclass(frozen=True)
class JointCells:
    """The timed cells of one joint.

    Per (level, kind of the producer, kinds of the readers) as in `JointTimes`: the networks timed
    alone, and together. Among float layers alone at `steps`, since memory layouts change where
    channels no longer fill a register; conversions grow evenly between `ends`.
    """

    producer: str
    consumers: tuple[str, ...]
    group: str | None
    counts: Array
    steps: tuple[int, ...]
    ends: tuple[int, ...]
    places: dict[tuple[int, int, int], tuple[tuple[int, ...], int]]

    def times(self, us: Array) -> JointTimes:
        """Fill the joint from the microseconds of all networks timed, of an empty call freed."""
        table = np.zeros((len(self.counts), 2, 1 << len(self.consumers)))
        for kind in (FLOAT, INT8):
            for readers in range(table.shape[2]):
                at = self.steps if kind == FLOAT and readers == 0 else self.ends
                timed = [self._beyond(us, level, kind, readers) for level in at]
                table[:, kind, readers] = _between(self.counts, at, timed)
        return JointTimes(
            producer=self.producer,
            consumers=self.consumers,
            group=self.group,
            us=tuple(tuple(tuple(float(a) for a in row) for row in cell) for cell in table),
        )

    def _beyond(self, us: Array, level: int, kind: int, readers: int) -> float:
        """Return the microseconds of a state; of one that was not timed what its likes suggest.

        Where only some readers are of the other kind, a tensor is converted once all the same,
        and the rest saves its share of what equal kinds save.
        """
        if (level, kind, readers) in self.places:
            alone, together = self.places[level, kind, readers]
            return float(us[together] - sum(us[at] for at in alone))
        if (level, kind, 0) not in self.places:
            return 0.0  # the producer is never of this kind
        every = (1 << len(self.consumers)) - 1
        same, other = (every, 0) if kind else (0, every)
        share = (readers ^ other).bit_count() / len(self.consumers)
        saved, paid = (self._beyond(us, level, kind, state) for state in (same, other))
        return saved * share + paid


def joint_cells(plan: Plan, producer: Segment, able: set[str]) -> JointCells | None:
    """Add the joint behind `producer` to the plan; `able`: the layers that can be INT8."""
    made = set(producer.outputs)
    readers = [s for s in plan.segments if s is not producer and made & set(s.inputs)]
    if not readers:
        return None
    switching = [name for name in (s.heavy or "" for s in readers) if name in able]
    switching = switching[:MOST_TOLD_APART]
    given = plan.gives(producer)
    _, makes, _ = _axes(plan, producer)
    group = makes if makes in given else next(iter(given), None)
    counts = _counts(plan, (group,) if group else ())
    ends = _chosen(len(counts), 2)
    filled = int((counts >= LIGHT).sum())
    steps = tuple(sorted({*ends, max(0, filled - 1), min(filled, len(counts) - 1)}))
    every = 1 << len(switching)
    timed = range(every) if len(switching) <= MOST_TIMED_APART else (0, every - 1)
    places = {}
    for kind in (FLOAT, INT8) if producer.heavy in able else (FLOAT,):
        for state in timed:
            for level in steps if kind == FLOAT and state == 0 else ends:
                levels = plan.light() | dict.fromkeys(given, level)
                int8 = {name for bit, name in enumerate(switching) if state >> bit & 1}
                int8 |= {producer.heavy or ""} if kind else set()
                together = (producer, *readers)
                alone = tuple(plan.add((s,), int8 & {s.heavy or ""}, levels) for s in together)
                places[level, kind, state] = (alone, plan.add(together, int8, levels))
    return JointCells(producer.heavy or "", tuple(switching), group, counts, steps, ends, places)
