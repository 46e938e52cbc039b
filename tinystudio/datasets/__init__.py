"""Data formats: one file each, found by the catalogue."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tinystudio.core.catalogue import find_parts
from tinystudio.core.data import Dataset, Wanted
from tinystudio.core.data_reference import DataReference
from tinystudio.core.errors import UserError
from tinystudio.core.params import parse_params
from tinystudio.core.reporter import Reporter, Silent
from tinystudio.datasets.format import DataFormat, Request


@cache
def formats() -> tuple[DataFormat, ...]:
    """Return every data format."""
    return find_parts(__name__, DataFormat)  # type: ignore[type-abstract]


def format_of(path: Path) -> DataFormat | None:
    """Return the format that recognizes `path`, where one does."""
    return next((item for item in formats() if item.recognizes(path)), None)


def find_format(path: Path) -> DataFormat:
    """Return the format that recognizes `path`; raises `UserError` naming those there are."""
    title = f"{path.name} was not read as data"
    if not path.exists():
        raise UserError(title, f"There is no file {path}.", "Check the path.")
    found = format_of(path)
    if found is None:
        kind = "folder" if path.is_dir() else "file"
        hint = f"What can be read: {known_formats()}."
        raise UserError(title, f"Its kind of {kind} is not known.", hint)
    return found


def known_formats() -> str:
    """Return every format with its endings, in words."""
    return "; ".join(f"{item.title} ({', '.join(item.suffixes)})" for item in formats())


def read_dataset(
    reference: str | Path,
    seed: int,
    wanted: Wanted | None = None,
    reporter: Reporter | None = None,
) -> Dataset:
    """Read the data that `reference` names, by the format that recognizes it.

    `wanted`: what the network takes and gives, by which settings are guessed. Raises `UserError`.
    """
    named = DataReference.parse(str(reference))
    path = Path(named.path)
    data_format = find_format(path)
    settings = parse_params(data_format.params, dict(named.settings), data_format.title)
    request = Request(path, seed, settings, wanted or Wanted(), reporter or Silent())
    return data_format.read(request)
