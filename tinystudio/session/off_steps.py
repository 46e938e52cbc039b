"""Techniques that are turned off: kept beside the recipe with their place, and no part of it."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from tinystudio.jobs.recipe import Recipe, Step


class OffStep(BaseModel):
    """A step that is turned off; `place` is where it stands among all steps, from 0."""

    model_config = ConfigDict(frozen=True)

    place: int
    step: Step


def with_off_steps(recipe: Recipe, off: Iterable[OffStep]) -> tuple[tuple[Step, bool], ...]:
    """Return every step in order, and whether it is on."""
    steps = [(step, True) for step in recipe.steps]
    for item in sorted(off, key=lambda item: item.place):
        steps.insert(item.place, (item.step, False))
    return tuple(steps)


def off_among(steps: Iterable[tuple[Step, bool]]) -> tuple[OffStep, ...]:
    """Return those of `steps` (each with whether it is on) that are off."""
    return tuple(
        OffStep(place=place, step=step) for place, (step, is_on) in enumerate(steps) if not is_on
    )
