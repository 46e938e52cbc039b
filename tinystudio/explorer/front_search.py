"""The best choice for every budget, by dynamic programming over the layers.

Layers are taken in order. What has to be remembered between them is the level of every group that
a later layer still reads or makes (the frontier) and how much of the budget is spent, in buckets;
for each such state the cheapest way there is kept. That is exact up to the buckets' rounding
(SPDY, Frantar and Alistarh 2022, does it for chains). Where too many groups are open at once the
frontier would be too large; then prices are put on the budget (Lagrangian relaxation) and the
levels are improved one at a time until none helps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from tinystudio.core.data import Array
from tinystudio.explorer.factors import Factors, LayerFactor
from tinystudio.explorer.space import Choice

Method = Literal["dynamic programming", "price relaxation"]

BUCKETS = 240
MOST_STATES = 3_000  # levels of open groups at once; above it a step would take seconds
PRICES = np.geomspace(1e-6, 1e4, 81)  # of the whole budget, in units of the cost
_FAR = 1e30


def method_for(factors: Factors) -> Method:
    """Say which way the front is searched."""
    return "dynamic programming" if _widest(factors) <= MOST_STATES else "price relaxation"


def best_choices(
    factors: Factors, size_share: float, axes: int, reaches: Sequence[float] = (1.0, 0.25, 0.06)
) -> list[Choice]:
    """Return the cheapest choices (axes,) over all budgets, large to small.

    The budget is a mixture: `size_share` of it counts bytes, the rest microseconds, each as a
    share of what the original takes. `reaches`: how far up the budgets go, so that small budgets
    get buckets of their own.
    """
    weights = _weights(factors, size_share)
    if method_for(factors) == "price relaxation":
        return _relaxed(factors, weights, axes)
    found: dict[bytes, Choice] = {}
    for reach in reaches:
        for choice in _Programme(factors, weights, reach, axes).choices():
            found.setdefault(choice.tobytes(), choice)
    return list(found.values())


@dataclass(frozen=True)
class _Weights:
    """Per layer (read, made, precisions), per group (levels,): shares of the original's whole."""

    layers: tuple[Array, ...]
    groups: tuple[Array, ...]


def _weights(factors: Factors, size_share: float) -> _Weights:
    by_size = size_share * _scale([item.size for item in factors.layers], factors.size)
    by_time = (1 - size_share) * _scale([item.time for item in factors.layers], factors.time)
    layers = [_lifted(item.size * by_size + item.time * by_time) for item in factors.layers]
    groups = [
        _lifted(size * by_size + time * by_time)
        for size, time in zip(factors.size, factors.time, strict=True)
    ]
    scale = _scale(layers, groups)
    return _Weights(tuple(item * scale for item in layers), tuple(item * scale for item in groups))


def _lifted(weights: Array) -> Array:
    """Return weights none of which is below zero, where running together saves time.

    What is added is the same at all levels, so that the order of choices stays.
    """
    return np.asarray(weights - min(float(weights.min()), 0.0))


def _scale(layers: Sequence[Array], groups: Sequence[Array]) -> float:
    """Return by what costs become shares of what the original takes.

    Where that is next to nothing (a network too small to be timed), of a tenth of the most.
    """
    whole = sum(item[0, 0, 0] for item in layers) + sum(item[0] for item in groups)
    most = sum(np.abs(item).max() for item in (*layers, *groups))
    return float(1 / max(whole, most / 10)) if most > 0 else 0.0


def _last_use(factors: Factors) -> dict[int, int]:
    return {
        group: at
        for at, item in enumerate(factors.layers)
        for group in (item.reads, item.makes)
        if group >= 0
    }


def _widest(factors: Factors) -> int:
    """Return the most states that the frontier has at once."""
    last, open_groups, widest = _last_use(factors), dict[int, int](), 1
    for at, item in enumerate(factors.layers):
        for group in (item.reads, item.makes):
            if group >= 0:
                open_groups[group] = len(factors.costs[group])
        widest = max(widest, int(np.prod(list(open_groups.values()))))
        open_groups = {group: n for group, n in open_groups.items() if last[group] > at}
    return widest


@dataclass
class _Closed:
    """How a group's level was chosen when its last layer was done."""

    group: int
    position: int
    levels: Array


@dataclass
class _Step:
    """What is needed to walk back over one layer."""

    layer: int
    open_before: tuple[int, ...]
    open_during: tuple[int, ...]
    precisions: Array
    closed: list[_Closed] = field(default_factory=list)


