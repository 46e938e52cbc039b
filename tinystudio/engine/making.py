"""Carries out a recipe, step by step; what an earlier job has made is not made again."""

from __future__ import annotations

from dataclasses import dataclass

from tinystudio.core.cache import Cache
from tinystudio.core.data import Dataset
from tinystudio.core.reporter import Part, Reporter
from tinystudio.graph.network import Network
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.techniques.technique import Context, Outcome


@dataclass(frozen=True)
class Made:
    """What a recipe made of a network, and what its techniques had to say."""

    network: Network
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def make(
    network: Network,
    recipe: Recipe,
    dataset: Dataset | None,
    seed: int,
    reporter: Reporter,
    cache: Cache,
) -> Made:
    """Carry out `recipe` on `network`; calibration comes from `dataset`, where there is one."""
    fingerprint = dataset.fingerprint if dataset is not None else ""
    calibration = dataset.calibration if dataset is not None else None
    made = Made(network)
    for index, step in enumerate(recipe.steps):
        reporter.check()
        whole = len(recipe.steps)
        context = Context(
            original=network,
            calibration=calibration,
            calibration_fingerprint=fingerprint,
            seed=seed,
            reporter=Part(reporter, index / whole, (index + 1) / whole),
            cache=cache,
        )
        before = made

        def apply(step: Step = step, before: Made = before, context: Context = context) -> Outcome:
            return step.part.apply(before.network, step.params, context)

        done = Recipe(steps=recipe.steps[: index + 1]).fingerprint
        key = ("made", network.fingerprint, fingerprint, seed, done)
        outcome = cache.get(key, apply, lambda item: len(item.network.data))
        made = Made(
            outcome.network,
            (*before.notes, *outcome.notes),
            (*before.warnings, *outcome.warnings),
        )
    return made
