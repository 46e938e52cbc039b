"""What of a recipe can be swept, and over which values."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tinystudio.core.params import Kind, ParamSpec, describe
from tinystudio.gui.forms.scale import Scale
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.sweeps import Vary

USUAL_COUNT = 12  # variants a sweep makes unless asked otherwise
MOST_VALUES = 1000  # of one parameter: more is surely a slip of the hand


@dataclass(frozen=True)
class Sweepable:
    """A parameter of a recipe's step that can be varied."""

    step: int
    title: str
    spec: ParamSpec
    scale: Scale
    control: Vary | None  # makes every variant once more as a control, where there is one
    control_title: str  # "random", "plain"
    is_usual: bool  # what the technique names as its slider


@dataclass(frozen=True)
class Range:
    """From, to, in steps; both ends belong to it where the steps meet them."""

    start: float
    stop: float
    step: float

    @property
    def count(self) -> int:
        """Return how many values there are; none where the range makes no sense."""
        if self.step <= 0 or self.stop < self.start:
            return 0
        # A thousandth of a step absorbs what binary fractions lack.
        return math.floor((self.stop - self.start) / self.step + 1e-3) + 1

    def values(self, whole: bool) -> tuple[float | int, ...]:
        """Return the values, none twice."""
        numbers = (round(self.start + self.step * index, 10) for index in range(self.count))
        return tuple(dict.fromkeys(round(number) if whole else number for number in numbers))


def sweepable(recipe: Recipe) -> tuple[Sweepable, ...]:
    """Return every number of every step, with its bounds."""
    found = []
    for index, step in enumerate(recipe.steps):
        specs = describe(type(step.params))
        for spec in specs:
            if spec.kind in (Kind.NUMBER, Kind.INTEGER):
                title = f"{index + 1} {step.part.title}: {spec.title}"
                usual = spec.name == step.part.slider
                scale = Scale.of(spec)
                control = step.part.control
                kind = "" if control is None else control.title
                made = _control(index, step)
                found.append(Sweepable(index, title, spec, scale, made, kind, usual))
    return tuple(found)


def usual_range(offer: Sweepable) -> Range:
    """Return the whole range of a parameter in about a dozen round steps, or what it declares."""
    scale, last = offer.scale, offer.spec.sweep_to
    if last is not None:
        return Range(scale.minimum, last, scale.step)
    every = max(1, math.ceil(scale.positions / USUAL_COUNT))
    return Range(scale.minimum, scale.maximum, round(every * scale.step, 10))


def _control(index: int, step: Step) -> Vary | None:
    control = step.part.control
    if control is None:
        return None
    now = getattr(step.params, control.param)
    return None if now == control.value else Vary(control.param, (now, control.value), index)
