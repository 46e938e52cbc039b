"""Between choices of a space and recipes: every point of the front is a recipe like any other."""

from __future__ import annotations

from tinystudio.explorer.space import Choice, Space
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.techniques.layer_levels import LayerLevels, LayerLevelsParams


def recipe_of(space: Space, choice: Choice) -> Recipe:
    """Return the recipe that makes a choice; the original's is empty. What stays is not named."""
    rows: dict[str, dict[str, int | str]] = {}
    for group in space.groups:
        count = space.kept(choice)[group.id]
        if count < group.units:
            rows.setdefault(group.id, {})["keep"] = count
    for node, precision in space.precisions(choice).items():
        if precision != "float":
            rows.setdefault(node, {})["bits"] = precision
    if not rows:
        return Recipe()
    return Recipe(steps=(Step.of(LayerLevels.id, levels=dict(sorted(rows.items()))),))


def choice_of(space: Space, recipe: Recipe) -> Choice | None:
    """Return the choice that a recipe makes, or None where it is of another kind."""
    if not recipe.steps:
        return space.original
    params = recipe.steps[0].params
    if len(recipe.steps) > 1 or not isinstance(params, LayerLevelsParams):
        return None
    if params.samples != LayerLevelsParams().samples:
        return None
    return space.choice(params.keep, params.bits)
