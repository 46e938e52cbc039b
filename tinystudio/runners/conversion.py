"""A process that looks at or converts one foreign file, kept within limits."""

from __future__ import annotations

from pathlib import Path

from tinystudio.core.child_words import Doing, Refused
from tinystudio.core.watched_child import GIB, Limits, WatchedChild, memory_within
from tinystudio.runners import conversion_process
from tinystudio.runners.conversion_words import WORD, LookAt, Request, Word

LARGEST_MEMORY_BYTES = 8 * GIB
LOOK_S, LOOK_BYTES_PER_S = 10.0, 50e6  # looking reads and hashes the file, on a slow disk as well
CONVERT_S = 600.0  # torch's exporter takes minutes for the largest models
SMALLER = "Choose a smaller model, or export it to ONNX where it was made."
TOO_LONG = "Allow it more time (--time-limit), or look for a loop in the model that never ends."


def conversion_limits(request: Request, seconds: float | None = None) -> Limits:
    """Return the usual limits; `seconds`: of a conversion, instead of `CONVERT_S`."""
    memory = memory_within(LARGEST_MEMORY_BYTES)
    if not isinstance(request, LookAt):
        return Limits(memory, CONVERT_S if seconds is None else seconds)
    return Limits(memory, LOOK_S + _size(request.path) / LOOK_BYTES_PER_S)


class Conversion(WatchedChild[Word]):
    """Its last word is `Looked`, `Converted` or `Refused`, whatever becomes of the process."""

    def __init__(self, request: Request, limits: Limits | None = None) -> None:
        self._title = f"{request.path.name} was not opened"
        limits = limits or conversion_limits(request)
        super().__init__(conversion_process.main, request, limits, "tinystudio-import")

    def _read(self, data: bytes) -> Word:
        return WORD.validate_json(data)

    def _is_last(self, word: Word) -> bool:
        return not isinstance(word, Doing)

    def _refused(self, detail: str) -> Word:
        hint = TOO_LONG if self.took_too_long else SMALLER
        return Refused(title=self._title, detail=detail, hint=hint)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
