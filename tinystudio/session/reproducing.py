"""How a variant is made again: as a command line, and in Python. Both make the same bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tinystudio.jobs.job import DEFAULT_SEED
from tinystudio.jobs.recipe import Step
from tinystudio.jobs.variant import Variant
from tinystudio.session.command_line import changed_values, compress_command

WIDTH = 88  # of a line of Python before it is broken


@dataclass(frozen=True)
class Making:
    """What makes a variant again; `note` says what else it depends on, or nothing."""

    command: str
    python: str
    note: str = ""


def making_of(variant: Variant, title: str = "") -> Making:
    """Return how `variant` is made again; the file is named by `title`."""
    output = f"{file_stem(title or variant.recipe.title)}.onnx"
    command = compress_command(
        variant.network, variant.data, variant.recipe, output, variant.seed
    )  # fmt: skip
    return Making(command, _python(variant, output), _note(variant))


def file_stem(title: str) -> str:
    """Return a title as a name for a file: letters and digits of ASCII, joined by hyphens."""
    plain = title.lower().replace("−", "").replace("%", "")
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:60].strip("-") or "variant"


def _note(variant: Variant) -> str:
    if not variant.recipe.steps:
        return "The empty recipe writes the model as it came."
    if variant.models:
        return (
            "The bytes are the same with the same version of TinyStudio on the same kind of CPU, "
            "and as long as the models that the recipe names are the same."
        )
    return "The bytes are the same with the same version of TinyStudio on the same kind of CPU."


def _python(variant: Variant, output: str) -> str:
    steps = variant.recipe.steps
    names = "compress, step" if steps else "compress"
    lines = [f"from tinystudio.api import {names}", "", 'if __name__ == "__main__":']
    lines += ["    made = compress(", f"        {variant.network!r},", f"        {variant.data!r},"]
    lines += ["        [", *(f"            {_step(one)}," for one in steps), "        ],"]
    lines.append(f"        {output!r},")
    if variant.seed != DEFAULT_SEED:
        lines.append(f"        seed={variant.seed},")
    lines += ["    )", "    print(made.original.score, made.variant.score)", ""]
    return "\n".join(lines)


def _step(step: Step) -> str:
    named = [f"{name}={value!r}" for name, value in changed_values(step.params).items()]
    whole = f"step({', '.join([repr(step.technique), *named])})"
    return whole if len(whole) <= WIDTH else _broken(step.technique, named)


def _broken(technique: str, named: list[Any]) -> str:
    inner = "".join(f"                {item},\n" for item in named)
    return f"step(\n                {technique!r},\n{inner}            )"
