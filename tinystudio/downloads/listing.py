"""What is in a downloaded data set, and how its samples become a `Dataset`, kept on the disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinystudio.core import places
from tinystudio.core.assembling import assemble, check_splits
from tinystudio.core.class_folders import cut_by_role
from tinystudio.core.class_order import class_order, written
from tinystudio.core.data import Array, Dataset, Preprocessing, Samples
from tinystudio.core.files import write_whole
from tinystudio.core.stored_rows import Pieces, stored_rows
from tinystudio.datasets.format import Request
from tinystudio.datasets.judging_setting import METRIC, OWN
from tinystudio.downloads.keeping import NOTE

FORMAT = 1  # of what is kept of a listing
ORDERING = ("classes", METRIC, OWN)  # settings that samples do not depend on

Rows = Iterator[tuple[int, Array]]  # a sample's number and its row, in any order


@dataclass(frozen=True)
class Listing:
    """Every sample by its number: label (n,), split ("" where none is given), and what it is of.

    `groups` (n,): a speaker, patient or engine; none is in two splits.
    """

    labels: Array
    roles: Array
    classes: tuple[str, ...]
    groups: Array | None = None
    metric: str = "accuracy"


@dataclass(frozen=True)
class Made:
    """How samples are made: their shape, the rows, and the settings with nothing left open.

    `rows` is given the numbers that are wanted, which become fewer as they come; others may be
    yielded, but need not be made.
    """

    shape: tuple[int, ...]
    rows: Callable[[Collection[int]], Rows]
    settings: Mapping[str, float | int | bool | str]
    preprocessing: Preprocessing


def assembled(title: str, request: Request, listing: Listing, made: Made) -> Dataset:
    """Return the data set; rows are made once and mapped from the cache folder after that."""
    every_one = np.arange(len(listing.labels))
    few = every_one if request.most is None else _few(listing, request.most)
    together = None if listing.groups is None else listing.groups[few]
    parts = cut_by_role(listing.labels[few], listing.roles[few].tolist(), together, request.seed)
    splits = {name: few[part] for name, part in parts.items()}
    # Splits and what is kept are the same in whatever order the classes are numbered.
    named = class_order(
        listing.classes,
        str(made.settings.get("classes", "")),
        request.wanted.classes,
        request.title,
    )
    splits["test"] = np.sort(splits["test"])  # in the order in which it is published
    check_splits(splits, request.title, "Download it again: samples are missing.")
    order = np.concatenate(list(splits.values()))
    place_of = np.full(len(listing.labels), -1)
    place_of[order] = np.arange(len(order))

    def pieces() -> Pieces:
        missing = set(order.tolist())
        for number, row in made.rows(missing):
            if number in missing:
                missing.discard(number)
                yield place_of[number : number + 1], row[None]
            if not missing:
                break
        if missing:
            raise ValueError(f"{len(missing)} samples that are listed are not there")

    making = {name: value for name, value in made.settings.items() if name not in ORDERING}
    key = repr((state_of(request), making, made.preprocessing, order.tolist()))
    stored = stored_rows(key, (len(order), *made.shape), pieces, request.reporter)
    groups = None if listing.groups is None else listing.groups[order]
    labels = named.relabelled(listing.labels) if listing.classes else listing.labels
    every = Samples((stored.rows,), labels[order], order, groups)
    train, validation, test = every.cut([len(part) for part in splits.values()])
    return assemble(
        title,
        train=train,
        validation=validation,
        test=test,
        seed=request.seed,
        metric=listing.metric,
        classes=named.classes,
        preprocessing=made.preprocessing,
        settings={**made.settings, "classes": written(named.classes)},
        content=stored.content,
    )


def _few(listing: Listing, most: int) -> Array:
    """Return the numbers of so many samples of each class in each split, from all over it.

    The first ones would often be of one speaker or person, who cannot be in two splits.
    """
    _, kind_of = np.unique(listing.labels, return_inverse=True)
    _, role_of = np.unique(listing.roles, return_inverse=True)
    keys = role_of * (kind_of.max() + 1) + kind_of
    chosen = []
    for key in np.unique(keys):
        numbers = np.flatnonzero(keys == key)
        at = np.linspace(0, len(numbers) - 1, min(most, len(numbers))).round().astype(np.int64)
        chosen.append(numbers[at])
    return np.sort(np.concatenate(chosen))


def in_order(counts: Mapping[str, int]) -> Array:
    """Return the split of each sample, where so many of one split follow upon another."""
    return np.repeat(np.array(list(counts)), list(counts.values()))


def numbered(labels: Array, classes: tuple[str, ...]) -> Array:
    """Return labels (n,) as int64; raises `ValueError` for one that is none of the classes."""
    numbers = labels.astype(np.int64)
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < len(classes):
        raise ValueError(f"a label is not between 0 and {len(classes) - 1}")
    return numbers


def state_of(request: Request) -> str:
    """Return what changes with the downloaded files; raises `OSError`."""
    return (request.path / NOTE).read_text()


def kept(request: Request, name: str, make: Callable[[], Any]) -> Any:
    """Return what `make` returned (plain JSON) when it was called for these files before.

    For what takes a walk through gigabytes to find out, such as the names in an archive.
    """
    said = repr((FORMAT, state_of(request), name))
    key = hashlib.sha256(said.encode()).hexdigest()[:32]
    path = places.cache() / "data" / f"{key}.listing"
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        pass
    value = make()
    write_whole(path, json.dumps(value).encode(), durable=False)
    return value
