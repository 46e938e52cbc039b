"""The random control of a recipe: what any clever choice has to beat."""

from __future__ import annotations

from tinystudio.core.errors import UserError
from tinystudio.core.params import Kind, describe
from tinystudio.jobs.recipe import Recipe, Step

RANDOM = "random"


def random_control(recipe: Recipe) -> Recipe:
    """Return `recipe` choosing at random wherever its techniques offer that.

    Raises `UserError` where none does.
    """
    steps = tuple(_control(step) for step in recipe.steps)
    if steps == recipe.steps:
        raise UserError(
            "No random control was made",
            "No step of the recipe can choose at random, or it does already.",
            "Leave the control out, or use a technique with a random choice: channel-pruning.",
        )
    return Recipe(steps=steps)


def _control(step: Step) -> Step:
    values = {
        spec.name: RANDOM
        for spec in describe(type(step.params))
        if spec.kind is Kind.CHOICE and RANDOM in dict(spec.choices)
    }
    return step.replace(**values) if values else step
