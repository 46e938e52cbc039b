"""Writes a variant to a target, and looks at what was written as a stranger would."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from tinystudio.core.data import Dataset
from tinystudio.core.errors import UserError
from tinystudio.core.files import sha256
from tinystudio.core.params import parse_params
from tinystudio.core.reporter import Part
from tinystudio.engine.judging import Judge
from tinystudio.engine.making import make
from tinystudio.engine.resolving import licence_of
from tinystudio.engine.work import Work
from tinystudio.exporters import find_target
from tinystudio.exporters.exporter import Exporter, Subject
from tinystudio.exporters.snippet import write_snippet
from tinystudio.graph.network import Network
from tinystudio.graph.trying import note_own
from tinystudio.jobs.events import ExportCheck, Exported
from tinystudio.jobs.job import ExportJob
from tinystudio.jobs.variant import Artifact
from tinystudio.measure.checking import check_written
from tinystudio.measure.running import outputs_of
from tinystudio.metrics import find_metric


def export(job: ExportJob, work: Work) -> None:
    """Carry out an `ExportJob`: make, write, check in a fresh process, measure.

    A network that cannot be run, and data that does not fit it, are found out before the writing.
    """
    target = _ready_target(job.target)
    params = parse_params(target.params, dict(job.options), target.title)
    opened = work.network(job.network)
    dataset = work.dataset(job.data, job.seed, opened) if job.data is not None else None
    work.reporter.progress(0, 1, "Making the model")
    network = _network(job, dataset, work)
    judge = Judge(work.cache, opened, dataset, "test")
    if target.runs_here:
        judge.original(Part(work.reporter, 0.3, 0.5))
    work.reporter.progress(0.5, 1, f"Writing {Path(job.output).name}")
    subject = _subject(job, network, dataset)
    files = target.write(subject, params, Path(job.output))
    checks: tuple[ExportCheck, ...] = ()
    measurement = None
    if target.runs_here:
        work.reporter.progress(0.55, 1, "Opening the file in a fresh process")
        checks = _checks(files[0], network, dataset, work)
        measurement = judge.variant(files[0].read_bytes(), Part(work.reporter, 0.6, 1))
        beside = write_snippet(subject, files[0])
        files = files if beside is None else (*files, beside)
    work.emit(
        Exported(
            job=job.id,
            target=job.target,
            artifacts=tuple(_artifact(file) for file in files),
            checks=checks,
            measurement=measurement,
        )
    )


def _ready_target(id: str) -> Exporter[Any]:
    target = find_target(id)
    reason = target.unavailable_reason()
    if reason is not None:
        raise UserError("Nothing was exported", reason, "Choose another target.")
    return target


def _network(job: ExportJob, dataset: Dataset | None, work: Work) -> Network:
    """Return the network as it was measured: the ready file, or made again by the recipe."""
    if job.artifact is not None and Path(job.artifact).is_file():
        return work.network(job.artifact)  # tried where it came with a project of others
    network = work.network(job.network)
    making = Part(work.reporter, 0, 0.3)
    made = make(network, job.recipe, dataset, job.seed, making, work.cache)
    return work.finished(made.network, job.recipe, job.network, dataset)


def _subject(job: ExportJob, network: Network, dataset: Dataset | None) -> Subject:
    known: dict[str, Any] = (
        {
            "classes": dataset.classes,
            "preprocessing": dataset.preprocessing,
            "judged": dataset.test.judged,
        }
        if dataset
        else {}
    )
    return Subject(
        network=network,
        title=job.recipe.title,
        recipe_json=job.recipe.model_dump_json(),
        licence=licence_of(job.network),
        measurements=job.measurements,
        **known,
    )


def _checks(
    file: Path, network: Network, dataset: Dataset | None, work: Work
) -> tuple[ExportCheck, ...]:
    """Compare what the file answers with what the network that was shown answers."""
    if dataset is None:
        return ()
    samples = replace(dataset.test.first(256), judged="")  # outputs as the file has them
    expected = outputs_of(network.data, samples, work.reporter)
    found = check_written(
        file, samples, expected, work.reporter,
        classification=find_metric(dataset.metric).classifies,
    )  # fmt: skip
    return tuple(ExportCheck(title=c.title, passed=c.passed, detail=c.detail) for c in found)


def _artifact(file: Path) -> Artifact:
    data = file.read_bytes()
    digest = sha256(data)
    if file.suffix in (".onnx", ".ort"):
        note_own(digest)
    return Artifact(path=str(file), sha256=digest, size_bytes=len(data))
