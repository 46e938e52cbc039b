"""Where downloaded files are, which are there, and the note that says so.

Each data set has a folder of its own below the user's data. Its note, `downloaded.json`, is
written last: where it is, the files are whole, were checked as far as that is possible, and their
licence was accepted.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from tinystudio.core import places
from tinystudio.core.errors import UserError
from tinystudio.core.files import write_whole
from tinystudio.downloads.download import Download

NOTE = "downloaded.json"
PART = ".part"


class KeptFile(BaseModel):
    """A file that came whole; `is_checked`: against a published checksum."""

    model_config = ConfigDict(frozen=True)

    name: str
    size_bytes: int
    sha256: str
    is_checked: bool


class Note(BaseModel):
    """What was downloaded, when, and under which licence."""

    model_config = ConfigDict(frozen=True)

    licence: str
    at: str
    files: tuple[KeptFile, ...]


def folder_of(download: Download) -> Path:
    """Return where its files are, or would be."""
    return places.data() / "downloads" / download.id


def note_of(download: Download) -> Note | None:
    """Return the note, where all files that it names are there."""
    folder = folder_of(download)
    try:
        note = Note.model_validate_json((folder / NOTE).read_bytes())
        whole = {file.name: (folder / file.name).stat().st_size for file in note.files}
    except (OSError, ValueError, ValidationError):
        return None
    names = {file.name for file in download.files}
    sizes = {file.name: file.size_bytes for file in note.files}
    return note if names == set(whole) and whole == sizes else None


def write_note(download: Download, files: tuple[KeptFile, ...]) -> Note:
    """Note that all files are there; raises `UserError`."""
    note = Note(licence=download.licence, at=datetime.now(UTC).isoformat(), files=files)
    text = json.dumps(note.model_dump(mode="json"), indent=2)
    write_whole(folder_of(download) / NOTE, text.encode())
    return note


def arrived_bytes(download: Download) -> int:
    """Return how much is there already, whole or in part."""
    total = 0
    for file in download.files:
        for path in (folder_of(download) / file.name, folder_of(download) / f"{file.name}{PART}"):
            with contextlib.suppress(OSError):
                total += path.stat().st_size
    return total


def remove(download: Download) -> None:
    """Delete what was downloaded, in whole or in part; raises `UserError`."""
    folder = folder_of(download)
    try:
        # The note first: without it, nothing that is left is taken for whole.
        (folder / NOTE).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=False)
    except FileNotFoundError:
        return
    except OSError as error:
        raise UserError(
            f"{download.title} was not removed",
            f"{folder}: {error.strerror or error}.",
            "Close what uses it, or delete the folder by hand.",
        ) from None
