"""What TinyStudio keeps on the disk: where, how much, and what is lost where it is removed."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tinystudio.core import places
from tinystudio.core.errors import UserError

VARIANTS = "variants"  # of the project: removed by the session, which knows what is kept


@dataclass(frozen=True)
class DiskItem:
    """One kind of files. `cost` says what removing them means.

    What `is_safe` can be had again by itself; what is only `is_removable` is missed until then.
    """

    id: str
    title: str
    size_bytes: int
    files: int
    cost: str
    is_safe: bool = False
    is_removable: bool = False


@dataclass(frozen=True)
class _Kind:
    id: str
    title: str
    root: Literal["cache", "data"]  # one of `places`
    folder: str
    cost: str
    is_safe: bool = False
    is_removable: bool = False


_KINDS = (
    _Kind(
        "made", "Results of trainings and other long work", "cache", "made",
        "Asked for again, a recipe with a training trains again.", True, True,
    ),
    _Kind(
        "explorer", "Layer databases and times of layers", "cache", "explorer",
        "Built again when a model is opened: seconds to minutes.", True, True,
    ),
    _Kind(
        "data", "Decoded images, recordings and lists of downloads", "cache", "data",
        "Read again from the files when the data is opened.", True, True,
    ),
    _Kind(
        "previews", "Samples shown on data cards", "cache", "previews",
        "Missing on the cards of projects until the data is looked at again.", True, True,
    ),
    _Kind(
        "training", "Trainings that were stopped in the middle", "cache", "training",
        "A paused or cancelled training begins anew instead of going on.", False, True,
    ),
    _Kind(
        "downloads", "Downloaded data sets", "data", "downloads",
        "Kept: remove one in File > Download data, or with tinystudio download ID --remove.",
    ),
    _Kind(
        "imported", "Models converted from PyTorch and other formats", "data", "imported",
        "Kept: projects refer to these files.",
    ),
)  # fmt: skip


def disk_items(project: Path | None = None, kept: Collection[str] = ()) -> tuple[DiskItem, ...]:
    """Look at the disk, which takes a moment. `kept`: names of a project's artifacts that stay."""
    found = [_item(kind) for kind in _KINDS]
    return (*(_of_project(project, kept) if project is not None else ()), *found)


def remove(ids: Iterable[str]) -> int:
    """Remove what can be removed of these kinds, and return the bytes freed. There is no undo.

    Files that something holds fast stay. Raises `UserError` for what must not be removed here.
    """
    wanted, freed = set(ids), 0
    for kind in _KINDS:
        if kind.id not in wanted:
            continue
        if not kind.is_removable:
            raise UserError(f"{kind.title} were not removed", kind.cost, "Leave them out.")
        before = _item(kind).size_bytes
        folder = _folder(kind)
        shutil.rmtree(folder, ignore_errors=True)
        freed += before - _item(kind).size_bytes
    return freed


def removable_kinds() -> tuple[str, ...]:
    """Return the ids of what can be removed, those of a project first."""
    return (VARIANTS, *(kind.id for kind in _KINDS if kind.is_removable))


def _folder(kind: _Kind) -> Path:
    return (places.cache() if kind.root == "cache" else places.data()) / kind.folder


def _item(kind: _Kind) -> DiskItem:
    sizes = list(_sizes(_folder(kind)))
    return DiskItem(
        kind.id, kind.title, sum(sizes), len(sizes), kind.cost, kind.is_safe, kind.is_removable
    )


def _of_project(folder: Path, kept: Collection[str]) -> tuple[DiskItem, ...]:
    files = [file for file in (folder / "artifacts").glob("*") if file.is_file()]
    loose = [file.stat().st_size for file in files if file.name not in kept]
    whole = list(_sizes(folder))
    return (
        DiskItem(
            VARIANTS, "This project: files of variants that are not kept", sum(loose), len(loose),
            "Figures stay. Exported or compared again, they are made from their recipes.", True,
            True,
        ),
        DiskItem(
            "project", "This project: measurements, originals and kept variants",
            sum(whole) - sum(loose), len(whole) - len(loose), "Kept.",
        ),
    )  # fmt: skip


def _sizes(folder: Path) -> Iterator[int]:
    for file in folder.rglob("*"):
        with contextlib.suppress(OSError):  # it has just been removed
            if file.is_file() and not file.is_symlink():
                yield file.stat().st_size
