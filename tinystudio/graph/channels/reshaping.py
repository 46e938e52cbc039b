"""How channels pass through a change of shape: whole, spread over a span, or in columns."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Literal

import numpy as np
from onnx import NodeProto

from tinystudio.graph.channels.atoms import Labels
from tinystudio.graph.channels.trace import Count, Trace

Runs = list[tuple[list[int], list[int]]]


def reshaping(trace: Trace, node: NodeProto) -> None:
    """Reshape, Flatten, Squeeze, Unsqueeze: channels stay whole, alone or spread over a span."""
    data, output = node.input[0], node.output[0]
    before, after = trace.size(data), trace.size(output)
    if before is None or after is None or None in before or None in after:
        trace.stop_all(node, data, "the sizes before and after it are not all known")
        return
    result = _regrouped(trace, node, [size or 1 for size in before], [size or 1 for size in after])
    if node.op_type == "Reshape":
        result = _with_counts(trace, node, result)
    trace.follow(output, tuple(result))


def _regrouped(
    trace: Trace, node: NodeProto, before: Sequence[int], after: Sequence[int]
) -> list[Labels | None]:
    """Return the channels along each axis of the result.

    Axes are matched in the smallest runs with equal products; a run with one axis of channels
    and one axis of result spreads each channel over the positions that it had.
    """
    axes = trace.axes(node.input[0])
    result: list[Labels | None] = [None] * len(after)
    for run, made in _runs(before, after):
        followed = [axis for axis in run if axes[axis] is not None]
        if not followed:
            continue
        labels = axes[followed[0]]
        ordered = _keeps_samples_apart(trace, node, run, made)
        into, out = _wide(run, before), _wide(made, after)
        splits = len(into) == 1 and len(out) > 1
        if len(followed) > 1 or labels is None or not ordered or not (splits or len(out) == 1):
            for axis in followed:
                trace.stop(node, axes[axis], "it mixes or splits them")
            continue
        if splits:
            # One of the new axes keeps the channels; they go in whole rows along the others.
            place, kept = trace.split(node, labels.reshape([after[axis] for axis in out]))
            result[out[place]] = kept
            continue
        inner = prod(before[axis] for axis in into if axis > followed[0])
        outer = after[out[0]] // (inner * len(labels))
        result[out[0]] = np.tile(np.repeat(labels, inner), outer)
    return result


def _wide(axes: list[int], sizes: Sequence[int]) -> list[int]:
    return [axis for axis in axes if sizes[axis] > 1]


def _keeps_samples_apart(trace: Trace, node: NodeProto, into: list[int], out: list[int]) -> bool:
    """Say whether what one sample shows about a run of axes holds for any number of samples.

    It does where samples lie outside the run's positions: only its first axis with positions (or
    one before it) may grow with their number, as where heads are joined to samples, and what
    follows the run is as long before the change as after it.
    """
    data, output = node.input[0], node.output[0]
    if not (_grows_outside(trace, data, into) and _grows_outside(trace, output, out)):
        return False
    first = _wide(into, _sizes(trace, data, 1))[0]
    if _fixed(trace, data)[first] is None and trace.axes(data)[first] is None:
        return False  # whether samples or positions come first along that axis is not known
    behind = _sizes(trace, data, 2)[into[-1] + 1 :], _sizes(trace, output, 2)[out[-1] + 1 :]
    return prod(behind[0]) == prod(behind[1])


def _grows_outside(trace: Trace, tensor: str, run: list[int]) -> bool:
    first = _wide(run, _sizes(trace, tensor, 1))[0]
    return all(size is not None for size in _fixed(trace, tensor)[first + 1 : run[-1] + 1])


def _sizes(trace: Trace, tensor: str, batch: Literal[1, 2]) -> list[int]:
    return [size or 1 for size in trace.network.size(tensor, batch) or ()]


def _fixed(trace: Trace, tensor: str) -> tuple[int | None, ...]:
    """Return a tensor's sizes; None for those that depend on the batch."""
    one, two = trace.size(tensor) or (), trace.network.size(tensor, batch=2) or ()
    if len(one) != len(two):
        return (None,) * len(one)
    return tuple(size if size == other else None for size, other in zip(one, two, strict=True))


def _runs(before: Sequence[int], after: Sequence[int]) -> Runs:
    """Match axes of two shapes with equal product in the smallest runs of equal products."""
    runs: Runs = []
    left, right = 0, 0
    while left < len(before) and right < len(after):
        into, out = [left], [right]
        size, goal = before[left], after[right]
        left, right = left + 1, right + 1
        while size != goal:
            if size < goal and left < len(before):
                size, left = size * before[left], left + 1
                into.append(left - 1)
            elif size > goal and right < len(after):
                goal, right = goal * after[right], right + 1
                out.append(right - 1)
            else:
                return runs
        runs.append((into, out))
    # What is left over are axes of size 1.
    return runs


def _with_counts(trace: Trace, node: NodeProto, axes: list[Labels | None]) -> list[Labels | None]:
    """Note which entries of a Reshape's shape count channels, so that they can follow."""
    constant = trace.constant(node, 1)
    if constant is not None:
        for axis, labels in enumerate(axes):
            if labels is not None and constant[axis] > 0:
                trace.counts.append(Count(node, labels, entry=axis))
        return axes
    sizes = _fixed(trace, node.output[0])
    if not any(labels is not None for labels in axes):
        return axes
    if sum(size is None for size in sizes) > 1:
        for labels in axes:
            trace.stop(node, labels, "its shape is computed from several open sizes")
        return [None] * len(axes)
    shape = tuple(-1 if size is None else size for size in sizes)
    for axis, labels in enumerate(axes):
        if labels is not None:
            trace.counts.append(Count(node, labels, entry=axis, shape=shape))
    return axes
