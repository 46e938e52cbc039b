"""The control of a recipe: what is left where its techniques do without what they are about."""

from __future__ import annotations

from tinystudio.core.errors import UserError
from tinystudio.jobs.recipe import Recipe, Step


def is_control(series: str) -> bool:
    """Say whether variants of a series are there to be beaten."""
    return series.endswith("-control")


def control_of(recipe: Recipe) -> Recipe:
    """Return `recipe` as a control: chosen at random, or trained without the original.

    Raises `UserError` where none of its techniques has one.
    """
    steps = tuple(_control(step) for step in recipe.steps)
    if steps == recipe.steps:
        raise UserError(
            "No control was made",
            "No step of the recipe has a control, or it is one already.",
            "Leave the control out, or use a technique that has one: channel-pruning (at random), "
            "distillation (trained plainly).",
        )
    return Recipe(steps=steps)


def _control(step: Step) -> Step:
    control = step.part.control
    return step if control is None else step.replace(**{control.param: control.value})