class _Programme:
    """One run: states (levels of open groups..., bucket spent) -> least cost."""

    def __init__(self, factors: Factors, weights: _Weights, reach: float, axes: int) -> None:
        self._factors, self._weights, self._axes = factors, weights, axes
        self._scale = BUCKETS / reach
        self._last = _last_use(factors)
        self._table = np.full(BUCKETS + 1, _FAR)
        self._table[0] = 0.0
        self._open: list[int] = []
        self._steps: list[_Step] = []
        for at, item in enumerate(factors.layers):
            self._take(at, item)

    def choices(self) -> list[Choice]:
        """Return the cheapest choice of every bucket that improves on the smaller ones."""
        found, best = [], _FAR
        for bucket in range(BUCKETS + 1):
            if self._table[bucket] < best - 1e-12:
                best = float(self._table[bucket])
                found.append(self._walk_back(bucket))
        return found[::-1]

    def _take(self, at: int, item: LayerFactor) -> None:
        before = tuple(self._open)
        for group in dict.fromkeys((item.reads, item.makes)):
            if group >= 0 and group not in self._open:
                self._admit(group)
        during = tuple(self._open)
        self._table, precisions = self._layer(item, self._weights.layers[at])
        step = _Step(at, before, during, precisions)
        for group in [g for g in self._open if self._last[g] == at]:
            position = self._open.index(group)
            step.closed.append(_Closed(group, position, self._table.argmin(axis=position)))
            self._table = self._table.min(axis=position)
            self._open.remove(group)
        self._steps.append(step)

    def _admit(self, group: int) -> None:
        """Open a group: every level is a state of its own, with its cost and its weight."""
        costs, weights = self._factors.costs[group], self._weights.groups[group]
        tables = [
            _shifted(self._table, round(weight * self._scale)) + cost
            for cost, weight in zip(costs, weights, strict=True)
        ]
        self._table = np.stack(tables, axis=len(self._open))
        self._open.append(group)

    def _layer(self, item: LayerFactor, weights: Array) -> tuple[Array, Array]:
        """Choose the layer's precision in every state; return the new table and the choices."""
        shifts = np.rint(weights * self._scale).astype(int)
        table = np.full_like(self._table, _FAR)
        chosen = np.zeros(self._table.shape, np.int8)
        for read, made in np.ndindex(*weights.shape[:2]):
            where = self._where(item, read, made)
            part = self._table[where]
            options = np.stack(
                [
                    _shifted(part, int(shifts[read, made, p])) + cost
                    for p, cost in enumerate(item.costs)
                ]
            )
            best = options.argmin(axis=0)
            table[where] = np.take_along_axis(options, best[None], axis=0)[0]
            chosen[where] = best
        return table, chosen

    def _where(self, item: LayerFactor, read: int, made: int) -> tuple[slice | int, ...]:
        where: list[slice | int] = [slice(None)] * len(self._open)
        if item.reads >= 0:
            where[self._open.index(item.reads)] = read
        if item.makes >= 0:
            where[self._open.index(item.makes)] = made
        return tuple(where)

    def _walk_back(self, bucket: int) -> Choice:
        choice = np.zeros(self._axes, np.int16)
        groups, levels = len(self._factors.costs), dict[int, int]()
        for step in reversed(self._steps):
            for closed in reversed(step.closed):
                rest = [g for g in step.open_during if g in levels and g != closed.group]
                at = tuple(levels[g] for g in rest)
                levels[closed.group] = int(closed.levels[(*at, bucket)])
                choice[closed.group] = levels[closed.group]
            item = self._factors.layers[step.layer]
            at = tuple(levels[g] for g in step.open_during)
            precision = int(step.precisions[(*at, bucket)])
            choice[groups + step.layer] = precision
            read = levels[item.reads] if item.reads >= 0 else 0
            made = levels[item.makes] if item.makes >= 0 else 0
            weight = self._weights.layers[step.layer][read, made, precision]
            bucket -= int(np.rint(weight * self._scale))
            for group in step.open_during:
                if group not in step.open_before:
                    bucket -= round(self._weights.groups[group][levels[group]] * self._scale)
                    del levels[group]
        return choice


def _shifted(table: Array, by: int) -> Array:
    """Return the table with `by` more buckets spent; what exceeds the budget is lost."""
    moved = np.full_like(table, _FAR)
    if by == 0:
        return table.copy()
    if by <= BUCKETS:
        moved[..., by:] = table[..., :-by]
    return moved


def _relaxed(factors: Factors, weights: _Weights, axes: int) -> list[Choice]:
    """Return the choices that are best at some price of the budget, from dear to free."""
    found: dict[bytes, Choice] = {}
    choice = np.zeros(axes, np.int16)
    for price in PRICES:
        choice = _descended(factors, weights, price, choice)
        found.setdefault(choice.tobytes(), choice)
    return list(found.values())


def _descended(factors: Factors, weights: _Weights, price: float, start: Choice) -> Choice:
    """Return a choice that no change of a single level improves at this price."""
    choice, groups = start.copy(), len(factors.costs)
    for _ in range(20):
        before = choice.copy()
        for group in range(groups):
            totals = factors.costs[group] + price * weights.groups[group]
            for at, item in enumerate(factors.layers):
                if group in (item.reads, item.makes):
                    totals = totals + price * _along(
                        item, weights.layers[at], choice, group, groups + at
                    )
            choice[group] = int(np.argmin(totals))
        for at, item in enumerate(factors.layers):
            read = choice[item.reads] if item.reads >= 0 else 0
            made = choice[item.makes] if item.makes >= 0 else 0
            totals = item.costs + price * weights.layers[at][read, made]
            choice[groups + at] = int(np.argmin(totals))
        if (choice == before).all():
            break
    return choice


def _along(item: LayerFactor, weights: Array, choice: Choice, group: int, axis: int) -> Array:
    """Return a layer's weights over the levels of one of its groups, all else as chosen."""
    mine = weights[:, :, choice[axis]]
    if group == item.reads:
        return np.asarray(mine[:, choice[item.makes] if item.makes >= 0 else 0])
    return np.asarray(mine[choice[item.reads] if item.reads >= 0 else 0])
