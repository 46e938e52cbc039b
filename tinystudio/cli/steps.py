"""Reads techniques, parameters and ranges from the words of a command line."""

from __future__ import annotations

import json
from pathlib import Path

from tinystudio.cli.arguments import lasting
from tinystudio.core.errors import UserError
from tinystudio.core.params import parse_params
from tinystudio.jobs.recipe import Recipe, Step, recipe_from_json
from tinystudio.techniques import find_technique


def recipe_of(file: str | None, steps: list[list[str]] | None) -> Recipe:
    """Return the recipe that `--recipe FILE` or the `--step`s ask for; raises `UserError`."""
    if file is not None:
        recipe = read_recipe(Path(file))
    else:
        recipe = Recipe(steps=tuple(step_of(words) for words in steps or []))
    return recipe.with_models(lasting)


def read_recipe(path: Path) -> Recipe:
    """Read a recipe file; raises `UserError`."""
    try:
        return recipe_from_json(path.read_bytes(), path.name)
    except OSError as error:
        raise UserError(
            f"{path.name} was not read as a recipe",
            f"{path}: {error.strerror}.",
            "Check the path.",
        ) from None


def step_of(words: list[str]) -> Step:
    """Return the step that `NAME param=value ...` asks for; raises `UserError`."""
    name, *settings = words
    part = find_technique(name)
    values = settings_of(settings)
    return Step(technique=name, params=parse_params(part.params, values, part.title))


def settings_of(words: list[str]) -> dict[str, bool | int | float | str]:
    """Return what `param=value` words say; raises `UserError` for one that is not of that form."""
    return dict(_setting(word) for word in words)


def _setting(word: str) -> tuple[str, bool | int | float | str]:
    name, separator, text = word.partition("=")
    if not separator or not name:
        raise UserError(
            "A setting was not understood",
            f"{word!r} is not of the form param=value.",
            "Write for example: --step channel-pruning sparsity=0.5",
        )
    return name, _value(text)


def _value(text: str) -> bool | int | float | str:
    """Read a number, a switch or a text in quotes; anything else is the text itself."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):  # not JSON, endless digits, brackets without end
        return text
    return value if isinstance(value, (bool, int, float, str)) else text
