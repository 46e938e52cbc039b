"""Data that is downloaded on request: data sets, one file each, found by the catalogue."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from functools import cache

from tinystudio.core.assembling import judged_by
from tinystudio.core.catalogue import find_parts
from tinystudio.core.data import Dataset, Wanted
from tinystudio.core.data_reference import DataReference
from tinystudio.core.errors import UserError
from tinystudio.core.params import parse_params
from tinystudio.core.reporter import Reporter, Silent
from tinystudio.datasets.format import Request
from tinystudio.datasets.judging_setting import GUESS, METRIC
from tinystudio.downloads.download import PREFIX, Download
from tinystudio.downloads.keeping import folder_of, note_of
from tinystudio.gallery.task import AREAS


@cache
def downloads() -> Mapping[str, Download]:
    """Return every data set that can be downloaded, by id, in the order of areas and titles."""
    parts = find_parts(__name__, Download)  # type: ignore[type-abstract]
    ordered = sorted(parts, key=lambda part: (AREAS.index(part.area), part.title))
    return {part.id: part for part in ordered}


def is_download(reference: str) -> bool:
    """Say whether data is named as one that is downloaded."""
    return reference.startswith(PREFIX)


def find_download(reference: str) -> Download:
    """Return what `download:ID` names, with or without settings behind it; raises `UserError`."""
    name = DataReference.parse(reference).path.removeprefix(PREFIX)
    if name not in downloads():
        raise UserError(
            f"{reference} was not opened",
            f"There is no data set {name!r} to download.",
            f"Choose one of: {', '.join(PREFIX + known for known in downloads())}.",
        )
    return downloads()[name]


def download_state(reference: str) -> Hashable:
    """Return what tells changed files from unchanged ones; raises `UserError` if not there."""
    download = find_download(reference)
    note = note_of(download)
    if note is None:
        raise UserError(
            f"{reference} was not opened",
            f"{download.title} has not been downloaded to this computer.",
            f"Download it: File > Download data, or tinystudio download {download.id}",
        )
    return (download.id, *(file.sha256 for file in note.files))


def read_download(
    reference: str,
    seed: int,
    wanted: Wanted | None = None,
    reporter: Reporter | None = None,
    most: int | None = None,
) -> Dataset:
    """Read the data that `download:ID` with its settings names; raises `UserError`.

    `wanted`: what the network takes and gives, by which settings are guessed. `most`: only so many
    samples of each class; None: everything.
    """
    download_state(reference)
    download = find_download(reference)
    settings = parse_params(
        download.params, dict(DataReference.parse(reference).settings), download.title
    )
    request = Request(
        folder_of(download), seed, settings, wanted or Wanted(), reporter or Silent(), most
    )
    read = replace(download.read(request), format=download.id)
    asked = str(getattr(settings, METRIC))
    return judged_by(read, read.metric if asked == GUESS else asked)
