"""What the command line says of data that is downloaded."""

from __future__ import annotations

from typing import Any

from tinystudio.cli.console import Console
from tinystudio.downloads.download import Download
from tinystudio.downloads.keeping import arrived_bytes, folder_of, note_of
from tinystudio.session.figure_words import bytes_text


def download_document(download: Download) -> dict[str, Any]:
    """Return all that is known about it, as JSON."""
    note = note_of(download)
    return {
        "id": download.reference,
        "title": download.title,
        "area": download.area,
        "question": download.question,
        "help": download.help,
        "licence": download.licence,
        "terms": download.terms,
        "non_commercial": download.is_non_commercial,
        "source": download.source,
        "size_bytes": download.size_bytes,
        "size_is_exact": download.is_exact,
        "files": [
            {
                "name": file.name, "url": file.url, "size_bytes": file.size_bytes,
                "checksum": file.checksum,
            }
            for file in download.files
        ],
        "state": _state(download),
        "arrived_bytes": arrived_bytes(download),
        "folder": None if note is None else str(folder_of(download)),
    }  # fmt: skip


def show_download(download: Download, console: Console) -> None:
    """Print it in a few lines."""
    state = {"here": "here", "partly": "partly here", "absent": "not here"}[_state(download)]
    console.say(f"{download.reference}  {download.title} ({download.area}), {state}")
    console.say(f"    {download.question}")
    console.say(f"    {size_words(download)}; {licence_words(download)}")


def size_words(download: Download) -> str:
    """Return how much is fetched."""
    return f"{'' if download.is_exact else 'about '}{bytes_text(download.size_bytes)}"


def licence_words(download: Download) -> str:
    """Return the licence, marked where it forbids what many do."""
    return f"{download.licence}{' [NON-COMMERCIAL]' if download.is_non_commercial else ''}"


def _state(download: Download) -> str:
    if note_of(download) is not None:
        return "here"
    return "partly" if arrived_bytes(download) else "absent"
