"""A training's state on the disk, until it is over: what was stopped goes on from there.

Only a cache: one that cannot be read, or is not whole, begins the training anew.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Hashable
from pathlib import Path

import tinystudio
from tinystudio.core.errors import UserError
from tinystudio.core.files import write_whole

LARGEST = 2**30  # bytes of one state; a training of more begins anew
KEPT = 20  # states of trainings that were given up
_DIGEST = 32


class DiskCheckpoint:
    """One file, named by all that the training depends on; its hash stands before the state."""

    def __init__(self, folder: Path, key: Hashable) -> None:
        text = f"{tinystudio.__version__} {key!r}"
        self._path = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.state"

    @property
    def is_there(self) -> bool:
        """Say whether a state was written, without reading it: it may be large."""
        return self._path.is_file()

    def read(self) -> bytes | None:
        """Return what was written last, whole; None where there is nothing."""
        try:
            data = self._path.read_bytes()
        except OSError:
            return None
        state = data[_DIGEST:]
        return state if hashlib.sha256(state).digest() == data[:_DIGEST] else None

    def write(self, data: bytes) -> None:
        """Keep this state in place of the one before."""
        if len(data) > LARGEST:
            return
        with contextlib.suppress(UserError):
            write_whole(self._path, hashlib.sha256(data).digest() + data, durable=False)
            self._tidy()

    def forget(self) -> None:
        """Remove it; the training is over."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _tidy(self) -> None:
        with contextlib.suppress(OSError):
            files = sorted(self._path.parent.glob("*.state"), key=lambda file: file.stat().st_mtime)
            for file in files[:-KEPT]:
                file.unlink(missing_ok=True)
