"""Polish: structures of the front are trained, then rounded again, and measured.

What a narrow network can do is not seen before it was trained: some seconds of distillation give
back most of what its missing channels have cost. One structure (channels kept per group) after the
other is trained, always the one of which most is hoped for: one of the front, one that is a few
levels away from it, or one that was trained already, for longer. Of each trained structure a few
choices of bits are measured, which costs little beside the training. Time is given out in rounds,
each twice as long as the one before, so that whatever moment it is stopped at, some were trained
long enough; small networks get more epochs for the same time.

Where a budget was set, everything is spent on what keeps to it: structures near it are trained,
always the one that is hoped to reach most inside, and only choices of bits that fit are measured,
one that fills the budget first. Where few epochs are left they all go to one training: shared out,
they would be too few. Where nothing can fit, it goes on as without a budget.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.errors import UserError
from tinystudio.explorer.bit_filling import filled
from tinystudio.explorer.budget import Budget, costs_of
from tinystudio.explorer.database import Database, FrontPoint
from tinystudio.explorer.hypervolume import Plane, Staircase, added_volume, staircase
from tinystudio.explorer.recipes import recipe_of
from tinystudio.explorer.space import Choice, Space
from tinystudio.jobs.recipe import Recipe
from tinystudio.solvers.precision import Precision

FIRST_S = 5.0  # of the first round
STRUCTURES, FOCUSED = 6, 3  # trained in a round; within a budget fewer, for longer
LAST_ROUNDS = 3  # a round that would leave less than two more like it is the last
LAST_EPOCHS = 16  # so is one with no more than these left: shared out, they would be too few
LAST_SHARE = 0.8  # of what is left goes to one last training: it might take longer than estimated
USED = 0.5  # of a budget, at least, by what is trained for it where anything there is takes so much
LONGEST, SHORTEST = 240.0, 0.1  # epochs
LEAST_S = 0.5  # left: less is not worth beginning
# Of the way from guessing to the original, what is lost after a training is about the square of
# what was lost before: half becomes a quarter, a tenth a hundredth (six networks, 1 to 4 epochs).
POWER = 2.0
BEYOND = 0.1  # of what the original gets wrong, a training may put right
LONGER = 0.3  # what is lost falls with this power of the epochs
MORE = 1.6  # times the epochs before, at least, for a structure to be trained again
MOVES = 24  # new structures looked at for every training
MOST_BITS = 4  # choices of bits measured of one structure
LEAST_LOST = 1e-3  # of what is hoped, below which nothing is learnt from what came of it
HOPES = 5  # trainings whose outcome tells how far to trust the next hope
FAILURES = 3  # trainings that fail, one after the other, before no more are tried
LOADING_S = 1.5  # of the first training, about
KEPT = 0.05  # of the time expected: what took less was kept from an earlier search
# Until the first training tells: multiply-adds a second, forward and backward together, and what
# a sample costs however small the network is.
MACS_PER_S, SAMPLE_S = 3.5e9, 3e-5

Structure = tuple[int, ...]  # the level of every group


@dataclass(frozen=True)
class Workshop:
    """What makes and measures: `make` carries a recipe out, `measure` returns its file's outputs
    and bytes as well.

    `macs`: the original's multiply-adds by layer; `samples`: how many there are to train on.
    """

    make: Callable[[Recipe], object]
    measure: Callable[[Recipe], tuple[Array, int]]
    macs: Mapping[str, int]
    samples: int


class Polishing:
    """One search's trainings. `database` is taken anew at every structure."""

    def __init__(self, workshop: Workshop, seed: int, budget: Budget | None = None) -> None:
        self._workshop, self._budget = workshop, budget or Budget()
        self._draw = np.random.default_rng(seed)
        self._trained: dict[Structure, FrontPoint] = {}
        self._longest: dict[Structure, float] = {}  # epochs
        self._refused: set[Structure] = set()
        self._outcomes: list[float] = []  # what was lost for each that was expected to be lost
        self._pace = 1.0  # seconds a training took for each that was estimated
        self._rounding_s = 0.0  # and what came after it
        self._epoch_s = 0.0  # of the last training, one epoch
        self._is_warm = False
        self._failed = 0

    def round(self, database: Database, number: int, left_s: float) -> Iterator[Database]:
        """Yield the database after every choice that is measured; nothing where nothing trains."""
        for point in database.trained:
            self._note(database, point)
        began = time.monotonic()
        round_s, count = min(FIRST_S * 2**number, left_s), STRUCTURES
        if self._budget.is_set:
            is_last = left_s < LAST_ROUNDS * round_s or self._is_short(left_s)
            round_s, count = (LAST_SHARE * left_s, 1) if is_last else (round_s, FOCUSED)
        end = began + round_s
        plane = Plane.of_sizes(database)
        if database.latency is not None and number % 2:
            plane = Plane.of_times(database)
        for at in range(count):
            left = end - time.monotonic()
            if self._failed >= FAILURES or left < LEAST_S:
                return
            whole_s = left_s - (time.monotonic() - began)
            if at and self._is_short(whole_s):
                return
            picked = self._picked(database, plane, left / (count - at), whole_s)
            if picked is None:
                return
            for point in self._train(database, *picked):
                database = replace(database, trained=(*database.trained, point))
                yield database

    def _is_short(self, left_s: float) -> bool:
        """Say whether a search within a budget has time for one more good training at most."""
        return self._budget.is_set and left_s < LAST_EPOCHS * self._epoch_s

    def _note(self, database: Database, point: FrontPoint) -> None:
        """Remember the best that a structure has reached, and for how long it was trained."""
        structure, sign = _key(database.space, point.choice), 1 if database.higher_is_better else -1
        known = self._trained.get(structure)
        if known is None or sign * known.value < sign * point.value:
            self._trained[structure] = point
        self._longest[structure] = max(self._longest.get(structure, 0.0), point.epochs)

    def _picked(
        self, database: Database, plane: Plane, seconds: float, most_s: float
    ) -> tuple[Choice, float] | None:
        """Return what to train for about so many seconds, and for how many epochs that is."""
        steps = _steps(database, plane)
        found = [
            (choice, self._epochs(database, choice, seconds, most_s))
            for choice in self._candidates(database, steps)
        ]
        gains = self._within(database, plane, found)
        if max(gains, default=0.0) <= 0:
            gains = [self._gain(database, steps, *each) for each in found]
        best = max(range(len(found)), key=gains.__getitem__, default=None)
        return None if best is None or gains[best] <= 0 else found[best]

    def _candidates(self, database: Database, steps: Staircase) -> list[Choice]:
        """Return a choice for every structure that may be trained next."""
        space, points = database.space, [_points(database)[at] for at in steps.members]
        near = self._budget.nearest([(p.size_bytes, p.latency_ms or 0.0) for p in points])
        front = [np.array(points[at].choice, np.int16) for at in near]
        found = {_key(space, choice): choice for choice in front}
        for _ in range(MOVES):
            moved = _step(space, front[int(self._draw.integers(len(front)))], self._draw)
            if _key(space, moved) not in self._trained:
                found.setdefault(_key(space, moved), moved)
        return list(found.values())

    def _within(
        self, database: Database, plane: Plane, found: Sequence[tuple[Choice, float]]
    ) -> list[float]:
        """Return how high structures are hoped to come inside the budget; 0 for what does not fit.

        The larger can do more than is seen of it before: those that leave half of the budget
        unused are not looked at where others fill it.
        """
        if not self._budget.is_set:
            return [0.0] * len(found)
        excess = [self._least_left(database, *each) for each in found]
        fills = [-math.log(1 / USED) <= each <= 0 for each in excess]
        if not any(fills):
            fills = [each <= 0 for each in excess]
        return [
            self._hoped(database, plane, *each) if fits else 0.0
            for each, fits in zip(found, fills, strict=True)
        ]

    def _least_left(self, database: Database, choice: Choice, epochs: float) -> float:
        """Return how far below the budget the dearest choice of bits is that fits; above 0: none"""
        fitting = self._fitting(database, choice, epochs)
        if not fitting:
            return math.inf
        costs = zip(*costs_of(database, fitting, epochs), strict=True)
        return max(self._budget.excess((float(size), float(time))) for size, time in costs)

    def _gain(self, database: Database, steps: Staircase, choice: Choice, epochs: float) -> float:
        """Return the volume that a structure is hoped to add, in its best choice of bits."""
        hoped = self._hoped(database, steps.plane, choice, epochs)
        if hoped <= 0:
            return 0.0
        costs = costs_of(database, _bits(database, choice)[:MOST_BITS])
        score = steps.plane.worst + steps.plane.sign * hoped
        return max(
            added_volume(steps, steps.plane.place((float(size), float(time))), score)
            for size, time in zip(*costs, strict=True)
        )

    def _hoped(self, database: Database, plane: Plane, choice: Choice, epochs: float) -> float:
        """Return how far above the worst a structure is hoped to come; 0: not worth a training."""
        structure, height = _key(database.space, choice), plane.height
        known, longest = self._trained.get(structure), self._longest.get(structure, 0.0)
        if epochs <= 0 or structure in self._refused:
            return 0.0
        whole = _whole(database, plane)
        if known is None:
            likely = float(np.median(self._outcomes[-HOPES:])) if self._outcomes else 1.0
            lost = min(1.0, _expected_lost(database, plane, choice) * max(likely, 1.0))
        elif epochs < longest * MORE:
            return 0.0
        else:
            lost = max(0.0, 1 - height(known.value) / whole) * (longest / epochs) ** LONGER
        return whole * (1 - lost)

    def _fitting(self, database: Database, choice: Choice, epochs: float) -> list[Choice]:
        """Return the choices of bits of a structure that are inside the budget, dearest first."""
        bits = _bits(database, choice)
        sizes, times = costs_of(database, bits, epochs)
        fits = np.flatnonzero(self._budget.holds(sizes, times))
        return [bits[at] for at in fits[np.argsort(-sizes[fits], kind="stable")]]

    def _worth_measuring(self, database: Database, choice: Choice, epochs: float) -> list[Choice]:
        """Return the choices of bits of a trained structure; the first is likely the best."""
        best = filled(database, choice, self._budget, epochs)
        fitting = self._fitting(database, choice, epochs) or _bits(database, choice)
        found = [*([] if best is None else [best]), *fitting]
        return list({bits.tobytes(): bits for bits in found}.values())[:MOST_BITS]

    def _epochs(self, database: Database, choice: Choice, seconds: float, most_s: float) -> float:
        """Return for how many epochs so many seconds are enough: one at least, if time is left.

        None at all (0) where not even the shortest training would end in time.
        """
        one = self._estimated(database, choice) * self._pace
        share = max(seconds - self._rounding_s, one)
        wanted = min(share, max(most_s - self._rounding_s, 0.0)) / one
        return round(min(wanted, LONGEST), 2) if wanted >= SHORTEST else 0.0

    def _estimated(self, database: Database, choice: Choice) -> float:
        """Return the seconds that an epoch takes, as far as anything but its pace tells."""
        macs = _narrowed_macs(database.space, choice, self._workshop.macs)
        return self._workshop.samples * (macs / MACS_PER_S + SAMPLE_S)

    def _train(self, database: Database, choice: Choice, epochs: float) -> Iterator[FrontPoint]:
        """Train a structure and yield its choices of bits as they are measured."""
        space, found = database.space, list[FrontPoint]()
        try:
            began = time.monotonic()
            self._workshop.make(recipe_of(space, _in_floats(space, choice), epochs))
            trained = time.monotonic()
            for bits in self._worth_measuring(database, choice, epochs):
                outputs, size = self._workshop.measure(recipe_of(space, bits, epochs))
                found.append(database.measured(bits, outputs, size, epochs))
                yield found[-1]
        except UserError:
            self._refused.add(_key(space, choice))  # it would fail again
            self._failed += 1
            return
        self._learn(database, choice, found)
        for point in found:
            self._note(database, point)
        self._failed, self._rounding_s = 0, time.monotonic() - trained
        self._keep_pace(trained - began, self._estimated(database, choice) * epochs)
        self._epoch_s = self._estimated(database, choice) * self._pace

    def _learn(self, database: Database, choice: Choice, found: list[FrontPoint]) -> None:
        """Learn from a structure's first training how far to trust the hope of the next."""
        if not found or _key(database.space, choice) in self._trained:
            return
        plane = Plane.of_sizes(database)
        best = max(plane.height(point.value) for point in found)
        lost = max(0.0, 1 - best / _whole(database, plane))
        hoped = max(_expected_lost(database, plane, choice), LEAST_LOST)
        self._outcomes.append(lost / hoped)

    def _keep_pace(self, took_s: float, estimated_s: float) -> None:
        """Learn from a training how long the next will take."""
        if took_s < KEPT * self._pace * estimated_s:
            return
        if not self._is_warm:  # the first training also loads libraries and asks the teacher
            took_s -= min(LOADING_S, took_s / 2)
        self._pace = math.sqrt(self._pace * took_s / estimated_s)
        self._is_warm = True


