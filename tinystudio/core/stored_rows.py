"""Samples made once and kept in a file of the cache folder, from where they are mapped.

What is mapped is read when it is looked at and takes no memory of its own, so that a data set may
be larger than the memory. A file is written beside and renamed when it is whole; a note beside it
(`.json`) has the hash of its content, and is written last. The least recently used files go first.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from tinystudio.core import places
from tinystudio.core.data import Array
from tinystudio.core.errors import UserError
from tinystudio.core.files import unwritable, write_whole
from tinystudio.core.reporter import Reporter

LIMIT_BYTES = 20 * 2**30  # of all kept data sets together, the newest apart
SPARE_BYTES = 2**29  # of the disk that are left alone
CHUNK_BYTES = 2**24
FORMAT = 1  # of what is kept; another one is made anew

Pieces = Iterable[tuple[Array, Array]]  # places (k,) and the rows that belong there (k, ...)


@dataclass(frozen=True)
class StoredRows:
    """Rows (n, ...) in float32, mapped from a file, and a hash of their content."""

    rows: Array
    content: str


def stored_rows(
    key: str, shape: tuple[int, ...], make: Callable[[], Pieces], reporter: Reporter
) -> StoredRows:
    """Return the rows kept under `key`, or make them and keep them.

    `make` yields every row's place once. Raises `UserError` where the disk cannot hold them.
    """
    named = hashlib.sha256(repr((FORMAT, key, shape)).encode()).hexdigest()[:32]
    path = places.cache() / "data" / f"{named}.rows"
    found = _opened(path, shape)
    return _made(path, shape, make, reporter) if found is None else found


def _opened(path: Path, shape: tuple[int, ...]) -> StoredRows | None:
    try:
        content = json.loads(path.with_suffix(".json").read_text())["content"]
        if path.stat().st_size != _size(shape):
            return None
        rows = _mapped(path, shape)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    with contextlib.suppress(OSError):  # a folder that can only be read is of use as well
        path.touch()
    return StoredRows(rows, str(content))


def _made(
    path: Path, shape: tuple[int, ...], make: Callable[[], Pieces], reporter: Reporter
) -> StoredRows:
    beside = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _check_room(path, _size(shape))
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        beside = Path(name)
        with os.fdopen(handle, "r+b") as file:
            file.truncate(_size(shape))
            # Written and not mapped: what is mapped counts as this process's memory.
            for at, piece in make():
                for place, row in zip(at, piece, strict=True):
                    file.seek(int(place) * _size(shape[1:]))
                    file.write(np.ascontiguousarray(row, np.float32).data)
            content = _hash(file, reporter)
        beside.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        # After success it is gone already; Ctrl+C must not leave it behind either.
        if beside is not None:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
    write_whole(path.with_suffix(".json"), json.dumps({"content": content}).encode(), durable=False)
    _tidy(path)
    return StoredRows(_mapped(path, shape), content)


def _mapped(path: Path, shape: tuple[int, ...]) -> Array:
    # Copy on write: torch warns of arrays that cannot be written, and the file must not change.
    return np.memmap(path, np.float32, "c", shape=shape)


def _size(shape: tuple[int, ...]) -> int:
    count = 4
    for size in shape:
        count *= size
    return count


def _check_room(path: Path, needed: int) -> None:
    free = shutil.disk_usage(path.parent).free
    if needed + SPARE_BYTES > free:
        raise UserError(
            "The data was not prepared",
            f"Ready for the model it takes {needed / 1e9:.1f} GB in {path.parent}, "
            f"where {free / 1e9:.1f} GB are free.",
            "Free some space, use fewer samples, or a smaller size.",
        )


def _hash(file: IO[bytes], reporter: Reporter) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(CHUNK_BYTES):
        reporter.check()
        digest.update(chunk)
    return digest.hexdigest()


def _tidy(newest: Path) -> None:
    """Remove what was not used for longest, until the rest is within the limit."""
    with contextlib.suppress(OSError):
        files = [(file.stat(), file) for file in newest.parent.glob("*.rows") if file != newest]
        held = sum(about.st_size for about, _ in files)
        for about, file in sorted(files, key=lambda item: item[0].st_mtime):
            if held <= LIMIT_BYTES:
                return
            file.with_suffix(".json").unlink(missing_ok=True)
            file.unlink()
            held -= about.st_size
