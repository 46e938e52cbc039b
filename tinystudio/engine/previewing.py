"""What a slider's position means: made at once, judged on some samples, not timed."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from tinystudio.core.data import Array, Dataset, Samples
from tinystudio.core.files import write_whole
from tinystudio.core.measurement import Measurement
from tinystudio.core.reporter import Part, Reporter
from tinystudio.engine.making import make
from tinystudio.engine.work import Work
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.jobs.events import PreviewReady
from tinystudio.jobs.job import PreviewJob
from tinystudio.measure.agreement import collapse_warning
from tinystudio.measure.running import open_session, outputs_of
from tinystudio.measure.scoring import judge_outputs
from tinystudio.measure.stopwatch import array_bytes
from tinystudio.measure.truth import with_truth
from tinystudio.metrics import find_metric
from tinystudio.metrics.metric import Metric

Outputs = tuple[Array, ...]
# A preview of more work than this (some 60 ms) tells a first figure on a part of the samples.
QUICK_MACS = 2.5e9
FIRST_SHARE, FEWEST_FIRST = 4, 50
KEPT = 64  # files of outputs that are there at once


def preview(job: PreviewJob, work: Work) -> None:
    """Carry out a `PreviewJob` on the first of the validation samples."""
    began = time.perf_counter()
    network = work.network(job.network)
    dataset = work.dataset(job.data, job.seed, network)
    samples, metric = dataset.validation.first(job.samples), find_metric(dataset.metric)
    original = _outputs_of_original(network, dataset, samples, work)
    samples = with_truth(samples, metric, lambda: original)
    part = Part(work.reporter, 0, 0.7)
    made = make(network, job.recipe, dataset, job.seed, part, work.cache)
    finished = work.finished(made.network, job.recipe, job.network, dataset)
    for outputs in _growing(finished, samples, work.reporter):
        count = len(outputs[0])
        before = tuple(array[:count] for array in original)
        collapse = collapse_warning(before, outputs, metric.classifies)
        warnings = tuple(dict.fromkeys((*made.warnings, *([collapse] if collapse else []))))
        size = len(finished.data)
        keep = job.keep_outputs and count == len(samples)
        work.emit(
            PreviewReady(
                job=job.id, number=job.number, recipe=job.recipe, notes=made.notes,
                measurement=_figures(
                    metric, before, outputs, samples.first(count), size, warnings
                ),
                seconds=time.perf_counter() - began,
                outputs=_kept(job, metric, outputs, work) if keep else None,
            )
        )  # fmt: skip


def _growing(network: Network, samples: Samples, reporter: Reporter) -> Iterator[Outputs]:
    """Yield the outputs on a part of the samples where all take long, then on all of them."""
    session = open_session(network.data)
    done: Outputs = ()
    for start, end in _pieces(network, len(samples)):
        piece = outputs_of(session, samples.take(np.arange(start, end)), reporter)
        done = tuple(map(np.concatenate, zip(done, piece, strict=True))) if start else piece
        yield done


def _pieces(network: Network, samples: int) -> list[tuple[int, int]]:
    """Return the pieces of the samples; where all would keep a slider waiting, some come first."""
    work = (facts(network).macs or 0) * samples
    first = samples // FIRST_SHARE
    if work <= QUICK_MACS or first < FEWEST_FIRST:
        return [(0, samples)]
    return [(0, first), (first, samples)]


def _kept(job: PreviewJob, metric: Metric, outputs: Outputs, work: Work) -> str:
    """Write what adds up in the outputs; the place is used again by a later preview."""
    path = work.artifacts / "previews" / f"{job.number % KEPT}.npy"
    values = np.ascontiguousarray(metric.additive(outputs), np.float32)
    write_whole(path, array_bytes(values), durable=False)
    return str(path)


def _outputs_of_original(
    network: Network, dataset: Dataset, samples: Samples, work: Work
) -> Outputs:
    key = ("outputs", network.fingerprint, dataset.fingerprint, len(samples))
    return work.cache.get(
        key,
        lambda: outputs_of(network.data, samples, work.reporter),
        lambda outputs: sum(array.nbytes for array in outputs),
    )


def _figures(
    metric: Metric,
    original: Outputs,
    outputs: Outputs,
    samples: Samples,
    size_bytes: int,
    warnings: tuple[str, ...],
) -> Measurement:
    figures = Measurement(
        metric=metric.id,
        higher_is_better=metric.higher_is_better,
        split="validation",
        samples=len(samples),
        size_bytes=size_bytes,
        size_bytes_status="measured",
        warnings=warnings,
    )
    if samples.labels is None:
        return figures
    before = metric.per_sample(original, samples.labels)
    found = judge_outputs(metric, outputs, samples.labels, before)
    told = {"warnings": (*warnings, found.missing)} if found.missing else {}
    return Measurement.model_validate(figures.model_dump() | found.figures | told)
