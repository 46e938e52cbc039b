"""The gallery: tasks one can start from, one file each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from tinystudio.core.catalogue import find_parts
from tinystudio.core.data_reference import DataReference
from tinystudio.core.errors import UserError
from tinystudio.gallery.task import GalleryTask

PREFIX = "gallery:"
# What one would look for here and does not find: said openly by window and command line.
NOT_BUILT_IN = (
    "labelled medical images, heart recordings (ECG) of many people, spoken keywords, traffic "
    "signs, faces with identities, bearings that wear out"
)


@cache
def gallery() -> Mapping[str, GalleryTask]:
    """Return every gallery task by id."""
    return {part.id: part for part in find_parts(__name__, GalleryTask)}  # type: ignore[type-abstract]


def find_task(reference: str) -> GalleryTask:
    """Return the task that `gallery:TASK` names; raises `UserError` naming those there are."""
    task = DataReference.parse(reference).path.removeprefix(PREFIX)
    if task not in gallery():
        raise UserError(
            f"{reference} was not opened",
            f"The gallery has no task {task!r}.",
            f"Choose one of: {', '.join(PREFIX + name for name in gallery())}.",
        )
    return gallery()[task]
