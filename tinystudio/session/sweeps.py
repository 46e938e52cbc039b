"""From one recipe to many: a parameter varied over a range, several of them crossed."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from tinystudio.core.errors import UserError
from tinystudio.core.params import Kind, ParamSpec, describe
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.numbers import finite

Value = float | int | bool | str

MOST_VARIANTS = 10_000  # more than a day's work on a small network: surely a slip of the hand
_ON, _OFF = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_SWITCHES = dict.fromkeys(_ON, True) | dict.fromkeys(_OFF, False)
_HINT = "Write param=from:to:step, e.g. sparsity=0:0.8:0.1, or param=value,value."


@dataclass(frozen=True)
class Vary:
    """One parameter and the values it takes. `step` None: the last step that has it."""

    param: str
    values: tuple[Value, ...]
    step: int | None = None


def parse_vary(text: str, recipe: Recipe, step: int | None = None) -> Vary:
    """Read `param=from:to:step` or `param=a,b,c`; both ends are included.

    Raises `UserError` where the text, the parameter or a value is wrong.
    """
    name, sign, rest = (part.strip() for part in text.partition("="))
    if not (name and sign and rest):
        raise _misread(text, "It has no '=' between a parameter and its values.")
    spec = _spec(recipe, _step_with(recipe, name, step), name)
    if ":" not in rest or spec.is_model:
        values = tuple(_value(word.strip(), spec, text) for word in rest.split(","))
        return Vary(name, values, step)
    words = rest.split(":")
    if len(words) != 3 or spec.kind not in (Kind.NUMBER, Kind.INTEGER):
        raise _misread(text, "A range is three numbers, from:to:step, for a number parameter.")
    low, high, width = (_number(word, text) for word in words)
    return Vary(name, _range(low, high, width, spec, text), step)


def expand(recipe: Recipe, varied: Sequence[Vary]) -> tuple[Recipe, ...]:
    """Return one recipe for every combination, the first parameter slowest; no recipe twice.

    Raises `UserError` where a value is out of bounds or there are too many combinations.
    """
    count = math.prod(len(vary.values) for vary in varied)
    if count > MOST_VARIANTS:
        raise UserError(
            "The sweep was not started",
            f"It would make {count:,} variants; at most {MOST_VARIANTS:,} are allowed.",
            "Use wider steps or fewer parameters.",
        )
    found: dict[str, Recipe] = {}
    for values in itertools.product(*(vary.values for vary in varied)):
        made = recipe
        for vary, value in zip(varied, values, strict=True):
            index = _step_with(made, vary.param, vary.step)
            made = made.with_step(index, made.steps[index].replace(**{vary.param: value}))
        found.setdefault(made.fingerprint, made)
    return tuple(found.values())


def sweep_title(recipe: Recipe, varied: Sequence[Vary], count: int) -> str:
    """Return what a sweep is called, e.g. "Sweep of channels removed: 8 variants"."""
    specs = (_spec(recipe, _step_with(recipe, it.param, it.step), it.param) for it in varied)
    names = ", ".join(spec.title[:1].lower() + spec.title[1:] for spec in specs)
    return f"Sweep of {names}: {count} {'variant' if count == 1 else 'variants'}"


def _step_with(recipe: Recipe, param: str, step: int | None) -> int:
    indices = range(len(recipe.steps)) if step is None else (step,)
    for index in reversed(indices):
        in_range = 0 <= index < len(recipe.steps)
        if in_range and param in type(recipe.steps[index].params).model_fields:
            return index
    known = sorted({name for item in recipe.steps for name in type(item.params).model_fields})
    raise UserError(
        "The sweep was not started",
        f"No step of the recipe has a parameter {param!r}.",
        f"There are: {', '.join(known)}." if known else "Add a technique to the recipe first.",
    )


def _spec(recipe: Recipe, index: int, param: str) -> ParamSpec:
    specs = describe(type(recipe.steps[index].params))
    return next(spec for spec in specs if spec.name == param)


def _range(low: float, high: float, width: float, spec: ParamSpec, text: str) -> tuple[Value, ...]:
    if width <= 0 or high < low:
        raise _misread(text, "The step must be above 0 and the end not below the start.")
    # Half a step of tolerance would overshoot; a thousandth absorbs only rounding.
    steps = (high - low) / width + 1e-3
    if steps >= MOST_VARIANTS:  # perhaps infinite, where the width is next to nothing
        raise _misread(text, f"It has too many values; at most {MOST_VARIANTS:,} are allowed.")
    numbers = (round(low + width * index, 10) for index in range(math.floor(steps) + 1))
    if spec.kind is Kind.INTEGER:
        return tuple(dict.fromkeys(round(number) for number in numbers))
    return tuple(numbers)


def _value(word: str, spec: ParamSpec, text: str) -> Value:
    if spec.kind in (Kind.CHOICE, Kind.MODEL, Kind.TEXT):
        return word
    if spec.kind is Kind.SWITCH:
        if word.lower() not in _SWITCHES:
            raise _misread(text, f"{word!r} is neither true nor false.")
        return _SWITCHES[word.lower()]
    number = _number(word, text)
    return int(number) if spec.kind is Kind.INTEGER and number.is_integer() else number


def _number(word: str, text: str) -> float:
    try:
        return finite(word)
    except ValueError as error:
        raise _misread(text, str(error)) from None


def _misread(text: str, why: str) -> UserError:
    return UserError(f"The range {text!r} was not understood", why, _HINT)
