"""Corrects a latency table by whole networks that were timed.

What single layers take alone is not quite what they take in company: caches are warmer or colder,
a call costs what no layer does, conversions are fused in ways that a pair of layers does not show.
A search then finds just those choices whose times are forecast too short. So some of what it found
is timed, and every part of the table may move a little to meet it: Bayesian linear regression
(Bishop, Pattern Recognition and Machine Learning, 3.3) of the relative error, the table being the
mean of what is believed beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.explorer.latency_table import JointTimes, LatencyTable, SegmentTimes
from tinystudio.explorer.space import Space

NOISE = 0.01  # one standard deviation of a timing, as a share
DISTURBED = 3.0  # standard deviations from which on a timing counts ever less
NORMAL_MEDIAN = 0.6745  # of a normal number's size, in standard deviations
ROUNDS = 3  # of finding out which are
OVERHEAD = 0.1  # of the fastest network timed: by how much the overhead may be off
ALL, SEGMENT, JOINT = 0.1, 0.1, 0.3  # shares by which all parts, one, a hand-over may be off


@dataclass(frozen=True)
class _Part:
    """Some cells of the table that move together: a segment's or joint's of one kind."""

    is_joint: bool
    at: int
    state: int


def refitted(table: LatencyTable, space: Space, choices: Array, timed_ms: Array) -> LatencyTable:
    """Return the table corrected by choices (n, axes) that take `timed_ms` (n,).

    What none of them has in a part of its own moves with all others. `error` stays.
    """
    us = np.asarray(timed_ms, float) * 1e3
    parts, columns = _columns(table, space, choices)
    together = columns.sum(axis=1, keepdims=True)
    matrix = np.hstack([np.ones((len(us), 1)), together, columns])
    own = [JOINT if part.is_joint else SEGMENT for part in parts]
    prior = np.array([OVERHEAD * us.min(), ALL, *own])
    rest = us - table.predict_many(space, choices) * 1e3
    moved = _posterior(matrix / us[:, None], rest / us, prior)
    shares = dict(zip(parts, moved[2:], strict=True))
    everywhere = float(moved[1])
    segments, joints = enumerate(table.segments), enumerate(table.joints)
    # No copy: that would go on looking up the old cells.
    return LatencyTable(
        conditions=table.conditions,
        segments=tuple(_segment(item, at, everywhere, shares) for at, item in segments),
        joints=tuple(_joint(item, at, everywhere, shares) for at, item in joints),
        overhead_us=max(0.0, table.overhead_us + float(moved[0])),
        slope=table.slope,
        error=table.error,
        build_s=table.build_s,
    )


def _posterior(matrix: Array, rest: Array, prior: Array) -> Array:
    """Return the most likely coefficients: normal priors of these deviations, and normal noise.

    A timing further off than most was disturbed: its noise is taken to be larger (reweighting by
    Cauchy's weights; Huber and Ronchetti, Robust Statistics, 7.8).
    """
    scaled = matrix * prior
    noise = np.full(len(rest), NOISE**2)
    for _ in range(ROUNDS):
        found = scaled.T @ np.linalg.solve(scaled @ scaled.T + np.diag(noise), rest)
        left = np.abs(rest - scaled @ found)
        common = max(NOISE, float(np.median(left)) / NORMAL_MEDIAN)
        noise = NOISE**2 * (1 + (left / (DISTURBED * common)) ** 2)
    return np.asarray(prior * found)


def _columns(table: LatencyTable, space: Space, choices: Array) -> tuple[list[_Part], Array]:
    """Return the parts that these choices have, and the microseconds of each (n, parts)."""
    segments, kinds, joints, states = table.parts(space, choices)
    parts: list[_Part] = []
    columns: list[Array] = []
    for is_joint, us, state in ((False, segments, kinds), (True, joints, states)):
        for at in range(us.shape[1]):
            for one in np.unique(state[:, at]):
                parts.append(_Part(is_joint, at, int(one)))
                columns.append(np.where(state[:, at] == one, us[:, at], 0.0) * table.slope)
    return parts, np.stack(columns, axis=1) if columns else np.zeros((len(choices), 0))


def _segment(
    item: SegmentTimes, at: int, everywhere: float, shares: dict[_Part, float]
) -> SegmentTimes:
    own = [shares.get(_Part(False, at, kind), 0.0) for kind in (0, 1)]
    if not item.int8:
        own[1] = own[0]
    factors = np.maximum(0.1, 1 + everywhere + np.array(own))
    sides = tuple(
        side.model_copy(update={"us": _rows(np.array(side.us) * factors)}) for side in item.sides
    )
    us = tuple(_rows(np.array(row) * factors) for row in item.us)
    return item.model_copy(update={"us": us, "sides": sides})


def _joint(item: JointTimes, at: int, everywhere: float, shares: dict[_Part, float]) -> JointTimes:
    table = np.array(item.us)
    for kind in range(table.shape[1]):
        for readers in range(table.shape[2]):
            share = shares.get(_Part(True, at, 2 * readers + kind), 0.0)
            table[:, kind, readers] *= 1 + everywhere + share
    return item.model_copy(update={"us": tuple(_rows(cell) for cell in table)})


def _rows(values: Sequence[Sequence[float]] | Array) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(one) for one in row) for row in values)
