"""Techniques in order: what is to be done to a network. Immutable; JSON is its file format."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_serializer, model_validator

from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, parse_params
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Technique


class Step(BaseModel):
    """One technique with its parameters. In JSON the parameters stand beside the id."""

    model_config = ConfigDict(frozen=True)

    technique: str
    params: Params

    @classmethod
    def of(cls, technique: str, **values: Any) -> Step:
        """Return a step with typed parameters; raises `UserError` for what is not allowed."""
        part = find_technique(technique)
        return cls(technique=technique, params=parse_params(part.params, values, part.title))

    @property
    def part(self) -> Technique[Any]:
        """Return the technique this step names."""
        return find_technique(self.technique)

    def replace(self, **values: Any) -> Step:
        """Return this step with some parameters changed."""
        return Step.of(self.technique, **{**self.params.model_dump(), **values})

    @property
    def stop_after(self) -> float:
        """Return after how many epochs its training is cut off; 0: it is not, or trains nothing."""
        return float(getattr(self.params, "stop_after", 0.0))

    @property
    def whole(self) -> Step:
        """Return this step with its training going to the end."""
        return self.replace(stop_after=0.0) if self.stop_after else self

    @model_serializer
    def _flat(self) -> dict[str, Any]:
        return {"technique": self.technique, **self.params.written()}

    @model_validator(mode="before")
    @classmethod
    def _from_flat(cls, value: Any) -> Any:
        if not isinstance(value, dict) or isinstance(value.get("params"), Params):
            return value
        rest = {name: item for name, item in value.items() if name != "technique"}
        technique = str(value.get("technique", ""))
        part = find_technique(technique)
        return {"technique": technique, "params": parse_params(part.params, rest, part.title)}


class Recipe(BaseModel):
    """Steps in order. The empty recipe is the original network."""

    # A slip such as "step" for "steps" must not read as the empty recipe.
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    steps: tuple[Step, ...] = ()

    def with_step(self, index: int, step: Step) -> Recipe:
        """Return this recipe with the step at `index` replaced."""
        steps = (*self.steps[:index], step, *self.steps[index + 1 :])
        return Recipe(steps=steps)

    def with_added(self, step: Step) -> Recipe:
        """Return this recipe with `step` at its end."""
        return Recipe(steps=(*self.steps, step))

    def without_step(self, index: int) -> Recipe:
        """Return this recipe without the step at `index`."""
        return Recipe(steps=(*self.steps[:index], *self.steps[index + 1 :]))

    def with_moved(self, index: int, to: int) -> Recipe:
        """Return this recipe with the step at `index` moved to position `to`."""
        steps = [*self.steps[:index], *self.steps[index + 1 :]]
        steps.insert(to, self.steps[index])
        return Recipe(steps=tuple(steps))

    @property
    def fingerprint(self) -> str:
        """Return a hash of what this recipe does: equal recipes, equal fingerprints."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def models(self) -> tuple[str, ...]:
        """Return the models that its steps name beside the one it is carried out on."""
        return tuple(dict.fromkeys(name for step in self.steps for name in step.params.models))

    def with_models(self, renamed: Callable[[str], str]) -> Recipe:
        """Return the same recipe, each model that its steps name called by another reference."""
        return Recipe(
            steps=tuple(
                Step(technique=step.technique, params=step.params.with_models(renamed))
                for step in self.steps
            )
        )

    @property
    def title(self) -> str:
        """Return the recipe in a few words, e.g. "channels −50 %, INT8"."""
        if not self.steps:
            return "original"
        return ", ".join(step.part.describe(step.params) for step in self.steps)


def recipe_from_json(text: str | bytes, source: str) -> Recipe:
    """Read a recipe file's text; `source` names it in the error.

    Raises `UserError` where it is not a recipe of a version this program knows.
    """
    title = f"{source} was not read as a recipe"
    hint = 'A recipe is {"version": 1, "steps": [{"technique": "channel-pruning", ...}]}.'
    try:
        return Recipe.model_validate(json.loads(text))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(item) for item in first["loc"]) or "the whole"
        raise UserError(title, f"{where}: {first['msg']}.", hint) from None
    # ValueError: text that is no JSON or not even text, or a number of thousands of digits.
    except (ValueError, RecursionError) as error:
        raise UserError(title, f"It is not JSON that can be read: {error}.", hint) from None
