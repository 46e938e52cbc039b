"""Carries out a recipe, step by step; what an earlier job has made is not made again."""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from tinystudio.core import places
from tinystudio.core.cache import Cache
from tinystudio.core.data import Dataset
from tinystudio.core.moment import Moment
from tinystudio.core.reporter import Part, Reporter
from tinystudio.engine.durations import LEAST_S, Durations
from tinystudio.engine.kept_makings import KeptMakings, Made
from tinystudio.engine.resolving import resolve_network
from tinystudio.engine.training_checkpoints import DiskCheckpoint
from tinystudio.graph.network import Network
from tinystudio.jobs.recipe import Recipe, Step
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
    models = {name: resolve_network(name, cache, Part(reporter, 0, 0)) for name in recipe.models}
    making = _Making(network, recipe, dataset, seed, reporter, cache, models)
    making.check()
    return making.upto(len(recipe.steps))


@dataclass(frozen=True)
class _Making:
    network: Network
    recipe: Recipe
    dataset: Dataset | None
    seed: int
    reporter: Reporter
    cache: Cache
    models: Mapping[str, Network]

    def check(self) -> None:
        """Refuse what cannot be carried out before anything is done."""
        context = self._context(self.reporter)
        for step in self.recipe.steps:
            step.part.check(self.network, step.params, context)

    def _context(self, reporter: Reporter) -> Context:
        context = context_of(self.network, self.dataset, self.seed, reporter, self.cache)
        return replace(context, models=self.models)

    def upto(self, count: int) -> Made:
        """Return what the first `count` steps make: from memory, the disk, or the steps before."""
        if count == 0:
            return Made(self.network)
        self.reporter.check()
        done = self._done(count)
        key = self._key(done)
        is_trained = any(step.part.trains for step in done.steps)
        make = partial(self._from_disk, key, count) if is_trained else partial(self._made, count)
        return self.cache.get(key, make, lambda made: len(made.network.data))

    def _done(self, count: int) -> Recipe:
        return Recipe(steps=self.recipe.steps[:count])

    def _key(self, done: Recipe) -> Hashable:
        """Return all that the outcome of the first steps depends on."""
        data = "" if self.dataset is None else self.dataset.fingerprint
        # By what their files hold, so that one that is another now is not taken for the same.
        models = (self.models[name].fingerprint for name in done.models)
        return ("made", self.network.fingerprint, data, self.seed, done.fingerprint, *models)

    def _from_disk(self, key: Hashable, count: int) -> Made:
        """Return what is kept of a training, or train and keep it."""
        kept = KeptMakings(places.cache() / "made")
        found = kept.find(key)
        if found is None:
            found = self._made(count)
            kept.keep(key, found)
            if not self.recipe.steps[count - 1].stop_after:  # else the whole may still go on
                self._checkpoint(count).forget()
        return found

    def _checkpoint(self, count: int) -> DiskCheckpoint:
        """Return where the training's state is kept: the same wherever it is cut off."""
        done = self._done(count)
        whole = done.with_step(count - 1, done.steps[-1].whole)
        return DiskCheckpoint(places.cache() / "training", self._key(whole))

    def _made(self, count: int) -> Made:
        before, step = self.upto(count - 1), self.recipe.steps[count - 1]
        whole = len(self.recipe.steps)
        title = self._done(count).title
        part = _Named(self.reporter, (count - 1) / whole, count / whole, title)
        context = self._context(part)
        goes_on = False
        if step.part.trains:
            checkpoint = self._checkpoint(count)
            context, goes_on = replace(context, checkpoint=checkpoint), checkpoint.is_there
        began = time.monotonic()
        outcome = step.part.apply(before.network, step.params, context)
        if not goes_on and not step.stop_after:
            self._note_duration(step, time.monotonic() - began)
        return Made(
            outcome.network,
            (*before.notes, *outcome.notes),
            (*before.warnings, *outcome.warnings),
        )

    def _note_duration(self, step: Step, seconds: float) -> None:
        """Remember how long a whole step took, for forecasts."""
        if self.dataset is None or seconds < LEAST_S:
            return  # a preview's step is not worth reading the file for
        counts = len(self.dataset.train), len(self.dataset.calibration)
        passes = step.part.passes(step.params, *counts)
        Durations(places.cache()).note(step.part, self.network.fingerprint, passes, seconds)


class _Named(Part):
    """Tells of one step, whose training is named by the recipe up to it."""

    def __init__(self, whole: Reporter, start: float, end: float, title: str) -> None:
        super().__init__(whole, start, end)
        self._title = title

    def learned(self, moment: Moment) -> None:
        super().learned(moment.model_copy(update={"training": self._title}))


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
        validation=dataset.validation,
    )
