"""Why a recipe's variant is less accurate than the original, and what would help."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from tinystudio.jobs.recipe import Recipe

What = Literal["weights", "activations", "weights and activations", "channels"]


class StepScore(BaseModel):
    """The score after a step; the first is that of the original."""

    model_config = ConfigDict(frozen=True)

    title: str
    score: float


class Cause(BaseModel):
    """One layer's or group's part in the loss: what comes back where it alone is left as it was.

    `share` of the step's loss, `points` in the metric's unit, `cost_bytes` more in the file.
    """

    model_config = ConfigDict(frozen=True)

    layer: str
    what: What
    points: float
    share: float
    cost_bytes: int


class Diagnosis(BaseModel):
    """What was found, in figures and in a sentence; `remedy` is the recipe that is proposed.

    `remedy_score` None: it holds a training and was not measured.
    """

    model_config = ConfigDict(frozen=True)

    recipe: Recipe
    metric: str
    samples: int
    steps: tuple[StepScore, ...]
    worst: int | None = None  # of `recipe.steps`; None: nothing to explain
    causes: tuple[Cause, ...] = ()
    sentence: str
    remedy: Recipe | None = None
    remedy_title: str = ""
    remedy_score: float | None = None
    notes: tuple[str, ...] = ()
