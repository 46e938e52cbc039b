"""A workshop that trains a made-up network on a clock of its own: no second is really spent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from explorer_examples import MadeUp, two_groups

from tinystudio.core.data import Array
from tinystudio.core.errors import UserError
from tinystudio.explorer.polishing import MACS_PER_S, SAMPLE_S, Workshop
from tinystudio.explorer.recipes import trained_choice_of
from tinystudio.explorer.space import Choice
from tinystudio.jobs.recipe import Recipe

SAMPLES = 2000
FLOATS = MadeUp(two_groups(), samples=40)


class Clock:
    """Stands for the module `time`."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@dataclass
class FakeWorkshop:
    """Trains as long as is estimated, times `slow`; a training halves what is lost.

    `refuses` says which choices cannot be trained.
    """

    clock: Clock
    slow: float = 1.0
    macs: int = 20_000
    rounding_s: float = 0.01
    refuses: Callable[[Choice], bool] = lambda _: False
    trained: list[tuple[tuple[int, ...], float]] = field(default_factory=list)
    measured: list[Recipe] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)  # fingerprints of what need not be trained again

    def workshop(self) -> Workshop:
        macs = dict.fromkeys(("a", "b", "c"), self.macs)
        return Workshop(self.make, self.measure, macs, SAMPLES)

    def make(self, recipe: Recipe) -> None:
        choice, epochs = self.choice(recipe)
        self.trained.append((tuple(choice.tolist()), epochs))
        if self.refuses(choice):
            raise UserError("no", "It cannot be trained.", "Do without.")
        if recipe.fingerprint not in self.kept:
            kept = FLOATS.space.kept(choice)
            share = kept["a"] / 16, kept["a"] * kept["b"] / 128, kept["b"] / 8
            seconds = SAMPLES * (self.macs * sum(share) / MACS_PER_S + SAMPLE_S)
            self.clock.now += self.slow * seconds * epochs

    def measure(self, recipe: Recipe) -> tuple[Array, int]:
        self.measured.append(recipe)
        self.clock.now += self.rounding_s
        choice, _ = self.choice(recipe)
        original = FLOATS.changes.original
        mixed = (FLOATS.outputs(choice) + original) / 2
        return mixed.astype("f4"), self.size(choice)

    @staticmethod
    def size(choice: Choice) -> int:
        return 30_000 - 500 * int(np.asarray(choice).sum())

    @staticmethod
    def choice(recipe: Recipe) -> tuple[Choice, float]:
        found = trained_choice_of(FLOATS.space, recipe)
        assert found is not None
        return found
