"""A small layer database, made up: two groups of channels, three layers, times in steps of 16."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tinystudio.explorer.changes import Changes, first_rows
from tinystudio.explorer.database import Database
from tinystudio.explorer.fronting import nondominated
from tinystudio.explorer.latency_table import LatencyConditions, LatencyTable, SegmentTimes
from tinystudio.explorer.predicting import Known
from tinystudio.explorer.sizing import Axis, Constant, SizeModel
from tinystudio.explorer.space import GroupAxis, LayerAxis, Space

LEVELS = (32, 16, 8, 4)
SAMPLES, CLASSES = 60, 3
FRONT = ((1, 0, 0, 0, 0), (1, 1, 1, 0, 0), (2, 1, 1, 1, 0), (2, 2, 2, 1, 1), (3, 3, 2, 2, 2))
BITS: Any = ("float", "w8", "w4", "w8a8")


def space() -> Space:
    """Return two groups of channels, and three layers one behind the other."""
    groups = tuple(GroupAxis(id=name, title=name, levels=LEVELS) for name in ("conv1", "conv2"))
    layers = (
        LayerAxis(node="conv1", op="Conv", reads=(), makes="conv1", precisions=BITS),
        LayerAxis(node="conv2", op="Conv", reads=("conv1",), makes="conv2", precisions=BITS),
        LayerAxis(node="conv3", op="Conv", reads=("conv2",), makes=None, precisions=BITS),
    )
    return Space(groups=groups, layers=layers)


def database(timed: bool = True) -> Database:
    """Return a database whose front is small; every level takes something from the score."""
    made = space()
    draw = np.random.default_rng(0)
    labels = draw.integers(0, CLASSES, SAMPLES)
    original = draw.normal(0, 1, (SAMPLES, CLASSES)).astype(np.float32)
    original[np.arange(SAMPLES), labels] += 3
    rows = np.zeros((sum(made.sizes), original.size), np.float32)
    for start, count in zip(first_rows(made), made.sizes, strict=True):
        way = draw.normal(0, 1.2, original.size)
        for level in range(1, count):
            rows[start + level] = (level / count) ** 2 * way
    known = Known(
        np.zeros((0, len(made.sizes)), np.int16), np.zeros((0, original.size), np.float32),
        np.zeros(0),
    )  # fmt: skip
    whole = Database(
        space=made, sizes=_sizes(), latency=_times() if timed else None, metric="accuracy",
        labels=labels, changes=Changes(original, rows, original.shape), known=known, front=(),
        stage="complete" if timed else "levels", method="dynamic programming", samples=SAMPLES,
        seconds=1.0,
    )  # fmt: skip
    front = tuple(whole.point(np.array(choice, np.int16)) for choice in FRONT)
    return replace(whole, front=front)


def with_trained(made: Database, choice: tuple[int, ...], epochs: float) -> Database:
    """Return the database with a choice on its front that answers as the original once trained."""
    known = np.array(choice, np.int16)
    size = int(made.sizes.file_bytes(made.space, known)[0]) - 8
    point = made.measured(known, made.changes.original, size, epochs)
    return replace(
        made, trained=(*made.trained, point), front=nondominated((*made.front, point))
    )  # fmt: skip


def _sizes() -> SizeModel:
    one, two = ((at, LEVELS) for at in (0, 1))
    shapes = (
        (Axis(fixed=0, follows=(one,)), Axis(fixed=90)),
        (Axis(fixed=0, follows=(two,)), Axis(fixed=0, follows=(one,)), Axis(fixed=9)),
        (Axis(fixed=10), Axis(fixed=0, follows=(two,))),
    )
    constants = tuple(
        Constant(name_bytes=2, item_bytes=4, axes=axes, layer=layer)
        for layer, axes in enumerate(shapes)
    )
    return SizeModel(
        constants=constants, original=60_000, outside=100, inside=200, small=5, int8=(60,) * 3
    )


def _times() -> LatencyTable:
    """Return times in steps of 16 channels."""
    steps = tuple((40.0 if count > 16 else 20.0, 12.0) for count in LEVELS)
    segments = (
        SegmentTimes(node="conv1", reads=(), makes="conv1", int8=True, us=(steps,)),
        SegmentTimes(
            node="conv2", reads=("conv1",), makes="conv2", int8=True, us=(steps,) * len(LEVELS)
        ),
        SegmentTimes(
            node="conv3", reads=("conv2",), makes=None, int8=True,
            us=tuple((pair,) for pair in steps),
        ),
    )  # fmt: skip
    here = LatencyConditions(cpu="made up", instruction_sets=(), onnxruntime="0", threads=1)
    return LatencyTable(
        conditions=here, segments=segments, joints=(), overhead_us=5.0, slope=1.0, error=0.05
    )
