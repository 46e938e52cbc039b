"""Which class has which number: as somebody says, as the model's file says, else by name."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.delimited import listed
from tinystudio.core.errors import UserError
from tinystudio.core.params import text

MOST_WRITTEN = 100  # classes of which a settings' list is written out
NAMED = 6  # in an error


def classes_setting() -> str:
    """Declare the setting that says the order of the classes: `classes: str = ...`."""
    declared: str = text(
        title="Classes in order", empty="as the model's file names them, else by name",
        help="The names of all classes in the model's own order, with commas between them.",
    )  # fmt: skip
    return declared


@dataclass(frozen=True)
class ClassOrder:
    """All classes in order; `label_of` (k,) is what the classes found have for numbers there."""

    classes: tuple[str, ...]
    label_of: tuple[int, ...]

    def relabelled(self, labels: Array) -> Array:
        """Return labels (n,) that count the classes found as numbers in this order."""
        return np.array(self.label_of, np.int64)[labels]


def class_order(found: Sequence[str], given: str, said: Sequence[str], title: str) -> ClassOrder:
    """Return the order of the classes `found` in data.

    `given` is a list with commas, `said` what the model's file calls its classes. Names that the
    file spells otherwise (capitals, `_` and `-` for spaces) are known all the same; where it does
    not know every class, it does not count. Raises `UserError`, titled so, where `given` lacks a
    class.
    """
    if given:
        names = tuple(listed(given))
        _check(names, found, title)
        return ClassOrder(names, tuple(names.index(name) for name in found))
    places = _places(found, said)
    if places is not None:
        classes = list(said)
        for name, place in zip(found, places, strict=True):
            classes[place] = name
        return ClassOrder(tuple(classes), places)
    return ClassOrder(tuple(found), tuple(range(len(found))))


def written(classes: Sequence[str]) -> str:
    """Return an order as the setting has it; nothing where there are too many classes."""
    return joined(classes) if len(classes) <= MOST_WRITTEN else ""


def joined(names: Sequence[str]) -> str:
    """Return names as a list with commas; a name with a comma stands in quotation marks."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()


def _check(names: Sequence[str], found: Sequence[str], title: str) -> None:
    twice = [name for at, name in enumerate(names) if name in names[:at]]
    if twice:
        raise UserError(
            title, f"The setting classes names {twice[0]!r} twice.", "Name every class once."
        )
    lacking = [name for name in found if name not in names]
    if lacking:
        more = "…" if len(found) > NAMED else ""
        raise UserError(
            title,
            f"The setting classes does not name {lacking[0]!r}.",
            f"Name all classes of the data: {joined(found[:NAMED])}{more}.",
        )


def _places(found: Sequence[str], said: Sequence[str]) -> tuple[int, ...] | None:
    """Return where the model's file has each class, where it has all of them once."""
    if list(found) == [str(number) for number in range(len(found))]:
        return None  # numbers say their order themselves
    for spelt in (str, _plain, _first_name):
        known = {spelt(name): place for place, name in enumerate(said)}
        places = tuple(known.get(spelt(name), -1) for name in found)
        if -1 not in places and len(set(places)) == len(places) and len(known) == len(said):
            return places
    return None


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().casefold()


def _first_name(name: str) -> str:
    """Return the first of several names with commas between them, as ImageNet's classes have."""
    return _plain(name.partition(",")[0])
