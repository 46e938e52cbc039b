"""A network made from another by a recipe, with its measurements."""

from __future__ import annotations

import hashlib

from pydantic import BaseModel, ConfigDict

from tinystudio.core.data import Split
from tinystudio.core.measurement import Measurement
from tinystudio.jobs.recipe import Recipe


class Artifact(BaseModel):
    """A file an engine wrote: where it is and what it holds."""

    model_config = ConfigDict(frozen=True)

    path: str
    sha256: str
    size_bytes: int


class Variant(BaseModel):
    """What a run found out about one recipe. `id` is unique within a project.

    `series` groups points for colour and shape: "original", a technique's id (that of the last
    step that has one of its own), or "random-control", "plain-control".
    """

    model_config = ConfigDict(frozen=True)

    id: str
    network: str  # the reference of the original: a path or gallery:TASK
    data: str
    seed: int
    recipe: Recipe
    series: str
    measurement: Measurement
    artifact: Artifact | None = None
    parent: str | None = None
    seconds: float = 0.0  # to make and measure
    source: str = ""  # fingerprint of the network as it was then; empty in older projects
    models: dict[str, str] = {}  # fingerprints of the models that the recipe names, likewise
    notes: tuple[str, ...] = ()  # what the techniques have to say, e.g. "conv3 keeps 48 of 64"


def variant_id(network: str, data: str, seed: int, recipe: Recipe, split: Split) -> str:
    """Return the id of what this recipe makes: asked again, it is the same variant again."""
    text = "|".join((network, data, str(seed), recipe.fingerprint, split))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
