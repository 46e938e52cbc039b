"""Carries out a recipe, step by step; what an earlier job has made is not made again."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import partial

from tinystudio.core import places
from tinystudio.core.cache import Cache
from tinystudio.core.data import Dataset
from tinystudio.core.reporter import Part, Reporter
from tinystudio.engine.kept_makings import KeptMakings, Made
from tinystudio.graph.network import Network
from tinystudio.jobs.recipe import Recipe
from tinystudio.techniques.technique import Context


def make(
    network: Network,
    recipe: Recipe,
    dataset: Dataset | None,
    seed: int,
    reporter: Reporter,
    cache: Cache,
) -> Made:
    """Carry out `recipe` on `network`; calibration comes from `dataset`, where there is one."""
    return _Making(network, recipe, dataset, seed, reporter, cache).upto(len(recipe.steps))


@dataclass(frozen=True)
class _Making:
    network: Network
    recipe: Recipe
    dataset: Dataset | None
    seed: int
    reporter: Reporter
    cache: Cache

    def upto(self, count: int) -> Made:
        """Return what the first `count` steps make: from memory, the disk, or the steps before."""
        if count == 0:
            return Made(self.network)
        self.reporter.check()
        done = Recipe(steps=self.recipe.steps[:count])
        data = "" if self.dataset is None else self.dataset.fingerprint
        key = ("made", self.network.fingerprint, data, self.seed, done.fingerprint)
        is_trained = any(step.part.trains for step in done.steps)
        make = partial(self._from_disk, key, count) if is_trained else partial(self._made, count)
        return self.cache.get(key, make, lambda made: len(made.network.data))

    def _from_disk(self, key: Hashable, count: int) -> Made:
        """Return what is kept of a training, or train and keep it."""
        kept = KeptMakings(places.cache() / "made")
        found = kept.find(key)
        if found is None:
            found = self._made(count)
            kept.keep(key, found)
        return found

    def _made(self, count: int) -> Made:
        before, step = self.upto(count - 1), self.recipe.steps[count - 1]
        whole = len(self.recipe.steps)
        part = Part(self.reporter, (count - 1) / whole, count / whole)
        context = context_of(self.network, self.dataset, self.seed, part, self.cache)
        outcome = step.part.apply(before.network, step.params, context)
        return Made(
            outcome.network,
            (*before.notes, *outcome.notes),
            (*before.warnings, *outcome.warnings),
        )


def context_of(
    original: Network, dataset: Dataset | None, seed: int, reporter: Reporter, cache: Cache
) -> Context:
    """Return what a technique may use, of a dataset or without one."""
    if dataset is None:
        return Context(original, None, "", seed, reporter, cache)
    return Context(
        original=original,
        calibration=dataset.calibration,
        calibration_fingerprint=dataset.fingerprint,
        seed=seed,
        reporter=reporter,
        cache=cache,
        train=dataset.train,
        metric=dataset.metric,
    )
