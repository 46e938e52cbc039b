"""Data formats: one file each, found by the catalogue."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tinystudio.core.catalogue import find_parts
from tinystudio.core.data import Dataset
from tinystudio.core.errors import UserError
from tinystudio.datasets.format import DataFormat


@cache
def formats() -> tuple[DataFormat, ...]:
    """Return every data format."""
    return find_parts(__name__, DataFormat)  # type: ignore[type-abstract]


def read_dataset(path: Path, seed: int) -> Dataset:
    """Read the data at `path` by the format that recognizes it; raises `UserError`."""
    title = f"{path.name} was not read as data"
    if not path.exists():
        raise UserError(title, f"There is no file {path}.", "Check the path.")
    for data_format in formats():
        if data_format.recognizes(path):
            return data_format.read(path, seed)
    known = ", ".join(f"{item.title} ({', '.join(item.suffixes)})" for item in formats())
    raise UserError(title, "Its kind of file is not known.", f"What can be read: {known}.")
