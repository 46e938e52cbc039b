"""What a slider's position means: made at once, judged on some samples, not timed."""

from __future__ import annotations

import time

import numpy as np

from tinystudio.core.data import Array, Dataset, Samples
from tinystudio.core.files import write_whole
from tinystudio.core.measurement import Measurement
from tinystudio.core.metrics import Metric, find_metric
from tinystudio.core.reporter import Part
from tinystudio.engine.making import make
from tinystudio.engine.work import Work
from tinystudio.graph.network import Network
from tinystudio.jobs.events import PreviewReady
from tinystudio.jobs.job import PreviewJob
from tinystudio.measure.agreement import collapse_warning
from tinystudio.measure.running import outputs_of
from tinystudio.measure.scoring import NOT_FINITE, judge_outputs
from tinystudio.measure.stopwatch import array_bytes

Outputs = tuple[Array, ...]
KEPT = 64  # files of outputs that are there at once


def preview(job: PreviewJob, work: Work) -> None:
    """Carry out a `PreviewJob` on the first of the validation samples."""
    began = time.perf_counter()
    network = work.network(job.network)
    dataset = work.dataset(job.data, job.seed)
    samples = dataset.validation.first(job.samples)
    original = _outputs_of_original(network, dataset, samples, work)
    part = Part(work.reporter, 0, 0.7)
    made = make(network, job.recipe, dataset, job.seed, part, work.cache)
    data = work.finished(made.network, job.recipe, job.network, dataset).data
    outputs = outputs_of(data, samples, Part(work.reporter, 0.7, 1))
    metric = find_metric(dataset.metric)
    collapse = collapse_warning(original, outputs, metric.classifies)
    warnings = tuple(dict.fromkeys((*made.warnings, *([collapse] if collapse else []))))
    measurement = _figures(metric, original, outputs, samples, len(data), warnings)
    work.emit(
        PreviewReady(
            job=job.id, number=job.number, recipe=job.recipe, measurement=measurement,
            notes=made.notes, seconds=time.perf_counter() - began,
            outputs=_kept(job, metric, outputs, work) if job.keep_outputs else None,
        )
    )  # fmt: skip


def _kept(job: PreviewJob, metric: Metric, outputs: Outputs, work: Work) -> str:
    """Write what adds up in the outputs; the place is used again by a later preview."""
    path = work.artifacts / "previews" / f"{job.number % KEPT}.npy"
    values = np.ascontiguousarray(metric.additive(outputs), np.float32)
    write_whole(path, array_bytes(values))
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
    scored = judge_outputs(metric, outputs, samples.labels, before).figures
    if "score" not in scored:
        scored["warnings"] = (*warnings, NOT_FINITE)
    return Measurement.model_validate(figures.model_dump() | scored)