def _whole(database: Database, plane: Plane) -> float:
    """Return how far above the worst a training may come: the original, and something beyond."""
    perfect = plane.height(1.0 if plane.sign > 0 else 0.0)
    whole = plane.height(database.predictor.value(database.space.original))
    return max(whole + BEYOND * (perfect - whole), 1e-9)


def _expected_lost(database: Database, plane: Plane, choice: Choice) -> float:
    """Return which share of that a structure is expected to lack after a first training."""
    value = database.predictor.value(_in_floats(database.space, choice))
    return float(max(0.0, 1 - plane.height(value) / _whole(database, plane)) ** POWER)


def _step(space: Space, start: Choice, draw: np.random.Generator) -> Choice:
    """Return a choice with one or two groups a level or two off."""
    choice = start.copy()
    sizes = np.array(space.sizes)
    groups = len(space.groups)
    if not groups:
        return choice
    for group in draw.integers(0, groups, int(draw.integers(1, 3))):
        moved = choice[group] + int(draw.choice((-2, -1, 1, 2)))
        choice[group] = np.clip(moved, 0, sizes[group] - 1)
    return choice


def _points(database: Database) -> tuple[FrontPoint, ...]:
    """Return what there is to choose from: the front, and all that was trained."""
    return (*database.front, *database.trained)


