"""The data sets that can be downloaded, as cards of the gallery's page."""

from __future__ import annotations

from tinystudio.downloads import downloads
from tinystudio.downloads.download import Download
from tinystudio.downloads.keeping import note_of
from tinystudio.gui.download_card import NO_MODEL, size_words
from tinystudio.gui.gallery_entries import GalleryEntry


def download_entries() -> tuple[GalleryEntry, ...]:
    """Return one card for each data set; the parts of one set share the card of the first.

    None has a reason against it: a card leads to the sheet, which says how each stands.
    """
    sets: dict[str, list[Download]] = {}
    for item in downloads().values():
        sets.setdefault(item.part_of or item.title, []).append(item)
    return tuple(_entry(title, parts) for title, parts in sets.items())


def _entry(title: str, parts: list[Download]) -> GalleryEntry:
    download = parts[0]
    size = "On this computer" if note_of(download) is not None else size_words(download)
    question = download.question
    if len(parts) > 1:
        question = download.set_question or question
        by_size = sorted(parts, key=lambda part: part.size_bytes)
        size = f"{size_words(by_size[0])} to {size_words(by_size[-1])} each"
    forbids = " · non-commercial" if download.is_non_commercial else ""
    return GalleryEntry(
        reference=download.reference,
        title=title,
        area=download.area,
        question=f"{question}\n{size}{forbids}",
        look_at=f"{NO_MODEL} Opening it shows the licence; nothing is fetched before.",
        licence=download.licence,
        source=download.source,
    )
