"""Measures a file as it is, alone or against another one."""

from __future__ import annotations

from tinystudio.core.reporter import Part
from tinystudio.engine.doubting import warn_of_guessing
from tinystudio.engine.judging import Judge
from tinystudio.engine.work import Work
from tinystudio.graph.network import Network
from tinystudio.graph.ort_format import OrtFile
from tinystudio.jobs.events import Measured
from tinystudio.jobs.job import MeasureJob
from tinystudio.measure.running import Inlet, check_fit, inlets, inlets_of, open_session


def measure(job: MeasureJob, work: Work) -> None:
    """Carry out a `MeasureJob`. Without data: size and latency only."""
    work.reporter.progress(0, 1, "Opening the model")
    network = work.runnable(job.network)
    dataset = work.dataset(job.data, job.seed, network) if job.data is not None else None
    if dataset is not None:
        check_fit(_inlets(network), dataset.split(job.split))
    first = work.runnable(job.against) if job.against is not None else network
    judge = Judge(work.cache, first, dataset, job.split, job.threads, job.time, job.batches)
    if job.against is None:
        measurement = judge.original(work.reporter)
        warn_of_guessing(judge, work, job.id, job.data, work.reporter)
        work.emit(Measured(job=job.id, measurement=measurement))
        return
    original = judge.original(Part(work.reporter, 0, 0.5))
    measurement = judge.variant(network.data, Part(work.reporter, 0.5, 1))
    work.emit(Measured(job=job.id, measurement=measurement, original=original))


def _inlets(network: Network | OrtFile) -> tuple[Inlet, ...]:
    if isinstance(network, OrtFile):
        return inlets(open_session(network.data))
    return inlets_of(network)
