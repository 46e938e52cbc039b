"""What the gallery's page lists: sections of entries as plain data, and where each stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tinystudio.gallery import NOT_BUILT_IN, PREFIX, gallery
from tinystudio.gallery.task import AREAS, GalleryTask

TO_DOWNLOAD = "To download"
SOME_TO_DOWNLOAD = "Some can be downloaded; for the rest, attach your own data in the File menu."
NONE_YET = "To work on these, attach your own data in the File menu."


@dataclass(frozen=True)
class GalleryEntry:
    """One card. `reference` is what it opens; `reason`: why it cannot be opened, else empty."""

    reference: str
    title: str
    area: str
    question: str
    look_at: str
    licence: str
    source: str
    picture: Path | None = None
    reason: str = ""


@dataclass(frozen=True)
class GallerySection:
    """Entries under one heading; `note` stands below it."""

    title: str
    entries: tuple[GalleryEntry, ...]
    note: str = ""


def gallery_sections(
    downloads: Sequence[GalleryEntry] = (),
) -> tuple[GallerySection, ...]:
    """Return what is built in, by area, and then what can be downloaded."""
    tasks = gallery().values()
    there = dict.fromkeys(task.area for task in tasks)
    areas = [*(area for area in AREAS if area in there), *sorted(there.keys() - set(AREAS))]
    built_in = (
        GallerySection(area, tuple(_entry(task) for task in tasks if task.area == area))
        for area in areas
    )
    return (*built_in, GallerySection(TO_DOWNLOAD, tuple(downloads), _note(bool(downloads))))


def _entry(task: GalleryTask) -> GalleryEntry:
    return GalleryEntry(
        reference=f"{PREFIX}{task.id}",
        title=task.title,
        area=task.area,
        question=task.question,
        look_at=task.look_at,
        licence=task.licence,
        source=task.source,
        picture=task.picture_path,
    )


def _note(has_downloads: bool) -> str:
    said = f"Not built in, since no freely licensed package has data for it: {NOT_BUILT_IN}."
    return f"{said} {SOME_TO_DOWNLOAD if has_downloads else NONE_YET}"


@dataclass(frozen=True)
class Place:
    """Where a section begins in a grid, its heading in `row`, and how many columns it takes."""

    row: int
    column: int
    width: int

    def card(self, number: int) -> tuple[int, int]:
        """Return row and column of the section's entry of that number; rows of cards follow."""
        return self.row + 2 + number // self.width, self.column + number % self.width


def places(counts: Sequence[int], columns: int) -> tuple[Place, ...]:
    """Lay sections of so many cards out in a grid, side by side where they have room.

    A section's heading takes one row, its note another, its cards the rows below.
    """
    found: list[Place] = []
    row = column = height = 0
    for count in counts:
        width = min(count, columns) or columns  # a note alone may run across
        if column + width > columns:
            row, column, height = row + height, 0, 0
        found.append(Place(row, column, width))
        column += width
        height = max(height, 2 + -(-count // width))
    return tuple(found)