def _steps(database: Database, plane: Plane) -> Staircase:
    points = _points(database)
    costs = [(float(point.size_bytes), point.latency_ms or 0.0) for point in points]
    return staircase(plane, costs, [point.value for point in points])


def _bits(database: Database, choice: Choice) -> list[Choice]:
    """Return the precisions to measure a trained structure in: its own, and few bits throughout."""
    space, groups = database.space, len(database.space.groups)
    mine = _key(space, choice)
    same = [point for point in database.front if point.choice[:groups] == mine]
    found = [choice, *(np.array(point.choice, np.int16) for point in same)]
    known = {name for layer in space.layers for name in layer.precisions}
    eights = space.with_bits(choice, "w8")
    few: tuple[Precision, ...] = ("w4",) if database.latency is None else ("w4", "w8a8")
    found += [space.with_bits(choice, bits, "w8") for bits in few if bits in known]
    if "w4" in known and len(space.layers) > 2:  # the ends are often the most sensitive
        inner = space.with_bits(choice, "w4")
        inner[[groups, -1]] = eights[[groups, -1]]
        found.append(inner)
    found.append(eights)  # where a budget has room for them
    return list({bits.tobytes(): bits for bits in found}.values())


def _narrowed_macs(space: Space, choice: Choice, macs: Mapping[str, int]) -> float:
    """Return the multiply-adds of a choice: a layer's shrink with the channels in and out."""
    share = {
        group.id: group.levels[int(level)] / group.units
        for group, level in zip(space.groups, choice, strict=False)
    }
    total = 0.0
    for layer in space.layers:
        groups = {*layer.reads, *((layer.makes,) if layer.makes else ())}
        total += macs.get(layer.node, 0) * math.prod(share[name] for name in groups)
    return total


def _in_floats(space: Space, choice: Choice) -> Choice:
    """Return the choice in floats."""
    found = choice.copy()
    found[len(space.groups) :] = 0
    return found


def _key(space: Space, choice: Sequence[int] | Choice) -> Structure:
    return tuple(int(level) for level in choice[: len(space.groups)])
