"""What the window does, as a line for the command line: same engine, same files, same result."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import Any

from tinystudio.core.params import Params
from tinystudio.jobs.job import DEFAULT_SEED
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.sweeps import Vary

NO_DATA = "DATA.npz"  # stands for what the user has not chosen yet


def compress_command(
    network: str, data: str | None, recipe: Recipe, output: str, seed: int = DEFAULT_SEED
) -> str:
    """Return the line that carries out a recipe and writes the result."""
    words = ["tinystudio", "compress", network, "--data", data or NO_DATA]
    chance = ["--seed", str(seed)] if seed != DEFAULT_SEED else []
    return shlex.join([*words, *_steps(recipe), *chance, "--output", output])


def sweep_command(
    network: str, data: str | None, recipe: Recipe, varied: Sequence[Vary], project: str
) -> str:
    """Return the line that makes the recipe's variants over ranges of its parameters."""
    words = ["tinystudio", "sweep", network, "--data", data or NO_DATA, *_steps(recipe)]
    for vary in varied:
        values = ",".join(_text(value) for value in vary.values)
        words += ["--vary", f"{vary.param}={values}"]
    return shlex.join([*words, "--project", project])


def export_command(
    network: str, data: str | None, recipe: Recipe, target: str, output: str, options: Params
) -> str:
    """Return the lines that make a variant and write it to a target."""
    if not recipe.steps:
        return _export(network, data, target, output, options)
    made = "variant.onnx"
    first = compress_command(network, data, recipe, made)
    return f"{first} && {_export(made, data, target, output, options)}"


def _export(network: str, data: str | None, target: str, output: str, options: Params) -> str:
    words = ["tinystudio", "export", network, "--to", target, "--output", output]
    if data is not None:
        words += ["--data", data]
    for setting in _changed(options):
        words += ["--option", setting]
    return shlex.join(words)


def _steps(recipe: Recipe) -> list[str]:
    words = []
    for step in recipe.steps:
        words += ["--step", step.technique, *_settings(step)]
    return words


def _settings(step: Step) -> list[str]:
    return _changed(step.params)


def _changed(params: Params) -> list[str]:
    return [f"{name}={_text(value)}" for name, value in changed_values(params).items()]


def changed_values(params: Params) -> dict[str, Any]:
    """Return the parameters that are not at their defaults, in the order of declaration."""
    fields = type(params).model_fields
    values = params.model_dump(mode="json")
    return {name: value for name, value in values.items() if value != fields[name].default}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
