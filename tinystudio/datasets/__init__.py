"""Data formats: one file each, found by the catalogue."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from tinystudio.core.assembling import judged_by, labels_of_output
from tinystudio.core.catalogue import find_parts
from tinystudio.core.data import Dataset, Wanted
from tinystudio.core.data_reference import DataReference
from tinystudio.core.errors import UserError
from tinystudio.core.params import parse_params
from tinystudio.core.reporter import Reporter, Silent
from tinystudio.datasets.common_settings import FORMAT, OUTPUT, of_output
from tinystudio.datasets.format import DataFormat, Request
from tinystudio.datasets.judging_setting import GUESS, METRIC


@cache
def formats() -> tuple[DataFormat, ...]:
    """Return every data format."""
    return find_parts(__name__, DataFormat)  # type: ignore[type-abstract]


def formats_of(path: Path) -> tuple[DataFormat, ...]:
    """Return the formats that recognize `path`."""
    return tuple(item for item in formats() if item.recognizes(path))


def format_of(reference: DataReference, wanted: Wanted | None = None) -> DataFormat | None:
    """Return the format that reads what `reference` names, where one does.

    Of several it is the one that the setting `format` names, else the first that suits `wanted`.
    """
    path = Path(reference.path)
    known = formats_of(path)
    named = reference.settings.get(FORMAT)
    if named is not None:
        return next((item for item in known if item.id == named), None)
    suited = (item for item in known if item.suits(path, wanted or Wanted()))
    return next(suited, known[0] if known else None)


def find_format(reference: DataReference, wanted: Wanted | None = None) -> DataFormat:
    """Return the format that reads what `reference` names; else raises `UserError`."""
    path = Path(reference.path)
    title = f"{path.name} was not read as data"
    if not path.exists():
        raise UserError(title, f"There is no file {path}.", "Check the path.")
    found = format_of(reference, wanted)
    if found is not None:
        return found
    kind = "folder" if path.is_dir() else "file"
    named = reference.settings.get(FORMAT)
    if named is not None:
        ids = ", ".join(item.id for item in formats_of(path)) or "none"
        detail = f"It cannot be read as {named!r}."
        raise UserError(title, detail, f"Formats of this {kind}: {ids}.")
    raise UserError(
        title, f"Its kind of {kind} is not known.", f"What can be read: {known_formats()}."
    )


def known_formats() -> str:
    """Return every format with its endings, in words."""
    return "; ".join(f"{item.title} ({', '.join(item.suffixes)})" for item in formats())


def read_dataset(
    reference: str | Path,
    seed: int,
    wanted: Wanted | None = None,
    reporter: Reporter | None = None,
    most: int | None = None,
) -> Dataset:
    """Read the data that `reference` names, by the format that recognizes it.

    `wanted`: what the network takes and gives, by which settings are guessed. `most`: only
    so many files of each class, or so much that it shows what the rest is like; None: everything.
    Raises `UserError`.
    """
    named, wanted = DataReference.parse(str(reference)), wanted or Wanted()
    data_format = find_format(named, wanted)
    settings = parse_params(data_format.params, dict(named.settings), data_format.title)
    output = str(getattr(settings, OUTPUT))
    path = Path(named.path)
    wanted = of_output(wanted, output, f"{path.name} was not read as data")
    request = Request(path, seed, settings, wanted, reporter or Silent(), most)
    read = labels_of_output(data_format.read(request), output)
    told = {**read.settings, FORMAT: data_format.id, OUTPUT: _output_told(wanted, output)}
    asked = str(getattr(settings, METRIC, GUESS))
    named_so = replace(read, format=data_format.id, settings=told)
    return judged_by(named_so, read.metric if asked == GUESS else asked)


def _output_told(wanted: Wanted, output: str) -> str:
    """Return the name of the judged output, where there is a choice."""
    return output or (wanted.output_names[0] if len(wanted.output_names) > 1 else "")
