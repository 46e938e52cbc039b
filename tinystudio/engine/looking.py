"""Shows a few samples of data while settings are tried out: only what is shown is read."""

from __future__ import annotations

from tinystudio.core.data_preview import write_preview
from tinystudio.core.sample_shots import data_preview
from tinystudio.datasets import read_dataset
from tinystudio.downloads import is_download, read_download
from tinystudio.engine.resolving import wanted_by
from tinystudio.engine.work import Work
from tinystudio.gallery import PREFIX
from tinystudio.jobs.events import DataSeen
from tinystudio.jobs.job import LookJob

OF_EACH = 12  # files of a class, or so: enough for every split to have some


def look(job: LookJob, work: Work) -> None:
    """Carry out a `LookJob`."""
    network = work.network(job.network)
    if job.data.startswith(PREFIX):
        dataset = work.dataset(job.data, job.seed, network)
    else:
        read = read_download if is_download(job.data) else read_dataset
        dataset = read(job.data, job.seed, wanted_by(network), work.reporter, most=OF_EACH)
    path = write_preview(data_preview(dataset))
    note = dataset.preprocessing.note
    work.emit(DataSeen(job=job.id, preview=path, preprocessing=note))
