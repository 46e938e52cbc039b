"""Makes and measures variants one after another; each is said as soon as it is done."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from tinystudio.core import places
from tinystudio.core.data import Dataset
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Part, Reporter
from tinystudio.engine.artifacts import write_artifact
from tinystudio.engine.doubting import warn_of_guessing
from tinystudio.engine.durations import Durations
from tinystudio.engine.forecasts import MAKING, of_variants
from tinystudio.engine.judging import Judge
from tinystudio.engine.making import make
from tinystudio.engine.outlook import Outlook
from tinystudio.engine.work import Work
from tinystudio.graph.network import Network
from tinystudio.jobs.events import VariantFailed, VariantReady
from tinystudio.jobs.job import VariantsJob
from tinystudio.jobs.recipe import Recipe
from tinystudio.jobs.variant import Variant, variant_id
from tinystudio.measure.running import check_samples

ORIGINAL = Recipe()
ORIGINAL_SERIES = "original"
MAKING_SHARE = 0.5  # of a variant's progress bar; measuring has the rest


def make_variants(job: VariantsJob, work: Work) -> None:
    """Carry out a `VariantsJob`: the original first, then each recipe.

    A recipe that cannot be carried out is said, and the next one goes on.
    """
    work.reporter.progress(0, 1, "Opening model and data")
    network = work.network(job.network)
    dataset = work.dataset(job.data, job.seed, network)
    check_samples(network, dataset.split(job.split))
    bench = _Bench(job, work, network, dataset)
    recipes = (ORIGINAL, *job.recipes)
    outlook = _outlook(job, work, network, dataset, recipes)
    for index, recipe in enumerate(recipes):
        part = Part(outlook, index / len(recipes), (index + 1) / len(recipes))
        part.progress(0, 1, _text(recipe, index, len(job.recipes)))
        bench.carry_out(recipe, index - 1, part)


def _outlook(
    job: VariantsJob, work: Work, network: Network, dataset: Dataset, recipes: Sequence[Recipe]
) -> Outlook:
    durations = Durations(places.cache())
    stretches = of_variants(
        recipes, network, dataset, job.split, job.time, MAKING_SHARE, durations
    )  # fmt: skip
    return Outlook(work.reporter, stretches, durations.ratios(), _keep)


def _keep(kind: str, ratio: float) -> None:
    """Keep for later jobs what measuring takes; techniques' paces are kept where they are made."""
    if not kind.startswith(MAKING):
        Durations(places.cache()).note_ratio(kind, ratio)


def _text(recipe: Recipe, index: int, count: int) -> str:
    return f"{recipe.title} ({index} of {count})" if index else "Measuring the original"


@dataclass(frozen=True)
class _Bench:
    """What all variants of one job share."""

    job: VariantsJob
    work: Work
    network: Network
    dataset: Dataset

    def carry_out(self, recipe: Recipe, index: int, reporter: Reporter) -> None:
        """Make and measure one recipe and say what became of it. The original must not fail."""
        if not recipe.steps and index >= 0:
            return  # asked for by name, and said already
        try:
            variant = self._variant(recipe, index, reporter)
        except UserError as error:
            if not recipe.steps:
                raise
            self.work.emit(
                VariantFailed(
                    job=self.job.id, recipe=recipe, title=error.title, detail=error.detail,
                    hint=error.hint,
                )
            )  # fmt: skip
            return
        self.work.emit(VariantReady(job=self.job.id, variant=variant))

    def _variant(self, recipe: Recipe, index: int, reporter: Reporter) -> Variant:
        began = time.perf_counter()
        job, work = self.job, self.work
        making = Part(reporter, 0, MAKING_SHARE)
        made = make(self.network, recipe, self.dataset, job.seed, making, work.cache)
        data = work.finished(made.network, recipe, job.network, self.dataset).data
        artifact = write_artifact(work.artifacts, data) if job.keep_files else None
        judge = Judge(
            work.cache, self.network, self.dataset, job.split, job.threads, job.time, job.batches
        )
        measuring = Part(reporter, MAKING_SHARE, 1)
        measurement = judge.variant(data, measuring) if recipe.steps else judge.original(measuring)
        if not recipe.steps:
            warn_of_guessing(judge, self.work, job.id, job.data, measuring)
        warnings = (*made.warnings, *measurement.warnings)
        return Variant(
            id=self._id(recipe),
            network=job.network,
            data=job.data,
            seed=job.seed,
            recipe=recipe,
            series=self._series(recipe, index),
            measurement=measurement.model_copy(update={"warnings": warnings}),
            artifact=artifact,
            parent=self._id(ORIGINAL) if recipe.steps else None,
            seconds=time.perf_counter() - began,
            source=self.network.fingerprint,
            models={name: work.network(name).fingerprint for name in recipe.models},
            notes=made.notes,
        )

    def _id(self, recipe: Recipe) -> str:
        job = self.job
        return variant_id(job.network, job.data, job.seed, recipe, job.split)

    def _series(self, recipe: Recipe, index: int) -> str:
        if not recipe.steps:
            return ORIGINAL_SERIES
        if index < len(self.job.series):
            return self.job.series[index]
        return series_of(recipe)


def series_of(recipe: Recipe) -> str:
    """Return the series of a recipe: that of its last step, unless an earlier one is a control."""
    names = [step.part.series(step.params) for step in recipe.steps]
    ids = [step.technique for step in recipe.steps]
    own = [name for name, id in zip(names, ids, strict=True) if name != id]
    return own[-1] if own else names[-1]
