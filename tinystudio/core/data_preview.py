"""A few samples as a person can look at them, in a file that the window only draws.

The file is JSON in the cache folder, named by its content; it can be gone at any time.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from tinystudio.core import places
from tinystudio.core.errors import UserError
from tinystudio.core.files import sha256, write_whole

KEPT = 50  # files; the oldest go first
LARGEST_BYTES = 4_000_000  # of one file: more was written by nobody here

PreviewKind = Literal["images", "maps", "curves", "rows", "text", "none"]


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True)


class SampleShown(_Plain):
    """One sample of train: `label` in words, its number, and one of the pictures of it.

    `png` is base64; `curves` are points evenly spaced, one curve per channel.
    """

    label: str
    number: int
    png: str = ""
    curves: tuple[tuple[float, ...], ...] = ()
    text: str = ""


class DataPreview(_Plain):
    """Samples by class, a few of each. `low` and `high` are the common range of curves.

    Of tables: the first rows as they were read; `target` is the place of the column that is told
    (-1: none), `unfed` are those that are neither told nor fed.
    """

    kind: PreviewKind
    note: str = ""
    drawn: str = ""  # what is drawn of each sample, where that is not all of it
    samples: tuple[SampleShown, ...] = ()
    channels: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    target: int = -1
    unfed: tuple[int, ...] = ()


def write_preview(preview: DataPreview) -> str:
    """Write a preview into the cache folder and return its path; "" where that cannot be."""
    data = preview.model_dump_json().encode()
    path = places.cache() / "previews" / f"{sha256(data)[:24]}.json"
    try:
        write_whole(path, data, durable=False)
    except UserError:
        return ""  # data can be used without being looked at
    _tidy(path)
    return str(path)


def read_preview(path: str) -> DataPreview | None:
    """Return a preview; None where it is gone or damaged."""
    try:
        file = Path(path)
        if not path or file.stat().st_size > LARGEST_BYTES:
            return None
        return DataPreview.model_validate_json(file.read_bytes())
    except (OSError, ValueError, ValidationError):
        return None


def _tidy(newest: Path) -> None:
    with contextlib.suppress(OSError):
        files = [item for item in newest.parent.glob("*.json") if item != newest]
        files.sort(key=lambda item: item.stat().st_mtime)
        for file in files[: max(0, len(files) - KEPT + 1)]:
            file.unlink(missing_ok=True)
