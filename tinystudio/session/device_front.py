"""The front to choose from for a device: this computer's, or the one in the INT8 it takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinystudio.core.measurement import Measurement
from tinystudio.explorer.database import FrontPoint
from tinystudio.explorer.space import Choice
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.devices import Device
from tinystudio.session.exploration import Exploration, Front
from tinystudio.session.front import Limits, height_of, is_eligible, pareto_front

TOO_EARLY = "levels"  # the stage of a database that knows nothing of INT8 yet


class DeviceFront:
    """Points of a front with their figures, and the recipes that make them.

    For another processor every layer is in INT8: what is left of each choice is cut by its levels
    and then quantized in whole by the technique that knows the processor's types. Its figures are
    predicted with the types of this computer; a preview computes with the very ones.
    """

    def __init__(
        self, exploration: Exploration, original: Measurement | None, device: Device
    ) -> None:
        self._exploration, self._original, self._device = exploration, original, device
        self.points = self._find()

    def _find(self) -> Front:
        database = self._exploration.database
        if database is None or not self._device.is_other:
            return self._exploration.front(self._original)
        if database.stage == TOO_EARLY:
            return ()
        choices = [np.array(p.choice, np.int16) for p in database.front if not p.epochs]
        whole = {
            choice.tobytes(): choice
            for choice in (database.space.with_bits(found, "w8a8") for found in choices)
        }
        return self._best(list(whole.values()))

    def _best(self, choices: Sequence[Choice]) -> Front:
        found = [
            (point, self._exploration.figures(point, self._original))
            for point in self._exploration.points(choices)
        ]
        front = pareto_front((pair, pair[0].size_bytes, height_of(pair[1])) for pair in found)
        return tuple(reversed(front))

    @property
    def is_awaited(self) -> bool:
        """Say whether the points come later, when INT8 has been tried."""
        database = self._exploration.database
        return self._device.is_other and database is not None and database.stage == TOO_EARLY

    def recipe(self, number: int) -> Recipe:
        """Return the recipe of a point."""
        point, _ = self.points[number]
        if not self._device.is_other:
            return self._exploration.recipe_of_point(point)
        step = Step.of("static-quantization", processor=self._device.processor)
        return Recipe(steps=(*self._cut(point).steps, step))

    def _cut(self, point: FrontPoint) -> Recipe:
        database = self._exploration.database
        if database is None:
            return Recipe()
        choice = database.space.with_bits(np.array(point.choice, np.int16), "float")
        return self._exploration.recipe(choice)

    def best_within(self, limits: Limits) -> int | None:
        """Return the best point inside the limits, by its number; None where there is none."""
        if not self._device.is_other:
            best = self._exploration.best_within(limits, self._original)
            return next((n for n, (point, _) in enumerate(self.points) if point is best), None)
        inside = [
            (height_of(figures), -point.size_bytes, number)
            for number, (point, figures) in enumerate(self.points)
            if is_eligible(figures, limits)
        ]
        return max(inside)[2] if inside else None
