"""Shows a few samples of data while settings are tried out: only what is shown is read."""

from __future__ import annotations

from tinystudio.core.data_preview import write_preview
from tinystudio.core.sample_shots import data_preview
from tinystudio.datasets import read_dataset
from tinystudio.engine.resolving import wanted_by
from tinystudio.engine.work import Work
from tinystudio.jobs.events import DataSeen
from tinystudio.jobs.job import LookJob

OF_EACH = 12  # files of a class, or so: enough for every split to have some


def look(job: LookJob, work: Work) -> None:
    """Carry out a `LookJob`."""
    wanted = wanted_by(work.network(job.network))
    dataset = read_dataset(job.data, job.seed, wanted, work.reporter, most=OF_EACH)
    path = write_preview(data_preview(dataset))
    note = dataset.preprocessing.note
    work.emit(DataSeen(job=job.id, preview=path, preprocessing=note))
