"""Carries out an `ExploreJob`: the layer database of a network and its data."""

from __future__ import annotations

import math
from pathlib import Path

from tinystudio.core import places
from tinystudio.core.data import Dataset, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Part, Reporter, Silent
from tinystudio.engine.durations import Durations
from tinystudio.engine.forecasts import of_building
from tinystudio.engine.levels_at_hand import levels_at_hand
from tinystudio.engine.making import make
from tinystudio.engine.outlook import Outlook
from tinystudio.engine.work import Work
from tinystudio.explorer.budget import Budget
from tinystudio.explorer.building import SEARCH_FROM, Builder
from tinystudio.explorer.database import Database
from tinystudio.explorer.estimating import (
    FEWEST_KEPT,
    MOST_KEPT_BYTES,
    Estimate,
    affordable_checks,
    affordable_samples,
    estimate,
    usual_estimate,
)
from tinystudio.explorer.folder import (
    DatabaseFolder,
    database_folder,
    keep_step,
    known_step,
)
from tinystudio.explorer.hardware_step import HardwareStep, hardware_step
from tinystudio.explorer.latency_building import conditions_here
from tinystudio.explorer.space import Space
from tinystudio.explorer.spaces import space_of
from tinystudio.explorer.subject import Subject, Trainings
from tinystudio.graph.network import Network
from tinystudio.jobs.events import DatabaseReady
from tinystudio.jobs.job import ExploreJob
from tinystudio.jobs.recipe import Recipe
from tinystudio.measure.cpu import channel_step
from tinystudio.measure.running import check_samples, outputs_of
from tinystudio.measure.timer_process import TimingFailed
from tinystudio.measure.truth import with_truth
from tinystudio.metrics import find_metric
from tinystudio.metrics.metric import Metric
from tinystudio.solvers.levels import Levels

TITLE = "The model was not explored"
BEGINNING_S, STAIRCASE_S = 0.7, 1.6  # before anything is tried: ordering channels, timing widths


def explore(job: ExploreJob, work: Work) -> None:
    """Build what of the database is missing, and say every state of it."""
    work.reporter.progress(0, 1, "Opening model and data")
    network = work.network(job.network)
    dataset = work.dataset(job.data, job.seed, network)
    check_samples(network, dataset.validation)
    durations = Durations(places.cache())
    run_s = durations.plain_pass(network.fingerprint)
    likely = min(job.samples, len(dataset.validation))
    beginning = BEGINNING_S + (STAIRCASE_S if job.time else 0.0)
    work.reporter.tell_left(beginning + _seconds_of(usual_estimate(network, likely, run_s), job))
    levels = levels_at_hand(network, dataset, job.seed, work.reporter, work.cache)
    staircase = _staircase(levels, job, work) if job.time else None
    space = space_of(levels, channel_step() if staircase is None else staircase.step)
    if max(space.sizes, default=0) < 2:
        raise UserError(
            TITLE,
            "No channel can go and no layer has enough weights in floats for fewer bits.",
            "Open a model with convolutions or linear layers in floating point.",
        )
    metric = find_metric(dataset.metric)
    if not metric.is_predicted:
        raise UserError(
            TITLE,
            f"Forecasts ask the metric thousands of times; {metric.title} runs in a process "
            "of its own.",
            "Measure recipes or sweep with it; explore with one of the built-in metrics.",
        )
    samples, needs = _samples(job, network, dataset, space, levels, metric, run_s)
    work.reporter.progress(0.01, 1, f"Building the layer database: {needs.text}")
    folder = DatabaseFolder(_folder(job, network, dataset, space, len(samples)))
    folder.tidy()

    def finish(made: Network, recipe: Recipe) -> Network:
        return work.finished(made, recipe, job.network, dataset)

    def make_recipe(recipe: Recipe, reporter: Reporter) -> Network:
        return make(network, recipe, dataset, job.seed, reporter, work.cache).network

    trainings = Trainings(make_recipe, len(dataset.train)) if len(dataset.train) else None
    subject = Subject(
        network, levels, space, samples, metric, job.seed, staircase, finish, trainings
    )  # fmt: skip

    def emit(database: Database) -> None:
        path = str(folder.save(database))
        work.emit(
            DatabaseReady(
                job=job.id, path=path, stage=database.stage, seconds=database.seconds
            )
        )  # fmt: skip

    stretches = of_building(needs, job.time, job.search_s, SEARCH_FROM)
    reporter = Outlook(work.reporter, stretches, durations.ratios(), durations.note_ratio)
    Builder(subject, folder, reporter, emit, job.time).build(
        affordable_checks(levels, job.measured), job.search_s, _budget(job)
    )
    reporter.end()


def _budget(job: ExploreJob) -> Budget:
    limits = (math.inf if limit is None else limit for limit in (job.within_bytes, job.within_ms))
    return Budget(*limits)


def _seconds_of(needs: Estimate, job: ExploreJob) -> float:
    """Return what all stretches of the job take by the forecast alone."""
    stretches = of_building(needs, job.time, job.search_s, SEARCH_FROM)
    return sum(stretch.seconds for stretch in stretches)


def _staircase(levels: Levels, job: ExploreJob, work: Work) -> HardwareStep | None:
    """Return the measured staircase of this processor; None where it could not be timed."""
    network, here, root = levels.study.network, conditions_here(), places.cache()
    known = known_step(root, here, network.fingerprint)
    if known is not None:
        return known
    work.reporter.progress(0.005, 1, "Timing a layer at many widths")
    try:
        found = hardware_step(network, Part(work.reporter, 0.005, 0.01), job.seed)
    except TimingFailed:
        return None
    if found is not None:
        keep_step(root, here, network.fingerprint, found)
    return found


def _samples(
    job: ExploreJob, network: Network, dataset: Dataset, space: Space, levels: Levels,
    metric: Metric, run_s: float | None,
) -> tuple[Samples, Estimate]:  # fmt: skip
    """Return the samples that levels are tried on, their labels being what is compared with."""
    first = outputs_of(network.data, dataset.validation.first(1), Silent())
    outputs = metric.additive(first).size
    affordable = affordable_samples(network, space, outputs)
    if affordable == 0:
        raise UserError(
            TITLE,
            f"The model puts out {outputs:,} numbers per sample: what every level changes in them "
            f"does not fit into {MOST_KEPT_BYTES / 1e6:.0f} MB for {FEWEST_KEPT} samples.",
            "Compress it by hand or by a sweep, or export it for smaller images.",
        )
    some = dataset.validation.first(min(affordable, job.samples, len(dataset.validation)))
    judged = with_truth(some, metric, lambda: outputs_of(network.data, some, Silent()))
    return judged, estimate(levels, space, len(some), outputs, run_s)


def _folder(
    job: ExploreJob, network: Network, dataset: Dataset, space: Space, samples: int
) -> Path:
    return database_folder(
        places.cache(), network.fingerprint, dataset.fingerprint, dataset.metric, samples,
        job.seed, space.model_dump_json(),
    )  # fmt: skip
